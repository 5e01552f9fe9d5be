from frappe.model.document import Document


class CitizenPortalSettings(Document):
	"""What administrators decide about the portal."""
