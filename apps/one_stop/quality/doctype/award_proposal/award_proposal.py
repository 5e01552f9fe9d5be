from frappe.model.document import Document


class AwardProposal(Document):
	"""Đề nghị khen thưởng, xử lý."""
