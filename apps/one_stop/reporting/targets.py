"""Progress against Service Targets: by month, projected to the year's end, and who is behind."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import frappe
from frappe import _
from frappe.utils import getdate

from one_stop.organization import units
from one_stop.quality import ratings
from one_stop.quality.measures import OVERALL
from one_stop.reporting import cells, figures, form06, projection, years

# Metric -> (part, whole) of the daily facts. Satisfaction comes from released ratings.
SHARES = {
	"Online Share": ("online", "handed_in"),
	"Fully Online": ("fully_online", "handed_in"),
	"Digitised": ("digitised", "received"),
	"Postal": ("postal", "received"),
	"Online Payment": ("paid_online", "fee_bearing"),
}


MEASURED = "Dossiers count at the unit that decides them; shares of online dossiers are taken of those that applicants handed in."
OF_UNITS = ("Agency", "Locality")
# Metric -> figure whose dossiers are listed behind it. Ratings are never drilled down into.
FIGURES = {**{metric: part for metric, (part, _whole) in SHARES.items()}, "On Time": "not_late"}


@dataclass(frozen=True, slots=True)
class Progress:
	"""Where a target stands. Values are per cent, not rounded; None without anything to measure."""

	so_far: Decimal | None
	this_month: Decimal | None
	projected: Decimal | None
	target: Decimal

	@property
	def behind(self) -> bool:
		return self.projected is not None and self.projected < self.target


def counts(metric: str, first: date, last: date, scope: figures.Scope, field: str | None) -> tuple[int, int]:
	"""Part and whole of a metric in a period."""
	if metric == "Satisfaction":
		found = ratings.tally(OVERALL, scope, first, last, field)
		return (found.content, found.count) if found else (0, 0)
	rows = figures.sums(first, last, (), scope, figures.HANDLED, field)
	if not rows:
		return 0, 0
	return _part_and_whole(metric, rows[0])


def _part_and_whole(metric: str, row: dict[str, int]) -> tuple[int, int]:
	if metric == "On Time":
		in_time = row["early"] + row["on_time"]
		return in_time, in_time + row["late"]
	part, whole = SHARES[metric]
	return row[part], row[whole]


def progress(target: Any, today: date | None = None) -> Progress:
	"""How far a target has come by a day of its year (or by its end)."""
	day = last_day(target.year, today)
	begin = date(target.year, 1, 1)
	wanted = Decimal(str(target.value))
	if day < begin:
		return Progress(None, None, None, wanted)
	scope = scope_of_target(target, day)
	field = target.field if target.scope == "Field" else None
	part, whole = counts(target.metric, begin, day, scope, field)
	month_part, month_whole = counts(target.metric, day.replace(day=1), day, scope, field)
	span = projection.recent(day)
	recent_part, recent_whole = counts(target.metric, span.first, span.last, scope, field)
	return Progress(
		figures.exact(part, whole),
		figures.exact(month_part, month_whole),
		projection.projected(part, whole, recent_part, recent_whole, span),
		wanted,
	)


def last_day(year: int, today: date | None = None) -> date:
	"""The day a year's progress is told of: today, or its last one. :raises ReportRefused: there is no such year"""
	return min(getdate(today), date(years.checked(year), 12, 31))


def scope_of_target(target: Any, day: date) -> figures.Scope:
	"""The units whose dossiers count on a day, with what was merged into them by then; None for everything."""
	return units.answering(target.unit, day) if target.scope in OF_UNITS else None


def by_month(target: Any, today: date | None = None) -> list[float | None]:
	"""The metric in each month of the target's year up to a day."""
	field = target.field if target.scope == "Field" else None
	told, flows = [], {}
	for month in months_told(target.year, today):
		first, last = form06.calendar_period("Month", target.year, month)
		# A unit that was merged in the course of the year counts with its successor from then on.
		scope = scope_of_target(target, min(last, last_day(target.year, today)))
		if target.metric == "Satisfaction":
			told.append(figures.share(*counts(target.metric, first, last, scope, field)))
			continue
		if scope not in flows:
			flows[scope] = figures.flows_by_month(target.year, scope, field)
		found = flows[scope].get(month)
		told.append(figures.share(*_part_and_whole(target.metric, found)) if found else None)
	return told


def months_told(year: int, today: date | None = None) -> range:
	"""The months of a year that have begun."""
	day = last_day(year, today)
	return range(1, (day.month if day.year == year else 0) + 1)


def rows(
	year: int,
	user: str,
	today: date | None = None,
	unit: str | None = None,
	only: str | None = None,
	months: bool = False,
) -> list[dict[str, Any]]:
	"""All targets of a year that concern a reader's units, those furthest behind first.

	Targets of the province and of fields are everybody's business; those of a unit are its own and its superiors'.
	Their dossiers are opened only by whoever may see all of them: the list would show fewer than the share counts.

	:param unit: only the targets of this unit and of those below it
	:param only: only this target
	:param months: whether each month is told as well, as `month_1` …
	"""
	allowed = figures.scope_of(user)
	wanted = figures.scope_of(user, unit)
	found = []
	for target in frappe.get_all(
		"Service Target", {"year": year, **({"name": only} if only else {})}, ["*"], limit=0
	):
		of_unit = target.unit if target.scope in OF_UNITS else None
		if (of_unit and wanted is not None and of_unit not in wanted) or (unit and not of_unit):
			continue
		state = progress(target, today)
		found.append(
			{
				"target": target.name,
				"scope": _(target.scope),
				"subject": units.unit_name(target.unit)
				if target.unit
				else target.field or _("Whole Province"),
				"metric": _(target.metric),
				"value": target.value,
				"so_far": figures.shown(state.so_far),
				"this_month": figures.shown(state.this_month),
				"projected": figures.shown(state.projected),
				"gap": None if state.projected is None else figures.shown(state.projected - state.target),
				"behind": int(state.behind),
				"standing": _("Behind")
				if state.behind
				else _("No data yet")
				if state.projected is None
				else _("On course"),
				"decision_number": target.decision_number,
				"opens": _opens(target, today)
				if _lies_within(scope_of_target(target, last_day(year, today)), allowed)
				else None,
				**(_told_by_month(target, today) if months else {}),
			}
		)
	return sorted(found, key=lambda row: (row["gap"] is None, row["gap"] or 0, row["subject"]))


def _told_by_month(target: Any, today: date | None) -> dict[str, float | None]:
	values = zip(months_told(target.year, today), by_month(target, today), strict=True)
	return {f"month_{month}": value for month, value in values}


def _lies_within(scope: figures.Scope, allowed: figures.Scope) -> bool:
	return allowed is None or (scope is not None and scope <= allowed)


def _opens(target: Any, today: date | None) -> dict[str, Any] | None:
	figure, last = FIGURES.get(target.metric), last_day(target.year, today)
	if not figure or last.year < target.year:
		return None
	return cells.of_period(
		date(target.year, 1, 1),
		last,
		column=figure,
		unit=target.unit if target.scope in OF_UNITS else None,
		field=target.field if target.scope == "Field" else None,
	)
