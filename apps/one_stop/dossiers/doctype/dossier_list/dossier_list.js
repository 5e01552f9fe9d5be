frappe.ui.form.on("Dossier List", {
	setup(frm) {
		frm.print_doc = () => one_stop.printing.show_list(frm.doc);
	},
	refresh(frm) {
		frm.disable_form();
		frm.add_custom_button(__("Print"), () => one_stop.printing.show_list(frm.doc));
		if (frm.doc.status !== "Failed") return;
		frm.add_custom_button(__("Try Again"), async () => {
			await frappe.call({
				method: "one_stop.api.print_forms.retry",
				args: { doctype: frm.doctype, name: frm.doc.name },
				type: "POST",
			});
			await frm.reload_doc();
		});
	},
});
