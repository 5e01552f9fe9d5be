from frappe.model.document import Document


class DossierAccess(Document):
	"""Quyền xem hồ sơ."""
