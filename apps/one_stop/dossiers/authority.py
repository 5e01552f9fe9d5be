"""Who may give which command on a dossier: by the duties a person holds in its units.

One source for the check of a command and for the list of actions that the desk offers (NĐ 61/2018 art. 17-20).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import frappe
from frappe import _

from one_stop.dossiers import case as cases
from one_stop.dossiers.case import COMMANDS, Status
from one_stop.dossiers.exceptions import NotYourDuty, WrongStatus
from one_stop.dossiers.ledger import Standing
from one_stop.organization import units

RECEPTION, RETURN = "Reception", "Return"
# Commands of the counter that received, or is to receive, the dossier.
OF_THE_COUNTER = frozenset(
	{
		"acknowledge",
		"receive",
		"refuse_at_intake",
		"take_in_supplement",
		"confirm_payment",
		"withdraw",
		"hand_over_to",
		"correct",
		"register",
		"accept_extension",
	}
)
OF_THE_APPLICANT = frozenset({"register", "take_in_supplement", "withdraw", "accept_extension"})
OF_THE_LEADER = frozenset({"extend", "stop"})
# Work on an open step: its officer's, or of anybody with the duty while nobody has claimed it.
OF_THE_STEP = frozenset(
	{
		"complete_step",
		"skip_step",
		"send_back",
		"ask_opinion",
		"order_obligation",
		"finish",
		"refuse",
		"delegate",
	}
)
OF_THE_SYSTEM = frozenset({"follow_calendar", "follow_linked", "follow_successor"})


@dataclass(frozen=True, slots=True)
class Person:
	"""A person with the duties they hold on a day: `(duty, unit)` pairs, delegations included.

	`stands_in` are the `(duty, unit, absent person)` that they stand in for.
	"""

	user: str
	day: date
	duties: frozenset[tuple[str, str]]
	leads: frozenset[str]
	stands_in: frozenset[tuple[str, str, str]] = frozenset()

	@property
	def units(self) -> frozenset[str]:
		return frozenset(unit for _duty, unit in self.duties)

	def holds(self, duty: str | None, unit: str | None) -> bool:
		return bool(duty and unit) and (duty, unit) in self.duties

	def leads_over(self, unit: str | None) -> bool:
		"""Whether they lead the unit or one above it."""
		return bool(unit) and any(above in self.leads for above in units.ancestors(unit))


def person(user: str, day: date) -> Person:
	"""The duties of a person on a day."""
	found = units.memberships(user, day)
	rows = [(row["duty"], row["unit"]) for row in found]
	stands_in = {(row["duty"], row["unit"], row["delegated_by"]) for row in found if row.get("delegated_by")}
	leads = {unit for duty, unit in rows if frappe.get_cached_value("Duty", duty, "role") == "Unit Leader"}
	return Person(user, day, frozenset(rows), frozenset(leads), frozenset(stands_in))


def refusal(
	command: str, who: Person, dossier: Mapping[str, Any], now: Standing, step: str | None = None
) -> str | None:
	"""Why a person may not give a command now, in words; None where they may.

	The status is checked by `in_status`; this is about duties and, for commands on a step, about whose it is.
	"""
	receiving = now.case.receiving_unit or dossier.get("receiving_unit")
	if command in OF_THE_APPLICANT and dossier.get("applicant_user") == who.user:
		return None
	if command in OF_THE_COUNTER:
		return None if who.holds(RECEPTION, receiving) else _needs(RECEPTION, receiving)
	if command == "request_supplement" and not now.case.received_at:
		return None if who.holds(RECEPTION, receiving) else _needs(RECEPTION, receiving)
	if command == "request_supplement":
		mine = any(works_on(who, now, open_step.key) for open_step in now.open_steps())
		return None if mine else _("Only who works on an open step may ask for a supplement after appraisal.")
	if command in OF_THE_LEADER:
		led = who.leads_over(now.case.deciding_unit)
		return None if led else _("Only a leader of the deciding unit may do this.")
	if command == "return_result":
		return None if who.holds(RETURN, receiving) else _needs(RETURN, receiving)
	if command == "add_papers":
		mine = any(works_on(who, now, open_step.key) for open_step in now.open_steps())
		fits = mine or who.holds(RECEPTION, receiving)
		return None if fits else _("Only the counter, or who works on an open step, adds papers.")
	if command == "record_fee_payment":
		at_counter = who.holds(RECEPTION, receiving) or who.holds(RETURN, receiving)
		return None if at_counter else _needs(RECEPTION, receiving)
	if command == "answer_opinion":
		asked = {opinion.unit for opinion in now.case.unanswered}
		return None if asked & who.units else _("Only members of the unit asked may answer.")
	if command == "undo":
		last = now.case.last
		return None if last and last.actor == who.user else _("Only who took the last action may undo it.")
	if command == "claim":
		term = now.term(step or "")
		fits = term is not None and who.holds(term.duty, term.unit)
		return None if fits else _needs(term.duty if term else "", term.unit if term else "")
	if command == "assign":
		term = now.term(step or "")
		fits = term is not None and who.leads_over(term.unit)
		return None if fits else _("Only a leader of the step's unit may assign it.")
	if command in OF_THE_STEP:
		if not works_on(who, now, step or ""):
			return _("The step belongs to somebody else, or your duties do not cover it.")
		if command == "delegate" and officer_of(now, step or "", who.day) != who.user:
			return _("Claim the step first; then it can be passed on.")
		if command == "refuse" and not _may_decide(who, now, step or ""):
			return _("Refusing is decided by who signs.")
		return None
	return _("Only the system does this.")


def works_on(who: Person, now: Standing, key: str) -> bool:
	"""Whether an open step is a person's to work on: within their duties, and theirs or nobody's."""
	term = now.term(key)
	if term is None or not who.holds(term.duty, term.unit):
		return False
	officer = officer_of(now, key, who.day)
	return officer in (None, who.user) or (term.duty, term.unit, officer) in who.stands_in


def officer_of(now: Standing, key: str, day: date) -> str | None:
	"""Who has a step: the officer on record, as long as they hold its duty in its unit."""
	officer, term = now.case.officers.get(key), now.term(key)
	if officer is None or term is None or officer not in units.members(term.unit or "", term.duty, day):
		return None
	return officer


def _may_decide(who: Person, now: Standing, key: str) -> bool:
	return now.kinds.get(key) == cases.APPROVAL or who.leads_over(now.term(key).unit)


def _needs(duty: str | None, unit: str | None) -> str:
	return _("This needs the duty {0} in {1}.").format(_(duty or "—"), units.unit_name(unit) if unit else "—")


def in_status(command: str, status: Status) -> bool:
	return status in COMMANDS[command].sources


def check(
	command: str, who: Person, dossier: Mapping[str, Any], now: Standing, step: str | None = None
) -> None:
	"""Raise WrongStatus or NotYourDuty where a person may not give a command now."""
	if not in_status(command, now.status):
		frappe.throw(
			_("{0} is not possible while the dossier is “{1}” ({2}).").format(
				_(label_of(command)), _(now.status.value), COMMANDS[command].article
			),
			WrongStatus,
		)
	if why := refusal(command, who, dossier, now, step):
		frappe.throw(f"{_(label_of(command))}: {why}", NotYourDuty)


LABELS = {
	"register": "Submit",
	"acknowledge": "Acknowledge",
	"receive": "Receive",
	"refuse_at_intake": "Refuse at Intake",
	"request_supplement": "Request Supplement",
	"take_in_supplement": "Take In Supplement",
	"add_papers": "Add Papers",
	"assign": "Assign",
	"claim": "Claim",
	"delegate": "Pass On",
	"complete_step": "Complete Step",
	"skip_step": "Skip Step",
	"send_back": "Send Back",
	"ask_opinion": "Ask an Opinion",
	"answer_opinion": "Answer the Opinion",
	"order_obligation": "Order Financial Obligation",
	"confirm_payment": "Confirm Payment",
	"record_fee_payment": "Record Fee Payment",
	"extend": "Extend with Apology",
	"accept_extension": "Note the Acceptance of the New Date",
	"stop": "Stop",
	"withdraw": "Withdraw",
	"finish": "Finish with Result",
	"refuse": "Refuse as Result",
	"return_result": "Return Result",
	"hand_over_to": "Hand Over to Competent Unit",
	"correct": "Correct Reception",
	"undo": "Undo",
	"follow_calendar": "Follow the Calendar",
	"follow_successor": "Follow the Successor",
	"follow_linked": "Follow the Linked Dossier",
}


def label_of(command: str) -> str:
	"""English name of a command, the source of its translation."""
	return LABELS[command]
