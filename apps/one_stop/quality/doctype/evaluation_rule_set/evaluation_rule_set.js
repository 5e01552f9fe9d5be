frappe.ui.form.on("Evaluation Rule Set", {
	refresh(frm) {
		if (frm.doc.docstatus === 1 && frappe.model.can_create("Evaluation Rule Set")) {
			frm.add_custom_button(__("New Version"), () =>
				frappe
					.xcall("one_stop.api.evaluations.new_version", { rule_set: frm.doc.name })
					.then((name) => frappe.set_route("Form", "Evaluation Rule Set", name)),
			);
		}
	},
});
