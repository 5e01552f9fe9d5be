from frappe.model.document import Document


class EvaluationFieldPart(Document):
	"""Kết quả theo lĩnh vực."""
