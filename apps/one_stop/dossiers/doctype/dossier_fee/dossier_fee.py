from frappe.model.document import Document


class DossierFee(Document):
	"""Khoản thu của hồ sơ."""
