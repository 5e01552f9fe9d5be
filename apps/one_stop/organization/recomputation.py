"""What a changed calendar does to running dossiers: told before it is saved, carried out in a job after it.

The due date a dossier was promised stays on record; the one that is worked towards follows the calendar
(the ledger gets one event a dossier, with the calendar's revision).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from time import monotonic
from typing import Any

import frappe
from frappe import _
from frappe.translate import get_user_lang
from frappe.utils import getdate, now_datetime

from one_stop.organization import units, working_time
from one_stop.organization.calendar import Scope, WorkingCalendar
from one_stop.organization.calendar_rows import layer_of

# Drafts that were handed in too: their acknowledgement is due in working hours.
RUNNING = ("Draft", "Received", "In Process", "Awaiting Supplement", "Awaiting Payment")
# A person waits in front of the form: beyond this the preview says that it saw only a part.
MOST_SECONDS = 8
SHOWN_EXAMPLES = 10
# Progress bars need no more; each step is a message to the browser.
PROGRESS_STEPS = 100


@dataclass(slots=True)
class Impact:
	"""What saving a calendar would do: `running` dossiers follow it, `changed` of them get another due date."""

	running: int = 0
	looked_at: int = 0
	later: int = 0
	earlier: int = 0
	too_many: bool = False
	examples: list[dict[str, Any]] = field(default_factory=list)

	@property
	def changed(self) -> int:
		return self.later + self.earlier


def impact_of(doc: Any) -> Impact:
	"""What saving this Working Calendar would do to the due dates of running dossiers; nothing is written.

	Only dossiers with a changed day between receipt and due date are counted again: no other due date can
	move. Raises CalendarError for rows that are wrong, and whatever the clock refuses of a dossier.
	"""
	from one_stop.dossiers.ledger import result_of

	scope = Scope.read(doc.scope)
	following = working_time.units_following(doc.name, scope)
	before = working_time.CALENDARS.get().layers.get(doc.name)
	if before and before[0].scope is not scope:
		following = list(
			dict.fromkeys([*following, *working_time.units_following(doc.name, before[0].scope)])
		)
	dossiers = running_dossiers(following)
	impact = Impact(running=len(dossiers))
	if before and before[0] == layer_of(doc):
		return impact
	calendar_if_saved = working_time.calendars_if_saved(doc)
	touched = _touched(dossiers, following, calendar_if_saved)
	now, started = now_datetime(), monotonic()
	for dossier in touched:
		if monotonic() - started > MOST_SECONDS:
			impact.too_many = True
			break
		impact.looked_at += 1
		result = result_of(dossier.name, now, calendar_if_saved)
		due = result.due if result else None
		if due is None or due == dossier.due_at:
			continue
		impact.later += due > dossier.due_at
		impact.earlier += due < dossier.due_at
		if len(impact.examples) < SHOWN_EXAMPLES:
			impact.examples.append({"code": dossier.code, "old_due": dossier.due_at, "new_due": due})
	return impact


def running_dossiers(following: Iterable[str]) -> list[Any]:
	"""Running dossiers whose due date rests on the calendar of one of these units, the next due first.

	That is the calendar of the unit that received them, or of a unit that has a step of them. Returns rows
	with `name, code, received_at, due_at, clock_state, receiving_unit, calendar_revision`.
	"""
	following = set(following)
	if not following:
		return []
	# The count is for whoever may change a calendar; codes aside nothing of a dossier is told.
	rows = frappe.get_all(
		"Dossier",
		filters={"status": ["in", RUNNING]},
		or_filters=[["received_at", "is", "set"], ["submitted_at", "is", "set"]],
		fields=[
			"name",
			"code",
			"received_at",
			"due_at",
			"clock_state",
			"receiving_unit",
			"calendar_revision",
		],
		order_by="due_at asc, name asc",
	)
	elsewhere = {row.name for row in rows if row.receiving_unit not in following}
	if elsewhere:
		elsewhere &= set(
			frappe.get_all(
				"Dossier Step",
				filters={
					"unit": ["in", sorted(following)],
					"status": ["in", ["Waiting", "Open", "In Progress"]],
				},
				pluck="dossier",
				distinct=True,
			)
		)
	return [row for row in rows if row.receiving_unit in following or row.name in elsewhere]


def _touched(
	dossiers: list[Any],
	following: list[str],
	calendar_if_saved: Callable[[str | None, date, date], WorkingCalendar],
) -> list[Any]:
	"""The dossiers that have a day which would change between their receipt and their due date."""
	if not dossiers:
		return []
	first = min(getdate(row.received_at) for row in dossiers)
	last = max([getdate(row.due_at) for row in dossiers if row.due_at] or [getdate()])
	changed: list[date] = []
	known = working_time.CALENDARS.get()
	seen: set[tuple[str, ...]] = set()
	for unit in following:
		names = tuple(known.names(unit))
		if names not in seen:
			seen.add(names)
			now = working_time.calendar_for(unit, first, last)
			then = calendar_if_saved(unit, first, last)
			changed += days_that_differ(now, then)
	if not changed:
		return []
	low, high = min(changed), max(changed)
	return [
		row
		for row in dossiers
		if row.due_at
		and row.received_at
		and getdate(row.received_at) <= high
		and (getdate(row.due_at) >= low or row.clock_state == "Paused")
	]


def days_that_differ(one: WorkingCalendar, other: WorkingCalendar) -> tuple[date, ...]:
	"""The first and the last day on which two calendars count other hours; empty where there is none."""
	first, last = max(one.first_day, other.first_day), min(one.last_day, other.last_day)
	days = [
		day
		for day in map(date.fromordinal, range(first.toordinal(), last.toordinal() + 1))
		if one.windows_on(day) != other.windows_on(day)
	]
	return (days[0], days[-1]) if days else ()


def enqueue_recomputation(
	calendar: str | None = None, unit: str | None = None, national: bool = False
) -> None:
	"""After this transaction, recompute in a job the running dossiers that follow a calendar, or a unit's.

	`national`: the calendar is one for everybody, or was.
	"""
	if not frappe.db.exists("Dossier", {"status": ["in", RUNNING]}):
		return
	mark = frappe.generate_hash(length=10)
	frappe.enqueue(
		"one_stop.organization.recomputation.recompute",
		queue="long",
		timeout=6 * 3600,
		enqueue_after_commit=True,
		job_id=f"recompute-due-dates-{mark}",
		calendar=calendar,
		unit=unit,
		national=national,
		mark=mark,
	)


def recompute(
	calendar: str | None = None, unit: str | None = None, national: bool = False, mark: str = ""
) -> dict[str, int]:
	"""Job: have every running dossier that follows this calendar, or a unit's, follow it anew.

	Each dossier is a transaction of its own: one that cannot be recomputed is logged and does not hold up
	the others. `mark` names this change, so that a job that is run twice writes no second event.

	:returns: how many dossiers were recomputed (`total`), got another due date (`changed`), or `failed`
	"""
	frappe.local.lang = get_user_lang(frappe.session.user)
	if calendar:
		following = working_time.units_following(calendar, Scope.NATIONAL if national else Scope.UNIT)
	else:
		following = units.descendants(unit or "")
	return _follow(running_dossiers(following), mark, calendar)


def recompute_outdated() -> dict[str, int]:
	"""Daily: recompute the running dossiers that a job which was killed has left at an older revision."""
	rows = [
		row
		for row in running_dossiers(units.TREE.get())
		if (row.calendar_revision or "") != working_time.revision_for(row.receiving_unit)[:140]
	]
	return _follow(rows, frappe.generate_hash(length=10))


def _follow(rows: list[Any], mark: str, calendar: str | None = None) -> dict[str, int]:
	from one_stop.dossiers.command import on_behalf_of_system
	from one_stop.dossiers.lifecycle import follow_calendar

	# Reading opened a snapshot; every command begins its own transaction.
	frappe.db.rollback()
	counts = {"total": len(rows), "changed": 0, "failed": 0}
	step = max(1, len(rows) // PROGRESS_STEPS)
	for done, row in enumerate(rows, 1):
		for snapshot in (working_time.CALENDARS, units.TREE):
			snapshot.look_again()
		try:
			with on_behalf_of_system():
				follow_calendar(row.name, client_key=f"calendar:{mark}:{row.name}")
			counts["changed"] += frappe.db.get_value("Dossier", row.name, "due_at") != row.due_at
		except Exception:
			frappe.db.rollback()
			counts["failed"] += 1
			frappe.log_error(
				title="Recomputing a due date", reference_doctype="Dossier", reference_name=row.name
			)
			frappe.db.commit()
		if done % step == 0 and done < len(rows):
			_tell_progress(calendar, done, len(rows))
	_tell_end(calendar, counts)
	return counts


def _tell_progress(calendar: str | None, done: int, total: int) -> None:
	frappe.publish_progress(
		done * 100 / total,
		title=_("Recomputing Due Dates"),
		doctype="Working Calendar" if calendar else None,
		docname=calendar,
		description=_("{0} of {1} dossiers").format(done, total),
	)


def _tell_end(calendar: str | None, counts: dict[str, int]) -> None:
	if counts["total"]:
		frappe.publish_progress(100, title=_("Recomputing Due Dates"))
	frappe.publish_realtime(
		"one_stop_calendar_recomputed", {"calendar": calendar, **counts}, user=frappe.session.user
	)
