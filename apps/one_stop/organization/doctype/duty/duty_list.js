frappe.listview_settings.Duty = {
	hide_name_column: true,

	/** Duties have English names, as the code knows them; readers see their own words. */
	refresh(listview) {
		for (const link of listview.$result.find("a[data-doctype='Duty']").toArray()) {
			link.textContent = link.title = __(link.textContent.trim());
		}
	},
};
