from frappe.model.document import Document


class CitizenRating(Document):
	"""Phiếu đánh giá của người dân: no dossier, no account, no time of day; nobody's role reads it, only released lots are shown."""
