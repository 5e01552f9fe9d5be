frappe.provide("frappe.dashboards.chart_sources");

frappe.dashboards.chart_sources["Dossiers per Day"] = {
	method: "one_stop.dossiers.dashboard_chart_source.dossiers_per_day.dossiers_per_day.get",
	filters: [],
};
