"""Following a dossier by its code."""

import frappe
from frappe import _

from one_stop.citizen_portal import tracking
from one_stop.citizen_portal.rendering import FormError, Page, PortalRequest


def follow(request: PortalRequest) -> Page:
	"""By the form, or by the address behind the QR code of the receipt."""
	title = _("Follow a dossier")
	values = {"ma": request.text("ma", 60), "kt": request.text("kt", 20)}
	if not values["ma"] and not values["kt"]:
		return Page("tracking.html", title, {"values": values})
	try:
		progress = tracking.progress(values["ma"], values["kt"])
	except FormError as wrong:
		return Page("tracking.html", title, {"values": values, "errors": wrong.messages}, 422)
	if progress.rate_token:
		frappe.db.commit()  # reading the page issues the token
	return Page("tracking.html", title, {"values": values, "progress": progress})
