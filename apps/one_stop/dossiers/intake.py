"""What the counter checks and pins: the papers, the answers, the unit and version a dossier is received by.

Functions for the commands of `lifecycle`; they read, check and compute, and change nothing but the place of a
file that was uploaded for the dossier.
"""

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import frappe
from frappe import _
from frappe.utils import cint, cstr, flt, get_datetime, getdate

from one_stop.dossiers.case import Case
from one_stop.dossiers.clock import StepStatus, plan
from one_stop.dossiers.exceptions import (
	AnswersRefused,
	CommandRefused,
	FeesRefused,
	HandoverMissing,
	NotOffered,
	PapersMissing,
	SupplementOutsideProcedure,
)
from one_stop.dossiers.ledger import Standing, calendars_of
from one_stop.organization import units, working_time
from one_stop.procedures import eform
from one_stop.procedures.terms import (
	ApplicableStep,
	applicable_steps,
	cases_of,
	channels_of,
	terms_for,
	version_on,
)

MOST_ITEMS = 50
# Without signs that are read as one another.
ACCESS_SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
ACCESS_LENGTH = 8
# What a correction may change once the dossier is received, and what it changes in the promise of the receipt.
CORRECTABLE = (
	"applicant_kind",
	"applicant_name",
	"applicant_id_type",
	"applicant_id_number",
	"applicant_birth_date",
	"applicant_phone",
	"applicant_email",
	"applicant_address",
	"authorised_name",
	"authorised_id_number",
	"authorised_phone",
	"summary",
	"number_of_sets",
	"result_delivery",
	"postal_address",
)
# Another procedure asks for other papers, answers and fees: a dossier of the wrong one is received anew, and
# another unit decides by handing over.
OF_THE_PROMISE = ("case_name",)


@dataclass(frozen=True, slots=True)
class Promise:
	"""What a reception pins: the data of its event, and the plan it was promised by."""

	facts: dict[str, Any]
	due: datetime | None


@dataclass(frozen=True, slots=True)
class Correction:
	"""What a correction changes: of the promise, of the dossier (before and after), and of its steps."""

	promise: dict[str, Any] = field(default_factory=dict)
	before: dict[str, Any] = field(default_factory=dict)
	after: dict[str, Any] = field(default_factory=dict)
	steps: dict[str, Any] = field(default_factory=dict)


def new_access_code() -> str:
	"""The check value that stands on the receipt beside the code: not to be guessed, easy to type."""
	return "".join(secrets.choice(ACCESS_SIGNS) for _sign in range(ACCESS_LENGTH))


# Units and version


def version_in_force(procedure: str, day: date) -> str:
	"""The version a dossier of this day follows. Raises NotOffered before the first version, or once repealed."""
	found = version_on(procedure, day)
	status = frappe.get_cached_value("Administrative Procedure", procedure, "status")
	if found.before_first or status != "In Force":
		frappe.throw(
			_("Procedure: {0} is not in force on {1}, so nothing is received for it.").format(
				procedure, frappe.utils.formatdate(day)
			),
			NotOffered,
		)
	return found.name


def offers_of(procedure: str, day: date) -> list[dict[str, str]]:
	return units.one_stops_offering(procedure, day)


def check_offered(procedure: str, receiving_unit: str, day: date) -> dict[str, str]:
	"""The offer by which a centre receives a procedure. Raises NotOffered."""
	offers = offers_of(procedure, day)
	fitting = [offer for offer in offers if offer["receiving_unit"] == receiving_unit]
	if not fitting:
		frappe.throw(
			_("Receiving Unit: {0} does not receive this procedure. It is received at: {1}.").format(
				units.unit_name(receiving_unit) if receiving_unit else "—",
				", ".join(offer["receiving_unit_name"] for offer in offers[:5]) or "—",
			),
			NotOffered,
		)
	return fitting[0]


def check_submission(doc, day: date) -> None:
	"""Check a draft that is handed in before its reception: unit, channel, answers and papers."""
	version = version_in_force(doc.procedure, day)
	check_offered(doc.procedure, doc.receiving_unit, day)
	_check_channel(version, doc.channel)
	_check_case(version, doc.case_name)
	_check_answers(version, doc, {row.fieldname: row.value for row in doc.answers})
	_check_papers(version, doc)


def _check_channel(version: str, channel: str) -> None:
	allowed = channels_of(version)
	if channel not in allowed:
		frappe.throw(
			_("Channel: this procedure is received by {0}.").format(", ".join(map(_, allowed)) or "—"),
			NotOffered,
		)


def _check_case(version: str, case: str | None) -> None:
	known = cases_of(version)
	if (case or "") not in known:
		frappe.throw(
			_("Case: choose one of {0}.").format(", ".join(filter(None, known)) or "—"), CommandRefused
		)


def wanted_components(version: str, channel: str) -> list:
	"""The papers a version asks for by this channel, each name once."""
	rows = frappe.get_cached_doc("Procedure Version", version).components
	found: dict[str, Any] = {}
	for row in rows:
		if (row.channel or channel) == channel:
			found.setdefault(row.component_name, row)
	return list(found.values())


def needs_eform(version: str, channel: str) -> bool:
	"""Whether the electronic form is itself a paper of the dossier by this channel."""
	return any(row.form == "E-Form" for row in wanted_components(version, channel))


def _check_answers(version: str, doc, answers: Mapping[str, str]) -> None:
	fields = frappe.get_cached_doc("Procedure Version", version).eform_fields
	known = {row.fieldname for row in fields}
	unknown = sorted(set(answers) - known)
	if unknown:
		frappe.throw(
			_("Answers: the form of this procedure has no question {0}.").format(", ".join(unknown)),
			AnswersRefused,
		)
	if not fields:
		return
	problems = eform.check_answers(fields, dict(answers)).problems
	if not needs_eform(version, doc.channel):
		# A paper form serves: what was typed in must be right, but nothing must be typed in.
		problems = [problem for problem in problems if cstr(answers.get(problem.fieldname)).strip()]
	if problems:
		lines = [f"{problem.label}: {_(problem.message)}" for problem in problems]
		frappe.throw("<br>".join(map(frappe.utils.escape_html, lines)), AnswersRefused)


def _check_papers(version: str, doc) -> None:
	"""NĐ 61/2018 art. 17.1: complete, or explained. A paper left out of the list counts as missing."""
	listed = {row.component_name: row for row in doc.components}
	missing = []
	for component in wanted_components(version, doc.channel):
		if not cint(component.required) or component.form == "E-Form":
			continue
		row = listed.get(component.component_name)
		if row is None or not (cint(row.submitted) or (row.missing_reason or "").strip()):
			missing.append(component.component_name)
	if missing:
		frappe.throw(
			_("These papers are missing without a reason: {0}").format("; ".join(missing)), PapersMissing
		)


def fees_of(version: str, case: str, channel: str) -> list:
	"""The fee lines of a version for a case and a channel."""
	return [
		row
		for row in frappe.get_cached_doc("Procedure Version", version).fees
		if (row.case_name or "") in ("", case) and (row.channel or channel) == channel
	]


def fee_lines(version: str, doc) -> list[dict[str, Any]]:
	"""What the applicant owes at reception: the lines of the dossier, held against those of its version.

	Nobody pays what the version does not ask, nor more than it asks; less needs a note that says on what grounds.
	A line with a fixed amount that was left out is added, except for a linked part, whose root has taken the fees.
	Raises FeesRefused.

	:returns: ``[{fee_name, kind, amount, paid, note}]``, amounts in đồng; 0 where the line is waived
	"""
	asked = {row.fee_name: row for row in fees_of(version, doc.case_name or "", doc.channel)}
	lines = []
	for row in doc.fees:
		rule = asked.get(row.fee_name)
		if rule is None:
			frappe.throw(
				_(
					"Fee Lines: this procedure asks no “{0}” for this case and channel: remove the line."
				).format(row.fee_name),
				FeesRefused,
			)
		if row.fee_name in {line["fee_name"] for line in lines}:
			frappe.throw(_("Fee Lines: “{0}” is listed twice.").format(row.fee_name), FeesRefused)
		if flt(row.quantity) > 1 and not rule.per_unit:
			frappe.throw(
				_("Fee Lines: “{0}” is asked once, not by the piece.").format(row.fee_name), FeesRefused
			)
		fixed = flt(rule.amount)
		if not cint(rule.amount_unknown) and flt(row.rate) > fixed:
			frappe.throw(
				_("Fee Lines: “{0}” is {1} by the rules, not {2}.").format(
					row.fee_name, frappe.utils.fmt_money(fixed), frappe.utils.fmt_money(row.rate)
				),
				FeesRefused,
			)
		reduced = not cint(rule.amount_unknown) and not cint(rule.optional) and flt(row.amount) < fixed
		if reduced and (row.note or "").strip() in ("", (rule.note or "").strip()):
			frappe.throw(
				_("Fee Lines: “{0}” is {1} by the rules; note on what grounds less is asked.").format(
					row.fee_name, frappe.utils.fmt_money(fixed)
				),
				FeesRefused,
			)
		lines.append(_fee_line(row, flt(row.amount), cint(row.paid), row.note))
	given = {row.fee_name for row in doc.fees}
	for name, rule in asked.items() if not doc.parent_dossier else ():
		if (
			name not in given
			and flt(rule.amount)
			and not cint(rule.optional)
			and not cint(rule.amount_unknown)
		):
			lines.append(_fee_line(rule, flt(rule.amount), 0, None))
	return [line for line in lines if line["amount"] or flt(asked[line["fee_name"]].amount)]


def fees_of_another_case(version: str, case: str, channel: str, kept: Sequence[str]) -> list[dict[str, Any]]:
	"""The fee lines that a corrected case asks for: those it must have, and of the optional ones those taken before.

	:param kept: names of the lines taken before
	"""
	return [
		_fee_line(row, flt(row.amount), 0, None)
		for row in fees_of(version, case, channel)
		if flt(row.amount)
		and not cint(row.amount_unknown)
		and (not cint(row.optional) or row.fee_name in kept)
	]


def _fee_line(row, amount: float, paid: int, note: str | None) -> dict[str, Any]:
	return {"fee_name": row.fee_name, "kind": row.kind, "amount": amount, "paid": paid, "note": note or None}


def without_scan(doc) -> list[str]:
	"""Papers that were handed in but not scanned; what is only shown at the counter needs no scan."""
	shown = set()
	if doc.procedure_version:
		shown = {
			row.component_name
			for row in wanted_components(doc.procedure_version, doc.channel)
			if row.form in ("Present", "E-Form")
		}
	return [
		row.component_name
		for row in doc.components
		if cint(row.submitted)
		and not row.file
		and not row.reused_from
		and row.component_name not in shown
		and cint(row.required)
	]


# Promise of the reception


def promise_of(doc, moment: datetime, answers: Mapping[str, str]) -> Promise:
	"""Everything the reception of a dossier pins. Raises what its checks raise."""
	day = moment.date()
	version = version_in_force(doc.procedure, day)
	offer = check_offered(doc.procedure, doc.receiving_unit, day)
	_check_channel(version, doc.channel)
	_check_case(version, doc.case_name)
	_check_answers(version, doc, answers)
	_check_papers(version, doc)
	if doc.channel == "Post" and not handover_moment(doc.name):
		frappe.throw(
			_(
				"A dossier by post is received by the signed hand-over minutes that list it: enter them first."
			),
			HandoverMissing,
		)
	deciding = doc.deciding_unit or offer["deciding_unit"]
	if deciding not in deciders_of(doc.procedure, doc.receiving_unit, day):
		deciding = offer["deciding_unit"]
	return promise_at(
		version, doc.receiving_unit, deciding, doc.case_name or "", doc.channel, answers, moment
	)


def deciders_of(procedure: str, receiving_unit: str, day: date) -> list[str]:
	"""The units that may decide what a centre receives: by its own offer first, then by any other."""
	offers = offers_of(procedure, day)
	own = [offer["deciding_unit"] for offer in offers if offer["receiving_unit"] == receiving_unit]
	return list(dict.fromkeys([*own, *(offer["deciding_unit"] for offer in offers)]))


def promise_at(
	version: str,
	receiving_unit: str,
	deciding_unit: str,
	case: str,
	channel: str,
	answers: Mapping[str, str],
	moment: datetime,
) -> Promise:
	"""What a reception at a moment pins, all checks passed: version, units, due date, rules."""
	terms = terms_for(version, receiving_unit, deciding_unit, case, channel=channel, answers=answers)
	rules = working_time.rules_on(moment.date())
	calendars = calendars_of(terms, receiving_unit, moment.date(), moment.date(), working_time.calendar_for)
	due = plan(moment, terms, calendars, rules, channel, case, explain=False).due
	steps = applicable_steps(version, receiving_unit, deciding_unit, case, channel=channel, answers=answers)
	return Promise(
		facts={
			"version": version,
			"case": case,
			"channel": channel,
			"receiving_unit": receiving_unit,
			"deciding_unit": deciding_unit,
			"units": _units_of(steps),
			"claims": [step.step_key for step in steps if step.kind == "Reception"],
			"due": due.isoformat() if due else None,
			"rules": [
				[row.rule, row.value, row.effective_from.isoformat(), row.article] for row in rules.settings
			],
			"revision": working_time.revision_for(receiving_unit),
		},
		due=due,
	)


def _units_of(steps: Sequence[ApplicableStep]) -> dict[str, str]:
	return {step.step_key: step.unit for step in steps if step.unit}


def other_decider(
	procedure: str, case: Case, unit: str, answers: Mapping[str, str], day: date
) -> dict[str, Any]:
	"""Facts of handing a received dossier to another deciding unit. Raises NotOffered."""
	if unit == case.deciding_unit:
		frappe.throw(_("Unit: this unit decides the dossier already."), NotOffered)
	if unit not in deciders_of(procedure, case.receiving_unit, day):
		frappe.throw(_("Unit: {0} does not decide this procedure.").format(units.unit_name(unit)), NotOffered)
	promise = case.promise
	steps = applicable_steps(
		promise["version"],
		case.receiving_unit,
		unit,
		promise.get("case") or "",
		channel=promise.get("channel") or "",
		answers=answers,
	)
	return {"deciding_unit": unit, "from": case.deciding_unit, "units": _units_of(steps)}


def successors_of(now: Standing, receiving_unit: str, day: date) -> dict[str, Any]:
	"""Facts of leading a dossier on from units that have ended: ``{receiving_unit, deciding_unit, units, gone}``, each
	only where it changes; empty where all units still exist."""
	gone: dict[str, str] = {}

	def follow(unit: str | None) -> str | None:
		successor = units.successor_on(unit, day) if unit else None
		if successor and successor != unit:
			gone[unit] = successor
			return successor
		return None

	ahead = [
		step.key
		for step in (now.result.steps if now.result else ())
		if step.status in (StepStatus.WAITING, StepStatus.OPEN)
	]
	led = {key: new for key in ahead if (new := follow(now.case.units.get(key)))}
	facts = {"receiving_unit": follow(receiving_unit), "deciding_unit": follow(now.case.deciding_unit)}
	facts = {name: unit for name, unit in facts.items() if unit}
	if led:
		facts["units"] = led
	return {**facts, "gone": gone} if facts else {}


def handover_moment(dossier: str) -> datetime | None:
	"""When the hand-over minutes of a dossier by post were signed: its legal receipt (QĐ 45/2016 art. 7.4)."""
	minutes = frappe.get_all(
		"Postal Handover Item",
		filters={"dossier": dossier, "parenttype": "Postal Handover", "docstatus": 1, "complete": 1},
		pluck="parent",
	)
	signed = [frappe.db.get_value("Postal Handover", name, "signed_at") for name in minutes]
	return get_datetime(max(signed)).replace(microsecond=0) if signed else None


# Supplements


def supplement_items(doc, items: Sequence[Mapping[str, Any]] | str | None) -> list[dict[str, str]]:
	"""The papers a supplement asks for, checked: components of the dossier, or others with their legal basis
	(NĐ 61/2018 art. 5: nobody is asked for papers outside the rules).

	Raises SupplementOutsideProcedure; CommandRefused for a list that is none, or a line that names no paper.
	"""
	if isinstance(items, str):
		text = items.strip()
		if text.startswith("["):
			try:
				items = json.loads(text)
			except ValueError:
				frappe.throw(_("Items: the list of papers cannot be read."), CommandRefused)
		else:
			items = [{"component": line} for line in text.splitlines() if line.strip()]
	rows = list(items or [])
	if len(rows) > MOST_ITEMS or not all(isinstance(row, Mapping) for row in rows):
		frappe.throw(_("Items: at most {0} papers, each with its name.").format(MOST_ITEMS), CommandRefused)
	names = {row.component_name for row in doc.components}
	found = []
	for line, row in enumerate(rows, 1):
		name, note, basis = (cstr(row.get(key)).strip()[:500] for key in ("component", "note", "legal_basis"))
		if not name and not (note or basis):
			continue
		if not name:
			said = _("{0}: line {1} names no paper. Choose one, or empty the line.")
			frappe.throw(said.format(_("Papers to complete"), line), CommandRefused)
		if name not in names and not basis:
			frappe.throw(
				_(
					"“{0}” is not among the papers of this procedure: name the legal basis it is asked on."
				).format(name),
				SupplementOutsideProcedure,
			)
		found.append({"component": name, "note": note, "legal_basis": basis})
	return found


# Files and results


def papers_given(turn_document, papers: Sequence[Mapping[str, Any]] | str | None) -> list[dict[str, Any]]:
	"""Papers with their scans, checked: each names what it is and a file of the dossier.

	:param papers: ``[{component, file}]``, a list or its JSON
	:returns: ``[{component, row, file, sha256}]``; `row` is the line of the dossier without a scan yet, None for a
		new line
	Raises CommandRefused for a list that is none, or a file that is not the dossier's.
	"""
	if isinstance(papers, str):
		try:
			papers = json.loads(papers or "[]")
		except ValueError:
			frappe.throw(_("Papers: the list of papers cannot be read."), CommandRefused)
	if not isinstance(papers, Sequence | None):
		frappe.throw(_("Papers: the list of papers cannot be read."), CommandRefused)
	rows = [row for row in papers or [] if isinstance(row, Mapping) and row.get("file")]
	if len(rows) > MOST_ITEMS:
		frappe.throw(_("Papers: at most {0} at once.").format(MOST_ITEMS), CommandRefused)
	free = {}
	for line in turn_document.components:
		if not line.file:
			free.setdefault(line.component_name, []).append(line.name)
	found = []
	for row in rows:
		name = cstr(row.get("component")).strip()[:500]
		if not name:
			frappe.throw(_("Papers: say for each file which paper it is."), CommandRefused)
		url = own_file(cstr(row["file"]), turn_document.name)
		line = free[name].pop(0) if free.get(name) else None
		found.append({"component": name, "row": line, "file": url, "sha256": sha256_of(url)})
	return found


def contents_of(dossier: str) -> list:
	"""What a dossier holds, for its digest: papers with the digests of their scans, answers, fee lines."""
	papers = frappe.get_all(
		"Dossier Component",
		filters={"parent": dossier, "parenttype": "Dossier"},
		fields=["component_name", "submitted", "sha256", "missing_reason"],
		limit=0,
	)
	answers = frappe.get_all(
		"Dossier Answer",
		filters={"parent": dossier, "parenttype": "Dossier"},
		fields=["fieldname", "value"],
		limit=0,
	)
	return [
		sorted(
			[row.component_name or "", cint(row.submitted), row.sha256 or "", row.missing_reason or ""]
			for row in papers
		),
		sorted([row.fieldname or "", cstr(row.value)] for row in answers),
	]


def own_file(url: str | None, dossier: str) -> str | None:
	"""A private file of the dossier, or one this user has just uploaded, which then becomes the dossier's.

	Raises CommandRefused for any other address: nobody reaches for somebody else's file by naming it.
	"""
	url = (url or "").strip()
	if not url:
		return None
	rows = frappe.get_all(
		"File",
		filters={"file_url": url, "is_private": 1},
		fields=["name", "owner", "attached_to_doctype", "attached_to_name"],
		limit=50,
	)
	for row in rows:
		if row.attached_to_doctype == "Dossier" and row.attached_to_name == dossier:
			return url
	for row in rows:
		if row.owner == frappe.session.user and not row.attached_to_name:
			frappe.db.set_value(
				"File", row.name, {"attached_to_doctype": "Dossier", "attached_to_name": dossier}
			)
			return url
	frappe.throw(_("File: upload the file with this dossier, privately."), CommandRefused)


def sha256_of(url: str | None) -> str | None:
	"""SHA-256 of a stored file, in hexadecimal."""
	if not url:
		return None
	content = frappe.get_doc("File", {"file_url": url}).get_content()
	return hashlib.sha256(content.encode() if isinstance(content, str) else content).hexdigest()


def result_name(version: str | None, procedure_name: str | None, refused: bool) -> str:
	"""What the result is called: the first result of the version, or the refusal."""
	if refused:
		return _("Written refusal")
	results = frappe.get_cached_doc("Procedure Version", version).results if version else []
	return (results[0].result_name if results else procedure_name or _("Result"))[:140]


# Corrections


def correction_of(doc, case: Case, now: Standing, facts: Mapping[str, Any]) -> Correction:
	"""What a correction changes. Raises CommandRefused for facts that cannot be corrected (any more)."""
	unknown = sorted(set(facts) - set(CORRECTABLE) - set(OF_THE_PROMISE))
	if unknown:
		frappe.throw(_("These facts cannot be corrected: {0}.").format(", ".join(unknown)), CommandRefused)
	given = {name: facts[name] for name in CORRECTABLE if name in facts}
	_check_values(given)
	given = {name: _typed(name, value) for name, value in given.items()}
	after = {name: value for name, value in given.items() if value != _typed(name, doc.get(name))}
	promise, steps = {}, {}
	wanted = cstr(facts["case_name"]) if "case_name" in facts else None
	if wanted is not None and wanted != (doc.case_name or ""):
		worked = [
			step
			for step in (now.result.steps if now.result else ())
			if step.status is not StepStatus.WAITING and step.completed
		]
		if worked:
			frappe.throw(
				_("Work on the dossier has begun: its case cannot be corrected any more."), CommandRefused
			)
		promise = _corrected_promise(doc, case, wanted)
	if not after and not promise:
		frappe.throw(_("Nothing is corrected: change at least one fact."), CommandRefused)
	if "applicant_name" in after and not cstr(after["applicant_name"]).strip():
		frappe.throw(_("Applicant Name: it cannot be blank."), CommandRefused)
	for raw, mask in (("applicant_id_number", "id_number_masked"), ("applicant_phone", "phone_masked")):
		if raw in after:
			from one_stop.permissions import masked

			after[mask] = masked(after[raw])
	if "applicant_name" in after:
		steps["applicant_name"] = after["applicant_name"]
	before = {name: cstr(doc.get(name)) for name in after}
	return Correction(promise, before, after, steps)


def _check_values(after: Mapping[str, Any]) -> None:
	"""Raise CommandRefused for a value that the form of a dossier would not take."""
	meta = frappe.get_meta("Dossier")
	for name, value in after.items():
		df, text = meta.get_field(name), cstr(value)
		choices = (df.options or "").split("\n") if df.fieldtype == "Select" else None
		wrong = (
			not isinstance(value, str | int | float | date | None)
			or (choices is not None and text not in choices)
			or (df.fieldtype == "Int" and not text.isdigit())
			or (df.fieldtype == "Date" and text and not _is_date(text))
			or len(text) > (140 if df.fieldtype == "Data" else 1000)
		)
		if wrong:
			frappe.throw(_("{0}: this value is not taken.").format(_(df.label)), CommandRefused)


def _is_date(text: str) -> bool:
	try:
		return date.fromisoformat(text[:10]) <= getdate()
	except ValueError:
		return False


def _typed(name: str, value: Any) -> Any:
	"""A value as the field of the dossier holds it: a date, a number, or text; nothing is None."""
	kind = frappe.get_meta("Dossier").get_field(name).fieldtype
	if kind == "Int":
		return cint(value)
	if kind == "Date":
		return getdate(value) if value else None
	return cstr(value).strip() or None


def _corrected_promise(doc, case: Case, wanted: str) -> dict[str, Any]:
	"""The promise counted anew, from the same receipt, for another case of the same version."""
	version = case.promise["version"]
	_check_case(version, wanted)
	answers = {row.fieldname: row.value for row in doc.answers}
	promise = promise_at(
		version,
		case.receiving_unit,
		case.deciding_unit,
		wanted,
		case.promise["channel"],
		answers,
		case.received_at,
	)
	return {name: promise.facts[name] for name in ("case", "units", "due", "revision")}
