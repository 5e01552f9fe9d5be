from frappe.model.document import Document


class VersionWarning(Document):
	"""Cảnh báo của phiên bản."""
