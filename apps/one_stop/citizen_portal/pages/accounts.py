"""Opening, entering, changing and closing an account."""

import json
from urllib.parse import quote

import frappe
import pyotp
import segno
from frappe import _
from frappe.utils import cint, getdate, now_datetime
from werkzeug.wrappers import Response

from one_stop.citizen_portal import accounts, consent, contacts, identity_provider, messages, personal_data
from one_stop.citizen_portal import notices as sent
from one_stop.citizen_portal.rendering import Download, FormError, Page, PortalRequest, Redirect
from one_stop.citizen_portal.strict_arguments import is_local_address

HOME = "/ho-so"


def _next(request: PortalRequest) -> str:
	wanted = request.form.get("next") or request.query.get("next") or ""
	return wanted if is_local_address(wanted) else HOME


def _providers(request: PortalRequest) -> list[dict[str, str]]:
	"""Identity providers that an administrator has connected, each with the address where signing in begins."""
	return [
		{"name": row.label, "address": f"/dang-nhap/{quote(row.name)}?next={quote(_next(request))}"}
		for row in identity_provider.offered()
	]


def begin_with_provider(request: PortalRequest) -> Page | Redirect:
	"""Off to an identity provider."""
	try:
		return Redirect(identity_provider.begin(request.arguments["provider"], _next(request)), way_out=True)
	except identity_provider.SignInRefused as refused:
		return _not_signed_in(request, refused)


def return_from_provider(request: PortalRequest) -> Page | Redirect:
	"""Back from an identity provider, signed in by its word."""
	try:
		user, next_page = identity_provider.finish(
			request.arguments["provider"],
			request.query.get("state", ""),
			request.query.get("code", ""),
			request.raw.cookies.get(identity_provider.COOKIE, ""),
		)
	except identity_provider.SignInRefused as refused:
		frappe.db.rollback()
		return _not_signed_in(request, refused)
	frappe.local.cookie_manager.delete_cookie(identity_provider.COOKIE)
	accounts.sign_in_by_provider(user)
	frappe.db.commit()  # a GET, which Frappe rolls back
	return Redirect(next_page)


def _not_signed_in(request: PortalRequest, refused: Exception) -> Page:
	# Why, without anything personal: the administrator looks here when a provider is being connected.
	frappe.logger("identity").warning(f"{request.arguments['provider']}: {refused}")
	values = {
		"next": HOME,
		"providers": _providers(request),
		"closed": accounts.national_only(),
		"notice": _("You could not be signed in this way. Please begin again."),
	}
	return Page("sign_in.html", _("Sign in"), values, 422)


def register(request: PortalRequest) -> Page | Redirect:
	"""First the address or number, then the code with name and password."""
	title = _("Open an account")
	common = {
		"next": _next(request),
		"providers": _providers(request),
		"closed": accounts.national_only() or not cint(accounts.settings().registration_open),
		"by_phone": messages.is_ready("phone"),
		"values": {name: request.text(name) for name in ("contact", "full_name", "key")},
	}
	if not request.is_post or common["closed"]:
		return Page("register.html", title, common)
	try:
		if not request.form.get("key"):
			found = contacts.contact(request.text("contact"))
			if not found:
				raise FormError(contact=_("Write an e-mail address or a mobile number."))
			if not request.form.get("consent"):
				raise FormError(consent=_("Without your consent no account can be opened."))
			known = accounts.user_of(*found)
			text = _(
				"Somebody asked for an account for this address, which has one already. If it was you, sign in or set a new password."
			)
			common["values"]["key"] = accounts.send_code("register", *found, text if known else None)
			return Page("register.html", title, {**common, "sent": True})
		if not request.text("full_name"):
			raise FormError(full_name=_("Please fill in this field."))
		password = request.form.get("password", "")
		accounts.check_password(password, request.text("full_name"))
		confirmed = accounts.confirm_code("register", request.form["key"], request.text("code"))
		user = accounts.open_account(
			confirmed["kind"], confirmed["address"], request.text("full_name"), password
		)
		frappe.db.commit()
		accounts.begin_session(user)
	except FormError as wrong:
		frappe.db.rollback()
		return Page(
			"register.html",
			title,
			{**common, "sent": bool(request.form.get("key")), "errors": wrong.messages},
			422,
		)
	return Redirect(common["next"])


def sign_in(request: PortalRequest) -> Page | Redirect:
	title = _("Sign in")
	common = {
		"next": _next(request),
		"providers": _providers(request),
		"closed": accounts.national_only(),
		"values": {"contact": request.text("contact")},
		"notice": {"moi": _("Your new password is set. Sign in with it.")}.get(
			request.query.get("tb", ""), ""
		),
	}
	if request.signed_in and not request.is_post:
		return Redirect(common["next"])
	if not request.is_post or common["closed"]:
		return Page("sign_in.html", title, common)
	try:
		accounts.sign_in(
			request.text("contact"), request.form.get("password", ""), request.text("second", 10)
		)
	except FormError as wrong:
		return Page(
			"sign_in.html",
			title,
			{**common, "errors": wrong.messages, "second": "second" in wrong.messages},
			422,
		)
	return Redirect(common["next"])


def sign_out(request: PortalRequest) -> Page | Redirect:
	if request.is_post:
		accounts.end_session()
		return Redirect("/")
	return Page("sign_out.html", _("Sign out"))


def forgotten(request: PortalRequest) -> Page | Redirect:
	"""A new password by a code. Answers alike whether there is an account or not."""
	title = _("Set a new password")
	common = {
		"values": {name: request.text(name) for name in ("contact", "key")},
		"closed": accounts.national_only(),
	}
	if not request.is_post or common["closed"]:
		return Page("forgotten.html", title, common)
	try:
		if not request.form.get("key"):
			found = contacts.contact(request.text("contact"))
			if not found:
				raise FormError(contact=_("Write an e-mail address or a mobile number."))
			known = accounts.user_of(*found)
			text = (
				None
				if known and accounts.has_password(known)
				else _("Somebody asked for a new password for this address, which has no account here.")
				if not known
				else _("The account of this address is entered by an identity provider and has no password.")
			)
			common["values"]["key"] = accounts.send_code("password", *found, text)
			return Page("forgotten.html", title, {**common, "sent": True})
		accounts.check_password(request.form.get("password", ""))
		confirmed = accounts.confirm_code("password", request.form["key"], request.text("code"))
		user = accounts.user_of(confirmed["kind"], confirmed["address"])
		if not user or not accounts.has_password(user):
			raise FormError(code=_("The code is wrong or has expired. Ask for a new one."))
		accounts.set_password(user, request.form.get("password", ""), confirmed["address"])
	except FormError as wrong:
		return Page(
			"forgotten.html",
			title,
			{**common, "sent": bool(request.form.get("key")), "errors": wrong.messages},
			422,
		)
	return Redirect("/dang-nhap?tb=moi")


PROFILE_FIELDS = ("full_name", "id_type", "id_number", "birth_date", "address")


def account(request: PortalRequest) -> Page | Redirect:
	"""The profile that fills in forms."""
	user = request.need_account()
	profile = accounts.profile_of(user)
	values = {name: profile.get(name) or "" for name in PROFILE_FIELDS}
	values |= {name: cint(profile.get(name)) for name in ("notify_email", "notify_sms")}
	common = {
		"profile": profile,
		"saved": request.query.get("tb") == "da-luu",
		"ask_consent": not consent.given_by(user),
		"consent_text": consent.text(request.lang),
		"consent_version": consent.version(),
	}
	if request.is_post and "agree" in request.form:
		if request.form["agree"] == consent.version():
			consent.give(user)
		return Redirect("/tai-khoan?tb=da-luu")
	if request.is_post:
		values = {name: request.text(name, 300) for name in PROFILE_FIELDS}
		values |= {name: int(bool(request.form.get(name))) for name in ("notify_email", "notify_sms")}
		try:
			accounts.check_person(values)
		except FormError as wrong:
			return Page(
				"account.html", _("My account"), {**common, "values": values, "errors": wrong.messages}, 422
			)
		accounts.change_profile(user, {**values, "birth_date": values["birth_date"] or None})
		return Redirect("/tai-khoan?tb=da-luu")
	return Page("account.html", _("My account"), {**common, "values": values})


def contact(request: PortalRequest) -> Page | Redirect:
	"""Another e-mail address or number, confirmed by a code."""
	user = request.need_account()
	title = _("E-mail and telephone")
	common = {
		"values": {name: request.text(name) for name in ("contact", "key")},
		"asks_password": accounts.has_password(user),
	}
	if not request.is_post:
		return Page("contact.html", title, common)
	try:
		if not request.form.get("key"):
			accounts.confirm_password(user, request.form.get("password", ""))
			found = contacts.contact(request.text("contact"))
			if not found:
				raise FormError(contact=_("Write an e-mail address or a mobile number."))
			taken = accounts.user_of(*found)
			text = (
				_("Somebody wanted to use this address for another account.")
				if taken and taken != user
				else None
			)
			common["values"]["key"] = accounts.send_code(f"contact-{user}", *found, text)
			return Page("contact.html", title, {**common, "sent": True})
		confirmed = accounts.confirm_code(f"contact-{user}", request.form["key"], request.text("code"))
	except FormError as wrong:
		return Page(
			"contact.html",
			title,
			{**common, "sent": bool(request.form.get("key")), "errors": wrong.messages},
			422,
		)
	accounts.change_contact(user, confirmed["kind"], confirmed["address"])
	return Redirect("/tai-khoan?tb=da-luu")


def password(request: PortalRequest) -> Page | Redirect:
	user = request.need_account()
	title = _("Change the password")
	if not request.is_post:
		return Page("password.html", title)
	try:
		if not accounts.has_password(user):
			raise FormError(old=_("This account is entered by an identity provider and has no password."))
		accounts.confirm_password(user, request.form.get("old", ""), "old")
		accounts.set_password(user, request.form.get("password", ""), user)
		accounts.end_session()
	except FormError as wrong:
		return Page("password.html", title, {"errors": wrong.messages}, 422)
	return Redirect("/dang-nhap?tb=moi")


def second_factor(request: PortalRequest) -> Page | Redirect:
	"""Codes of an authenticator app, for who wants them."""
	user = request.need_account()
	title = _("Second factor")
	profile = accounts.profile_of(user)
	if request.is_post and request.form.get("off") and profile.otp_on:
		try:
			accounts.check_second_factor(user, request.text("second", 10))
		except FormError as wrong:
			return Page("second_factor.html", title, {"on": True, "errors": wrong.messages}, 422)
		accounts.turn_off_second_factor(user)
		return Redirect("/tai-khoan?tb=da-luu")
	if profile.otp_on:
		return Page("second_factor.html", title, {"on": True})
	key = f"portal-otp:{user}"
	secret = frappe.cache.get_value(key, expires=True) or pyotp.random_base32()
	frappe.cache.set_value(key, secret, expires_in_sec=900)
	errors = {}
	if request.is_post:
		try:
			accounts.turn_on_second_factor(user, secret, request.text("second", 10))
			frappe.cache.delete_value(key)
			return Redirect("/tai-khoan?tb=da-luu")
		except FormError as wrong:
			errors = wrong.messages
	address = pyotp.TOTP(secret).provisioning_uri(
		name=contacts.masked(profile.email or profile.phone or ""), issuer_name=_("One-Stop Public Services")
	)
	picture = segno.make(address, error="m").svg_data_uri(scale=5, border=2)
	values = {"on": False, "picture": picture, "secret": secret, "errors": errors}
	return Page("second_factor.html", title, values, 422 if errors else 200)


def export(request: PortalRequest) -> Download:
	"""All we hold about a citizen, as one file."""
	user = request.need_account()
	text = json.dumps(personal_data.export_of(user), ensure_ascii=False, indent=1, default=str)
	return Download(text.encode(), f"du-lieu-ca-nhan-{getdate()}.json", "application/json; charset=utf-8")


def delete(request: PortalRequest) -> Page | Redirect:
	user = request.need_account()
	title = _("Delete the account")
	common = {
		"running": personal_data.running_dossiers(user),
		"asks_password": accounts.has_password(user),
	}
	if not request.is_post:
		return Page("delete.html", title, common)
	try:
		accounts.confirm_password(user, request.form.get("password", ""))
	except FormError as wrong:
		return Page("delete.html", title, {**common, "errors": wrong.messages}, 422)
	personal_data.close_account(user)
	accounts.end_session()
	return Redirect("/")


def notices(request: PortalRequest) -> Page:
	user = request.need_account()
	rows = frappe.get_all(
		"Portal Notice",
		filters={"user": user},
		fields=["name", "title", "body", "dossier", "creation", "read_at"],
		order_by="creation desc",
		limit=100,
	)
	if request.is_post:
		frappe.db.set_value(
			"Portal Notice", {"user": user, "read_at": ["is", "not set"]}, "read_at", now_datetime()
		)
	return Page("notices.html", _("Notices"), {"rows": rows})


def notice_count(request: PortalRequest) -> Response:
	"""How many notices are unread, for the badge that scripts refresh."""
	return Response(
		json.dumps({"unread": sent.unread(request.need_account())}), content_type="application/json"
	)
