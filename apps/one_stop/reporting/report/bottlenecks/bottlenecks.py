"""Time per step against its norm: median, 90th percentile, queue and its age."""

from frappe import _

from one_stop.reporting import managerial, statutory


def execute(filters: dict | None = None) -> tuple[list[dict], list[dict]]:
	"""Columns and rows within the scope of the session's user."""
	_asked, first, last, scope = statutory.asked_of(filters)
	rows = managerial.bottlenecks(first, last, scope)
	return columns(), rows


def columns() -> list[dict]:
	return [
		{
			"fieldname": "procedure_name",
			"label": _("Procedure"),
			"fieldtype": "Data",
			"align": "left",
			"width": 260,
		},
		{"fieldname": "step", "label": _("Step Title"), "fieldtype": "Data", "align": "left", "width": 200},
		{"fieldname": "unit_name", "label": _("Unit"), "fieldtype": "Data", "align": "left", "width": 220},
		{
			"fieldname": "completed",
			"label": _("Steps Completed"),
			"fieldtype": "Int",
			"width": 110,
			"opens": {"column": "steps_done"},
		},
		{
			"fieldname": "norm",
			"label": _("Norm (working hours)"),
			"fieldtype": "Float",
			"precision": 1,
			"width": 130,
		},
		{
			"fieldname": "median",
			"label": _("Median (working hours)"),
			"fieldtype": "Float",
			"precision": 1,
			"width": 130,
			"opens": {"column": "steps_done"},
		},
		{
			"fieldname": "ninetieth",
			"label": _("90th Percentile (working hours)"),
			"fieldtype": "Float",
			"precision": 1,
			"width": 140,
			"opens": {"column": "steps_done"},
		},
		{
			"fieldname": "over_norm",
			"label": _("Over the Norm (%)"),
			"fieldtype": "Percent",
			"width": 110,
			"opens": {"column": "steps_over_norm"},
		},
		{
			"fieldname": "queue",
			"label": _("Waiting Now"),
			"fieldtype": "Int",
			"width": 90,
			"opens": {"column": "steps_waiting"},
		},
		{
			"fieldname": "oldest",
			"label": _("Oldest (days)"),
			"fieldtype": "Float",
			"precision": 1,
			"width": 100,
			"opens": {"column": "steps_waiting"},
		},
	]
