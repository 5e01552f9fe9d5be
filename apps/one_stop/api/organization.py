"""Working calendars for the desk: a year at one look, holidays to confirm, and what a change would do."""

import json
from typing import Any

import frappe
from frappe import _
from frappe.utils import cint

from one_stop.organization import seeding, working_time
from one_stop.organization.calendar import CalendarError, CalendarLayer, clock_text, weeks_in_force
from one_stop.organization.calendar_rows import FIRST_YEAR, LAST_YEAR, told
from one_stop.organization.exceptions import CalendarYearRefused
from one_stop.organization.recomputation import impact_of

CALENDAR = "Working Calendar"
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@frappe.whitelist()
@frappe.read_only()
def calendar_year(calendar: str, year: int) -> dict[str, list[dict[str, Any]]]:
	"""What a Working Calendar inherits for a year from those above it; its own rows are in the form already.

	A calendar that is not saved yet inherits from the national ones.

	:returns: ``{inherited, inherited_windows, inherited_years}``: exceptions in force by date, with the
		`calendar` they come from, or `forecast` where no calendar has the year yet; windows, each week complete from its `valid_from` (empty: always); years
		with `confirmed`, `source_document` and `calendar`
	"""
	_require("read")
	year = _year(year)
	doc = frappe.new_doc(CALENDAR, scope="Unit")
	if frappe.db.exists(CALENDAR, calendar):
		doc = frappe.get_doc(CALENDAR, calendar)
		doc.check_permission("read")
	layers = working_time.inherited_layers(doc)
	forecast = working_time.CALENDARS.get().forecast((year, year))
	return {
		"inherited": _exceptions([forecast, *layers], year),
		"inherited_windows": _windows(layers),
		"inherited_years": _years(layers),
	}


@frappe.whitelist()
def suggest_year(year: int) -> list[dict[str, Any]]:
	"""The holidays of a year as far as they are known, as rows of a calendar's exceptions, none confirmed.

	Raises CalendarYearRefused for a year without lunar dates worth trusting.
	"""
	_require("write")
	try:
		return seeding.suggestions(_year(year))
	except CalendarError as error:
		frappe.throw(told(error), CalendarYearRefused)


@frappe.whitelist(methods=["POST"])
def preview_calendar_change(doc: str | dict) -> dict[str, Any]:
	"""What saving this Working Calendar would do to the due dates of running dossiers; nothing is written.

	Raises what saving it would raise for wrong rows.

	:returns: ``{running, changed, later, earlier, examples: [{code, old_due, new_due}], too_many}``; times
		are local; `too_many`: only part of the dossiers was looked at
	"""
	values = json.loads(doc) if isinstance(doc, str) else doc
	calendar = frappe.get_doc({**values, "doctype": CALENDAR})
	known = bool(frappe.db.exists(CALENDAR, calendar.name or ""))
	if known:
		frappe.get_doc(CALENDAR, calendar.name).check_permission("write")
	else:
		_require("create")
	try:
		calendar.check_rows()
		impact = impact_of(calendar)
	except CalendarError as error:
		frappe.throw(told(error), CalendarYearRefused)
	return {
		"running": impact.running,
		"changed": impact.changed,
		"later": impact.later,
		"earlier": impact.earlier,
		"too_many": impact.too_many,
		"examples": impact.examples,
	}


def _require(right: str) -> None:
	if not frappe.has_permission(CALENDAR, right):
		frappe.throw(_("You may not do this with working calendars."), frappe.PermissionError)


def _year(year: int) -> int:
	number = cint(year)
	if not FIRST_YEAR <= number <= LAST_YEAR:
		frappe.throw(
			_("Year: {0} is not a year between {1} and {2}.").format(year, FIRST_YEAR, LAST_YEAR),
			CalendarYearRefused,
		)
	return number


def _exceptions(layers: list[CalendarLayer], year: int) -> list[dict[str, Any]]:
	# Later layers are nearer and replace the day of those before.
	nearest = {day.day: (layer, day) for layer in layers for day in layer.exceptions if day.day.year == year}
	return [
		{
			"exception_date": day.isoformat(),
			"kind": exception.kind.value.replace("_", " ").title(),
			"reason": exception.reason,
			"source_document": exception.source,
			"confirmed": int(exception.confirmed),
			"calendar": _("forecast by law") if layer.name == working_time.FORECAST else layer.name,
			"forecast": int(layer.name == working_time.FORECAST),
		}
		for day, (layer, exception) in sorted(nearest.items())
	]


def _windows(layers: list[CalendarLayer]) -> list[dict[str, Any]]:
	return [
		{
			"weekday": WEEKDAYS[weekday],
			"from_time": clock_text(window.start),
			"to_time": clock_text(window.end),
			"valid_from": week.valid_from.isoformat() if week.valid_from else "",
			"receives_only": int(window.receives_only),
		}
		for week in weeks_in_force(layers)
		for weekday in range(7)
		for window in week.on(weekday)
	]


def _years(layers: list[CalendarLayer]) -> list[dict[str, Any]]:
	rows = frappe.get_all(
		"Calendar Year",
		filters={"parenttype": CALENDAR, "parent": ["in", [layer.name for layer in layers]], "confirmed": 1},
		fields=["year", "confirmed", "source_document", "parent as calendar"],
		order_by="year asc",
	)
	return [dict(row) for row in rows]
