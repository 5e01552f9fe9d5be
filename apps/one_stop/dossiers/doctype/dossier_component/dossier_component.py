from frappe.model.document import Document


class DossierComponent(Document):
	"""Giấy tờ trong hồ sơ."""
