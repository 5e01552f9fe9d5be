import frappe

from one_stop.dossiers.written_by_commands import WrittenByCommands


class DossierLetter(WrittenByCommands):
	"""Văn bản, phiếu của hồ sơ: a form issued about a dossier, kept as PDF/A with its SHA-256.

	It carries the applicant's facts in full, so that only roles whose work needs them read it.
	"""


def on_doctype_update() -> None:
	"""An event calls for each of its forms once."""
	frappe.db.add_unique("Dossier Letter", ["event", "form"], "event_form_unique")
