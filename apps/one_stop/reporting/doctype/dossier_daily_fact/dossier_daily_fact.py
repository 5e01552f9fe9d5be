from frappe.model.document import Document


class DossierDailyFact(Document):
	"""Counts of dossiers per day, units, field, procedure and channel; opening rows carry what was open when a month began."""
