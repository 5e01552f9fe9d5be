from frappe.model.document import Document


class EvaluationDifference(Document):
	"""Thay đổi khi tính lại."""
