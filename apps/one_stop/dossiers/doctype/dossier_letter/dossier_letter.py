from one_stop.dossiers.written_by_commands import WrittenByCommands


class DossierLetter(WrittenByCommands):
	"""Văn bản, phiếu của hồ sơ: a form issued about a dossier, kept as PDF/A with its SHA-256."""
