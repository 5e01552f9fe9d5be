from frappe.model.document import Document


class EFormField(Document):
	"""Trường biểu mẫu điện tử."""
