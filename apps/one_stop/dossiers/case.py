"""The life of a dossier as a table and a fold: its statuses, the commands that lead from one to another, and
what a sequence of events makes of it.

Pure: nothing of Frappe. `COMMANDS` says which command is possible in which status and which article it rests
on; `fold` reads events, in the order of the ledger, into a `Case`. Time is the business of `clock`.

The statuses are the ten national ones (TrangThaiHoSo). Asking for papers before reception leads to "Awaiting
Supplement" as well, since the applicant is the one to act, and back to "Draft" once they have answered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from typing import Any

from one_stop.dossiers.clock import ClockEvent, EventKind, StepResult, StepStatus, standing


class Status(str, Enum):
	"""Status of a dossier (trạng thái hồ sơ)."""

	DRAFT = "Draft"
	RECEIVED = "Received"
	NOT_RECEIVED = "Not Received"
	IN_PROCESS = "In Process"
	AWAITING_SUPPLEMENT = "Awaiting Supplement"
	AWAITING_PAYMENT = "Awaiting Payment"
	WITHDRAWN = "Withdrawn"
	STOPPED = "Stopped"
	FINISHED = "Finished"
	RETURNED = "Returned"


NATIONAL: Mapping[Status, int] = {status: number for number, status in enumerate(Status, 1)}
ENDED = frozenset({Status.NOT_RECEIVED, Status.WITHDRAWN, Status.STOPPED, Status.RETURNED})
RUNNING = frozenset({Status.RECEIVED, Status.IN_PROCESS})
WAITING = frozenset({Status.AWAITING_SUPPLEMENT, Status.AWAITING_PAYMENT})
# What form 06 and QĐ 766 call settled: nothing is owed to the applicant but the result itself.
SETTLED = ENDED | {Status.FINISHED}

RECEPTION, APPROVAL, RETURN, PAYMENT, LINKED = "Reception", "Approval", "Return", "Payment", "Linked"


@dataclass(frozen=True, slots=True)
class Command:
	"""A command of the lifecycle: from which statuses it is possible, and the event it appends.

	`action` is the name of the workflow action that stands for it, where the desk's workflow knows it.
	`undoable` commands can be taken back while the national status is the same as before them.
	"""

	name: str
	event: str
	sources: frozenset[Status]
	article: str
	action: str = ""
	undoable: bool = False


def _commands(*rows: tuple) -> dict[str, Command]:
	return {
		name: Command(name, event, frozenset(sources), article, action, undoable)
		for name, event, sources, article, action, undoable in rows
	}


_OPEN = (Status.RECEIVED, Status.IN_PROCESS)
_WORK = (*_OPEN, Status.AWAITING_PAYMENT)
_LIVE = (*_OPEN, Status.AWAITING_SUPPLEMENT, Status.AWAITING_PAYMENT)

COMMANDS: Mapping[str, Command] = _commands(
	("register", "registered", (Status.DRAFT,), "NĐ 61/2018 art. 16", "", False),
	("acknowledge", "acknowledged", (Status.DRAFT,), "NĐ 45/2020", "", False),
	("receive", "received", (Status.DRAFT,), "NĐ 61/2018 art. 17.1c", "Receive", False),
	(
		"refuse_at_intake",
		"refused",
		(Status.DRAFT, Status.AWAITING_SUPPLEMENT),
		"NĐ 61/2018 art. 17.1b",
		"Refuse at Intake",
		False,
	),
	(
		"request_supplement",
		"supplement_requested",
		(Status.DRAFT, *_OPEN),
		"NĐ 61/2018 art. 15.3, 17.1a, 19.4",
		"Request Supplement",
		False,
	),
	(
		"take_in_supplement",
		"supplement_received",
		(Status.AWAITING_SUPPLEMENT,),
		"NĐ 61/2018 art. 19.4",
		"Take In Supplement",
		False,
	),
	("add_papers", "papers_added", _LIVE, "NĐ 61/2018 art. 17.1, 19.3", "", False),
	("assign", "assigned", _WORK, "NĐ 61/2018 art. 19.1", "", True),
	("claim", "claimed", _WORK, "NĐ 61/2018 art. 19.1", "", True),
	("delegate", "delegated", _WORK, "NĐ 61/2018 art. 17.5, 19.1", "", True),
	("complete_step", "step_completed", _WORK, "NĐ 61/2018 art. 18, 19", "Begin Processing", True),
	("skip_step", "step_skipped", _WORK, "NĐ 61/2018 art. 19", "", True),
	("send_back", "sent_back", _WORK, "NĐ 61/2018 art. 19", "", True),
	("ask_opinion", "opinion_asked", _WORK, "NĐ 61/2018 art. 19.5", "", True),
	("answer_opinion", "opinion_given", _LIVE, "NĐ 61/2018 art. 19.5", "", True),
	(
		"order_obligation",
		"obligation_ordered",
		_OPEN,
		"NĐ 101/2024; NĐ 61/2018 art. 22",
		"Order Financial Obligation",
		False,
	),
	(
		"confirm_payment",
		"obligation_paid",
		(Status.AWAITING_PAYMENT,),
		"NĐ 101/2024; NĐ 61/2018 art. 22",
		"Confirm Payment",
		False,
	),
	(
		"record_fee_payment",
		"fee_paid",
		(*_LIVE, Status.FINISHED, Status.RETURNED, Status.WITHDRAWN, Status.STOPPED),
		"NĐ 61/2018 art. 22",
		"",
		False,
	),
	("extend", "extended", _OPEN, "NĐ 61/2018 art. 19.9", "", False),
	("accept_extension", "extension_accepted", _LIVE, "NĐ 61/2018 art. 19.9", "", False),
	("stop", "stopped", _LIVE, "TT 03/2025/TT-VPCP, form 05", "Stop", False),
	("withdraw", "withdrawn", (Status.DRAFT, *_LIVE), "TrangThaiHoSo 7", "Withdraw", False),
	("finish", "finished", _OPEN, "NĐ 61/2018 art. 19, 20", "Finish with Result", False),
	("refuse", "refused", _OPEN, "NĐ 61/2018 art. 19.8", "Refuse as Result", False),
	("return_result", "returned", (Status.FINISHED,), "NĐ 61/2018 art. 20", "Return Result", False),
	("hand_over_to", "handed_to_unit", (Status.DRAFT, Status.RECEIVED), "NĐ 61/2018 art. 18.3", "", False),
	("correct", "corrected", _OPEN, "NĐ 61/2018 art. 21", "", False),
	("undo", "undone", _LIVE, "TT 01/2018 art. 17", "", False),
	(
		"follow_successor",
		"handed_to_unit",
		(Status.DRAFT, *_LIVE, Status.FINISHED),
		"NĐ 61/2018 art. 18.3; NĐ 118/2025",
		"",
		False,
	),
	("follow_calendar", "calendar_changed", (Status.DRAFT, *_LIVE), "BLLĐ 2019 art. 112", "", False),
	("follow_linked", "linked_moved", _LIVE, "NĐ 61/2018 art. 19.6, 19.7", "", False),
)


@dataclass(frozen=True, slots=True)
class LedgerEvent:
	"""One event of a dossier as the ledger keeps it. `personal` never decides anything here."""

	id: str
	sequence: int
	kind: str
	at: datetime
	actor: str = ""
	unit: str = ""
	step: str = ""
	reason: str = ""
	data: Mapping[str, Any] = field(default_factory=dict)

	def for_clock(self) -> ClockEvent:
		data = {**self.data, "reason": self.reason} if self.reason else self.data
		return ClockEvent(EventKind.known(self.kind), self.at, self.step or None, data, self.id)


@dataclass(frozen=True, slots=True)
class Opinion:
	"""An opinion asked of another unit (lấy ý kiến, NĐ 61/2018 art. 19.5)."""

	id: str
	unit: str
	step: str
	question: str
	asked_at: datetime
	due: datetime | None
	answered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Case:
	"""What the events say about a dossier, times aside.

	`officers` maps the keys of steps to the people who have claimed or were given them. `promise` holds the
	facts of the reception that its receipt states: version, case, channel, units, code, due. `units` maps the
	keys of the dossier's steps to the units that do them, as they were when it was received.
	"""

	status: Status = Status.DRAFT
	submitted_at: datetime | None = None
	received_at: datetime | None = None
	receiver: str = ""
	promise: Mapping[str, Any] = field(default_factory=dict)
	units: Mapping[str, str] = field(default_factory=dict)
	receiving_unit: str = ""
	deciding_unit: str = ""
	officers: Mapping[str, str] = field(default_factory=dict)
	notes: Mapping[str, str] = field(default_factory=dict)
	opinions: tuple[Opinion, ...] = ()
	linked: Mapping[str, str] = field(default_factory=dict)
	supplement_stage: str = ""
	obligations: int = 0
	refused: bool = False
	last: LedgerEvent | None = None

	@property
	def unanswered(self) -> tuple[Opinion, ...]:
		return tuple(opinion for opinion in self.opinions if opinion.answered_at is None)

	def settled_status(self, steps: Iterable[StepResult], kinds: Mapping[str, str]) -> Status:
		"""The status, once it is known which steps are open: an open payment step waits for the applicant."""
		if self.status is not Status.IN_PROCESS:
			return self.status
		waits = any(step.status is StepStatus.OPEN and kinds.get(step.key) == PAYMENT for step in steps)
		return Status.AWAITING_PAYMENT if waits else self.status


def counted(events: Sequence[LedgerEvent]) -> list[LedgerEvent]:
	"""The events that stand: undone ones left out, corrections applied to what they correct."""
	void, corrections = standing([event.for_clock() for event in events])
	kept = []
	for event in events:
		if event.id in void or event.kind in ("undone", "corrected"):
			continue
		if event.id in corrections:
			new = {name: value for name, value in corrections[event.id].items() if name != "of"}
			at = datetime.fromisoformat(str(new.pop("at"))) if "at" in new else event.at
			event = replace(event, at=at, data={**event.data, **new})
		kept.append(event)
	return kept


def fold(events: Sequence[LedgerEvent], kinds: Mapping[str, str] | None = None) -> Case:
	"""Read the events of a dossier, in the order of the ledger, into what they make of it.

	:param kinds: kind of each step by its key; tells the hand-over of the reception from other work
	"""
	kinds = kinds or {}
	case = Case()
	for event in counted(events):
		step = _FOLDS.get(event.kind)
		if step:
			case = replace(case, **step(case, event, kinds))
		if not case.receiving_unit and event.data.get("receiving_unit"):
			# A draft that was never handed in by itself: its first event names the counter it lies at.
			case = replace(case, receiving_unit=event.data["receiving_unit"])
	return replace(case, last=events[-1] if events else None)


def _registered(case: Case, event: LedgerEvent, kinds: Mapping) -> dict:
	return {"submitted_at": event.at, "receiving_unit": event.data.get("receiving_unit") or ""}


def _received(case: Case, event: LedgerEvent, kinds: Mapping) -> dict:
	# A correction of the reception may name another version: the dossier begins its steps anew then.
	return {
		"status": Status.RECEIVED,
		"received_at": event.at,
		"receiver": event.actor,
		"promise": dict(event.data),
		"receiving_unit": event.data.get("receiving_unit") or "",
		"deciding_unit": event.data.get("deciding_unit") or "",
		"units": dict(event.data.get("units") or {}),
		"officers": {
			key: event.actor
			for key in event.data.get("claims") or ()
			if kinds.get(key, RECEPTION) == RECEPTION
		},
	}


def _begun(case: Case, event: LedgerEvent, kinds: Mapping) -> dict:
	"""Work on the dossier makes it "In Process"; claiming the reception step is no work on it yet."""
	if case.status is Status.RECEIVED and (
		event.kind.startswith("step_") or kinds.get(event.step) != RECEPTION
	):
		return {"status": Status.IN_PROCESS}
	return {}


def _taken(case: Case, event: LedgerEvent, kinds: Mapping) -> dict:
	officer = event.data.get("officer") or event.actor
	return {**_begun(case, event, kinds), "officers": {**case.officers, event.step: officer}}


def _completed(case: Case, event: LedgerEvent, kinds: Mapping) -> dict:
	facts = {**_begun(case, event, kinds)}
	if event.actor and event.step not in case.officers:
		facts["officers"] = {**case.officers, event.step: event.actor}
	if event.reason:
		facts["notes"] = {**case.notes, event.step: event.reason}
	return facts


def _sent_back(case: Case, event: LedgerEvent, kinds: Mapping) -> dict:
	"""The step gone back to is its officer's again; the steps after it are nobody's yet."""
	reset = set(event.data.get("reset") or ())
	officers = {key: officer for key, officer in case.officers.items() if key not in reset}
	# A linked step done anew opens a linked dossier anew.
	linked = {key: name for key, name in case.linked.items() if key not in {*reset, event.data.get("to")}}
	return {
		"officers": officers,
		"linked": linked,
		"notes": {**case.notes, str(event.data.get("to")): event.reason},
	}


def _supplement_requested(case: Case, event: LedgerEvent, kinds: Mapping) -> dict:
	stage = event.data.get("stage") or ("appraisal" if case.received_at else "intake")
	return {"status": Status.AWAITING_SUPPLEMENT, "supplement_stage": stage}


def _supplement_received(case: Case, event: LedgerEvent, kinds: Mapping) -> dict:
	if not case.received_at:
		return {"status": Status.DRAFT, "submitted_at": event.at, "supplement_stage": ""}
	waits = case.obligations > 0
	return {"status": Status.AWAITING_PAYMENT if waits else Status.IN_PROCESS, "supplement_stage": ""}


def _obligation_ordered(case: Case, event: LedgerEvent, kinds: Mapping) -> dict:
	return {"status": Status.AWAITING_PAYMENT, "obligations": case.obligations + 1}


def _obligation_paid(case: Case, event: LedgerEvent, kinds: Mapping) -> dict:
	left = max(0, case.obligations - 1)
	return {"status": case.status if left else Status.IN_PROCESS, "obligations": left}


def _ended(status: Status):
	return lambda case, event, kinds: {"status": status}


def _refused(case: Case, event: LedgerEvent, kinds: Mapping) -> dict:
	return {"status": Status.FINISHED if case.received_at else Status.NOT_RECEIVED, "refused": True}


def _finished(case: Case, event: LedgerEvent, kinds: Mapping) -> dict:
	officers = case.officers
	if event.step and event.step not in officers:
		officers = {**officers, event.step: event.actor}
	return {"status": Status.FINISHED, "officers": officers}


def _handed_to_unit(case: Case, event: LedgerEvent, kinds: Mapping) -> dict:
	changed = {name: event.data[name] for name in ("receiving_unit", "deciding_unit") if event.data.get(name)}
	return {**changed, "units": {**case.units, **(event.data.get("units") or {})}}


def _opinion_asked(case: Case, event: LedgerEvent, kinds: Mapping) -> dict:
	due = event.data.get("due")
	opinion = Opinion(
		id=event.id,
		unit=str(event.data.get("unit") or ""),
		step=event.step,
		question=event.reason,
		asked_at=event.at,
		due=datetime.fromisoformat(due) if due else None,
	)
	return {**_begun(case, event, kinds), "opinions": (*case.opinions, opinion)}


def _opinion_given(case: Case, event: LedgerEvent, kinds: Mapping) -> dict:
	asked = str(event.data.get("opinion") or "")
	return {
		"opinions": tuple(
			replace(opinion, answered_at=event.at) if opinion.id == asked else opinion
			for opinion in case.opinions
		)
	}


def _linked_moved(case: Case, event: LedgerEvent, kinds: Mapping) -> dict:
	linked = event.data.get("dossier")
	notes = {**case.notes, event.step: event.reason} if event.reason else case.notes
	return (
		{"linked": {**case.linked, event.step: str(linked)}, "notes": notes} if linked else {"notes": notes}
	)


_FOLDS = {
	"registered": _registered,
	"received": _received,
	"claimed": _taken,
	"assigned": _taken,
	"delegated": _taken,
	"step_completed": _completed,
	"step_skipped": _begun,
	"sent_back": _sent_back,
	"supplement_requested": _supplement_requested,
	"supplement_received": _supplement_received,
	"obligation_ordered": _obligation_ordered,
	"obligation_paid": _obligation_paid,
	"refused": _refused,
	"withdrawn": _ended(Status.WITHDRAWN),
	"stopped": _ended(Status.STOPPED),
	"finished": _finished,
	"returned": _ended(Status.RETURNED),
	"handed_to_unit": _handed_to_unit,
	"opinion_asked": _opinion_asked,
	"opinion_given": _opinion_given,
	"linked_moved": _linked_moved,
}
