"""Sends e-mail and SMS: through Frappe's Email Queue and its SMS Settings, never during somebody's request."""

import json
import re
import secrets

import frappe
from frappe import _
from frappe.utils import add_to_date, escape_html, now_datetime

from one_stop.citizen_portal import contacts

ADDRESS_OF_NOBODY = "account.invalid"
# How letters with codes are known in the Email Queue, and for how long one may lie there unsent.
OF_CODES = "Citizen Portal Settings"
CODE_LETTER_MINUTES = 10
SMS_SECONDS = 24 * 3600


class SmsNotDelivered(Exception):
	"""The gateway did not take an SMS. Tells a masked number and the kind of error, nothing of the text."""


def send_email(recipient: str, subject: str, body: str, reference: str | None = None) -> bool:
	"""Queue a plain letter. False where the site has no outgoing account or the address is none.

	:param reference: marks a letter with a code, which goes before all others and leaves no text behind
	"""
	if not recipient or recipient.endswith(ADDRESS_OF_NOBODY):
		return False
	if not frappe.db.exists("Email Account", {"enable_outgoing": 1, "default_outgoing": 1}):
		return False
	paragraphs = "".join(f"<p>{escape_html(part)}</p>" for part in re.split(r"\n{2,}", body) if part.strip())
	frappe.sendmail(
		recipients=[recipient],
		subject=" ".join(subject.split())[:140],
		message=paragraphs.replace("\n", "<br>"),
		delayed=True,
		reference_doctype=OF_CODES if reference else None,
		reference_name=reference,
		send_priority=5 if reference else 1,
	)
	return True


def deliver_code(reference: str) -> None:
	"""Send a letter with a code at once and forget its text (a job)."""
	name = frappe.db.get_value("Email Queue", {"reference_doctype": OF_CODES, "reference_name": reference})
	if not name:
		return
	try:
		frappe.get_doc("Email Queue", name).send()
	except Exception as error:
		# Frappe's own round tries again as long as the code is good. What went wrong may quote the letter.
		frappe.logger("messages").warning(f"letter with a code not sent: {type(error).__name__}")
	forget_codes()


def forget_codes() -> None:
	"""Empty the letters with codes that were sent, failed for good or are too old to be of use."""
	old = add_to_date(now_datetime(), minutes=-CODE_LETTER_MINUTES)
	letters = {"reference_doctype": OF_CODES, "message": ["!=", ""]}
	frappe.db.set_value("Email Queue", {**letters, "status": ["in", ("Sent", "Error")]}, "message", "")
	frappe.db.set_value(
		"Email Queue",
		{**letters, "status": ["not in", ("Sent", "Sending")], "creation": ["<", old]},
		{"message": "", "status": "Error"},
	)


def send_sms(number: str, text: str, *, after_commit: bool = True) -> bool:
	"""Queue an SMS. False where no SMS gateway is set up.

	:param after_commit: only once what it tells of is stored; Frappe forgets the job where a request stores nothing
	"""
	if not number or not frappe.db.get_single_value("SMS Settings", "sms_gateway_url"):
		return False
	# A queue keeps the arguments of its jobs, of failed ones for days: they hold neither number nor text.
	key = secrets.token_urlsafe(16)
	kept = json.dumps({"number": number, "text": text[:300]})
	frappe.cache.set_value(_sms_key(key), kept, expires_in_sec=SMS_SECONDS)
	frappe.enqueue(
		"one_stop.citizen_portal.messages.deliver_sms",
		queue="short",
		# Somebody waits for a code: it does not stand in line behind letters and figures.
		at_front=not after_commit,
		enqueue_after_commit=after_commit,
		key=key,
	)
	return True


def _sms_key(key: str) -> str:
	return f"portal-sms:{key}"


def deliver_sms(key: str) -> None:
	"""Hand an SMS to the gateway of Frappe's SMS Settings (a job).

	Frappe's own way of sending keeps every text in SMS Log, codes and all; the log gets no text and a masked number
	here.

	:raises SmsNotDelivered: the gateway refused it or is silent; the job fails and is seen
	"""
	kept = frappe.cache.get_value(_sms_key(key), expires=True)
	if not kept:
		return
	frappe.cache.delete_value(_sms_key(key))
	kept = json.loads(kept)
	from frappe.core.doctype.sms_settings import sms_settings

	settings = frappe.get_cached_doc("SMS Settings")
	values = {row.parameter: row.value for row in settings.parameters if not row.header}
	values |= {settings.message_parameter: kept["text"], settings.receiver_parameter: kept["number"]}
	headers = sms_settings.get_headers(settings)
	as_json = headers.get("Content-Type") == "application/json"
	try:
		sms_settings.send_request(settings.sms_gateway_url, values, headers, settings.use_post, as_json)
	except Exception as error:
		# Its words quote the address asked, which may hold number and text.
		raise SmsNotDelivered(f"{contacts.masked(kept['number'])}: {type(error).__name__}") from None
	# Not every build of Frappe has this log.
	if frappe.db.exists("DocType", "SMS Log"):
		shown = [contacts.masked(kept["number"])]
		sms_settings.create_sms_log({"message": b"", "receiver_list": shown}, shown)


def send(kind: str, address: str, subject: str, body: str, short: str) -> bool:
	"""One text to an e-mail address or a telephone number, about something that is not stored in the database."""
	if kind == "email":
		reference = secrets.token_hex(10)
		if not send_email(address, subject, body, reference):
			return False
		frappe.enqueue(
			"one_stop.citizen_portal.messages.deliver_code",
			queue="short",
			at_front=True,
			enqueue_after_commit=True,
			reference=reference,
		)
		return True
	return send_sms(address, short, after_commit=False)


def is_ready(kind: str) -> bool:
	"""Whether codes can be sent this way."""
	if kind == "email":
		return bool(frappe.db.exists("Email Account", {"enable_outgoing": 1, "default_outgoing": 1}))
	return bool(frappe.db.get_single_value("SMS Settings", "sms_gateway_url"))


def code_text(code: str) -> tuple[str, str, str]:
	"""Subject, letter and SMS that bring a code."""
	# The subject stands in lists, notices and logs of mail servers.
	subject = _("Your code")
	body = _(
		"Your code is {0}. It is valid for 10 minutes. Nobody of the authority ever asks you for it."
	).format(code)
	return subject, body, body
