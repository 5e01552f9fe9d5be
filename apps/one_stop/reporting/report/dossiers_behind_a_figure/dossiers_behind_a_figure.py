"""The dossiers one cell of form 06 counts: where drilling down ends."""

import frappe
from frappe import _

from one_stop.reporting import managerial, statutory


def execute(filters: dict | None = None) -> tuple[list[dict], list[dict]]:
	"""Columns and rows within the scope of the session's user."""
	asked = frappe._dict(filters or {})
	names = statutory.dossiers_behind(statutory.request(asked), asked.column or "received")
	return columns(), managerial.dossiers(names)


def columns() -> list[dict]:
	return [
		{"fieldname": "name", "label": _("Dossier"), "fieldtype": "Link", "options": "Dossier", "width": 110},
		{"fieldname": "code", "label": _("Dossier Code"), "fieldtype": "Data", "width": 190},
		{"fieldname": "procedure_name", "label": _("Procedure"), "fieldtype": "Data", "width": 260},
		{"fieldname": "applicant_name", "label": _("Applicant Name"), "fieldtype": "Data", "width": 180},
		{"fieldname": "channel_text", "label": _("Channel"), "fieldtype": "Data", "width": 100},
		{"fieldname": "deciding_unit_name", "label": _("Deciding Unit"), "fieldtype": "Data", "width": 220},
		{"fieldname": "received_at", "label": _("Received At"), "fieldtype": "Datetime", "width": 150},
		{"fieldname": "due_at", "label": _("Due At"), "fieldtype": "Datetime", "width": 150},
		{"fieldname": "ended_at", "label": _("Ended At"), "fieldtype": "Datetime", "width": 150},
		{"fieldname": "status_text", "label": _("Status"), "fieldtype": "Data", "width": 120},
		{"fieldname": "outcome_text", "label": _("Outcome"), "fieldtype": "Data", "width": 100},
	]
