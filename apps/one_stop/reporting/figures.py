"""Figures of the reports, summed from the daily facts within an explicit scope.

Two measures are never mixed: "Handled By" counts every dossier at the unit that decides it, "Received by the
Public" counts what people handed in at the unit that received it, once, without the dossiers it brought about.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any

import frappe

from one_stop import permissions
from one_stop.organization import units
from one_stop.reporting.daily_facts import FLAGS
from one_stop.reporting.form06 import Case, Figures

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
	month = first.replace(day=1)
	earliest = frappe.db.sql(
		"select max(`day`) from `tabDossier Daily Fact` where `whole` = 0 and `opening` = 1 and `day` <= %s",
		month,
	)
	start = earliest[0][0] or date(1900, 1, 1)
	terms = {"first": first, "last": last, "start": start, "field": field, "procedure": procedure}
	# Rows without units answer what is asked of the whole province.
	whole = int(scope is None and not {"deciding_unit", "receiving_unit"} & set(columns))
	conditions = [f"`whole` = {whole}"]
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
		where `opening` = 0 and `day` between %(first)s and %(last)s and {others} {grouped}
		""",
		terms,
		as_dict=True,
	)
	carried = frappe.db.sql(
		f"""
		select {keys} sum(if(`opening` = 1, `received`, `received` - `early` - `on_time` - `late`)) as `carried`,
			sum(cast(`fell_due` as signed) - `overdue_ended`) as `carried_overdue`
		from `tabDossier Daily Fact`
		where ((`opening` = 1 and `day` = %(start)s) or (`opening` = 0 and `day` >= %(start)s and `day` < %(first)s))
			and {others} {grouped}
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
	outcome = "outcome_by_date" if compare == BY_DATE else "outcome"
	return [
		(
			row.dossier,
			Case(
				row.received_on, row.channel, row.due_on, row.ended_on, row[outcome] or None, bool(row.linked)
			),
		)
		for row in query.run(as_dict=True)
	]


def share(part: int, whole: int) -> float | None:
	"""In per cent with one decimal; None for no whole."""
	return round(100 * part / whole, 1) if whole else None
