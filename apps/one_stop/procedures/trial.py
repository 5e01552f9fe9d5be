"""Trying a version out: what a dossier received by it would get. Nothing is written."""

from datetime import datetime, timedelta
from typing import Any

import frappe
from frappe import _
from frappe.utils import cint, format_datetime, formatdate, get_fullname

from one_stop.dossiers.clock import Calendars, ClockError, Flag, flag_text, plan
from one_stop.organization import units, working_time
from one_stop.organization.calendar import CalendarError, explanation_text
from one_stop.procedures import process, terms
from one_stop.procedures.exceptions import TrialRefused

# How far beyond the day of receipt working time is looked up; longer limits are refused with a message.
HORIZON = timedelta(days=5 * 366)
MOST_PEOPLE = 5
FEE_FIELDS = ("fee_name", "kind", "amount", "amount_unknown", "per_unit", "optional", "note")
FORM_FIELDS = (
	"label",
	"fieldname",
	"field_type",
	"required",
	"options",
	"shown_when",
	"help_text",
	"pattern",
	"pattern_message",
)
COMPONENT_FIELDS = (
	"component_name",
	"component_code",
	"form",
	"originals",
	"copies",
	"required",
	"condition",
)


def try_version(
	doc: Any, receiving_unit: str, channel: str, received: datetime, case: str = ""
) -> dict[str, Any]:
	"""The dates of a dossier, who would get its steps, its receipt and its form, by a version saved or not.

	:returns: `{due, flags, steps: [{title, unit, unit_name, duty, people, opens, due, pauses}], explanation,
		receipt: {title, code_example, lines: [{label, value}]}, components, fees, eform_fields}`; times are
		ISO 8601 with their offset
	:raises TrialRefused: the unit does not receive the procedure, the channel is closed, or the process cannot
		be worked
	"""
	if channel not in terms.CHANNELS or not cint(doc.get(terms.CHANNELS[channel])):
		frappe.throw(_("Channel: {0} is not open in this version.").format(_(channel)), TrialRefused)
	offer = _offer(doc, receiving_unit, received)
	try:
		steps = {step.key: step for step in map(process.step_of, doc.steps)}
		own = terms.terms_of(doc, receiving_unit, offer["deciding_unit"], case, channel)
		calendars = _calendars(receiving_unit, [step.unit for step in own.steps], received)
		planned = plan(received, own, calendars, working_time.rules_on(received), channel, case)
	except ClockError:
		frappe.throw(
			_("The steps wait for each other, or for steps that do not exist: see the checks."), TrialRefused
		)
	except CalendarError as refused:
		frappe.throw(_(refused.template).format(**refused.values), TrialRefused)
	answer = planned.as_dict()
	return {
		"due": answer["due"],
		"flags": [flag_text(Flag(flag), _language()) for flag in answer["flags"]],
		"steps": [_step_view(row, steps[row["key"]], received) for row in answer["steps"]],
		"explanation": [explanation_text(line, _language()) for line in planned.explanation],
		"receipt": _receipt(doc, offer, channel, case, planned),
		"components": [
			{name: row.get(name) for name in COMPONENT_FIELDS}
			for row in doc.components
			if not row.channel or row.channel == channel
		],
		"fees": [
			{name: row.get(name) for name in FEE_FIELDS}
			for row in doc.fees
			if (not row.channel or row.channel == channel) and (not row.case_name or row.case_name == case)
		],
		"eform_fields": [{name: row.get(name) for name in FORM_FIELDS} for row in doc.eform_fields],
	}


def _language() -> str:
	return "vi" if (frappe.local.lang or "").startswith("vi") else "en"


def _offer(doc: Any, receiving_unit: str, received: datetime) -> dict[str, str]:
	for place in units.one_stops_offering(doc.procedure, received.date()):
		if place["receiving_unit"] == receiving_unit:
			return place
	frappe.throw(
		_("{0} does not receive this procedure on {1}.").format(
			units.unit_name(receiving_unit), formatdate(received.date())
		),
		TrialRefused,
	)


def _calendars(receiving_unit: str, working: list[str | None], received: datetime) -> Calendars:
	last = received.date() + HORIZON
	others = {unit for unit in working if unit and unit != receiving_unit}
	return Calendars(
		working_time.calendar_for(receiving_unit, received.date(), last),
		{unit: working_time.calendar_for(unit, received.date(), last) for unit in others},
	)


def _step_view(row: dict[str, Any], step: process.Step, received: datetime) -> dict[str, Any]:
	applicant = step.unit_rule == "Applicant"
	people = units.members(row["unit"], row["duty"], received.date()) if row["unit"] and row["duty"] else []
	names = [get_fullname(user) for user in people[:MOST_PEOPLE]]
	if len(people) > MOST_PEOPLE:
		names.append(_("{0} more").format(len(people) - MOST_PEOPLE))
	return {
		**{key: row[key] for key in ("title", "unit", "duty", "opens", "due", "pauses")},
		"unit_name": _("Applicant") if applicant else units.unit_name(row["unit"]),
		"people": [_("the applicant")] if applicant else names,
	}


def _receipt(doc: Any, offer: dict[str, str], channel: str, case: str, planned: Any) -> dict[str, Any]:
	limit = planned.limit
	lines = [
		(_("Procedure"), doc.procedure_name or _procedure_name(doc.procedure)),
		(_("Case"), case),
		(_("Receiving Unit"), offer["receiving_unit_name"]),
		(_("Deciding Unit"), offer["deciding_unit_name"]),
		(_("Channel"), _(channel)),
		(_("Time Limit"), limit.text(_language()) if limit else ""),
		(_("Received At"), _moment(planned.received)),
		(_("Result due"), _moment(planned.due) if planned.due else ""),
		(_("Result"), "; ".join(row.result_name for row in doc.results)),
	]
	return {
		"title": _("Receipt and Appointment to Return the Result"),
		"code_example": _code_example(offer["receiving_unit"], planned.received),
		"lines": [{"label": label, "value": value} for label, value in lines if value],
	}


def _procedure_name(procedure: str) -> str:
	return frappe.get_cached_value("Administrative Procedure", procedure, "procedure_name") or procedure


def _moment(moment: datetime) -> str:
	return format_datetime(moment.replace(tzinfo=None), "HH:mm dd/MM/yyyy")


def _code_example(unit: str, received: datetime) -> str:
	"""The form of a dossier code (TT 01/2018/TT-VPCP art. 19.1); a number is only given to a real dossier."""
	agency = frappe.get_cached_value("Administrative Unit", unit, "legacy_code")
	return f"{agency}-{received:%y%m%d}-XXXX" if agency else ""
