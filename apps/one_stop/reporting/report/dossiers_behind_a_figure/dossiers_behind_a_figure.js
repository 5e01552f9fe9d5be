frappe.query_reports["Dossiers behind a Figure"] = {
	filters: [
		{ fieldname: "from_date", label: __("From Date"), fieldtype: "Date", reqd: 1 },
		{ fieldname: "to_date", label: __("To Date"), fieldtype: "Date", reqd: 1 },
		{
			fieldname: "column",
			label: __("Column"),
			fieldtype: "Select",
			reqd: 1,
			default: "received",
			options: one_stop.reports.figures(),
		},
		one_stop.reports.unit(),
		{ fieldname: "field", label: __("Field"), fieldtype: "Link", options: "Procedure Field" },
		{
			fieldname: "procedure",
			label: __("Procedure"),
			fieldtype: "Link",
			options: "Administrative Procedure",
		},
		one_stop.reports.level(),
		...one_stop.reports.choices().slice(1),
		...one_stop.reports.said("cause", "step", "officer", "exact_unit", "land", "event_kind", "reason_digest"),
	],
};
