"""Dossiers received and finished per day, within what the reader may see."""

from datetime import timedelta

import frappe
from frappe import _
from frappe.utils import getdate

from one_stop.compat import count_by_day, require_permission

DAYS = 30


@frappe.whitelist()
def get(chart_name: str | None = None, **options) -> dict:
	"""Data of the chart for the last thirty days, today included.

	Not behind Frappe's cache of charts, whose key does not know the user: everybody's scope differs.
	"""
	require_permission("Dossier")
	today = getdate()
	days = [today - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
	series = []
	for label, fieldname in ((_("Received"), "received_at"), (_("Finished"), "ended_at")):
		counts = count_by_day("Dossier", fieldname, days[0], today)
		series.append({"name": label, "values": [counts.get(day, 0) for day in days]})
	return {"labels": [f"{day:%d/%m}" for day in days], "datasets": series}
