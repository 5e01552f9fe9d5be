from frappe.model.document import Document


class PeerBallot(Document):
	"""That somebody has rated a unit in a period, as a keyed hash."""
