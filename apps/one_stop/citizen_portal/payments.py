"""Online payment of what a dossier owes: started, noticed, reconciled (NĐ 61/2018 art. 22).

The gateway's server-to-server notice decides; the payer's return only shows a page. Amounts are those of the
dossier's open payments. No card data ever comes here.
"""

import secrets
from collections.abc import Mapping
from typing import Any

import frappe
from frappe import _
from frappe.utils import add_to_date, cint, get_url, now_datetime

from one_stop.citizen_portal.gateway import (
	Merchant,
	Notice,
	Order,
	WrongSignature,
	payment_address,
	read_notice,
)
from one_stop.citizen_portal.rendering import host_of
from one_stop.dossiers import lifecycle
from one_stop.dossiers.command import on_behalf_of_system
from one_stop.keyed import keyed_digest

TEST_PAGE = "/thanh-toan/thu-nghiem"
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
		return Merchant(get_url(TEST_PAGE), "TEST", keyed_digest("test gateway").hex())
	if settings.gateway == "VNPay" and settings.gateway_address and settings.merchant_code:
		secret = settings.get_password("merchant_secret", raise_exception=False)
		return Merchant(settings.gateway_address, settings.merchant_code, secret) if secret else None
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
	order = frappe.get_doc(
		{
			"doctype": "Online Payment",
			"dossier": dossier,
			"user": user,
			"reference": f"{now_datetime():%y%m%d%H%M%S}{secrets.token_hex(6)}",
			"amount": sum(cint(row.amount) for row in rows),
			"payments": "\n".join(row.name for row in rows),
			"gateway": through.code,
			"status": "Started",
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
			created=now_datetime(),
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
	if not name:
		return UNKNOWN_ORDER
	order = frappe.get_doc("Online Payment", name, for_update=True)
	if notice.amount != cint(order.amount):
		frappe.db.rollback()
		frappe.log_error(title="Payment notice with another amount", message=notice.reference)
		frappe.db.commit()
		return WRONG_AMOUNT
	if order.status in ("Paid", "To Reconcile", "Reconciled"):
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
	unsettled = [row for row in covered if row in {left.name for left in owed(order.dossier)}]
	ours = frappe.get_all(
		"Dossier Payment", {"name": ["in", covered], "reference": order.reference}, pluck="name"
	)
	before = [row for row in covered if row not in (*open_rows, *ours)]
	if unsettled or before:
		frappe.db.set_value(
			"Online Payment",
			name,
			{
				"status": "To Reconcile",
				"note": f"not settled: {', '.join(unsettled) or '-'}; paid before: {', '.join(before) or '-'}",
			},
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
