from frappe.model.document import Document


class DossierListRow(Document):
	"""Hồ sơ trong danh sách."""
