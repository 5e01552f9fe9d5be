frappe.listview_settings["Procedure Version"] = {
	hide_name_column: true,
	add_fields: ["docstatus", "effective_from", "effective_to"],
	has_indicator_for_draft: true,

	onload(listview) {
		listview.page.wrapper.addClass("os-list os-long-names");
	},

	get_indicator(doc) {
		const today = frappe.datetime.get_today();
		if (doc.docstatus === 0) return [__("Draft version"), "orange", "docstatus,=,0"];
		if (doc.docstatus === 2) return [__("Cancelled"), "red", "docstatus,=,2"];
		if (doc.effective_to && doc.effective_to < today) {
			return [__("Superseded"), "gray", `docstatus,=,1|effective_to,<,${today}`];
		}
		if (doc.effective_from > today)
			return [__("Approved"), "blue", `docstatus,=,1|effective_from,>,${today}`];
		return [__("In Force"), "green", `docstatus,=,1|effective_from,<=,${today}`];
	},
};
