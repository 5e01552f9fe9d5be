from frappe.model.document import Document


class CalendarYear(Document):
	"""Năm của lịch."""
