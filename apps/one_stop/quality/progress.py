"""Facts of QĐ 766 2.1: which dossiers of a period went on in time, done and in progress."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import frappe
from frappe.utils import now_datetime

from one_stop.dossiers import clock, ledger
from one_stop.quality.scoring import ProgressFacts

BATCH = 1000
SUPPLEMENT = "supplement"
NEVER_COUNTED = ("Draft", "Not Received")


def of_period(
	units: frozenset[str], begins: datetime, ends: datetime
) -> tuple[dict[str, ProgressFacts], datetime]:
	"""What 2.1 asks of each dossier, by its name, that the units decide and that was received or processed in a period, and against which
	moment what is unfinished is held: the period's end, or now while it runs, since what has not happened yet
	cannot be late.
	"""
	dossier = frappe.qb.DocType("Dossier")
	rows = (
		frappe.qb.from_(dossier)
		.select(dossier.name, dossier.due_at, dossier.ended_at, dossier.supplement_count, dossier.status)
		.where(
			dossier.deciding_unit.isin(list(units))
			& (dossier.received_at < ends)
			& (dossier.ended_at.isnull() | (dossier.ended_at >= begins))
			& dossier.received_at.isnotnull()
			& dossier.status.notin(list(NEVER_COUNTED))
		)
	).run(as_dict=True)
	end = min(ends - timedelta(seconds=1), now_datetime())
	asked = _asked_at([row.name for row in rows if row.status == "Awaiting Supplement"])
	return {row.name: facts_of(row, asked.get(row.name), end) for row in rows}, end


def facts_of(row: Any, waiting_since: datetime | None, end: datetime) -> ProgressFacts:
	"""What 2.1 asks of one dossier. Its times are read from the ledger where it has no due date.

	:param waiting_since: when the supplement it waits for was asked for
	"""
	facts = ProgressFacts(
		due=row.due_at,
		ended=row.ended_at,
		supplement_requests=int(row.supplement_count or 0),
		waiting_since=waiting_since,
	)
	if row.due_at:
		return facts
	stop = min(row.ended_at or waiting_since or end, end)
	return _with_times(facts, row.name, stop)


def _with_times(facts: ProgressFacts, dossier: str, stop: datetime) -> ProgressFacts:
	"""The working minutes used up to a moment, those of completed supplements, and the longest limit of the version."""
	now = ledger.standing(dossier, stop)
	result = now.result
	if not result or not result.received or not now.terms:
		return facts
	calendar = result.calendar
	limits = [
		clock.same_day_due(calendar, result.received, result.rules)
		if limit.duration is None
		else calendar.add(result.received, limit.duration, result.rules)
		for limit in now.terms.limits
	]
	supplements = [
		pause for pause in result.pauses if pause.cause == SUPPLEMENT and pause.end and pause.end <= stop
	]
	return replace(
		facts,
		elapsed_minutes=max(0, calendar.elapsed(result.received, stop)),
		supplement_minutes=sum(pause.minutes for pause in supplements),
		limit_minutes=calendar.elapsed(result.received, max(limits)) if limits else None,
	)


def _asked_at(dossiers: list[str]) -> dict[str, datetime]:
	"""When each dossier was last asked for a supplement."""
	found: dict[str, datetime] = {}
	for start in range(0, len(dossiers), BATCH):
		for row in frappe.get_all(
			"Dossier Event",
			{"dossier": ("in", dossiers[start : start + BATCH]), "kind": "supplement_requested"},
			["dossier", "at"],
			order_by="sequence asc",
			limit=0,
		):
			found[row.dossier] = row.at
	return found
