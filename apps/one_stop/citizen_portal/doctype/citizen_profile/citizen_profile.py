from frappe.model.document import Document


class CitizenProfile(Document):
	"""What a citizen told us about themselves, for filling in forms. Nobody of the staff reads it."""
