from frappe.model.document import Document


class ProcedureComponent(Document):
	"""Thành phần hồ sơ của thủ tục."""
