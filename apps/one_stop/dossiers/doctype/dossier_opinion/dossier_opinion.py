import frappe

from one_stop.dossiers.written_by_commands import WrittenByCommands


class DossierOpinion(WrittenByCommands):
	"""Lấy ý kiến: a question to another unit and its answer (NĐ 61/2018 art. 19.5)."""


def on_doctype_update() -> None:
	"""The indexes that permissions and the chain read by."""
	frappe.db.add_index("Dossier Opinion", ["unit", "status"])
	frappe.db.add_index("Dossier Opinion", ["status", "due_at"])
