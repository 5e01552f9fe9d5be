import frappe
from frappe.model.document import Document


class DossierDailyFact(Document):
	"""Counts of dossiers per day or month, units, field, procedure and channel, and what each month begins with."""


def on_doctype_update() -> None:
	"""Reports read the openings of one day and the days of a period, of all units or of a few."""
	frappe.db.add_index("Dossier Daily Fact", ["grain", "span", "day"])
	frappe.db.add_index("Dossier Daily Fact", ["grain", "span", "deciding_unit", "day"])
