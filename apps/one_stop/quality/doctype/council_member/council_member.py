from frappe.model.document import Document


class CouncilMember(Document):
	"""Thành viên Hội đồng."""
