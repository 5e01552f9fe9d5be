frappe.ui.form.on("Unit Evaluation", {
	refresh: (frm) => one_stop.reports.of_evaluation(frm),
});
