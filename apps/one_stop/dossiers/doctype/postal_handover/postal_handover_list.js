frappe.listview_settings["Postal Handover"] = {
	hide_name_column: true,
	has_indicator_for_draft: true,
	get_indicator: (doc) =>
		doc.docstatus === 1 ? [__("Signed"), "green", "docstatus,=,1"] : [__("Not Signed Yet"), "orange", "docstatus,=,0"],
	onload: (listview) => one_stop.queues.setup(listview),
};
