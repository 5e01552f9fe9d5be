frappe.query_reports["Carried-Over Dossiers"] = {
	filters: [...one_stop.reports.period(), one_stop.reports.unit()],
};
