from frappe.model.document import Document


class ProcedureFee(Document):
	"""Phí, lệ phí của thủ tục."""
