"""What follows an event once it is committed: letters, linked dossiers, and whoever listens.

Runs in a job per event. Every part is idempotent, so that a job that died half-way can be run again.
"""

import frappe

from one_stop.dossiers import letters, linked
from one_stop.dossiers.command import in_own_transaction


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
	row.data = frappe.parse_json(row.data) if row.data else {}
	in_own_transaction(lambda: letters.issue_for(dossier, row))
	linked.follow(dossier, row)
	frappe.db.commit()
	for method in frappe.get_hooks("one_stop_after_event"):
		try:
			frappe.get_attr(method)(dossier, row)
			frappe.db.commit()
		except Exception:
			frappe.db.rollback()
			# One listener that fails must not silence the others; the log names the event, not the person.
			frappe.log_error(
				title=f"one_stop_after_event {method}",
				message=f"{dossier} {event_name}\n{frappe.get_traceback()}",
			)
