"""The protocol of VNPay's payment gateway, version 2.1.0: redirect, return, server-to-server notice, and the question what
became of an order (querydr). Pure.

Both sides sign all `vnp_` parameters, sorted by name and URL-encoded, with HMAC-SHA512 under the merchant's secret;
question and answer are signed by the same key over their values in a fixed order, separated by bars.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote_plus

VERSION = "2.1.0"
MINUTES_TO_PAY = 15
MOMENT = "%Y%m%d%H%M%S"
UNSIGNED = ("vnp_SecureHash", "vnp_SecureHashType")
PAID = "00"
# Answers to a question: the order was never begun there; states of a transaction: not finished, failed.
UNKNOWN_THERE = "91"
NOT_FINISHED = "01"
FAILED = "02"
SIGNED_OF_QUESTION = (
	"vnp_RequestId",
	"vnp_Version",
	"vnp_Command",
	"vnp_TmnCode",
	"vnp_TxnRef",
	"vnp_TransactionDate",
	"vnp_CreateDate",
	"vnp_IpAddr",
	"vnp_OrderInfo",
)
SIGNED_OF_ANSWER = (
	"vnp_ResponseId",
	"vnp_Command",
	"vnp_ResponseCode",
	"vnp_Message",
	"vnp_TmnCode",
	"vnp_TxnRef",
	"vnp_Amount",
	"vnp_BankCode",
	"vnp_PayDate",
	"vnp_TransactionNo",
	"vnp_TransactionType",
	"vnp_TransactionStatus",
	"vnp_OrderInfo",
	"vnp_PromotionCode",
	"vnp_PromotionAmount",
)


class WrongSignature(ValueError):
	"""The parameters were not signed with the merchant's secret."""


class NoAnswer(ValueError):
	"""The gateway does not say what became of the order; its reason."""


@dataclass(frozen=True)
class Merchant:
	"""Whom the gateway pays: its address, the code of the merchant, and the secret both sides sign with.

	`query_address` answers questions; empty where there is nobody to ask.
	"""

	address: str
	code: str
	secret: str
	query_address: str = ""


@dataclass(frozen=True)
class Order:
	"""What is to be paid. `amount` in đồng; `reference` is used once and never again."""

	reference: str
	amount: int
	info: str
	return_address: str
	client_address: str
	created: datetime
	language: str = "vi"


@dataclass(frozen=True)
class Notice:
	"""What the gateway says became of an order. `state` is the transaction's, `answer` both codes for the record."""

	reference: str
	amount: int
	paid: bool
	state: str
	answer: str
	number: str
	bank: str
	paid_at: datetime | None


def signed_text(parameters: Mapping[str, str]) -> str:
	"""The parameters as they are signed and sent: sorted, encoded, those of the signature left out."""
	return "&".join(
		f"{quote_plus(name)}={quote_plus(str(value))}"
		for name, value in sorted(parameters.items())
		if name.startswith("vnp_") and name not in UNSIGNED and str(value) != ""
	)


def signature(secret: str, parameters: Mapping[str, str]) -> str:
	return hmac.new(secret.encode(), signed_text(parameters).encode(), hashlib.sha512).hexdigest()


def _signed_by(parameters: Mapping[str, str], wanted: str) -> bool:
	given = str(parameters.get("vnp_SecureHash") or "").lower()
	# As bytes: text that is not ASCII cannot be compared.
	return hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode())


def payment_address(merchant: Merchant, order: Order) -> str:
	"""Where the payer is sent. Times are those of Vietnam, amounts a hundred times đồng, as the protocol wants."""
	parameters = {
		"vnp_Version": VERSION,
		"vnp_Command": "pay",
		"vnp_TmnCode": merchant.code,
		"vnp_Amount": str(order.amount * 100),
		"vnp_CreateDate": order.created.strftime(MOMENT),
		"vnp_ExpireDate": (order.created + timedelta(minutes=MINUTES_TO_PAY)).strftime(MOMENT),
		"vnp_CurrCode": "VND",
		"vnp_IpAddr": order.client_address,
		"vnp_Locale": "vn" if order.language == "vi" else "en",
		"vnp_OrderInfo": order.info[:255],
		"vnp_OrderType": "other",
		"vnp_ReturnUrl": order.return_address,
		"vnp_TxnRef": order.reference,
	}
	return f"{merchant.address}?{signed_text(parameters)}&vnp_SecureHash={signature(merchant.secret, parameters)}"


def signed_answer(secret: str, parameters: Mapping[str, str]) -> dict[str, str]:
	"""Parameters with their signature, as the gateway sends them back."""
	return {**parameters, "vnp_SecureHash": signature(secret, parameters)}


def read_notice(merchant: Merchant, parameters: Mapping[str, str]) -> Notice:
	"""What a return or notice says.

	:raises WrongSignature: it was not signed by the gateway, or not for this merchant
	"""
	if not _signed_by(parameters, signature(merchant.secret, parameters)):
		raise WrongSignature
	if parameters.get("vnp_TmnCode") != merchant.code:
		raise WrongSignature
	return _notice(parameters)


def _notice(parameters: Mapping[str, str]) -> Notice:
	answer = str(parameters.get("vnp_ResponseCode") or "")
	state = str(parameters.get("vnp_TransactionStatus") or answer)
	amount = str(parameters.get("vnp_Amount") or "0")
	hundredths = int(amount) if amount.isdigit() else -1
	return Notice(
		reference=str(parameters.get("vnp_TxnRef") or ""),
		amount=hundredths // 100 if hundredths % 100 == 0 else -1,
		paid=answer == PAID and state == PAID,
		state=state,
		answer=f"{answer}/{state}"[:20],
		number=str(parameters.get("vnp_TransactionNo") or "")[:40],
		bank=str(parameters.get("vnp_BankCode") or "")[:40],
		paid_at=_moment(str(parameters.get("vnp_PayDate") or "")),
	)


def question(
	merchant: Merchant, *, reference: str, begun: datetime, number: str, now: datetime, address: str
) -> dict[str, str]:
	"""What is sent to ask what became of an order.

	:param begun: when the payer was sent to the gateway
	:param number: of this question, never used before on the same day
	:param address: from which is asked
	"""
	parameters = {
		"vnp_RequestId": number,
		"vnp_Version": VERSION,
		"vnp_Command": "querydr",
		"vnp_TmnCode": merchant.code,
		"vnp_TxnRef": reference,
		"vnp_OrderInfo": f"Truy van {reference}",
		"vnp_TransactionDate": begun.strftime(MOMENT),
		"vnp_CreateDate": now.strftime(MOMENT),
		"vnp_IpAddr": address,
	}
	return {**parameters, "vnp_SecureHash": _seal(merchant.secret, parameters, SIGNED_OF_QUESTION)}


def read_answer(merchant: Merchant, reference: str, parameters: Mapping[str, str]) -> Notice | None:
	"""What became of the order that was asked for; None where the gateway has never heard of it.

	:raises WrongSignature: it was not signed by the gateway, or is about something else
	:raises NoAnswer: the gateway answers, but not this
	"""
	code = str(parameters.get("vnp_ResponseCode") or "")
	if not _signed_by(parameters, _seal(merchant.secret, parameters, SIGNED_OF_ANSWER)):
		raise WrongSignature
	if code == UNKNOWN_THERE:
		return None
	if code != PAID:
		raise NoAnswer(code)
	if (parameters.get("vnp_TmnCode"), parameters.get("vnp_TxnRef")) != (merchant.code, reference):
		raise WrongSignature
	return _notice(parameters)


def _seal(secret: str, parameters: Mapping[str, str], names: tuple[str, ...]) -> str:
	"""The signature of question and answer; what is missing is signed as nothing."""
	text = "|".join("" if parameters.get(name) is None else str(parameters[name]) for name in names)
	return hmac.new(secret.encode(), text.encode(), hashlib.sha512).hexdigest()


def _moment(text: str) -> datetime | None:
	try:
		return datetime.strptime(text, MOMENT)
	except ValueError:
		return None
