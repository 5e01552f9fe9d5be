"""Service targets against what was reached: so far, month by month, projected to the year's end."""

from typing import Any

import frappe
from frappe import _
from frappe.utils import cint

from one_stop.reporting import cells, form06, targets, years

# More lines in one chart cannot be told apart.
MOST_LINES = 6


def execute(
	filters: dict | None = None,
) -> tuple[list[dict], list[dict], str, dict[str, Any] | None]:
	"""Columns and rows within the scope of the session's user, how they are measured, and a chart of months if asked for."""
	asked = frappe._dict(filters or {})
	year = years.asked(asked.year)
	told = bool(cint(asked.by_month) or asked.target)
	rows = targets.rows(year, frappe.session.user, only=asked.target, months=told)
	months = month_columns(year) if told else []
	return columns(year) + months, rows, _(targets.MEASURED), chart(rows, months) if rows and months else None


def month_columns(year: int) -> list[dict]:
	"""A column for each month that has begun; it opens that month."""
	return [
		{
			"fieldname": f"month_{month}",
			"label": f"{month:02}",
			"fieldtype": "Float",
			"precision": 1,
			"width": 70,
			"opens": cells.of_period(*form06.calendar_period("Month", year, month)),
		}
		for month in targets.months_told(year)
	]


def chart(rows: list[dict], months: list[dict]) -> dict[str, Any]:
	"""The first rows over the months; one alone with the line it is to reach. A month of nothing is drawn at 0."""
	lines = [
		{
			"name": f"{row['subject']}: {row['metric']}",
			"values": [row[column["fieldname"]] or 0 for column in months],
		}
		for row in rows[:MOST_LINES]
	]
	if len(rows) == 1:
		lines.append({"name": _("Target (%)"), "values": [rows[0]["value"]] * len(months)})
	return {
		"data": {"labels": [column["label"] for column in months], "datasets": lines},
		"type": "line",
	}


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
