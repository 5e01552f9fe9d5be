"""The letters that events of a dossier call for: which form, its number, and the file (TT 01/2018 art. 9; TT 03/2025).

A letter is drawn up as a document when its event has been committed, numbered within its unit, form and year, then
made into PDF/A by a job and stored privately with its SHA-256. Lists of dossiers are made into files the same way.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import frappe
from frappe import _
from frappe.utils import add_to_date, cint, get_datetime, now_datetime

from one_stop.dossiers import form_data, ledger, print_forms
from one_stop.dossiers.case import counted
from one_stop.dossiers.command import in_own_transaction
from one_stop.dossiers.exceptions import LetterNotIssued
from one_stop.dossiers.text_blocks import TextBlockError

RECEIPT, CONTROL_SLIP = "Receipt", "Control Slip"
# The forms an event calls for. The control slip goes with the dossier and fills up as it is handed on; it is
# issued when nothing is handed on any more. A stop notice tells of both ends that the applicant may ask for.
FORMS_OF: Mapping[str, tuple[str, ...]] = {
	"received": (RECEIPT,),
	"corrected": (RECEIPT,),
	"supplement_requested": ("Supplement Request",),
	"refused": ("Refusal",),
	"extended": ("Apology",),
	"stopped": ("Stop Notice", CONTROL_SLIP),
	"withdrawn": ("Stop Notice", CONTROL_SLIP),
	"returned": (CONTROL_SLIP,),
}
# Issued by whoever decides, not by the counter that received (NĐ 61/2018 art. 19.4, 19.8, 19.9).
OF_THE_DECIDER = frozenset({"Supplement Request", "Refusal", "Apology", "Stop Notice"})
REGISTER = "Dossier Register"
MOST_ATTEMPTS = 5
LOST_AFTER_MINUTES = 15
RETRIED_AT_ONCE = 200
WITH_FILES = ("Dossier Letter", "Dossier List")


# Drawing up


def issue_for(dossier: str, event) -> list[str]:
	"""Draw up the letters that an event calls for, each once, and enter a received dossier in its unit's register.

	:param event: row of Dossier Event with its data parsed
	:returns: names of the letters, those that were there already included
	"""
	row = frappe.db.get_value(
		"Dossier",
		dossier,
		[
			"name",
			"receiving_unit",
			"deciding_unit",
			"applicant_name",
			"received_at",
			"procedure_version",
			"case_name",
			"channel",
			"parent_dossier",
			"register_number",
		],
		as_dict=True,
		# Two jobs for one event, or a job and whoever prints at once, wait for one another here.
		for_update=True,
		order_by=None,
	)
	if event.kind == "received":
		enter_in_register(row)
	return [_issue(row, form, event) for form in called_for(row, event)]


def called_for(row, event) -> list[str]:
	"""The forms that an event of a dossier calls for, by itself."""
	forms = FORMS_OF.get(event.kind, ())
	if event.kind == "received" and not _gives_receipt(row):
		return []
	if event.kind == "corrected" and not (_gives_receipt(row) or _has(row.name, RECEIPT)):
		return []
	if event.kind == "supplement_requested" and event.data.get("dossier"):
		# The linked dossier asks its applicant itself; one letter is enough.
		return []
	if event.kind in ("withdrawn", "stopped") and not row.received_at:
		return []
	return list(forms)


def _gives_receipt(row) -> bool:
	"""Same-day procedures give none unless asked for (NĐ 61/2018 art. 17.4); of linked ones the parent's stands."""
	limit = form_data.limit_row(row.procedure_version, row.case_name, row.channel)
	return not row.parent_dossier and not (limit and limit.kind == "Same Day")


def _has(dossier: str, form: str) -> bool:
	return bool(frappe.db.exists("Dossier Letter", {"dossier": dossier, "form": form}))


def _issue(row, form: str, event) -> str:
	existing = frappe.db.get_value("Dossier Letter", {"event": event.name, "form": form}, "name")
	if existing:
		return existing
	by_decider = form in OF_THE_DECIDER and row.received_at and row.deciding_unit
	return _draw_up(
		row,
		form,
		unit=row.deciding_unit if by_decider else row.receiving_unit,
		event=event,
		facts={
			"reason": event.reason,
			"items": json.dumps(event.data.get("items") or [], ensure_ascii=False),
			"old_due_at": _moment(event.data.get("old_due")),
			"new_due_at": _moment(event.data.get("new_due")),
		},
	)


def _moment(value: Any) -> datetime | None:
	return get_datetime(value) if value else None


def _draw_up(row, form: str, *, unit: str, event, facts: dict[str, Any]) -> str:
	issued_at = get_datetime(event.at)
	return insert_and_queue(
		{
			"doctype": "Dossier Letter",
			"dossier": row.name,
			"form": form,
			"unit": unit,
			"event": event.name,
			"issued_at": issued_at,
			"number": next_number(unit, form, issued_at.year),
			"addressee": row.applicant_name,
			"signer": frappe.db.get_value("Dossier Event", event.name, "actor"),
			**facts,
		}
	)


def insert_and_queue(values: dict[str, Any]) -> str:
	"""Insert a letter or list and have its file made. Returns its name."""
	doc = frappe.get_doc(
		{**values, "name": frappe.generate_hash(length=16), "status": "Queued", "attempts": 0}
	)
	doc.owner = doc.modified_by = frappe.session.user
	doc.creation = doc.modified = frappe.utils.now()
	doc.flags.name_set = True
	# Rows of the ledger's own tables, written after a checked command or request.
	doc.db_insert()
	for number, child in enumerate(doc.get_all_children(), 1):
		child.update({"parent": doc.name, "idx": number, "name": frappe.generate_hash(length=10)})
		child.db_insert()
	_queue(doc.doctype, doc.name)
	return doc.name


def next_number(unit: str, form: str, year: int) -> str:
	"""The next number of a form in its unit's book of the year (TT 01/2018 art. 10): `12`."""
	name = f"{unit}/{form}-{year}-01-01"
	now = frappe.utils.now()
	frappe.db.sql(
		"""insert into `tabDossier Counter`
			(name, creation, modified, owner, modified_by, agency, day, current)
		values (%(name)s, %(now)s, %(now)s, 'Administrator', 'Administrator', %(agency)s, %(day)s, 1)
		on duplicate key update current = current + 1, modified = %(now)s""",
		{"name": name, "now": now, "agency": f"{unit}/{form}"[:140], "day": f"{year}-01-01"},
	)
	return str(frappe.db.get_value("Dossier Counter", name, "current", order_by=None))


def enter_in_register(row) -> None:
	"""Give a received dossier its number in the register of its unit and year, once (TT 01/2018 art. 10).

	:param row: name, receiving_unit, received_at and register_number of the dossier, locked
	"""
	if cint(row.register_number) or not row.received_at:
		return
	number = next_number(row.receiving_unit, REGISTER, get_datetime(row.received_at).year)
	frappe.db.set_value("Dossier", row.name, "register_number", cint(number), update_modified=False)
	row.register_number = cint(number)


def issue_now(dossier: str, form: str) -> str:
	"""The letter of a form that a dossier's events call for, drawn up at once where its job has not come to it.

	The receipt of a same-day procedure is drawn up because somebody asks for it (NĐ 61/2018 art. 17.4).
	Returns its name. Raises LetterNotIssued where no event has called for the form. Commits.
	"""

	def issue() -> str:
		event = _latest_event(dossier, form)
		if event is None:
			frappe.throw(
				_("The form {0} has not been issued for this dossier.").format(_(form)), LetterNotIssued
			)
		issue_for(dossier, event)
		# What the event does not call for by itself is drawn up because it is asked for.
		return _issue(frappe.db.get_value("Dossier", dossier, "*", as_dict=True), form, event)

	return in_own_transaction(issue)


def _latest_event(dossier: str, form: str):
	"""The latest event that stands and calls for a form, as `issue_for` takes it; None where there is none."""
	rows = {row.name: row for row in ledger.rows_of(dossier)}
	events = [ledger.event_of(row) for row in rows.values()]
	# A correction does not stand by itself for the fold, but calls for a receipt.
	stands = {event.id for event in counted(events)} | {
		event.id for event in events if event.kind == "corrected"
	}
	received = any(event.kind == "received" for event in events)
	for event in reversed(events):
		if event.id not in stands or form not in FORMS_OF.get(event.kind, ()):
			continue
		if event.kind == "supplement_requested" and event.data.get("dossier"):
			continue
		if event.kind in ("withdrawn", "stopped") and not received:
			continue
		row = rows[event.id]
		row.data = dict(event.data)
		return row
	return None


def forms_of(dossier: str) -> list[dict[str, Any]]:
	"""The print menu of a dossier: each form that can be printed now, with its letter where one was issued.

	:returns: ``[{form, letter, number, issued_at, status, file, issued, is_letter, on_request}]``; a letter that is
		not `issued` yet is drawn up when it is printed, one `on_request` only because somebody asks for it
	"""
	letters: dict[str, Any] = {}
	for row in frappe.get_all(
		"Dossier Letter",
		filters={"dossier": dossier},
		fields=["name", "form", "number", "issued_at", "status", "file", "error"],
		order_by="issued_at asc, creation asc",
		limit=0,
	):
		letters[row.form] = row
	events = frappe.db.count("Dossier Event", {"dossier": dossier})
	row = frappe.db.get_value(
		"Dossier",
		dossier,
		["received_at", "procedure_version", "case_name", "channel", "parent_dossier"],
		as_dict=True,
	)
	found = []
	for form in print_forms.FORMS["Dossier"]:
		letter = letters.get(form)
		if form == "Process History":
			possible = events > 0
		elif form == CONTROL_SLIP:
			possible = bool(row.received_at)
		else:
			possible = bool(letter) or _latest_event(dossier, form) is not None
		if possible:
			found.append(
				{
					"form": form,
					"letter": letter.name if letter else None,
					"number": letter.number if letter else "",
					"issued_at": str(letter.issued_at) if letter else "",
					"status": letter.status if letter else "",
					"file": letter.file if letter else None,
					"issued": bool(letter),
					"is_letter": form not in (CONTROL_SLIP, "Process History"),
					"on_request": form == RECEIPT and not _gives_receipt(row),
				}
			)
	return found


# Files


def make_file(letter: str, doctype: str = "Dossier Letter") -> None:
	"""Make the PDF/A of a letter or list and store it privately with its SHA-256. Runs in a job; may run again."""
	if doctype not in WITH_FILES:
		raise ValueError(doctype)
	row = _to_make(doctype, letter)
	if row is None:
		return
	try:
		content = _content(doctype, row)
	except Exception as error:
		frappe.db.rollback()
		_failed(doctype, letter, cint(row.attempts) + 1, error)
		return
	# Another job may have been faster: whoever comes second leaves it as it is.
	if _to_make(doctype, letter, lock=True) is None:
		frappe.db.rollback()
		return
	file = frappe.get_doc(
		{
			"doctype": "File",
			"file_name": f"{frappe.scrub(row.form)}-{letter}.pdf",
			"attached_to_doctype": doctype,
			"attached_to_name": letter,
			"is_private": 1,
			"content": content,
		}
	)
	# A job of the system: the file belongs to the letter or list, whose readers may open it.
	file.insert(ignore_permissions=True)
	frappe.db.set_value(
		doctype,
		letter,
		{
			"status": "Ready",
			"file": file.file_url,
			"sha256": hashlib.sha256(content).hexdigest(),
			"error": None,
		},
	)
	frappe.db.commit()


def _to_make(doctype: str, name: str, *, lock: bool = False):
	row = frappe.db.get_value(
		doctype,
		name,
		["name", "form", "status", "attempts"],
		as_dict=True,
		for_update=lock,
		order_by=None,
	)
	return row if row and row.status != "Ready" else None


def _content(doctype: str, row) -> bytes:
	if doctype == "Dossier List":
		return print_forms.list_pdf(frappe.get_doc("Dossier List", row.name))
	document = frappe.get_doc("Dossier", frappe.db.get_value("Dossier Letter", row.name, "dossier"))
	return print_forms.letter_pdf(document, row.name)


def _failed(doctype: str, name: str, attempts: int, error: Exception) -> None:
	"""Say on the document that its file could not be made, and why, without anybody's personal facts."""
	known = isinstance(error, frappe.ValidationError | TextBlockError)
	why = str(error)[:300] if known else type(error).__name__
	frappe.db.set_value(doctype, name, {"status": "Failed", "attempts": attempts, "error": why})
	frappe.log_error(title=f"{doctype}: PDF", message=f"{name}\n{frappe.get_traceback()}")
	frappe.db.commit()


def retry_files() -> int:
	"""Every ten minutes: try again what failed, and what no job came to. Returns how many jobs were queued."""
	lost = add_to_date(now_datetime(), minutes=-LOST_AFTER_MINUTES)
	count = 0
	for doctype in WITH_FILES:
		failed = {"status": "Failed", "attempts": ["<", MOST_ATTEMPTS]}
		waiting = {"status": "Queued", "creation": ["<", lost]}
		for filters in (failed, waiting):
			for name in frappe.get_all(
				doctype, filters=filters, pluck="name", order_by="creation asc", limit=RETRIED_AT_ONCE
			):
				_queue(doctype, name)
				count += 1
	return count


def retry_file(doctype: str, name: str) -> None:
	"""Have a file that failed made once more, whatever was tried before."""
	frappe.db.set_value(doctype, name, {"status": "Queued", "attempts": 0, "error": None})
	_queue(doctype, name)


def _queue(doctype: str, name: str) -> None:
	frappe.enqueue(
		"one_stop.dossiers.letters.make_file",
		queue="long",
		enqueue_after_commit=True,
		job_id=f"one-stop-letter:{name}",
		deduplicate=True,
		letter=name,
		doctype=doctype,
	)


def verify_file(letter: str, doctype: str = "Dossier Letter") -> bool:
	"""Whether the stored file of a letter or list is the one that was made."""
	from one_stop.dossiers import intake

	row = frappe.db.get_value(doctype, letter, ["file", "sha256"], as_dict=True)
	return bool(row and row.file) and intake.sha256_of(row.file) == row.sha256
