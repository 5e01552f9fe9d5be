"""Biểu số 07b/VPCP/KSTT (TT 01/2020/TT-VPCP): procedures, those at a one-stop, and e-processes, by level."""

import frappe

from one_stop.reporting import figures, statutory


def execute(filters: dict | None = None) -> tuple[list[dict], list[dict]]:
	"""Columns and rows within the scope of the session's user."""
	unit = (filters or {}).get("unit")
	return statutory.form_07b(figures.scope_of(frappe.session.user, unit), unit)
