"""The commands of a dossier: the only writer of its state.

Each command checks status, duty and unit, takes the dossier's lock, appends one event to the ledger, recomputes
what follows, and commits; letters, notices and linked dossiers follow in jobs. `case.COMMANDS` says from which
status and by which article, `authority` who may, `command` how it becomes one transaction.

Every command takes the dossier's name and a `client_key` of the caller's choosing, and answers
``{dossier, code, status, event}``; a repeated key gets the first answer. All raise WrongStatus, NotYourDuty,
ClientKeyReused and, where the clock finds the sequence impossible, CommandRefused, besides what they name.
"""

import math
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

import frappe
from frappe import _
from frappe.utils import flt, getdate

from one_stop.dossiers import authority, intake, ledger
from one_stop.dossiers import case as cases
from one_stop.dossiers.case import COMMANDS, Status
from one_stop.dossiers.clock import StepStatus
from one_stop.dossiers.command import Turn, carry_out, moment_of, name_of
from one_stop.dossiers.exceptions import (
	AmountRefused,
	CommandRefused,
	LastStepNeedsResult,
	MomentRefused,
	NothingDue,
	NothingToAccept,
	NothingToUndo,
	OfficerLacksDuty,
	OpinionOpen,
	ResultFileMissing,
	ScanMissing,
	StepNotOpen,
	StepTaken,
	WorkOpen,
	WrongStatus,
)
from one_stop.filters import among
from one_stop.organization import units, working_time

# A hand-over to a linked agency, a payment notice: whoever sees the dossier learns it from these kinds.
WAYS_OF_RETURN = ("Counter", "Post", "Online")
PAID_BY = ("Counter", "Transfer", "Online", "Post")


# Reception


def register(dossier: str, *, client_key: str) -> dict:
	"""Hand a draft in: an online submission, or one that came by post, from now on waits for its reception.

	Starts the eight working hours within which an online dossier is answered (NĐ 45/2020).
	"""

	def perform(turn: Turn) -> None:
		turn.check()
		if turn.case.submitted_at:
			frappe.throw(_("The dossier was handed in already."), CommandRefused)
		doc = turn.document()
		intake.check_submission(doc, turn.day)
		turn.append(data={"channel": doc.channel, "receiving_unit": doc.receiving_unit})
		turn.change("Dossier", turn.dossier, access_code=intake.new_access_code())

	return carry_out("register", dossier, client_key, perform)


def acknowledge(dossier: str, *, client_key: str) -> dict:
	"""Confirm to the applicant that an online dossier has arrived and is being checked."""

	def perform(turn: Turn) -> None:
		turn.check()
		if not turn.case.submitted_at:
			frappe.throw(_("The dossier was not handed in yet."), CommandRefused)
		turn.append()

	return carry_out("acknowledge", dossier, client_key, perform)


def receive(dossier: str, *, client_key: str) -> dict:
	"""Receive a dossier: check it against the version in force, pin that, and issue the legal code
	(NĐ 61/2018 art. 17.1c, 17.3; TT 01/2018 art. 19.1).

	By post the receipt is when the hand-over minutes were signed, or when what was missing was there
	(QĐ 45/2016 art. 7.4). Raises NotOffered, PapersMissing, AnswersRefused, FeesRefused, HandoverMissing, MomentRefused,
	NoAgencyCode, NumbersExhausted, NoVersionInForce.
	"""

	def perform(turn: Turn) -> None:
		turn.check()
		doc = turn.document()
		doc.receiving_unit = _receiving(turn)
		moment = _moment_of_receipt(turn, doc)
		promise = intake.promise_of(doc, moment, turn.answers())
		fees = intake.fee_lines(promise.facts["version"], doc)
		for row in doc.components:
			if row.file and not row.sha256:
				turn.change("Dossier Component", row.name, sha256=intake.sha256_of(row.file))
		turn.with_contents = True
		turn.append(
			data={**promise.facts, "fees": [[fee["fee_name"], fee["kind"], fee["amount"]] for fee in fees]},
			at=moment,
			personal={
				"applicant_name": doc.applicant_name,
				"applicant_id_number": doc.applicant_id_number,
				"applicant_phone": doc.applicant_phone,
				"applicant_email": doc.applicant_email,
				"authorised_name": doc.authorised_name,
			},
		)
		for fee in fees:
			if not fee["amount"]:
				continue
			turn.insert(
				"Dossier Payment",
				title=fee["fee_name"],
				kind=fee["kind"],
				amount=fee["amount"],
				status="Paid" if fee["paid"] else "Due",
				ordered_at=turn.at,
				paid_at=turn.at if fee["paid"] else None,
				method="Counter" if fee["paid"] else None,
				note=fee["note"],
				event=turn.event["name"],
			)
		if not turn.row.access_code:
			turn.change("Dossier", turn.dossier, access_code=intake.new_access_code())
		turn.number(doc.receiving_unit)

	return carry_out("receive", dossier, client_key, perform)


def _moment_of_receipt(turn: Turn, doc) -> datetime:
	signed = intake.handover_moment(turn.dossier) if doc.channel == "Post" else None
	if signed is None:
		return turn.at
	return max([signed, *(event.at for event in turn.events if event.kind == "supplement_received")])


def refuse_at_intake(dossier: str, *, client_key: str, reason: str) -> dict:
	"""Refuse to receive a dossier, with the reason that its form states (NĐ 61/2018 art. 17.1b)."""

	def perform(turn: Turn) -> None:
		turn.check()
		if turn.case.received_at:
			frappe.throw(_("The dossier was received: it is refused as its result, or stopped."), WrongStatus)
		turn.append(reason=turn.reason(reason), data={"receiving_unit": _receiving(turn), "at_intake": 1})

	return carry_out("refuse_at_intake", dossier, client_key, perform)


def _receiving(turn: Turn) -> str:
	return turn.case.receiving_unit or turn.row.receiving_unit


def hand_over_to(dossier: str, *, client_key: str, unit: str, reason: str) -> dict:
	"""Give a dossier to the unit that is competent (NĐ 61/2018 art. 18.3).

	Before reception the other one-stop centre is to receive it; after reception, and before work has begun,
	another unit decides, while the result still comes back to where it was received.
	Raises NotOffered where the unit has no part in the procedure.
	"""

	def perform(turn: Turn) -> None:
		turn.check()
		why = turn.reason(reason)
		if turn.before.status is Status.DRAFT:
			intake.check_offered(turn.row.procedure, unit, turn.day)
			turn.append(reason=why, data={"receiving_unit": unit, "from": _receiving(turn)})
			# Not received yet, so who decides is settled at reception.
			turn.change("Dossier", turn.dossier, receiving_unit=unit, deciding_unit=None)
			return
		facts = intake.other_decider(turn.row.procedure, turn.case, unit, turn.answers(), turn.day)
		turn.append(reason=why, data=facts)

	return carry_out("hand_over_to", dossier, client_key, perform)


# Supplement


def request_supplement(
	dossier: str,
	*,
	client_key: str,
	reason: str,
	items: Sequence[dict[str, Any]] | str | None = None,
	override: str | None = None,
	applicants_fault: str | None = None,
) -> dict:
	"""Ask the applicant to complete the dossier: at intake once (NĐ 61/2018 art. 15.3, 17.1a), after appraisal
	within three working days of receipt (art. 19.4).

	:param items: ``[{component, note, legal_basis}]``; papers outside the published procedure need their legal
		basis (art. 5)
	:param override: why the applicant is asked at intake a second time, where that cannot be avoided
	:param applicants_fault: what the applicant did wrong, where asking again is their fault (TT 01/2018 art. 13.3)
	Raises SupplementOutsideProcedure, ReasonMissing, CommandRefused (asked at intake before).
	"""

	def perform(turn: Turn) -> None:
		turn.check()
		stage = "appraisal" if turn.case.received_at else "intake"
		asked = intake.supplement_items(turn.document(), items)
		facts = {"stage": stage, "items": asked, "receiving_unit": _receiving(turn)}
		if override:
			facts["override"] = turn.reason(override, "Reason for asking again")
		if applicants_fault:
			facts["applicants_fault"] = turn.reason(applicants_fault, "What the applicant did wrong")
		turn.append(reason=turn.reason(reason), data=facts)

	return carry_out("request_supplement", dossier, client_key, perform)


def take_in_supplement(
	dossier: str,
	*,
	client_key: str,
	note: str | None = None,
	papers: Sequence[dict[str, Any]] | str | None = None,
) -> dict:
	"""Take in what the applicant brought or sent. After appraisal the clock starts from zero, or goes on, by the
	rule pinned at receipt (NĐ 61/2018 art. 19.4).

	:param papers: ``[{component, file}]``, the scans of what was brought
	"""

	def perform(turn: Turn) -> None:
		turn.check()
		given = intake.papers_given(turn.document(), papers)
		turn.append(reason=turn.reason(note, "Note", needed=False), data=_named(given))
		turn.add_papers(given)

	return carry_out("take_in_supplement", dossier, client_key, perform)


def add_papers(
	dossier: str,
	*,
	client_key: str,
	papers: Sequence[dict[str, Any]] | str,
	note: str | None = None,
) -> dict:
	"""Add scans to a received dossier: of papers handed in at the counter (NĐ 61/2018 art. 17.1), or what the work
	itself brings, such as the record of a verification (art. 19.3).

	:param papers: ``[{component, file}]``
	Raises CommandRefused without any.
	"""

	def perform(turn: Turn) -> None:
		turn.check()
		given = intake.papers_given(turn.document(), papers)
		if not given:
			frappe.throw(_("Papers: add at least one file."), CommandRefused)
		turn.append(reason=turn.reason(note, "Note", needed=False), data=_named(given))
		turn.add_papers(given)

	return carry_out("add_papers", dossier, client_key, perform)


def _named(papers: list[dict[str, Any]]) -> dict[str, Any]:
	"""Papers as an event keeps them: which ones, and the digests of their scans."""
	return {"papers": [[paper["component"], paper["sha256"]] for paper in papers]} if papers else {}


# Work on steps


def _open_step(turn: Turn, key: str):
	"""The open step named. Raises StepNotOpen."""
	step = turn.before.step(key)
	if step is None or step.status is not StepStatus.OPEN:
		title = step.title if step else key
		frappe.throw(_("Step “{0}” is not open.").format(title), StepNotOpen)
	return step


def claim(dossier: str, *, client_key: str, step: str) -> dict:
	"""Take an open step that nobody has yet. Raises StepNotOpen, StepTaken."""

	def perform(turn: Turn) -> None:
		turn.check(step)
		_open_step(turn, step)
		officer = authority.officer_of(turn.before, step, turn.day)
		if officer:
			frappe.throw(
				_("{0} has this step already.").format(frappe.utils.get_fullname(officer)), StepTaken
			)
		turn.append(step=step)

	return carry_out("claim", dossier, client_key, perform)


def assign(dossier: str, *, client_key: str, step: str, officer: str, note: str | None = None) -> dict:
	"""Give an open step to somebody who holds its duty in its unit (NĐ 61/2018 art. 19.1).

	Raises StepNotOpen, OfficerLacksDuty.
	"""
	return _give("assign", dossier, client_key, step, officer, note)


def delegate(dossier: str, *, client_key: str, step: str, officer: str, note: str | None = None) -> dict:
	"""Pass one's own step on to a colleague with the same duty. Raises StepNotOpen, OfficerLacksDuty."""
	return _give("delegate", dossier, client_key, step, officer, note)


def _give(command: str, dossier: str, client_key: str, step: str, officer: str, note: str | None) -> dict:
	def perform(turn: Turn) -> None:
		turn.check(step)
		_open_step(turn, step)
		term = turn.before.term(step)
		if officer not in units.members(term.unit, term.duty, turn.day):
			frappe.throw(
				_("Officer: {0} does not hold the duty {1} in {2}.").format(
					officer, _(term.duty), name_of(term.unit)
				),
				OfficerLacksDuty,
			)
		turn.append(step=step, reason=turn.reason(note, "Note", needed=False), data={"officer": officer})

	return carry_out(command, dossier, client_key, perform)


def complete_step(
	dossier: str,
	*,
	client_key: str,
	step: str,
	note: str | None = None,
	no_scan_reason: str | None = None,
	amount: float | str | None = None,
) -> dict:
	"""Complete an open step; the steps after it open.

	Completing the reception hands the dossier over: every paper needs its scan, or a reason why there is none
	(NĐ 61/2018 art. 17.1, 18.2). A step that a payment follows states the amount the applicant owes.
	Raises StepNotOpen, OpinionOpen, ScanMissing, LastStepNeedsResult, AmountRefused.
	"""

	def perform(turn: Turn) -> None:
		turn.check(step)
		_open_step(turn, step)
		kind = turn.before.kinds.get(step)
		if kind == cases.PAYMENT:
			frappe.throw(_("A payment is confirmed, not completed."), CommandRefused)
		if kind == cases.LINKED:
			_linked_runs(turn, step)
		if kind == cases.RETURN:
			frappe.throw(_("The result is returned, with how and to whom."), CommandRefused)
		_no_opinion_open(turn, step)
		if finishes(turn.before, step):
			frappe.throw(
				_("This is the last step before the return: finish the dossier with its result."),
				LastStepNeedsResult,
			)
		facts: dict[str, Any] = {}
		if kind == cases.RECEPTION:
			facts |= _handed_over(turn, no_scan_reason)
		payment = next_payment(turn.before, step)
		owed = 0.0
		if payment:
			asked, paid = _amount(amount), _paid_before(turn.dossier, payment)
			owed = max(0.0, asked - paid)
			facts |= {"amount": asked, "payment_step": payment, "paid_before": paid or None}
			if not owed:
				# Nobody waits for money that is not owed, or was paid before the dossier was sent back.
				facts["settles"] = [payment]
		if payment and not owed and finishes(turn.before, step, settled={payment}):
			_finish_without_file(turn, step, turn.reason(note, "Note", needed=False), facts)
			return
		turn.append(step=step, reason=turn.reason(note, "Note", needed=False), data=facts)
		if owed:
			turn.insert(
				"Dossier Payment",
				title=turn.before.term(payment).title,
				kind="Financial Obligation",
				amount=owed,
				status="Due",
				ordered_at=turn.at,
				step=payment,
				event=turn.event["name"],
			)

	return carry_out("complete_step", dossier, client_key, perform)


def _linked_runs(turn: Turn, step: str) -> None:
	"""Raise CommandRefused while the linked dossier of a step is still being worked on."""
	linked = turn.case.linked.get(step)
	if linked and frappe.db.get_value("Dossier", linked, "status") not in {s.value for s in cases.SETTLED}:
		frappe.throw(_("The linked dossier completes this step."), CommandRefused)


def _handed_over(turn: Turn, no_scan_reason: str | None) -> dict[str, Any]:
	missing = intake.without_scan(turn.document())
	if not missing:
		return {}
	why = (no_scan_reason or "").strip()
	if not why:
		frappe.throw(
			_(
				"Scan these papers before handing the dossier over, or say why they are not scanned: {0}"
			).format(", ".join(missing)),
			ScanMissing,
		)
	return {"no_scan_reason": why[:500], "without_scan": len(missing)}


def _no_opinion_open(turn: Turn, step: str) -> None:
	# Nobody waits longer than was agreed (art. 19.5); what comes later is still recorded.
	waiting = [
		opinion
		for opinion in turn.case.unanswered
		if opinion.step == step and (opinion.due is None or opinion.due > turn.at)
	]
	if waiting:
		frappe.throw(
			_("{0} has not answered yet: wait for the answer, at most until its deadline.").format(
				name_of(waiting[0].unit)
			),
			OpinionOpen,
		)


def _paid_before(dossier: str, step: str) -> float:
	"""What was paid for a payment step already, in đồng: it is not asked for twice."""
	paid = frappe.get_all(
		"Dossier Payment", filters={"dossier": dossier, "step": step, "status": "Paid"}, pluck="amount"
	)
	return flt(sum(paid))


def _finish_without_file(turn: Turn, step: str, note: str, facts: dict[str, Any]) -> None:
	"""Finish a dossier whose decision waited for the money alone: nothing is left but to return its result."""
	name = turn.append(kind="finished", step=step, reason=note, data=facts)
	_cancel_what_waits(turn, payments=False)
	version = turn.case.promise.get("version")
	turn.insert(
		"Dossier Result",
		result_name=intake.result_name(version, turn.row.procedure_name, False),
		issued_on=turn.day,
		event=name,
	)


def finishes(now: ledger.Standing, key: str, settled: Collection[str] = ()) -> bool:
	"""Whether nothing but returning the result is left once this step is completed, and those settled with it."""
	if now.result is None or now.kinds.get(key) == cases.RETURN:
		return False
	done = (StepStatus.COMPLETED, StepStatus.SKIPPED)
	return all(
		step.status in done or step.key in (key, *settled) or now.kinds.get(step.key) == cases.RETURN
		for step in now.result.steps
	)


def next_payment(now: ledger.Standing, key: str) -> str | None:
	"""The payment step that opens once this step is completed, if any."""
	if now.terms is None:
		return None
	done = {
		step.key
		for step in (now.result.steps if now.result else ())
		if step.status in (StepStatus.COMPLETED, StepStatus.SKIPPED)
	} | {key}
	return next(
		(
			step.key
			for step in now.terms.steps
			if step.kind == cases.PAYMENT and key in step.after and set(step.after) <= done
		),
		None,
	)


def skip_step(dossier: str, *, client_key: str, step: str, reason: str) -> dict:
	"""Leave out a step that this dossier does not need, with the reason. The deciding steps cannot be skipped; with
	the step that orders a payment the payment is left out, since nobody has said what is owed.

	Raises StepNotOpen, CommandRefused.
	"""

	def perform(turn: Turn) -> None:
		turn.check(step)
		_open_step(turn, step)
		skippable = turn.before.kinds.get(step) in ("Processing", "Issuing", cases.LINKED)
		payment = next_payment(turn.before, step)
		settled = [payment] if payment else []
		if not skippable or finishes(turn.before, step, settled):
			frappe.throw(_("This step cannot be left out."), CommandRefused)
		turn.append(step=step, reason=turn.reason(reason), data={"settles": settled or None})

	return carry_out("skip_step", dossier, client_key, perform)


def send_back(dossier: str, *, client_key: str, step: str, to: str, reason: str) -> dict:
	"""Send the dossier back to a step done before, with the reason; what came after it is done once more.

	Raises StepNotOpen, CommandRefused, ReasonMissing.
	"""

	def perform(turn: Turn) -> None:
		turn.check(step)
		_open_step(turn, step)
		if to not in may_go_back_to(turn.before, step):
			frappe.throw(_("Back to: choose a step that was done before this one."), CommandRefused)
		reset = _following(turn.before, to) - {to}
		turn.append(step=step, reason=turn.reason(reason), data={"to": to, "reset": sorted(reset)})
		# What a payment step asks for is ordered anew, if it still is; an order beside the steps stands.
		payments = [key for key in sorted(reset) if turn.before.kinds.get(key) == cases.PAYMENT]
		for name in frappe.get_all(
			"Dossier Payment",
			filters={"dossier": turn.dossier, "status": "Due", "step": among(payments)},
			pluck="name",
		):
			turn.change("Dossier Payment", name, status="Cancelled")

	return carry_out("send_back", dossier, client_key, perform)


def may_go_back_to(now: ledger.Standing, key: str) -> list[str]:
	"""The completed steps before an open one, nearest last; payments are not asked for twice."""
	if now.terms is None:
		return []
	after = {step.key: step.after for step in now.terms.steps}
	before: set[str] = set()
	todo = list(after.get(key, ()))
	while todo:
		one = todo.pop()
		if one not in before:
			before.add(one)
			todo += after.get(one, ())
	return [
		step.key
		for step in now.terms.steps
		if step.key in before
		and now.kinds.get(step.key) != cases.PAYMENT
		and (result := now.step(step.key)) is not None
		and result.status is StepStatus.COMPLETED
	]


def _following(now: ledger.Standing, key: str) -> set[str]:
	found, todo = set(), [key]
	while todo:
		one = todo.pop()
		if one not in found:
			found.add(one)
			todo += [step.key for step in now.terms.steps if one in step.after]
	return found


# Opinions


def ask_opinion(
	dossier: str, *, client_key: str, step: str, unit: str, question: str, answer_due: datetime | str
) -> dict:
	"""Ask another unit's opinion, with what is asked and by when (NĐ 61/2018 art. 19.5).

	Raises StepNotOpen, MomentRefused, CommandRefused.
	"""

	def perform(turn: Turn) -> None:
		turn.check(step)
		_open_step(turn, step)
		if unit not in units.TREE.get() or not units.TREE.get()[unit].exists_on(turn.day):
			frappe.throw(_("Unit: choose a unit that exists today."), CommandRefused)
		due = moment_of(answer_due, "Answer Due")
		if due <= turn.at:
			frappe.throw(_("Answer Due: {0} has passed.").format(due), MomentRefused)
		asked = turn.reason(question, "Question")
		name = turn.append(step=step, reason=asked, data={"unit": unit, "due": due.isoformat()})
		turn.insert(
			"Dossier Opinion",
			step=step,
			unit=unit,
			question=asked,
			asked_by=frappe.session.user,
			asked_at=turn.at,
			due_at=due,
			status="Open",
			event=name,
		)

	return carry_out("ask_opinion", dossier, client_key, perform)


def answer_opinion(dossier: str, *, client_key: str, opinion: str, answer: str) -> dict:
	"""Record the answer of the unit asked; only its members may (NĐ 61/2018 art. 19.5).

	:param opinion: name of the Dossier Opinion
	"""

	def perform(turn: Turn) -> None:
		turn.check()
		row = frappe.db.get_value(
			"Dossier Opinion", opinion, ["name", "dossier", "event", "unit", "status"], as_dict=True
		)
		waiting = {one.id: one for one in turn.case.unanswered}
		if not row or row.dossier != turn.dossier or row.event not in waiting:
			frappe.throw(_("Nobody waits for this answer any more."), CommandRefused)
		if row.unit not in turn.who.units:
			frappe.throw(_("Only members of the unit asked may answer."), frappe.PermissionError)
		said = turn.reason(answer, "Answer")
		turn.append(step=waiting[row.event].step, reason=said, data={"opinion": row.event, "unit": row.unit})
		turn.change(
			"Dossier Opinion",
			row.name,
			status="Answered",
			answer=said,
			answered_by=frappe.session.user,
			answered_at=turn.at,
		)

	return carry_out("answer_opinion", dossier, client_key, perform)


# Money


def _amount(amount: float | str | None) -> float:
	try:
		value = float(str(amount).strip())
	except ValueError:
		value = math.nan
	if not 0 <= value <= 1e13:
		frappe.throw(
			_("Amount: give the sum the applicant owes in đồng; 0 where nothing is owed."), AmountRefused
		)
	return value


def order_obligation(dossier: str, *, client_key: str, step: str, amount: float | str, reason: str) -> dict:
	"""Order a financial obligation; until it is paid the clock stands still (NĐ 101/2024; status 6).

	Raises AmountRefused, ReasonMissing.
	"""

	def perform(turn: Turn) -> None:
		turn.check(step)
		_open_step(turn, step)
		owed = _amount(amount)
		if not owed:
			frappe.throw(_("Amount: an order to pay names a sum above 0."), AmountRefused)
		name = turn.append(step=step, reason=turn.reason(reason), data={"amount": owed})
		turn.insert(
			"Dossier Payment",
			title=_("Financial Obligation"),
			kind="Financial Obligation",
			amount=owed,
			status="Due",
			ordered_at=turn.at,
			step=step,
			note=turn.reason(reason),
			event=name,
		)

	return carry_out("order_obligation", dossier, client_key, perform)


def confirm_payment(
	dossier: str,
	*,
	client_key: str,
	method: str = "Counter",
	reference: str | None = None,
	proof: str | None = None,
) -> dict:
	"""Record that the obligation is paid, with its proof; the clock goes on (NĐ 61/2018 art. 22)."""

	def perform(turn: Turn) -> None:
		turn.check()
		if method not in PAID_BY:
			frappe.throw(_("Method: choose one of {0}.").format(", ".join(map(_, PAID_BY))), CommandRefused)
		facts = {"method": method, "reference": (reference or "").strip()[:140] or None}
		open_payment = next(
			(s.key for s in turn.before.open_steps() if turn.before.kinds.get(s.key) == cases.PAYMENT), None
		)
		owed: dict[str, Any] = {"dossier": turn.dossier, "status": "Due", "kind": "Financial Obligation"}
		if turn.case.obligations:
			turn.append(data=facts)
			steps = [key for key, kind in turn.before.kinds.items() if kind == cases.PAYMENT]
			# Where no step asks for money, whatever is owed stands beside the steps.
			owed |= {"step": ["not in", steps]} if steps else {}
		elif open_payment and finishes(turn.before, open_payment):
			_finish_without_file(turn, open_payment, "", facts)
		else:
			turn.append(kind="step_completed", step=open_payment or "", data=facts)
			owed["step"] = open_payment
		due = frappe.get_all("Dossier Payment", filters=owed, pluck="name")
		for name in due:
			turn.change(
				"Dossier Payment",
				name,
				status="Paid",
				paid_at=turn.at,
				method=method,
				reference=facts["reference"],
				proof=intake.own_file(proof, turn.dossier),
			)

	return carry_out("confirm_payment", dossier, client_key, perform)


def record_fee_payment(
	dossier: str,
	*,
	client_key: str,
	payments: Sequence[str] | str | None = None,
	method: str = "Counter",
	reference: str | None = None,
	proof: str | None = None,
) -> dict:
	"""Record that fees or charges of a dossier are paid, with the proof (NĐ 61/2018 art. 22). The clock does not
	stand still for them; obligations are confirmed by `confirm_payment`.

	:param payments: names of the Dossier Payments paid, a list or separated by commas; all that are due without it
	Raises NothingDue where none of them is a fee that is still due.
	"""

	def perform(turn: Turn) -> None:
		turn.check()
		if method not in PAID_BY:
			frappe.throw(_("Method: choose one of {0}.").format(", ".join(map(_, PAID_BY))), CommandRefused)
		due = fees_due(turn.dossier)
		wanted = payments.split(",") if isinstance(payments, str) else list(payments or [])
		wanted = {name.strip() for name in wanted if name.strip()}
		paid = [row for row in due if not wanted or row.name in wanted]
		if not paid or wanted - {row.name for row in paid}:
			frappe.throw(
				_("Fees: choose among those still due: {0}.").format(
					", ".join(row.title for row in due) or _("none")
				),
				NothingDue,
			)
		receipt = (reference or "").strip()[:140] or None
		turn.append(
			data={
				"method": method,
				"reference": receipt,
				"amount": flt(sum(row.amount for row in paid)),
				"payments": [row.name for row in paid],
			}
		)
		evidence = intake.own_file(proof, turn.dossier)
		for row in paid:
			turn.change(
				"Dossier Payment",
				row.name,
				status="Paid",
				paid_at=turn.at,
				method=method,
				reference=receipt,
				proof=evidence,
			)

	return carry_out("record_fee_payment", dossier, client_key, perform)


def fees_due(dossier: str) -> list:
	"""The fees and charges of a dossier that are still to be paid, oldest first."""
	return frappe.get_all(
		"Dossier Payment",
		filters={"dossier": dossier, "status": "Due", "kind": ["!=", "Financial Obligation"]},
		fields=["name", "title", "kind", "amount"],
		order_by="ordered_at asc, creation asc",
		limit=0,
	)


# Extension and ends


def extend(dossier: str, *, client_key: str, new_due: datetime | str, reason: str) -> dict:
	"""Put the due date off with an apology, at most once and a day before it; later ones are marked late. The
	original due date is kept (NĐ 61/2018 art. 19.9)."""

	def perform(turn: Turn) -> None:
		turn.check()
		why = turn.reason(reason)
		due = moment_of(new_due, "New Due Date")
		if due <= turn.at:
			frappe.throw(_("New Due Date: {0} has passed.").format(due), MomentRefused)
		_in_working_time(due, _receiving(turn))
		old = turn.before.result.due if turn.before.result else None
		turn.append(
			reason=why,
			data={"new_due": due.isoformat(), "old_due": old.isoformat() if old else None},
		)

	return carry_out("extend", dossier, client_key, perform)


def accept_extension(dossier: str, *, client_key: str) -> dict:
	"""Record that the applicant has read the apology and accepts the new date, once an extension: by themselves, or
	at the counter for those who say so there or by telephone (NĐ 61/2018 art. 19.9). Moves nothing.

	Raises NothingToAccept.
	"""

	def perform(turn: Turn) -> None:
		turn.check()
		extension = extension_to_accept(turn.events)
		if not extension:
			frappe.throw(_("There is no extension that the applicant has not accepted yet."), NothingToAccept)
		turn.append(data={"extension": extension.id, "new_due": extension.data.get("new_due")})

	return carry_out("accept_extension", dossier, client_key, perform)


def extension_to_accept(events: Sequence[Any]) -> Any:
	"""The event of the last extension, where the applicant has not accepted it yet; None otherwise."""
	told = [event for event in events if event.kind in ("extended", "extension_accepted")]
	return told[-1] if told and told[-1].kind == "extended" else None


def _in_working_time(due: datetime, unit: str) -> None:
	"""Raise MomentRefused for a due date that nobody could keep, nor fetch anything at."""
	calendar = working_time.calendar_for(unit, due.date(), due.date())
	moment = calendar.local(due)
	if not calendar.is_open(moment) and not calendar.elapsed(moment - timedelta(minutes=1), moment):
		day = due.date() if calendar.is_working_day(due.date()) else calendar.next_working_day(due.date())
		frappe.throw(
			_("New Due Date: {0} lies outside working hours; the nearest is {1}.").format(
				frappe.utils.format_datetime(due),
				frappe.utils.format_datetime(calendar.last_moment(day).replace(tzinfo=None)),
			),
			MomentRefused,
		)


def stop(dossier: str, *, client_key: str, reason: str) -> dict:
	"""Stop processing, with the notice that says why (TT 03/2025/TT-VPCP form 05; national status 8)."""
	return _end("stop", dossier, client_key, reason)


def withdraw(dossier: str, *, client_key: str, reason: str) -> dict:
	"""Take the dossier back at the applicant's wish (national status 7)."""
	return _end("withdraw", dossier, client_key, reason)


def _end(command: str, dossier: str, client_key: str, reason: str) -> dict:
	def perform(turn: Turn) -> None:
		turn.check()
		if turn.before.status is Status.DRAFT and not turn.case.submitted_at:
			frappe.throw(_("The dossier was not handed in yet: delete the draft instead."), CommandRefused)
		turn.append(reason=turn.reason(reason), data={"receiving_unit": _receiving(turn)})
		_cancel_what_waits(turn)

	return carry_out(command, dossier, client_key, perform)


def _cancel_what_waits(turn: Turn, *, payments: bool = True) -> None:
	waiting = (("Dossier Payment", "Due"), ("Dossier Opinion", "Open"))
	for doctype, open_status in waiting if payments else waiting[1:]:
		for name in frappe.get_all(
			doctype, filters={"dossier": turn.dossier, "status": open_status}, pluck="name"
		):
			turn.change(doctype, name, status="Cancelled")


def finish(
	dossier: str,
	*,
	client_key: str,
	step: str,
	result_number: str | None = None,
	result_date: str | None = None,
	result_file: str | None = None,
	note: str | None = None,
	no_scan_reason: str | None = None,
) -> dict:
	"""Complete the last step before the return, with the result (NĐ 61/2018 art. 19, 20; national status 9).

	Raises WorkOpen while other steps are open, OpinionOpen, StepNotOpen, ScanMissing (where the reception itself
	finishes the dossier).
	"""

	def perform(turn: Turn) -> None:
		turn.check(step)
		_open_step(turn, step)
		_no_opinion_open(turn, step)
		_linked_runs(turn, step)
		if not finishes(turn.before, step):
			open_ones = [one.title for one in turn.before.open_steps() if one.key != step]
			frappe.throw(_("Other steps come first: {0}.").format(", ".join(open_ones) or "—"), WorkOpen)
		scans = {}
		if turn.before.kinds.get(step) == cases.RECEPTION:
			scans = _handed_over(turn, no_scan_reason)
		_result(turn, step, note, result_number, result_date, result_file, refused=False, facts=scans)
		_cancel_what_waits(turn, payments=False)

	return carry_out("finish", dossier, client_key, perform)


def refuse(
	dossier: str,
	*,
	client_key: str,
	step: str,
	reason: str,
	result_number: str | None = None,
	result_date: str | None = None,
	result_file: str | None = None,
) -> dict:
	"""Refuse after appraisal: the refusal with its reason is the result (NĐ 61/2018 art. 19.8)."""

	def perform(turn: Turn) -> None:
		turn.check(step)
		_open_step(turn, step)
		_result(turn, step, turn.reason(reason), result_number, result_date, result_file, refused=True)
		_cancel_what_waits(turn)

	return carry_out("refuse", dossier, client_key, perform)


def _result(
	turn: Turn,
	step: str,
	note: str | None,
	number: str | None,
	issued: str | None,
	file: str | None,
	*,
	refused: bool,
	facts: dict[str, Any] | None = None,
) -> None:
	issued_on = getdate(issued) if issued else turn.day
	if issued_on > turn.day:
		frappe.throw(_("Result Date: {0} lies in the future.").format(issued_on), MomentRefused)
	number = (number or "").strip()[:140] or None
	url = intake.own_file(file, turn.dossier)
	digest = intake.sha256_of(url)
	name = turn.append(
		step=step,
		reason=turn.reason(note, "Note", needed=refused),
		data={
			**(facts or {}),
			"result_number": number,
			"result_date": str(issued_on),
			"result_sha256": digest,
		},
	)
	version = turn.case.promise.get("version")
	turn.insert(
		"Dossier Result",
		result_name=intake.result_name(version, turn.row.procedure_name, refused),
		number=number,
		issued_on=issued_on,
		refused=int(refused),
		file=url,
		sha256=digest,
		event=name,
	)


def return_result(
	dossier: str,
	*,
	client_key: str,
	way: str = "Counter",
	recipient: str | None = None,
	note: str | None = None,
) -> dict:
	"""Return the result at the counter, by post or online (NĐ 61/2018 art. 20; national status 10)."""

	def perform(turn: Turn) -> None:
		turn.check()
		if way not in WAYS_OF_RETURN:
			frappe.throw(
				_("Way of Return: choose one of {0}.").format(", ".join(map(_, WAYS_OF_RETURN))),
				CommandRefused,
			)
		results = frappe.get_all(
			"Dossier Result",
			filters={"dossier": turn.dossier},
			fields=["name", "file"],
			order_by="creation asc",
		)
		# A part's result goes back to the whole, with or without a file.
		if way == "Online" and not turn.row.parent_dossier and not any(row.file for row in results):
			frappe.throw(
				_("Way of Return: there is no electronic result to return online; choose another way."),
				ResultFileMissing,
			)
		taken_by = (recipient or turn.row.applicant_name or "").strip()[:140]
		step = next(
			(s.key for s in turn.before.open_steps() if turn.before.kinds.get(s.key) == cases.RETURN), ""
		)
		turn.append(
			step=step,
			reason=turn.reason(note, "Note", needed=False),
			data={"way": way},
			personal={"recipient": taken_by},
		)
		for row in results:
			turn.change("Dossier Result", row.name, returned_at=turn.at, way=way, recipient=taken_by)

	return carry_out("return_result", dossier, client_key, perform)


# Corrections


def correct(dossier: str, *, client_key: str, reason: str, **facts) -> dict:
	"""Correct a wrongly received dossier; the receipt is issued anew and the correction stays on record
	(NĐ 61/2018 art. 21).

	:param facts: any of the applicant's facts and `summary`; while no work has begun also `case_name`, which counts the
		due date anew from the original receipt, and asks for the fees of the case. A dossier of the wrong procedure has
		other papers and answers: it is withdrawn or stopped, and received anew
	Raises CommandRefused for facts that cannot be corrected, or once work has begun.
	"""

	def perform(turn: Turn) -> None:
		turn.check()
		why = turn.reason(reason)
		doc = turn.document()
		received = next(event for event in turn.events if event.kind == "received")
		correction = intake.correction_of(doc, turn.case, turn.before, facts)
		fees = _fees_corrected(turn, correction.promise) if correction.promise else {}
		turn.append(
			reason=why,
			data={"of": received.id, **correction.promise, **fees},
			personal={"before": correction.before, "after": correction.after},
		)
		if correction.after:
			turn.change("Dossier", turn.dossier, **correction.after)
		if correction.steps:
			for name in frappe.get_all(
				"Dossier Step", filters={"dossier": turn.dossier}, fields=["name", "step_key"]
			):
				turn.change("Dossier Step", name.name, **correction.steps)

	return carry_out("correct", dossier, client_key, perform)


def _fees_corrected(turn: Turn, promise: dict[str, Any]) -> dict[str, Any]:
	"""Ask for the fees of the corrected case: what is due by the old one is cancelled, what was paid stays paid."""
	rows = frappe.get_all(
		"Dossier Payment",
		filters={
			"dossier": turn.dossier,
			"kind": ["!=", "Financial Obligation"],
			"status": ["in", ["Due", "Paid"]],
		},
		fields=["name", "title", "amount", "status"],
	)
	before = turn.case.promise
	lines = intake.fees_of_another_case(
		before["version"], promise["case"], before["channel"], [row.title for row in rows]
	)
	asks = [[line["fee_name"], line["kind"], line["amount"]] for line in lines]
	# What was waived stays waived, and the parts of a whole owe nothing of their own.
	waived = {name for name, _kind, amount in before.get("fees") or () if not flt(amount)}
	asked = {line["fee_name"]: line for line in lines if line["fee_name"] not in waived}
	if turn.row.parent_dossier:
		asked = {}
	for row in rows:
		line = asked.get(row.title)
		if line and row.status == "Paid":
			line["amount"] -= flt(row.amount)
		# A line by the piece stays for as many pieces as were taken.
		elif line and flt(row.amount) % line["amount"] == 0:
			del asked[row.title]
		elif row.status == "Due":
			turn.change("Dossier Payment", row.name, status="Cancelled")
	for line in (line for line in asked.values() if line["amount"] > 0):
		turn.insert(
			"Dossier Payment",
			title=line["fee_name"],
			kind=line["kind"],
			amount=line["amount"],
			status="Due",
			ordered_at=turn.at,
		)
	return {"fees": asks}


def undo(dossier: str, *, client_key: str, reason: str) -> dict:
	"""Take one's own last action back, within an unchanged national status: a change of it has already been
	notified (TT 01/2018 art. 17).

	Raises NothingToUndo.
	"""

	def perform(turn: Turn) -> None:
		target = undoable(turn.before, turn.events, turn.rows)
		turn.check()
		if target is None:
			frappe.throw(
				_(
					"The last action cannot be undone: it has changed the status that was notified, or is final."
				),
				NothingToUndo,
			)
		turn.append(
			step=target.step, reason=turn.reason(reason), data={"of": target.id, "undone": target.kind}
		)
		for doctype in ("Dossier Payment", "Dossier Opinion"):
			for name in frappe.get_all(
				doctype, filters={"dossier": turn.dossier, "event": target.id}, pluck="name"
			):
				turn.change(doctype, name, status="Cancelled")
		if target.kind == "opinion_given":
			asked = frappe.db.get_value(
				"Dossier Opinion", {"dossier": turn.dossier, "event": target.data.get("opinion")}, "name"
			)
			if asked:
				turn.change(
					"Dossier Opinion", asked, status="Open", answer=None, answered_by=None, answered_at=None
				)

	return carry_out("undo", dossier, client_key, perform)


def undoable(now: ledger.Standing, events, rows):
	"""The last event of a dossier, if it may be taken back; None otherwise."""
	if not events:
		return None
	last, row = events[-1], rows[-1]
	command = COMMANDS.get(str(last.data.get("command") or ""))
	if command is None or not command.undoable:
		return None
	national = {cases.NATIONAL[Status(row[name])] for name in ("from_status", "to_status")}
	return last if len(national) == 1 else None


# The system's own


def follow_calendar(dossier: str, *, client_key: str) -> dict:
	"""Count a dossier anew after its calendar changed; the original due date stays (BLLĐ 2019 art. 112).

	The event keeps the calendar's revision, so that the ledger verifies. Only for `on_behalf_of_system`.
	"""

	def perform(turn: Turn) -> None:
		turn.check()
		result = turn.before.result
		turn.append(
			data={
				"revision": working_time.revision_for(_receiving(turn)),
				"old_due": frappe.db.get_value("Dossier", turn.dossier, "due_at"),
				"due": result.due.isoformat() if result and result.due else None,
			}
		)

	return carry_out("follow_calendar", dossier, client_key, perform)


def follow_successor(dossier: str, *, client_key: str) -> dict:
	"""Lead a dossier on where one of its units has ended and another has taken over its tasks: reception, decision and
	the steps not done yet go to the successor (NĐ 118/2025: two tiers, merged communes). Only for
	`on_behalf_of_system`.

	Raises CommandRefused where all its units still exist.
	"""

	def perform(turn: Turn) -> None:
		turn.check()
		facts = intake.successors_of(turn.before, _receiving(turn), turn.day)
		if not facts:
			frappe.throw(_("All units of the dossier still exist."), CommandRefused)
		gone = facts.pop("gone")
		why = "; ".join(
			_("{0} has taken over the tasks of {1}").format(name_of(new), name_of(old))
			for old, new in sorted(gone.items())
		)
		turn.append(reason=why, data=facts)
		if turn.before.status is Status.DRAFT:
			turn.change("Dossier", turn.dossier, deciding_unit=None)

	return carry_out("follow_successor", dossier, client_key, perform)


def follow_linked(
	dossier: str, *, client_key: str, step: str, linked: str, kind: str, note: str | None = None
) -> dict:
	"""Move a dossier as its linked dossier moved: opened, asked for a supplement, took it in, or ended
	(NĐ 61/2018 art. 19.6, 19.7). Only for `on_behalf_of_system`.

	:param kind: the event to append: linked_moved, supplement_requested, supplement_received, step_completed;
		the last step completed finishes the dossier with the results of all parts
	"""

	def perform(turn: Turn) -> None:
		turn.check()
		facts = {"dossier": linked}
		if kind == "supplement_requested":
			facts["stage"] = "appraisal"
		completes = kind == "step_completed"
		payment = next_payment(turn.before, step) if completes else None
		settled = [payment] if payment else []
		if settled:
			# A part names no sum that the whole would owe.
			facts["settles"] = settled
		# Under the lock: two parts that end together must not both leave the end to the other.
		ends = completes and finishes(turn.before, step, settled)
		name = turn.append(
			kind="finished" if ends else kind, step=step, reason=(note or "")[:2000], data=facts
		)
		for result in _results_of_parts(turn.dossier) if ends else ():
			turn.insert("Dossier Result", **result, event=name)
		if ends:
			_cancel_what_waits(turn, payments=False)

	return carry_out("follow_linked", dossier, client_key, perform)


def _results_of_parts(dossier: str) -> list[dict[str, Any]]:
	parts = frappe.get_all("Dossier", filters={"parent_dossier": dossier}, pluck="name")
	rows = frappe.get_all(
		"Dossier Result",
		filters={"dossier": among(parts)},
		fields=["result_name", "number", "issued_on", "refused", "file", "sha256"],
		order_by="creation asc",
	)
	return [dict(row) for row in rows]


def offered(command: str, who: authority.Person, row, now: ledger.Standing, step: str | None = None) -> bool:
	"""Whether the desk offers a command to a person now."""
	return authority.in_status(command, now.status) and not authority.refusal(command, who, row, now, step)
