frappe.ui.form.on("Dossier Event", {
	refresh(frm) {
		frm.disable_form();
		frm.page.set_title(__(one_stop.event_name(frm.doc.kind) || frm.doc.kind));
		frm.page.set_primary_action(__("Open Dossier"), () =>
			frappe.set_route("Form", "Dossier", frm.doc.dossier)
		);
	},
});
