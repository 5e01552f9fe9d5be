"""What Frappe 15 and 16 want said differently."""

from collections import Counter
from datetime import date, timedelta
from importlib.util import find_spec

import frappe
from frappe import _

# Lists are built by another part of Frappe from 16.0.0 on, which takes SQL functions in its own notation only; the
# development versions before call themselves 16 as well.
LISTS_OF_16 = find_spec("frappe.model.qb_query") is not None


def require_permission(doctype: str, ptype: str = "read", name: str | None = None) -> None:
	"""Refuse whoever lacks a right to a DocType, or to a document. `frappe.has_permission(throw=True)` of early versions of 15 answers
	as if a value were wrong.

	:raises frappe.PermissionError: the session's user lacks the right
	"""
	if not frappe.has_permission(doctype, ptype, name):
		frappe.throw(_("You may not do this with {0}.").format(_(doctype)), frappe.PermissionError)


def count_permitted(doctype: str, filters: list | dict) -> int:
	"""How many documents of this DocType the session's user may list under these filters."""
	field = {"COUNT": "*", "as": "total"} if LISTS_OF_16 else "count(*) as total"
	return frappe.get_list(doctype, filters=filters, fields=[field], order_by=None)[0].total


def count_by_day(doctype: str, fieldname: str, first: date, last: date) -> dict[date, int]:
	"""How many documents the session's user may list fall on each day, by one of their date-times."""
	filters = [
		[fieldname, ">=", f"{first} 00:00:00"],
		[fieldname, "<", f"{last + timedelta(days=1)} 00:00:00"],
	]
	if LISTS_OF_16:
		moments = frappe.get_list(doctype, filters=filters, pluck=fieldname, limit=0)
		return dict(Counter(moment.date() for moment in moments))
	rows = frappe.get_list(
		doctype,
		filters=filters,
		fields=[f"date({fieldname}) as day", "count(*) as total"],
		group_by="day",
		order_by="day asc",
		limit=0,
	)
	return {row.day: row.total for row in rows}


def send_reset_letter(user) -> None:
	"""Send a User the letter with the link to a new password."""
	# Later releases of 15 and 16 have closed the method to callers from outside by this name.
	send = getattr(user, "_reset_password", None) or user.reset_password
	send(send_email=True)
