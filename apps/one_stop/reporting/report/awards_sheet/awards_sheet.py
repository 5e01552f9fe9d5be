"""The year-end sheet: what a year's awards are proposed on, per officer or unit."""

import frappe

from one_stop.quality import awards
from one_stop.reporting import figures, years


def execute(filters: dict | None = None) -> tuple[list[dict], list[dict]]:
	"""Columns and rows within the scope of the session's user."""
	asked = frappe._dict(filters or {})
	year = years.asked(asked.year)
	scope = figures.scope_of(frappe.session.user, asked.unit)
	subject = asked.subject or "Officer"
	return awards.sheet_columns(subject), awards.sheet(year, subject, scope)
