frappe.query_reports["Target Progress"] = {
	filters: [
		{ fieldname: "year", label: __("Year"), fieldtype: "Int", default: new Date().getFullYear(), reqd: 1 },
		{ fieldname: "by_month", label: __("Month by Month"), fieldtype: "Check" },
		...one_stop.reports.said("target"),
	],
	formatter: one_stop.reports.drilling,
};
