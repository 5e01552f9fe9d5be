from frappe.model.document import Document


class ProcedureOffer(Document):
	"""Nơi thực hiện thủ tục."""
