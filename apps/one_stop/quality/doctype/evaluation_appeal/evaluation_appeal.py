from frappe.model.document import Document


class EvaluationAppeal(Document):
	"""Khiếu nại kết quả đánh giá."""
