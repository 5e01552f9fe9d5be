"""Working calendars and dated rules of the site, compiled for the pure modules that count with them."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

import frappe
from frappe.utils import cint, getdate

from one_stop.organization import units
from one_stop.organization.calendar import (
	CalendarException,
	CalendarLayer,
	ClockRules,
	ExceptionKind,
	RuleSetting,
	Scope,
	WorkingCalendar,
	compile_calendar,
	patterns_from_rows,
	rules_at,
)
from one_stop.organization.snapshot import Snapshot

# Compiling costs about ten milliseconds a decade; a province has as many calendars as it has habits.
KEPT_CALENDARS = 64
_compiled: OrderedDict[tuple, WorkingCalendar] = OrderedDict()


def layer_of(doc: Any) -> CalendarLayer:
	"""A Working Calendar document, saved or not, as a layer. Raises CalendarError for rows that are wrong."""
	scope = Scope.read(doc.scope)
	return CalendarLayer(
		name=doc.name or doc.calendar_name,
		scope=scope,
		patterns=patterns_from_rows(
			(
				row.weekday,
				row.from_time,
				row.to_time,
				getdate(row.valid_from) if row.valid_from else None,
				cint(row.receives_only),
			)
			for row in doc.windows
		),
		exceptions=[
			CalendarException(
				getdate(row.exception_date),
				ExceptionKind.read(row.kind),
				row.reason or "",
				row.source_document or "",
				scope,
				bool(cint(row.confirmed)),
			)
			for row in doc.exceptions
		],
		confirmed_years=frozenset(cint(row.year) for row in doc.years if cint(row.confirmed)),
	)


def _read_calendars() -> dict[str, tuple[CalendarLayer, int]]:
	found = {}
	for name in frappe.get_all("Working Calendar", pluck="name", order_by="name asc", limit=0):
		doc = frappe.get_doc("Working Calendar", name)
		found[name] = (layer_of(doc), cint(doc.revision))
	return found


def _read_rules() -> tuple[RuleSetting, ...]:
	rows = frappe.get_all(
		"Dated Rule",
		filters={"parenttype": "One-Stop Settings"},
		fields=["rule", "value", "effective_from", "article"],
		order_by="effective_from asc, idx asc",
		limit=0,
	)
	return tuple(RuleSetting(row.rule, row.value, row.effective_from, row.article) for row in rows)


CALENDARS: Snapshot[dict[str, tuple[CalendarLayer, int]]] = Snapshot("calendars", _read_calendars)
RULES: Snapshot[tuple[RuleSetting, ...]] = Snapshot("rules", _read_rules)


def calendar_names(unit: str | None) -> list[str]:
	"""The calendars a unit's days come from, furthest first: national ones, then those down the tree.

	`None` or an unknown unit: the national ones only.
	"""
	return _names_among(CALENDARS.get(), unit)


def _names_among(known: Mapping[str, tuple[CalendarLayer, int]], unit: str | None) -> list[str]:
	names = [name for name, (layer, _) in known.items() if layer.scope is Scope.NATIONAL]
	for ancestor in reversed(units.ancestors(unit or "")):
		own = units.TREE.get()[ancestor].calendar
		if own in known:
			# Named again further down, a calendar is nearer than it was.
			names = [name for name in names if name != own] + [own]
	return names


def inherited_layers(doc: Any) -> list[CalendarLayer]:
	"""The layers a calendar stands upon wherever it is used; for a calendar used by no unit, the national ones."""
	known = CALENDARS.get()
	user = next((unit.name for unit in units.TREE.get().values() if unit.calendar == doc.name), None)
	names = calendar_names(user)
	if doc.name in names:
		names = names[: names.index(doc.name)]
	scope = Scope.read(doc.scope)
	return [known[name][0] for name in names if known[name][0].scope.nearness <= scope.nearness]


def calendar_for(unit: str | None, first: date, last: date) -> WorkingCalendar:
	"""The working calendar of a unit, covering at least the days from `first` to `last`.

	Compiled once per revision and process. Raises CalendarError where no hours are defined at all.
	"""
	names = calendar_names(unit)
	years = _years(first, last)
	key = (frappe.local.site, CALENDARS.token(), tuple(names), years)
	if key not in _compiled:
		known = CALENDARS.get()
		_compiled[key] = compile_layers([known[name][0] for name in names], years, revision_of(names))
		while len(_compiled) > KEPT_CALENDARS:
			_compiled.popitem(last=False)
	else:
		_compiled.move_to_end(key)
	return _compiled[key]


def calendars_if_saved(doc: Any) -> Callable[[str | None, date, date], WorkingCalendar]:
	"""What `calendar_for` would be if an unsaved Working Calendar were saved; nothing of it is kept.

	Raises CalendarError for rows that are wrong.
	"""
	known = {**CALENDARS.get(), doc.name: (layer_of(doc), cint(doc.revision))}
	compiled: dict[tuple, WorkingCalendar] = {}

	def calendar_for(unit: str | None, first: date, last: date) -> WorkingCalendar:
		key = (tuple(_names_among(known, unit)), _years(first, last))
		if key not in compiled:
			compiled[key] = compile_layers([known[name][0] for name in key[0]], key[1], "")
		return compiled[key]

	return calendar_for


def compile_layers(layers: list[CalendarLayer], years: tuple[int, int], revision: str) -> WorkingCalendar:
	return compile_calendar(layers, date(years[0], 1, 1), date(years[1], 12, 31), revision=revision)


def _years(first: date, last: date) -> tuple[int, int]:
	"""The years to compile: those of this decade in most cases, so that few calendars serve many days."""
	this_year = getdate().year
	low = min(getdate(first).year, this_year - 3)
	high = max(getdate(last).year, this_year + 5)
	return low, high


def revision_of(names: Iterable[str]) -> str:
	known = CALENDARS.get()
	return "; ".join(f"{name}:{known[name][1]}" for name in names)


def revision_for(unit: str | None) -> str:
	"""The calendars a unit's due dates rest on, with their revisions: `Lịch toàn quốc:3; Lịch tỉnh:1`."""
	return revision_of(calendar_names(unit))


def units_following(calendar: str, scope: Scope) -> list[str]:
	"""The units whose due dates a calendar of this scope has a part in: all, or those that inherit it."""
	tree = units.TREE.get()
	if scope is Scope.NATIONAL:
		return list(tree)
	users = [name for name, unit in tree.items() if unit.calendar == calendar]
	return list(dict.fromkeys(below for user in users for below in units.descendants(user)))


def rules_on(day: date) -> ClockRules:
	"""The dated rules in force on a day."""
	return rules_at(RULES.get(), getdate(day))


def forget_calendars() -> None:
	CALENDARS.forget()


def forget_rules() -> None:
	RULES.forget()
