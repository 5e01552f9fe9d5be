from frappe.model.document import Document


class RatingRelease(Document):
	"""A released lot of at least five ratings, one row a question."""
