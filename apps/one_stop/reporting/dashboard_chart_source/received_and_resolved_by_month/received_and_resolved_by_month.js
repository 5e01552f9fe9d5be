frappe.provide("frappe.dashboards.chart_sources");

frappe.dashboards.chart_sources["Received and Resolved by Month"] = {
	method:
		"one_stop.reporting.dashboard_chart_source.received_and_resolved_by_month.received_and_resolved_by_month.get",
	filters: [],
};
