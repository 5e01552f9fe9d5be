"""Dossiers of units that have ended: every day they are led on to the units that have taken over (NĐ 118/2025).

When communes merge, what lies at their counters and on their desks must not lie there for ever.
"""

import frappe
from frappe import _
from frappe.utils import getdate

from one_stop.dossiers import lifecycle
from one_stop.dossiers.case import ENDED
from one_stop.dossiers.command import on_behalf_of_system
from one_stop.organization import units

AT_ONCE = 500


def follow_successors() -> int:
	"""Lead on the dossiers of ended units, some hundred a run; a dossier that refuses holds up no other. Daily.

	:returns: how many were led on
	"""
	led = 0
	for dossier in waiting(AT_ONCE):
		try:
			with on_behalf_of_system():
				lifecycle.follow_successor(dossier, client_key=f"successor:{getdate().isoformat()}:{dossier}")
			led += 1
		except frappe.ValidationError as error:
			frappe.db.rollback()
			frappe.log_error(title=_("A dossier stays with an ended unit"), message=f"{dossier} {error}")
			frappe.db.commit()
	if led == AT_ONCE:
		frappe.enqueue("one_stop.dossiers.succession.follow_successors", queue="long")
	return led


def waiting(most: int) -> list[str]:
	"""Open dossiers that a unit receives, decides or has a step of to do, though it has ended and has a successor."""
	today = getdate()
	gone = [name for name in units.TREE.get() if units.successor_on(name, today) != name]
	if not gone:
		return []
	dossier, step = frappe.qb.DocType("Dossier"), frappe.qb.DocType("Dossier Step")
	to_do = (
		frappe.qb.from_(step)
		.select(step.dossier)
		.where(step.unit.isin(gone) & step.status.isin(["Waiting", "Open", "In Progress"]))
	)
	rows = (
		frappe.qb.from_(dossier)
		.select(dossier.name)
		.where(dossier.status.notin([status.value for status in ENDED]))
		.where(dossier.event_count > 0)
		.where(
			dossier.receiving_unit.isin(gone) | dossier.deciding_unit.isin(gone) | dossier.name.isin(to_do)
		)
		.orderby(dossier.creation)
		.limit(most)
	)
	return [row[0] for row in rows.run()]
