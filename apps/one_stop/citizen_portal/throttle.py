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
	number = frappe.cache.incrby(key, add)
	if number == add:
		frappe.cache.expire(key, seconds)
	return number


def address() -> str:
	"""The address of the caller, as nginx says it."""
	return frappe.local.request_ip or "-"
