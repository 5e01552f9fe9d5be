from frappe.model.document import Document


class RatingInvitation(Document):
	"""That an applicant was asked to rate; not whether they did."""
