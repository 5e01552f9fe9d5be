"""Why dossiers were sent back, refused, stopped or extended."""

from frappe import _

from one_stop.reporting import managerial, statutory


def execute(filters: dict | None = None) -> tuple[list[dict], list[dict]]:
	"""Columns and rows within the scope of the session's user."""
	_asked, first, last, scope = statutory.asked_of(filters)
	rows = managerial.reasons(first, last, scope)
	return columns(), rows


def columns() -> list[dict]:
	return [
		{"fieldname": "kind_text", "label": _("Event Kind"), "fieldtype": "Data", "width": 180},
		{"fieldname": "reason", "label": _("Reason"), "fieldtype": "Data", "width": 380},
		{"fieldname": "procedure_name", "label": _("Procedure"), "fieldtype": "Data", "width": 260},
		{
			"fieldname": "times",
			"label": _("Times"),
			"fieldtype": "Int",
			"width": 90,
			"opens": {"column": "events"},
		},
	]
