"""Which dossiers the cells of reports count, as questions to the facts kept of each dossier.

The same counts as `form06.figures_of` makes of one dossier, asked of the database, so that a list over two million
dossiers reads only what it shows. A test compares the two on random data.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import frappe
from frappe import _

from one_stop.filters import NOTHING
from one_stop.organization import units
from one_stop.reporting import figures, form06
from one_stop.reporting.daily_facts import FLAGS
from one_stop.reporting.exceptions import ReportRefused

if TYPE_CHECKING:
	from one_stop.reporting.statutory import Request

LAND = "Đất đai"
Criterion = Any


def _open(fact: Any, asked: Request) -> Criterion:
	return fact.ended_on.isnull() | (fact.ended_on > asked.last)


def _ended(fact: Any, asked: Request) -> Criterion:
	return (fact.ended_on >= asked.first) & (fact.ended_on <= asked.last)


def _overdue(fact: Any, asked: Request) -> Criterion:
	spell = frappe.qb.DocType("Dossier Overdue Spell")
	then = (
		frappe.qb.from_(spell)
		.select(spell.dossier)
		.where((spell.first_day <= asked.last) & (spell.until_day > asked.last))
	)
	now = figures.moment_of(asked.last)
	by = now.date() - timedelta(days=1) if now else asked.last
	# A due date that is not there is compared as one that never comes: `not` of it must be true.
	passed = fact.due_on.isnotnull() & (fact.due_on <= by)
	if now and asked.compare != figures.BY_DATE:
		passed |= fact.name.isin(figures.due_before(now))
	return _open(fact, asked) & (passed | fact.name.isin(then))


def _outcome(fact: Any, asked: Request) -> Any:
	return fact.outcome_by_date if asked.compare == figures.BY_DATE else fact.outcome


def _new(fact: Any, asked: Request) -> Criterion:
	return fact.received_on >= asked.first


def _flag(name: str) -> Callable[[Any, Request], Criterion]:
	return lambda fact, asked: _new(fact, asked) & (fact[name] == 1)


# Figure -> which of the dossiers in progress in the period, or received in it, are counted.
OF_FACTS: dict[str, Callable[[Any, Request], Criterion]] = {
	"received": lambda fact, asked: fact.name.isnotnull(),
	"online": lambda fact, asked: _new(fact, asked) & (fact.channel == "Online"),
	"direct": lambda fact, asked: _new(fact, asked) & (fact.channel != "Online"),
	"carried": lambda fact, asked: fact.received_on < asked.first,
	"resolved": _ended,
	"early": lambda fact, asked: _ended(fact, asked) & (_outcome(fact, asked) == "Early"),
	"on_time": lambda fact, asked: _ended(fact, asked) & _outcome(fact, asked).notin(["Early", "Late"]),
	"late": lambda fact, asked: _ended(fact, asked) & (_outcome(fact, asked) == "Late"),
	"in_progress": _open,
	"in_time": lambda fact, asked: _open(fact, asked) & _overdue(fact, asked).negate(),
	"overdue": _overdue,
	"new": _new,
	"handed_in": lambda fact, asked: _new(fact, asked) & (fact.linked == 0),
	"not_late": lambda fact, asked: _ended(fact, asked) & (_outcome(fact, asked) != "Late"),
	"late_in_all": lambda fact, asked: OF_FACTS["late"](fact, asked) | _overdue(fact, asked),
	**{flag: _flag(flag) for flag in FLAGS},
}


def narrowed(asked: Request, **more: Any) -> dict[str, Any]:
	"""What narrows every cell of a row: the filters of the list behind it that the figure does not say itself."""
	known = {
		"from_date": str(asked.first),
		"to_date": str(asked.last),
		"unit": asked.unit,
		"field": asked.field,
		"procedure": asked.procedure,
		"level": asked.level,
		"measure": asked.measure,
		"compare": asked.compare,
		**more,
	}
	return {name: value for name, value in known.items() if value}


def of_unit(unit: str, asked_unit: str | None, itself: bool = False) -> dict[str, Any]:
	"""What narrows the cells of a unit's row, in a report that is asked about a unit, to the dossiers the row counts.

	The province has no row of all that is below it: where it stands beside its departments and localities, it is there
	for what it decides itself. A row of a unit above the one asked about counts no more than that one's dossiers.

	:param itself: whether the row is the unit's alone, with rows of their own for what is below it
	"""
	if itself or len(units.ancestors(unit)) < 2:
		return {"unit": asked_unit, "exact_unit": unit}
	if asked_unit and unit in units.ancestors(asked_unit):
		return {"unit": asked_unit}
	return {"unit": unit}


def of_period(first: date, last: date, **more: Any) -> dict[str, Any]:
	"""The same for a report that has no other choices than its days."""
	known = {"from_date": str(first), "to_date": str(last), **more}
	return {name: value for name, value in known.items() if value}


def facts_behind(asked: Request, figure: str, more: Any = None) -> tuple[Any, Any]:
	"""Table and query of the facts a figure of days counts, nothing selected yet.

	:param more: `exact_unit` (a unit without what is below it), `cause` (of lateness), `land` (the land field only)
	"""
	more = more or frappe._dict()
	fact = frappe.qb.DocType("Dossier Fact")
	query = (
		frappe.qb.from_(fact)
		.where((fact.received_on <= asked.last) & (fact.ended_on.isnull() | (fact.ended_on >= asked.first)))
		.where(OF_FACTS[figure](fact, asked))
	)
	if asked.scope is not None:
		query = query.where(fact[figures.UNIT_OF[asked.measure]].isin(list(asked.scope) or [""]))
	if more.exact_unit:
		own = figures.shown_as(more.exact_unit, asked.scope, asked.last)
		query = query.where(fact[figures.UNIT_OF[asked.measure]].isin(list(own) or [""]))
	if asked.measure == figures.PUBLIC:
		query = query.where(fact.linked == 0)
	if asked.field:
		query = query.where(fact.field == asked.field)
	if more.land:
		query = query.where(fact.field.isin(land_fields() or [NOTHING]))
	if asked.procedure:
		query = query.where(fact.procedure == asked.procedure)
	if asked.level:
		known = frappe.qb.DocType("Administrative Procedure")
		of_level = frappe.qb.from_(known).select(known.name).where(known.level == asked.level)
		query = query.where(fact.procedure.isin(of_level))
	if more.cause:
		query = query.where(_with_cause(fact, more.cause))
	return fact, query


def _with_cause(fact: Any, cause: str) -> Criterion:
	explained = frappe.qb.DocType("Lateness Explanation")
	of_cause = frappe.qb.from_(explained).select(explained.dossier)
	if cause == form06.UNKNOWN_CAUSE:
		return fact.name.notin(of_cause.where(explained.cause.isin(list(form06.CAUSES))))
	return fact.name.isin(of_cause.where(explained.cause == cause))


def dossiers(asked: Request, figure: str, more: Any = None) -> list[str]:
	"""The names of the dossiers a figure of days counts. :raises ReportRefused: no such figure"""
	if figure not in OF_FACTS:
		refuse(figure)
	fact, query = facts_behind(asked, figure, more)
	return [row[0] for row in query.select(fact.name).orderby(fact.received_on).run()]


def refuse(figure: str) -> None:
	""":raises ReportRefused: always"""
	frappe.throw(_("There is no column {0}.").format(figure), ReportRefused)


def land_fields() -> list[str]:
	"""The fields of procedures that are about land."""
	return frappe.get_all("Procedure Field", {"name": ("like", f"%{LAND}%")}, pluck="name", limit=0)
