frappe.query_reports["Workload"] = {
	filters: [...one_stop.reports.period(), one_stop.reports.unit()],
	formatter: one_stop.reports.drilling,
};
