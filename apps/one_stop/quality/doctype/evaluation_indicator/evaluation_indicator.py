from frappe.model.document import Document


class EvaluationIndicator(Document):
	"""Chỉ số đánh giá."""
