from frappe.model.document import Document


class PersonalDataAccess(Document):
	"""Who of the staff opened a dossier with personal data, and when."""
