frappe.query_reports["Target Progress"] = {
	filters: [
		{ fieldname: "year", label: __("Year"), fieldtype: "Int", default: new Date().getFullYear(), reqd: 1 },
	],
	formatter: one_stop.reports.drilling,
};
