from frappe.model.document import Document


class DossierEvent(Document):
	"""Sự kiện hồ sơ."""
