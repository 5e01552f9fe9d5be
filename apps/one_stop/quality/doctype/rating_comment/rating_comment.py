from frappe.model.document import Document


class RatingComment(Document):
	"""Ý kiến của người đánh giá: what a rater of a released lot wrote; no rating, no dossier, no day belongs to it."""
