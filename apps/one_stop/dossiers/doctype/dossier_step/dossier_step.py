from frappe.model.document import Document


class DossierStep(Document):
	"""Bước xử lý hồ sơ."""
