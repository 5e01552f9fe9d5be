"""Values computed from many documents, kept in each process until one of those documents changes.

The value itself stays in the process, where reading it costs nothing; only a short token is shared. Whoever
changes a document renews the token: at once, so that its own transaction sees the change, and again when the
transaction ends, because another process may have read the old documents meanwhile.
"""

from collections.abc import Callable
from typing import Generic, TypeVar

import frappe

Value = TypeVar("Value")


class Snapshot(Generic[Value]):
	"""A named value, built by `build` whenever the shared token is no longer the one it was built under."""

	def __init__(self, name: str, build: Callable[[], Value]) -> None:
		self.key = f"one_stop_snapshot:{name}"
		self.build = build
		self._kept: dict[str, tuple[str, Value]] = {}

	def token(self) -> str:
		"""The shared token; changes whenever the value may have changed."""
		return frappe.cache.get_value(self.key) or self._renew()

	def get(self) -> Value:
		token = self.token()
		kept = self._kept.get(frappe.local.site)
		if kept is None or kept[0] != token:
			kept = (token, self.build())
			self._kept[frappe.local.site] = kept
		return kept[1]

	def look_again(self) -> None:
		"""Have this request or job ask for the shared token anew; a long job does so between its steps."""
		frappe.local.cache.pop(frappe.cache.make_key(self.key), None)

	def forget(self) -> None:
		"""Have every process build the value anew, now and again when this transaction ends."""
		self._renew()
		frappe.db.after_commit.add(self._renew)
		frappe.db.after_rollback.add(self._renew)

	def _renew(self) -> str:
		token = frappe.generate_hash(length=12)
		frappe.cache.set_value(self.key, token)
		return token
