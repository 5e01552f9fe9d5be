"""How each department and locality uses the system, against the period before and the targets."""

from frappe import _

from one_stop.reporting import managerial, statutory


def execute(filters: dict | None = None) -> tuple[list[dict], list[dict], str | None]:
	"""Columns and rows within the scope of the session's user, and until when they are counted."""
	asked, first, last, scope = statutory.asked_of(filters)
	rows = managerial.use_of_the_system(first, last, scope, statutory.chosen_of(asked, "measure"), asked.unit)
	return columns(), rows, statutory.counted_until(last)


def columns() -> list[dict]:
	return [
		{"fieldname": "unit_name", "label": _("Unit"), "fieldtype": "Data", "width": 280},
		{"fieldname": "kind", "label": _("Agency Kind"), "fieldtype": "Data", "width": 100},
		{
			"fieldname": "received",
			"label": _("Received"),
			"fieldtype": "Int",
			"width": 90,
			"opens": {"column": "new"},
		},
		{"fieldname": "received_before", "label": _("Received Before"), "fieldtype": "Int", "width": 110},
		{
			"fieldname": "handed_in",
			"label": _("Handed In by Applicants"),
			"fieldtype": "Int",
			"width": 110,
			"opens": {"column": "handed_in"},
		},
		{
			"fieldname": "resolved",
			"label": _("Resolved"),
			"fieldtype": "Int",
			"width": 90,
			"opens": {"column": "resolved"},
		},
		{"fieldname": "resolved_before", "label": _("Resolved Before"), "fieldtype": "Int", "width": 110},
		{
			"fieldname": "overdue",
			"label": _("Overdue Now"),
			"fieldtype": "Int",
			"width": 90,
			"opens": {"column": "overdue"},
		},
		{
			"fieldname": "on_time_percent",
			"label": _("On Time (%)"),
			"fieldtype": "Percent",
			"width": 100,
			"opens": {"column": "not_late"},
		},
		{
			"fieldname": "on_time_before",
			"label": _("On Time Before (%)"),
			"fieldtype": "Percent",
			"width": 120,
		},
		{
			"fieldname": "online_percent",
			"label": _("Online (%)"),
			"fieldtype": "Percent",
			"width": 100,
			"opens": {"column": "online"},
		},
		{"fieldname": "online_before", "label": _("Online Before (%)"), "fieldtype": "Percent", "width": 120},
		{
			"fieldname": "online_change",
			"label": _("Change"),
			"fieldtype": "Float",
			"precision": 1,
			"width": 80,
		},
		{"fieldname": "target", "label": _("Target (%)"), "fieldtype": "Float", "precision": 1, "width": 90},
		{"fieldname": "behind", "label": _("Behind"), "fieldtype": "Check", "width": 80},
		{
			"fieldname": "fully_online_percent",
			"label": _("Fully Online (%)"),
			"fieldtype": "Percent",
			"width": 110,
			"opens": {"column": "fully_online"},
		},
		{
			"fieldname": "digitised_percent",
			"label": _("Digitised (%)"),
			"fieldtype": "Percent",
			"width": 100,
			"opens": {"column": "digitised"},
		},
		{
			"fieldname": "paid_online_percent",
			"label": _("Paid Online (%)"),
			"fieldtype": "Percent",
			"width": 120,
			"opens": {"column": "paid_online"},
		},
		{
			"fieldname": "e_result_percent",
			"label": _("E-Result (%)"),
			"fieldtype": "Percent",
			"width": 110,
			"opens": {"column": "e_result"},
		},
	]
