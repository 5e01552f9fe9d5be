"""A new password for the staff, by a letter. Citizens have their own way in the portal (/quen-mat-khau)."""

import frappe
from frappe import _

from one_stop.citizen_portal import throttle
from one_stop.citizen_portal.rendering import TooManyAttempts
from one_stop.compat import send_reset_letter

HOUR = 3600
LETTERS_AN_HOUR = 3
ASKED_BY_AN_ADDRESS = 20


@frappe.whitelist(allow_guest=True, methods=["POST"])
def reset_password(user: str) -> None:
	"""In place of Frappe's own, which tells whether a name has an account and whether it is in service.

	Every name gets the same answer in the same time: whether there is a letter is found out by a job.

	:raises frappe.TooManyRequestsError: this address has asked too often
	"""
	try:
		throttle.count("reset-address", throttle.address(), ASKED_BY_AN_ADDRESS, HOUR)
	except TooManyAttempts:
		frappe.throw(_("Too many attempts. Please try again later."), frappe.TooManyRequestsError)
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
