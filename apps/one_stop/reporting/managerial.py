"""Lists and figures managers work with, each within an explicit scope of units.

Every function takes the first and last day (both included), the scope of its reader, and returns rows for a
script report. Lists show at most `MOST_ROWS` dossiers, the register `MOST_IN_REGISTER`, and say so.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any

import frappe
from frappe import _
from frappe.query_builder.functions import Coalesce, Count, Max
from frappe.utils import now_datetime

from one_stop.dossiers import case
from one_stop.filters import among
from one_stop.organization import units, working_time
from one_stop.reporting import cells, figures, form06, statutory
from one_stop.reporting.figures import Scope

MOST_ROWS = 2000
# A busy centre receives some hundreds a day: a month of it is exported whole.
MOST_IN_REGISTER = 20_000
OPEN = ("Received", "In Process", "Awaiting Supplement", "Awaiting Payment")
WAITING = [status.value for status in case.WAITING]
AT_ONCE = 1000


def left_out(rows: Sequence[Any], most: int | None = None) -> str | None:
	"""What a list says above its rows when it is as long as such lists get (`MOST_ROWS` where nothing else is said)."""
	most = most or MOST_ROWS
	if len(rows) < most:
		return None
	return _("Only the first {0} are shown: choose a unit or a shorter period.").format(most)


def _begins(day: date) -> datetime:
	return datetime.combine(day, time())


def _ends(day: date) -> datetime:
	return datetime.combine(day + timedelta(days=1), time())


def _within(query, dossier, scope: Scope):
	"""Narrow a query to dossiers that a unit of the scope has received or decides."""
	if scope is None:
		return query
	inside = list(scope) or [""]
	return query.where(dossier.receiving_unit.isin(inside) | dossier.deciding_unit.isin(inside))


def _named(rows: list[dict], *columns: str) -> list[dict]:
	for row in rows:
		for column in columns:
			row[f"{column}_name"] = units.unit_name(row[column])
	return rows


def register(first: date, last: date, scope: Scope) -> list[dict]:
	"""Sổ theo dõi hồ sơ (form 06 of TT 01/2018 art. 9): received in the period, in the order of their numbers."""
	dossier = frappe.qb.DocType("Dossier")
	query = (
		frappe.qb.from_(dossier)
		.select(
			dossier.name,
			dossier.code,
			dossier.procedure_name,
			dossier.number_of_sets,
			dossier.applicant_name,
			dossier.applicant_address,
			dossier.phone_masked,
			dossier.deciding_unit,
			dossier.received_at,
			dossier.due_at,
			dossier.returned_at,
			dossier.result_delivery,
			dossier.status,
			dossier.extension_count,
		)
		.where((dossier.received_at >= _begins(first)) & (dossier.received_at < _ends(last)))
		.orderby(dossier.received_at)
		.orderby(dossier.code)
		.limit(MOST_IN_REGISTER)
	)
	rows = _named(_within(query, dossier, scope).run(as_dict=True), "deciding_unit")
	for number, row in enumerate(rows, 1):
		row.update(
			{
				"number": number,
				"delivery": _(row.result_delivery or "Counter"),
				"note": _("Extended") if row.extension_count else _(row.status),
			}
		)
	return rows


def reception_list(day: date, scope: Scope) -> list[dict]:
	"""What was received on a day, by one-stop centre and channel, with the clerk who received it."""
	dossier = frappe.qb.DocType("Dossier")
	query = (
		frappe.qb.from_(dossier)
		.select(
			dossier.name,
			dossier.code,
			dossier.procedure_name,
			dossier.applicant_name,
			dossier.channel,
			dossier.receiving_unit,
			dossier.received_at,
			dossier.due_at,
			dossier.receiver,
			dossier.status,
		)
		.where((dossier.received_at >= _begins(day)) & (dossier.received_at < _ends(day)))
		.orderby(dossier.receiving_unit)
		.orderby(dossier.received_at)
		.limit(MOST_ROWS)
	)
	rows = _named(_within(query, dossier, scope).run(as_dict=True), "receiving_unit")
	for row in rows:
		row.update(channel=_(row.channel), status=_(row.status))
	return rows


def _first_of(asked: statutory.Request, figure: str) -> list[str]:
	"""The oldest dossiers a figure counts, as many as a list shows."""
	fact, query = cells.facts_behind(asked, figure)
	return [row[0] for row in query.select(fact.name).orderby(fact.received_on).limit(MOST_ROWS).run()]


def late_list(first: date, last: date, scope: Scope) -> list[dict]:
	"""Late dossiers, done in the period or overdue at its end, with the late step, its officer, and the cause."""
	names = _first_of(statutory.Request(first, last, scope), "late_in_all")
	if not names:
		return []
	dossiers = frappe.get_all(
		"Dossier",
		{"name": ("in", names)},
		[
			"name",
			"code",
			"procedure_name",
			"deciding_unit",
			"due_at",
			"ended_at",
			"extension_count",
			"status",
		],
		order_by="due_at asc",
		limit=0,
	)
	causes = {
		row.dossier: row
		for row in frappe.get_all(
			"Lateness Explanation", {"dossier": ("in", names)}, ["dossier", "cause", "explanation"], limit=0
		)
	}
	steps = late_steps(names)
	now = now_datetime()
	for row in dossiers:
		step = steps.get(row.name, {})
		cause = causes.get(row.name, {})
		row.update(
			{
				"late_step": step.get("title") or "",
				"late_unit_name": units.unit_name(step.get("unit") or row.deciding_unit),
				"officer": step.get("officer"),
				"officer_name": full_name(step.get("officer")),
				"days_late": max(0, ((row.ended_at or now).date() - row.due_at.date()).days)
				if row.due_at
				else 0,
				"cause": _(cause.get("cause") or "Cause Not Stated"),
				"explanation": cause.get("explanation") or "",
				"apology": _("Yes") if row.extension_count else _("No"),
				"status_text": _(row.status),
			}
		)
	return dossiers


def late_steps(names: Sequence[str]) -> dict[str, dict]:
	"""The step each dossier was (or is) late in: the latest one that ended late or stands open past its time."""
	found: dict[str, dict] = {}
	now = now_datetime()
	for row in frappe.get_all(
		"Dossier Step",
		{"dossier": among(names)},
		["dossier", "title", "unit", "officer", "outcome", "due_at", "completed_at", "status"],
		order_by="opened_at asc",
		limit=0,
	):
		open_late = (
			not row.completed_at and row.due_at and row.due_at < now and row.status in ("Open", "In Progress")
		)
		if row.outcome == "Late" or open_late:
			found[row.dossier] = row
	return found


def full_name(user: str | None) -> str:
	"""The name of a user in words; empty for nobody."""
	return (frappe.get_cached_value("User", user, "full_name") or user) if user else ""


def carried_over(first: date, scope: Scope) -> list[dict]:
	"""Dossiers open when a period begins, oldest first, with their age in days and what they wait for."""
	names = _first_of(statutory.Request(first, first, scope), "carried")
	rows = frappe.get_all(
		"Dossier",
		{"name": among(names)},
		[
			"name",
			"code",
			"procedure_name",
			"deciding_unit",
			"received_at",
			"due_at",
			"status",
			"current_step",
		],
		order_by="received_at asc",
		limit=0,
	)
	for row in _named(rows, "deciding_unit"):
		row["age"] = (first - row.received_at.date()).days
		row["status_text"] = _(row.status)
	return rows


# Working hours of a unit of time in a process; twenty-two working days are a month.
HOURS_OF = {
	"Working Hour": Decimal(1),
	"Working Day": Decimal(8),
	"Calendar Day": Decimal(40) / 7,
	"Month": Decimal(176),
}
REASONS = {
	"supplement_requested": "Supplement Requested",
	"refused": "Refused",
	"stopped": "Stopped",
	"withdrawn": "Withdrawn",
	"extended": "Extended",
}


def _events(first: date, last: date, scope: Scope):
	event, dossier = frappe.qb.DocType("Dossier Event"), frappe.qb.DocType("Dossier")
	query = (
		frappe.qb.from_(event)
		.join(dossier)
		.on(dossier.name == event.dossier)
		.where(event.kind.isin(list(REASONS)) & (event.at >= _begins(first)) & (event.at < _ends(last)))
	)
	return event, dossier, _within(query, dossier, scope)


def reasons(first: date, last: date, scope: Scope) -> list[dict]:
	"""Why dossiers were sent back, refused, stopped or extended: each reason with how often, most frequent first."""
	event, dossier, query = _events(first, last, scope)
	reason = Coalesce(event.reason, "")
	rows = (
		query.select(
			event.kind,
			reason.as_("reason"),
			dossier.procedure,
			Max(dossier.procedure_name).as_("procedure_name"),
			Count("*").as_("times"),
		)
		.groupby(event.kind, reason, dossier.procedure)
		.run(as_dict=True)
	)
	for row in rows:
		row["kind_text"] = _(REASONS[row.kind])
		row["opens"] = cells.of_period(
			first, last, event_kind=row.kind, procedure=row.procedure, reason_digest=digest(row.reason)
		)
		row["reason"] = row.reason or _("Not stated")
	return sorted(rows, key=lambda row: (row["kind_text"], -row["times"], row["reason"]))


def digest(reason: str | None) -> str:
	"""What tells one reason in words from another, short enough for an address."""
	return sha256((reason or "").encode()).hexdigest()[:16]


def events(first: date, last: date, scope: Scope, more: Any) -> list[dict]:
	"""The events behind one row of `reasons`, oldest first.

	:param more: its `event_kind`, `procedure` and `reason_digest`
	"""
	event, dossier, query = _events(first, last, scope)
	rows = (
		query.where((event.kind == (more.event_kind or "")) & (dossier.procedure == (more.procedure or "")))
		.select(
			dossier.name, dossier.code, dossier.procedure_name, event.kind, event.at, event.unit, event.reason
		)
		.orderby(event.at)
		.run(as_dict=True)
	)
	rows = _named([row for row in rows if digest(row.reason) == more.reason_digest], "unit")
	for row in rows:
		row["kind_text"] = _(REASONS[row.kind])
	return rows


def quantile(values: Sequence[float], share: float) -> float | None:
	"""The value below which a share of the values lies, nearest rank; None for no values."""
	if not values:
		return None
	ordered = sorted(values)
	return ordered[min(len(ordered) - 1, max(0, -(-int(share * 100) * len(ordered) // 100) - 1))]


def _steps(scope: Scope):
	step = frappe.qb.DocType("Dossier Step")
	query = frappe.qb.from_(step).select(
		step.dossier,
		step.dossier_code,
		step.procedure,
		step.procedure_name,
		step.title,
		step.unit,
		step.officer,
		step.opened_at,
		step.due_at,
		step.completed_at,
		step.outcome,
		step.planned_minutes,
		step.is_open,
	)
	if scope is not None:
		query = query.where(step.unit.isin(list(scope) or [""]))
	return step, query


def completed_steps(first: date, last: date, scope: Scope) -> list[Any]:
	"""Steps the units of a scope completed in a period."""
	step, query = _steps(scope)
	within = (step.completed_at >= _begins(first)) & (step.completed_at < _ends(last))
	rows = query.where(within).run(as_dict=True)
	waits = waits_of({row.dossier for row in rows})
	for row in rows:
		row.waits = waits.get(row.dossier, [])
	return rows


def waits_of(dossiers: Collection[str]) -> dict[str, list[tuple[datetime, datetime]]]:
	"""When dossiers waited for the applicant, for papers or money: `[(from, until)]` in order; waits that go on are
	left out, since no step is completed in them."""
	event = frappe.qb.DocType("Dossier Event")
	found: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
	names = sorted(dossiers)
	for start in range(0, len(names), AT_ONCE):
		rows = (
			frappe.qb.from_(event)
			.select(event.dossier, event.at, event.from_status, event.to_status)
			.where(event.dossier.isin(names[start : start + AT_ONCE]))
			.where(event.from_status.isin(WAITING) | event.to_status.isin(WAITING))
			.orderby(event.dossier)
			.orderby(event.sequence)
		).run(as_dict=True)
		begun: dict[str, datetime] = {}
		for row in rows:
			if row.to_status in WAITING:
				begun.setdefault(row.dossier, row.at)
			elif row.dossier in begun:
				found[row.dossier].append((begun.pop(row.dossier), row.at))
	return found


def waiting_steps(scope: Scope) -> list[Any]:
	"""Steps that stand open with the units of a scope at this moment."""
	step, query = _steps(scope)
	return query.where(step.is_open == 1).run(as_dict=True)


def hours_taken(row: Any) -> float | None:
	"""Working hours of its unit that a completed step took, without the time it waited for the applicant; None where
	it was never opened."""
	return _hours_between(row, row.completed_at) if row.opened_at else None


def _hours_between(row: Any, until: datetime) -> float:
	calendar = working_time.calendar_for(row.unit, row.opened_at.date(), until.date())
	minutes = calendar.elapsed(row.opened_at, until)
	for begin, end in row.get("waits") or ():
		begin, end = max(begin, row.opened_at), min(end, until)
		if begin < end:
			minutes -= calendar.elapsed(begin, end)
	return minutes / 60


def norm_hours(row: Any) -> float:
	"""Working hours planned for a step: as kept with it, else from when it opened until it was due; 0 for no norm."""
	if row.planned_minutes:
		return row.planned_minutes / 60
	if not (row.opened_at and row.due_at) or row.due_at <= row.opened_at:
		return 0
	return _hours_between(row, row.due_at)


def over_norm(row: Any) -> bool:
	"""Whether a completed step took longer than was planned for it."""
	norm, taken = norm_hours(row), hours_taken(row)
	return bool(norm) and taken is not None and taken > norm


def bottlenecks(first: date, last: date, scope: Scope) -> list[dict]:
	"""Time each step took against its norm, in working hours of its unit: median and 90th percentile; queue now.

	What a dossier waited for its applicant is in no step's time: the clock stands meanwhile (NĐ 61/2018 art. 19).
	Steps completed in the period make the times; steps open now make the queue and its age in days.
	"""
	done: dict[tuple, list] = defaultdict(list)
	queues: dict[tuple, list] = defaultdict(list)
	for found, rows in ((done, completed_steps(first, last, scope)), (queues, waiting_steps(scope))):
		for row in rows:
			found[row.procedure, row.title, row.unit].append(row)
	now = now_datetime()
	lines = []
	for key in {**done, **queues}:
		completed, waiting = done.get(key, []), queues.get(key, [])
		planned = [row for row in completed if norm_hours(row)]
		times = [taken for taken in map(hours_taken, completed) if taken is not None]
		median, ninetieth = quantile(times, 0.5), quantile(times, 0.9)
		latest = (waiting or completed)[-1]
		ages = [(now - row.opened_at).total_seconds() / 86400 if row.opened_at else 0 for row in waiting]
		lines.append(
			{
				"procedure": key[0],
				"procedure_name": latest.procedure_name,
				"step": key[1],
				"unit": key[2],
				"unit_name": units.unit_name(key[2]) or _("Not stated"),
				"completed": len(completed),
				"norm": round(norm_hours(latest), 1) or None,
				"median": None if median is None else round(median, 1),
				"ninetieth": None if ninetieth is None else round(ninetieth, 1),
				"over_norm": figures.share(sum(map(over_norm, planned)), len(planned)),
				"queue": len(waiting),
				"oldest": round(max(ages), 1) if ages else None,
				"opens": cells.of_period(first, last, procedure=key[0], step=key[1], exact_unit=key[2]),
			}
		)
	return sorted(lines, key=lambda row: (-(row["over_norm"] or 0), -row["queue"], -(row["ninetieth"] or 0)))


def difficulty() -> dict[str, Decimal]:
	"""Weight of each procedure by the time its process plans for all steps: one of average length weighs 1."""
	version, step = frappe.qb.DocType("Administrative Procedure"), frappe.qb.DocType("Process Step")
	rows = (
		frappe.qb.from_(version)
		.join(step)
		.on((step.parent == version.current_version) & (step.parenttype == "Procedure Version"))
		.select(version.name, step.duration, step.duration_unit)
		.where(step.duration > 0)
	).run(as_dict=True)
	hours: dict[str, Decimal] = defaultdict(Decimal)
	for row in rows:
		hours[row.name] += Decimal(str(row.duration)) * HOURS_OF.get(
			row.duration_unit, HOURS_OF["Working Day"]
		)
	if not hours:
		return {}
	mean = sum(hours.values()) / len(hours)
	return {procedure: round(planned / mean, 2) for procedure, planned in hours.items()}


def officers_steps(first: date, last: date, scope: Scope) -> list[Any]:
	"""Steps officers completed in a period, and those open with them now."""
	step, query = _steps(scope)
	return query.where(
		step.officer.isnotnull()
		& (step.officer != "")
		& ((step.is_open == 1) | ((step.completed_at >= _begins(first)) & (step.completed_at < _ends(last))))
	).run(as_dict=True)


def workload(first: date, last: date, scope: Scope) -> list[dict]:
	"""What each officer did and has before them: steps done, late ones, open ones, dossiers weighted by difficulty."""
	weights = difficulty()
	now = now_datetime()
	found: dict[tuple, dict] = {}
	for row in officers_steps(first, last, scope):
		own = found.setdefault(
			(row.officer, row.unit),
			{
				"officer": row.officer,
				"officer_name": full_name(row.officer),
				"unit_name": units.unit_name(row.unit) or _("Not stated"),
				"done": 0,
				"late": 0,
				"open": 0,
				"open_late": 0,
				"weighted": Decimal(0),
				"opens": cells.of_period(first, last, officer=row.officer, exact_unit=row.unit),
			},
		)
		if row.is_open:
			own["open"] += 1
			own["open_late"] += int(bool(row.due_at and row.due_at < now))
		elif row.completed_at:
			own["done"] += 1
			own["late"] += int(row.outcome == "Late")
			own["weighted"] += weights.get(row.procedure, Decimal(1))
	for own in found.values():
		own["weighted"] = float(round(own["weighted"], 1))
		own["on_time_percent"] = figures.share(own["done"] - own["late"], own["done"])
	return sorted(found.values(), key=lambda row: (row["unit_name"], -row["weighted"], row["officer_name"]))


def land_by_commune(
	first: date, last: date, scope: Scope, measure: str = figures.HANDLED, asked_unit: str | None = None
) -> list[dict]:
	"""Dossiers of the land field handled, or handed in by the public, at commune level, commune by commune.

	:param asked_unit: the unit the scope was narrowed to, if any
	"""
	tree = units.TREE.get()
	place = figures.UNIT_OF[measure]
	found: dict[str, Any] = {}
	for field in cells.land_fields():
		for row in figures.sums(first, last, (place,), scope, measure, field):
			commune = next(
				(
					name
					for name in units.ancestors(figures.unit_in(row[place], scope, last))
					if tree[name].level == "Commune"
				),
				None,
			)
			if commune:
				counted = figures.figures(row)
				found[commune] = found[commune] + counted if commune in found else counted
	return [
		{
			"unit": unit,
			"unit_name": units.unit_name(unit),
			"received": counted.received,
			"online": counted.online,
			"resolved": counted.resolved,
			"late": counted.late,
			"in_progress": counted.in_progress,
			"overdue": counted.overdue,
			"on_time_percent": figures.share(counted.resolved - counted.late, counted.resolved),
			"opens": cells.of_period(first, last, land=1, measure=measure, **cells.of_unit(unit, asked_unit)),
		}
		for unit, counted in sorted(found.items(), key=lambda item: units.unit_name(item[0]))
	]


def use_of_the_system(
	first: date, last: date, scope: Scope, measure: str = figures.HANDLED, asked_unit: str | None = None
) -> list[dict]:
	"""How each department and locality uses the system in a period, against the period before (`form06.period_before`)
	and against its targets. Those behind a target are marked.

	:param asked_unit: the unit the scope was narrowed to, if any
	"""
	now, before = (
		{row["owner"]: row for row in _by_owner(*span, scope, measure)}
		for span in ((first, last), form06.period_before(first, last))
	)
	wanted = _online_targets(last.year)
	found = []
	for unit, row in sorted(now.items(), key=lambda item: units.unit_name(item[0])):
		counted = figures.figures(row)
		exact = figures.exact(row["online"], row["handed_in"])
		share = figures.shown(exact)
		old = before.get(unit)
		old_share = figures.share(old["online"], old["handed_in"]) if old else None
		past = figures.figures(old) if old else None
		target = wanted.get(unit, wanted.get(""))
		found.append(
			{
				"unit": unit,
				"unit_name": units.unit_name(unit),
				"kind": _("Locality")
				if units.get(unit) and units.get(unit).level in ("Commune", "District")
				else _("Department"),
				"received": row["received"],
				"received_before": old["received"] if old else 0,
				"handed_in": row["handed_in"],
				"resolved": counted.resolved,
				"resolved_before": past.resolved if past else 0,
				"overdue": counted.overdue,
				"on_time_percent": figures.share(counted.early + counted.on_time, counted.resolved),
				"on_time_before": figures.share(past.early + past.on_time, past.resolved) if past else None,
				"online_percent": share,
				"online_before": old_share,
				"online_change": None if share is None or old_share is None else round(share - old_share, 1),
				"target": target,
				"behind": int(target is not None and exact is not None and exact < Decimal(str(target))),
				"fully_online_percent": figures.share(row["fully_online"], row["handed_in"]),
				"digitised_percent": figures.share(row["digitised"], row["received"]),
				"paid_online_percent": figures.share(row["paid_online"], row["fee_bearing"]),
				"e_result_percent": figures.share(row["e_result"], row["gives_document"]),
				"opens": cells.of_period(first, last, measure=measure, **cells.of_unit(unit, asked_unit))
				if unit
				else None,
			}
		)
	return found


def _by_owner(first: date, last: date, scope: Scope, measure: str) -> list[dict]:
	"""Sums by the department or locality a deciding (receiving) unit belongs to, its `owner`."""
	place = figures.UNIT_OF[measure]
	found: dict[str, dict] = {}
	for row in figures.sums(first, last, (place,), scope, measure):
		owner = units.agency_of(figures.unit_in(row[place], scope, last))
		if owner in found:
			for key, value in row.items():
				if isinstance(value, int):
					found[owner][key] += value
		else:
			found[owner] = {**row, "owner": owner}
	return list(found.values())


def _online_targets(year: int) -> dict[str, float]:
	rows = frappe.get_all(
		"Service Target",
		{"year": year, "metric": "Online Share", "scope": ("in", ("Province", "Agency", "Locality"))},
		["unit", "value"],
		limit=0,
	)
	return {row.unit or "": row.value for row in rows}


def dossiers(names: Sequence[str]) -> list[dict]:
	"""What a list of dossiers shows."""
	rows = []
	for start in range(0, min(len(names), MOST_ROWS), 1000):
		rows += frappe.get_all(
			"Dossier",
			{"name": ("in", names[start : start + 1000])},
			[
				"name",
				"code",
				"procedure_name",
				"applicant_name",
				"channel",
				"receiving_unit",
				"deciding_unit",
				"received_at",
				"due_at",
				"ended_at",
				"status",
				"outcome",
			],
			limit=0,
		)
	for row in _named(rows, "receiving_unit", "deciding_unit"):
		row["status_text"], row["outcome_text"], row["channel_text"] = (
			_(row.status),
			_(row.outcome or ""),
			_(row.channel),
		)
	return sorted(rows, key=lambda row: (row.received_at, row.code or ""))
