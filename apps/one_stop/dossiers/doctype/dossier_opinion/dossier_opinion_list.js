frappe.listview_settings["Dossier Opinion"] = {
	add_fields: ["dossier", "status", "due_at", "unit"],
	filters: [["status", "=", "Open"]],
	hide_name_column: true,
	get_indicator: (doc) => {
		const colour = { Open: "orange", Answered: "green" }[doc.status];
		return [__(doc.status), colour || "gray", `status,=,${doc.status}`];
	},
	get_form_link: (doc) => `/app/dossier/${encodeURIComponent(doc.dossier)}`,
	formatters: {
		due_at: (value, _df, doc) => one_stop.queues.due_cell(value, doc),
	},
	onload: (listview) => one_stop.queues.setup(listview),
	refresh: (listview) => one_stop.queues.refresh(listview),
};
