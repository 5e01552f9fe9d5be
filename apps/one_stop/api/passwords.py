"""A new password for the staff, by a letter. Citizens have their own way in the portal (/quen-mat-khau)."""

import frappe
from frappe import _
from frappe.core.doctype.user import user as frappe_user
from frappe.utils import today

from one_stop.citizen_portal import throttle
from one_stop.citizen_portal.accounts import AnotherDoor
from one_stop.citizen_portal.rendering import TooManyAttempts
from one_stop.compat import send_reset_letter

HOUR = 3600
LETTERS_AN_HOUR = 3
ASKED_BY_AN_ADDRESS = 20
NEW_PASSWORDS_BY_AN_ADDRESS = 60
OLD_PASSWORDS_OF_A_PERSON = 10


@frappe.whitelist(allow_guest=True, methods=["POST"])
def reset_password(user: str) -> None:
	"""In place of Frappe's own, which tells whether a name has an account and whether it is in service.

	Every name gets the same answer in the same time: whether there is a letter is found out by a job.

	:raises frappe.TooManyRequestsError: this address has asked too often
	"""
	_count("reset-address", throttle.address(), ASKED_BY_AN_ADDRESS)
	user = str(user).strip()[:140]
	if throttle.attempts("reset-user", user.lower(), HOUR, add=1) <= LETTERS_AN_HOUR:
		frappe.enqueue("one_stop.api.passwords.reset_by_mail", queue="short", user=user)
	frappe.msgprint(_("If there is such an account, a letter with further instructions is on its way."))


def reset_by_mail(user: str) -> None:
	"""Send the letter, if there is such a person among the staff in service (a job)."""
	if user in frappe.STANDARD_USERS:
		return
	name = frappe.db.get_value("User", {"name": user, "enabled": 1, "user_type": "System User"})
	if name:
		send_reset_letter(frappe.get_doc("User", name))


@frappe.whitelist(allow_guest=True, methods=["POST"])
def update_password(
	new_password: str, logout_all_sessions: int = 0, key: str | None = None, old_password: str | None = None
) -> str:
	"""In place of Frappe's own, which signs in whoever holds the key of the letter, without their second factor.

	:returns: where to go on; to the sign-in form where it is not to be passed by
	:raises frappe.TooManyRequestsError: too many keys from an address, or too many old passwords of a person
	"""
	_count("new-password", throttle.address(), NEW_PASSWORDS_BY_AN_ADDRESS)
	before = frappe.session.user
	if before != "Guest":
		_count("old-password", before, OLD_PASSWORDS_OF_A_PERSON)
	try:
		return frappe_user.update_password(new_password, logout_all_sessions, key, old_password)
	except AnotherDoor:
		manager = frappe.local.login_manager
		user, manager.user = manager.user, before
		# What Frappe does after signing in: the key has done its service.
		frappe.db.set_value("User", user, {"last_password_reset_date": today(), "reset_password_key": ""})
		staff = frappe.db.get_value("User", user, "user_type") == "System User"
		return "/login" if staff else "/dang-nhap"


def _count(action: str, whose: str, most: int) -> None:
	try:
		throttle.count(action, whose, most, HOUR)
	except TooManyAttempts:
		frappe.throw(_("Too many attempts. Please try again later."), frappe.TooManyRequestsError)
