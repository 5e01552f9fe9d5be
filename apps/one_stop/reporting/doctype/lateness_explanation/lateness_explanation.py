from frappe.model.document import Document


class LatenessExplanation(Document):
	"""Giải trình quá hạn."""
