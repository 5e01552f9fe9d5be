from one_stop.dossiers.written_by_commands import WrittenByCommands


class DossierReminder(WrittenByCommands):
	"""Nhắc việc: that somebody was told about a dossier once. Its name is the digest of what it is about."""
