one_stop.in_words("Dossier Event", {
	kind: one_stop.event_name,
	from_status: (status) => status,
	to_status: (status) => status,
});
