"""Inboxes: what waits for a person, a unit or a leader, with counts and remaining time.

Every question goes through `frappe.get_list`, so that a count never tells more than the list behind it.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import frappe
from frappe import _
from frappe.utils import get_datetime, now_datetime

from one_stop import desk
from one_stop.compat import count_permitted
from one_stop.dossiers.clock import remaining_text
from one_stop.organization.working_time import calendar_for

SOON = timedelta(hours=24)  # national practice: orange within 24 hours of the due date (law.md F.3)
MOST_ROWS = 500
RUNNING = ("Received", "In Process")
WAITING = ("Awaiting Supplement", "Awaiting Payment")


@dataclass(frozen=True)
class Person:
	"""Whose inbox it is, and the moment it is looked at."""

	user: str
	units: tuple[str, ...]
	duties: tuple[str, ...]
	counters: tuple[str, ...]
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
	# Nobody's unit is the empty name, so that a person without membership sees an empty inbox.
	return [fieldname, "in", list(values) or [""]]


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
		lambda p: _open(["officer", "=", p.user]),
		WORKERS,
	),
	"unclaimed": Queue(
		"Dossier Step",
		"Unclaimed in My Unit",
		"blue",
		lambda p: _open(["officer", "is", "not set"], _in("unit", p.units), _in("duty", p.duties)),
		WORKERS,
	),
	"to_sign": Queue(
		"Dossier Step",
		"To Sign",
		"blue",
		lambda p: _open(["kind", "=", "Approval"], _in("unit", p.units), _in("duty", p.duties)),
		LEADER,
	),
	"due_today": Queue(
		"Dossier Step",
		"Due Today",
		"orange",
		lambda p: _open(["due_at", "between", [p.now, p.day_end]], _in("unit", p.units)),
		WORKERS,
	),
	"overdue": Queue(
		"Dossier Step",
		"Overdue",
		"red",
		lambda p: _open(["due_at", "<", p.now], _in("unit", p.units)),
		WORKERS,
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
		lambda p: [["status", "in", list(RUNNING)], ["due_at", "between", [p.now, p.soon]]],
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
	return Person(
		user=frappe.session.user,
		units=tuple(mine["units"]),
		duties=tuple(mine["duties"]),
		counters=tuple(dict.fromkeys(counters)),
		now=str(now),
		day_end=str(now.replace(hour=23, minute=59)),
		soon=str(now + SOON),
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

	:param doctype: Dossier or Dossier Step
	:param names: JSON list of document names, at most 500; those the caller may not read are left out
	:returns: ``{name: {text: "còn 2 ngày 3 giờ", state: ok|soon|late|paused|ended}}``
	"""
	fields = {
		"Dossier": ["name", "due_at", "receiving_unit as unit", "clock_state", "outcome"],
		"Dossier Step": ["name", "due_at", "unit", "is_open", "outcome"],
	}.get(doctype)
	if not fields:
		frappe.throw(_("There is no remaining time for {0}").format(doctype))
	wanted = json.loads(names)[:MOST_ROWS]
	rows = frappe.get_list(doctype, filters={"name": ["in", wanted]}, fields=fields, limit=MOST_ROWS)
	now = now_datetime().replace(second=0, microsecond=0)
	return {row.name: _remaining_of(row, now) for row in rows}


def _remaining_of(row, now) -> dict:
	if row.outcome:
		return {"text": _(row.outcome), "state": "late" if row.outcome == "Late" else "ended"}
	if row.get("clock_state") == "Paused":
		return {"text": _("Paused"), "state": "paused"}
	ended = row.get("clock_state") == "Ended" or ("is_open" in row and not row.is_open)
	if ended or not row.due_at or not row.unit:
		return {"text": "", "state": "ended" if ended else "none"}
	due = get_datetime(row.due_at)
	calendar = calendar_for(row.unit, min(now, due).date(), max(now, due).date())
	state = "late" if due < now else "soon" if due - now <= SOON else "ok"
	return {"text": remaining_text(calendar.elapsed(now, due), calendar.day_minutes), "state": state}
