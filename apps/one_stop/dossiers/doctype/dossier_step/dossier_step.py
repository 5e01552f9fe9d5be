import frappe

from one_stop.dossiers.written_by_commands import WrittenByCommands


class DossierStep(WrittenByCommands):
	"""Bước xử lý hồ sơ."""


def on_doctype_update() -> None:
	"""The indexes that inboxes read by: mine, my unit's, overdue."""
	for fields in (
		["officer", "is_open", "due_at"],
		["unit", "is_open", "due_at"],
		["is_open", "due_at"],
		["dossier", "step_key"],
	):
		frappe.db.add_index("Dossier Step", fields)
