"""Figures of the reports, summed from the daily facts within an explicit scope.

Two measures are never mixed: "Handled By" counts every dossier at the unit that decides it, "Received by the
Public" counts what people handed in at the unit that received it, once, without the dossiers it brought about.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import frappe

from one_stop import permissions
from one_stop.organization import units
from one_stop.reporting.daily_facts import (
	DAY,
	FLAGS,
	FULL,
	MONTH,
	OPENING,
	UNITS_ALONE,
	WITHOUT_PROCEDURES,
	WITHOUT_UNITS,
	spells_of,
)
from one_stop.reporting.form06 import Case, Figures
from one_stop.reporting.overdue import Spell

HANDLED, PUBLIC = "Handled By", "Received by the Public"
MEASURES = (HANDLED, PUBLIC)
BY_TIMESTAMP, BY_DATE = "By Timestamp", "By Date"
UNIT_OF = {HANDLED: "deciding_unit", PUBLIC: "receiving_unit"}
OUTCOMES = ("early", "on_time", "late", "early_by_date", "on_time_by_date", "late_by_date")
GROUPS = ("deciding_unit", "receiving_unit", "field", "procedure", "channel")
Scope = frozenset[str] | None


def scope_of(user: str, unit: str | None = None) -> Scope:
	"""The units a report is about: those the user may see, narrowed to a unit and what is below it.

	:returns: None for everything, an empty set where the user may see none of it
	"""
	allowed = permissions.units_in_scope(user)
	if not unit:
		return allowed
	wanted = frozenset(units.descendants(unit))
	return wanted if allowed is None else wanted & allowed


def sums(
	first: date,
	last: date,
	group: Iterable[str],
	scope: Scope,
	measure: str = HANDLED,
	field: str | None = None,
	procedure: str | None = None,
	with_flags: bool = True,
) -> list[dict[str, Any]]:
	"""Sums of a period by group, with what was open and overdue before it as `carried` and `carried_overdue`.

	Both days are included. `group` names columns of GROUPS; the counts of FLAGS are left out where not wanted.
	"""
	columns = [column for column in group if column in GROUPS]
	if scope is not None and not scope:
		return []
	earliest = frappe.db.sql(
		"select max(`day`) from `tabDossier Daily Fact` where `grain` = 1 and `span` = 1 and `day` <= %s",
		first,
	)
	start = earliest[0][0] or date(1900, 1, 1)
	months_from, months_until = whole_months(first, last)
	terms = {
		"first": first,
		"last": last,
		"start": start,
		"months_from": months_from,
		"months_until": months_until,
		"field": field,
		"procedure": procedure,
	}
	# The coarsest rows that still tell what is asked.
	if scope is None or scope.issuperset(units.TREE.get()):
		scope = None
	if scope is None and not {"deciding_unit", "receiving_unit"} & set(columns):
		grain = WITHOUT_UNITS
	elif not {"procedure", "field"} & set(columns) and not (procedure or field):
		grain = UNITS_ALONE
	elif "procedure" not in columns and not procedure:
		grain = WITHOUT_PROCEDURES
	else:
		grain = FULL
	conditions = [f"`grain` = {grain}"]
	if measure == PUBLIC:
		conditions.append("`linked` = 0")
	if field:
		conditions.append("`field` = %(field)s")
	if procedure:
		conditions.append("`procedure` = %(procedure)s")
	if scope is not None:
		terms["units"] = tuple(scope)
		conditions.append(f"`{UNIT_OF[measure]}` in %(units)s")
	# Every part of these statements is a constant of this file; values are passed apart.
	keys = "".join(f"`{column}`, " for column in columns)
	grouped = f"group by {keys[:-2]}" if columns else ""
	others = " and ".join(conditions)
	counted = ["received", *OUTCOMES, *(FLAGS if with_flags else ())]
	flows = frappe.db.sql(
		f"""
		select {keys} {"".join(f"sum(`{name}`) as `{name}`, " for name in counted)}
			sum((`channel` = 'Online') * `received`) as `online`,
			sum(cast(`fell_due` as signed) - `overdue_ended`) as `newly_overdue`
		from `tabDossier Daily Fact`
		where {others} and (
			(`span` = {MONTH} and `day` >= %(months_from)s and `day` < %(months_until)s)
			or (`span` = {DAY} and `day` >= %(first)s and `day` < %(months_from)s)
			or (`span` = {DAY} and `day` >= %(months_until)s and `day` <= %(last)s)
		) {grouped}
		""",
		terms,
		as_dict=True,
	)
	carried = frappe.db.sql(
		f"""
		select {keys} sum(if(`span` = {OPENING}, `received`, `received` - `early` - `on_time` - `late`)) as `carried`,
			sum(cast(`fell_due` as signed) - `overdue_ended`) as `carried_overdue`
		from `tabDossier Daily Fact`
		where {others} and (
			(`span` = {OPENING} and `day` = %(start)s)
			or (`span` = {DAY} and `day` >= %(start)s and `day` < %(first)s)
		) {grouped}
		""",
		terms,
		as_dict=True,
	)
	nothing = dict.fromkeys([*counted, "online", "newly_overdue", "carried", "carried_overdue"], 0)
	found: dict[tuple, dict[str, Any]] = {}
	for row in (*flows, *carried):
		own = found.setdefault(tuple(row[column] for column in columns), dict(nothing))
		for key, value in row.items():
			if key in columns:
				own[key] = value
			elif value is not None:
				own[key] += int(value)
	# Without a group there is always one row, if only of noughts.
	return list(found.values())


def whole_months(first: date, last: date) -> tuple[date, date]:
	"""The months that lie wholly in a period: the first day of the first, and the first day after the last.

	Where there is none, both are the first day after the period, so that its days are all that is left of it.
	"""
	begins = first if first.day == 1 else month_after(first)
	ends = (last + timedelta(days=1)).replace(day=1)
	return (begins, ends) if begins < ends else (last + timedelta(days=1),) * 2


def month_after(day: date) -> date:
	"""First day of the month after a day's."""
	return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def figures(row: dict[str, Any], compare: str = BY_TIMESTAMP) -> Figures:
	"""Form 06's figures of a row of `sums`, outcomes compared by timestamp or by date."""
	suffix = "_by_date" if compare == BY_DATE else ""
	early, on_time, late = (row[f"{name}{suffix}"] for name in ("early", "on_time", "late"))
	overdue = row["carried_overdue"] + row["newly_overdue"]
	in_progress = row["carried"] + row["received"] - early - on_time - late
	return Figures(
		online=row["online"],
		direct=row["received"] - row["online"],
		carried=row["carried"],
		early=early,
		on_time=on_time,
		late=late,
		in_time=in_progress - overdue,
		overdue=overdue,
	)


def by_procedure(rows: Iterable[dict], catalogue: dict[str, dict]) -> Iterable[tuple[dict, dict]]:
	"""Rows with the catalogue entry of their procedure; an entry that is gone is shown under its code."""
	for row in rows:
		yield (
			row,
			catalogue.get(row["procedure"], {"procedure_name": row["procedure"], "level": "", "field": ""}),
		)


def catalogue() -> dict[str, dict]:
	"""All procedures with name, level and field."""
	rows = frappe.get_all(
		"Administrative Procedure", fields=["name", "procedure_name", "level", "field"], limit=0
	)
	return {row.name: row for row in rows}


def cases(
	first: date,
	last: date,
	scope: Scope,
	measure: str = HANDLED,
	field: str | None = None,
	procedure: str | None = None,
	compare: str = BY_TIMESTAMP,
) -> list[tuple[str, Case]]:
	"""The dossiers behind the figures of a period: what drilling down shows, and what tests compare with."""
	spells = spells_of(first=first, last=last)
	return [
		(row.name, case_of(row, compare, spells.get(row.name, ())))
		for row in facts(first, last, scope, measure, field, procedure)
	]


def facts(
	first: date,
	last: date,
	scope: Scope,
	measure: str = HANDLED,
	field: str | None = None,
	procedure: str | None = None,
) -> list[Any]:
	"""What the daily facts hold of each dossier that was in progress in a period or received in it."""
	if scope is not None and not scope:
		return []
	fact = frappe.qb.DocType("Dossier Fact")
	query = (
		frappe.qb.from_(fact)
		.select("*")
		.where((fact.received_on <= last) & (fact.ended_on.isnull() | (fact.ended_on >= first)))
	)
	if measure == PUBLIC:
		query = query.where(fact.linked == 0)
	if field:
		query = query.where(fact.field == field)
	if procedure:
		query = query.where(fact.procedure == procedure)
	if scope is not None:
		query = query.where(fact[UNIT_OF[measure]].isin(list(scope)))
	return query.run(as_dict=True)


def case_of(row: Any, compare: str = BY_TIMESTAMP, spells: Iterable[Spell] = ()) -> Case:
	"""A Dossier Fact as the pure form takes it."""
	outcome = row["outcome_by_date"] if compare == BY_DATE else row["outcome"]
	return Case(
		row.received_on,
		row.channel,
		row.due_on,
		row.ended_on,
		outcome or None,
		bool(row.linked),
		tuple(spells),
	)


def share(part: int, whole: int) -> float | None:
	"""In per cent with one decimal; None for no whole."""
	return round(100 * part / whole, 1) if whole else None
