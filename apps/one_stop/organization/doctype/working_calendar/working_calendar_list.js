frappe.listview_settings["Working Calendar"] = { hide_name_column: true };
