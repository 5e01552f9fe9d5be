from frappe.model.document import Document


class PortalNotice(Document):
	"""A notice of a change, in the account of an applicant (NĐ 224/2026 art. 15.1g)."""
