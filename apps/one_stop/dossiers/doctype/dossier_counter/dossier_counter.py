from one_stop.dossiers.written_by_commands import WrittenByCommands


class DossierCounter(WrittenByCommands):
	"""Bộ đếm số hồ sơ: the last serial number of an agency on a day (TT 01/2018/TT-VPCP art. 19.1)."""
