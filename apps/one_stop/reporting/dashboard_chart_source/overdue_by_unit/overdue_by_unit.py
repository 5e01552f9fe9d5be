"""Departments and localities with dossiers overdue now, within the reader's units."""

import frappe
from frappe import _

from one_stop.compat import require_permission
from one_stop.reporting import board, figures


@frappe.whitelist()
def get(chart_name: str | None = None, **options) -> dict:
	"""Data of the chart. Not behind Frappe's cache of charts, whose key does not know the user."""
	require_permission("Dossier", "report")
	rows = board.overdue_by_unit(figures.scope_of(frappe.session.user))[: board.MOST_UNITS]
	return {
		"labels": [row["unit_name"] for row in rows],
		"datasets": [{"name": _("Overdue Now"), "values": [row["count"] for row in rows]}],
	}
