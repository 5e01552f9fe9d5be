"""Sổ theo dõi hồ sơ: form 06 of TT 01/2018/TT-VPCP art. 9."""

from frappe import _

from one_stop.reporting import managerial, statutory


def execute(filters: dict | None = None) -> tuple[list[dict], list[dict], str | None]:
	"""Columns and rows within the scope of the session's user, and a word where there may be more."""
	_asked, first, last, scope = statutory.asked_of(filters)
	rows = managerial.register(first, last, scope)
	return columns(), rows, managerial.left_out(rows, managerial.MOST_IN_REGISTER)


def columns() -> list[dict]:
	return [
		{"fieldname": "number", "label": _("No."), "fieldtype": "Int", "width": 60},
		{"fieldname": "name", "label": _("Dossier"), "fieldtype": "Link", "width": 110, "options": "Dossier"},
		{"fieldname": "code", "label": _("Dossier Code"), "fieldtype": "Data", "align": "left", "width": 190},
		{
			"fieldname": "procedure_name",
			"label": _("Procedure"),
			"fieldtype": "Data",
			"align": "left",
			"width": 260,
		},
		{"fieldname": "number_of_sets", "label": _("Number of Sets"), "fieldtype": "Int", "width": 70},
		{
			"fieldname": "applicant_name",
			"label": _("Applicant Name"),
			"fieldtype": "Data",
			"align": "left",
			"width": 180,
		},
		{
			"fieldname": "applicant_address",
			"label": _("Address"),
			"fieldtype": "Data",
			"align": "left",
			"width": 180,
		},
		{
			"fieldname": "phone_masked",
			"label": _("Phone (masked)"),
			"fieldtype": "Data",
			"align": "left",
			"width": 110,
		},
		{
			"fieldname": "deciding_unit_name",
			"label": _("Deciding Unit"),
			"fieldtype": "Data",
			"align": "left",
			"width": 220,
		},
		{"fieldname": "received_at", "label": _("Received At"), "fieldtype": "Datetime", "width": 150},
		{"fieldname": "due_at", "label": _("Due At"), "fieldtype": "Datetime", "width": 150},
		{"fieldname": "returned_at", "label": _("Returned At"), "fieldtype": "Datetime", "width": 150},
		{
			"fieldname": "delivery",
			"label": _("Way of Receiving the Result"),
			"fieldtype": "Data",
			"align": "left",
			"width": 120,
		},
		{"fieldname": "note", "label": _("Note"), "fieldtype": "Data", "align": "left", "width": 130},
	]
