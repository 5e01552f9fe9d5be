frappe.ui.form.on("Entered Figure", {
	setup: (frm) => {
		if (frm.is_new() && !frm.doc.year) frm.doc.year = new Date().getFullYear();
	},
});
