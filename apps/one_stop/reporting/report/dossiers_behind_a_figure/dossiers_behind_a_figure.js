frappe.query_reports["Dossiers behind a Figure"] = {
	// The needed ones first, so that no link is half read when the report first runs.
	filters: [
		...one_stop.reports.period(),
		{
			fieldname: "column",
			label: __("Column"),
			fieldtype: "Select",
			reqd: 1,
			default: "received",
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
