frappe.ui.form.on("Officer Evaluation", {
	refresh: (frm) => one_stop.reports.of_evaluation(frm),
});
