frappe.ui.form.on("Evaluation Run", {
	refresh(frm) {
		if (frm.is_new()) return;
		const filters = { period: frm.doc.period, year: frm.doc.year, number: frm.doc.number };
		for (const doctype of ["Unit Evaluation", "Officer Evaluation"]) {
			frm.add_custom_button(__(doctype), () => frappe.set_route("List", doctype, filters), __("Results"));
		}
		if (
			["Done", "Done with Problems", "Failed"].includes(frm.doc.status) &&
			frappe.model.can_create("Evaluation Run")
		) {
			frm.add_custom_button(__("Compute Again"), () =>
				frappe
					.xcall("one_stop.api.evaluations.run_again", { run: frm.doc.name })
					.then(() => frm.reload_doc()),
			);
		}
	},
});
