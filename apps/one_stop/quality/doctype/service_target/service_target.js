frappe.ui.form.on("Service Target", {
	refresh(frm) {
		if (frm.is_new()) return;
		frm.add_custom_button(__("Month by Month"), () =>
			frappe.set_route("query-report", "Target Progress", {
				year: frm.doc.year,
				by_month: 1,
				target: frm.doc.name,
			}),
		);
	},
});
