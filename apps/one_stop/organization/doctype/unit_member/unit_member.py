from frappe.model.document import Document


class UnitMember(Document):
	"""Thành viên đơn vị."""
