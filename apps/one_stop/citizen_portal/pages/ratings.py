"""Rating the service: after the result, by a QR code, or at the device of a counter (TT 01/2018 art. 12, 13)."""

from urllib.parse import quote

import frappe
from frappe import _
from werkzeug.wrappers import Response

from one_stop.citizen_portal import throttle
from one_stop.citizen_portal.rendering import (
	YEAR,
	Page,
	PageMissing,
	PortalRequest,
	Redirect,
	is_secure,
	respond,
)
from one_stop.organization import units
from one_stop.quality import rating_devices, ratings
from one_stop.quality.exceptions import RatingRefused, RatingsNotOpen, UnknownRatingToken

DEVICE_COOKIE = "rating_device"


def rate(request: PortalRequest) -> Page:
	"""By a one-time token; nothing of the rating says whose it was."""
	throttle.count("rating", throttle.address(), 300, 600)
	return _rate(request, request.arguments["token"], kiosk="")


def kiosk(request: PortalRequest) -> Page | Response:
	"""At the device of a one-stop centre: a new token for each person, large answers, back to the start."""
	unit = units.get(request.arguments["unit"])
	if not unit or not unit.is_one_stop:
		raise PageMissing
	if "may" in request.query:
		return _put_key(request, unit.name)
	if not rating_devices.fits(unit.name, request.raw.cookies.get(DEVICE_COOKIE)):
		return Page("rate.html", _("How did we do?"), {"no_device": True}, 403)
	throttle.count("kiosk", unit.name, 300, 600)
	token = request.form.get("token") if request.is_post else ratings.kiosk_token(unit.name)
	if not request.is_post:
		frappe.db.commit()  # the page holds the token it asks with
	return _rate(request, token or "", kiosk=unit.name)


def _put_key(request: PortalRequest, unit: str) -> Response:
	"""The key of the address goes into a cookie of this device, and out of sight."""
	throttle.count("kiosk-key", throttle.address(), 20, 3600)
	if not rating_devices.fits(unit, request.query["may"]):
		raise PageMissing
	response = respond(Redirect(f"/danh-gia-tai-quay/{quote(unit)}"))
	response.set_cookie(
		DEVICE_COOKIE,
		request.query["may"],
		max_age=YEAR,
		path="/danh-gia-tai-quay/",
		httponly=True,
		samesite="Lax",  # the address is often scanned in another app
		secure=is_secure(),
	)
	return response


def _rate(request: PortalRequest, token: str, kiosk: str) -> Page:
	title = _("How did we do?")
	try:
		asked = ratings.open_token(token)
	except UnknownRatingToken:
		frappe.clear_messages()
		return Page("rate.html", title, {"asked": None, "kiosk": kiosk}, 200 if kiosk else 404)
	except RatingsNotOpen as closed:
		frappe.clear_messages()
		return Page("rate.html", title, {"asked": None, "kiosk": kiosk, "closed": str(closed)}, 503)
	if request.is_post:
		answers = {
			question["key"]: request.form[f"q-{question['key']}"]
			for question in asked["questions"]
			if request.form.get(f"q-{question['key']}")
		}
		try:
			thanks = ratings.rate(token, answers, request.long_text("comment", 1000))["thanks"]
		except RatingRefused as refused:
			frappe.db.rollback()
			frappe.clear_messages()
			return Page(
				"rate.html",
				title,
				{"asked": asked, "token_value": token, "kiosk": kiosk, "errors": {"form": str(refused)}},
				422,
			)
		return Page("rate.html", title, {"asked": asked, "thanks": thanks, "kiosk": kiosk})
	return Page("rate.html", title, {"asked": asked, "token_value": token, "kiosk": kiosk})
