from frappe.model.document import Document


class RatingToken(Document):
	"""A rating that may still be given; gone once it has been."""
