frappe.query_reports["Bottlenecks"] = {
	filters: [...one_stop.reports.period(), one_stop.reports.unit()],
	formatter: one_stop.reports.drilling,
	get_datatable_options: one_stop.reports.texts_left,
};
