frappe.query_reports["Dossier Register"] = {
	filters: [...one_stop.reports.period(), one_stop.reports.unit()],
};
