from frappe.model.document import Document


class DossierAnswer(Document):
	"""Câu trả lời biểu mẫu."""
