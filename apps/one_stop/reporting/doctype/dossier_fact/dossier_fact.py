from frappe.model.document import Document


class DossierFact(Document):
	"""What the daily facts hold of one dossier, so that a change can be booked as a difference."""
