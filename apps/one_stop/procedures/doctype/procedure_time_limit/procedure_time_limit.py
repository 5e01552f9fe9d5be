from frappe.model.document import Document


class ProcedureTimeLimit(Document):
	"""Thời hạn giải quyết."""
