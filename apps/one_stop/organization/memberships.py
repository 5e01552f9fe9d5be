"""Roles follow duties: who holds a duty has its role, who holds none with that role any more has not."""

from collections.abc import Iterable

import frappe
from frappe.utils import getdate

# The roles a duty may give. A duty must never hand out a role that administers the site itself.
ROLES = (
	"One-Stop Administrator",
	"Reception Clerk",
	"Processing Officer",
	"Unit Leader",
	"Monitoring Officer",
)
SYSTEM_USERS = ("Administrator", "Guest")


def roles_in_use(user: str) -> set[str]:
	"""The roles of the duties a person holds, will hold, or stands in for; ended ones left out."""
	today = getdate()
	own = frappe.get_all("Unit Member", {"user": user}, ["duty", "to_date"], limit=0)
	lent = frappe.get_all("Unit Member", {"delegate": user}, ["duty", "delegate_to as to_date"], limit=0)
	duties = {row.duty for row in own + lent if not row.to_date or row.to_date >= today}
	return {frappe.get_cached_value("Duty", duty, "role") for duty in duties}


def follow_duties(user: str, roles: Iterable[str]) -> None:
	"""Give or take these roles of a person, as the duties they hold now ask for.

	Only the roles named are touched: a role that somebody gave by hand for another reason stays.
	"""
	if user in SYSTEM_USERS or not frappe.db.exists("User", user):
		return
	wanted = roles_in_use(user)
	held = set(frappe.get_all("Has Role", {"parent": user, "parenttype": "User"}, pluck="role", limit=0))
	missing = [role for role in roles if role in wanted and role not in held]
	ended = [role for role in roles if role not in wanted and role in held]
	if not missing and not ended:
		return
	doc = frappe.get_doc("User", user)
	# Whoever may appoint members need not be allowed to edit users; Duty limits which roles these can be.
	doc.flags.ignore_permissions = True
	if missing:
		doc.add_roles(*missing)
	if ended:
		doc.remove_roles(*ended)


def take_back_ended_roles() -> None:
	"""Daily: people whose last duty with a role ended yesterday, or whose delegation did, lose the role."""
	today = getdate()
	for row in frappe.get_all(
		"Unit Member", fields=["user", "duty", "to_date", "delegate", "delegate_to"], limit=0
	):
		role = frappe.get_cached_value("Duty", row.duty, "role")
		if row.to_date and row.to_date < today:
			follow_duties(row.user, [role])
		if row.delegate and row.delegate_to and row.delegate_to < today:
			follow_duties(row.delegate, [role])
