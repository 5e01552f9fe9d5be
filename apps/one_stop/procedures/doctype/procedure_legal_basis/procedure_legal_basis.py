from frappe.model.document import Document


class ProcedureLegalBasis(Document):
	"""Căn cứ pháp lý của thủ tục."""
