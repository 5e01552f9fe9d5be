from frappe.model.document import Document


class PortalDraft(Document):
	"""A dossier that its applicant is still filling in. Not one of the staff sees it before it is handed in."""
