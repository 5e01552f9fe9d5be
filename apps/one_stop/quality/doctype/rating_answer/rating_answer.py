from frappe.model.document import Document


class RatingAnswer(Document):
	"""Câu trả lời đánh giá."""
