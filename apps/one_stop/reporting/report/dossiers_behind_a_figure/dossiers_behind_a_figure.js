frappe.query_reports["Dossiers behind a Figure"] = {
	// The needed ones first, so that no link is half read when the report first runs.
	filters: [
		{ fieldname: "from_date", label: __("From Date"), fieldtype: "Date", reqd: 1 },
		{ fieldname: "to_date", label: __("To Date"), fieldtype: "Date", reqd: 1 },
		{
			fieldname: "column",
			label: __("Column"),
			fieldtype: "Select",
			reqd: 1,
			options: one_stop.reports.figures(),
		},
		...one_stop.reports.said(
			"unit",
			"field",
			"procedure",
			"level",
			"cause",
			"step",
			"officer",
			"exact_unit",
			"land",
			"event_kind",
			"reason_digest",
		),
		...one_stop.reports.choices().slice(1),
	],
	onload: () => one_stop.reports.settled(),
};
