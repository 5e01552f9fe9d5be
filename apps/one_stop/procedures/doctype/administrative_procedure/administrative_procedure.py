from frappe.model.document import Document


class AdministrativeProcedure(Document):
	"""Thủ tục hành chính."""
