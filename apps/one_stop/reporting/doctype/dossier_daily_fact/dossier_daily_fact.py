import frappe
from frappe.model.document import Document


class DossierDailyFact(Document):
	"""Counts of dossiers per day, units, field, procedure and channel; opening rows carry what a month begins with."""


def on_doctype_update() -> None:
	"""Reports read the openings of one day and the days of a period."""
	frappe.db.add_index("Dossier Daily Fact", ["whole", "opening", "day"])
