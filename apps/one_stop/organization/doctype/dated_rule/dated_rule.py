from frappe.model.document import Document


class DatedRule(Document):
	"""Quy tắc có ngày hiệu lực."""
