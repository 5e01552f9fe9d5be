"""What stands behind the figures of reports: the dossiers, steps, events or procedures a cell has counted.

A report says of each row, in `opens`, what narrows it (units, field, procedure, period), and of each column, in
`opens` too, which figure it counts; both together are the filters of the list that the cell opens in the desk. A
test opens every cell of every report and compares its number with the length of the list.
"""

from datetime import datetime, time, timedelta
from typing import Any

import frappe
from frappe import _
from frappe.query_builder.functions import Count
from frappe.utils import now_datetime

from one_stop.organization import units
from one_stop.reporting import cells, figures, managerial, statutory
from one_stop.reporting.cells import refuse
from one_stop.reporting.statutory import Request

# A browser shows no more at once without becoming slow; the report says how many there are.
MOST_LISTED = 2000
# Figures of now, counted from dossiers that run, not from facts of days.
RUNNING = ("Received", "In Process")

OF_NOW = ("overdue_now", "running_due")
OF_STEPS = (
	"steps_done",
	"steps_over_norm",
	"steps_waiting",
	"officer_done",
	"officer_late",
	"officer_open",
	"officer_open_late",
)
OF_EVENTS = ("events",)
LABELS = {
	**statutory.COLUMN_LABELS,
	"new": "Received in the Period",
	"handed_in": "Handed In by Applicants",
	"not_late": "Resolved in Time",
	"late_in_all": "Late in All",
	"fully_online": "Fully Online",
	"e_result": "With E-Result",
	"gives_document": "Gives a Document",
	"digitised": "Digitised",
	"reused": "Data Reused",
	"fee_bearing": "Fee-Bearing",
	"paid_online": "Paid Online",
	"postal": "By Post",
	"overdue_now": "Overdue at This Moment",
	"running_due": "Due in the Period",
	"steps_done": "Steps Completed",
	"steps_over_norm": "Steps over the Norm",
	"steps_waiting": "Steps Waiting Now",
	"officer_done": "Steps Done by an Officer",
	"officer_late": "Steps Done Late by an Officer",
	"officer_open": "Open Steps of an Officer",
	"officer_open_late": "Overdue Open Steps of an Officer",
	"events": "Events with Their Reason",
}


def listed(asked: Request, more: Any) -> tuple[list[dict], list[dict], int]:
	"""Columns, rows and the number of all of them: of the list a cell opens. Long lists show their beginning.

	:param more: all filters of the list, `column` among them
	:raises ReportRefused: no such column
	"""
	figure = more.column or "received"
	if figure in OF_STEPS:
		return _listed(step_columns(), steps(asked, figure, more))
	if figure in OF_EVENTS:
		return _listed(event_columns(), managerial.events(asked.first, asked.last, asked.scope, more))
	if figure in OF_NOW:
		table, query = running(asked, figure, more.exact_unit)
	elif figure in cells.OF_FACTS:
		table, query = cells.facts_behind(asked, figure, more)
	else:
		refuse(figure)
	number = query.select(Count("*")).run()[0][0]
	order = table.due_at if figure in OF_NOW else table.received_on
	names = [row[0] for row in query.select(table.name).orderby(order).limit(MOST_LISTED).run()]
	return dossier_columns(), managerial.dossiers(names), number


def in_words(more: Any) -> list[str]:
	"""What the filters that only a cell sets narrow a list to, a line each."""
	lines = (
		(_("Unit"), more.unit and units.unit_name(more.unit)),
		(_("Performing Level"), more.level and _(more.level)),
		(_("Field"), more.field or (more.land and cells.LAND)),
		(_("Procedure"), more.procedure and _procedure_name(more.procedure)),
		(_("Cause of Lateness"), more.cause and _(more.cause)),
		(_("Step Title"), more.step),
		(_("Officer"), more.officer and managerial.full_name(more.officer)),
		(_("The Unit Itself"), more.exact_unit and units.unit_name(more.exact_unit)),
		(_("Event Kind"), more.event_kind and _(managerial.REASONS.get(more.event_kind, ""))),
	)
	return [f"{label}: {text}" for label, text in lines if text]


def _procedure_name(procedure: str) -> str:
	return frappe.db.get_value("Administrative Procedure", procedure, "procedure_name") or procedure


def _listed(columns: list[dict], rows: list[dict]) -> tuple[list[dict], list[dict], int]:
	return columns, rows[:MOST_LISTED], len(rows)


def running(asked: Request, figure: str, unit: str | None = None) -> tuple[Any, Any]:
	"""Table and query of the running dossiers a figure of the board counts at this moment.

	:param unit: only those this unit itself decides, without what is below it
	"""
	dossier = frappe.qb.DocType("Dossier")
	query = frappe.qb.from_(dossier).where(dossier.status.isin(RUNNING))
	if asked.scope is not None:
		query = query.where(dossier.deciding_unit.isin(list(asked.scope) or [""]))
	if unit:
		own = figures.shown_as(unit, asked.scope, asked.last)
		query = query.where(dossier.deciding_unit.isin(list(own) or [""]))
	if figure == "overdue_now":
		return dossier, query.where(dossier.due_at < now_datetime())
	begins = datetime.combine(asked.first, time())
	ends = datetime.combine(asked.last + timedelta(days=1), time())
	return dossier, query.where((dossier.due_at >= begins) & (dossier.due_at < ends))


def steps(asked: Request, figure: str, more: Any) -> list[dict]:
	"""The steps a figure of the bottleneck or workload report counts, those that took or wait longest first."""
	if figure.startswith("officer_"):
		rows = [
			row
			for row in managerial.officers_steps(asked.first, asked.last, asked.scope)
			if row.officer == more.officer and row.unit == more.exact_unit
		]
		now = now_datetime()
		kept = {
			"officer_done": lambda row: not row.is_open and row.completed_at,
			"officer_late": lambda row: not row.is_open and row.completed_at and row.outcome == "Late",
			"officer_open": lambda row: row.is_open,
			"officer_open_late": lambda row: row.is_open and row.due_at and row.due_at < now,
		}[figure]
	else:
		waiting = figure == "steps_waiting"
		rows = [
			row
			for row in (
				managerial.waiting_steps(asked.scope)
				if waiting
				else managerial.completed_steps(asked.first, asked.last, asked.scope)
			)
			if (row.procedure, row.title, row.unit) == (asked.procedure, more.step, more.exact_unit)
		]
		kept = managerial.over_norm if figure == "steps_over_norm" else bool
	found = [row for row in rows if kept(row)]
	for row in found:
		row.update(
			unit_name=units.unit_name(row.unit),
			officer_name=managerial.full_name(row.officer),
			outcome_text=_(row.outcome or ""),
			name=row.dossier,
			code=row.dossier_code,
		)
	return sorted(found, key=lambda row: (row.opened_at or datetime.min, row.code or ""))


def procedures(filters: Any, user: str | None = None) -> list[dict]:
	"""The procedures a cell of form 07b counts. :raises ReportRefused: no such column"""
	more = frappe._dict(filters or {})
	column = more.column or "procedures"
	if column not in statutory.PROCEDURE_COLUMNS:
		refuse(column)
	rows = statutory.procedures_of_07b(
		figures.scope_of(user or frappe.session.user, more.unit or None, statutory.day_of(more)),
		statutory.day_of(more),
	)
	return [
		row
		for row in rows
		if (not more.level or row["level"] == more.level) and (column == "procedures" or row[column])
	]


def dossier_columns() -> list[dict]:
	return [
		{"fieldname": "name", "label": _("Dossier"), "fieldtype": "Link", "options": "Dossier", "width": 110},
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
		{
			"fieldname": "channel_text",
			"label": _("Channel"),
			"fieldtype": "Data",
			"align": "left",
			"width": 100,
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
		{"fieldname": "ended_at", "label": _("Ended At"), "fieldtype": "Datetime", "width": 150},
		{
			"fieldname": "status_text",
			"label": _("Status"),
			"fieldtype": "Data",
			"align": "left",
			"width": 120,
		},
		{
			"fieldname": "outcome_text",
			"label": _("Outcome"),
			"fieldtype": "Data",
			"align": "left",
			"width": 100,
		},
	]


def step_columns() -> list[dict]:
	return [
		{"fieldname": "name", "label": _("Dossier"), "fieldtype": "Link", "options": "Dossier", "width": 110},
		{"fieldname": "code", "label": _("Dossier Code"), "fieldtype": "Data", "align": "left", "width": 190},
		{
			"fieldname": "procedure_name",
			"label": _("Procedure"),
			"fieldtype": "Data",
			"align": "left",
			"width": 260,
		},
		{"fieldname": "title", "label": _("Step Title"), "fieldtype": "Data", "align": "left", "width": 200},
		{"fieldname": "unit_name", "label": _("Unit"), "fieldtype": "Data", "align": "left", "width": 220},
		{
			"fieldname": "officer_name",
			"label": _("Officer"),
			"fieldtype": "Data",
			"align": "left",
			"width": 160,
		},
		{"fieldname": "opened_at", "label": _("Opened At"), "fieldtype": "Datetime", "width": 150},
		{"fieldname": "due_at", "label": _("Due At"), "fieldtype": "Datetime", "width": 150},
		{"fieldname": "completed_at", "label": _("Completed At"), "fieldtype": "Datetime", "width": 150},
		{
			"fieldname": "outcome_text",
			"label": _("Outcome"),
			"fieldtype": "Data",
			"align": "left",
			"width": 100,
		},
	]


def event_columns() -> list[dict]:
	return [
		{"fieldname": "name", "label": _("Dossier"), "fieldtype": "Link", "options": "Dossier", "width": 110},
		{"fieldname": "code", "label": _("Dossier Code"), "fieldtype": "Data", "align": "left", "width": 190},
		{
			"fieldname": "procedure_name",
			"label": _("Procedure"),
			"fieldtype": "Data",
			"align": "left",
			"width": 260,
		},
		{
			"fieldname": "kind_text",
			"label": _("Event Kind"),
			"fieldtype": "Data",
			"align": "left",
			"width": 180,
		},
		{"fieldname": "at", "label": _("At"), "fieldtype": "Datetime", "width": 150},
		{"fieldname": "unit_name", "label": _("Unit"), "fieldtype": "Data", "align": "left", "width": 220},
		{"fieldname": "reason", "label": _("Reason"), "fieldtype": "Data", "align": "left", "width": 380},
	]
