from frappe.model.document import Document


class ProcedureField(Document):
	"""Lĩnh vực."""
