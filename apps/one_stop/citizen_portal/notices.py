"""Tells applicants of every change of their dossier: in the account, by e-mail, by SMS (NĐ 224/2026 art. 15.1g).

Called once per event after its commit (hook `one_stop_after_event`), in a job. Administrators edit the wording
in Notice Template; the seeds below are written once, where missing.
"""

import csv
from pathlib import Path
from typing import Any

import frappe
from frappe import _
from frappe.utils import add_to_date, get_datetime, get_fullname, now_datetime

from one_stop.citizen_portal import messages, tracking
from one_stop.dossiers import pages
from one_stop.dossiers.case import SETTLED
from one_stop.dossiers.form_data import limit_row
from one_stop.dossiers.text_blocks import TextBlockError, render
from one_stop.organization import units
from one_stop.procedures import terms

SEED = Path(__file__).with_name("notice_templates.csv")
ANY_CHANGE = "status_changed"
# What a template may be for.
EVENT_LABELS = {**pages.EVENT_LABELS, ANY_CHANGE: "Any other change of status"}
ENDED = frozenset(status.value for status in SETTLED)
# What a template may name.
VALUES = (
	"code",
	"procedure",
	"name",
	"status",
	"due",
	"new_due",
	"reason",
	"items",
	"unit",
	"unit_address",
	"unit_phone",
	"amount",
	"address",
	"received",
	"receiver",
	"agency",
	"handler",
	"time",
	"facts",
)
# While a round of sending is asked for and has not begun yet.
SENDING = "portal-notices-sending"
SENDING_SECONDS = 60
NEW_MINUTES = 10
AT_ONCE = 500


def follow(dossier: str, event: Any) -> None:
	"""Write and send the notice of one event. A second call for the same event does nothing."""
	kind = event.kind
	if not _template(kind, "vi"):
		if event.from_status == event.to_status:
			return
		kind = ANY_CHANGE
	doc = frappe.db.get_value(
		"Dossier",
		dossier,
		[
			"name",
			"code",
			"status",
			"procedure_name",
			"applicant_user",
			"applicant_name",
			"applicant_phone",
			"applicant_email",
			"submitted_at",
			"received_at",
			"due_at",
			"receiving_unit",
			"deciding_unit",
			"receiver",
			"current_unit",
			"current_officer",
			"procedure_version",
			"case_name",
			"channel",
			"access_code",
		],
		as_dict=True,
	)
	if not doc or frappe.db.exists("Portal Notice", {"event": event.name}):
		return
	profile = (
		frappe.db.get_value(
			"Citizen Profile",
			{"user": doc.applicant_user},
			["email", "phone", "email_confirmed", "phone_confirmed", "notify_email", "notify_sms"],
			as_dict=True,
		)
		if doc.applicant_user
		else None
	)
	language = "vi"
	if doc.applicant_user and frappe.db.get_value("User", doc.applicant_user, "language") == "en":
		language = "en"
	template = _template(kind, language) or _template(kind, "vi")
	if not template:
		return
	before, frappe.local.lang = frappe.local.lang, language
	try:
		values = _values(doc, event)
		subject, body, short = (
			render(template.get(name) or "", values) for name in ("subject", "body", "sms")
		)
	except TextBlockError as error:
		frappe.log_error(title=f"Notice Template {template.name}", message=str(error))
		return
	finally:
		frappe.local.lang = before
	ways = []
	if template.by_email and (not profile or profile.notify_email):
		recipient = (profile and profile.email) or doc.applicant_email
		if messages.send_email(recipient, subject, body):
			ways.append("Email")
			send_soon()
	if template.by_sms and short and (not profile or profile.notify_sms):
		number = (profile and profile.phone) or doc.applicant_phone
		if messages.send_sms(number, short):
			ways.append("SMS")
	if doc.applicant_user:
		notice = {
			"doctype": "Portal Notice",
			"user": doc.applicant_user,
			"dossier": dossier,
			"event": event.name,
			"title": subject[:140],
			"body": body,
			"sent_by": ", ".join(ways),
		}
		# A job writes for the applicant of the dossier, whom no caller chooses.
		frappe.get_doc(notice).insert(ignore_permissions=True)


def _template(event: str, language: str) -> Any:
	name = frappe.db.get_value("Notice Template", {"event": event, "language": language, "enabled": 1})
	return frappe.get_cached_doc("Notice Template", name) if name else None


def _values(doc: Any, event: Any) -> dict[str, Any]:
	from one_stop.citizen_portal.rendering import moment_text, money_text

	data = event.data or {}
	amount = data.get("amount")
	unit = (
		frappe.get_cached_value(
			"Administrative Unit", doc.receiving_unit, ["unit_name", "address", "phone"], as_dict=True
		)
		if doc.receiving_unit
		else None
	)
	who = _who_and_when(doc)
	return {
		**who,
		"facts": _facts(doc, who, unit.unit_name if unit else ""),
		"code": doc.code or "",
		"procedure": doc.procedure_name,
		"name": doc.applicant_name,
		"status": frappe._(doc.status),
		"due": moment_text(doc.due_at),
		"new_due": moment_text(get_datetime(data["new_due"]))
		if data.get("new_due")
		else moment_text(doc.due_at),
		"reason": event.reason or "",
		"items": "\n".join(
			"– " + ": ".join(filter(None, (item.get("component"), item.get("note"))))
			for item in data.get("items") or []
		),
		"unit": unit.unit_name if unit else "",
		"unit_address": unit.address if unit else "",
		"unit_phone": unit.phone if unit else "",
		"amount": money_text(amount) if amount else "",
		"address": tracking.address(doc.code, doc.access_code) if doc.code and doc.access_code else "",
	}


def _who_and_when(doc: Any) -> dict[str, str]:
	"""What every notice is to tell at least: who received it when, who has it, in what time (art. 15.1g)."""
	from one_stop.citizen_portal.rendering import moment_text

	limit = limit_row(doc.procedure_version, doc.case_name, doc.channel) if doc.received_at else None
	return {
		"received": moment_text(doc.received_at),
		"receiver": get_fullname(doc.receiver) if doc.receiver else "",
		"agency": units.unit_name(doc.deciding_unit) if doc.deciding_unit else "",
		"handler": ", ".join(
			filter(
				None,
				(
					doc.current_officer and get_fullname(doc.current_officer),
					doc.current_unit and units.unit_name(doc.current_unit),
				),
			)
		),
		"time": terms.limit_of(limit).text("en" if frappe.local.lang == "en" else "vi") if limit else "",
	}


def _facts(doc: Any, who: dict[str, str], unit: str) -> str:
	"""The same in lines, each with its label; what is not known yet is left out."""
	from one_stop.citizen_portal.rendering import moment_text

	lines = (
		(_("Moment of submission"), moment_text(doc.submitted_at) if not doc.received_at else ""),
		(_("Moment of reception"), who["received"]),
		(_("Received by"), ", ".join(filter(None, (who["receiver"], unit)))),
		(_("Decided by"), who["agency"]),
		(_("Being handled by"), who["handler"] if doc.status not in ENDED else ""),
		(_("Time for handling"), who["time"]),
		(_("Result promised for"), moment_text(doc.due_at)),
	)
	return "\n".join(f"{label}: {value}" for label, value in lines if value)


def send_soon() -> None:
	"""Have letters sent once this transaction is committed: by one job, however many there are."""

	def ask() -> None:
		key = frappe.cache.make_key(SENDING)
		if frappe.cache.set(key, 1, nx=True, ex=SENDING_SECONDS):
			frappe.enqueue("one_stop.citizen_portal.notices.send_letters", queue="short")

	frappe.db.after_commit.add(ask)


def send_letters() -> None:
	"""Send what was queued and has not been tried yet (a job). What fails is left to Frappe's own rounds."""
	# First, so that whoever queues a letter from here on asks for another round.
	frappe.cache.delete_value(SENDING)
	names = frappe.get_all(
		"Email Queue",
		{
			"status": "Not Sent",
			"retry": 0,
			"send_after": ["is", "not set"],
			"creation": [">", add_to_date(now_datetime(), minutes=-NEW_MINUTES)],
		},
		pluck="name",
		order_by="priority desc, creation asc",
		limit=AT_ONCE,
	)
	silent: set[str] = set()
	for name in names:
		# Locked until it is marked as being sent: another round must not send it as well.
		letter = frappe.get_doc("Email Queue", name, for_update=True)
		if letter.status != "Not Sent" or letter.email_account in silent:
			frappe.db.rollback()
			continue
		try:
			letter.send()
			frappe.db.commit()
		except Exception as error:
			frappe.db.rollback()
			# Without the letter's words. The account's server is asked again in Frappe's next round.
			frappe.logger("messages").warning(f"letter not sent: {type(error).__name__}")
			silent.add(letter.email_account)


def unread(user: str) -> int:
	return frappe.db.count("Portal Notice", {"user": user, "read_at": ["is", "not set"]})


def seed_templates() -> None:
	"""Write the templates that are missing; never touch one that exists (hook `after_migrate`)."""
	for row in seeds():
		key = {"event": row["event"], "language": row["language"]}
		if not frappe.db.exists("Notice Template", key):
			# Runs in a migration.
			frappe.get_doc({"doctype": "Notice Template", "enabled": 1, **row}).insert(
				ignore_permissions=True
			)


def seeds() -> list[dict[str, str]]:
	"""The wording that comes with the application."""
	with SEED.open(encoding="utf-8", newline="") as file:
		return [{**row, "body": row["body"].replace("\\n", "\n")} for row in csv.DictReader(file)]


def renew_untouched() -> None:
	"""Give the templates that nobody has changed since they were written the wording of today (a patch)."""
	for row in seeds():
		kept = frappe.db.get_value(
			"Notice Template",
			{"event": row["event"], "language": row["language"]},
			["name", "creation", "modified"],
			as_dict=True,
		)
		if kept and kept.creation == kept.modified:
			words = {part: row[part] for part in ("subject", "body", "sms")}
			frappe.db.set_value("Notice Template", kept.name, words, update_modified=False)
