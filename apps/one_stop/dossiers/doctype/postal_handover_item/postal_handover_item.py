from frappe.model.document import Document


class PostalHandoverItem(Document):
	"""Hồ sơ trong biên bản giao nhận."""
