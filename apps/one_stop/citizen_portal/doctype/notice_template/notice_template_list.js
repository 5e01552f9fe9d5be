one_stop.in_words("Notice Template", { event: one_stop.event_name });
