import frappe
from frappe.model.document import Document


class DossierOverdueSpell(Document):
	"""Days on which a dossier was overdue by a due date that is no longer in force."""


def on_doctype_update() -> None:
	"""Openings and drilling down ask which spells cover a day."""
	frappe.db.add_index("Dossier Overdue Spell", ["until_day", "first_day"])
