"""Forms 06, 07a and 07b of TT 01/2020/TT-VPCP over the site's dossiers, within an explicit scope."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import frappe
from frappe import _
from frappe.utils import cint, format_datetime, getdate

from one_stop.organization import units
from one_stop.procedures import in_force
from one_stop.reporting import cells, figures, form06, years
from one_stop.reporting.exceptions import ReportRefused
from one_stop.reporting.form06 import COLUMN_KEYS, Figures, Row

# What the rows of form 06 go by: 06a is a unit's form, 06b adds up procedures within fields.
BY_LEVEL_AND_FIELD, BY_FIELD_AND_PROCEDURE, BY_UNIT, BY_UNIT_AND_FIELD = (
	"Level and Field (06a)",
	"Field and Procedure (06b)",
	"Unit",
	"Unit and Field",
)
GROUPINGS = (BY_LEVEL_AND_FIELD, BY_FIELD_AND_PROCEDURE, BY_UNIT, BY_UNIT_AND_FIELD)
PATHS = {
	BY_LEVEL_AND_FIELD: ("level", "field"),
	BY_FIELD_AND_PROCEDURE: ("field", "procedure"),
	BY_UNIT: ("unit",),
	BY_UNIT_AND_FIELD: ("unit", "field"),
}
CHOICES = {
	"grouping": GROUPINGS,
	"measure": figures.MEASURES,
	"compare": (figures.BY_TIMESTAMP, figures.BY_DATE),
}
COLUMN_LABELS = {
	"received": "Received in All",
	"online": "Received Online",
	"direct": "Direct or by Post",
	"carried": "Carried Over",
	"resolved": "Resolved in All",
	"early": "Early",
	"on_time": "On Time",
	"late": "Late",
	"in_progress": "In Progress in All",
	"in_time": "In Time",
	"overdue": "Overdue Now",
}


@dataclass(frozen=True, slots=True)
class Request:
	"""What a statutory report is asked for. Both days are included."""

	first: date
	last: date
	scope: figures.Scope
	unit: str | None = None
	grouping: str = BY_LEVEL_AND_FIELD
	measure: str = figures.HANDLED
	compare: str = figures.BY_TIMESTAMP
	field: str | None = None
	procedure: str | None = None
	level: str | None = None


def request(filters: dict[str, Any] | None, user: str | None = None) -> Request:
	"""Read the filters of a report for a reader. :raises ReportRefused: names the filter and what it may be"""
	given = frappe._dict(filters or {})
	first, last = period_of(given)
	chosen = {name: chosen_of(given, name) for name in CHOICES}
	if given.unit and not units.get(given.unit):
		frappe.throw(_("There is no unit {0}.").format(given.unit), ReportRefused)
	return Request(
		first,
		last,
		figures.scope_of(user or frappe.session.user, given.unit, last),
		unit=given.unit or None,
		field=given.field or None,
		procedure=given.procedure or None,
		level=given.level or None,
		**chosen,
	)


def cutoff_day() -> int:
	"""The day of the month on which statutory periods begin, where the reader states none."""
	return cint(frappe.db.get_single_value("One-Stop Settings", "report_cutoff_day")) or 15


def chosen_of(given: Any, name: str) -> str:
	"""What is chosen of CHOICES, the first of them if nothing is. :raises ReportRefused: names what it may be"""
	value, allowed = given.get(name) or CHOICES[name][0], CHOICES[name]
	if value not in allowed:
		frappe.throw(
			_("{0} may be one of: {1}").format(_(name.title()), ", ".join(map(_, allowed))), ReportRefused
		)
	return value


def period_of(given: Any) -> tuple[date, date]:
	"""The days asked for: from and to, or a statutory quarter or year with its cut-off day.

	:raises ReportRefused: names the filter and what it may be
	"""
	if given.get("from_date") or given.get("to_date"):
		if not (given.get("from_date") and given.get("to_date")):
			frappe.throw(_("Choose both the first and the last day."), ReportRefused)
		first, last = years.day(given.from_date, _("From Date")), years.day(given.to_date, _("To Date"))
		if last < first:
			frappe.throw(_("The last day lies before the first one."), ReportRefused)
		return first, last
	year = years.asked(given.get("year"))
	quarter = {"": None, "Year": None}.get(str(given.get("quarter") or ""), cint(given.get("quarter")))
	try:
		return form06.statutory_period(year, quarter, cint(given.get("cutoff_day")) or cutoff_day())
	except (form06.InvalidPeriod, ValueError):
		frappe.throw(_("Choose quarter 1 to 4 or the year, and a cut-off day from 1 to 28."), ReportRefused)


def asked_of(filters: dict[str, Any] | None) -> tuple[Any, date, date, figures.Scope]:
	"""What a manager's report is asked for: the filters, the first and last day, and the units, within those of the
	session's user."""
	given = frappe._dict(filters or {})
	first, last = period_of(given)
	return given, first, last, figures.scope_of(frappe.session.user, given.unit, last)


def label_of(kind: str, key: str, catalogue: dict[str, dict]) -> str:
	"""Words for a key of a row."""
	if kind == "procedure":
		return catalogue[key]["procedure_name"] if key in catalogue else key or _("Not stated")
	if kind == "unit":
		return units.unit_name(key) or _("Not stated")
	return _(key) if key else _("Not stated")


def form_06(asked: Request) -> list[Row]:
	"""The rows of form 06, sums above their parts, the grand total last; every row fulfils the form's identities."""
	catalogue = figures.catalogue()
	kinds = PATHS[asked.grouping]
	columns = {"level": "procedure", "unit": figures.UNIT_OF[asked.measure]}
	group = tuple(
		dict.fromkeys([columns.get(kind, kind) for kind in kinds] + (["procedure"] if asked.level else []))
	)

	@cache
	def place(unit: str) -> str:
		return _top(figures.unit_in(unit, asked.scope, asked.last), asked.unit)

	found: dict[tuple[str, ...], Figures] = {}
	for row in figures.sums(
		asked.first,
		asked.last,
		group,
		asked.scope,
		asked.measure,
		asked.field,
		asked.procedure,
		with_flags=False,
	):
		level = catalogue.get(row.get("procedure") or "", {}).get("level") or ""
		if asked.level and level != asked.level:
			continue
		path = tuple(
			level if kind == "level" else place(row[columns[kind]]) if kind == "unit" else row[kind] or ""
			for kind in kinds
		)
		counted = figures.figures(row, asked.compare)
		if counted.received or counted.resolved or counted.in_progress:
			found[path] = found.get(path, Figures()) + counted
	return form06.outline(found, lambda depth, key: label_of(kinds[depth], key, catalogue))


def _top(unit: str, below: str | None) -> str:
	"""The unit a row is shown under: the child of the unit asked about (else of the province) it belongs to."""
	line = units.ancestors(unit)
	if not line:
		return unit
	if below and below in line:
		place = line.index(below)
		return line[place - 1] if place else unit
	return line[-2] if len(line) > 1 else line[0]


def counted_until(last: date) -> str | None:
	"""What a report says above its rows of a period that is not over."""
	now = figures.moment_of(last)
	return (
		_("The period is not over: counted until {0}.").format(format_datetime(now, "HH:mm dd/MM/yyyy"))
		if now
		else None
	)


def as_report(asked: Request, rows: list[Row]) -> tuple[list[dict], list[dict]]:
	"""Columns and rows for a script report; each row carries what its cells are drilled down by."""
	columns = [
		{"fieldname": "number", "label": _("No."), "fieldtype": "Data", "width": 60},
		{"fieldname": "label", "label": _("Field, Procedure or Unit"), "fieldtype": "Data", "width": 320},
		*(
			{
				"fieldname": key,
				"label": _(COLUMN_LABELS[key]),
				"fieldtype": "Int",
				"width": 105,
				"opens": {"column": key},
			}
			for key in COLUMN_KEYS
		),
	]
	return columns, [as_row(asked, row) for row in rows]


def as_row(asked: Request, row: Row) -> dict[str, Any]:
	total = not row.keys
	keys = dict(zip(PATHS[asked.grouping], row.keys, strict=False))
	stated = "" not in keys.values()
	if unit := keys.pop("unit", None):
		# The unit asked about has a row of what it decides itself, beside those of its parts.
		keys |= cells.of_unit(unit, asked.unit, itself=unit == asked.unit)
	return {
		"number": row.number,
		"label": row.label or _("Total"),
		"indent": row.depth,
		"bold": int(total or (row.depth == 0 and len(PATHS[asked.grouping]) > 1)),
		**dict(zip(COLUMN_KEYS, row.figures.columns(), strict=True)),
		# What is stated of nobody cannot be narrowed to.
		"opens": cells.narrowed(asked, **keys) if stated else None,
	}


def dossiers_behind(asked: Request, column: str) -> list[str]:
	"""The dossiers one cell of form 06 counts. :raises ReportRefused: no such column"""
	return cells.dossiers(asked, column)


def late_cases(asked: Request) -> list[form06.LateCase]:
	"""Dossiers late in the period, done or not, with the cause stated for them."""
	fact, query = cells.facts_behind(asked, "late_in_all")
	explained = frappe.qb.DocType("Lateness Explanation")
	rows = (
		query.left_join(explained)
		.on(explained.dossier == fact.name)
		.select(fact.name, fact.field, fact.ended_on, explained.cause)
		.orderby(fact.name)
		.run(as_dict=True)
	)
	return [
		form06.LateCase(row.field or "", row.name, row.cause, not row.ended_on or row.ended_on > asked.last)
		for row in rows
	]


def form_07a(asked: Request) -> tuple[list[dict], list[dict]]:
	"""Columns and rows of 07a: late dossiers of each field by cause."""
	causes = (*form06.CAUSES, form06.UNKNOWN_CAUSE)
	columns = [
		{"fieldname": "label", "label": _("Field"), "fieldtype": "Data", "width": 260},
		{
			"fieldname": "total",
			"label": _("Late in All"),
			"fieldtype": "Int",
			"width": 110,
			"opens": {"column": "late_in_all"},
		},
		{
			"fieldname": "still_open",
			"label": _("Overdue Now"),
			"fieldtype": "Int",
			"width": 110,
			"opens": {"column": "overdue"},
		},
		*(
			{
				"fieldname": f"cause_{number}",
				"label": _(cause),
				"fieldtype": "Int",
				"width": 130,
				"opens": {"column": "late_in_all", "cause": cause},
			}
			for number, cause in enumerate(causes)
		),
	]
	rows = form06.form_07a(late_cases(asked))
	data = [
		{
			"label": row.group or _("Not stated"),
			"total": row.total,
			"still_open": row.still_open,
			**{f"cause_{number}": row.by_cause[cause] for number, cause in enumerate(causes)},
			"opens": cells.narrowed(asked, field=row.group) if row.group else None,
		}
		for row in rows
	]
	if data:
		numbers = [column["fieldname"] for column in columns[1:]]
		total = {key: sum(row[key] for row in data) for key in numbers}
		data.append({"label": _("Total"), "bold": 1, **total, "opens": cells.narrowed(asked)})
	return columns, data


PROCEDURE_COLUMNS = ("procedures", "at_one_stop", "e_processes")


def procedures_of_07b(scope: figures.Scope, day: date) -> list[dict]:
	"""The procedures form 07b counts: in force on a day, whether received at a one-stop, whether with an e-process."""
	receptions = in_force.receptions(day)
	with_process = set(
		frappe.get_all(
			"Process Step",
			{"parenttype": "Procedure Version", "docstatus": 1},
			pluck="parent",
			distinct=True,
			limit=0,
		)
	)
	found = []
	for row in in_force.on(day):
		inside = [
			reception
			for reception in receptions.get(row["name"], ())
			if scope is None or reception.units & scope
		]
		if scope is None or inside:
			found.append(
				{
					**row,
					"at_one_stop": int(any(reception.centres for reception in inside)),
					"e_processes": int(row["version"] in with_process),
				}
			)
	return found


def day_of(filters: Any) -> date:
	"""The day form 07b is about: the one asked for, but no later than today, of which nothing is known yet.

	:raises ReportRefused: there is no such day
	"""
	return min(years.day((filters or {}).get("to_date"), _("As Of")), getdate())


def request_of_day(filters: dict[str, Any] | None, user: str | None = None) -> Request:
	"""The same as `request` for a form that is about a day. :raises ReportRefused:"""
	day = str(day_of(filters))
	return request({**(filters or {}), "from_date": day, "to_date": day}, user)


def form_07b(asked: Request) -> tuple[list[dict], list[dict]]:
	"""Columns and rows of 07b: procedures in force on the last day, at a one-stop, with an e-process, by level."""
	day = min(asked.last, getdate())
	facts = [
		form06.ProcedureFacts(row["level"], bool(row["at_one_stop"]), bool(row["e_processes"]))
		for row in procedures_of_07b(asked.scope, day)
	]
	report = {"report": "Procedures behind a Figure"}
	columns = [
		{"fieldname": "label", "label": _("Performing Level"), "fieldtype": "Data", "width": 220},
		{"fieldname": "procedures", "label": _("Procedures in Force"), "fieldtype": "Int", "width": 160},
		{"fieldname": "at_one_stop", "label": _("Received at a One-Stop"), "fieldtype": "Int", "width": 180},
		{"fieldname": "e_processes", "label": _("With an E-Process"), "fieldtype": "Int", "width": 180},
	]
	for column in columns[1:]:
		column["opens"] = {**report, "column": column["fieldname"]}
	within = {"to_date": str(day), **({"unit": asked.unit} if asked.unit else {})}
	data = [
		{
			"label": _(row.level) if row.level else _("Not stated"),
			"level": row.level,
			"procedures": row.procedures,
			"at_one_stop": row.at_one_stop,
			"e_processes": row.e_processes,
			"opens": {**within, "level": row.level} if row.level else None,
		}
		for row in form06.form_07b(facts)
	]
	if data:
		total = {key: sum(row[key] for row in data) for key in PROCEDURE_COLUMNS}
		data.append({"label": _("Total"), "bold": 1, **total, "opens": within})
	return columns, data
