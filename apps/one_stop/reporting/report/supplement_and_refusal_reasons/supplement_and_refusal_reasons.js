frappe.query_reports["Supplement and Refusal Reasons"] = {
	filters: [...one_stop.reports.period(), one_stop.reports.unit()],
	formatter: one_stop.reports.drilling,
};
