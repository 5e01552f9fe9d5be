frappe.ui.form.on("Notice Template", {
	refresh(frm) {
		const kinds = Object.entries(frappe.boot.one_stop.event_kinds);
		const field = frm.get_field("event");
		field.set_data(kinds.map(([value, label]) => ({ value, label: __(label) })));
		field.refresh();
	},
});
