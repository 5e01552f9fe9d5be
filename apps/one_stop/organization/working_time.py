"""Working calendars and dated rules of the site, compiled for the pure modules that count with them."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import frappe
from frappe.utils import cint, getdate

from one_stop.organization import units
from one_stop.organization.calendar import (
	CalendarLayer,
	ClockRules,
	RuleSetting,
	Scope,
	WorkingCalendar,
	compile_calendar,
	rules_at,
)
from one_stop.organization.calendar_rows import layer_of
from one_stop.organization.holiday_seed import FIRST_YEAR, LAST_YEAR, seed_holidays
from one_stop.organization.snapshot import Snapshot

# Compiling costs about ten milliseconds a decade; a province has as many calendars as it has habits.
KEPT_CALENDARS = 64
# The name of the layer of holidays that stand in no calendar yet.
FORECAST = "forecast"
_compiled: OrderedDict[tuple, WorkingCalendar] = OrderedDict()


@dataclass(frozen=True, slots=True)
class Known:
	"""The calendars as they are saved, with their revisions, and the years a national one lists."""

	layers: Mapping[str, tuple[CalendarLayer, int]]
	listed: frozenset[int]

	def with_document(self, doc: Any) -> "Known":
		"""The same with an unsaved document in its place."""
		layers = {**self.layers, doc.name: (layer_of(doc), cint(doc.revision))}
		return Known(layers, self.listed | _listed(doc))

	def names(self, unit: str | None) -> list[str]:
		"""The calendars a unit's days come from, furthest first: national ones, then those down the tree."""
		names = [name for name, (layer, _) in self.layers.items() if layer.scope is Scope.NATIONAL]
		for ancestor in reversed(units.ancestors(unit or "")):
			own = units.TREE.get()[ancestor].calendar
			if own in self.layers:
				# Named again further down, a calendar is nearer than it was.
				names = [name for name in names if name != own] + [own]
		return names

	def compile(self, names: Iterable[str], years: tuple[int, int]) -> WorkingCalendar:
		"""The calendars of these names merged, for whole years. Raises CalendarError where they contradict."""
		return compile_calendar(
			[self.forecast(years), *(self.layers[name][0] for name in names)],
			date(years[0], 1, 1),
			date(years[1], 12, 31),
			revision=self.revision(names),
		)

	def forecast(self, years: tuple[int, int]) -> CalendarLayer:
		"""The holidays the law gives the years that no national calendar lists yet: none of them confirmed.

		Without them a due date of the year after next would count Tết as working days.
		"""
		wanted = (
			year
			for year in range(max(years[0], FIRST_YEAR), min(years[1], LAST_YEAR) + 1)
			if year not in self.listed
		)
		return CalendarLayer(FORECAST, exceptions=[day for year in wanted for day in seed_holidays(year)])

	def revision(self, names: Iterable[str]) -> str:
		return "; ".join(f"{name}:{self.layers[name][1]}" for name in names)


def _listed(doc: Any) -> frozenset[int]:
	"""The years a national calendar answers for: a year without a single day off was never entered."""
	if doc.scope != "National":
		return frozenset()
	entered = {getdate(row.exception_date).year for row in doc.exceptions if row.exception_date}
	return frozenset(cint(row.year) for row in doc.years) & entered


def _read_calendars() -> Known:
	layers, listed = {}, frozenset()
	for name in frappe.get_all("Working Calendar", pluck="name", order_by="name asc", limit=0):
		doc = frappe.get_doc("Working Calendar", name)
		layers[name] = (layer_of(doc), cint(doc.revision))
		listed |= _listed(doc)
	return Known(layers, listed)


def _read_rules() -> tuple[RuleSetting, ...]:
	rows = frappe.get_all(
		"Dated Rule",
		filters={"parenttype": "One-Stop Settings"},
		fields=["rule", "value", "effective_from", "article"],
		order_by="effective_from asc, idx asc",
		limit=0,
	)
	return tuple(RuleSetting(row.rule, row.value, row.effective_from, row.article) for row in rows)


CALENDARS: Snapshot[Known] = Snapshot("calendars", _read_calendars)
RULES: Snapshot[tuple[RuleSetting, ...]] = Snapshot("rules", _read_rules)


def inherited_layers(doc: Any) -> list[CalendarLayer]:
	"""The layers a calendar stands upon wherever it is used; for a calendar used by no unit, the national ones."""
	known = CALENDARS.get()
	user = next((unit.name for unit in units.TREE.get().values() if unit.calendar == doc.name), None)
	names = known.names(user)
	if doc.name in names:
		names = names[: names.index(doc.name)]
	scope = Scope.read(doc.scope)
	layers = [known.layers[name][0] for name in names]
	return [layer for layer in layers if layer.scope.nearness <= scope.nearness]


def calendar_for(unit: str | None, first: date, last: date) -> WorkingCalendar:
	"""The working calendar of a unit, covering at least the days from `first` to `last`.

	`None` or an unknown unit: the national calendars alone. Compiled once per revision and process. Raises
	CalendarError where no hours are defined at all.
	"""
	known = CALENDARS.get()
	names, years = known.names(unit), _years(first, last)
	key = (frappe.local.site, CALENDARS.token(), tuple(names), years)
	if key not in _compiled:
		_compiled[key] = known.compile(names, years)
		while len(_compiled) > KEPT_CALENDARS:
			_compiled.popitem(last=False)
	else:
		_compiled.move_to_end(key)
	return _compiled[key]


def calendars_if_saved(doc: Any) -> Callable[[str | None, date, date], WorkingCalendar]:
	"""What `calendar_for` would be if an unsaved Working Calendar were saved; nothing of it is kept.

	Raises CalendarError for rows that are wrong.
	"""
	known = CALENDARS.get().with_document(doc)
	compiled: dict[tuple, WorkingCalendar] = {}

	def calendar_for(unit: str | None, first: date, last: date) -> WorkingCalendar:
		key = (tuple(known.names(unit)), _years(first, last))
		if key not in compiled:
			compiled[key] = known.compile(*key)
		return compiled[key]

	return calendar_for


def check_chains(following: Iterable[str], known: Known | None = None) -> None:
	"""Raise CalendarError where the calendars that these units inherit contradict one another."""
	known = known or CALENDARS.get()
	seen: set[tuple[str, ...]] = set()
	for unit in following:
		names = tuple(known.names(unit))
		if names not in seen:
			seen.add(names)
			known.compile(names, _years(getdate(), getdate()))


def _years(first: date, last: date) -> tuple[int, int]:
	"""The years to compile: those of this decade in most cases, so that few calendars serve many days."""
	this_year = getdate().year
	low = min(getdate(first).year, this_year - 3)
	high = max(getdate(last).year, this_year + 5)
	return low, high


def revision_for(unit: str | None) -> str:
	"""The calendars a unit's due dates rest on, with their revisions: `Lịch toàn quốc:3; Lịch tỉnh:1`."""
	known = CALENDARS.get()
	return known.revision(known.names(unit))


def changed_since(of_units: Iterable[str], moment: datetime) -> bool:
	"""Whether a calendar that one of these units rests on was saved after a moment."""
	known = CALENDARS.get()
	names = {name for unit in of_units for name in known.names(unit)}
	return bool(names) and bool(
		frappe.db.count("Working Calendar", {"name": ["in", sorted(names)], "modified": [">", moment]})
	)


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
