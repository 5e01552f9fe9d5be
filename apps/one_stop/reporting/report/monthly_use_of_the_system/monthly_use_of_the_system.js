frappe.query_reports["Monthly Use of the System"] = {
	filters: [...one_stop.reports.period(), one_stop.reports.unit(), one_stop.reports.measure()],
	onload: (report) => one_stop.reports.month(report),
	formatter: one_stop.reports.drilling,
};
