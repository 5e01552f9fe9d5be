"""When a dossier would be due: the answer of the `due` command, of the endpoint, and of whoever else asks.

Nothing is written. The same `clock.plan` answers as at reception, from the same version, rules and calendars.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import frappe
from frappe import _
from frappe.utils import getdate

from one_stop.dossiers import clock, ledger
from one_stop.dossiers.clock import Flag, Limit, Plan, flag_text
from one_stop.dossiers.exceptions import DeadlineRefused
from one_stop.organization import units, working_time
from one_stop.organization.calendar import (
	CalendarError,
	DateOutOfRange,
	day_text,
	explanation_text,
	rules_text,
)
from one_stop.organization.calendar_rows import told
from one_stop.procedures import terms as procedure_terms

# How far a calendar is compiled for the first try, and for procedures that take longer.
YEARS_AHEAD = (2, 12, 60)
CHANNELS = ("Counter", "Online", "Post")


@dataclass(frozen=True, slots=True)
class Deadline:
	"""A plan with what it rests on. `notes` are what the plan itself does not flag, as (code, text)."""

	procedure: str
	version: Any
	channel: str
	case: str
	receiving_unit: str | None
	deciding_unit: str | None
	plan: Plan
	notes: list[tuple[str, str]] = field(default_factory=list)


def deadline_of(
	procedure: str,
	received: str | datetime,
	channel: str = "Counter",
	case: str = "",
	unit: str | None = None,
) -> Deadline:
	"""Plan a dossier of any procedure that has an approved version.

	:param received: local time of receipt, ISO 8601 with or without an offset
	:param channel: Counter, Online or Post, in any case of letters
	:param case: a case of the version; empty is the ordinary one
	:param unit: the one-stop centre that receives; empty is the first that does
	:raises DeadlineRefused: for a value that has no meaning, naming it and what it may be
	:raises NoVersionInForce: for a procedure nobody approved a version of
	"""
	code = procedure_named(procedure)
	at = moment_of(received)
	notes: list[tuple[str, str]] = []
	found = procedure_terms.version_on(code, at.date())
	version = frappe.get_cached_doc("Procedure Version", found.name)
	if found.before_first:
		notes.append(
			(
				"before_first_version",
				_("Received before the first version took effect on {0}: counted by that version.").format(
					f"{getdate(version.effective_from):%d/%m/%Y}"
				),
			)
		)
	channel = _channel(channel, found.name, notes)
	case = _case(case, found.name, notes)
	receiving, deciding = _units(code, at.date(), unit, notes)
	terms = procedure_terms.terms_for(found.name, receiving or "", deciding, case, channel=channel)
	try:
		plan = _plan(at, terms, receiving, channel, case)
	except CalendarError as error:
		frappe.throw(told(error), DeadlineRefused)
	if plan.rules.assumed:
		notes.append(
			("assumed_rules", _("Some rules had no value yet on the day of receipt: the default was used."))
		)
	return Deadline(code, version, channel, case, receiving, deciding, plan, notes)


def _plan(at: datetime, terms: clock.Terms, receiving: str | None, channel: str, case: str) -> Plan:
	rules = working_time.rules_on(at.date())
	for years in YEARS_AHEAD:
		last = date(min(at.year + years, 9000), 12, 31)
		calendars = ledger.calendars_of(terms, receiving, at.date(), last, working_time.calendar_for)
		try:
			return clock.plan(at, terms, calendars, rules, channel, case)
		except DateOutOfRange:
			if years == YEARS_AHEAD[-1]:
				raise
	raise AssertionError("unreachable")


def procedure_named(code: str) -> str:
	"""The procedure of a national or local code. Raises DeadlineRefused for one nobody entered."""
	wanted = (code or "").strip()
	for filters in ({"name": wanted}, {"local_code": wanted}):
		if wanted and (name := frappe.db.get_value("Administrative Procedure", filters)):
			return name
	frappe.throw(_("Procedure: there is none with the code {0}.").format(wanted or "—"), DeadlineRefused)


def moment_of(value: str | datetime) -> datetime:
	"""The local moment meant by ISO 8601 text. Raises DeadlineRefused."""
	try:
		at = value if isinstance(value, datetime) else datetime.fromisoformat(str(value).strip())
	except ValueError:
		frappe.throw(
			_("Received: {0} is no date and time; write it as 2026-02-12 10:00.").format(value),
			DeadlineRefused,
		)
	if not 1991 <= at.year <= 2098:
		frappe.throw(
			_("Received: the year {0} is out of reach of the calendars.").format(at.year), DeadlineRefused
		)
	if at.tzinfo is not None:
		day = at.date()
		return working_time.calendar_for(None, day, day).local(at)
	return at.replace(second=0, microsecond=0)


def _channel(value: str, version: str, notes: list[tuple[str, str]]) -> str:
	wanted = (value or "").strip().casefold() or "counter"
	channel = next((one for one in CHANNELS if wanted in (one.casefold(), _(one).casefold())), None)
	if channel is None:
		frappe.throw(_("Channel: {0} is none of {1}.").format(value, ", ".join(CHANNELS)), DeadlineRefused)
	if channel not in procedure_terms.channels_of(version):
		notes.append(
			(
				"channel_not_offered",
				_("The procedure is not received by this channel: {0}.").format(_(channel)),
			)
		)
	return channel


def _case(value: str, version: str, notes: list[tuple[str, str]]) -> str:
	cases = procedure_terms.cases_of(version)
	wanted = " ".join((value or "").split())
	case = next((one for one in cases if one.casefold() == wanted.casefold()), None)
	if case is not None:
		return case
	named = "; ".join(one for one in cases if one)
	if wanted:
		frappe.throw(
			_("Case: the procedure has no case {0}. It has: {1}.").format(wanted, named or _("none")),
			DeadlineRefused,
		)
	notes.append(("case_needed", _("The limit depends on the case, which was not named: {0}.").format(named)))
	return ""


def _units(
	procedure: str, day: date, unit: str | None, notes: list[tuple[str, str]]
) -> tuple[str | None, str | None]:
	"""The receiving and the deciding unit. Where nobody received on the day, those who do today."""
	offers = units.one_stops_offering(procedure, day)
	if not offers and (offers := units.one_stops_offering(procedure)):
		notes.append(
			(
				"units_of_today",
				_("No unit received this procedure on that day: counted for one that does today."),
			)
		)
	wanted = (unit or "").strip()
	if wanted:
		if units.get(wanted) is None:
			frappe.throw(_("Unit: there is none with the code {0}.").format(wanted), DeadlineRefused)
		found = next((offer for offer in offers if offer["receiving_unit"] == wanted), None)
		if found is None:
			named = ", ".join(offer["receiving_unit"] for offer in offers[:10])
			frappe.throw(
				_("Unit: {0} does not receive this procedure. These do: {1}.").format(
					wanted, named or _("none")
				),
				DeadlineRefused,
			)
		return found["receiving_unit"], found["deciding_unit"]
	if offers:
		return offers[0]["receiving_unit"], offers[0]["deciding_unit"]
	notes.append(
		("no_receiving_unit", _("No unit receives this procedure: counted by the calendar of the province."))
	)
	return frappe.db.get_single_value("One-Stop Settings", "province_unit") or None, None


def language_of(lang: str | None) -> str:
	"""The language texts of the clock exist in: English for who asks in it, else Vietnamese."""
	return "en" if (lang or "").startswith("en") else "vi"


def as_dict(deadline: Deadline, language: str = "vi") -> dict[str, Any]:
	"""The answer ready for JSON; times are ISO 8601 local with offset, `language` is "vi" or "en"."""
	plan = deadline.plan
	iso = plan.calendar.iso
	flags = {flag.value: flag_text(flag, language) for flag in sorted(plan.flags)}
	if Flag.UNCONFIRMED_YEAR in plan.flags:
		years = ", ".join(map(str, plan.unconfirmed_years))
		flags[Flag.UNCONFIRMED_YEAR.value] += f" ({years})"
	flags |= dict(deadline.notes)
	return {
		"procedure": deadline.procedure,
		"procedure_name": deadline.version.procedure_name,
		"version": deadline.version.name,
		"version_no": deadline.version.version_no,
		"decision_number": deadline.version.decision_number,
		"effective_from": str(getdate(deadline.version.effective_from)),
		"received": iso(plan.received),
		"channel": deadline.channel,
		"case": deadline.case,
		"unit": deadline.receiving_unit,
		"unit_name": units.unit_name(deadline.receiving_unit),
		"deciding_unit": deadline.deciding_unit,
		"deciding_unit_name": units.unit_name(deadline.deciding_unit),
		"due": iso(plan.due) if plan.due else None,
		"rule": rule_text(deadline, language),
		"limit": plan.limit.text(language) if plan.limit else None,
		"same_day": plan.same_day,
		"steps": [
			{
				"key": step.key,
				"title": step.title,
				"opens": iso(step.opens),
				"due": iso(step.due),
				"unit": step.unit,
				"unit_name": units.unit_name(step.unit),
				"duty": step.duty,
				"duration": step.duration.text(language) if step.duration else None,
				"after": list(step.after),
				"clipped": step.clipped,
				"pauses": step.pauses,
			}
			for step in plan.steps
		],
		"steps_end": iso(plan.steps_end) if plan.steps_end else None,
		"critical_path": list(plan.critical_path),
		"explanation": [explanation_text(line, language) for line in plan.explanation],
		"rules": rules_text(plan.rules, language),
		"flags": list(flags),
		"flag_texts": list(flags.values()),
		"unconfirmed_years": list(plan.unconfirmed_years),
		"calendar_revision": plan.calendar.revision,
	}


def rule_text(deadline: Deadline, language: str = "vi") -> str:
	"""The rule the due date rests on, in one sentence: the limit, the version, its decision and its date."""
	version, limit = deadline.version, deadline.plan.limit
	parts = [
		limit_text(limit, language),
		_("version {0}", language).format(version.version_no),
	]
	if version.decision_number:
		parts.append(_("decision {0}", language).format(version.decision_number))
	parts.append(_("in force from {0}", language).format(f"{getdate(version.effective_from):%d/%m/%Y}"))
	return ", ".join(parts)


def limit_text(limit: Limit | None, language: str = "vi") -> str:
	if limit is None:
		return _("no limit of its own, the steps decide", language)
	words = limit.text(language)
	if limit.kind is clock.LimitKind.MAXIMUM:
		words = _("at most {0}", language).format(words)
	about = ", ".join(
		part for part in (limit.case, _(limit.channel, language) if limit.channel else "") if part
	)
	return f"{words} ({about})" if about else words


def as_text(deadline: Deadline, language: str = "vi") -> str:
	"""The answer for people to read in a terminal."""
	answer = as_dict(deadline, language)
	plan = deadline.plan
	where = answer["unit_name"] or _("none", language)
	if deadline.deciding_unit and deadline.deciding_unit != deadline.receiving_unit:
		where += f" → {answer['deciding_unit_name']}"
	lines = [
		f"{deadline.procedure}  {answer['procedure_name']}",
		"",
		*_table(
			[
				(_("Received", language), _when(plan.received, language)),
				(_("Channel", language), _(deadline.channel, language)),
				*([(_("Case", language), deadline.case)] if deadline.case else []),
				(_("Unit", language), where),
				(_("Rule", language), answer["rule"]),
				(_("Due", language), _when(plan.due, language) if plan.due else "—"),
			]
		),
		"",
		_("How it is counted", language),
		*(f"  • {line}" for line in answer["explanation"]),
	]
	if plan.steps:
		lines += ["", _("Steps", language)]
		for number, (step, facts) in enumerate(zip(plan.steps, answer["steps"], strict=True), 1):
			who = " · ".join(part for part in (_(step.duty, language), facts["unit_name"]) if part)
			cut = f"  [{_('cut at the due date', language)}]" if step.clipped else ""
			lines += [
				f"  {number}. {step.title}{f' ({who})' if who else ''}",
				f"     {_when(step.opens, language)} → {_when(step.due, language)}{cut}",
			]
	lines += ["", _("Rules used", language), *(f"  • {line}" for line in answer["rules"])]
	if answer["flags"]:
		lines += ["", _("Please note", language), *(f"  ! {text}" for text in answer["flag_texts"])]
	return "\n".join(lines)


def _when(moment: datetime, language: str) -> str:
	return f"{moment:%H:%M} {day_text(moment.date(), language)}"


def _table(rows: list[tuple[str, str]]) -> list[str]:
	width = max(len(label) for label, _text in rows)
	return [f"{label.ljust(width)}  {text}" for label, text in rows]
