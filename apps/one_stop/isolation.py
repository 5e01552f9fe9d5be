"""Transactions under READ COMMITTED, for what writes beside others, and locks for what must not.

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


@contextlib.contextmanager
def locked(name: str, seconds: int = 0) -> Iterator[bool]:
	"""A lock of the database server, which one connection holds at a time, whatever its transactions do.

	:returns: whether it was got within so many seconds
	"""
	got = bool(frappe.db.sql("select get_lock(%s, %s)", (name, seconds))[0][0])
	try:
		yield got
	finally:
		if got:
			frappe.db.sql("select release_lock(%s)", name)
