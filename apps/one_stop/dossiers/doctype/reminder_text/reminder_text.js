frappe.ui.form.on("Reminder Text", {
	refresh: (frm) => one_stop.text_blocks.show_values(frm, "reminder_values"),
});
