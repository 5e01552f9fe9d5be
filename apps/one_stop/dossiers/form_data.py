"""What the printed forms show: one builder a form, from a dossier, a list or hand-over minutes.

Print formats call `official_form(doc, form)`. A letter's form shows the letter as it was issued: `doc.flags.letter`
names it, else it is the latest of its form. Personal numbers are masked for readers whose role does not need them;
the official copy (`doc.flags.official_copy`), which goes to the applicant, carries them in full.
"""

import contextlib
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import frappe
import segno
from frappe import _
from frappe.utils import cint, get_datetime, getdate, now_datetime
from markupsafe import Markup

from one_stop.citizen_portal import tracking
from one_stop.dossiers import control_slip, ledger, letter_texts, pages
from one_stop.dossiers import official_words as words
from one_stop.dossiers.exceptions import LetterNotIssued
from one_stop.organization import units

A5, A4, A4_WIDE = "A5", "A4", "A4 landscape"
NOT_PLAIN = re.compile(r"[^\w\s().,/:–-]")


def official_form(doc, form: str) -> dict[str, Any]:
	"""Everything the print format of a form shows of a document; the method of our Jinja templates.

	Raises LetterNotIssued for a letter that nothing has called for yet.
	"""
	with in_vietnamese():
		return {"form": form, **_BUILDERS[form](doc, form)}


@contextlib.contextmanager
def in_vietnamese() -> Iterator[None]:
	"""Official papers are in Vietnamese, whatever language the reader's desk has."""
	before = frappe.local.lang
	frappe.local.lang = "vi"
	try:
		yield
	finally:
		frappe.local.lang = before


# What all forms share


def _head(unit: str, form: str, issued_at: datetime, number: str | None, **values: str | None) -> dict:
	"""Header, number, place and date, wording and the way to the public page, of a form that a unit issues."""
	issuer = units.get(unit)
	names = [units.unit_name(name) for name in units.ancestors(unit)] or [units.unit_name(unit)]
	contact = frappe.get_cached_value("Administrative Unit", unit, ["phone", "address"], as_dict=True) or {}
	wording = letter_texts.worded(
		form,
		issued_at.date(),
		{
			"agency": names[0],
			"unit_phone": contact.get("phone"),
			"unit_address": contact.get("address"),
			"tracking": tracking_address(),
			"today": words.day_in_words(issued_at),
			**values,
		},
	)
	sign = wording.number_sign or words.sign_of(names[0], bool(issuer and issuer.is_one_stop))
	return {
		"header": words.agency_lines(names[1] if len(names) > 1 else _province(), names[0]),
		"number": f"{number}/{sign}" if number else f"………/{sign}",
		"place_and_date": ", ".join(filter(None, (place_of(unit), words.day_in_words(issued_at)))),
		"words": wording,
		"unit_name": names[0],
		# Stands within a style sheet, so that nothing but words and plain signs is let through.
		"foot": NOT_PLAIN.sub("", wording.form_number),
		"size": A5,
	}


def place_of(unit: str) -> str:
	"""The place before the date of a paper that a unit issues: the nearest commune or province."""
	return words.place_in([units.unit_name(name) for name in units.ancestors(unit)])


def _province() -> str:
	return frappe.get_cached_value("One-Stop Settings", "One-Stop Settings", "agency_header") or ""


def tracking_address() -> str:
	return frappe.get_cached_value("One-Stop Settings", "One-Stop Settings", "tracking_address") or ""


def qr_of(code: str | None, check: str | None = None) -> Markup:
	"""QR code as inline SVG: the public page of the dossier, or the bare code while it has no check value."""
	if not code:
		return Markup()
	text = tracking.address(code, check) if check else code
	# segno draws from the text alone; its title is escaped.
	return Markup(segno.make(text, error="m").svg_inline(scale=4, border=0, omitsize=True, title=text))


def _check_value(doc) -> str:
	"""What opens the dossier's public page beside its code: for the applicant's papers, not for who only watches."""
	return (doc.access_code or "") if _sees_personal_facts(doc) else ""


def _sees_personal_facts(doc) -> bool:
	return bool(doc.flags.official_copy) or 1 in frappe.get_meta("Dossier").get_permlevel_access("read")


def _applicant(doc) -> dict[str, str]:
	full = _sees_personal_facts(doc)
	return {
		"applicant": doc.applicant_name,
		"authorised": doc.authorised_name or "",
		"id_number": (doc.applicant_id_number if full else doc.id_number_masked) or "",
		"phone": (doc.applicant_phone if full else doc.phone_masked) or "",
		"email": (doc.applicant_email or "") if full else "",
		"address": doc.applicant_address or "",
	}


def _moment(value: Any) -> str:
	return words.moment_in_words(get_datetime(value) if value else None)


def _standing_at(dossier: str, event: str | None) -> ledger.Standing | None:
	"""Where a dossier stood right after an event; None where there is no such event."""
	events = [ledger.event_of(row) for row in ledger.rows_of(dossier)]
	place = next((number for number, one in enumerate(events, 1) if one.id == event), None)
	if place is None:
		return None
	return ledger.standing_of(events[:place], lambda: ledger.answers_of(dossier), events[place - 1].at)


# Letters about one dossier


def letter_of(doc, form: str):
	"""The letter that a form of a dossier shows: the one named in its flags, else the latest of the form, if any."""
	if doc.flags.letter:
		return doc.flags.letter
	rows = frappe.get_all(
		"Dossier Letter",
		filters={"dossier": doc.name, "form": form},
		fields=["*"],
		order_by="issued_at desc, creation desc",
		limit=1,
	)
	return rows[0] if rows else None


def _issued(doc, form: str):
	letter = letter_of(doc, form)
	if letter is None:
		frappe.throw(_("The form {0} has not been issued for this dossier.").format(_(form)), LetterNotIssued)
	return letter


def _letter(doc, form: str, letter, **values: str | None) -> dict[str, Any]:
	"""What every letter about a dossier shows. Amounts to nothing the letter or the dossier does not say."""
	then = _standing_at(doc.name, letter.event)
	due = then.result.due if then and then.result else doc.due_at
	contact = frappe.utils.get_fullname(letter.signer) if letter.signer else ""
	head = _head(
		letter.unit,
		form,
		get_datetime(letter.issued_at),
		letter.number,
		one_stop=units.unit_name(doc.receiving_unit),
		one_stop_phone=frappe.get_cached_value("Administrative Unit", doc.receiving_unit, "phone"),
		applicant=doc.applicant_name,
		code=doc.code,
		procedure=doc.procedure_name,
		content=doc.summary or doc.procedure_name,
		limit=limit_of(doc),
		received_at=_moment(doc.received_at),
		due_at=_moment(due),
		old_due_at=_moment(letter.old_due_at),
		new_due_at=_moment(letter.new_due_at),
		applicant_due=_moment(then.result.applicant_due) if then and then.result else "",
		reason=(letter.reason or "").strip(),
		contact=contact or units.unit_name(letter.unit),
		**values,
	)
	return {
		**head,
		**_applicant(doc),
		"code": doc.code or "",
		"procedure_code": doc.procedure,
		"content": doc.summary or doc.procedure_name,
		"qr": qr_of(doc.code, _check_value(doc)),
		"qr_opens": bool(doc.code and _check_value(doc)),
		"reason": [line.strip() for line in (letter.reason or "").splitlines() if line.strip()],
		"signer": contact,
		"submitter": doc.authorised_name or doc.applicant_name,
		"received_at": _moment(doc.received_at),
		"due_at": _moment(due),
	}


def _receipt(doc, form: str) -> dict[str, Any]:
	"""Form 01, receipt of a dossier and appointment (TT 01/2018/TT-VPCP art. 9.1a)."""
	if not doc.get("code"):
		frappe.throw(_("The receipt is printed when the dossier has been received."), LetterNotIssued)
	letter = letter_of(doc, form)
	facts = letter or frappe._dict(
		unit=doc.receiving_unit, issued_at=doc.received_at, signer=doc.receiver, number=None, event=None
	)
	shown = _letter(doc, form, facts)
	if letter is None:
		shown["due_at"] = _moment(doc.original_due_at or doc.due_at)
	received = get_datetime(doc.received_at)
	return {
		**shown,
		"components": [row for row in doc.components if row.submitted],
		"missing": [row for row in doc.components if row.required and not row.submitted],
		"sets": cint(doc.number_of_sets) or 1,
		"limit": limit_of(doc),
		"channel": words.CHANNELS.get(doc.channel, ""),
		"delivery": delivery_of(doc, units.unit_name(doc.receiving_unit)),
		"fees": [(row.title, words.dong(row.amount)) for row in _fees_asked([doc.name])],
		"book": received.year,
		"serial": doc.register_number or "………",
		"access_code": _check_value(doc),
		"replaces": _replaced(doc, letter),
	}


def _replaced(doc, letter) -> str:
	"""Which receipt a new one takes the place of, after a correction: number and day."""
	if letter is None or not letter.get("creation"):
		return ""
	rows = frappe.get_all(
		"Dossier Letter",
		filters={"dossier": doc.name, "form": "Receipt", "creation": ["<", letter.creation]},
		fields=["number", "issued_at"],
		order_by="creation desc",
		limit=1,
	)
	return f"{rows[0].number} {words.day_in_words(get_datetime(rows[0].issued_at))}" if rows else ""


def _supplement(doc, form: str) -> dict[str, Any]:
	"""Form 02, request to complete a dossier (art. 9.1b)."""
	letter = _issued(doc, form)
	return {**_letter(doc, form, letter), "items": frappe.parse_json(letter.get("items") or "[]")}


def _refusal(doc, form: str) -> dict[str, Any]:
	"""Form 03, refusal to receive or to grant, with its reason (art. 9.1c; NĐ 61/2018 art. 19.8)."""
	return _letter(doc, form, _issued(doc, form))


def _apology(doc, form: str) -> dict[str, Any]:
	"""Form 04, apology with a new appointment, since 2025 with the request for an extension (NĐ 61/2018 art. 19.9)."""
	return _letter(doc, form, _issued(doc, form))


def _stop_notice(doc, form: str) -> dict[str, Any]:
	"""Form 05 of 2025, notice that processing stops."""
	letter = _issued(doc, form)
	return _letter(doc, form, letter, stopped_at=words.day_in_words(get_datetime(letter.issued_at)))


def _control_slip(doc, form: str) -> dict[str, Any]:
	"""The control slip as far as the dossier has come; its file is issued when the dossier ends (TT 01 form 05)."""
	letter = letter_of(doc, form) or frappe._dict(
		unit=doc.receiving_unit, issued_at=doc.received_at or now_datetime(), number=None, event=None
	)
	with_others = dict.fromkeys(
		frappe.get_all("Dossier Step", filters={"dossier": doc.name}, pluck="unit", order_by="creation asc")
		+ frappe.get_all("Dossier Opinion", filters={"dossier": doc.name}, pluck="unit")
	)
	others = [unit for unit in with_others if unit and unit not in (doc.deciding_unit, doc.receiving_unit)]
	return {
		**_letter(doc, form, letter),
		"handling": units.unit_name(doc.deciding_unit) if doc.deciding_unit else "",
		"coordinating": "; ".join(map(units.unit_name, others)),
		"handovers": [
			{
				"number": one.number,
				"what": one.what,
				"giver": one.giver,
				"receivers": one.receivers,
				"at": _moment(one.at),
				"outcome": one.outcome,
				"note": one.note,
			}
			for one in control_slip.handovers(doc.name)
		],
		"size": A4,
	}


def _process_history(doc, form: str) -> dict[str, Any]:
	"""The whole story of a dossier: its steps with planned and actual times, and every event."""
	unit = doc.receiving_unit
	head = _head(unit, form, now_datetime(), None)
	steps = [
		{
			"title": row.title,
			"unit": row.unit_name,
			"officer": row.officer_name,
			"opened": words.moment_in_short(row.opened_at),
			"due": words.moment_in_short(row.due_at),
			"completed": words.moment_in_short(row.completed_at),
			"outcome": words.OUTCOMES.get(row.outcome, _(row.status)),
		}
		for row in pages.process_view(doc.name)["steps"]
	]
	events = [
		{**event, "at": words.moment_in_short(get_datetime(event["at"]))}
		for event in pages.timeline(doc.name)
	]
	return {
		**head,
		**_applicant(doc),
		"code": doc.code or "",
		"procedure_code": doc.procedure,
		"content": doc.summary or doc.procedure_name,
		"qr": qr_of(doc.code, _check_value(doc)),
		"status": _(doc.status),
		"received_at": _moment(doc.received_at),
		"due_at": _moment(doc.due_at),
		"original_due_at": _moment(doc.original_due_at),
		"outcome": words.OUTCOMES.get(doc.outcome, ""),
		"steps": steps,
		"events": events,
		"size": A4,
	}


# Lists of dossiers

LISTED = (
	"name",
	"code",
	"register_number",
	"procedure",
	"procedure_name",
	"summary",
	"applicant_name",
	"applicant_address",
	"applicant_phone",
	"phone_masked",
	"number_of_sets",
	"received_at",
	"due_at",
	"returned_at",
	"deciding_unit",
	"result_delivery",
	"outcome",
	"status",
)


def _rows(doc, filters: dict, order_by: str) -> list[dict]:
	"""Dossiers as rows of a list. Who may read the list may read each of them: `dossier_lists` made sure."""
	full = _sees_personal_facts(doc)
	found = frappe.get_all("Dossier", filters=filters, fields=list(LISTED), order_by=order_by, limit=0)
	for row in found:
		row["phone"] = (row.applicant_phone if full else row.phone_masked) or ""
		row["content"] = row.summary or row.procedure_name
		row["unit"] = units.unit_name(row.deciding_unit) if row.deciding_unit else ""
		row["received"] = words.moment_in_short(row.received_at)
		row["due"] = words.moment_in_short(row.due_at)
		row["returned"] = words.moment_in_short(row.returned_at)
		row["way"] = words.WAYS_OF_RETURN.get(row.result_delivery or "Counter", "")
		row["late"] = words.OUTCOMES.get(row.outcome, "")
	return found


def _list(doc, form: str) -> dict[str, Any]:
	names = [row.dossier for row in doc.dossiers]
	place = {name: number for number, name in enumerate(names)}
	rows = _rows(doc, {"name": ["in", names]}, "code asc")
	rows.sort(key=lambda row: place[row.name])
	issuer = frappe.utils.get_fullname(doc.issued_by) if doc.issued_by else ""
	first = rows[0] if rows else frappe._dict()
	head = _head(
		doc.unit,
		form,
		get_datetime(doc.issued_at),
		doc.number,
		one_stop=units.unit_name(doc.unit),
		applicant=first.get("applicant_name"),
		contact=issuer,
		reason=doc.note,
	)
	return {
		**head,
		"rows": rows,
		"to_unit": units.unit_name(doc.to_unit) if doc.to_unit else "",
		"recipient": doc.recipient or "",
		"note": doc.note or "",
		"issued_at": _moment(doc.issued_at),
		"signer": issuer,
		"submitter": doc.recipient or "",
		"size": A4,
	}


def _fees_asked(dossiers: list[str]) -> list:
	"""The fees and charges that stand, paid or due: by the version, and by the case as corrected."""
	return frappe.get_all(
		"Dossier Payment",
		filters={
			"dossier": ["in", dossiers],
			"kind": ["!=", "Financial Obligation"],
			"status": ["!=", "Cancelled"],
			"amount": [">", 0],
		},
		fields=["dossier", "title", "amount"],
		order_by="ordered_at asc, creation asc",
		limit=0,
	)


def _receipt_list(doc, form: str) -> dict[str, Any]:
	"""One receipt for several dossiers of one applicant, with the list annexed."""
	shown = _list(doc, form)
	one = frappe.get_doc("Dossier", doc.dossiers[0].dossier)
	one.flags.official_copy = doc.flags.official_copy
	total: dict[str, float] = {}
	for fee in _fees_asked([row.name for row in shown["rows"]]):
		total[fee.dossier] = total.get(fee.dossier, 0) + (fee.amount or 0)
	for row in shown["rows"]:
		row["fee"] = words.dong(total[row.name]) if total.get(row.name) else "–"
	return {
		**shown,
		**_applicant(one),
		"submitter": doc.recipient or one.authorised_name or one.applicant_name,
		"sets": sum(cint(row.number_of_sets) or 1 for row in shown["rows"]),
		"received_at": shown["rows"][-1]["received"],
		"delivery": words.DELIVERIES.get(one.result_delivery or "Counter", "").format(shown["unit_name"]),
		"total": words.dong(sum(total.values())) if sum(total.values()) else "",
		"size": A5,
	}


def _result_list(doc, form: str) -> dict[str, Any]:
	"""Results handed over: code, content, result, owner, address, whether a fee is owed, whether by post."""
	shown = _list(doc, form)
	names = [row.name for row in shown["rows"]]
	results = {
		row.dossier: " ".join(filter(None, (row.result_name, row.number and f"số {row.number}")))
		for row in frappe.get_all(
			"Dossier Result",
			filters={"dossier": ["in", names]},
			fields=["dossier", "result_name", "number"],
			order_by="creation asc",
			limit=0,
		)
	}
	owing = set(
		frappe.get_all(
			"Dossier Payment", filters={"dossier": ["in", names], "status": "Due"}, pluck="dossier"
		)
	)
	for row in shown["rows"]:
		row["result"] = results.get(row.name, "")
		row["owes"] = "Có" if row.name in owing else "Không"
		row["by_post"] = "Có" if row.result_delivery == "Post" else "Không"
	return {**shown, "signer": doc.recipient or "", "submitter": shown["signer"], "size": A4_WIDE}


def _handover_list(doc, form: str) -> dict[str, Any]:
	"""Paper dossiers handed over to who handles them (NĐ 61/2018 art. 18.2)."""
	shown = _list(doc, form)
	counts: dict[str, int] = {}
	for parent in frappe.get_all(
		"Dossier Component",
		filters={
			"parenttype": "Dossier",
			"parent": ["in", [row.name for row in shown["rows"]]],
			"submitted": 1,
		},
		pluck="parent",
		limit=0,
	):
		counts[parent] = counts.get(parent, 0) + 1
	for row in shown["rows"]:
		row["papers"] = counts.get(row.name, 0)
	return {**shown, "signer": doc.recipient or "", "submitter": shown["signer"]}


def _register(doc, form: str) -> dict[str, Any]:
	"""The register of a unit over a period (TT 01 form 06, TT 03/2025 form 07)."""
	first, last = getdate(doc.period_from), getdate(doc.period_to)
	rows = _rows(
		doc,
		{
			"receiving_unit": doc.unit,
			"received_at": ["between", [f"{first} 00:00:00", f"{last} 23:59:59.999999"]],
			"code": ["is", "set"],
		},
		"received_at asc, code asc",
	)
	issuer = frappe.utils.get_fullname(doc.issued_by) if doc.issued_by else ""
	return {
		**_head(doc.unit, form, get_datetime(doc.issued_at), doc.number, contact=issuer),
		"rows": rows,
		"period": f"Từ ngày {words.day_in_short(first)} đến ngày {words.day_in_short(last)}",
		"book": first.year,
		"signer": issuer,
		"submitter": "",
		"size": A4_WIDE,
	}


def _postal_minutes(doc, form: str) -> dict[str, Any]:
	"""Minutes of a hand-over by post; their signing is the legal receipt (QĐ 45/2016/QĐ-TTg art. 7.3, 7.4)."""
	signed = get_datetime(doc.signed_at)
	names = [row.dossier for row in doc.items]
	facts = {
		row.name: row
		for row in frappe.get_all(
			"Dossier", filters={"name": ["in", names]}, fields=["name", "applicant_name", "procedure_name"]
		)
	}
	receiver = frappe.utils.get_fullname(doc.receiver) if doc.receiver else ""
	return {
		**_head(doc.unit, form, signed, None, contact=receiver),
		"number": doc.name,
		"signed_at": _moment(signed),
		"carrier": doc.carrier,
		"postman": doc.postman,
		"rows": [
			{
				**facts.get(row.dossier, {}),
				"slip_number": row.slip_number,
				"complete": "Đầy đủ" if row.complete else "Chưa đầy đủ",
				"note": row.note or "",
			}
			for row in doc.items
		],
		"note": doc.note or "",
		"submitter": doc.postman,
		"signer": receiver,
		"size": A4,
	}


_BUILDERS: dict[str, Callable[[Any, str], dict[str, Any]]] = {
	"Receipt": _receipt,
	"Supplement Request": _supplement,
	"Refusal": _refusal,
	"Apology": _apology,
	"Stop Notice": _stop_notice,
	"Control Slip": _control_slip,
	"Process History": _process_history,
	"Receipt List": _receipt_list,
	"Result List": _result_list,
	"Handover List": _handover_list,
	"Dossier Register": _register,
	"Postal Handover Minutes": _postal_minutes,
}


# Words that need the site


def limit_row(version: str | None, case: str | None, channel: str | None):
	"""The time limit of a version for a case and channel, the most specific one; None where it has none."""
	if not version:
		return None
	fitting = [
		row
		for row in frappe.get_cached_doc("Procedure Version", version).limits
		if (row.case_name or "") in ("", case or "") and (row.channel or "") in ("", channel or "")
	]
	return max(fitting, key=lambda row: (bool(row.case_name), bool(row.channel)), default=None)


def limit_of(doc) -> str:
	"""The time limit that a dossier was received by, in words; blank where there is none."""
	row = limit_row(doc.procedure_version, doc.case_name, doc.channel)
	return words.limit_in_words(row.kind, row.value, row.unit) if row else ""


def delivery_of(doc, unit_name: str) -> str:
	text = words.DELIVERIES.get(doc.result_delivery or "Counter", "").format(unit_name)
	if doc.result_delivery == "Post" and doc.postal_address:
		text += f" (địa chỉ: {doc.postal_address})"
	return text
