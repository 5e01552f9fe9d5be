from frappe.model.document import Document


class EvaluationRun(Document):
	"""Đợt đánh giá."""
