"""The protocol of VNPay's payment gateway, version 2.1.0: redirect, return and server-to-server notice. Pure.

Both sides sign all `vnp_` parameters, sorted by name and URL-encoded, with HMAC-SHA512 under the merchant's secret.
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


class WrongSignature(ValueError):
	"""The parameters were not signed with the merchant's secret."""


@dataclass(frozen=True)
class Merchant:
	"""Whom the gateway pays: its address, the code of the merchant, and the secret both sides sign with."""

	address: str
	code: str
	secret: str


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
	"""What the gateway says became of an order."""

	reference: str
	amount: int
	paid: bool
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
	given = str(parameters.get("vnp_SecureHash") or "").lower()
	if not hmac.compare_digest(given, signature(merchant.secret, parameters)):
		raise WrongSignature
	if parameters.get("vnp_TmnCode") != merchant.code:
		raise WrongSignature
	answer = str(parameters.get("vnp_ResponseCode") or "")
	state = str(parameters.get("vnp_TransactionStatus") or answer)
	amount = str(parameters.get("vnp_Amount") or "0")
	hundredths = int(amount) if amount.isdigit() else -1
	return Notice(
		reference=str(parameters.get("vnp_TxnRef") or ""),
		amount=hundredths // 100 if hundredths % 100 == 0 else -1,
		paid=answer == PAID and state == PAID,
		answer=f"{answer}/{state}"[:20],
		number=str(parameters.get("vnp_TransactionNo") or "")[:40],
		bank=str(parameters.get("vnp_BankCode") or "")[:40],
		paid_at=_moment(str(parameters.get("vnp_PayDate") or "")),
	)


def _moment(text: str) -> datetime | None:
	try:
		return datetime.strptime(text, MOMENT)
	except ValueError:
		return None
