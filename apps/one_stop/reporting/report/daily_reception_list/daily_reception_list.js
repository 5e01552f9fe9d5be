frappe.query_reports["Daily Reception List"] = {
	filters: [
		{ fieldname: "day", label: __("Day"), fieldtype: "Date", default: frappe.datetime.get_today(), reqd: 1 },
		one_stop.reports.unit(),
	],
};
