from frappe.model.document import Document


class EvaluationLine(Document):
	"""Dòng chấm điểm."""
