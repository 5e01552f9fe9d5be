"""Late dossiers with the late step, its officer, and the cause."""

from frappe import _

from one_stop.reporting import managerial, statutory


def execute(filters: dict | None = None) -> tuple[list[dict], list[dict], str | None]:
	"""Columns and rows within the scope of the session's user, and a word where there may be more."""
	_asked, first, last, scope = statutory.asked_of(filters)
	rows = managerial.late_list(first, last, scope)
	said = filter(None, (managerial.left_out(rows), statutory.counted_until(last)))
	return columns(), rows, "<br>".join(said) or None


def columns() -> list[dict]:
	return [
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
			"fieldname": "late_unit_name",
			"label": _("Unit That Is Late"),
			"fieldtype": "Data",
			"align": "left",
			"width": 220,
		},
		{
			"fieldname": "late_step",
			"label": _("Late Step"),
			"fieldtype": "Data",
			"align": "left",
			"width": 180,
		},
		{
			"fieldname": "officer_name",
			"label": _("Officer"),
			"fieldtype": "Data",
			"align": "left",
			"width": 160,
		},
		{"fieldname": "due_at", "label": _("Due At"), "fieldtype": "Datetime", "width": 150},
		{"fieldname": "days_late", "label": _("Days Late"), "fieldtype": "Int", "width": 90},
		{
			"fieldname": "status_text",
			"label": _("Status"),
			"fieldtype": "Data",
			"align": "left",
			"width": 110,
		},
		{
			"fieldname": "cause",
			"label": _("Cause of Lateness"),
			"fieldtype": "Data",
			"align": "left",
			"width": 180,
		},
		{
			"fieldname": "explanation",
			"label": _("Explanation"),
			"fieldtype": "Data",
			"align": "left",
			"width": 220,
		},
		{
			"fieldname": "apology",
			"label": _("Apology Sent"),
			"fieldtype": "Data",
			"align": "left",
			"width": 90,
		},
	]
