import frappe
from frappe.model.document import Document


class DossierFact(Document):
	"""What the daily facts hold of one dossier, so that a change can be booked as a difference."""


def on_doctype_update() -> None:
	"""Openings and drilling down ask for what was open on a day, reports of today for what is due on it."""
	frappe.db.add_index("Dossier Fact", ["deciding_unit", "received_on"])
	frappe.db.add_index("Dossier Fact", ["ended_on", "received_on"])
	frappe.db.add_index("Dossier Fact", ["due_on", "ended_on"])
