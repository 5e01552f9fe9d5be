"""Dossiers of the land field at commune level."""

from frappe import _

from one_stop.reporting import managerial, statutory


def execute(filters: dict | None = None) -> tuple[list[dict], list[dict], str | None]:
	"""Columns and rows within the scope of the session's user, and until when they are counted."""
	asked, first, last, scope = statutory.asked_of(filters)
	rows = managerial.land_by_commune(first, last, scope, statutory.chosen_of(asked, "measure"), asked.unit)
	return columns(), rows, statutory.counted_until(last)


def columns() -> list[dict]:
	return [
		{"fieldname": "unit_name", "label": _("Locality"), "fieldtype": "Data", "width": 280},
		{
			"fieldname": "received",
			"label": _("Received in All"),
			"fieldtype": "Int",
			"width": 110,
			"opens": {"column": "received"},
		},
		{
			"fieldname": "online",
			"label": _("Received Online"),
			"fieldtype": "Int",
			"width": 110,
			"opens": {"column": "online"},
		},
		{
			"fieldname": "resolved",
			"label": _("Resolved in All"),
			"fieldtype": "Int",
			"width": 110,
			"opens": {"column": "resolved"},
		},
		{
			"fieldname": "late",
			"label": _("Late"),
			"fieldtype": "Int",
			"width": 90,
			"opens": {"column": "late"},
		},
		{
			"fieldname": "on_time_percent",
			"label": _("On Time (%)"),
			"fieldtype": "Percent",
			"width": 100,
			"opens": {"column": "not_late"},
		},
		{
			"fieldname": "in_progress",
			"label": _("In Progress in All"),
			"fieldtype": "Int",
			"width": 120,
			"opens": {"column": "in_progress"},
		},
		{
			"fieldname": "overdue",
			"label": _("Overdue Now"),
			"fieldtype": "Int",
			"width": 110,
			"opens": {"column": "overdue"},
		},
	]
