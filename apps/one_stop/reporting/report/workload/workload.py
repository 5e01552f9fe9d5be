"""What each officer did and has before them, weighted by the difficulty of procedures."""

from frappe import _

from one_stop.reporting import managerial, statutory


def execute(filters: dict | None = None) -> tuple[list[dict], list[dict]]:
	"""Columns and rows within the scope of the session's user."""
	_asked, first, last, scope = statutory.asked_of(filters)
	rows = managerial.workload(first, last, scope)
	return columns(), rows


def columns() -> list[dict]:
	return [
		{"fieldname": "unit_name", "label": _("Unit"), "fieldtype": "Data", "align": "left", "width": 240},
		{
			"fieldname": "officer_name",
			"label": _("Officer"),
			"fieldtype": "Data",
			"align": "left",
			"width": 180,
		},
		{
			"fieldname": "done",
			"label": _("Steps Done"),
			"fieldtype": "Int",
			"width": 100,
			"opens": {"column": "officer_done"},
		},
		{
			"fieldname": "late",
			"label": _("Done Late"),
			"fieldtype": "Int",
			"width": 100,
			"opens": {"column": "officer_late"},
		},
		{
			"fieldname": "on_time_percent",
			"label": _("On Time (%)"),
			"fieldtype": "Percent",
			"width": 100,
			"opens": {"column": "officer_done"},
		},
		{
			"fieldname": "weighted",
			"label": _("Weighted Workload"),
			"fieldtype": "Float",
			"precision": 1,
			"width": 130,
			"opens": {"column": "officer_done"},
		},
		{
			"fieldname": "open",
			"label": _("Open"),
			"fieldtype": "Int",
			"width": 90,
			"opens": {"column": "officer_open"},
		},
		{
			"fieldname": "open_late",
			"label": _("Open and Overdue"),
			"fieldtype": "Int",
			"width": 120,
			"opens": {"column": "officer_open_late"},
		},
	]
