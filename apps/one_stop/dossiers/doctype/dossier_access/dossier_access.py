import frappe

from one_stop.dossiers.written_by_commands import WrittenByCommands


class DossierAccess(WrittenByCommands):
	"""Quyền xem hồ sơ: which units may see a dossier, and why."""


def on_doctype_update() -> None:
	"""The indexes that permissions and the chain read by."""
	frappe.db.add_index("Dossier Access", ["unit", "dossier"])
	frappe.db.add_index("Dossier Access", ["dossier", "unit"])
