from frappe.model.document import Document


class AwardCondition(Document):
	"""Điều kiện khen thưởng."""
