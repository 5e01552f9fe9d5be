from one_stop.dossiers.written_by_commands import WrittenByCommands


class DossierEffect(WrittenByCommands):
	"""Việc tiếp theo của sự kiện: what is still to follow an event; the row is gone once it has."""
