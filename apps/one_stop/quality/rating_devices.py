"""The tablet at a counter that may ask for ratings: it shows itself by a key that an administrator put on it.

Without one, whoever knows the address could rate a one-stop centre a thousand times from home. The key is made of
the site's own secret, the unit and a serial number, so nothing of it is stored; a new serial ends all earlier keys.
"""

import hmac

import frappe
from frappe.utils import cint, get_url

from one_stop.keyed import keyed_code

UNIT, SERIAL = "Administrative Unit", "rating_device_serial"


def address(unit: str) -> str:
	"""The address that makes the device it is opened on a rating device of the one-stop centre."""
	return f"{get_url(f'/danh-gia-tai-quay/{unit}')}?may={_key(unit)}"


def renew(unit: str) -> None:
	"""End the keys of all devices of a one-stop centre; each must open the new address."""
	serial = cint(frappe.db.get_value(UNIT, unit, SERIAL, for_update=True))
	frappe.db.set_value(UNIT, unit, SERIAL, serial + 1)


def fits(unit: str, key: str | None) -> bool:
	"""Whether a key is the one of the centre's devices now."""
	return hmac.compare_digest((key or "").encode(), _key(unit).encode())


def _key(unit: str) -> str:
	return keyed_code(f"rating device:{unit}:{cint(frappe.db.get_value(UNIT, unit, SERIAL))}")
