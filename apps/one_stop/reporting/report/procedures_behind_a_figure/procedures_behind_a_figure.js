frappe.query_reports["Procedures behind a Figure"] = {
	filters: [
		{
			fieldname: "column",
			label: __("Column"),
			fieldtype: "Select",
			reqd: 1,
			default: "procedures",
			options: [
				{ value: "procedures", label: __("Procedures in Force") },
				{ value: "at_one_stop", label: __("Received at a One-Stop") },
				{ value: "e_processes", label: __("With an E-Process") },
			],
		},
		one_stop.reports.as_of(),
		...one_stop.reports.said("level", "unit"),
	],
	onload: () => one_stop.reports.settled(),
};
