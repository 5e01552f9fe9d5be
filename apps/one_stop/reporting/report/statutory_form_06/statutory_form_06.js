frappe.query_reports["Statutory Form 06"] = {
	filters: [...one_stop.reports.statutory(), one_stop.reports.unit(), ...one_stop.reports.choices()],
	tree: false,
	formatter: one_stop.reports.drilling,
	onload: (report) => one_stop.reports.exports(report, "form_06"),
};
