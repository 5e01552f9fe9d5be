frappe.ui.form.on("Letter Text", {
	// What can be put in is for who writes the text.
	refresh: (frm) => frm.perm[0]?.write && one_stop.text_blocks.show_values(frm, "text_values"),
});
