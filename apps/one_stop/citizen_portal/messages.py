"""Sends e-mail and SMS: through Frappe's Email Queue and its SMS Settings, never during somebody's request."""

import re

import frappe
from frappe import _
from frappe.utils import escape_html

from one_stop.citizen_portal import contacts

ADDRESS_OF_NOBODY = "account.invalid"


def send_email(recipient: str, subject: str, body: str) -> bool:
	"""Queue a plain letter. False where the site has no outgoing account or the address is none."""
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
	)
	return True


def send_sms(number: str, text: str, *, after_commit: bool = True) -> bool:
	"""Queue an SMS. False where no SMS gateway is set up.

	:param after_commit: only once what it tells of is stored; Frappe forgets the job where a request stores nothing
	"""
	if not number or not frappe.db.get_single_value("SMS Settings", "sms_gateway_url"):
		return False
	frappe.enqueue(
		"one_stop.citizen_portal.messages.deliver_sms",
		queue="short",
		# Somebody waits for a code: it does not stand in line behind letters and figures.
		at_front=not after_commit,
		enqueue_after_commit=after_commit,
		number=number,
		text=text[:300],
	)
	return True


def deliver_sms(number: str, text: str) -> None:
	"""Hand an SMS to the gateway of Frappe's SMS Settings (a job).

	Frappe's own way of sending keeps every text in SMS Log, codes and all; the log gets no text and a masked number
	here.

	:raises requests.RequestException: the gateway refused it or is silent; the job fails and is seen
	"""
	from frappe.core.doctype.sms_settings import sms_settings

	settings = frappe.get_cached_doc("SMS Settings")
	values = {row.parameter: row.value for row in settings.parameters if not row.header}
	values |= {settings.message_parameter: text, settings.receiver_parameter: number}
	headers = sms_settings.get_headers(settings)
	as_json = headers.get("Content-Type") == "application/json"
	sms_settings.send_request(settings.sms_gateway_url, values, headers, settings.use_post, as_json)
	# Not every build of Frappe has this log.
	if frappe.db.exists("DocType", "SMS Log"):
		shown = [contacts.masked(number)]
		sms_settings.create_sms_log({"message": b"", "receiver_list": shown}, shown)


def send(kind: str, address: str, subject: str, body: str, short: str) -> bool:
	"""One text to an e-mail address or a telephone number, about something that is not stored in the database."""
	if kind == "email":
		return send_email(address, subject, body)
	return send_sms(address, short, after_commit=False)


def is_ready(kind: str) -> bool:
	"""Whether codes can be sent this way."""
	if kind == "email":
		return bool(frappe.db.exists("Email Account", {"enable_outgoing": 1, "default_outgoing": 1}))
	return bool(frappe.db.get_single_value("SMS Settings", "sms_gateway_url"))


def code_text(code: str) -> tuple[str, str, str]:
	"""Subject, letter and SMS that bring a code."""
	subject = _("Your code: {0}").format(code)
	body = _(
		"Your code is {0}. It is valid for 10 minutes. Nobody of the authority ever asks you for it."
	).format(code)
	return subject, body, body
