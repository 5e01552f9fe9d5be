frappe.provide("frappe.dashboards.chart_sources");

frappe.dashboards.chart_sources["Overdue by Unit"] = {
	method: "one_stop.reporting.dashboard_chart_source.overdue_by_unit.overdue_by_unit.get",
	filters: [],
};
