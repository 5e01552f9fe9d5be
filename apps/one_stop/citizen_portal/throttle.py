"""How often an address or an account may try something."""

import frappe

from one_stop.citizen_portal.rendering import TooManyAttempts


def count(action: str, whose: str, most: int, seconds: int) -> None:
	"""Count one attempt.

	:param whose: an address, an account, a code: whatever is being limited
	:raises TooManyAttempts: more than `most` within `seconds`
	"""
	if attempts(action, whose, seconds, add=1) > most:
		raise TooManyAttempts


def attempts(action: str, whose: str, seconds: int, add: int = 0) -> int:
	"""How many attempts there were within the running period."""
	key = frappe.cache.make_key(f"portal-throttle:{action}:{whose}")
	if not add:
		return int(frappe.cache.get(key) or 0)
	frappe.cache.set(key, 0, ex=seconds, nx=True)
	return frappe.cache.incrby(key, add)


def once(action: str, what: str, seconds: int) -> bool:
	"""Whether this is the first time within the period; of several at the same moment one is."""
	key = frappe.cache.make_key(f"portal-once:{action}:{what}")
	return bool(frappe.cache.set(key, 1, ex=seconds, nx=True))


def address() -> str:
	"""The address of the caller, as nginx says it."""
	return frappe.local.request_ip or "-"
