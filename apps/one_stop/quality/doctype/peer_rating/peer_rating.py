from frappe.model.document import Document


class PeerRating(Document):
	"""Đánh giá phối hợp: who gave it is not kept."""
