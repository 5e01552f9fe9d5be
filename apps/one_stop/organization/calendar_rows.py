"""The rows of a Working Calendar, read by the pure calendar: what it refuses is told with table, row and field."""

from collections.abc import Iterator
from datetime import date
from typing import Any, NoReturn

import frappe
from frappe import _
from frappe.utils import cint, formatdate, getdate

from one_stop.organization.calendar import (
	CalendarError,
	CalendarException,
	CalendarLayer,
	ExceptionKind,
	OverlappingWindows,
	Scope,
	SwapWorkOnWorkingDay,
	WeekPattern,
	Window,
	WindowEndsBeforeStart,
	check_layer,
	patterns_from_rows,
	read_weekday,
)
from one_stop.organization.exceptions import (
	CalendarYearRefused,
	ExceptionEnteredTwice,
	ExceptionRefused,
	SwapWorkNeedsADayOff,
	WindowEndsBeforeItStarts,
	WindowRefused,
	WindowsOverlap,
)

FIRST_YEAR, LAST_YEAR = 1990, 2100


def complete(rows: list[Any], *fieldnames: str) -> Iterator[Any]:
	"""Rows that have these values; what is missing is Frappe's to say, after all other checks."""
	return (row for row in rows if all(row.get(fieldname) for fieldname in fieldnames))


def layer_of(doc: Any) -> CalendarLayer:
	"""A Working Calendar document, saved or not, as a layer. Raises CalendarError for rows that are wrong."""
	scope = Scope.read(doc.scope)
	return CalendarLayer(
		name=doc.name or doc.calendar_name,
		scope=scope,
		patterns=patterns_of(doc),
		exceptions=[
			CalendarException(
				getdate(row.exception_date),
				ExceptionKind.read(row.kind),
				row.reason or "",
				row.source_document or "",
				scope,
				bool(cint(row.confirmed)),
			)
			for row in complete(doc.exceptions, "exception_date", "kind")
		],
		confirmed_years=frozenset(cint(row.year) for row in doc.years if cint(row.confirmed)),
	)


def patterns_of(doc: Any) -> tuple[WeekPattern, ...]:
	"""The weeks of a document. Raises CalendarError for rows that are wrong."""
	return patterns_from_rows(
		(row.weekday, row.from_time, row.to_time, _begin(row), cint(row.receives_only))
		for row in complete(doc.windows, "weekday", "from_time", "to_time")
	)


def _begin(row: Any) -> date | None:
	return getdate(row.valid_from) if row.valid_from else None


def check_windows(doc: Any) -> None:
	"""No window ends before it starts, or overlaps another of its weekday and week."""
	read: list[tuple[Any, tuple, Window]] = []
	for row in complete(doc.windows, "weekday", "from_time", "to_time"):
		try:
			week = (read_weekday(row.weekday), _begin(row))
			window = Window.parse(row.from_time, row.to_time, bool(cint(row.receives_only)))
		except WindowEndsBeforeStart as error:
			refuse(doc, "windows", row, "to_time", error, WindowEndsBeforeItStarts)
		except CalendarError as error:
			refuse(doc, "windows", row, error.field or "from_time", error, WindowRefused)
		for other, other_week, other_window in read:
			if week == other_week and window.start < other_window.end and other_window.start < window.end:
				error = OverlappingWindows(first=other_window, second=window, weekday=_(row.weekday))
				refuse(doc, "windows", row, "from_time", error, WindowsOverlap, other)
		read.append((row, week, window))


def check_years(doc: Any) -> None:
	"""Every year once, and one that calendars reach."""
	seen: dict[int, int] = {}
	for row in doc.years:
		year = cint(row.year)
		if not FIRST_YEAR <= year <= LAST_YEAR:
			frappe.throw(
				_("Years, row {0}, Year: {1} is not a year between {2} and {3}.").format(
					row.idx, row.year, FIRST_YEAR, LAST_YEAR
				),
				CalendarYearRefused,
			)
		if year in seen:
			frappe.throw(
				_("Years, rows {0} and {1}: {2} is entered twice.").format(seen[year], row.idx, year),
				CalendarYearRefused,
			)
		seen[year] = row.idx


def check_exceptions(doc: Any, above: list[CalendarLayer]) -> None:
	"""Every day once; a day worked in exchange is a day off by this calendar and those `above` it."""
	seen: dict[date, int] = {}
	week, scope = patterns_of(doc), Scope.read(doc.scope)
	for row in complete(doc.exceptions, "exception_date", "kind"):
		day = getdate(row.exception_date)
		if not FIRST_YEAR <= day.year <= LAST_YEAR:
			frappe.throw(
				_("Exceptions, row {0}, Date: {1} is not between {2} and {3}.").format(
					row.idx, formatdate(day), FIRST_YEAR, LAST_YEAR
				),
				ExceptionRefused,
			)
		if day in seen:
			frappe.throw(
				_("Exceptions, rows {0} and {1}, Date: {2} is entered more than once.").format(
					seen[day], row.idx, formatdate(day)
				),
				ExceptionEnteredTwice,
			)
		seen[day] = row.idx
		try:
			exception = CalendarException(day, ExceptionKind.read(row.kind), scope=scope)
			check_layer(CalendarLayer(doc.name or "", scope, week, [exception]), above)
		except SwapWorkOnWorkingDay as error:
			refuse(doc, "exceptions", row, "kind", error, SwapWorkNeedsADayOff)
		except CalendarError as error:
			refuse(doc, "exceptions", row, error.field, error, ExceptionRefused)


def told(error: CalendarError) -> str:
	"""What the pure calendar refused, in the reader's language and way of writing dates."""
	values = {
		key: formatdate(value) if isinstance(value, date) else value for key, value in error.values.items()
	}
	return _(error.template).format(**values)


def refuse(
	doc: Any, table: str, row: Any, fieldname: str, error: CalendarError, rule: type, other: Any = None
) -> NoReturn:
	"""Throw what the pure calendar refused, naming the table, the row or rows, and the field."""
	field = row.meta.get_label(fieldname) if row.meta.has_field(fieldname) else ""
	rows = _("rows {0} and {1}").format(other.idx, row.idx) if other else _("row {0}").format(row.idx)
	place = ", ".join(part for part in (_(doc.meta.get_label(table)), rows, _(field)) if part)
	frappe.throw(f"{place}: {told(error)}", rule)
