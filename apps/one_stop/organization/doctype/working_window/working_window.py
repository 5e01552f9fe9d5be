from frappe.model.document import Document


class WorkingWindow(Document):
	"""Khung giờ làm việc."""
