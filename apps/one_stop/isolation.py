"""Transactions under READ COMMITTED, for what writes beside others.

Under the snapshots of REPEATABLE READ MariaDB refuses to write, or to copy, what somebody has changed meanwhile
(error 1020).
"""

import contextlib
from collections.abc import Iterator

import frappe

RECORD_CHANGED = 1020


@contextlib.contextmanager
def read_committed(keep: str) -> Iterator[None]:
	"""Have transactions that begin within it run under READ COMMITTED; the connection's own isolation comes back.

	:param keep: where the connection keeps its own meanwhile; one word for each place that may lie within another
	"""
	frappe.db.sql(f"set @{keep} = @@session.tx_isolation, session tx_isolation = 'READ-COMMITTED'")
	try:
		yield
	finally:
		frappe.db.sql(f"set session tx_isolation = @{keep}")
