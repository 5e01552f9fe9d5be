from one_stop.dossiers.written_by_commands import WrittenByCommands


class DossierList(WrittenByCommands):
	"""Danh sách, sổ: a numbered list of dossiers, handed over or kept as a register, with its PDF/A and SHA-256.

	It carries names and phone numbers, so that only roles whose work needs them read it.
	"""
