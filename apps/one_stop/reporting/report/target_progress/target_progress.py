"""Service targets against what was reached: so far, this month, projected to the year's end."""

import frappe
from frappe import _
from frappe.utils import cint, getdate

from one_stop.reporting import targets


def execute(filters: dict | None = None) -> tuple[list[dict], list[dict]]:
	"""Columns and rows within the scope of the session's user."""
	year = cint((filters or {}).get("year")) or getdate().year
	return columns(year), targets.rows(year, frappe.session.user)


def columns(year: int) -> list[dict]:
	"""Columns of a year; what is said of its last month opens that month."""
	return [
		{"fieldname": "scope", "label": _("Target Scope"), "fieldtype": "Data", "width": 110},
		{"fieldname": "subject", "label": _("Whose Target"), "fieldtype": "Data", "width": 260},
		{"fieldname": "metric", "label": _("Metric"), "fieldtype": "Data", "width": 220},
		{"fieldname": "value", "label": _("Target (%)"), "fieldtype": "Float", "precision": 1, "width": 100},
		{
			"fieldname": "so_far",
			"label": _("So Far (%)"),
			"fieldtype": "Float",
			"precision": 1,
			"width": 110,
			"opens": {},
		},
		{
			"fieldname": "this_month",
			"label": _("This Month (%)"),
			"fieldtype": "Float",
			"precision": 1,
			"width": 120,
			"opens": {"from_date": str(targets.last_day(year).replace(day=1))},
		},
		{
			"fieldname": "projected",
			"label": _("Projected Year End (%)"),
			"fieldtype": "Float",
			"precision": 1,
			"width": 160,
		},
		{
			"fieldname": "gap",
			"label": _("Above or Below Target"),
			"fieldtype": "Float",
			"precision": 1,
			"width": 140,
		},
		{"fieldname": "standing", "label": _("Standing"), "fieldtype": "Data", "width": 110},
		{"fieldname": "decision_number", "label": _("Decision Number"), "fieldtype": "Data", "width": 140},
	]
