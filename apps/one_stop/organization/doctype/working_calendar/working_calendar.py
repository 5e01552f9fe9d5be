from frappe.model.document import Document


class WorkingCalendar(Document):
	"""Lịch làm việc."""
