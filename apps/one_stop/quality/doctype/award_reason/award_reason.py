from frappe.model.document import Document


class AwardReason(Document):
	"""Căn cứ đề nghị."""
