frappe.listview_settings["Unit Evaluation"] = one_stop.reports.list_of_evaluations();
