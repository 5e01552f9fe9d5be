"""What an evaluation has counted, one by one: the dossiers, petitions, procedures behind a line or a cell of the sheet.

The names come from the same facts as the points. They are read anew: of an evaluation that was published some time
ago a list may have changed since, where the ledger has.
"""

from collections.abc import Callable
from typing import Any

import frappe
from frappe import _
from frappe.utils import getdate

from one_stop.filters import among
from one_stop.organization import units
from one_stop.quality import access, awards, entered_figures, measures, progress
from one_stop.quality.exceptions import NothingCounted
from one_stop.quality.measures import Facts, Period
from one_stop.reporting import figures, managerial

DOSSIER, PETITION, PROCEDURE = "Dossier", "Petition", "Administrative Procedure"
VERSION, CHECK = "Procedure Version", "Publication Check"
Names = list[tuple[str, str]]


def _all(doctype: str, names: Any) -> Names:
	return [(doctype, name) for name in names]


def _received(facts: Facts, **more: int) -> Names:
	"""Dossiers received in the period, all or those with a flag of the daily facts."""
	filters = {
		"deciding_unit": among(facts.scope),
		"received_on": ("between", [facts.period.first, min(facts.period.last, getdate())]),
		**more,
	}
	return _all(DOSSIER, frappe.get_all("Dossier Fact", filters, pluck="name", limit=0))


def _without(names: list[str], left_out: list[str]) -> list[str]:
	out = frozenset(left_out)
	return [name for name in names if name not in out]


def _attitude(facts: Facts) -> Names:
	timed = [one.name for one in facts.decided if one.timing or facts.complaints.get(one.name)]
	return _all(DOSSIER, timed) + _all(PETITION, facts.upheld_by_themselves)


def _procedures(facts: Facts, which: Callable[[Any], Any] = bool) -> Names:
	return _all(PROCEDURE, (row.name for row in facts.procedures if which(row)))


COUNTED: dict[str, Callable[[Facts], Names]] = {
	"art13_1": lambda facts: _all(DOSSIER, (one.name for one in facts.decided if one.timing)),
	"art13_2": lambda facts: _all(DOSSIER, (one.name for one in facts.dossiers if one.own)),
	"art13_3": lambda facts: _all(DOSSIER, (one.name for one in facts.decided)),
	"art13_5": lambda facts: _procedures(facts, lambda row: not row.exempt),
	"art13_6": lambda facts: _all(CHECK, (row.name for row in measures.checks(facts))),
	"art13_7": _attitude,
	"art13_8": lambda facts: _all(PETITION, (row.name for row in facts.petitions)),
	"art13_9": lambda facts: _received(facts, linked=0),
	"qd766_1_1": lambda facts: _all(VERSION, (row.name for row in measures.announced(facts))),
	"qd766_1_2": lambda facts: _all(
		PROCEDURE, sorted({row.procedure for row in measures.announced(facts) if row.published_on})
	),
	"qd766_1_3": _procedures,
	"qd766_2_1": lambda facts: _all(
		DOSSIER, progress.of_period(facts.scope, facts.period.begins, facts.period.ends)[0]
	),
	"qd766_3_1": _procedures,
	"qd766_3_2": lambda facts: _procedures(facts, measures.offered_online),
	"qd766_3_3": _received,
	"qd766_3_5": lambda facts: _procedures(
		facts, lambda row: row.version and row.version.name in measures.with_fee(facts)
	),
	"qd766_3_6": lambda facts: _received(facts, fee_bearing=1),
	"qd766_4_1": lambda facts: _received(facts, gives_document=1),
	"qd766_4_2": _received,
	"qd766_4_3": _received,
	"qd766_5_2": lambda facts: _all(PETITION, (row.name for row in facts.petitions)),
	"qd766_5_3": lambda facts: _all(PETITION, (row.name for row in facts.petitions)),
	"qd766_5_4": lambda facts: _all(DOSSIER, (one.name for one in facts.decided if one.timing)),
}
OF_SHEET: dict[str, Callable[[Facts], Names]] = {
	"handled": lambda facts: _all(DOSSIER, facts.decided_names),
	"on_time": lambda facts: _all(DOSSIER, _without(facts.decided_names, facts.late)),
	"late_without_apology": lambda facts: _all(DOSSIER, awards.late_without_apology(facts)),
	"upheld_complaints": lambda facts: _all(PETITION, facts.upheld),
}


def listable(rule_set: str) -> list[str]:
	"""The indicators of a rule set behind which stands what can be listed; ratings never are (art. 27.3)."""
	return [
		row.indicator_key
		for row in frappe.get_cached_doc("Evaluation Rule Set", rule_set).indicators
		if row.measure in COUNTED and row.source != "Ratings"
	]


def of_line(doc: Any, indicator_key: str) -> Names:
	"""What a line of an evaluation has counted. The caller has checked that the evaluation may be read.

	:raises NothingCounted: ratings, which nobody sees one by one, and figures entered or counted elsewhere
	"""
	rules = frappe.get_cached_doc("Evaluation Rule Set", doc.rule_set)
	row = next((row for row in rules.indicators if row.indicator_key == indicator_key), None)
	facts = Facts(
		Period(getdate(doc.first_day), getdate(doc.last_day)),
		units.answering(doc.unit, getdate(doc.last_day)),
		officer=doc.get("officer"),
		unit=doc.unit,
	)
	listing = COUNTED.get(row.measure) if row and indicator_key in listable(doc.rule_set) else None
	entered = row and entered_figures.counted(
		row.measure, facts.unit, facts.scope, facts.period.first, facts.period.last
	)
	if not listing or entered:
		frappe.throw(_("Nothing this system keeps one by one stands behind this figure."), NothingCounted)
	return listing(facts)


def of_sheet(year: int, fact: str, user: str, unit: str | None, officer: str | None) -> Names:
	"""What a cell of the year-end sheet has counted, of the units a user may see.

	:raises NothingCounted: there is no such fact
	:raises frappe.PermissionError: the officer or unit is none of the user's
	"""
	if fact not in OF_SHEET:
		frappe.throw(_("Nothing this system keeps one by one stands behind this figure."), NothingCounted)
	period, scope = awards.year_of(year), figures.scope_of(user)
	home = awards.officers_of(period, scope).get(officer) if officer else unit
	if access.sees_own_only(user) or not home or (scope is not None and home not in scope):
		raise frappe.PermissionError
	return OF_SHEET[fact](
		Facts(period, units.answering(home, period.last), officer=officer or None, unit=home)
	)


def rows(names: Names) -> list[dict[str, Any]]:
	"""What a list shows of documents. Whoever may read no petitions sees which there are, and not what they say."""
	by_type: dict[str, list[str]] = {}
	for doctype, name in names:
		by_type.setdefault(doctype, []).append(name)
	return [
		{"reference_type": doctype, "reference": name, **values}
		for doctype, own in by_type.items()
		for name, values in ROWS[doctype](own)
	]


def _dossiers(names: list[str]) -> list[tuple[str, dict]]:
	return [
		(
			row.name,
			{
				"code": row.code,
				"title": row.procedure_name,
				"unit_name": row.deciding_unit_name,
				"begun": row.received_at,
				"due": row.due_at,
				"ended": row.ended_at,
				"outcome": row.outcome_text,
			},
		)
		for row in managerial.dossiers(names)
	]


def _petitions(names: list[str]) -> list[tuple[str, dict]]:
	fields = ["name", "code", "subject", "unit", "received_at", "resolve_by", "answered_at", "finding"]
	may_read = frappe.has_permission("Petition", "read")
	return [
		(
			row.name,
			{
				"code": row.code,
				"title": row.subject if may_read else "",
				"unit_name": units.unit_name(row.unit),
				"begun": row.received_at,
				"due": row.resolve_by,
				"ended": row.answered_at,
				"outcome": _(row.finding or ""),
			},
		)
		for row in frappe.get_all("Petition", {"name": ("in", names)}, fields, limit=0)
	]


def _of_procedures(names: list[str]) -> list[tuple[str, dict]]:
	found = frappe.get_all(PROCEDURE, {"name": ("in", names)}, ["name", "procedure_name"], limit=0)
	return [(row.name, {"code": row.name, "title": row.procedure_name}) for row in found]


def _versions(names: list[str]) -> list[tuple[str, dict]]:
	fields = ["name", "procedure", "decision_date", "effective_from", "published_on"]
	return [
		(
			row.name,
			{
				"code": row.procedure,
				"title": frappe.get_cached_value(PROCEDURE, row.procedure, "procedure_name"),
				"begun": row.decision_date,
				"due": row.effective_from,
				"ended": row.published_on,
			},
		)
		for row in frappe.get_all(VERSION, {"name": ("in", names)}, fields, limit=0)
	]


def _checks(names: list[str]) -> list[tuple[str, dict]]:
	found = frappe.get_all(CHECK, {"name": ("in", names)}, ["name", "unit", "checked_on"], limit=0)
	return [
		(row.name, {"unit_name": units.unit_name(row.unit), "ended": row.checked_on, "code": row.name})
		for row in found
	]


ROWS = {
	DOSSIER: _dossiers,
	PETITION: _petitions,
	PROCEDURE: _of_procedures,
	VERSION: _versions,
	CHECK: _checks,
}
