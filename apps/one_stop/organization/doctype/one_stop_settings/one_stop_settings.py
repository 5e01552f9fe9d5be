from frappe.model.document import Document


class OneStopSettings(Document):
	"""Thiết lập một cửa."""
