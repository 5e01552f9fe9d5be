"""Figures of the management board: the province, or the units its reader may see."""

from datetime import date, datetime, time, timedelta
from typing import Any

import frappe
from frappe import _
from frappe.query_builder.functions import Count
from frappe.utils import getdate, now_datetime

from one_stop.organization import units
from one_stop.quality import ratings
from one_stop.quality.measures import OVERALL
from one_stop.reporting import cells, figures, targets
from one_stop.reporting.figures import Scope

RUNNING = ("Received", "In Process")
MOST_UNITS, MOST_PROCEDURES, MOST_DEADLINES = 15, 10, 20
DAYS_OF_SLOWNESS = 90


def board(user: str, unit: str | None = None) -> dict[str, Any]:
	"""Everything the board shows, within the reader's units (and below one of them, if asked for)."""
	scope = figures.scope_of(user, unit)
	ranked = overdue_by_unit(scope, unit)
	targeted = targets.rows(getdate().year, user, unit=unit)
	return {
		"title": figures.name_of(scope),
		"at": str(now_datetime()),
		"measured": _(
			"Received and online: what people handed in, a linked dossier once. All else: at the unit that decides."
		),
		"numbers": numbers(scope),
		"opens": opens(unit),
		"overdue": ranked[:MOST_UNITS],
		"overdue_left_out": max(0, len(ranked) - MOST_UNITS),
		"slowest": slowest_procedures(scope, unit),
		"tomorrow": deadlines_of(getdate() + timedelta(days=1), scope),
		"targets": [row for row in targeted if row["behind"]][:MOST_PROCEDURES],
		"has_targets": bool(targeted),
	}


def numbers(scope: Scope) -> dict[str, Any]:
	"""The single figures; shares are per cent and None where there is nothing to take one of."""
	today = getdate()
	month = figures.sums(today.replace(day=1), today, (), scope)
	day = figures.sums(today, today, (), scope)
	found: dict[str, Any] = {
		"received_today": day[0]["handed_in"] if day else 0,
		"received_month": 0,
		"resolved_month": 0,
		"on_time_month": None,
		"online_month": None,
		"in_progress": 0,
	}
	if month:
		counted = figures.figures(month[0])
		found.update(
			{
				"received_month": month[0]["handed_in"],
				"resolved_month": counted.resolved,
				"on_time_month": figures.share(counted.early + counted.on_time, counted.resolved),
				"online_month": figures.share(month[0]["online"], month[0]["handed_in"]),
				"in_progress": counted.in_progress,
			}
		)
	year = ratings.tally(OVERALL, scope, date(today.year, 1, 1), today)
	found.update(
		{
			"overdue_now": sum(row["count"] for row in _overdue(scope)),
			"due_tomorrow": _count_due(today + timedelta(days=1), scope),
			"satisfaction": figures.share(year.content, year.count) if year else None,
			"online_target": _online_target(today.year, scope),
		}
	)
	return found


def opens(unit: str | None = None) -> dict[str, dict[str, Any]]:
	"""What each figure of the board opens: the filters of the list behind it. Ratings are never opened."""
	today = getdate()
	tomorrow = today + timedelta(days=1)
	month, day = (today.replace(day=1), today), (today, today)
	listed = {
		"received_today": (day, "handed_in"),
		"received_month": (month, "handed_in"),
		"resolved_month": (month, "resolved"),
		"on_time_month": (month, "not_late"),
		"online_month": (month, "online"),
		"overdue_now": (day, "overdue_now"),
		"due_tomorrow": ((tomorrow, tomorrow), "running_due"),
	}
	return {
		key: cells.of_period(*period, column=figure, unit=unit) for key, (period, figure) in listed.items()
	}


def _online_target(year: int, scope: Scope) -> float | None:
	rows = frappe.get_all(
		"Service Target",
		{"year": year, "metric": "Online Share", "scope": ("in", ("Province", "Agency", "Locality"))},
		["unit", "value"],
		limit=0,
	)
	own = [row.value for row in rows if row.unit and scope is not None and row.unit in scope]
	return own[0] if len(own) == 1 else next((row.value for row in rows if not row.unit), None)


def _running(scope: Scope):
	dossier = frappe.qb.DocType("Dossier")
	query = frappe.qb.from_(dossier).where(dossier.status.isin(RUNNING))
	if scope is not None:
		query = query.where(dossier.deciding_unit.isin(list(scope) or [""]))
	return dossier, query


def _overdue(scope: Scope) -> list[dict]:
	dossier, query = _running(scope)
	return (
		query.where(dossier.due_at < now_datetime())
		.select(dossier.deciding_unit, Count("*").as_("count"))
		.groupby(dossier.deciding_unit)
		.run(as_dict=True)
	)


def _count_due(day: date, scope: Scope) -> int:
	dossier, query = _running(scope)
	begins = datetime.combine(day, time())
	query = query.where((dossier.due_at >= begins) & (dossier.due_at < begins + timedelta(days=1)))
	return query.select(Count("*")).run()[0][0]


def overdue_by_unit(scope: Scope, asked_unit: str | None = None) -> list[dict]:
	"""Departments and localities with dossiers overdue at this moment, most first.

	:param asked_unit: the unit the scope was narrowed to, if any
	"""
	found: dict[tuple[str, bool], int] = {}
	for row in _overdue(scope):
		unit = figures.unit_in(row.deciding_unit or "", scope, getdate())
		owner = units.agency_of(unit)
		# Of a superior outside the reader's units, only the unit itself is shown.
		alone = scope is not None and owner not in scope
		key = (unit if alone else owner, alone)
		found[key] = found.get(key, 0) + row["count"]
	ranked = sorted(found.items(), key=lambda item: (-item[1], item[0]))
	today = getdate()
	return [
		{
			"unit": unit,
			"unit_name": units.unit_name(unit) or _("Not stated"),
			"count": count,
			"opens": cells.of_period(
				today, today, column="overdue_now", **cells.of_unit(unit, asked_unit, itself=alone)
			)
			if unit
			else None,
		}
		for (unit, alone), count in ranked
	]


def slowest_procedures(scope: Scope, unit: str | None = None) -> list[dict]:
	"""Procedures with the largest share of late dossiers among those that ended in the last ninety days."""
	today = getdate()
	catalogue = figures.catalogue()
	found = []
	first = today - timedelta(days=DAYS_OF_SLOWNESS)
	for row in figures.sums(first, today, ("procedure",), scope):
		counted = figures.figures(row)
		if counted.late:
			found.append(
				{
					"procedure": row["procedure"],
					"procedure_name": catalogue.get(row["procedure"], {}).get("procedure_name")
					or row["procedure"],
					"late": counted.late,
					"resolved": counted.resolved,
					"late_percent": figures.share(counted.late, counted.resolved),
					"opens": cells.of_period(
						first, today, column="late", procedure=row["procedure"], unit=unit
					),
				}
			)
	return sorted(found, key=lambda row: (-row["late_percent"], -row["late"]))[:MOST_PROCEDURES]


def deadlines_of(day: date, scope: Scope) -> list[dict]:
	"""Running dossiers due on a day, by hour."""
	dossier, query = _running(scope)
	begins = datetime.combine(day, time())
	rows = (
		query.where((dossier.due_at >= begins) & (dossier.due_at < begins + timedelta(days=1)))
		.select(
			dossier.name,
			dossier.code,
			dossier.procedure_name,
			dossier.deciding_unit,
			dossier.due_at,
			dossier.current_step,
		)
		.orderby(dossier.due_at)
		.limit(MOST_DEADLINES)
		.run(as_dict=True)
	)
	for row in rows:
		row["unit_name"] = units.unit_name(row.deciding_unit)
		row["hour"] = f"{row.pop('due_at'):%H:%M}"
	return rows


def by_month(scope: Scope, months: int = 12) -> list[dict]:
	"""Received and resolved in each of the last months, this one included."""
	first = getdate().replace(day=1)
	found = []
	for _number in range(months):
		last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
		rows = figures.sums(first, last, (), scope)
		counted = figures.figures(rows[0]) if rows else None
		found.append(
			{
				"month": f"{first:%m/%Y}",
				"received": rows[0]["received"] if rows else 0,
				"resolved": counted.resolved if counted else 0,
				"late": counted.late if counted else 0,
			}
		)
		first = (first - timedelta(days=1)).replace(day=1)
	return found[::-1]
