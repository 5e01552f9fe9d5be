from frappe.model.document import Document


class OnlinePayment(Document):
	"""One attempt to pay through the gateway. No card data ever comes here."""
