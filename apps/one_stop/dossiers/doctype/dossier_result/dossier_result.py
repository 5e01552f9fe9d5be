from one_stop.dossiers.written_by_commands import WrittenByCommands


class DossierResult(WrittenByCommands):
	"""Kết quả giải quyết: the result of a dossier, kept for reuse (NĐ 61/2018 art. 20.5)."""
