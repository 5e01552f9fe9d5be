from frappe.model.document import Document


class AwardVote(Document):
	"""Phiếu biểu quyết."""
