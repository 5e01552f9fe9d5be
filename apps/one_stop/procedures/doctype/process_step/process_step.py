from frappe.model.document import Document


class ProcessStep(Document):
	"""Bước quy trình."""
