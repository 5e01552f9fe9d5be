from frappe.model.document import Document


class EvaluationPosting(Document):
	"""Thời gian công tác trong kỳ."""
