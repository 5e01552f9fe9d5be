from frappe.model.document import Document


class AwardRule(Document):
	"""Quy định khen thưởng, xử lý."""
