"""The ledger of a dossier: reading its events, chaining them by hash, and recomputing from them.

Every event carries the hash of the one before it. The hash covers the facts that decide anything, and of the
personal ones (the reason in words, names, addresses) only a salted digest: erasing them as the law asks leaves
the chain valid, and nobody can guess them from the digest.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import frappe
from frappe import _
from frappe.utils import get_datetime, getdate

from one_stop.dossiers import case as cases
from one_stop.dossiers.case import Case, LedgerEvent, Status
from one_stop.dossiers.clock import (
	Calendars,
	ClockResult,
	ClockState,
	Outcome,
	StepStatus,
	Terms,
	compute,
	flag_text,
)
from one_stop.organization import working_time
from one_stop.organization.calendar import ClockRules, RuleSetting, WorkingCalendar, rules_at
from one_stop.procedures import terms as procedure_terms

GENESIS = "0" * 64
CalendarFor = Callable[[str | None, date, date], WorkingCalendar]
FIELDS = (
	"name",
	"dossier",
	"sequence",
	"kind",
	"at",
	"actor",
	"actor_name",
	"unit",
	"duty",
	"step",
	"from_status",
	"to_status",
	"reason",
	"data",
	"personal",
	"personal_digest",
	"client_key",
	"previous_hash",
	"event_hash",
	"salt",
)
# What a calendar decides of a dossier and its steps.
COUNTED = frozenset(
	{
		"acknowledgement_due",
		"applicant_due",
		"calendar_revision",
		"due_at",
		"flags_text",
		"outcome",
		"outcome_by_date",
		"planned_opens_at",
	}
)
STEP_STATUS = {
	StepStatus.WAITING: "Waiting",
	StepStatus.OPEN: "Open",
	StepStatus.COMPLETED: "Completed",
	StepStatus.SKIPPED: "Skipped",
	StepStatus.CANCELLED: "Cancelled",
}
OUTCOME = {Outcome.EARLY: "Early", Outcome.ON_TIME: "On Time", Outcome.LATE: "Late"}
CLOCK_STATE = {
	ClockState.NOT_STARTED: "",
	ClockState.RUNNING: "Running",
	ClockState.PAUSED: "Paused",
	ClockState.ENDED: "Ended",
}


def canonical(data: Mapping[str, Any] | None) -> str:
	"""JSON with one spelling: sorted keys, no spaces, Vietnamese as it is."""
	return json.dumps(data or {}, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)


def personal_digest(salt: str, row: Mapping[str, Any]) -> str:
	"""Salted digest of what an erasure may take out of an event: its words, names and personal facts."""
	words = "\x1f".join(row.get(name) or "" for name in ("actor_name", "reason", "personal"))
	return hashlib.sha256(f"{salt}\x1f{words}".encode()).hexdigest()


def contents_digest(salt: str, contents: Any) -> str:
	"""Salted digest of what a dossier holds: papers, scans and answers cannot be changed unseen, nor guessed."""
	text = json.dumps(contents, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
	return hashlib.sha256(f"{salt}\x1f{text}".encode()).hexdigest()


def event_hash(row: Mapping[str, Any]) -> str:
	"""Hash of an event: everything that decides, the digest of what is personal, and the hash before it."""
	moment = get_datetime(row["at"])
	parts = (
		row["name"],
		row["dossier"],
		str(row["sequence"]),
		row["kind"],
		moment.isoformat(sep=" ", timespec="seconds"),
		row.get("actor") or "",
		row.get("unit") or "",
		row.get("duty") or "",
		row.get("step") or "",
		row.get("from_status") or "",
		row.get("to_status") or "",
		row.get("data") or "",
		row.get("personal_digest") or "",
		row.get("client_key") or "",
		row["previous_hash"],
	)
	return hashlib.sha256("\x1e".join(parts).encode()).hexdigest()


def rows_of(dossier: str) -> list:
	"""All events of a dossier in the order of the ledger."""
	return frappe.get_all(
		"Dossier Event",
		filters={"dossier": dossier},
		fields=list(FIELDS),
		order_by="sequence asc",
		limit=0,
	)


def event_of(row: Mapping[str, Any]) -> LedgerEvent:
	"""A row of Dossier Event as the pure modules take it."""
	return LedgerEvent(
		id=row["name"],
		sequence=row["sequence"],
		kind=row["kind"],
		at=get_datetime(row["at"]),
		actor=row.get("actor") or "",
		unit=row.get("unit") or "",
		step=row.get("step") or "",
		reason=row.get("reason") or "",
		data=json.loads(row["data"]) if row.get("data") else {},
	)


# Recomputing


@dataclass(frozen=True, slots=True)
class Standing:
	"""Where a dossier stands by its events: the case, the clock, and the terms both follow."""

	case: Case
	status: Status
	terms: Terms | None
	result: ClockResult | None
	kinds: Mapping[str, str]

	def open_steps(self) -> list:
		"""The results of the steps open now, in the order of the process."""
		if self.result is None or self.status in cases.ENDED:
			return []
		return [step for step in self.result.steps if step.status is StepStatus.OPEN]

	def step(self, key: str):
		steps = self.result.steps if self.result else ()
		return next((step for step in steps if step.key == key), None)

	def term(self, key: str):
		steps = self.terms.steps if self.terms else ()
		return next((step for step in steps if step.key == key), None)


def answers_of(dossier: str) -> dict[str, str]:
	"""The answers of a dossier's electronic form by field name."""
	rows = frappe.get_all(
		"Dossier Answer",
		filters={"parent": dossier, "parenttype": "Dossier"},
		fields=["fieldname", "value"],
		limit=0,
	)
	return {row.fieldname: row.value for row in rows}


def pinned_rules(case: Case) -> ClockRules:
	"""The dated rules as they were when the dossier was received; today's before that."""
	day = getdate(case.received_at or case.submitted_at)
	pinned = case.promise.get("rules")
	if not pinned:
		return working_time.rules_on(day)
	return rules_at(
		[RuleSetting(rule, value, getdate(begins), article) for rule, value, begins, article in pinned], day
	)


def pinned_terms(case: Case, answers: Mapping[str, str] | Callable[[], Mapping[str, str]]) -> Terms | None:
	"""The terms of the version a dossier follows, its steps done by the units they had at reception."""
	version = case.promise.get("version")
	if not version:
		return None
	found = procedure_terms.terms_for(
		version,
		case.receiving_unit,
		case.deciding_unit,
		case.promise.get("case") or "",
		channel=case.promise.get("channel") or "",
		answers=answers() if callable(answers) else answers,
	)
	return with_units(found, case.units)


def with_units(terms: Terms, pinned: Mapping[str, str]) -> Terms:
	"""The terms with the units that a dossier's steps were given, whatever the tree of units is today."""
	steps = tuple(replace(step, unit=pinned.get(step.key, step.unit)) for step in terms.steps)
	return replace(terms, steps=steps)


def calendars_of(
	terms: Terms | None, receiving_unit: str, first: date, last: date, calendar_for: CalendarFor
):
	"""The calendars a dossier is counted by: the receiving unit's, and those of its steps' units."""
	others = {step.unit for step in terms.steps if step.unit} if terms else set()
	return Calendars(
		calendar_for(receiving_unit, first, last),
		{unit: calendar_for(unit, first, last) for unit in others if unit != receiving_unit},
	)


def standing_of(
	events: list[LedgerEvent],
	answers: Mapping[str, str] | Callable[[], Mapping[str, str]],
	at: datetime,
	calendar_for: CalendarFor | None = None,
	*,
	explain: bool = False,
) -> Standing:
	"""Read events into where the dossier stands at a moment. Raises what `clock.compute` raises."""
	calendar_for = calendar_for or working_time.calendar_for
	case = cases.fold(events)
	terms = pinned_terms(case, answers)
	kinds = {step.key: step.kind for step in terms.steps} if terms else {}
	if kinds:
		case = cases.fold(events, kinds)
	unit = case.receiving_unit
	if not events or not unit:
		return Standing(case, case.status, terms, None, kinds)
	first = min(event.at for event in events).date()
	calendars = calendars_of(terms, unit, first, max(at.date(), first), calendar_for)
	result = compute(
		[event.for_clock() for event in events],
		terms or Terms(),
		calendars,
		pinned_rules(case),
		at,
		channel=case.promise.get("channel") or "",
		case=case.promise.get("case") or "",
		explain=explain,
	)
	status = case.settled_status(result.steps, kinds)
	return Standing(case, status, terms, result, kinds)


def standing(
	dossier: str, at: datetime | None = None, *, explain: bool = False, calendar_for=None
) -> Standing:
	"""Where a dossier stands at a moment (now), from its events."""
	return read(dossier, at, explain=explain, calendar_for=calendar_for)[0]


def read(
	dossier: str, at: datetime | None = None, *, explain: bool = False, calendar_for=None
) -> tuple[Standing, list, list[LedgerEvent]]:
	"""`standing`, with the rows and events of the ledger that it was read from."""
	rows = rows_of(dossier)
	events = [event_of(row) for row in rows]
	moment = at or frappe.utils.now_datetime()
	now = standing_of(events, lambda: answers_of(dossier), moment, calendar_for, explain=explain)
	return now, rows, events


def result_of(
	dossier: str, at: datetime, calendar_for: CalendarFor = working_time.calendar_for
) -> ClockResult | None:
	"""The clock of a dossier at a moment, counted by any calendars: what a change of them would give."""
	return standing(dossier, at, calendar_for=calendar_for).result


def dossier_fields(now: Standing, events: list[LedgerEvent], last_hash: str) -> dict[str, Any]:
	"""The fields of a dossier that follow from its events."""
	case, result = now.case, now.result
	open_steps = now.open_steps()
	current = [step for step in open_steps if now.kinds.get(step.key) != cases.RETURN] or open_steps
	received = result is not None and result.received is not None
	ended = result.ended_at if result else None
	fields: dict[str, Any] = {
		"status": now.status.value,
		"national_status": cases.NATIONAL[now.status],
		"event_count": len(events),
		"last_hash": last_hash,
		"submitted_at": case.submitted_at,
		"acknowledgement_due": result.acknowledgement_due if result else None,
		"applicant_due": result.applicant_due if result else None,
		"clock_state": CLOCK_STATE[result.state] if result else "",
		"ended_at": ended,
		"supplement_count": result.intake_supplements + result.appraisal_supplements if result else 0,
		"extension_count": result.extension_count if result else 0,
		"flags_text": "\n".join(sorted(flag_text(flag) for flag in result.flags)) if result else "",
		"current_step": ", ".join(step.title for step in current)[:140],
		"current_unit": next((step.unit for step in current if step.unit), None),
		"current_officer": next((case.officers[s.key] for s in current if s.key in case.officers), None),
	}
	if case.receiving_unit:
		fields["receiving_unit"] = case.receiving_unit
	if result is not None:
		fields["calendar_revision"] = (result.calendar.revision or "")[:140]
	if received:
		promise = case.promise
		settled = now.status in cases.SETTLED
		fields |= {
			"code": promise.get("code"),
			"procedure_version": promise.get("version"),
			"case_name": promise.get("case") or "",
			"channel": promise.get("channel"),
			"deciding_unit": case.deciding_unit or None,
			"receiver": case.receiver,
			"received_at": result.received,
			"due_at": result.due,
			"original_due_at": result.original_due,
			"finished_at": ended if now.status in (Status.FINISHED, Status.RETURNED) else None,
			"returned_at": result.returned_at,
			"outcome": OUTCOME.get(result.by_timestamp, "") if settled else "",
			"outcome_by_date": OUTCOME.get(result.by_date, "") if settled else "",
		}
	return fields


def step_fields(now: Standing) -> dict[str, dict[str, Any]]:
	"""The fields of a dossier's steps that follow from its events, by key."""
	if now.result is None:
		return {}
	workable = now.status in (*cases.RUNNING, Status.AWAITING_PAYMENT)
	found = {}
	for step in now.result.steps:
		opened = step.status is StepStatus.OPEN
		officer = now.case.officers.get(step.key)
		status = STEP_STATUS[step.status]
		if now.status in cases.ENDED and step.status in (StepStatus.OPEN, StepStatus.WAITING):
			status = "Cancelled"
		elif opened and officer:
			status = "In Progress"
		started = opened or step.status in (StepStatus.COMPLETED, StepStatus.SKIPPED)
		found[step.key] = {
			"status": status,
			"is_open": int(opened and workable and bool(step.unit)),
			"officer": officer,
			"unit": step.unit,
			"round": step.round,
			"opened_at": step.opens if started else None,
			"planned_opens_at": step.opens,
			"due_at": step.due,
			"completed_at": step.completed,
			"outcome": OUTCOME.get(step.outcome, "") if step.completed else "",
			"note": now.case.notes.get(step.key),
		}
	return found


# Verifying


@dataclass(frozen=True, slots=True)
class Finding:
	"""What does not verify: the dossier, the event by its number (None: a stored field), and why."""

	dossier: str
	code: str
	sequence: int | None
	what: str


def verify(dossier: str) -> list[Finding]:
	"""Check the chain of a dossier and that recomputing from its events gives the stored fields."""
	stored = frappe.db.get_value("Dossier", dossier, "*", as_dict=True)
	rows = rows_of(dossier)
	code = stored.code or ""
	findings = [Finding(dossier, code, sequence, what) for sequence, what in broken_links(rows)]
	if findings:
		return findings
	last = rows[-1]["event_hash"] if rows else ""
	if (stored.last_hash or "") != last or (stored.event_count or 0) != len(rows):
		return [Finding(dossier, code, len(rows), _("Events are missing at the end of the chain."))]
	if not rows:
		begun = stored.status != Status.DRAFT.value or stored.code
		return [Finding(dossier, code, 1, _("Its events are missing."))] if begun else []
	events = [event_of(row) for row in rows]
	# A receipt by post lies before the moment it was written down, and what follows was computed then.
	moments = [get_datetime(event.data.get("computed_at") or event.at) for event in events]
	now = standing_of(events, lambda: answers_of(dossier), max(moments))
	# A calendar corrected after a dossier ended moves nothing of it: its dates were counted by the revision it keeps.
	recounted = bool(now.result) and now.status in cases.SETTLED
	other_calendar = recounted and (
		(stored.calendar_revision or "") != now.result.calendar.revision[:140]
		or working_time.changed_since(
			{step.unit for step in now.result.steps if step.unit}, now.result.ended_at or max(moments)
		)
	)
	if not contents_verify(rows, dossier, now):
		what = _("Its papers or answers are not those that the last event found.")
		findings.append(Finding(dossier, code, None, what))
	for name, value in dossier_fields(now, events, last).items():
		if other_calendar and name in COUNTED:
			continue
		if not same(stored.get(name), value):
			what = _("{0} is {1}, but the events give {2}.").format(name, stored.get(name), value)
			findings.append(Finding(dossier, code, None, what))
	steps = {
		row.step_key: row
		for row in frappe.get_all("Dossier Step", filters={"dossier": dossier}, fields=["*"], limit=0)
	}
	for key, wanted in step_fields(now).items():
		for name, value in wanted.items():
			if other_calendar and name in COUNTED:
				continue
			if not same(steps.get(key, {}).get(name), value):
				what = _("{0} of step {1} is {2}, but the events give {3}.").format(
					name, key, steps.get(key, {}).get(name), value
				)
				findings.append(Finding(dossier, code, None, what))
	return findings


def contents_verify(rows: list, dossier: str, now: Standing) -> bool:
	"""Whether papers and answers are those of the last event that took note of them.

	Nothing is held against a dossier whose words were erased by law.
	"""
	from one_stop.dossiers.intake import contents_of

	for row in reversed(rows):
		kept = json.loads(row.get("data") or "{}").get("contents")
		if kept:
			return not row.get("salt") or kept == contents_digest(row["salt"], contents_of(dossier))
	return True


KEPT_FILES = (
	("Dossier Component", "parent", "component_name"),
	("Dossier Result", "dossier", "result_name"),
	("Dossier Letter", "dossier", "form"),
)


def verify_files(dossier: str) -> list[Finding]:
	"""Check that the stored files of a dossier are those whose SHA-256 stands on record. Reads every file."""
	from one_stop.dossiers.intake import sha256_of

	code = frappe.db.get_value("Dossier", dossier, "code") or ""
	findings = []
	for doctype, link, label in KEPT_FILES:
		rows = frappe.get_all(
			doctype,
			filters={link: dossier, "file": ["is", "set"], "sha256": ["is", "set"]},
			fields=["file", "sha256", f"{label} as label"],
			limit=0,
		)
		for row in rows:
			try:
				found = sha256_of(row.file)
			except (OSError, frappe.DoesNotExistError):
				found = None
			if found != row.sha256:
				what = (
					_("The file of “{0}” is missing.")
					if found is None
					else _("The file of “{0}” was changed.")
				)
				findings.append(Finding(dossier, code, None, what.format(_(row.label))))
	return findings


def broken_links(rows: list) -> Iterator[tuple[int, str]]:
	"""The first event of a chain that does not verify, with why; nothing for a sound chain."""
	previous = GENESIS
	for number, row in enumerate(rows, 1):
		if row["sequence"] != number:
			yield number, _("Event {0} is missing.").format(number)
			return
		erased = not row.get("salt")
		left = any(row.get(name) for name in ("actor_name", "reason", "personal"))
		digest = personal_digest(row.get("salt") or "", row)
		if left if erased else digest != row["personal_digest"]:
			yield number, _("The words of event {0} were changed.").format(number)
			return
		if row["previous_hash"] != previous or event_hash(row) != row["event_hash"]:
			yield number, _("Event {0} ({1}) was changed.").format(number, row["kind"])
			return
		previous = row["event_hash"]


def same(stored: Any, computed: Any) -> bool:
	"""Whether a stored value is the computed one; nothing, zero and the empty text are the same."""
	if isinstance(computed, datetime) or isinstance(stored, datetime):
		return (get_datetime(stored) if stored else None) == (get_datetime(computed) if computed else None)
	return (stored or None) == (computed or None) or str(stored or "") == str(computed or "")
