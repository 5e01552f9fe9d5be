frappe.listview_settings["Administrative Unit"] = {
	hide_name_column: true,
	add_fields: ["valid_to", "is_one_stop"],

	get_indicator(doc) {
		const today = frappe.datetime.get_today();
		if (doc.valid_to && doc.valid_to < today) return [__("Ended"), "gray", `valid_to,<,${today}`];
		return doc.is_one_stop
			? [__("One-Stop Centre"), "blue", "is_one_stop,=,1"]
			: [__("Active"), "green", "is_one_stop,=,0"];
	},
};
