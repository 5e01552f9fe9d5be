"""Accounts of citizens: opened, signed in to, changed and deleted.

An account is a Website User of Frappe, which holds the password and the sessions, and a Citizen Profile. Answers
never say whether an address or a number has an account; codes are kept as digests, in the cache, for ten minutes.
"""

import hashlib
import hmac
import json
import secrets
import time
from functools import cache
from typing import Any

import frappe
import pyotp
from frappe import _
from frappe.utils import getdate
from frappe.utils.password import check_password as frappe_check_password
from frappe.utils.password import passlibctx, update_password

from one_stop.citizen_portal import consent, contacts, messages, throttle
from one_stop.citizen_portal.rendering import FormError
from one_stop.keyed import keyed_digest

CODE_MINUTES = 10
CODE_TRIES = 5
SHORTEST_PASSWORD = 10
OWN_PASSWORD_TRIES = 10  # a quarter of an hour
PROFILE = "Citizen Profile"


def settings() -> Any:
	return frappe.get_cached_doc("Citizen Portal Settings")


def national_only() -> bool:
	"""Whether accounts are opened and entered by the national identity provider only, from a dated setting."""
	day = settings().national_only_from
	return bool(day and getdate(day) <= getdate())


# Codes


def send_code(purpose: str, kind: str, address: str, known_text: str | None = None) -> str:
	"""Send a code to an address or number and return the key of the pending confirmation.

	:param purpose: what the code may be used for; a code never serves another purpose
	:param known_text: sent in place of the code, where the address must not be told from outside
	"""
	if kind == "phone" and not messages.is_ready(kind):
		# Of the site, not of the person: it tells nobody who has an account.
		raise FormError(
			contact=_("Codes cannot be sent to telephones at the moment. Use your e-mail address.")
		)
	throttle.count("code-address", throttle.address(), 60, 3600)
	throttle.count("code-contact", address, 6, 3600)
	key, code = secrets.token_urlsafe(24), f"{secrets.randbelow(10**6):06d}"
	pending = {"purpose": purpose, "kind": kind, "address": address}
	pending["digest"] = "" if known_text else _digest(key, code)
	_keep(key, pending)
	subject, body, short = messages.code_text(code)
	if known_text:
		subject, body, short = _("Your account"), known_text, known_text
	messages.send(kind, address, subject, body, short)
	return key


def confirm_code(purpose: str, key: str, code: str) -> dict:
	"""The confirmed contact `{kind, address}`; the code is gone afterwards.

	:raises FormError: wrong, used up or expired, without saying which
	"""
	pending = _kept(key)
	if not pending or pending["purpose"] != purpose:
		raise FormError(code=_("The code is wrong or has expired. Ask for a new one."))
	# Counted before it is compared: of many sent at once no more than the allowed are looked at.
	tries = throttle.attempts("code-tries", _cache_key(key), CODE_MINUTES * 60, add=1)
	right = bool(
		tries <= CODE_TRIES
		and pending["digest"]
		and hmac.compare_digest(pending["digest"], _digest(key, code.strip()))
		and throttle.once("code", _cache_key(key), CODE_MINUTES * 60)
	)
	if right or tries >= CODE_TRIES:
		frappe.cache.delete_value(_cache_key(key))
	if not right:
		raise FormError(code=_("The code is wrong or has expired. Ask for a new one."))
	return pending


def _digest(key: str, code: str) -> str:
	return keyed_digest(f"code:{key}:{code}").hex()


def _cache_key(key: str) -> str:
	return f"portal-code:{hashlib.sha256(key.encode()).hexdigest()}"


def _keep(key: str, pending: dict) -> None:
	frappe.cache.set_value(_cache_key(key), json.dumps(pending), expires_in_sec=CODE_MINUTES * 60)


def _kept(key: str) -> dict | None:
	value = frappe.cache.get_value(_cache_key(key), expires=True)
	return json.loads(value) if value else None


# Opening


def user_of(kind: str, address: str) -> str | None:
	"""The citizen's account behind a confirmed address or number; never one of the staff's.

	Names of accounts say nothing: they stand in the ledger of dossiers, which nobody can rewrite.
	"""
	name = frappe.db.get_value(PROFILE, {kind: address, f"{kind}_confirmed": 1}, "user")
	if not name and kind == "email":
		name = address  # from the identity provider, which names accounts by their e-mail
	return (
		frappe.db.get_value("User", {"name": name, "user_type": "Website User", "enabled": 1})
		if name
		else None
	)


def check_person(values: dict) -> None:
	""":raises FormError: on each field that is not in order"""
	from one_stop.procedures import eform

	wrong = {}
	if not values.get("full_name"):
		wrong["full_name"] = _("Please fill in this field.")
	for name, kind in (("id_number", "ID Number"), ("birth_date", "Date")):
		message = eform.message_for({"field_type": kind}, values.get(name) or "")
		if message:
			wrong[name] = _(message)
	if not wrong.get("birth_date") and values.get("birth_date") and getdate(values["birth_date"]) > getdate():
		wrong["birth_date"] = _("This day lies in the future.")
	if wrong:
		raise FormError(**wrong)


def check_password(password: str, *own: str) -> None:
	""":raises FormError: too short, or easily guessed from what we know of the person"""
	from frappe.utils.password_strength import test_password_strength

	if len(password) < SHORTEST_PASSWORD:
		raise FormError(password=_("Use at least {0} characters.").format(SHORTEST_PASSWORD))
	judged = test_password_strength(password[:100], user_inputs=[part for part in own if part])
	if judged.get("score", 0) < 2:
		raise FormError(password=_("This password is easily guessed. Use several words."))


def open_account(kind: str, address: str, full_name: str, password: str) -> str:
	"""Make the account of a confirmed address or number. Returns the user.

	:raises FormError: the address has an account by now, or the password is weak
	"""
	check_password(password, full_name, address)
	name = f"{secrets.token_hex(10)}@{messages.ADDRESS_OF_NOBODY}"
	if user_of(kind, address):
		raise FormError(contact=_("The code is wrong or has expired. Ask for a new one."))
	user = frappe.get_doc(
		{
			"doctype": "User",
			"email": name,
			"first_name": full_name,
			"username": name.split("@")[0],  # Frappe would make one of the person's name
			"user_type": "Website User",
			"language": "en" if frappe.local.lang == "en" else "vi",
			"send_welcome_email": 0,
			"new_password": password,
		}
	)
	user.flags.no_welcome_mail = True
	# Frappe takes sixty new users an hour for an attack; a province has more, and codes are throttled above.
	frappe.local.conf["throttle_user_limit"] = 100_000
	# A stranger opens an account; name and password alone are theirs, and no role is given.
	user.insert(ignore_permissions=True)
	profile = new_profile(user.name, full_name)
	# Asked before the code was sent.
	profile.update({kind: address, f"{kind}_confirmed": 1, **consent.facts()})
	profile.save(ignore_permissions=True)  # the account was made in this very request
	return user.name


def new_profile(user: str, full_name: str) -> Any:
	"""Its owner has agreed to nothing yet: see `consent.give`."""
	profile = frappe.get_doc({"doctype": PROFILE, "user": user, "full_name": full_name})
	return profile.insert(ignore_permissions=True)  # nobody but the portal writes profiles


def profile_of(user: str) -> Any:
	"""The citizen's own profile; made where it is missing (accounts from the identity provider)."""
	name = frappe.db.get_value(PROFILE, {"user": user})
	if name:
		return frappe.get_doc(PROFILE, name)
	profile = new_profile(user, frappe.db.get_value("User", user, "full_name"))
	if not user.endswith(messages.ADDRESS_OF_NOBODY):
		profile.email = user
	return profile


# Signing in and out


def sign_in(contact: str, password: str, second: str = "") -> None:
	"""Sign a citizen in, by Frappe's own check with its lockout.

	:raises FormError: wrong name or password, or a second factor is wanted (`second`), never saying more
	"""
	wrong = _("Name or password is wrong, or the account is locked for a while.")
	throttle.count("sign-in", throttle.address(), 200, 900)
	found = contacts.contact(contact)
	user = user_of(*found) if found else None
	manager = frappe.local.login_manager
	try:
		# An unknown name takes the same time as a wrong password: take_the_time_of_a_password.
		manager.authenticate(
			user=user or f"{secrets.token_hex(4)}@{messages.ADDRESS_OF_NOBODY}", pwd=password
		)
	except (frappe.AuthenticationError, frappe.SecurityException):
		frappe.local.response.pop("message", None)
		raise FormError(contact=wrong) from None
	if not user or frappe.db.get_value("User", user, "user_type") != "Website User":
		raise FormError(contact=wrong)
	check_second_factor(user, second)
	begin_session(user)


def sign_in_by_provider(user: str) -> None:
	"""Sign in whom an identity provider has vouched for in this very request (`identity_provider.finish`)."""
	frappe.local.one_stop_vouched_for = user
	begin_session(user)


def begin_session(user: str) -> None:
	"""Sign in whose password, provider or first code was confirmed in this very request."""
	frappe.local.one_stop_let_in = user
	manager = frappe.local.login_manager
	manager.login_as(user)
	manager.run_trigger("on_session_creation")  # the record of sign-ins among them


def end_session() -> None:
	"""Sign out for good.

	Frappe writes the session of a request back into the cache when it ends, after any way of signing out but its own
	`logout` command; so the request goes on as a guest.
	"""
	frappe.local.login_manager.logout()
	frappe.set_user("Guest")
	frappe.local.cookie_manager.cookies.clear()
	frappe.db.commit()


def check_second_factor(user: str, code: str) -> None:
	""":raises FormError: `second` is wanted or wrong"""
	profile = frappe.db.get_value(PROFILE, {"user": user}, ["name", "otp_on"], as_dict=True)
	if not profile or not profile.otp_on:
		return
	if not code:
		raise FormError(second=_("Type the code that your authenticator app shows now."))
	throttle.count("second-factor", user, 10, 900)
	secret = frappe.get_doc(PROFILE, profile.name).get_password("otp_secret")
	if not _is_fresh(user, pyotp.TOTP(secret), code.strip()):
		raise FormError(second=_("This code is not right. Codes change every 30 seconds."))


def _is_fresh(user: str, app: pyotp.TOTP, code: str) -> bool:
	"""Whether the app shows this code now or did half a minute ago, and nobody has used it (RFC 6238, 5.2)."""
	now = int(time.time())
	for step in (now // app.interval + offset for offset in (-1, 0, 1)):
		if pyotp.utils.strings_equal(code, app.at(step * app.interval)):
			return throttle.once("second-factor", f"{user}:{step}", 5 * app.interval)
	return False


def turn_on_second_factor(user: str, secret: str, code: str) -> None:
	""":raises FormError: the code does not fit the secret that was shown"""
	if not pyotp.TOTP(secret).verify(code.strip(), valid_window=1):
		raise FormError(second=_("This code is not right. Codes change every 30 seconds."))
	profile = profile_of(user)
	profile.update({"otp_secret": secret, "otp_on": 1})
	profile.save(ignore_permissions=True)  # the citizen's own, taken from the session


def turn_off_second_factor(user: str) -> None:
	profile = profile_of(user)
	profile.update({"otp_secret": None, "otp_on": 0})
	profile.save(ignore_permissions=True)  # the citizen's own, taken from the session


def has_password(user: str) -> bool:
	"""False for who has only ever come in by an identity provider."""
	auth = frappe.qb.Table("__Auth")
	own = (auth.doctype == "User") & (auth.name == user) & (auth.fieldname == "password")
	return bool(frappe.qb.from_(auth).select(auth.name).where(own).run())


def confirm_password(user: str, password: str, field: str = "password") -> None:
	"""Ask whoever sits at an open session for the password, before something that cannot be taken back.

	:raises FormError: on `field`: it is wrong
	:raises TooManyAttempts: guessed too often, from wherever
	"""
	if not has_password(user):
		return
	throttle.count("own-password", user, OWN_PASSWORD_TRIES, 900)
	try:
		frappe_check_password(user, password)
	except frappe.AuthenticationError:
		raise FormError(**{field: _("The present password is wrong.")}) from None


def set_password(user: str, password: str, *own: str) -> None:
	"""Change the password and end all sessions of the account.

	:raises FormError: the password is weak
	"""
	check_password(password, *own)
	update_password(user, password, logout_all_sessions=True)


# Changing and closing

OWN_FIELDS = ("full_name", "id_type", "id_number", "birth_date", "address", "notify_email", "notify_sms")

CONFIRMED_FIELDS = ("full_name", "id_type", "id_number", "birth_date")


def change_profile(user: str, values: dict[str, Any]) -> None:
	"""Write what a citizen says about themselves."""
	profile = profile_of(user)
	# What the identity provider has confirmed is not the citizen's to change.
	fixed = CONFIRMED_FIELDS if profile.id_confirmed else ()
	values = {name: value for name, value in values.items() if name not in fixed}
	profile.update({name: values[name] for name in OWN_FIELDS if name in values})
	profile.save(ignore_permissions=True)  # the citizen's own, taken from the session
	if values.get("full_name"):
		frappe.db.set_value(
			"User",
			user,
			{"first_name": values["full_name"], "last_name": "", "full_name": values["full_name"]},
		)
		frappe.clear_document_cache("User", user)


@cache
def _nobodys_digest() -> str:
	return passlibctx.hash(secrets.token_hex(16))


def take_the_time_of_a_password(log, method: str | None = None) -> None:
	"""Compare a password where there was none to compare, so that no name is known by a quicker refusal (hook
	`before_insert` of Activity Log, which Frappe writes of every failed sign-in before it answers)."""
	if log.operation != "Login" or log.status != "Failed":
		return
	if not has_password(log.user):
		passlibctx.verify("x", _nobodys_digest())


def change_contact(user: str, kind: str, address: str) -> None:
	"""Take a confirmed address or number, and tell the ones that were there: whoever sits at a stolen session should
	not be able to do this unseen."""
	profile = profile_of(user)
	before = [(old, profile.get(old)) for old in ("email", "phone") if profile.get(old)]
	profile.update({kind: address, f"{kind}_confirmed": 1})
	profile.save(ignore_permissions=True)  # the citizen's own, confirmed by a code
	text = _(
		"The contact of your account is now {0}. If it was not you, set a new password at once and tell us."
	).format(contacts.masked(address))
	for old, told in before:
		if told == address:
			continue
		if old == "email":
			messages.send_email(told, _("The contact of your account was changed"), text)
		else:
			messages.send_sms(told, text)


class AnotherDoor(frappe.AuthenticationError):
	"""Signing in by a way that asks for no second factor where one is set up."""


def refuse_another_door(login_manager) -> None:
	"""Citizens come in by the portal, which asks for their second factor; staff with a second factor by the sign-in
	form alone, and with a code that nobody has used (hook `on_login`).

	:raises AnotherDoor: by any other way in, such as the link to a new password
	"""
	from frappe.twofactor import should_run_2fa

	request, user = getattr(frappe.local, "request", None), login_manager.user
	if not request or user == "Guest":
		return
	if frappe.db.get_value("User", user, "user_type") != "System User":
		if getattr(frappe.local, "one_stop_let_in", None) != user:
			raise AnotherDoor(_("Please sign in on the portal."))
		return
	session = getattr(frappe.local, "session", None)
	if (session and session.user == user) or not should_run_2fa(user):
		return
	if request.path not in ("/api/method/login", "/login"):
		raise AnotherDoor(_("Please sign in with your second factor."))
	code = str(frappe.form_dict.get("otp") or "")
	if not throttle.once("second-factor", f"{user}:{hashlib.sha256(code.encode()).hexdigest()}", 150):
		login_manager.fail(_("This code is not right. Codes change every 30 seconds."), user)


def refuse_passwords_of_citizens(login_manager) -> None:
	"""Refuse citizens' passwords once the dated setting says so (hook `on_login`)."""
	if getattr(frappe.local, "one_stop_vouched_for", None) == login_manager.user or not national_only():
		return
	if frappe.db.get_value("User", login_manager.user, "user_type") == "Website User":
		login_manager.fail("Invalid login credentials", user=login_manager.user)
