"""Following a dossier without an account: its code and the check value that stands beside it on the receipt.

Only the degree of completion is told (law.md I.10). A wrong code and a wrong check value are one answer.
"""

import hmac
import re
from dataclasses import dataclass
from urllib.parse import urlencode

import frappe
from frappe import _
from frappe.utils import get_url

from one_stop.citizen_portal import throttle
from one_stop.citizen_portal.rendering import FormError, TooManyAttempts
from one_stop.quality import ratings

CODE = re.compile(r"[0-9A-Za-z.\-]{5,60}")
CHECK = re.compile(r"[0-9A-Z]{8}")
WRONG_TRIES = 20
SHARES = {
	"Draft": 5,
	"Received": 15,
	"Not Received": 100,
	"Withdrawn": 100,
	"Stopped": 100,
	"Finished": 95,
	"Returned": 100,
}


@dataclass(frozen=True)
class Progress:
	"""What a stranger with code and check value learns. `done` is in per cent; `rate_token` once it is over."""

	code: str
	done: int
	rate_token: str = ""


def address(code: str, check: str) -> str:
	"""The public address behind the QR code of a receipt."""
	base = frappe.get_cached_value("One-Stop Settings", "One-Stop Settings", "tracking_address")
	base = (base or get_url("/tra-cuu")).rstrip("/")
	return f"{base}?{urlencode({'ma': code, 'kt': check})}"


def progress(code: str, check: str) -> Progress:
	"""How far a dossier is.

	:raises FormError: code and check value do not fit, for whatever reason
	:raises TooManyAttempts: this address has tried too often, or this code too often in vain
	"""
	code, check = code.strip(), re.sub(r"[\s-]", "", check).upper()
	throttle.count("tracking", throttle.address(), 300, 600)
	wrong = FormError(ma=_("Code and check value do not belong together. Both stand on the receipt."))
	if not CODE.fullmatch(code) or not CHECK.fullmatch(check):
		raise wrong
	# By code and address: nobody's wrong tries keep the applicant, who is elsewhere, from following.
	tries = f"{code}:{throttle.address()}"
	if throttle.attempts("tracking-wrong", tries, 3600) >= WRONG_TRIES:
		raise TooManyAttempts
	row = frappe.db.get_value(
		"Dossier", {"code": code}, ["name", "code", "status", "access_code"], as_dict=True
	)
	# Compared also where there is nothing to compare with, so that time tells nothing.
	fits = hmac.compare_digest((row and row.access_code) or "-" * len(check), check)
	if not row or not fits:
		throttle.attempts("tracking-wrong", tries, 3600, add=1)
		raise wrong
	rate_token = ratings.token_after_the_end(row.name, row.status)
	return Progress(row.code, done_share(row.name, row.status), rate_token)


def done_share(dossier: str, status: str) -> int:
	"""Per cent of the steps that are behind a dossier."""
	if status in SHARES:
		return SHARES[status]
	steps = frappe.get_all("Dossier Step", filters={"dossier": dossier}, pluck="status", limit=0)
	counted = [step for step in steps if step not in ("Skipped", "Cancelled")]
	behind = sum(step == "Completed" for step in counted)
	return max(20, min(90, round(100 * behind / len(counted)))) if counted else 20
