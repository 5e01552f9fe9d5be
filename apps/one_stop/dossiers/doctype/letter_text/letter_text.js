frappe.ui.form.on("Letter Text", {
	refresh: (frm) => one_stop.text_blocks.show_values(frm, "text_values"),
});
