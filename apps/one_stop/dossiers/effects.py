"""What follows an event once it is committed: letters, linked dossiers, and whoever listens.

Runs in a job per event. What is still to do stands in Dossier Effect, written with the event itself: a job that
was lost, or died half-way, is run again by a sweep. So every part is idempotent.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import frappe
from frappe.utils import add_to_date, now_datetime

from one_stop.dossiers import letters, linked
from one_stop.dossiers.command import enqueue_effects, in_own_transaction

GIVEN_UP = 10  # attempts; an administrator sees the row and its error
LEFT_BEHIND = 5  # minutes after which a job must have run
AT_ONCE = 500


def follow(dossier: str, event_name: str) -> None:
	"""Carry out what follows an event, then tell the listeners of the hook `one_stop_after_event`."""
	row = frappe.db.get_value(
		"Dossier Event",
		event_name,
		["name", "kind", "at", "step", "from_status", "to_status", "reason", "data", "sequence"],
		as_dict=True,
	)
	if not row:
		return
	try:
		_follow(dossier, row)
	except Exception as error:
		frappe.db.rollback()
		_note_failure(event_name, error)
		raise
	frappe.db.delete("Dossier Effect", {"name": event_name})
	frappe.db.commit()


def _note_failure(event_name: str, error: Exception) -> None:
	attempts = frappe.db.get_value("Dossier Effect", event_name, "attempts")
	if attempts is not None:
		frappe.db.set_value(
			"Dossier Effect", event_name, {"attempts": attempts + 1, "error": type(error).__name__}
		)
		frappe.db.commit()


def listeners() -> dict[str, Callable[[str, Any], None]]:
	"""Who listens to what happens to dossiers, by the name in hooks."""
	return {method: frappe.get_attr(method) for method in frappe.get_hooks("one_stop_after_event")}


def _follow(dossier: str, row) -> None:
	"""Each part once: what was done is noted with it, so that a second run does what failed, and nothing twice."""
	row.data = frappe.parse_json(row.data) if row.data else {}
	done = (frappe.db.get_value("Dossier Effect", row.name, "done") or "").split()
	parts = {
		"letters": lambda: in_own_transaction(lambda: letters.issue_for(dossier, row)),
		"linked": lambda: linked.follow(dossier, row),
	}
	for name, listener in listeners().items():
		parts[name] = partial(listener, dossier, row)
	failed: Exception | None = None
	for name, part in parts.items():
		if name in done:
			continue
		try:
			part()
			done.append(name)
			# With what the part wrote, in one transaction.
			frappe.db.set_value("Dossier Effect", row.name, "done", "\n".join(done), update_modified=False)
			frappe.db.commit()
		except Exception as error:
			frappe.db.rollback()
			failed = error
			# One part that fails must not silence the others; the log names the event, not the person.
			frappe.log_error(
				title=f"{name} after an event", message=f"{dossier} {row.name}\n{frappe.get_traceback()}"
			)
			frappe.db.commit()
	if failed:
		raise failed


def sweep() -> int:
	"""Run again what was left behind: by a job that died, or one that Redis never took. Every five minutes.

	:returns: how many events' effects were queued
	"""
	rows = frappe.get_all(
		"Dossier Effect",
		filters={
			"creation": ["<", add_to_date(now_datetime(), minutes=-LEFT_BEHIND)],
			"attempts": ["<", GIVEN_UP],
		},
		fields=["name", "dossier"],
		order_by="creation asc",
		limit=AT_ONCE,
	)
	for row in rows:
		enqueue_effects(row.dossier, row.name)
	frappe.db.commit()
	return len(rows)
