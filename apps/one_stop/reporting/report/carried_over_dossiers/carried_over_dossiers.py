"""Dossiers open when a period begins, oldest first."""

import frappe
from frappe import _

from one_stop.reporting import figures, managerial, statutory


def execute(filters: dict | None = None) -> tuple[list[dict], list[dict], str | None]:
	"""Columns and rows within the scope of the session's user, and a word where there may be more."""
	asked = frappe._dict(filters or {})
	first, _last = statutory.period_of(asked)
	rows = managerial.carried_over(first, figures.scope_of(frappe.session.user, asked.unit, first))
	return columns(), rows, managerial.left_out(rows)


def columns() -> list[dict]:
	return [
		{"fieldname": "name", "label": _("Dossier"), "fieldtype": "Link", "width": 110, "options": "Dossier"},
		{"fieldname": "code", "label": _("Dossier Code"), "fieldtype": "Data", "align": "left", "width": 190},
		{
			"fieldname": "procedure_name",
			"label": _("Procedure"),
			"fieldtype": "Data",
			"align": "left",
			"width": 260,
		},
		{
			"fieldname": "deciding_unit_name",
			"label": _("Deciding Unit"),
			"fieldtype": "Data",
			"align": "left",
			"width": 220,
		},
		{"fieldname": "received_at", "label": _("Received At"), "fieldtype": "Datetime", "width": 150},
		{"fieldname": "due_at", "label": _("Due At"), "fieldtype": "Datetime", "width": 150},
		{"fieldname": "age", "label": _("Age (days)"), "fieldtype": "Int", "width": 100},
		{
			"fieldname": "status_text",
			"label": _("Status"),
			"fieldtype": "Data",
			"align": "left",
			"width": 140,
		},
		{
			"fieldname": "current_step",
			"label": _("Current Step"),
			"fieldtype": "Data",
			"align": "left",
			"width": 160,
		},
	]
