"""Dossiers received, resolved and late in each of the last twelve months, within the reader's units."""

import frappe
from frappe import _

from one_stop.compat import require_permission
from one_stop.reporting import board, figures


@frappe.whitelist()
def get(chart_name: str | None = None, **options) -> dict:
	"""Data of the chart. Not behind Frappe's cache of charts, whose key does not know the user."""
	require_permission("Dossier", "report")
	rows = board.by_month(figures.scope_of(frappe.session.user))
	series = ((_("Received"), "received"), (_("Resolved"), "resolved"), (_("Late"), "late"))
	return {
		"labels": [row["month"] for row in rows],
		"datasets": [{"name": label, "values": [row[key] for row in rows]} for label, key in series],
	}
