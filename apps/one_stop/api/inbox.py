"""Inboxes: what waits for a person, a unit or a leader, with counts and remaining time.

Every question goes through `frappe.get_list`, so that a count never tells more than the list behind it.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import frappe
from frappe import _
from frappe.utils import get_datetime, now_datetime

from one_stop import desk
from one_stop.compat import count_permitted
from one_stop.dossiers import lifecycle
from one_stop.dossiers.clock import remaining_text
from one_stop.dossiers.exceptions import CommandRefused
from one_stop.filters import among
from one_stop.organization import units
from one_stop.organization.working_time import calendar_for

SOON = timedelta(hours=24)  # national practice: orange within 24 hours of the due date (law.md F.3)
MOST_ROWS = 500
MOST_EVENTS = 1000
CALENDAR_FILTERS = ("status", "procedure", "field", "channel", "receiving_unit", "deciding_unit")
MOST_AT_ONCE = 50
AT_ONCE = ("claim", "assign", "complete_step")
RUNNING = ("Received", "In Process")
WAITING = ("Awaiting Supplement", "Awaiting Payment")


@dataclass(frozen=True)
class Person:
	"""Whose inbox it is, and the moment it is looked at.

	`absent` are the people they stand in for; `former` those who have open steps of their units and duties on record
	without holding the duty any more: nobody works on these until somebody claims them.
	"""

	user: str
	units: tuple[str, ...]
	duties: tuple[str, ...]
	counters: tuple[str, ...]
	absent: tuple[str, ...]
	former: tuple[str, ...]
	now: str
	day_end: str
	soon: str


@dataclass(frozen=True)
class Queue:
	"""One inbox: a list of documents under a label, with the filters that make it."""

	doctype: str
	label: str
	colour: str
	filters: Callable[[Person], list]
	shown_to: Callable[[Person, set], bool]


def _has(*roles: str) -> Callable[[Person, set], bool]:
	return lambda person, held: bool(held & set(roles))


def _open(*more) -> list:
	return [["is_open", "=", 1], *more]


def _in(fieldname: str, values: tuple[str, ...]) -> list:
	# A person without membership sees an empty inbox.
	return [fieldname, *among(values)]


def _nobodys(person) -> list:
	"""Steps that nobody works on: without an officer, or with one who does not hold the duty any more."""
	# The desk drops a filter that holds nothing but the empty name.
	return ["officer", "in", ["", *person.former]] if person.former else ["officer", "is", "not set"]


def _within(first: str, last: str) -> list:
	"""Due from one moment to another. The desk's "between" knows whole days only."""
	return [["due_at", ">=", first], ["due_at", "<=", last]]


CLERK = _has("Reception Clerk")
WORKERS = _has("Reception Clerk", "Processing Officer", "Unit Leader")
LEADER = _has("Unit Leader")
OVERSEERS = _has("Unit Leader", "Monitoring Officer", "One-Stop Administrator")

QUEUES: dict[str, Queue] = {
	"to_receive": Queue(
		"Dossier",
		"To Receive",
		"orange",
		lambda p: [
			["status", "=", "Draft"],
			["submitted_at", "is", "set"],
			_in("receiving_unit", p.counters),
		],
		CLERK,
	),
	"drafts": Queue(
		"Dossier",
		"My Drafts",
		"gray",
		lambda p: [["status", "=", "Draft"], ["owner", "=", p.user]],
		CLERK,
	),
	"mine": Queue(
		"Dossier Step",
		"My Work",
		"blue",
		lambda p: _open(["officer", "in", [p.user, *p.absent]], _in("unit", p.units), _in("duty", p.duties)),
		WORKERS,
	),
	"unclaimed": Queue(
		"Dossier Step",
		"Unclaimed in My Unit",
		"blue",
		lambda p: _open(_nobodys(p), _in("unit", p.units), _in("duty", p.duties)),
		WORKERS,
	),
	"to_sign": Queue(
		"Dossier Step",
		"To Sign",
		"blue",
		# What a colleague has taken is theirs to sign.
		lambda p: _open(
			["kind", "=", "Approval"],
			["officer", "in", ["", p.user, *p.absent, *p.former]],
			_in("unit", p.units),
			_in("duty", p.duties),
		),
		LEADER,
	),
	"due_today": Queue(
		"Dossier Step",
		"Due Today",
		"orange",
		lambda p: _open(*_within(p.now, p.day_end), _in("unit", p.units)),
		WORKERS,
	),
	"overdue": Queue(
		"Dossier Step",
		"Overdue",
		"red",
		lambda p: _open(["due_at", "<", p.now], _in("unit", p.units)),
		WORKERS,
	),
	"opinions": Queue(
		"Dossier Opinion",
		"Opinions Asked of My Unit",
		"orange",
		lambda p: [["status", "=", "Open"], _in("unit", p.units)],
		_has("Processing Officer", "Unit Leader"),
	),
	"awaiting": Queue(
		"Dossier",
		"Waiting for the Applicant",
		"yellow",
		lambda p: [["status", "in", list(WAITING)]],
		_has("Reception Clerk", "Processing Officer", "Unit Leader"),
	),
	"to_return": Queue(
		"Dossier",
		"To Return",
		"green",
		lambda p: [["status", "=", "Finished"], _in("receiving_unit", p.counters)],
		CLERK,
	),
	"running": Queue(
		"Dossier",
		"In Process",
		"blue",
		lambda p: [["status", "in", list(RUNNING + WAITING)]],
		OVERSEERS,
	),
	"near_due": Queue(
		"Dossier",
		"Due within 24 Hours",
		"orange",
		lambda p: [["status", "in", list(RUNNING)], *_within(p.now, p.soon)],
		OVERSEERS,
	),
	"late": Queue(
		"Dossier",
		"Overdue Dossiers",
		"red",
		lambda p: [["status", "in", list(RUNNING)], ["due_at", "<", p.now]],
		OVERSEERS,
	),
}


def person_now() -> Person:
	"""The session's user with today's memberships."""
	mine = desk.memberships_of(frappe.session.user)
	now = now_datetime().replace(second=0, microsecond=0)
	counters = [
		row["unit"]
		for row in mine["memberships"]
		if row["is_one_stop"] or row["duty"] in ("Reception", "Return")
	]
	rows = units.memberships(frappe.session.user, now.date())
	return Person(
		user=frappe.session.user,
		absent=tuple(sorted({row["delegated_by"] for row in rows if row["delegated_by"]})),
		former=_former_officers({(row["duty"], row["unit"]) for row in rows}, now.date()),
		units=tuple(mine["units"]),
		duties=tuple(mine["duties"]),
		counters=tuple(dict.fromkeys(counters)),
		now=str(now),
		day_end=str(now.replace(hour=23, minute=59)),
		soon=str(now + SOON),
	)


def _former_officers(duties: set[tuple[str, str]], day: date) -> tuple[str, ...]:
	"""Who has open steps of these duties and units on record, and does not hold the duty there any more."""
	if not duties:
		return ()
	# Only accounts are read, of steps within the person's own duties.
	rows = frappe.get_all(
		"Dossier Step",
		filters={
			"is_open": 1,
			"officer": ["is", "set"],
			"unit": ["in", sorted({unit for _duty, unit in duties})],
			"duty": ["in", sorted({duty for duty, _unit in duties})],
		},
		fields=["officer", "unit", "duty"],
		distinct=True,
		limit=0,
		order_by=None,
	)
	return tuple(
		sorted({row.officer for row in rows if row.officer not in units.members(row.unit, row.duty, day)})
	)


@frappe.whitelist(methods=["GET"])
def queues(doctype: str | None = None, keys: str | None = None) -> list[dict]:
	"""The inboxes of this person, or those named, with filters and counts.

	:param doctype: only the inboxes over this DocType
	:param keys: JSON list of the keys wanted, whatever the person's roles; counts stay within their rights
	:returns: ``[{key, label, doctype, colour, filters: [[fieldname, operator, value]], count, shown}]``
	"""
	person, held = person_now(), set(frappe.get_roles())
	wanted = json.loads(keys) if keys else None
	answer = []
	for key, queue in QUEUES.items():
		if doctype and queue.doctype != doctype:
			continue
		if key not in wanted if wanted is not None else not queue.shown_to(person, held):
			continue
		filters = queue.filters(person)
		count = count_permitted(queue.doctype, filters)
		answer.append(
			{
				"key": key,
				"label": _(queue.label),
				"doctype": queue.doctype,
				"colour": queue.colour,
				"filters": filters,
				"count": count,
				"shown": f"{count:,}".replace(",", "."),
			}
		)
	return answer


@frappe.whitelist()
def number(filters: str | dict | None = None) -> dict:
	"""The figure of a number card: how many documents one inbox holds.

	:param filters: ``{"queue": key}`` as the card keeps it
	"""
	key = frappe.parse_json(filters or "{}").get("queue")
	if key not in QUEUES:
		frappe.throw(_("There is no such inbox: {0}").format(key), frappe.DoesNotExistError)
	queue = QUEUES[key]
	return {"value": count_permitted(queue.doctype, queue.filters(person_now())), "fieldtype": "Int"}


@frappe.whitelist(methods=["GET"])
def remaining(doctype: str, names: str) -> dict[str, dict]:
	"""Remaining working time of the rows of a list.

	A draft that was handed in online counts to the moment by which it must be answered.

	:param doctype: Dossier, Dossier Step or Dossier Opinion
	:param names: JSON list of document names, at most 500; those the caller may not read are left out
	:returns: ``{name: {text: "còn 2 ngày 3 giờ", state: ok|soon|late|paused|ended, officer}}``, `officer` being
		the name of whoever has a step
	"""
	fields = {
		"Dossier": [
			"name",
			"status",
			"due_at",
			"acknowledgement_due",
			"receiving_unit as unit",
			"clock_state",
			"outcome",
		],
		"Dossier Step": ["name", "due_at", "unit", "is_open", "outcome", "officer"],
		"Dossier Opinion": ["name", "due_at", "unit", "status"],
	}.get(doctype)
	if not fields:
		frappe.throw(_("There is no remaining time for {0}").format(doctype))
	wanted = json.loads(names)[:MOST_ROWS]
	rows = frappe.get_list(doctype, filters={"name": ["in", wanted]}, fields=fields, limit=MOST_ROWS)
	now = now_datetime().replace(second=0, microsecond=0)
	return {row.name: {**_remaining_of(row, now), **_officer_of(row)} for row in rows}


def _officer_of(row) -> dict[str, str]:
	return {"officer": frappe.utils.get_fullname(row.officer)} if row.get("officer") else {}


def _remaining_of(row, now) -> dict[str, str]:
	if row.get("outcome"):
		return {"text": _(row.outcome), "state": "late" if row.outcome == "Late" else "ended"}
	if row.get("clock_state") == "Paused":
		return {"text": _("Paused"), "state": "paused"}
	if row.get("status") == "Draft":
		left = _left(row.acknowledgement_due, row.unit, now)
		return {**left, "text": _("answer: {0}").format(left["text"])} if left["text"] else left
	ended = row.get("clock_state") == "Ended" or row.get("status") in ("Answered", "Cancelled")
	if ended or ("is_open" in row and not row.is_open):
		return {"text": "", "state": "ended"}
	return _left(row.due_at, row.unit, now)


def _left(due_at, unit: str | None, now) -> dict[str, str]:
	"""Working time of a unit until a moment, in words, with the colour of the traffic light."""
	if not due_at or not unit:
		return {"text": "", "state": "none"}
	due = get_datetime(due_at)
	calendar = calendar_for(unit, min(now, due).date(), max(now, due).date())
	state = "late" if due < now else "soon" if due - now <= SOON else "ok"
	return {"text": remaining_text(calendar.elapsed(now, due), calendar.day_minutes), "state": state}


# Many at once


@frappe.whitelist(methods=["POST"])
def many(
	command: str, steps: str, client_key: str, note: str | None = None, officer: str | None = None
) -> dict:
	"""One command on the steps chosen in the inbox; each is a command of its own, so one refused holds up no other.

	:param command: claim, assign or complete_step
	:param steps: JSON list of names of Dossier Steps, at most 50
	:param officer: to whom, for assign
	:returns: ``{done: [name], refused: [{code, why}]}``
	"""
	if command not in AT_ONCE:
		frappe.throw(_("“{0}” is not done for many at once.").format(command), CommandRefused)
	names = frappe.parse_json(steps)
	if not isinstance(names, list) or len(names) > MOST_AT_ONCE:
		frappe.throw(_("Choose between 1 and {0} steps.").format(MOST_AT_ONCE), CommandRefused)
	rows = frappe.get_list(
		"Dossier Step",
		filters={"name": ["in", names]},
		fields=["name", "dossier", "dossier_code", "step_key"],
		limit=MOST_AT_ONCE,
	)
	facts = {"claim": {}, "assign": {"officer": officer, "note": note}, "complete_step": {"note": note}}[
		command
	]
	done, refused = [], []
	for row in rows:
		key = f"{client_key[:100]}:{row.name}"
		try:
			getattr(lifecycle, command)(row.dossier, client_key=key, step=row.step_key, **facts)
			done.append(row.name)
		except (frappe.ValidationError, frappe.PermissionError) as error:
			frappe.db.rollback()
			frappe.clear_messages()
			refused.append({"code": row.dossier_code, "why": str(error)})
	return {"done": done, "refused": refused}


# Calendar


@frappe.whitelist(methods=["GET"])
def due_dates(
	start: str, end: str, doctype: str = "Dossier", filters: str | None = None, **view
) -> list[dict]:
	"""The dossiers whose result is promised for the days of a calendar, as far as the reader may see them.

	:param filters: those of the view; only fields that hold nothing personal are followed
	:returns: ``[{name, title, start, end, allDay, state}]``, at most 1,000, the earliest first
	"""
	asked = [
		[row[1], row[2], row[3]]
		for row in frappe.parse_json(filters or "[]")
		if isinstance(row, list) and len(row) >= 4 and row[0] == "Dossier" and row[1] in CALENDAR_FILTERS
	]
	rows = frappe.get_list(
		"Dossier",
		filters=[*asked, ["due_at", "between", [start[:10], end[:10]]]],
		fields=["name", "code", "applicant_name", "procedure_name", "due_at", "status", "outcome"],
		order_by="due_at asc",
		limit=MOST_EVENTS,
	)
	now = now_datetime()
	return [
		{
			"name": row.name,
			"title": f"{row.applicant_name} – {row.procedure_name}",
			"start": str(row.due_at),
			"end": str(row.due_at + timedelta(minutes=30)),
			"allDay": 0,
			"state": _state_of(row, now),
		}
		for row in rows
	]


def _state_of(row, now) -> str:
	if row.outcome:
		return "late" if row.outcome == "Late" else "ended"
	if row.status in WAITING:
		return "paused"
	return "late" if row.due_at < now else "soon" if row.due_at - now <= SOON else "ok"
