"""What was received on a day, by one-stop centre."""

import frappe
from frappe import _

from one_stop.reporting import figures, managerial, years


def execute(filters: dict | None = None) -> tuple[list[dict], list[dict], str | None]:
	"""Columns and rows within the scope of the session's user, and a word where there may be more."""
	asked = frappe._dict(filters or {})
	day = years.day(asked.day, _("Day"))
	rows = managerial.reception_list(day, figures.scope_of(frappe.session.user, asked.unit, day))
	return columns(), rows, managerial.left_out(rows)


def columns() -> list[dict]:
	return [
		{
			"fieldname": "receiving_unit_name",
			"label": _("Receiving Unit"),
			"fieldtype": "Data",
			"align": "left",
			"width": 240,
		},
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
			"fieldname": "applicant_name",
			"label": _("Applicant Name"),
			"fieldtype": "Data",
			"align": "left",
			"width": 180,
		},
		{"fieldname": "channel", "label": _("Channel"), "fieldtype": "Data", "align": "left", "width": 90},
		{"fieldname": "received_at", "label": _("Received At"), "fieldtype": "Datetime", "width": 150},
		{"fieldname": "due_at", "label": _("Due At"), "fieldtype": "Datetime", "width": 150},
		{
			"fieldname": "receiver",
			"label": _("Received By"),
			"fieldtype": "Link",
			"width": 180,
			"options": "User",
		},
		{"fieldname": "status", "label": _("Status"), "fieldtype": "Data", "align": "left", "width": 120},
	]
