frappe.query_reports["Counted in an Evaluation"] = {
	// Set by the link that opens the list, from a line of an evaluation or a cell of the year-end sheet.
	filters: one_stop.reports.said(
		"reference_doctype",
		"reference_name",
		"indicator",
		"year",
		"fact",
		"unit",
		"officer",
	),
	onload: () => one_stop.reports.settled(),
	formatter(value, row, column, data, default_formatter) {
		if (column.fieldname === "reference_type") return __(data?.reference_type);
		return default_formatter(value, row, column, data);
	},
};
