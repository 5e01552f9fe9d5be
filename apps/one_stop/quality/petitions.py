"""Phản ánh, kiến nghị: handed in, followed, handled and published (NĐ 20/2008, amended 48/2013 and 92/2017).

The only writer of a petition's state. Functions a citizen calls take the code and the check code they were given;
those of staff check role and unit of the session's user.
"""

import hashlib
import hmac
import re
import secrets
from datetime import datetime
from typing import Any

import frappe
from frappe import _
from frappe.utils import get_datetime, getdate, now_datetime

from one_stop import permissions
from one_stop.organization import units, working_time
from one_stop.quality import petition_clock
from one_stop.quality.exceptions import PetitionIncomplete, PetitionStepOutOfTurn, UnknownPetition
from one_stop.quality.petition_clock import Deadlines, Handling

KINDS = ("Regulation", "Conduct")
# Without the signs that people mistake for each other.
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
FINDINGS = ("Upheld", "Partly Upheld", "False")
HANDLERS = ("Monitoring Officer", "Unit Leader")


def submit_petition(
	kind: str,
	subject: str,
	content: str,
	sender_name: str,
	sender_address: str,
	sender_phone: str = "",
	sender_email: str = "",
	unit: str | None = None,
	dossier_code: str | None = None,
	procedure: str | None = None,
	way: str = "Online",
	code_given: str = "",
) -> dict[str, str]:
	"""Take in a petition and start its clock.

	:param kind: "Regulation" (about rules) or "Conduct" (about what an official did)
	:param unit: the unit it is about, if known; the province's own unit handles what names none
	:param dossier_code: the code of a dossier that the caller may know of; an unknown code is refused
	:param code_given: a code as a stranger wrote it: kept for who handles the petition, and looked up by nobody else
	:returns: `{"code", "check", "resolve_by"}`; the check code is shown once and kept only as a hash
	:raises PetitionIncomplete: names what is missing (NĐ 20/2008 art. 6: clear content, name, address, phone)
	"""
	values = {
		"subject": subject,
		"content": content,
		"sender_name": sender_name,
		"sender_address": sender_address,
		"sender_phone": sender_phone,
		"sender_email": sender_email,
	}
	values = {key: (value or "").strip() for key, value in values.items()}
	_check_complete(kind, values)
	if unit and not units.get(unit):
		frappe.throw(_("There is no unit {0}.").format(unit), PetitionIncomplete)
	dossier = None
	if dossier_code:
		dossier = _dossier_of(dossier_code)
		procedure = procedure or dossier.procedure
		unit = unit or dossier.deciding_unit
	handling = unit or frappe.db.get_single_value("One-Stop Settings", "province_unit")
	now = now_datetime()
	due = _deadlines(handling, now)
	check = "".join(secrets.choice(ALPHABET) for _sign in range(8))
	code = _new_code(now)
	doc = frappe.get_doc(
		{
			"doctype": "Petition",
			**values,
			"code": code,
			"kind": kind,
			"status": "Received",
			"way": way,
			"unit": handling,
			"unit_concerned": unit,
			"dossier": dossier.name if dossier else None,
			"dossier_code": (dossier_code or code_given).strip()[:140],
			"procedure": procedure,
			"sender_masked": masked_sender(values["sender_name"], values["sender_phone"]),
			"received_at": now,
			"refuse_by": due.refuse_by,
			"ask_by": due.ask_by,
			"resolve_by": due.resolve_by,
			"on_time": 1,
			"check_hash": _check_hash(code, check),
		}
	)
	doc.flags.by_handling = True
	# Anybody may send a petition; what is written is exactly what was checked above.
	doc.insert(ignore_permissions=True)
	return {"code": code, "check": check, "resolve_by": str(due.resolve_by)}


def follow_petition(code: str, check: str) -> dict[str, Any]:
	"""What its sender sees of a petition: state, dates, what was asked, the answer; nobody's personal data.

	:raises UnknownPetition: wrong code or check code, without saying which
	"""
	doc = _of_sender(code, check)
	shown = (
		"code",
		"kind",
		"status",
		"subject",
		"content",
		"question",
		"addition",
		"refusal_reason",
		"answer",
	)
	moments = ("received_at", "resolve_by", "answered_at", "published_at")
	return {
		**{key: doc.get(key) or "" for key in shown},
		**{key: str(doc.get(key) or "") for key in moments},
		"status_text": _(doc.status),
		"unit_name": units.unit_name(doc.unit),
		"finding": doc.finding or "",
		"may_add": doc.status == "More Asked",
		"may_judge": doc.status in ("Answered", "Published") and not doc.sender_content,
	}


def add_information(code: str, check: str, text: str) -> dict[str, Any]:
	"""The sender adds what was asked for; the fifteen days count anew."""
	doc = _of_sender(code, check, lock=True)
	_expect(doc, "More Asked")
	if not (text or "").strip():
		frappe.throw(_("Please write what you want to add."), PetitionIncomplete)
	return _write(doc, status="In Handling", addition=text.strip(), **_renewed(doc))


def _renewed(doc) -> dict[str, datetime]:
	"""The clock once the sender is no longer waited for: resolving counts anew, and so does asking once more, unless
	the first question came too late already."""
	now = now_datetime()
	renewed = {"resolve_by": _deadlines(doc.unit, get_datetime(doc.received_at), now).resolve_by}
	if get_datetime(doc.asked_at) <= get_datetime(doc.ask_by):
		renewed["ask_by"] = _deadlines(doc.unit, now).ask_by
	return renewed


def judge_answer(code: str, check: str, satisfied: bool) -> dict[str, Any]:
	"""The sender says whether the answer satisfies them, once (QĐ 766 5.3)."""
	doc = _of_sender(code, check, lock=True)
	_expect(doc, "Answered", "Published")
	if doc.sender_content:
		frappe.throw(_("You have said so already."), PetitionStepOutOfTurn)
	return _write(doc, sender_content="Satisfied" if satisfied else "Dissatisfied")


def public_petitions(kind: str | None = None, start: int = 0, limit: int = 20) -> list[dict[str, Any]]:
	"""Published petitions for everybody, newest first: subject, public answer, unit, dates; no sender, no content."""
	filters = {"status": "Published", **({"kind": kind} if kind in KINDS else {})}
	rows = frappe.get_all(
		"Petition",
		filters,
		[
			"code",
			"kind",
			"subject",
			"public_subject",
			"public_answer",
			"unit",
			"received_at",
			"published_at",
		],
		order_by="published_at desc",
		start=max(0, int(start)),
		limit=min(100, max(1, int(limit))),
	)
	return [
		{**row, "subject": row.public_subject or row.subject, "unit_name": units.unit_name(row.unit)}
		for row in rows
	]


# --- Handling by staff -----------------------------------------------------------------------------------------


def accept(petition: str) -> dict[str, Any]:
	"""Take a petition into handling."""
	doc = _to_handle(petition)
	_expect(doc, "Received")
	return _write(doc, status="In Handling")


def refuse(petition: str, reason: str) -> dict[str, Any]:
	"""Refuse a petition that is not one, in two working days, with the reason."""
	doc = _to_handle(petition)
	_expect(doc, "Received")
	_need(reason, _("The reason of refusal"))
	return _write(doc, status="Refused", refusal_reason=reason, answered_at=now_datetime())


def ask_more(petition: str, question: str) -> dict[str, Any]:
	"""Ask the sender for more, in five working days."""
	doc = _to_handle(petition)
	_expect(doc, "Received", "In Handling")
	_need(question, _("What the sender is asked"))
	return _write(doc, status="More Asked", question=question, asked_at=now_datetime())


def forward(petition: str, unit: str) -> dict[str, Any]:
	"""Hand a petition to the unit that is competent; its clock goes on."""
	doc = _to_handle(petition)
	_expect(doc, "Received", "In Handling")
	if not units.get(unit):
		frappe.throw(_("There is no unit {0}.").format(unit), PetitionIncomplete)
	return _write(doc, status="Received", unit=unit)


def link_dossier(petition: str, dossier_code: str) -> dict[str, Any]:
	"""Say which dossier a petition is about, as its sender wrote or as was found out; who handles it stays the same.

	:raises PetitionIncomplete: there is no such dossier that the caller may see
	"""
	doc = _to_handle(petition)
	_expect(doc, "Received", "In Handling", "More Asked")
	dossier = _dossier_of(dossier_code)
	if not frappe.has_permission("Dossier", "read", dossier.name):
		frappe.throw(_("There is no dossier {0}.").format(dossier_code), PetitionIncomplete)
	return _write(
		doc,
		dossier=dossier.name,
		procedure=dossier.procedure,
		unit_concerned=doc.unit_concerned or dossier.deciding_unit,
	)


def _dossier_of(code: str):
	found = frappe.db.get_value(
		"Dossier", {"code": (code or "").strip()}, ["name", "procedure", "deciding_unit"], as_dict=True
	)
	if not found:
		frappe.throw(_("There is no dossier {0}.").format(code), PetitionIncomplete)
	return found


def answer(
	petition: str,
	text: str,
	public_answer: str,
	finding: str | None = None,
	officer: str | None = None,
	public_subject: str | None = None,
) -> dict[str, Any]:
	"""Answer a petition. One about conduct needs a finding: upheld sets indicator 7 to 0, false is not counted.

	:param public_answer: the words for everybody, without personal data
	:param public_subject: what everybody reads the petition is about, where the sender's own words name people
	:param officer: the official an upheld petition is about: somebody else, who served in the unit concerned
	:raises PetitionIncomplete: names what is missing or does not fit
	"""
	doc = _to_handle(petition)
	_expect(doc, "Received", "In Handling", "More Asked")
	_need(text, _("The answer"))
	_need(public_answer, _("The public answer"))
	if doc.kind == "Conduct" and finding not in FINDINGS:
		frappe.throw(
			_("A petition about conduct needs a finding: upheld, partly upheld or false."), PetitionIncomplete
		)
	now = now_datetime()
	# What the sender was asked for and never added is given up.
	renewed = _renewed(doc) if doc.status == "More Asked" else {}
	return _write(
		doc,
		**renewed,
		status="Answered",
		answer=text,
		public_answer=public_answer,
		public_subject=(public_subject or doc.subject).strip()[:140],
		finding=finding if finding in FINDINGS else None,
		officer_concerned=officer or doc.officer_concerned,
		answered_at=now,
		publish_by=_after(doc.unit)(now, petition_clock.PUBLISH_DAYS),
	)


def publish(petition: str) -> dict[str, Any]:
	"""Publish the public answer, in two working days."""
	doc = _to_handle(petition)
	_expect(doc, "Answered")
	return _write(doc, status="Published", published_at=now_datetime())


def follow_clock() -> None:
	"""Daily: petitions that have run out of time are marked, and those let drag on."""
	for name in frappe.get_all(
		"Petition", {"status": ("not in", ("Published", "Refused"))}, pluck="name", limit=0
	):
		doc = frappe.get_doc("Petition", name)
		before = (doc.on_time, doc.prolonged)
		_judge(doc)
		if (doc.on_time, doc.prolonged) != before:
			frappe.db.set_value("Petition", name, {"on_time": doc.on_time, "prolonged": doc.prolonged})


def masked_sender(name: str, phone: str) -> str:
	"""Enough to tell two senders apart, too little to know who they are: `N. V. A., …123`."""
	letters = " ".join(f"{word[0]}." for word in name.split())
	return f"{letters}, {permissions.masked(phone)}" if phone else letters


def problems_of(kind: str, values: dict[str, str]) -> dict[str, str]:
	"""What is wrong with a petition, by field, in words for its sender (NĐ 20/2008 art. 6)."""
	found: dict[str, str] = {}
	if kind not in KINDS:
		found["kind"] = _("Say whether the petition is about rules or about conduct.")
	for key in ("subject", "content", "sender_name", "sender_address"):
		if not values[key]:
			found[key] = _("Please fill in this field.")
	if not values["sender_phone"] and not values["sender_email"]:
		found["sender_phone"] = _("Give a telephone number or an e-mail address.")
	if len(values["subject"]) > 140 or len(values["content"]) > 10_000:
		longer = "subject" if len(values["subject"]) > 140 else "content"
		found[longer] = _("The subject may have 140 signs, the content 10,000.")
	if values["sender_phone"] and not re.fullmatch(r"[+\d][\d .-]{7,14}", values["sender_phone"]):
		found["sender_phone"] = _("{0} is no phone number.").format(values["sender_phone"])
	return found


def _check_complete(kind: str, values: dict[str, str]) -> None:
	if found := problems_of(kind, values):
		labels = {
			"kind": _("Petition Kind"),
			"subject": _("Subject"),
			"content": _("Content"),
			"sender_name": _("Sender Name"),
			"sender_address": _("Sender Address"),
			"sender_phone": _("Sender Phone"),
		}
		lines = [f"{labels[name]}: {message}" for name, message in found.items()]
		frappe.throw("<br>".join(lines), PetitionIncomplete)


def _new_code(now: datetime) -> str:
	return f"PAKN-{now:%y%m%d}-{''.join(secrets.choice(ALPHABET) for _sign in range(6))}"


def _check_hash(code: str, check: str) -> str:
	return hashlib.sha256(f"{code}:{(check or '').strip().upper()}".encode()).hexdigest()


def _of_sender(code: str, check: str, lock: bool = False):
	name = frappe.db.get_value("Petition", {"code": (code or "").strip().upper()}, "name", for_update=lock)
	doc = frappe.get_doc("Petition", name) if name else None
	if not doc or not hmac.compare_digest(doc.check_hash or "", _check_hash(doc.code, check)):
		frappe.throw(_("There is no petition with this code and check code."), UnknownPetition)
	return doc


def _to_handle(petition: str):
	"""The petition, locked, for somebody whose duties let them handle it."""
	doc = frappe.get_doc("Petition", petition, for_update=True)
	user = frappe.session.user
	if user != "Administrator" and not set(HANDLERS) & set(frappe.get_roles(user)):
		raise frappe.PermissionError(
			_("Handling petitions is the task of monitoring officers and unit leaders.")
		)
	if not permissions.may_see_unit(doc.unit, user):
		raise frappe.PermissionError(_("This petition is handled by another unit."))
	if doc.officer_concerned == user:
		raise frappe.PermissionError(
			_("This petition is about yourself: it is handled by another leader or monitoring officer.")
		)
	return doc


def _expect(doc, *statuses: str) -> None:
	if doc.status not in statuses:
		frappe.throw(
			_("The petition is in the state {0}; this step does not fit.").format(_(doc.status)),
			PetitionStepOutOfTurn,
		)


def _need(text: str | None, what: str) -> None:
	if not (text or "").strip():
		frappe.throw(_("{0} is missing.").format(what), PetitionIncomplete)


def _write(doc, **values: Any) -> dict[str, Any]:
	doc.update(values)
	_judge(doc)
	doc.flags.by_handling = True
	# The caller's right was checked by `_to_handle`, or by the sender's check code.
	doc.save(ignore_permissions=True)
	return {"petition": doc.name, "code": doc.code, "status": doc.status}


def _judge(doc) -> None:
	now = now_datetime()
	due = Deadlines(*(get_datetime(doc.get(key)) for key in ("refuse_by", "ask_by", "resolve_by")))
	refused = get_datetime(doc.answered_at) if doc.status == "Refused" else None
	facts = Handling(
		due,
		refused=refused,
		asked=_moment(doc.asked_at),
		answered=None if refused else _moment(doc.answered_at),
		published=_moment(doc.published_at),
		publish_by=_moment(doc.publish_by),
		waiting=doc.status == "More Asked",
	)
	doc.on_time = int(petition_clock.handled_on_time(facts, now))
	doc.prolonged = int(petition_clock.prolonged(due, facts.reached(now), _after(doc.unit)))


def _moment(value) -> datetime | None:
	return get_datetime(value) if value else None


def _after(unit: str | None) -> petition_clock.WorkingDays:
	"""End of the working day so many working days later, in the calendar of the unit."""
	today = getdate()
	calendar = working_time.calendar_for(unit, today.replace(month=1, day=1), today.replace(month=12, day=31))

	def after(moment: datetime, days: int) -> datetime:
		day = calendar.shift_working_days(moment.date(), days)
		return calendar.last_moment(day)

	return after


def _deadlines(unit: str | None, received: datetime, added: datetime | None = None) -> Deadlines:
	return petition_clock.deadlines(received, _after(unit), added)
