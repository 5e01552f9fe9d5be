from frappe.model.document import Document


class EvaluationBand(Document):
	"""Mức xếp loại."""
