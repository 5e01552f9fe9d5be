frappe.query_reports["Statutory Form 07a"] = {
	filters: [...one_stop.reports.statutory(), one_stop.reports.unit()],
	onload: (report) => one_stop.reports.exports(report, "form_07a"),
	formatter: one_stop.reports.drilling,
};
