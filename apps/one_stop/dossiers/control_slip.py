"""Who gave a dossier to whom, when, and whether in time: the blocks of the control slip (phiếu kiểm soát quá trình).

TT 01/2018/TT-VPCP form 05, TT 03/2025/TT-VPCP form 06: one block per hand-over, with giver, receiver, hour,
minute and date, and the giver's result: early, on time or late. Everything is read from the ledger.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import frappe

from one_stop.dossiers import case as cases
from one_stop.dossiers import ledger
from one_stop.dossiers.case import LedgerEvent
from one_stop.organization import units

APPLICANT = "Người nộp hồ sơ"
DONE = frozenset({"step_completed", "step_skipped", "finished", "refused", "returned"})
TAKEN = frozenset({"claimed", "assigned", "delegated", *DONE})
WHAT = {
	"received": "Tiếp nhận hồ sơ",
	"sent_back": "Chuyển lại",
	"supplement_requested": "Yêu cầu bổ sung hồ sơ",
	"supplement_received": "Nhận hồ sơ bổ sung",
	"handed_to_unit": "Chuyển cơ quan có thẩm quyền",
	"obligation_ordered": "Yêu cầu thực hiện nghĩa vụ tài chính",
	"obligation_paid": "Đã thực hiện nghĩa vụ tài chính",
	"returned": "Trả kết quả",
	"withdrawn": "Người nộp rút hồ sơ",
	"stopped": "Dừng giải quyết hồ sơ",
}


@dataclass(frozen=True, slots=True)
class Party:
	"""One side of a hand-over: the unit, and the person where one has acted or taken the step."""

	unit: str
	person: str = ""


@dataclass(frozen=True, slots=True)
class Handover:
	"""One block of the slip. `outcome` is the giver's, blank where nothing of theirs was timed."""

	number: int
	what: str
	giver: Party
	receivers: tuple[Party, ...]
	at: datetime
	outcome: str
	note: str


def handovers(dossier: str) -> list[Handover]:
	"""The hand-overs of a dossier, oldest first; what was undone is left out."""
	events = [ledger.event_of(row) for row in ledger.rows_of(dossier)]
	names = _names(dossier)
	answers = ledger.answers_of(dossier)
	stands = {event.id for event in cases.counted(events)}
	found: list[Handover] = []
	for place, event in enumerate(events):
		if event.id not in stands or event.kind not in DONE | WHAT.keys():
			continue
		now = ledger.standing_of(events[: place + 1], answers, event.at)
		later = [one for one in events[place + 1 :] if one.id in stands]
		giver, receivers, outcome = _sides(event, now, later, names)
		found.append(
			Handover(
				number=len(found) + 1,
				what=_what(event, now),
				giver=giver,
				receivers=receivers,
				at=event.at,
				outcome=outcome,
				note=event.reason,
			)
		)
	return found


def _names(dossier: str) -> dict[str, str]:
	return dict(
		frappe.get_all(
			"Dossier Event",
			filters={"dossier": dossier},
			fields=["name", "actor_name"],
			as_list=True,
			limit=0,
		)
	)


def _what(event: LedgerEvent, now: ledger.Standing) -> str:
	term = now.term(event.step)
	return WHAT.get(event.kind) or (term.title if term else "")


def _sides(
	event: LedgerEvent, now: ledger.Standing, later: Sequence[LedgerEvent], names: Mapping[str, str]
) -> tuple[Party, tuple[Party, ...], str]:
	applicant = Party(APPLICANT)
	counter = Party(units.unit_name(now.case.receiving_unit))
	actor = Party(units.unit_name(event.unit) or counter.unit, names.get(event.id, ""))
	open_now = tuple(_taker(step.key, now, later, names) for step in now.open_steps())
	match event.kind:
		case "received":
			return applicant, (Party(counter.unit, actor.person),), ""
		case "supplement_requested" | "obligation_ordered":
			return actor, (applicant,), ""
		case "supplement_received" | "obligation_paid":
			return applicant, open_now or (counter,), ""
		case "withdrawn" | "stopped":
			return actor, (applicant,), ""
		case "handed_to_unit":
			return actor, open_now or (Party(units.unit_name(now.case.deciding_unit)),), ""
		case "sent_back":
			return actor, (_taker(str(event.data.get("to")), now, later, names),), ""
	step = now.step(event.step)
	outcome = ledger.OUTCOME.get(step.outcome, "") if step else ""
	if event.kind == "returned":
		return actor, (applicant,), outcome or ledger.OUTCOME.get(now.result.by_timestamp, "")
	if now.kinds.get(event.step) == cases.PAYMENT:
		actor = applicant
	receivers = tuple(_taker(key, now, later, names) for key in _followers(event.step, now))
	return actor, receivers or (counter,), outcome


def _followers(key: str, now: ledger.Standing) -> Iterator[str]:
	return (step.key for step in (now.terms.steps if now.terms else ()) if key in step.after)


def _taker(key: str, now: ledger.Standing, later: Sequence[LedgerEvent], names: Mapping[str, str]) -> Party:
	"""Who takes a step: its unit, and the first person to claim, be given or complete it afterwards."""
	term = now.term(key)
	if term is None or not term.unit:
		return Party(APPLICANT)
	taken = next((one for one in later if one.step == key and one.kind in TAKEN), None)
	if taken is None:
		return Party(units.unit_name(term.unit))
	officer = taken.data.get("officer")
	person = frappe.utils.get_fullname(officer) if officer else names.get(taken.id, "")
	return Party(units.unit_name(term.unit), person)
