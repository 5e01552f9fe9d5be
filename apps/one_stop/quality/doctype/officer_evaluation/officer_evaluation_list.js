frappe.listview_settings["Officer Evaluation"] = one_stop.reports.list_of_evaluations();
