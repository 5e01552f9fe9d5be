"""The second factor of the staff: one switch of ours over Frappe's own two-factor authentication.

Frappe turns it on for the role All, which citizens have too; their second factor is their own choice and asked for on
their own page. So it is turned on role by role, for those who work here.
"""

import frappe
from frappe import _
from frappe.utils import cint

from one_stop.organization.exceptions import MailMissing
from one_stop.organization.memberships import ROLES

STAFF = (*ROLES, "System Manager")
METHOD = "OTP App"


def switch(on: bool) -> None:
	"""Ask the staff for a code of an authenticator app at every sign-in, or stop asking.

	:raises MailMissing: there is no outgoing e-mail, by which everybody gets the picture for their app
	"""
	if on and not frappe.db.exists("Email Account", {"enable_outgoing": 1, "default_outgoing": 1}):
		frappe.throw(
			_(
				"Second Factor of the Staff: set up an outgoing e-mail account first. At their next sign-in people get "
				"the picture for their authenticator app by e-mail."
			),
			MailMissing,
		)
	settings = frappe.get_doc("System Settings")
	settings.enable_two_factor_auth = cint(on)
	if on:
		settings.two_factor_method = METHOD
	# Whoever may change One-Stop Settings decides this; of the system's settings they reach nothing else.
	settings.flags.ignore_permissions = True
	settings.save()
	for role in frappe.get_all("Role", {"name": ["in", [*STAFF, "All"]]}, pluck="name"):
		wanted = cint(on and role != "All")
		if cint(frappe.db.get_value("Role", role, "two_factor_auth")) != wanted:
			frappe.db.set_value("Role", role, "two_factor_auth", wanted)
			frappe.clear_document_cache("Role", role)
