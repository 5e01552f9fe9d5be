from one_stop.dossiers.written_by_commands import WrittenByCommands


class DossierPayment(WrittenByCommands):
	"""Khoản phải nộp của hồ sơ: what is owed or was paid, with its proof (NĐ 61/2018 art. 22)."""
