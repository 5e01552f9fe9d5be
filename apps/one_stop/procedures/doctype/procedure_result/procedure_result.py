from frappe.model.document import Document


class ProcedureResult(Document):
	"""Kết quả của thủ tục."""
