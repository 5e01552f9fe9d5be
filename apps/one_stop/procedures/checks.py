"""Everything that the checks have to say about a version, told to the administrator in words."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import frappe
from frappe import _
from frappe.utils import cint, getdate

from one_stop.organization import units, working_time
from one_stop.organization.calendar import CalendarError
from one_stop.procedures import eform, process, terms
from one_stop.procedures.findings import Finding, Severity, error, warning

# Places listed by name in a message; the others are counted.
NAMED_PLACES = 3
TRANSLATED_VALUES = ("duty", "channel", "rule")


def check_version(doc: Any, *, accepted_only: bool = False) -> dict[str, Any]:
	"""What there is to say about a version, saved or not; nothing is written.

	:param accepted_only: of an approved version, only what it was approved in spite of: units and people have
		changed since
	:returns: `{findings: [{code, severity, message, accepted, step_key, table, row, fieldname}], critical_path,
		critical_text, limit_text}`; errors come first
	"""
	try:
		steps = [process.step_of(row) for row in doc.steps]
		limits = [terms.limit_of(row) for row in doc.limits]
	except CalendarError as refused:
		found = [error("unreadable-value", _(refused.template).format(**refused.values), fieldname="steps")]
		return {"findings": [_told(finding, {}) for finding in found], "critical_path": []}
	path = process.critical_path(steps, limits, _rules(doc), terms.terms_of(doc, None, None))
	found = [*findings_of(doc, steps, limits), *_too_long(steps, path, limits)]
	found.sort(key=lambda finding: finding.severity is Severity.WARNING)
	reasons = {row.code: (row.reason or "").strip() for row in doc.warnings}
	if accepted_only:
		known = {finding.code: finding for finding in found}
		found = [
			replace(
				known.get(row.code) or warning(row.code, ""),
				template="{message}",
				values={"message": row.message or row.code},
			)
			for row in doc.warnings
		]
	return {
		"findings": [_told(finding, reasons) for finding in found],
		"critical_path": list(path.keys),
		"critical_text": process.total_text(steps, path.keys, _language()),
		"limit_text": limits_text(limits),
	}


def findings_of(doc: Any, steps: Sequence[process.Step], limits: Sequence[Any]) -> list[Finding]:
	"""All findings but the one about the length of the process."""
	cases = list(dict.fromkeys(limit.case for limit in limits))
	return [
		*process.check_process(steps),
		*process.check_conditions(steps, cases, eform.options_by_name(doc.eform_fields)),
		*eform.check_form(doc.eform_fields),
		*_check_publication(doc),
		*_check_limits(doc, limits, cases),
		*_check_papers(doc),
		*_check_decision(doc),
		*_check_places(doc, steps),
	]


def _told(finding: Finding, reasons: dict[str, str]) -> dict[str, Any]:
	values = {
		name: _(value) if name in TRANSLATED_VALUES else value for name, value in finding.values.items()
	}
	return {
		"code": finding.code,
		"severity": str(finding.severity),
		"message": _(finding.template).format(**values),
		"accepted": bool(finding.severity is Severity.WARNING and reasons.get(finding.code)),
		"step_key": finding.step_key,
		"table": finding.table,
		"row": finding.row,
		"fieldname": finding.fieldname,
	}


def _language() -> str:
	return "vi" if (frappe.local.lang or "").startswith("vi") else "en"


def _rules(doc: Any) -> Any:
	return working_time.rules_on(_day(doc))


def _day(doc: Any) -> date:
	"""The day to look at units and people on: today, or the day from which the version is to be followed."""
	today = getdate()
	return max(today, getdate(doc.effective_from)) if doc.effective_from else today


def limits_text(limits: Iterable[Any]) -> str:
	"""The limits of a version in words: `5 ngày làm việc; Trường hợp đặc biệt: 10 ngày làm việc`."""
	parts = []
	for limit in limits:
		of = ", ".join(part for part in (limit.case, _(limit.channel) if limit.channel else "") if part)
		text = limit.text(_language())
		parts.append(f"{of}: {text}" if of else text)
	return "; ".join(parts)


def _too_long(
	steps: Sequence[process.Step], path: process.CriticalPath, limits: Sequence[Any]
) -> Iterable[Finding]:
	if path.exceeded:
		yield warning(
			"critical-path",
			"The steps together take {total}, longer than the time limit ({limits}).",
			total=process.total_text(steps, path.keys, _language()),
			limits=limits_text(path.exceeded),
			table="steps",
		)


def _check_publication(doc: Any) -> Iterable[Finding]:
	channels = [channel for channel, fieldname in terms.CHANNELS.items() if cint(doc.get(fieldname))]
	if not channels:
		yield error(
			"no-channel",
			"No channel is open: at least one of counter, online and post.",
			fieldname="channel_counter",
		)
	online = doc.online_level not in (None, "", "None")
	if online and "Online" not in channels:
		yield error(
			"online-closed",
			"The service is online by its level, but the online channel is closed.",
			fieldname="channel_online",
		)
	if "Online" in channels and not online:
		yield error(
			"online-level-missing",
			"The online channel is open: say whether the service is online in full or in part.",
			fieldname="online_level",
		)
	if doc.online_level == "Partial" and not (doc.partial_reason or "").strip():
		yield error(
			"partial-reason-missing",
			"The service is online in part: the reason is published, so it must be written.",
			fieldname="partial_reason",
		)


def _check_limits(doc: Any, limits: Sequence[Any], cases: Sequence[str]) -> Iterable[Finding]:
	if not limits:
		yield error("no-limit", "There is no time limit.", table="limits", fieldname="limits")
		return
	channels = [channel for channel, fieldname in terms.CHANNELS.items() if cint(doc.get(fieldname))]
	rules = terms.terms_of(doc, None, None)
	for case in cases:
		missing = [channel for channel in channels if not rules.limit_for(case, channel)]
		if missing:
			yield error(
				f"no-limit:{case}",
				"No time limit applies to “{case}” by these channels: {channels}.",
				case=case or _("Ordinary case"),
				channels=", ".join(_(channel) for channel in missing),
				table="limits",
			)
	for row in doc.limits:
		if row.channel and row.channel not in channels:
			yield warning(
				f"closed-channel:{row.case_name or ''}:{row.channel}",
				"A time limit is for the channel “{channel}”, which is closed.",
				channel=row.channel,
				table="limits",
				row=row.name or "",
			)


def _check_papers(doc: Any) -> Iterable[Finding]:
	for row in doc.components:
		if row.form == "E-Form" and not doc.eform_fields:
			yield warning(
				f"form-without-questions:{row.component_code or row.component_name}",
				"“{component}” is an electronic form, but the form has no question.",
				component=row.component_name or "",
				table="components",
				row=row.name or "",
			)
	if not doc.results:
		yield warning(
			"no-result", "It is not said what the applicant gets.", table="results", fieldname="results"
		)


def _check_decision(doc: Any) -> Iterable[Finding]:
	if doc.decision_number and not doc.decision_date:
		yield error(
			"undated-decision",
			"The decision {number} has no date.",
			number=doc.decision_number,
			fieldname="decision_date",
		)
	if doc.decision_date and not doc.decision_number:
		yield error("unnumbered-decision", "The decision has no number.", fieldname="decision_number")


def _check_places(doc: Any, steps: Sequence[process.Step]) -> Iterable[Finding]:
	day = _day(doc)
	places = units.one_stops_offering(doc.procedure, day) if doc.procedure else []
	if not places:
		yield warning("no-offer", "No one-stop centre receives this procedure yet.", fieldname="procedure")
	for step in steps:
		where = {
			"step": step.title or step.key,
			"step_key": step.key,
			"table": "steps",
			"row": step.row,
		}
		if step.linked_procedure and step.linked_procedure == doc.procedure:
			yield error(
				f"linked-to-itself:{step.key}", "Step “{step}” is linked to this very procedure.", **where
			)
		elif step.linked_procedure and not _in_force(step.linked_procedure):
			yield warning(
				f"linked-not-in-force:{step.key}",
				"Step “{step}”: the linked procedure {procedure} is not in force.",
				procedure=step.linked_procedure,
				**where,
			)
		elif step.linked_procedure:
			yield from _check_part(doc, step, day, where)
		yield from _check_people(step, places, day, where)


def _check_part(doc: Any, step: process.Step, day: date, where: dict[str, str]) -> Iterable[Finding]:
	"""A part is received at once with what the whole was told; what its form asks besides, nobody is there to say."""
	procedure, suffix = step.linked_procedure, f":{step.key}"
	if not frappe.db.exists("Procedure Version", {"procedure": procedure, "docstatus": 1}):
		yield error(
			f"linked-without-version{suffix}",
			"Step “{step}”: the linked procedure {procedure} has no approved version.",
			procedure=procedure,
			**where,
		)
		return
	part = frappe.get_cached_doc("Procedure Version", terms.version_on(procedure, day).name)
	try:
		carried = process.carried_over(step.carried_over)
	except process.CarriedOverUnreadable as unreadable:
		yield error(
			f"carried-unreadable{suffix}",
			"Step “{step}”, Goes Along: “{line}” is not of the form “theirs = ours”, or names theirs twice.",
			line=unreadable.line,
			**where,
		)
		return
	yield from _check_carried(doc, part, carried, suffix, where)
	# Where a paper form serves, no question must be answered.
	if not any(row.form == "E-Form" and (row.channel or "Counter") == "Counter" for row in part.components):
		return
	never, sometimes = eform.left_open(part.eform_fields, doc.eform_fields, carried)
	if never:
		yield error(
			f"part-unanswered{suffix}",
			"Step “{step}”: the form of {procedure} requires answers that this procedure does not ask for: {questions}.",
			procedure=procedure,
			questions=_places_text(never),
			**where,
		)
	if sometimes:
		yield warning(
			f"part-perhaps-unanswered{suffix}",
			"Step “{step}”: the form of {procedure} requires answers that not every dossier of this procedure gives:"
			" {questions}.",
			procedure=procedure,
			questions=_places_text(sometimes),
			**where,
		)


def _check_carried(
	doc: Any, part: Any, carried: dict[str, str], suffix: str, where: dict[str, str]
) -> Iterable[Finding]:
	"""Questions are filled from questions, papers from papers; both must be there."""
	theirs, ours = _kinds_of_names(part), _kinds_of_names(doc)
	for target, source in carried.items():
		if target not in theirs:
			yield error(
				f"carried-unknown-target{suffix}:{target}",
				"Step “{step}”, Goes Along: {procedure} has no field or paper “{name}”.",
				procedure=part.procedure,
				name=target,
				**where,
			)
		elif source not in ours:
			yield error(
				f"carried-unknown-source{suffix}:{source}",
				"Step “{step}”, Goes Along: this procedure has no field or paper “{name}”.",
				name=source,
				**where,
			)
		elif theirs[target] != ours[source]:
			yield error(
				f"carried-mismatch{suffix}:{target}",
				"Step “{step}”, Goes Along: of “{target}” and “{source}” one is a field and the other a paper.",
				target=target,
				source=source,
				**where,
			)


def _kinds_of_names(version: Any) -> dict[str, str]:
	papers = {row.component_name: "paper" for row in version.components}
	return papers | {row.fieldname: "field" for row in version.eform_fields if row.field_type != "Heading"}


def _check_people(
	step: process.Step, places: Sequence[dict[str, str]], day: date, where: dict[str, str]
) -> Iterable[Finding]:
	if step.unit_rule == "Applicant" or (step.unit_rule == "Named Unit" and not step.unit):
		return
	named = units.get(step.unit) if step.unit_rule == "Named Unit" else None
	if named and not named.exists_on(day):
		message = "Step “{step}”: the unit {unit} is closed or not yet open."
		yield warning(f"closed-unit:{step.key}", message, unit=named.unit_name, **where)
		return
	nowhere: list[str] = []
	vacant: list[str] = []
	for place in places:
		unit = units.unit_of_step(step.unit_rule, place["receiving_unit"], place["deciding_unit"], step.unit)
		if unit is None:
			nowhere.append(place["receiving_unit_name"])
		elif step.duty and not units.members(unit, step.duty, day):
			vacant.append(units.unit_name(unit))
	if nowhere:
		yield error(
			f"no-unit:{step.key}",
			"Step “{step}”: there is no unit for “{rule}” when received at: {units}.",
			rule=step.unit_rule,
			units=_places_text(nowhere),
			**where,
		)
	if vacant:
		yield warning(
			f"unheld-duty:{step.key}",
			"Step “{step}”: nobody holds the duty {duty} in: {units}.",
			duty=step.duty,
			units=_places_text(vacant),
			**where,
		)


def _places_text(names: Sequence[str]) -> str:
	distinct = list(dict.fromkeys(names))
	text = "; ".join(distinct[:NAMED_PLACES])
	rest = len(distinct) - NAMED_PLACES
	return _("{0} and {1} more").format(text, rest) if rest > 0 else text


def _in_force(procedure: str) -> bool:
	return frappe.get_cached_value("Administrative Procedure", procedure, "status") == "In Force"
