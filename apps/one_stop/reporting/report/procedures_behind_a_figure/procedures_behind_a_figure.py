"""The procedures one cell of form 07b counts."""

from html import escape

import frappe
from frappe import _

from one_stop.reporting import behind


def execute(filters: dict | None = None) -> tuple[list[dict], list[dict], str | None]:
	"""Columns and rows within the scope of the session's user, and in words what narrows them."""
	rows = behind.procedures(filters)
	for row in rows:
		row["level_text"] = _(row["level"] or "")
	said = behind.in_words(frappe._dict(filters or {}))
	return columns(), rows, "<br>".join(map(escape, said)) or None


def columns() -> list[dict]:
	return [
		{
			"fieldname": "name",
			"label": _("Procedure Code"),
			"fieldtype": "Link",
			"options": "Administrative Procedure",
			"width": 140,
		},
		{"fieldname": "procedure_name", "label": _("Procedure"), "fieldtype": "Data", "width": 380},
		{"fieldname": "field", "label": _("Field"), "fieldtype": "Data", "width": 220},
		{"fieldname": "level_text", "label": _("Performing Level"), "fieldtype": "Data", "width": 140},
		{
			"fieldname": "at_one_stop",
			"label": _("Received at a One-Stop"),
			"fieldtype": "Check",
			"width": 180,
		},
		{"fieldname": "e_processes", "label": _("With an E-Process"), "fieldtype": "Check", "width": 180},
	]
