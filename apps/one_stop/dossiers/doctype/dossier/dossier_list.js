frappe.listview_settings["Dossier"] = {
	add_fields: ["status", "code", "due_at", "clock_state", "procedure_name", "current_step", "current_unit"],
	hide_name_column: true,
	hide_name_filter: true,
	get_indicator: (doc) => {
		const colour = {
			Draft: "gray",
			Received: "blue",
			"In Process": "blue",
			"Awaiting Supplement": "yellow",
			"Awaiting Payment": "yellow",
			Stopped: "red",
			Finished: "green",
			Returned: "green",
		}[doc.status];
		return [__(doc.status), colour || "gray", `status,=,${doc.status}`];
	},
	formatters: {
		code: (value) => one_stop.queues.code_cell(value),
		due_at: (value, _df, doc) => one_stop.queues.due_cell(value, doc),
	},
	onload: (listview) => {
		one_stop.queues.setup(listview);
		one_stop.printing.offer_lists(listview);
		listview.page.set_title(__("Dossiers"));
	},
	refresh: (listview) => one_stop.queues.refresh(listview),
};
