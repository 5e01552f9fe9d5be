frappe.query_reports["Land Dossiers by Commune"] = {
	filters: [...one_stop.reports.period(), one_stop.reports.unit(), one_stop.reports.measure()],
	formatter: one_stop.reports.drilling,
};
