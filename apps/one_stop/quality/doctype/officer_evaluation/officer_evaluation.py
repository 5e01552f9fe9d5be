from frappe.model.document import Document


class OfficerEvaluation(Document):
	"""Đánh giá cán bộ, công chức."""
