"""A real mail server for the tests, which keeps whatever it is given."""

import email
import email.policy
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import frappe
from aiosmtpd.controller import Controller

ACCOUNT = "Outgoing of the tests"


class Box:
	"""A mail server that keeps whatever it is given."""

	def __init__(self) -> None:
		self.mails: list[tuple[list[str], email.message.EmailMessage]] = []

	async def handle_DATA(self, server, session, envelope) -> str:
		mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
		self.mails.append((envelope.rcpt_tos, mail))
		return "250 kept"


@contextmanager
def catching() -> Iterator[Box]:
	"""A catch-all mail server, and the outgoing account of the site leads to it."""
	kept = Box()
	with socket.socket() as free:
		free.bind(("127.0.0.1", 0))
		port = free.getsockname()[1]
	server = Controller(kept, hostname="127.0.0.1", port=port)
	server.start()
	others = frappe.get_all("Email Account", {"default_outgoing": 1}, pluck="name")
	frappe.db.set_value("Email Account", {"name": ["in", others or [""]]}, "default_outgoing", 0)
	frappe.db.delete("Email Account", {"name": ACCOUNT})
	frappe.get_doc(
		{
			"doctype": "Email Account",
			"email_account_name": ACCOUNT,
			"email_id": "mot-cua@one-stop.example",
			"enable_outgoing": 1,
			"default_outgoing": 1,
			"smtp_server": "127.0.0.1",
			"smtp_port": port,
			"no_smtp_authentication": 1,
		}
	).insert()
	frappe.db.commit()
	_forget_accounts()
	try:
		yield kept
	finally:
		server.stop()
		frappe.db.delete("Email Account", {"name": ACCOUNT})
		for other in others:
			frappe.db.set_value("Email Account", other, "default_outgoing", 1)
		frappe.db.commit()
		_forget_accounts()


def _forget_accounts() -> None:
	"""Frappe keeps the account it sends by as long as the process lives in a test."""
	frappe.local.outgoing_email_account = {}
	frappe.clear_cache()


def send_queue() -> None:
	"""Flush what is queued through SMTP, as the scheduler does."""
	in_test, frappe.flags.in_test = frappe.flags.in_test, False
	try:
		for name in frappe.get_all(
			"Email Queue",
			{"status": "Not Sent", "sender": ["like", "%mot-cua@one-stop.example%"]},
			pluck="name",
		):
			frappe.get_doc("Email Queue", name).send()
	finally:
		frappe.flags.in_test = in_test
