"""Tells applicants of every change of their dossier: in the account, by e-mail, by SMS (NĐ 224/2026 art. 15.1g).

Called once per event after its commit (hook `one_stop_after_event`), in a job. Administrators edit the wording
in Notice Template; the seeds below are written once, where missing.
"""

import csv
from pathlib import Path
from typing import Any

import frappe
from frappe.utils import get_datetime

from one_stop.citizen_portal import messages, tracking
from one_stop.dossiers.text_blocks import TextBlockError, render

SEED = Path(__file__).with_name("notice_templates.csv")
ANY_CHANGE = "status_changed"
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
)


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
			"due_at",
			"receiving_unit",
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
	frappe.local.lang = language
	values = _values(doc, event)
	try:
		subject, body, short = (
			render(template.get(name) or "", values) for name in ("subject", "body", "sms")
		)
	except TextBlockError as error:
		frappe.log_error(title=f"Notice Template {template.name}", message=str(error))
		return
	ways = []
	if template.by_email and (not profile or profile.notify_email):
		recipient = (profile and profile.email) or doc.applicant_email
		if messages.send_email(recipient, subject, body):
			ways.append("Email")
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
	return {
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


def unread(user: str) -> int:
	return frappe.db.count("Portal Notice", {"user": user, "read_at": ["is", "not set"]})


def seed_templates() -> None:
	"""Write the templates that are missing; never touch one that exists (hook `after_migrate`)."""
	with SEED.open(encoding="utf-8", newline="") as file:
		for row in csv.DictReader(file):
			key = {"event": row["event"], "language": row["language"]}
			if not frappe.db.exists("Notice Template", key):
				row["body"] = row["body"].replace("\\n", "\n")
				frappe.get_doc({"doctype": "Notice Template", "enabled": 1, **row}).insert(
					ignore_permissions=True
				)
