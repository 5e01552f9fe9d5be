"""What an approved version says about a dossier: its version by date, its limits, and its steps with their units."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Any

import frappe
from frappe import _
from frappe.utils import cint, getdate

from one_stop.dossiers.clock import ClockEffect, Limit, LimitKind, StepTerms, Terms
from one_stop.organization import units
from one_stop.organization.calendar import DueTime, Duration, SupplementClock, minute_of_day
from one_stop.procedures import process
from one_stop.procedures.exceptions import NoVersionInForce

CHANNELS = {"Counter": "channel_counter", "Online": "channel_online", "Post": "channel_post"}


@dataclass(frozen=True, slots=True)
class VersionInForce:
	"""The version of a day. `before_first`: the day lies before any version, so this is the first one."""

	name: str
	before_first: bool = False


@dataclass(frozen=True, slots=True)
class ApplicableStep:
	"""A step of one dossier: `unit` is resolved, None for the applicant; `after` are keys of steps it has."""

	step_key: str
	title: str
	kind: str
	unit: str | None
	duty: str
	duration: Duration | None
	after: tuple[str, ...]
	clock_effect: ClockEffect
	public_milestone: str
	linked_procedure: str | None
	guidance: str
	carried_over: Mapping[str, str]


def version_on(procedure: str, day: date) -> VersionInForce:
	"""The approved version of a procedure that covers a day.

	Before the first version: the first one, marked. Raises NoVersionInForce where none is approved.
	"""
	day = getdate(day)
	versions = frappe.get_all(
		"Procedure Version",
		filters={"procedure": procedure, "docstatus": 1},
		fields=["name", "effective_from"],
		order_by="effective_from asc, version_no asc",
		limit=0,
	)
	if not versions:
		frappe.throw(
			_("Procedure {0} has no approved version: approve one before dossiers are received.").format(
				procedure
			),
			NoVersionInForce,
		)
	# Periods touch: each version ends the day before the next one begins.
	begun = [version for version in versions if version.effective_from and version.effective_from <= day]
	return VersionInForce(begun[-1].name) if begun else VersionInForce(versions[0].name, before_first=True)


def question_types(procedure: str) -> dict[str, str]:
	"""The kinds of the questions that any approved version of a procedure asks, by field name, the latest counting."""
	versions = frappe.get_all(
		"Procedure Version",
		filters={"procedure": procedure, "docstatus": 1},
		pluck="name",
		order_by="effective_from asc, version_no asc",
		limit=0,
	)
	return {row.fieldname: row.field_type for name in versions for row in _document(name).eform_fields}


def cases_of(version: str) -> list[str]:
	"""The cases a version sets limits for, in order; "" is the ordinary one."""
	return list(dict.fromkeys(row.case_name or "" for row in _document(version).limits))


def channels_of(version: str) -> list[str]:
	"""The channels a version is received by: of "Counter", "Online" and "Post"."""
	doc = _document(version)
	return [channel for channel, fieldname in CHANNELS.items() if cint(doc.get(fieldname))]


def applicable_steps(
	version: str,
	receiving_unit: str,
	deciding_unit: str | None,
	case: str = "",
	*,
	channel: str = "",
	answers: Mapping[str, Any] | None = None,
) -> list[ApplicableStep]:
	"""The steps of a dossier in the order of the version, with the unit that each falls to.

	:param answers: what the e-form was answered, for steps that depend on it; None where not known yet, then
		such steps are in
	"""
	return steps_of(_document(version), receiving_unit, deciding_unit, case, channel, answers)


def steps_of(
	doc: Any,
	receiving_unit: str | None,
	deciding_unit: str | None,
	case: str = "",
	channel: str = "",
	answers: Mapping[str, Any] | None = None,
) -> list[ApplicableStep]:
	"""`applicable_steps` for a version document, saved or not."""
	steps = [process.step_of(row) for row in doc.steps]
	return [
		ApplicableStep(
			step_key=step.key,
			title=step.title,
			kind=step.kind,
			unit=units.unit_of_step(step.unit_rule, receiving_unit, deciding_unit, step.unit),
			duty=step.duty,
			duration=step.duration,
			after=step.after,
			clock_effect=step.clock_effect,
			public_milestone=step.public_milestone,
			linked_procedure=step.linked_procedure,
			guidance=step.guidance,
			carried_over=_carried_over(step),
		)
		for step in process.applicable(steps, case, channel, answers)
	]


def _carried_over(step: process.Step) -> Mapping[str, str]:
	try:
		return process.carried_over(step.carried_over)
	except process.CarriedOverUnreadable:
		# The checks of a version say so; no approved one has it.
		return {}


def terms_for(
	version: str,
	receiving_unit: str,
	deciding_unit: str | None,
	case: str = "",
	*,
	channel: str = "",
	answers: Mapping[str, Any] | None = None,
) -> Terms:
	"""What the clock has to know of a version for one dossier; `answers` as in `applicable_steps`."""
	return terms_of(_document(version), receiving_unit, deciding_unit, case, channel, answers)


def terms_of(
	doc: Any,
	receiving_unit: str | None,
	deciding_unit: str | None,
	case: str = "",
	channel: str = "",
	answers: Mapping[str, Any] | None = None,
) -> Terms:
	"""`terms_for` for a version document, saved or not. Raises CalendarError for values without meaning."""
	return Terms(
		limits=tuple(limit_of(row) for row in doc.limits),
		steps=tuple(
			StepTerms(
				key=step.step_key,
				title=step.title,
				duration=step.duration,
				after=step.after,
				unit=step.unit,
				duty=step.duty,
				clock_effect=step.clock_effect,
				target=step.linked_procedure,
				kind=step.kind,
			)
			for step in steps_of(doc, receiving_unit, deciding_unit, case, channel, answers)
		),
		version=doc.name or "",
		supplement_clock=SupplementClock.read(doc.supplement_clock) if doc.supplement_clock else None,
		supplement_days=cint(doc.supplement_days) or None,
		applicant_days=cint(doc.applicant_days) or None,
		due_time=DueTime.read(doc.due_time) if doc.due_time else None,
		cutoff=time_of_day(doc.cutoff),
	)


def limit_of(row: Any) -> Limit:
	"""A Procedure Time Limit row as the clock takes it."""
	kind = LimitKind.read(row.kind or "Fixed")
	same_day = kind is LimitKind.SAME_DAY
	duration = None if same_day else Duration(row.value or 0, row.unit or "Working Day")
	return Limit(kind, duration, case=row.case_name or "", channel=row.channel or "")


def time_of_day(value: str | None) -> time | None:
	"""`15:00` as a time; None for an empty text. Raises CalendarError for anything else."""
	if not value:
		return None
	minute = minute_of_day(value)
	return time(minute // 60, minute % 60)


def _document(version: str) -> Any:
	return frappe.get_cached_doc("Procedure Version", version)
