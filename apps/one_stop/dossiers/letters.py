"""The letters that events of a dossier call for: which form, its number, and the file (TT 01/2018 art. 9; TT 03/2025).

A letter is drawn up as a document when its event has been committed, numbered within the unit and year, then
made into PDF/A by a job and stored privately with its SHA-256.
"""

import hashlib
import json

import frappe
from frappe.utils import get_datetime

from one_stop.dossiers import ledger

# Which form an event calls for. Receipts of same-day procedures are issued when asked for (NĐ 61/2018 art. 17.4).
FORM_OF = {
	"received": "Receipt",
	"corrected": "Receipt",
	"supplement_requested": "Supplement Request",
	"refused": "Refusal",
	"extended": "Apology",
	"stopped": "Stop Notice",
	"returned": "Control Slip",
}


def issue_for(dossier: str, event) -> str | None:
	"""Draw up the letter of an event, once. Returns its name, or None where the event calls for none."""
	form = FORM_OF.get(event.kind)
	if not form:
		return None
	if form == "Refusal" and not event.data.get("at_intake"):
		form = "Refusal"
	existing = frappe.db.get_value("Dossier Letter", {"event": event.name}, "name")
	if existing:
		return existing
	row = frappe.db.get_value(
		"Dossier", dossier, ["receiving_unit", "applicant_name", "is_sample"], as_dict=True
	)
	return draw_up(
		dossier,
		form,
		unit=row.receiving_unit,
		event=event.name,
		issued_at=event.at,
		addressee=row.applicant_name,
		signer=frappe.db.get_value("Dossier Event", event.name, "actor"),
		reason=event.reason,
		items=json.dumps(event.data.get("items") or [], ensure_ascii=False),
		old_due_at=event.data.get("old_due"),
		new_due_at=event.data.get("new_due"),
	)


def draw_up(dossier: str, form: str, *, unit: str, event: str | None, issued_at, **facts) -> str:
	"""Insert a letter with the next number of its form, unit and year, and have its file made."""
	moment = get_datetime(issued_at)
	letter = frappe.get_doc(
		{
			"doctype": "Dossier Letter",
			"name": frappe.generate_hash(length=16),
			"dossier": dossier,
			"form": form,
			"unit": unit,
			"event": event,
			"issued_at": moment,
			"number": next_number(unit, form, moment.year),
			"status": "Queued",
			**facts,
		}
	)
	letter.owner = letter.modified_by = frappe.session.user
	letter.creation = letter.modified = frappe.utils.now()
	letter.flags.name_set = True
	# A row of the ledger's own tables, written by the job that follows a checked command.
	letter.db_insert()
	frappe.enqueue(
		"one_stop.dossiers.letters.make_file",
		queue="long",
		enqueue_after_commit=True,
		job_id=f"one-stop-letter:{letter.name}",
		deduplicate=True,
		letter=letter.name,
	)
	return letter.name


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


def make_file(letter: str) -> None:
	"""Make the PDF/A of a letter and store it privately with its SHA-256. Runs in a job; may run again."""
	from one_stop.dossiers import print_forms

	row = frappe.db.get_value(
		"Dossier Letter", letter, ["name", "dossier", "form", "number", "status"], as_dict=True
	)
	if not row or row.status == "Ready":
		return
	document = frappe.get_doc("Dossier", row.dossier)
	try:
		content = print_forms.letter_pdf(document, letter)
	except Exception:
		frappe.db.rollback()
		frappe.db.set_value("Dossier Letter", letter, {"status": "Failed", "error": "PDF"})
		frappe.log_error(title="Dossier Letter", message=f"{letter}\n{frappe.get_traceback()}")
		frappe.db.commit()
		return
	file = frappe.get_doc(
		{
			"doctype": "File",
			"file_name": f"{frappe.scrub(row.form)}-{document.code or document.name}-{row.number}.pdf",
			"attached_to_doctype": "Dossier",
			"attached_to_name": row.dossier,
			"is_private": 1,
			"content": content,
		}
	)
	# A job of the system: the letter belongs to the dossier, whose readers may open it.
	file.insert(ignore_permissions=True)
	frappe.db.set_value(
		"Dossier Letter",
		letter,
		{
			"status": "Ready",
			"file": file.file_url,
			"sha256": hashlib.sha256(content).hexdigest(),
			"error": None,
		},
	)
	frappe.db.commit()


def verify_file(letter: str) -> bool:
	"""Whether the stored file of a letter is the one that was made."""
	from one_stop.dossiers import intake

	row = frappe.db.get_value("Dossier Letter", letter, ["file", "sha256"], as_dict=True)
	return bool(row and row.file) and intake.sha256_of(row.file) == row.sha256


def of_dossier(dossier: str) -> list:
	return frappe.get_all(
		"Dossier Letter",
		filters={"dossier": dossier},
		fields=["name", "form", "number", "issued_at", "status", "file", "sha256"],
		order_by="issued_at asc",
	)


def last_event(dossier: str, kind: str):
	"""The latest event of a kind that still stands."""
	from one_stop.dossiers.case import counted

	events = [event for event in counted([ledger.event_of(row) for row in ledger.rows_of(dossier)])]
	return next((event for event in reversed(events) if event.kind == kind), None)
