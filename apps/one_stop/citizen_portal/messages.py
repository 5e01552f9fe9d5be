"""Sends e-mail and SMS: through Frappe's Email Queue and its SMS Settings, never during somebody's request."""

import re

import frappe
from frappe import _
from frappe.utils import escape_html

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


def send_sms(number: str, text: str) -> bool:
	"""Queue an SMS. False where no SMS gateway is set up."""
	if not number or not frappe.db.get_single_value("SMS Settings", "sms_gateway_url"):
		return False
	frappe.enqueue(
		"one_stop.citizen_portal.messages.deliver_sms",
		queue="short",
		enqueue_after_commit=True,
		number=number,
		text=text[:300],
	)
	return True


def deliver_sms(number: str, text: str) -> None:
	"""Hand an SMS to Frappe's gateway (a job). The log of the gateway keeps the number, not the text."""
	from frappe.core.doctype.sms_settings.sms_settings import send_via_gateway

	send_via_gateway(frappe._dict(receiver_list=[number], message=text.encode("utf-8"), success_msg=False))


def send(kind: str, address: str, subject: str, body: str, short: str) -> bool:
	"""One text to an e-mail address or a telephone number."""
	return send_email(address, subject, body) if kind == "email" else send_sms(address, short)


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
