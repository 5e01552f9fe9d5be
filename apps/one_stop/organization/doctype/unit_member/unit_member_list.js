frappe.listview_settings["Unit Member"] = {
	hide_name_column: true,
	add_fields: ["to_date", "from_date", "delegate", "delegate_from", "delegate_to"],

	get_indicator(doc) {
		const today = frappe.datetime.get_today();
		if (doc.to_date && doc.to_date < today) return [__("Ended"), "gray", `to_date,<,${today}`];
		if (doc.from_date > today) return [__("Not Yet"), "blue", `from_date,>,${today}`];
		if (doc.delegate && doc.delegate_from <= today && doc.delegate_to >= today) {
			return [__("Delegated"), "orange", `delegate,is,set|delegate_from,<=,${today}|delegate_to,>=,${today}`];
		}
		return [__("Active"), "green", `from_date,<=,${today}`];
	},
};
