from frappe.model.document import Document


class ServiceTarget(Document):
	"""Chỉ tiêu."""
