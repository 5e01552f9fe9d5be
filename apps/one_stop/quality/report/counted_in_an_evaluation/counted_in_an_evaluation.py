"""What one line of an evaluation, or one cell of the year-end sheet, has counted: where opening a figure ends."""

from typing import Any

import frappe
from frappe import _

from one_stop.quality import counted, evaluations
from one_stop.quality.exceptions import NothingCounted
from one_stop.reporting import years

# A browser shows no more at once without becoming slow; the report says how many there are.
MOST_LISTED = 2000


def execute(filters: dict | None = None) -> tuple[list[dict], list[dict], str | None]:
	"""Columns and rows of what the session's user may see, and in words what is left out."""
	asked = frappe._dict(filters or {})
	if not (asked.reference_name or asked.fact):
		return (
			columns(),
			[],
			_("This list is opened from a figure: a line of an evaluation or a cell of the year-end sheet."),
		)
	names = _counted(asked)
	rows = counted.rows(names[:MOST_LISTED])
	said = _("{0} of {1} are shown.").format(len(rows), len(names)) if len(rows) < len(names) else None
	return columns(), rows, said


def _counted(asked: Any) -> counted.Names:
	if asked.reference_name:
		if asked.reference_doctype not in (evaluations.UNIT, evaluations.OFFICER):
			frappe.throw(_("There is no evaluation of this kind."), NothingCounted)
		doc = frappe.get_doc(asked.reference_doctype, asked.reference_name)
		doc.check_permission("read")
		return counted.of_line(doc, asked.indicator or "")
	return counted.of_sheet(
		years.asked(asked.year), asked.fact or "", frappe.session.user, asked.unit, asked.officer
	)


def columns() -> list[dict]:
	text = {"fieldtype": "Data", "align": "left"}
	return [
		{"fieldname": "reference_type", "label": _("Kind"), **text, "width": 130},
		{
			"fieldname": "reference",
			"label": _("Document"),
			"fieldtype": "Dynamic Link",
			"options": "reference_type",
			"width": 130,
		},
		{"fieldname": "code", "label": _("Code"), **text, "width": 190},
		{"fieldname": "title", "label": _("Procedure or Subject"), **text, "width": 280},
		{"fieldname": "unit_name", "label": _("Unit"), **text, "width": 220},
		{"fieldname": "begun", "label": _("Received At"), "fieldtype": "Datetime", "width": 150},
		{"fieldname": "due", "label": _("Due At"), "fieldtype": "Datetime", "width": 150},
		{"fieldname": "ended", "label": _("Ended At"), "fieldtype": "Datetime", "width": 150},
		{"fieldname": "outcome", "label": _("Outcome"), **text, "width": 120},
	]
