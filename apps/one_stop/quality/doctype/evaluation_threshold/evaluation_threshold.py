from frappe.model.document import Document


class EvaluationThreshold(Document):
	"""Ngưỡng đánh giá."""
