frappe.query_reports["Late Dossiers"] = {
	filters: [...one_stop.reports.period(), one_stop.reports.unit()],
};
