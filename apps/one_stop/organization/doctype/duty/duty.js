frappe.ui.form.on("Duty", {
	refresh(frm) {
		if (!frm.is_new()) frm.page.set_title(__(frm.doc.name));
	},
});
