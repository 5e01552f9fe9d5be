frappe.query_reports["Land Dossiers by Commune"] = {
	filters: [...one_stop.reports.period(), one_stop.reports.unit()],
	formatter: one_stop.reports.drilling,
};
