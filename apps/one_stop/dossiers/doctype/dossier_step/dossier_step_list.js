frappe.listview_settings["Dossier Step"] = {
	add_fields: ["dossier", "step_key", "dossier_code", "status", "due_at", "is_open", "officer", "kind", "procedure_name"],
	filters: [["is_open", "=", 1]],
	hide_name_column: true,
	hide_name_filter: true,
	get_indicator: (doc) => {
		const colour = { Open: "orange", "In Progress": "blue", Completed: "green" }[doc.status];
		return [__(doc.status), colour || "gray", `status,=,${doc.status}`];
	},
	get_form_link: (doc) => `/app/dossier/${encodeURIComponent(doc.dossier)}`,
	formatters: {
		dossier_code: (value) => one_stop.queues.code_cell(value),
		officer: (value, _df, doc) => one_stop.queues.officer_cell(value, doc),
		due_at: (value, _df, doc) => one_stop.queues.due_cell(value, doc),
	},
	onload: (listview) => {
		one_stop.queues.setup(listview);
		one_stop.queues.begin_with_open(listview);
		listview.page.set_title(__("Inbox"));
		listview.page.add_actions_menu_item(__("Claim"), () => one_stop.queues.claim_all(listview));
		listview.page.add_actions_menu_item(__("Complete"), () => one_stop.queues.complete_all(listview));
		if (frappe.user.has_role("Unit Leader")) {
			listview.page.add_actions_menu_item(__("Assign"), () => one_stop.queues.assign_all(listview));
		}
	},
	refresh: (listview) => one_stop.queues.refresh(listview),
};
