"""The boundary of a command: one transaction, one dossier locked, one event appended, all of it or nothing.

The request's own reads opened a snapshot, so the boundary rolls back and begins again under READ COMMITTED;
the dossier's row is locked by the first statement, the counter of codes by the last. Deadlocks, lock time-outs
and error 1020 (MariaDB's snapshot isolation) repeat the whole command. A repeated client key gives the first
answer again. Only `lifecycle` makes turns.
"""

import contextlib
import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import frappe
import pymysql
from frappe import _
from frappe.utils import get_datetime, now_datetime

from one_stop.dossiers import authority, intake, ledger, numbering
from one_stop.dossiers.case import COMMANDS, SETTLED, LedgerEvent, counted
from one_stop.dossiers.exceptions import (
	ClientKeyMissing,
	ClientKeyReused,
	CommandInsideTransaction,
	CommandRefused,
	ReasonMissing,
)
from one_stop.isolation import RECORD_CHANGED, read_committed
from one_stop.organization import units
from one_stop.organization.calendar import TIME_ZONE, CalendarError

ATTEMPTS = 8
LONGEST_REASON = 2000
WITHDRAWN_WITH_THE_CAUSE = frozenset({"Received", "Deciding", "Step", "Opinion"})
LOCKED = (
	"name",
	"code",
	"status",
	"procedure",
	"receiving_unit",
	"deciding_unit",
	"helped_at",
	"channel",
	"case_name",
	"applicant_user",
	"applicant_name",
	"parent_dossier",
	"root_dossier",
	"parent_step",
	"access_code",
	"procedure_name",
	"event_count",
	"last_hash",
	"is_sample",
)

_system: ContextVar[bool] = ContextVar("one_stop_system", default=False)
_moment: ContextVar[datetime | None] = ContextVar("one_stop_moment", default=None)


@contextlib.contextmanager
def on_behalf_of_system() -> Iterator[None]:
	"""Commands inside are the system's own: jobs, payment notices, linked dossiers. Never around a request's
	arguments: who calls must have decided that the command is due."""
	token = _system.set(True)
	try:
		yield
	finally:
		_system.reset(token)


@contextlib.contextmanager
def as_of(moment: datetime) -> Iterator[None]:
	"""Commands inside happen at a past moment, and without side effects: for sample data and benchmarks."""
	token = _moment.set(moment)
	try:
		yield
	finally:
		_moment.reset(token)


def is_replay() -> bool:
	return _moment.get() is not None


def now() -> datetime:
	"""The moment of a command, to the second."""
	return (_moment.get() or now_datetime()).replace(microsecond=0)


class Turn:
	"""One command on one locked dossier. A command checks, says what happened with `append`, and adds the
	documents that go with it; `write` then stores everything in the order that keeps locks short."""

	def __init__(self, command: str, dossier: str, client_key: str) -> None:
		self.command = COMMANDS[command]
		self.client_key = client_key
		self.row = frappe.db.get_value(
			"Dossier", dossier, LOCKED, as_dict=True, for_update=True, order_by=None
		)
		if not self.row:
			frappe.throw(_("There is no dossier {0}.").format(dossier), frappe.DoesNotExistError)
		self.dossier = self.row.name
		self.rows = ledger.rows_of(self.dossier)
		self.events = [ledger.event_of(row) for row in self.rows]
		self.at = max([now(), *(event.at for event in self.events)])
		self.day = self.at.date()
		self.who = authority.person(frappe.session.user, self.day)
		self._answers: dict[str, str] | None = None
		self.before = ledger.standing_of(self.events, self.answers, self.at)
		self.after = self.before
		self.event: dict[str, Any] | None = None
		self.number_for: str | None = None
		self.new: list[dict[str, Any]] = []
		self.changes: list[tuple[str, str, dict[str, Any]]] = []
		self.access: set[tuple[str, str]] = set()
		self.with_contents = False

	# Reading

	def answers(self) -> dict[str, str]:
		if self._answers is None:
			self._answers = ledger.answers_of(self.dossier)
		return self._answers

	@property
	def case(self):
		return self.before.case

	def document(self):
		"""The dossier with its tables, as locked."""
		return frappe.get_doc("Dossier", self.dossier)

	def repeated(self) -> dict | None:
		"""The first answer, where this command was carried out under this client key before."""
		for row, event in zip(self.rows, self.events, strict=True):
			if row.client_key != self.client_key:
				continue
			if event.data.get("command") != self.command.name:
				frappe.throw(
					_("The client key was used for another command: {0}.").format(event.data.get("command")),
					ClientKeyReused,
				)
			return self.answer(row.name, row.to_status, self.row.code)
		return None

	def answer(self, event: str, status: str, code: str | None) -> dict:
		return {"dossier": self.dossier, "code": code, "status": status, "event": event}

	def check(self, step: str | None = None) -> None:
		"""Raise WrongStatus or NotYourDuty; the system itself is only held to the status."""
		if _system.get():
			if not authority.in_status(self.command.name, self.before.status):
				authority.check(self.command.name, self.who, self.row, self.before, step)
			return
		authority.check(self.command.name, self.who, self.row, self.before, step)

	def reason(self, text: str | None, label: str = "Reason", *, needed: bool = True) -> str:
		"""A reason as stored. Raises ReasonMissing for a blank one, or one that no letter could carry."""
		text = (text or "").strip()
		if needed and not text:
			frappe.throw(
				_("{0}: say why, in words the applicant understands.").format(_(label)), ReasonMissing
			)
		if len(text) > LONGEST_REASON:
			frappe.throw(_("{0}: at most {1} characters.").format(_(label), LONGEST_REASON), ReasonMissing)
		return text

	# Saying what happened

	def append(
		self,
		*,
		kind: str | None = None,
		step: str = "",
		reason: str = "",
		data: dict[str, Any] | None = None,
		personal: dict[str, Any] | None = None,
		at: datetime | None = None,
	) -> str:
		"""Append the command's event; where it leads is known at once, in `after`. Returns the event's name.

		Raises CommandRefused where the clock finds the sequence impossible.
		"""
		assert self.event is None, "one event a command"
		name = frappe.generate_hash(length=16)
		# An opinion on a step is given by the unit asked, not by that of the step.
		term = self.before.term(step) if self.command.name != "answer_opinion" else None
		unit, duty = (term.unit, term.duty) if term else self._acting_unit(data or {})
		facts = {"command": self.command.name, **{k: v for k, v in (data or {}).items() if v is not None}}
		if at is not None and at != self.at:
			facts["computed_at"] = self.at.isoformat()
		# Through JSON and back: what is folded now is what will be read later.
		facts = frappe.parse_json(ledger.canonical(facts))
		actor, actor_name = self._actor()
		event = LedgerEvent(
			id=name,
			sequence=len(self.events) + 1,
			kind=kind or self.command.event,
			at=at or self.at,
			actor=actor,
			unit=unit or "",
			step=step,
			reason=reason,
			data=facts,
		)
		self.events.append(event)
		try:
			self.after = ledger.standing_of(self.events, self.answers, max(self.at, event.at))
		except CalendarError as error:
			frappe.throw(told(error), CommandRefused)
		self.event = {
			"name": name,
			"dossier": self.dossier,
			"sequence": event.sequence,
			"kind": event.kind,
			"at": event.at,
			"actor": actor or None,
			"actor_name": actor_name,
			"unit": unit or None,
			"duty": duty or None,
			"step": step or None,
			"from_status": self.before.status.value,
			"to_status": self.after.status.value,
			"reason": reason or None,
			"personal": ledger.canonical(personal) if personal else None,
			"client_key": self.client_key,
		}
		return name

	def _actor(self) -> tuple[str, str]:
		"""Who acts, and their name: the system, an official, or the applicant, whose account is no part of what
		is hashed, so that it can be erased."""
		if _system.get():
			return "Administrator", _("The system")
		user = frappe.session.user
		if user == self.row.applicant_user:
			return "", _("The applicant")
		return user, frappe.utils.get_fullname(user)

	def _acting_unit(self, data: Mapping[str, Any]) -> tuple[str | None, str | None]:
		"""By which unit and duty of the person a command without a step was given.

		A leader's by the unit they lead over the deciding one, an answer by the unit asked; else the counter's, then
		that of an open step, then the first of the person.
		"""
		receiving = self.case.receiving_unit or self.row.receiving_unit
		mine = sorted(self.who.duties)
		if self.command.name in authority.OF_THE_LEADER:
			nearest = [unit for unit in units.ancestors(self.case.deciding_unit) if unit in self.who.leads]
		elif self.command.name == "answer_opinion":
			nearest = [data.get("unit")]
		else:
			nearest = [receiving, *(step.unit for step in self.before.open_steps())]
			counter = (authority.RECEPTION, authority.RETURN)
			mine.sort(key=lambda held: held[0] not in counter)
		for wanted in nearest:
			for duty, unit in mine:
				if unit == wanted:
					return unit, duty
		return (mine[0][1], mine[0][0]) if mine else (None, None)

	def number(self, unit: str) -> None:
		"""Have the dossier numbered when everything else is written."""
		self.number_for = unit

	def insert(self, doctype: str, **values) -> str:
		"""Add a document that goes with the event. Returns its name."""
		name = frappe.generate_hash(length=16)
		self.new.append({"doctype": doctype, "name": name, "dossier": self.dossier, **values})
		return name

	def change(self, doctype: str, name: str, **values) -> None:
		self.changes.append((doctype, name, values))

	def add_papers(self, papers: list[dict[str, Any]]) -> None:
		"""Put scans on the papers they are of; a paper that has its line already, or none, gets a new one."""
		last = frappe.db.count("Dossier Component", {"parent": self.dossier, "parenttype": "Dossier"})
		for number, paper in enumerate(papers, 1):
			facts = {
				"submitted": 1,
				"file": paper["file"],
				"sha256": paper["sha256"],
				"missing_reason": None,
			}
			if paper["row"]:
				self.change("Dossier Component", paper["row"], **facts)
				continue
			self.new.append(
				{
					"doctype": "Dossier Component",
					"name": frappe.generate_hash(length=16),
					"parent": self.dossier,
					"parenttype": "Dossier",
					"parentfield": "components",
					"idx": last + number,
					"component_name": paper["component"],
					"copies": 1,
					**facts,
				}
			)
		self.with_contents = True

	def let_see(self, unit: str | None, why: str) -> None:
		if unit:
			self.access.add((unit, why))

	# Writing

	def write(self) -> dict:
		"""Store the event and everything that follows from it; the caller commits."""
		if self.event is None:
			frappe.throw(_("Nothing happened."), CommandRefused)
		self._write_steps()
		self._write_access()
		for values in self.new:
			_insert(values)
		for doctype, name, values in self.changes:
			frappe.db.set_value(doctype, name, values)
		facts = dict(self.events[-1].data)
		if self.number_for:
			facts["code"] = numbering.next_code(self.number_for, self.events[-1].at.date())
		event = self.event
		event["salt"] = frappe.generate_hash(length=20)
		if self.with_contents:
			facts["contents"] = ledger.contents_digest(event["salt"], intake.contents_of(self.dossier))
		event["data"] = ledger.canonical(facts)
		event["personal_digest"] = ledger.personal_digest(event["salt"], event)
		event["previous_hash"] = self.rows[-1].event_hash if self.rows else ledger.GENESIS
		event["event_hash"] = ledger.event_hash(event)
		_insert({"doctype": "Dossier Event", **event})
		fields = ledger.dossier_fields(self.after, self.events, event["event_hash"])
		if self.number_for:
			fields["code"] = facts["code"]
		if self.before.status in SETTLED:
			# Whether it was in time was settled with it; a calendar corrected since moves nothing of it.
			fields = {name: value for name, value in fields.items() if name not in ledger.COUNTED}
		frappe.db.set_value("Dossier", self.dossier, fields)
		if self.number_for:
			self._name_steps(facts["code"])
		self._tell()
		return self.answer(event["name"], event["to_status"], fields.get("code") or self.row.code)

	def _write_steps(self) -> None:
		wanted = ledger.step_fields(self.after)
		if not wanted:
			return
		names = list({name for fields in wanted.values() for name in fields})
		kept = {
			row.step_key: row
			for row in frappe.get_all(
				"Dossier Step",
				filters={"dossier": self.dossier},
				fields=["name", "step_key", *names],
				limit=0,
			)
		}
		terms = {step.key: step for step in self.after.terms.steps} if self.after.terms else {}
		steps = self._applicable() if any(key not in kept for key in wanted) else {}
		for key, fields in wanted.items():
			if key in kept:
				changed = {
					name: value
					for name, value in fields.items()
					if not ledger.same(kept[key][name], value)
					and not (self.before.status in SETTLED and name in ledger.COUNTED and kept[key][name])
				}
				if changed:
					frappe.db.set_value("Dossier Step", kept[key].name, changed)
				continue
			term, step = terms[key], steps.get(key)
			_insert(
				{
					"doctype": "Dossier Step",
					"name": frappe.generate_hash(length=16),
					"dossier": self.dossier,
					"dossier_code": self.row.code,
					"applicant_name": self.row.applicant_name,
					"procedure": self.row.procedure,
					"procedure_name": self.row.procedure_name,
					"step_key": key,
					"title": term.title,
					"kind": term.kind,
					"duty": term.duty or None,
					"clock_effect": "Pauses" if term.clock_effect.value == "pause" else "Runs",
					"after": ",".join(term.after),
					"public_milestone": step.public_milestone if step else None,
					**fields,
				}
			)
		for key in kept.keys() - wanted.keys():
			frappe.db.set_value("Dossier Step", kept[key].name, {"status": "Cancelled", "is_open": 0})

	def _applicable(self) -> dict:
		from one_stop.procedures.terms import applicable_steps

		case = self.after.case
		found = applicable_steps(
			case.promise["version"],
			case.receiving_unit,
			case.deciding_unit,
			case.promise.get("case") or "",
			channel=case.promise.get("channel") or "",
			answers=self.answers(),
		)
		return {step.step_key: step for step in found}

	def _name_steps(self, code: str) -> None:
		"""Steps show the code of their dossier, which is known only now."""
		step = frappe.qb.DocType("Dossier Step")
		frappe.qb.update(step).set(step.dossier_code, code).where(step.dossier == self.dossier).run()

	def _write_access(self) -> None:
		case = self.after.case
		self.let_see(self.row.helped_at, "Helped")
		self.let_see(case.receiving_unit or self.row.receiving_unit, "Received")
		self.let_see(case.deciding_unit, "Deciding")
		for opinion in case.opinions:
			self.let_see(opinion.unit, "Opinion")
		for step in self.after.terms.steps if self.after.terms else ():
			self.let_see(step.unit, "Step")
		held = grant_access(self.dossier, self.access)
		self._take_back(held - self.access)

	def _take_back(self, held: set[tuple[str, str]]) -> None:
		"""Whom the dossier has left, sees it no longer: an opinion asked by mistake, a decider before another one.

		Units that have acted on it keep it: they answer for what they did.
		"""
		acted = {event.unit for event in counted(self.events) if event.unit}
		for unit, why in sorted(held):
			if why in WITHDRAWN_WITH_THE_CAUSE and unit not in acted:
				frappe.db.delete("Dossier Access", {"dossier": self.dossier, "unit": unit, "why": why})

	def _tell(self) -> None:
		"""Live lists and open forms hear of it after the commit; the side effects follow in a job."""
		for doctype in ("Dossier", "Dossier Step"):
			frappe.publish_realtime(
				"list_update",
				{"doctype": doctype, "name": self.dossier, "user": frappe.session.user},
				doctype=doctype,
				after_commit=True,
			)
		frappe.publish_realtime(
			"doc_update",
			{"modified": str(now_datetime()), "doctype": "Dossier", "name": self.dossier},
			doctype="Dossier",
			docname=self.dossier,
			after_commit=True,
		)
		if not is_replay():
			# Written with the event, so that a job lost between the commit and Redis is run by the sweep.
			name = self.event["name"]
			_insert({"doctype": "Dossier Effect", "name": name, "dossier": self.dossier, "event": name})
			enqueue_effects(self.dossier, name)


def enqueue_effects(dossier: str, event: str) -> None:
	"""Have what follows an event carried out once this transaction is committed."""
	frappe.enqueue(
		"one_stop.dossiers.effects.follow",
		queue="short",
		enqueue_after_commit=True,
		job_id=f"one-stop-event:{event}",
		deduplicate=True,
		dossier=dossier,
		# `event` is a word of `frappe.enqueue` itself.
		event_name=event,
	)


def grant_access(dossier: str, wanted: set[tuple[str, str]]) -> set[tuple[str, str]]:
	"""Let units see a dossier, each for a reason; what they may see already is left as it is.

	:returns: what units could see it by before
	"""
	held = {
		(row.unit, row.why)
		for row in frappe.get_all(
			"Dossier Access", filters={"dossier": dossier}, fields=["unit", "why"], limit=0
		)
	}
	for unit, why in sorted(wanted - held):
		_insert(
			{
				"doctype": "Dossier Access",
				"name": frappe.generate_hash(length=16),
				"dossier": dossier,
				"unit": unit,
				"why": why,
			}
		)
	return held


def _insert(values: dict[str, Any]) -> None:
	"""Insert a row of the ledger's own tables: no hooks, no permissions, the command has checked."""
	doc = frappe.get_doc(values)
	doc.owner = doc.modified_by = frappe.session.user
	doc.creation = doc.modified = frappe.utils.now()
	doc.flags.name_set = True
	doc.db_insert()


def told(error: CalendarError) -> str:
	"""An error of the pure modules in the reader's language."""
	return _(error.template).format(**error.values)


@contextlib.contextmanager
def _boundary() -> Iterator[None]:
	"""A transaction of its own under READ COMMITTED, committed at the end and rolled back on any error."""
	with read_committed("isolation_before_command"):
		try:
			frappe.db.rollback()
			yield
			frappe.db.commit()
		except BaseException:
			frappe.db.rollback()
			raise


def carry_out(command: str, dossier: str, client_key: str, perform: Callable[[Turn], None]) -> dict:
	"""Carry a command out within its boundary, again where the database asks for it.

	Raises ClientKeyMissing, ClientKeyReused, CommandInsideTransaction, and what the command refuses with.
	"""
	if not (client_key or "").strip() or len(client_key) > 140:
		frappe.throw(_("Client Key: every command carries a key of its own."), ClientKeyMissing)
	if frappe.db.transaction_writes:
		raise CommandInsideTransaction(f"{command} was called over unsaved changes")

	def turn() -> dict:
		this = Turn(command, dossier, client_key)
		if first := this.repeated():
			return first
		perform(this)
		return this.write()

	return in_own_transaction(turn)


def in_own_transaction(work: Callable[[], Any]) -> Any:
	"""Run work in a transaction of its own, and again where a deadlock, a time-out or error 1020 undid it."""
	for attempt in range(1, ATTEMPTS + 1):
		try:
			with _boundary():
				return work()
		except (frappe.QueryDeadlockError, frappe.QueryTimeoutError, pymysql.err.OperationalError) as error:
			changed = isinstance(error, pymysql.err.OperationalError)
			if (changed and error.args[:1] != (RECORD_CHANGED,)) or attempt == ATTEMPTS:
				raise
			time.sleep(random.uniform(0, 0.02 * 2**attempt))
	raise AssertionError("unreachable")


def moment_of(value: Any, label: str) -> datetime:
	"""A moment given by a person. Raises CommandRefused for what is none."""
	try:
		found = get_datetime(value)
	except Exception:
		found = None
	if found is None:
		frappe.throw(_("{0}: {1} is no date and time.").format(_(label), value), CommandRefused)
	if found.tzinfo:
		found = found.astimezone(ZoneInfo(TIME_ZONE))
	return found.replace(tzinfo=None, microsecond=0)


def name_of(unit: str | None) -> str:
	return units.unit_name(unit) if unit else ""
