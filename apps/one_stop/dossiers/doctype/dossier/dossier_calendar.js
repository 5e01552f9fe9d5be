frappe.views.calendar["Dossier"] = {
	field_map: { start: "start", end: "end", id: "name", title: "title", allDay: "allDay", status: "state" },
	get_events_method: "one_stop.api.inbox.due_dates",
	// Due dates follow from the ledger: nothing is dragged or drawn here.
	options: {
		editable: false,
		selectable: false,
		eventLimit: 6,
		timeFormat: "HH:mm",
		displayEventEnd: false,
		eventDataTransform: (event) => ({ ...event, editable: false }),
	},
	get_css_class: (data) => one_stop.queues.css_class(data.state),
};
