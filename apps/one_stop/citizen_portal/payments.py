"""Online payment of what a dossier owes: started, noticed, reconciled (NĐ 61/2018 art. 22).

The gateway's server-to-server notice decides; the payer's return only shows a page. Amounts are those of the
dossier's open payments. No card data ever comes here.
"""

import secrets
from collections.abc import Mapping
from typing import Any

import frappe
import requests
from frappe import _
from frappe.utils import add_to_date, cint, get_url, now_datetime

from one_stop.citizen_portal.gateway import (
	FAILED,
	MINUTES_TO_PAY,
	NOT_FINISHED,
	UNKNOWN_THERE,
	Merchant,
	NoAnswer,
	Notice,
	Order,
	WrongSignature,
	payment_address,
	question,
	read_answer,
	read_notice,
)
from one_stop.citizen_portal.rendering import host_of
from one_stop.dossiers import lifecycle
from one_stop.dossiers.command import on_behalf_of_system
from one_stop.keyed import keyed_digest

TEST_PAGE = "/thanh-toan/thu-nghiem"
TEST_MERCHANT = "TEST"
RETURN_PAGE = "/thanh-toan/ket-qua"
# What the gateway expects as answers to its notices.
CONFIRMED = ("00", "Confirm Success")
UNKNOWN_ORDER = ("01", "Order not found")
CONFIRMED_BEFORE = ("02", "Order already confirmed")
WRONG_AMOUNT = ("04", "Invalid amount")
BAD_SIGNATURE = ("97", "Invalid signature")


# Minutes after which a notice that was kept must have been settled.
LEFT_BEHIND = 5
AT_ONCE = 200
# Minutes from the start of an order after which the gateway is asked about it, hours after which people are to look.
ASK_AFTER = MINUTES_TO_PAY + 5
LOOK_AFTER = 24
ASKED_AT_ONCE = 50
PATIENCE = 10  # seconds
SETTLED = ("Paid", "To Reconcile", "Reconciled")


class PaymentRefused(frappe.ValidationError):
	"""Nothing to pay, or nobody to pay it through."""


class NothingToReconcile(frappe.ValidationError):
	"""The payment is not one that people are to reconcile."""


class ReasonMissing(frappe.ValidationError):
	"""A payment is closed without saying what became of the money."""


def merchant() -> Merchant | None:
	"""The gateway in use; None where online payment is off. The test gateway is a page of this site."""
	settings = frappe.get_cached_doc("Citizen Portal Settings")
	if settings.gateway == "Test":
		return Merchant(get_url(TEST_PAGE), TEST_MERCHANT, keyed_digest("test gateway").hex())
	if settings.gateway == "VNPay" and settings.gateway_address and settings.merchant_code:
		secret = settings.get_password("merchant_secret", raise_exception=False)
		if not secret:
			return None
		return Merchant(
			settings.gateway_address, settings.merchant_code, secret, settings.query_address or ""
		)
	return None


def is_test() -> bool:
	return frappe.get_cached_doc("Citizen Portal Settings").gateway == "Test"


def gateway_origins() -> list[str]:
	"""Origins that a form of ours may lead to (content policy)."""
	settings = frappe.get_cached_doc("Citizen Portal Settings")
	origin = host_of(settings.gateway_address or "") if settings.gateway == "VNPay" else ""
	return [origin] if origin else []


def owed(dossier: str) -> list[Any]:
	"""The open payments of a dossier."""
	return frappe.get_all(
		"Dossier Payment",
		filters={"dossier": dossier, "status": "Due", "amount": [">", 0]},
		fields=["name", "title", "kind", "amount"],
		order_by="ordered_at asc, creation asc",
		limit=0,
	)


def start(dossier: str, user: str, client_address: str, language: str) -> str:
	"""Open an order over all that a dossier owes. Returns the address at the gateway.

	:raises PaymentRefused: online payment is off, or nothing is owed
	"""
	through = merchant()
	rows = owed(dossier)
	if not through:
		frappe.throw(_("Online payment is not available. Pay at the counter or by transfer."), PaymentRefused)
	if not rows:
		frappe.throw(_("Nothing is to be paid for this dossier."), PaymentRefused)
	code = frappe.db.get_value("Dossier", dossier, "code") or dossier
	# The gateway keeps whole seconds, and is asked for the order by them.
	now = now_datetime().replace(microsecond=0)
	order = frappe.get_doc(
		{
			"doctype": "Online Payment",
			"dossier": dossier,
			"user": user,
			"reference": f"{now:%y%m%d%H%M%S}{secrets.token_hex(6)}",
			"amount": sum(cint(row.amount) for row in rows),
			"payments": "\n".join(row.name for row in rows),
			"gateway": through.code,
			"status": "Started",
			"started_at": now,
		}
	)
	order.insert(ignore_permissions=True)  # the caller has checked that the dossier is the citizen's own
	return payment_address(
		through,
		Order(
			reference=order.reference,
			amount=cint(order.amount),
			info=f"Thanh toan ho so {code}",
			return_address=get_url(RETURN_PAGE),
			client_address=client_address,
			created=now,
			language=language,
		),
	)


def receive_notice(parameters: Mapping[str, str]) -> tuple[str, str]:
	"""Take a server-to-server notice in and answer the gateway: code and text. Commits by itself.

	The same notice may come any number of times, late, or after the payer was told that it failed.
	"""
	through = merchant()
	if not through:
		return UNKNOWN_ORDER
	try:
		notice = read_notice(through, parameters)
	except WrongSignature:
		return BAD_SIGNATURE
	name = frappe.db.get_value("Online Payment", {"reference": notice.reference})
	return _take_in(name, notice) if name else UNKNOWN_ORDER


def _take_in(name: str, notice: Notice) -> tuple[str, str]:
	"""Keep what the gateway says of an order, and settle what is paid. Commits."""
	order = frappe.get_doc("Online Payment", name, for_update=True)
	if notice.amount != cint(order.amount):
		frappe.db.rollback()
		frappe.log_error(title="Payment notice with another amount", message=notice.reference)
		frappe.db.commit()
		return WRONG_AMOUNT
	unsaid = order.status == "To Reconcile" and not order.paid_at  # people look for what is said now
	if order.status in SETTLED and not unsaid:
		frappe.db.rollback()
		if order.status == "Paid" and not order.settled_at:
			settle(order.name)  # whoever took the first notice in did not get so far
		return CONFIRMED_BEFORE
	_keep(order, notice)
	frappe.db.commit()
	if notice.paid:
		settle(order.name)
	return CONFIRMED


def _keep(order: Any, notice: Notice) -> None:
	order.update(
		{
			"status": "Paid" if notice.paid else "Failed",
			"gateway_number": notice.number,
			"gateway_code": notice.answer,
			"bank": notice.bank,
			"paid_at": notice.paid_at if notice.paid else None,
			"notified_at": now_datetime(),
		}
	)
	order.save(ignore_permissions=True)  # signed by the gateway, amount compared


def settle(name: str) -> None:
	"""Tell the dossier that its payments are made. What no longer fits is left for people to reconcile.

	May be called again after an interruption: the commands go by the order's reference.
	"""
	order = frappe.get_doc("Online Payment", name)
	status = frappe.db.get_value("Dossier", order.dossier, "status")
	open_rows = {row.name: row for row in owed(order.dossier)}
	covered = [row for row in (order.payments or "").split("\n") if row]
	try:
		if any(open_rows[row].kind == "Financial Obligation" for row in covered if row in open_rows):
			if status == "Awaiting Payment":
				with on_behalf_of_system():
					lifecycle.confirm_payment(
						order.dossier,
						client_key=f"online-payment-{order.reference}",
						method="Online",
						reference=order.reference,
					)
		fees = [row for row in covered if row in open_rows and open_rows[row].kind != "Financial Obligation"]
		if fees:
			with on_behalf_of_system():
				lifecycle.record_fee_payment(
					order.dossier,
					client_key=f"online-fees-{order.reference}",
					payments=fees,
					method="Online",
					reference=order.reference,
				)
		frappe.db.commit()
	except Exception:
		frappe.db.rollback()
		frappe.log_error(
			title="Payment could not be settled", message=f"{order.reference}\n{frappe.get_traceback()}"
		)
	titles = {
		row.name: row
		for row in frappe.get_all(
			"Dossier Payment", {"name": ["in", covered]}, ["name", "title", "reference"], limit=0
		)
	}
	left = {row.name for row in owed(order.dossier)}
	unsettled = [titles[row].title for row in covered if row in left]
	before = [
		row.title
		for name_of, row in titles.items()
		if name_of not in open_rows and row.reference != order.reference
	]
	if unsettled or before:
		said = [
			unsettled and _("Not booked: {0}.").format("; ".join(unsettled)),
			before and _("Paid in another way before: {0}.").format("; ".join(before)),
		]
		frappe.db.set_value(
			"Online Payment", name, {"status": "To Reconcile", "note": " ".join(filter(None, said))}
		)
	else:
		frappe.db.set_value("Online Payment", name, "settled_at", now_datetime())
	frappe.db.commit()


def sweep() -> int:
	"""Settle what was paid and then left behind by a process that died. Every five minutes.

	:returns: how many orders were looked at
	"""
	names = frappe.get_all(
		"Online Payment",
		{
			"status": "Paid",
			"settled_at": ["is", "not set"],
			"notified_at": ["<", add_to_date(now_datetime(), minutes=-LEFT_BEHIND)],
		},
		pluck="name",
		order_by="notified_at asc",
		limit=AT_ONCE,
	)
	frappe.db.commit()
	for name in names:
		settle(name)
	return len(names)


def ask_about_started() -> int:
	"""Ask the gateway what became of orders it has sent no notice of. Every five minutes.

	An order that nobody paid in time is over; what the gateway cannot say within a day is left to people. A notice that
	comes after all is still taken in.

	:returns: how many orders were looked at
	"""
	rows = frappe.get_all(
		"Online Payment",
		{"status": "Started", "creation": ["<", add_to_date(now_datetime(), minutes=-ASK_AFTER)]},
		["name", "reference", "gateway", "started_at", "creation"],
		# Those that were never asked about come first: one without an answer keeps no other back.
		order_by="asked_at asc, creation asc",
		limit=ASKED_AT_ONCE,
	)
	through = merchant()
	for row in rows:
		frappe.db.set_value("Online Payment", row.name, "asked_at", now_datetime(), update_modified=False)
		frappe.db.commit()
		if row.gateway == TEST_MERCHANT:
			_over(row.name, "")  # the gateway for trials is this site: nobody else holds the money
			continue
		try:
			notice = _ask(through, row)
		except (requests.RequestException, WrongSignature, NoAnswer, ValueError) as error:
			frappe.logger("payments").warning(f"{row.reference}: {type(error).__name__} {error}"[:200])
			_leave_to_people(row)
			if isinstance(error, requests.ConnectionError | requests.Timeout):
				break  # it is not there: the next round asks again
			continue
		if notice is None or notice.state == NOT_FINISHED:
			_over(row.name, notice.answer if notice else UNKNOWN_THERE)
		elif notice.paid or notice.state == FAILED:
			if _take_in(row.name, notice) == WRONG_AMOUNT:
				_leave_to_people(row, notice)
		else:  # taken back, refunded, suspected: money moved, but is not ours
			_leave_to_people(row, notice)
	frappe.db.commit()
	return len(rows)


def _ask(through: Merchant | None, row: Any) -> Notice | None:
	if not through or not through.query_address or row.gateway != through.code:
		raise NoAnswer("nobody to ask")
	asked = question(
		through,
		reference=row.reference,
		begun=row.started_at or row.creation,
		number=secrets.token_hex(16),
		now=now_datetime(),
		address="127.0.0.1",
	)
	answer = requests.post(through.query_address, json=asked, timeout=PATIENCE, allow_redirects=False)
	answer.raise_for_status()
	said = answer.json()
	if not isinstance(said, dict):
		raise NoAnswer("not an object")
	return read_answer(through, row.reference, said)


def _over(name: str, code: str) -> None:
	"""Nobody paid in time."""
	_end(name, status="Expired", gateway_code=code)


def _end(name: str, **facts: Any) -> None:
	"""End an order that is still open: a notice may have come meanwhile. Commits."""
	order = frappe.get_doc("Online Payment", name, for_update=True)
	if order.status == "Started":
		order.update(facts)
		order.save(ignore_permissions=True)  # a job of ours: nobody writes payments otherwise
	frappe.db.commit()


def _leave_to_people(row: Any, notice: Notice | None = None) -> None:
	"""What the gateway says and we cannot book, at once; what it does not say, after a day."""
	if not notice and row.creation > add_to_date(now_datetime(), hours=-LOOK_AFTER):
		return
	if not notice:
		silent = _("The gateway has not said whether this was paid. Look it up there.")
		return _end(row.name, status="To Reconcile", note=silent)
	said = _("The gateway names a state ({0}) or an amount ({1} đồng) that cannot be booked.")
	_end(
		row.name,
		status="To Reconcile",
		note=said.format(notice.answer, notice.amount),
		gateway_code=notice.answer,
		gateway_number=notice.number,
	)


def reconcile(name: str, reason: str) -> None:
	"""Close a payment that was left to people: what became of the money, by whom and when.

	:param reason: for example that it was paid back, or what it was booked to
	:raises NothingToReconcile: it does not wait for anybody
	:raises ReasonMissing: nothing is said
	"""
	order = frappe.get_doc("Online Payment", name, for_update=True)
	order.check_permission("read")
	if order.status != "To Reconcile":
		frappe.throw(_("This payment does not wait to be reconciled."), NothingToReconcile)
	if not (reason or "").strip():
		frappe.throw(_("Reconciliation: say what became of the money."), ReasonMissing)
	order.update(
		{
			"status": "Reconciled",
			"reconciliation": reason.strip()[:2000],
			"reconciled_by": frappe.session.user,
			"reconciled_at": now_datetime(),
		}
	)
	order.save(ignore_permissions=True)  # the caller has checked the role; nobody writes payments otherwise


def result_of(parameters: Mapping[str, str]) -> Any:
	"""The order behind a payer's return; None where the signature is not the gateway's."""
	through = merchant()
	if not through:
		return None
	try:
		notice = read_notice(through, parameters)
	except WrongSignature:
		return None
	return frappe.db.get_value(
		"Online Payment",
		{"reference": notice.reference},
		["name", "dossier", "user", "reference", "amount", "status", "paid_at", "gateway_number"],
		as_dict=True,
	)
