frappe.query_reports["Awards Sheet"] = {
	filters: [
		{ fieldname: "year", label: __("Year"), fieldtype: "Int", default: new Date().getFullYear(), reqd: 1 },
		{
			fieldname: "subject",
			label: __("Award Subject"),
			fieldtype: "Select",
			options: ["Officer", "Unit"].map((value) => ({ value, label: __(value) })),
			default: "Officer",
		},
		one_stop.reports.unit(),
	],
	formatter: one_stop.reports.drilling,
};
