from frappe.model.document import Document


class UnitEvaluation(Document):
	"""Đánh giá cơ quan, đơn vị."""
