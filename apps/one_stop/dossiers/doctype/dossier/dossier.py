from frappe.model.document import Document


class Dossier(Document):
	"""Hồ sơ."""
