from frappe.model.document import Document


class ProcedureVersion(Document):
	"""Phiên bản thủ tục."""
