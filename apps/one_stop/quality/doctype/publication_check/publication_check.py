from frappe.model.document import Document


class PublicationCheck(Document):
	"""Kiểm tra công khai thủ tục."""
