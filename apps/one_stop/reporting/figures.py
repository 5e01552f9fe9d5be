"""Figures of the reports, summed from the daily facts within an explicit scope.

Two measures are never mixed: "Handled By" counts every dossier at the unit that decides it, "Received by the
Public" counts what people handed in at the unit that received it, once, without the dossiers it brought about.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import frappe
from frappe.utils import getdate, now_datetime

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
# What is summed of the received by how they came.
SHARED_OUT = """sum((`linked` = 0) * `received`) as `handed_in`,
			sum((`channel` = 'Online') * `received`) as `online`"""


def scope_of(user: str, unit: str | None = None, on: date | None = None) -> Scope:
	"""The units a report is about: those the user may see, narrowed to a unit and what is below it.

	Whoever may see a unit's figures may see those of what was merged into it, which it answers for.

	:param on: the last day of the report: units merged by then count with their successor; today or later is today
	:returns: None for everything, an empty set where the user may see none of it
	"""
	today = getdate()
	day = min(on, today) if on else today
	own = permissions.units_in_scope(user)
	if not unit:
		return None if own is None else units.with_merged(own, day)
	wanted = units.answering(unit, day)
	return wanted if own is None else wanted & units.with_merged(own, today)


def unit_in(unit: str, scope: Scope, last: date) -> str:
	"""The unit a row of a report is shown under: the successor of one that was merged, where the report is about it."""
	heir = units.heirs(min(last, getdate())).get(unit, unit)
	return heir if scope is None or heir in scope else unit


def shown_as(unit: str, scope: Scope, last: date) -> frozenset[str]:
	"""The units whose dossiers a report shows as a unit's own, without those of the units below it: the unit, and
	what was merged into it itself."""
	known = {unit, *(name for name, heir in units.heirs(min(last, getdate())).items() if heir == unit)}
	return frozenset(name for name in known if unit_in(name, scope, last) == unit)


def name_of(scope: Scope) -> str:
	"""The units a scope is about, in words: the topmost of it, the province for everything."""
	if scope is None:
		return units.unit_name(frappe.db.get_single_value("One-Stop Settings", "province_unit"))
	tree, merged = units.TREE.get(), units.heirs(getdate())
	tops = [
		name
		for name in tree
		if name in scope and tree[name].parent not in scope and merged.get(name) not in scope
	]
	return ", ".join(map(units.unit_name, tops))


def moment_of(last: date) -> datetime | None:
	"""Until when a period is counted that is not over: now, since what is due later is not overdue. None once it is."""
	now = now_datetime()
	return now if last >= now.date() else None


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

	Both days are included. `group` names columns of GROUPS; the counts of FLAGS are left out where not wanted. Of
	a period that is not over, `overdue_today` are those due today whose hour has passed. `handed_in` are those of the
	received that an applicant handed in: what the system has opened for another dossier came through no channel, so
	shares of channels are taken of these.
	"""
	columns = [column for column in group if column in GROUPS]
	if scope is not None and not scope:
		return []
	earliest = frappe.db.sql(
		"select max(`day`) from `tabDossier Daily Fact` where `grain` = 1 and `span` = 1 and `day` <= %s",
		first,
	)
	start = earliest[0][0] or date(1900, 1, 1)
	now = moment_of(last)
	# Today's due dates are booked already, and so are those to come: they count when they have passed.
	until, due_until = (now.date(), now.date() - timedelta(days=1)) if now else (last, last)
	months_from, months_until = whole_months(first, due_until)
	terms = {
		"first": first,
		"until": until,
		"due_until": due_until,
		"start": start,
		"months_from": months_from,
		"months_until": months_until,
		"rest_from": max(first, months_until),
		"today": until,
		"now": now,
		"field": field,
		"procedure": procedure,
	}
	scope, grain = _coarsest(scope, columns, field, procedure)
	terms["units"] = tuple(scope or ())
	# Every part of these statements is a constant of this file; values are passed apart.
	keys = "".join(f"`{column}`, " for column in columns)
	grouped = f"group by {keys[:-2]}" if columns else ""
	others = _narrowed(scope, measure, field, procedure)
	counted = ["received", *OUTCOMES, *(FLAGS if with_flags else ())]
	flows = frappe.db.sql(
		f"""
		select {keys} {"".join(f"sum(`{name}`) as `{name}`, " for name in counted)}
			{SHARED_OUT},
			sum(if(`day` <= %(due_until)s, cast(`fell_due` as signed), 0) - `overdue_ended`) as `newly_overdue`
		from `tabDossier Daily Fact`
		where `grain` = {grain} {others} and (
			(`span` = {MONTH} and `day` >= %(months_from)s and `day` < %(months_until)s)
			or (`span` = {DAY} and `day` >= %(first)s and `day` < %(months_from)s)
			or (`span` = {DAY} and `day` >= %(rest_from)s and `day` <= %(until)s)
		) {grouped}
		""",
		terms,
		as_dict=True,
	)
	carried = frappe.db.sql(
		f"""
		select {keys} sum(if(`span` = {OPENING}, `received`, `received` - `early` - `on_time` - `late`)) as `carried`,
			sum(
				if(`span` = {OPENING} or `day` <= %(due_until)s, cast(`fell_due` as signed), 0) - `overdue_ended`
			) as `carried_overdue`
		from `tabDossier Daily Fact`
		where `grain` = {grain} {others} and (
			(`span` = {OPENING} and `day` = %(start)s)
			or (`span` = {DAY} and `day` >= %(start)s and `day` < %(first)s and `day` <= %(until)s)
		) {grouped}
		""",
		terms,
		as_dict=True,
	)
	passed = (
		frappe.db.sql(
			f"""
			select {keys} count(*) as `overdue_today`
			from (
				select f.* from `tabDossier Fact` f join `tabDossier` d on d.`name` = f.`name`
				where f.`due_on` = %(today)s and f.`ended_on` is null and d.`due_at` < %(now)s
			) due_today
			where 1 = 1 {others} {grouped}
			""",
			terms,
			as_dict=True,
		)
		if now
		else []
	)
	nothing = dict.fromkeys(
		[*counted, "handed_in", "online", "newly_overdue", "carried", "carried_overdue", "overdue_today"], 0
	)
	found: dict[tuple, dict[str, Any]] = {}
	for row in (*flows, *carried, *passed):
		own = found.setdefault(tuple(row[column] for column in columns), dict(nothing))
		for key, value in row.items():
			if key in columns:
				own[key] = value
			elif value is not None:
				own[key] += int(value)
	# Without a group there is always one row, if only of noughts.
	return list(found.values())


def flows_by_month(year: int, scope: Scope, field: str | None = None) -> dict[int, dict[str, int]]:
	"""What was received and resolved in each month of a year, with the counts of FLAGS; months of nothing are left out."""
	if scope is not None and not scope:
		return {}
	scope, grain = _coarsest(scope, (), field, None)
	counted = ["received", *OUTCOMES, *FLAGS]
	# As in `sums`, nothing but constants is put together here.
	rows = frappe.db.sql(
		f"""
		select month(`day`) as `month`, {"".join(f"sum(`{name}`) as `{name}`, " for name in counted)}
			{SHARED_OUT}
		from `tabDossier Daily Fact`
		where `grain` = {grain} {_narrowed(scope, HANDLED, field, None)}
			and `span` = {MONTH} and `day` between %(first)s and %(last)s
		group by `day`
		""",
		{
			"units": tuple(scope or ()),
			"field": field,
			"first": date(year, 1, 1),
			"last": date(year, 12, 31),
		},
		as_dict=True,
	)
	return {row.month: {name: int(row[name]) for name in (*counted, "handed_in", "online")} for row in rows}


def _coarsest(
	scope: Scope, columns: Iterable[str], field: str | None, procedure: str | None
) -> tuple[Scope, int]:
	"""The scope, None where it is everything, and the grain of the coarsest rows that still tell what is asked."""
	if scope is None or scope.issuperset(units.TREE.get()):
		scope = None
	if scope is None and not {"deciding_unit", "receiving_unit"} & set(columns):
		return scope, WITHOUT_UNITS
	if not {"procedure", "field"} & set(columns) and not (procedure or field):
		return scope, UNITS_ALONE
	if "procedure" not in columns and not procedure:
		return scope, WITHOUT_PROCEDURES
	return scope, FULL


def _narrowed(scope: Scope, measure: str, field: str | None, procedure: str | None) -> str:
	"""The conditions of a question; `units`, `field` and `procedure` are to be passed as values."""
	conditions = [
		"`linked` = 0" if measure == PUBLIC else "",
		"`field` = %(field)s" if field else "",
		"`procedure` = %(procedure)s" if procedure else "",
		f"`{UNIT_OF[measure]}` in %(units)s" if scope is not None else "",
	]
	return "".join(f" and {condition}" for condition in conditions if condition)


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
	# By date, a day's dossiers are late only when it is over.
	today = 0 if compare == BY_DATE else row["overdue_today"]
	overdue = row["carried_overdue"] + row["newly_overdue"] + today
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
	now = moment_of(last)
	passed = {row[0] for row in due_before(now).run()} if now and compare != BY_DATE else ()
	return [
		(row.name, case_of(row, compare, spells.get(row.name, ()), row.name in passed))
		for row in facts(first, last, scope, measure, field, procedure)
	]


def due_before(now: datetime) -> Any:
	"""A query of the open dossiers due on the day of a moment whose hour has passed by then."""
	fact, dossier = frappe.qb.DocType("Dossier Fact").as_("due_today"), frappe.qb.DocType("Dossier")
	query = frappe.qb.from_(fact).join(dossier).on(dossier.name == fact.name).select(fact.name)
	return query.where((fact.due_on == now.date()) & fact.ended_on.isnull() & (dossier.due_at < now))


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


def case_of(
	row: Any, compare: str = BY_TIMESTAMP, spells: Iterable[Spell] = (), hour_passed: bool = False
) -> Case:
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
		hour_passed,
	)


def exact(part: int, whole: int) -> Decimal | None:
	"""In per cent, not rounded, as it is held against targets and conditions; None for no whole."""
	return Decimal(100 * part) / whole if whole else None


def shown(value: Decimal | None) -> float | None:
	"""A figure as people read it: with one decimal, a half going up."""
	return None if value is None else float(value.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP))


def share(part: int, whole: int) -> float | None:
	"""In per cent with one decimal, to be shown and never compared; None for no whole."""
	return shown(exact(part, whole))
