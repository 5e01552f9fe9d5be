from frappe.model.document import Document


class EmulationCouncil(Document):
	"""Hội đồng thi đua, khen thưởng."""
