"""The portal's first page."""

from frappe import _

from one_stop.citizen_portal.rendering import Page, PortalRequest


def home(request: PortalRequest) -> Page:
	"""Search, and the ways in for people who do not know what to search for."""
	return Page("home.html", _("Public services of the province"))
