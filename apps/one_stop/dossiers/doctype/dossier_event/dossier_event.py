import frappe

from one_stop.dossiers.written_by_commands import WrittenByCommands


class DossierEvent(WrittenByCommands):
	"""Sự kiện hồ sơ: one link of the chain that says what happened."""


def on_doctype_update() -> None:
	"""The indexes that permissions and the chain read by."""
	frappe.db.add_index("Dossier Event", ["dossier", "sequence"])
	frappe.db.add_index("Dossier Event", ["dossier", "client_key"])
