frappe.query_reports["Statutory Form 07b"] = {
	filters: [one_stop.reports.as_of(), one_stop.reports.unit()],
	onload: (report) => one_stop.reports.exports(report, "form_07b"),
	formatter: one_stop.reports.drilling,
};
