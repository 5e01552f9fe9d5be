"""The years and days that can be asked about: what lies outside is a slip of the keyboard, and would overflow a calendar."""

from datetime import date
from typing import Any

import frappe
from frappe import _
from frappe.utils import cint, getdate

from one_stop.reporting.exceptions import ReportRefused

EARLIEST, LATEST = 2000, 2100


def checked(value: Any, field: str | None = None, error: type[Exception] = ReportRefused) -> int:
	"""A year somebody has entered, in a field called "Year" unless said otherwise.

	:raises ReportRefused: (or `error`) names the field and the years it may be
	"""
	year = cint(value)
	if not EARLIEST <= year <= LATEST:
		message = _("{0}: {1} is out of reach; enter a year from {2} to {3}.")
		frappe.throw(message.format(field or _("Year"), value, EARLIEST, LATEST), error)
	return year


def asked(value: Any) -> int:
	"""The year a report is asked about: this one where none is stated. :raises ReportRefused:"""
	return getdate().year if value in (None, "") else checked(value)


def day(value: Any, field: str) -> date:
	"""A day somebody has entered, today where none is. :raises ReportRefused: names the field and the years it may be in"""
	try:
		found = getdate(value)
	except (OverflowError, ValueError, frappe.ValidationError):
		frappe.clear_messages()
		found = None
	if not found:
		frappe.throw(_("{0}: {1} is no date; enter one as 2026-12-31.").format(field, value), ReportRefused)
	if not EARLIEST <= found.year <= LATEST:
		message = _("{0}: {1} is out of reach; enter a day of the years {2} to {3}.")
		frappe.throw(message.format(field, value, EARLIEST, LATEST), ReportRefused)
	return found
