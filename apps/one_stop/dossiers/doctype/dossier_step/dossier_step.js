frappe.ui.form.on("Dossier Step", {
	refresh(frm) {
		frm.disable_form();
		frm.page.set_primary_action(__("Open Dossier"), () =>
			frappe.set_route("Form", "Dossier", frm.doc.dossier)
		);
	},
});
