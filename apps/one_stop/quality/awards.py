"""The year-end sheet, and proposals of awards, replacement and discipline: reasons from facts, decisions by people."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import frappe
import pymysql
from frappe import _
from frappe.utils import cint, flt, getdate, now_datetime

from one_stop.filters import among
from one_stop.isolation import RECORD_CHANGED, read_committed
from one_stop.organization import units
from one_stop.quality import award_rules, measures, ratings, rule_sets, scoring
from one_stop.quality.award_rules import Condition
from one_stop.quality.evaluations import postings_of
from one_stop.quality.exceptions import (
	AwardRuleNotInForce,
	NotACouncilMember,
	OwnAward,
	PlaceJustTaken,
	VotedAlready,
	VotingClosed,
)
from one_stop.quality.measures import Facts, Period
from one_stop.reporting import figures, managerial, targets, years
from one_stop.reporting.exceptions import ReportRefused

SEED = Path(__file__).parent / "seed" / "award_rules.json"
VOTES = {"For": "votes_for", "Against": "votes_against", "Abstain": "abstentions"}
# The list a cell of the sheet opens, and which fact it asks for there; the others are counted from no list.
LIST = "Counted in an Evaluation"
OPENS = {
	"on_time_percent": "on_time",
	"late_without_apology": "late_without_apology",
	"upheld_complaints": "upheld_complaints",
	"workload": "handled",
	"workload_per_month": "handled",
}
# An officer takes up to half a second to count beside two million dossiers, and a server answers within two minutes.
MOST_ON_SCREEN = 200
EACH_AGENCY = "Each Agency"
# The states of a proposal that holds a place.
ON_THE_WAY = ("Proposed", "Submitted", "Voted", "Approved")
FACT_LABELS = {
	"score": "Score of the Year",
	"scored": "Indicators Scored",
	"grade": "Class",
	"qd766_score": "Score under QĐ 766",
	"on_time_percent": "On Time (%)",
	"late_without_apology": "Late without Apology",
	"upheld_complaints": "Upheld Complaints",
	"satisfaction": "Satisfaction (%)",
	"workload": "Weighted Workload",
	"workload_per_month": "Weighted Workload per Month Served",
	"targets_met_percent": "Targets Met (%)",
	"months_served": "Months Served",
}
COUNTS = frozenset({"scored", "late_without_apology", "upheld_complaints"})
OF_OFFICERS = (
	"score",
	"scored",
	"grade",
	"on_time_percent",
	"late_without_apology",
	"upheld_complaints",
	"satisfaction",
	"workload",
	"workload_per_month",
	"months_served",
)
OF_UNITS = (
	"score",
	"scored",
	"grade",
	"qd766_score",
	"on_time_percent",
	"late_without_apology",
	"upheld_complaints",
	"satisfaction",
	"workload",
	"targets_met_percent",
)


def year_of(year: int) -> Period:
	""":raises ReportRefused: names the year, where there is none"""
	year = years.checked(year)
	return Period(date(year, 1, 1), date(year, 12, 31))


def sheet(year: int, subject: str, scope: figures.Scope) -> list[dict[str, Any]]:
	"""One row an officer or unit of the scope, with what their awards are decided on, rounded to be read."""
	return [_shown(row) for row in _rows(year, subject, scope)]


def _shown(row: dict[str, Any]) -> dict[str, Any]:
	return {
		key: (float(value) if key == "workload" else figures.shown(value))
		if isinstance(value, Decimal)
		else value
		for key, value in row.items()
	}


def _rows(year: int, subject: str, scope: figures.Scope) -> list[dict[str, Any]]:
	"""The same as it is held against conditions, not rounded."""
	period = year_of(year)
	weights = managerial.difficulty()
	if subject == "Unit":
		rows = [
			{
				"unit": unit,
				"unit_name": units.unit_name(unit),
				"opens": {"report": LIST, "year": year, "unit": unit},
				**facts_of_unit(unit, period, weights),
			}
			for unit in units.TREE.get()
			if (scope is None or unit in scope) and units.get(unit).exists_on(period.last)
		]
		return [row for row in rows if row["score"] is not None or row["workload"]]
	rows = []
	officers = officers_of(period, scope)
	_check_room(len(officers))
	for officer, home in officers.items():
		row = facts_of_officer(officer, home, period, weights)
		name = frappe.get_cached_value("User", officer, "full_name")
		rows.append(
			{
				"officer": officer,
				"officer_name": name,
				"unit": home,
				"unit_name": units.unit_name(home),
				"opens": {"report": LIST, "year": year, "officer": officer},
				**row,
			}
		)
	return sorted(rows, key=lambda row: (row["unit_name"], row["officer_name"] or ""))


def _check_room(number: int) -> None:
	""":raises ReportRefused: somebody waits at a screen, and so many officers take longer than they can wait"""
	if getattr(frappe.local, "request", None) and number > MOST_ON_SCREEN:
		message = _(
			"Unit: choose one with at most {0} officers; these are {1}, whose year takes minutes to count. The rules"
			" propose among all of them, in the background."
		)
		frappe.throw(message.format(MOST_ON_SCREEN, number), ReportRefused)


def sheet_columns(subject: str) -> list[dict[str, Any]]:
	named = [
		{
			"fieldname": "officer_name",
			"label": _("Officer"),
			"fieldtype": "Data",
			"align": "left",
			"width": 180,
		}
	]
	columns = named if subject == "Officer" else []
	columns.append(
		{"fieldname": "unit_name", "label": _("Unit"), "fieldtype": "Data", "align": "left", "width": 240}
	)
	columns.append(
		{
			"fieldname": "handled",
			"label": _("Dossiers Handled"),
			"fieldtype": "Int",
			"width": 130,
			"opens": {"fact": "handled"},
		}
	)
	for key in OF_OFFICERS if subject == "Officer" else OF_UNITS:
		kind = "Data" if key == "grade" else "Int" if key in COUNTS else "Float"
		# A score shown shorter than it is would seem to reach a class it does not reach.
		digits = 2 if key in ("score", "qd766_score") else 1
		columns.append(
			{
				"fieldname": key,
				"label": _(FACT_LABELS[key]),
				"fieldtype": kind,
				"precision": digits,
				"width": 130,
			}
		)
	return columns


def officers_of(period: Period, scope: figures.Scope) -> dict[str, str]:
	"""Everybody who served in the period, with the unit where they served longest, within a scope."""
	found = {}
	for user in units.MEMBERS.get().served:
		home = home_of(user, period)
		if home and (scope is None or home in scope):
			found[user] = home
	return found


def home_of(user: str, period: Period) -> str | None:
	"""The unit where somebody served longest in a period."""
	return scoring.home_unit(shares_of(user, period))


def shares_of(user: str, period: Period) -> dict[str, Decimal]:
	return scoring.shares_of_period(postings_of(user), period.first, _so_far(period))


def _so_far(period: Period) -> date:
	"""The last day of a period that has come."""
	return min(period.last, max(period.first, getdate()))


def facts_of_officer(officer: str, home: str, period: Period, weights: dict[str, Decimal]) -> dict[str, Any]:
	"""What is known of an officer's year, not rounded. None means: nothing to say."""
	facts = Facts(period, units.answering(home, period.last), officer=officer, unit=home)
	served = scoring.months_served(postings_of(officer), period.first, _so_far(period))
	own = _evaluation("Officer Evaluation", {"officer": officer}, rule_sets.OFFICERS, period)
	found = ratings.tally(measures.OVERALL, facts.scope, period.first, period.last)
	handled = _of_dossiers(facts, weights)
	return {
		**own,
		**handled,
		"workload_per_month": handled["workload"] / served if served else None,
		"satisfaction": figures.exact(found.content, found.count) if found else None,
		"months_served": served,
	}


def facts_of_unit(unit: str, period: Period, weights: dict[str, Decimal]) -> dict[str, Any]:
	"""What is known of a unit's year, not rounded."""
	facts = Facts(period, units.answering(unit, period.last), unit=unit)
	index = _evaluation("Unit Evaluation", {"unit": unit}, rule_sets.SERVICE_INDEX, period)
	found = ratings.tally(measures.OVERALL, facts.scope, period.first, period.last)
	own = [
		targets.progress(target, min(period.last, getdate()))
		for target in frappe.get_all("Service Target", {"year": period.first.year, "unit": unit}, ["*"])
	]
	known = [state for state in own if state.so_far is not None]
	return {
		**_evaluation("Unit Evaluation", {"unit": unit}, rule_sets.AGENCIES, period),
		"qd766_score": index["score"],
		**_of_dossiers(facts, weights),
		"satisfaction": figures.exact(found.content, found.count) if found else None,
		"targets_met_percent": figures.exact(
			sum(state.so_far >= state.target for state in known), len(known)
		),
	}


def late_without_apology(facts: Facts) -> list[str]:
	"""Names of the dossiers handled late for which nobody was asked to wait longer."""
	apologised: set[str] = set()
	for start in range(0, len(facts.late), 1000):
		own = {"name": ("in", facts.late[start : start + 1000]), "extension_count": (">", 0)}
		apologised.update(frappe.get_all("Dossier", own, pluck="name", limit=0))
	return [name for name in facts.late if name not in apologised]


def _of_dossiers(facts: Facts, weights: dict[str, Decimal]) -> dict[str, Any]:
	handled = sum(facts.handled_by_procedure.values())
	return {
		"handled": handled,
		"on_time_percent": figures.exact(handled - len(facts.late), handled),
		"late_without_apology": len(late_without_apology(facts)),
		"upheld_complaints": len(facts.upheld),
		"workload": scoring.weighted_workload(facts.handled_by_procedure, weights),
	}


def _evaluation(doctype: str, identity: dict, scheme: str, period: Period) -> dict[str, Any]:
	"""The year's evaluation as it was verified (thẩm định) or published (công bố): what somebody gave themselves
	is no ground for an award (TT 01/2018 art. 14.3, 15.4; NĐ 61/2018 art. 32.2).

	Without one of the year: the mean of the quarters verified or published so far, rounded half up as the scheme
	rounds, and its class under the rule set of the last of them.
	"""
	filters = {
		**identity,
		"scheme": scheme,
		"year": period.first.year,
		"has_score": 1,
		"status": ("in", ("Verified", "Published")),
	}
	fields = ["verified_score", "verified_grade", "scored_text", "rule_set"]
	for yearly in frappe.get_all(doctype, {**filters, "period": "Year"}, fields, limit=1):
		return {
			"score": yearly.verified_score,
			"scored": _indicators_scored(yearly),
			"grade": _(yearly.verified_grade or ""),
		}
	quarters = frappe.get_all(
		doctype, {**filters, "period": "Quarter"}, fields, order_by="number desc", limit=0
	)
	if not quarters:
		return {"score": None, "scored": None, "grade": None}
	mean = sum(Decimal(str(row.verified_score)) for row in quarters) / len(quarters)
	score = scoring.round_half_up(mean, rule_sets.STEPS[scheme])
	bands = rule_sets.bands(frappe.get_cached_doc("Evaluation Rule Set", quarters[0].rule_set))
	return {
		"score": float(score),
		"scored": min(map(_indicators_scored, quarters)),
		"grade": _(scoring.class_of(score, bands) or ""),
	}


def _indicators_scored(evaluation: Any) -> int:
	return int(evaluation.scored_text.split(" ")[0])


def conditions(rule: Any) -> list[Condition]:
	return [Condition(row.fact, row.comparison, Decimal(str(row.value))) for row in rule.conditions]


def facts_for(rule: Any, year: int, unit: str, officer: str | None) -> dict[str, Decimal | None]:
	"""The facts a rule's conditions are held against."""
	weights = managerial.difficulty()
	period = year_of(year)
	row = (
		facts_of_officer(officer, unit, period, weights)
		if rule.subject == "Officer"
		else facts_of_unit(unit, period, weights)
	)
	return as_numbers(row)


def as_numbers(row: dict[str, Any]) -> dict[str, Decimal | None]:
	return {
		key: None if row.get(key) is None else Decimal(str(row[key])) for key in FACT_LABELS if key != "grade"
	}


def reason_rows(found: list[award_rules.Reason]) -> list[dict[str, Any]]:
	"""Reasons as they stand on a proposal and its submission list: in Vietnamese, whoever had the rules propose."""
	return [
		{
			"fact": _(FACT_LABELS[reason.condition.fact], "vi"),
			"found": _("no data", "vi") if reason.found is None else _told(reason),
			"required": f"{_(reason.condition.comparison, 'vi')} {flt(reason.condition.value, 2):g}",
			"met": int(reason.met),
		}
		for reason in found
	]


def _told(reason: award_rules.Reason) -> str:
	"""What was found with two decimals, or as many more as show on which side of its condition it lies."""
	digits = 2
	while digits < 6 and replace(reason, found=round(reason.found, digits)).met != reason.met:
		digits += 1
	return f"{reason.found:.{digits}f}".rstrip("0").rstrip(".")


def propose(rule_name: str, year: int, scope: figures.Scope) -> list[str]:
	"""Propose an award for everybody of a scope who meets its conditions, best scores first, within the quota.

	Only proposals are made: each waits for its unit. Returns their names; people proposed already are left out.
	A quota is the province's, in whichever units it is filled, or one of each agency's, as the rule says.

	:raises AwardRuleNotInForce:
	"""
	rule = frappe.get_doc("Award Rule", rule_name)
	check_in_force(rule, year)
	rows = _rows(year, rule.subject, scope)
	wanted = conditions(rule)
	fitting = [row for row in rows if award_rules.eligible(award_rules.reasons(wanted, as_numbers(row)))]
	fitting.sort(
		key=lambda row: (-(row["score"] or 0), -row["workload"], row["unit_name"], row.get("officer") or "")
	)
	free: dict[str | None, int | None] = {}
	made = []
	for row in fitting:
		agency = agency_of_quota(rule, row["unit"], year)
		if agency not in free:
			limit = places_of(rule, year, agency)
			free[agency] = None if limit is None else limit - places_taken(rule.name, year, agency)
		left = free[agency]
		key = {"rule": rule.name, "year": year, "unit": row["unit"], "officer": row.get("officer")}
		if (left is not None and left <= 0) or proposed(**key):
			continue
		made.append(
			frappe.get_doc({"doctype": "Award Proposal", **key, "proposed_by": "System"}).insert().name
		)
		free[agency] = left if left is None else left - 1
	return made


def proposed(rule: str, year: int, unit: str, officer: str | None, but: str = "") -> bool:
	"""Whether somebody, wherever they serve, or a unit has been proposed for an award of a year already."""
	whom = {"officer": officer} if officer else {"unit": unit, "officer": ("is", "not set")}
	filters = {"rule": rule, "year": year, **whom, "name": ("!=", but)}
	return bool(frappe.db.exists("Award Proposal", filters))


def propose_and_tell(rule_name: str, year: int, user: str) -> None:
	"""Propose within a user's units, as a job, and tell them how many proposals there are now, and which was the first."""
	# It takes minutes: places that others take meanwhile are counted.
	with read_committed("isolation_before_proposals"):
		if not frappe.flags.in_test:
			frappe.db.commit()
		made = propose(rule_name, year, figures.scope_of(user))
	facts = {"rule": rule_name, "number": len(made), "first": made[0] if made else None}
	frappe.publish_realtime("award_proposals_made", facts, user=user, after_commit=True)


def check_in_force(rule: Any, year: int) -> None:
	"""Awards of a year are made by the rules in force at its end. :raises AwardRuleNotInForce:"""
	end = year_of(year).last
	begins, ends = rule.effective_from, rule.effective_to
	if not rule.enabled or getdate(begins) > end or (ends and getdate(ends) < end):
		frappe.throw(
			_(
				"{0} is not in force at the end of {1}: choose another award rule, or have this one put in force."
			).format(rule.title, year),
			AwardRuleNotInForce,
		)


def agency_of_quota(rule: Any, unit: str, year: int) -> str | None:
	"""The agency among whose people or units a quota is counted; None where it is the whole province.

	What was merged into another agency in the year has its places there, not places of its own besides.
	"""
	if rule.quota_of != EACH_AGENCY:
		return None
	return units.agency_of(units.heir(unit, _so_far(year_of(year))))


def places_of(rule: Any, year: int, agency: str | None = None) -> int | None:
	"""How many may get an award in a year, in the whole province or in an agency; None for no limit."""
	people = people_in_question(rule.subject, year, agency) if rule.quota_kind == "Percent" else 0
	return award_rules.places(rule.quota_kind, Decimal(str(rule.quota or 0)), people)


def take_turn(rule: str) -> None:
	"""Have a rule's places to oneself until the transaction ends: two at once would each find the last one free.

	Places are counted as they were when the transaction began to read. Each turn leaves a mark on the rule: whose
	transaction does not see the mark of the last one would not count its place either.

	:raises PlaceJustTaken:
	"""
	try:
		last = frappe.db.get_value("Award Rule", rule, "quota_turn", for_update=True)
		missed = last != frappe.db.get_value("Award Rule", rule, "quota_turn")
	except pymysql.err.OperationalError as error:
		if error.args[:1] != (RECORD_CHANGED,):
			raise
		missed = True
	if missed:
		message = _("Somebody has just taken a place of {0}: do this once more.")
		frappe.throw(message.format(_(rule)), PlaceJustTaken)
	frappe.db.set_value("Award Rule", rule, "quota_turn", cint(last) + 1, update_modified=False)


def places_taken(
	rule: str, year: int, agency: str | None = None, state: str = "Proposed", but: str = ""
) -> int:
	"""How many proposals of the whole province, or of an agency, have come to a state, or further without being
	rejected."""
	reached = ON_THE_WAY[ON_THE_WAY.index(state) :]
	counted = {"rule": rule, "year": year, "status": ("in", reached), "name": ("!=", but)}
	if agency:
		counted["unit"] = among(_of_agency(agency, year))
	return frappe.db.count("Award Proposal", counted)


def people_in_question(subject: str, year: int, agency: str | None = None) -> int:
	"""Of how many officers or units a quota in per cent is taken."""
	period = year_of(year)
	scope = _of_agency(agency, year) if agency else None
	if subject == "Officer":
		return len(officers_of(period, scope))
	day = _so_far(period)
	return sum(one.exists_on(day) for name, one in units.TREE.get().items() if scope is None or name in scope)


def _of_agency(agency: str, year: int) -> frozenset[str]:
	return units.answering(agency, _so_far(year_of(year)))


def vote(proposal: str, choice: str, reason: str = "", user: str | None = None) -> dict[str, int]:
	"""A council member's vote on a submitted proposal, once.

	:raises VotingClosed: NotACouncilMember: OwnAward: VotedAlready:
	"""
	user = user or frappe.session.user
	doc = frappe.get_doc("Award Proposal", proposal, for_update=True)
	if doc.status != "Submitted":
		frappe.throw(_("Votes are given on submitted proposals only."), VotingClosed)
	if doc.officer == user:
		frappe.throw(_("Nobody votes on their own award."), OwnAward)
	if choice not in VOTES or not any(row.member == user for row in doc.voters):
		frappe.throw(_("Only members of the council vote on this proposal."), NotACouncilMember)
	if any(row.member == user for row in doc.votes):
		frappe.throw(_("You have voted on this proposal already."), VotedAlready)
	doc.append("votes", {"member": user, "vote": choice, "reason": reason, "voted_at": now_datetime()})
	doc.flags.by_voting = True
	# A member need not have write permission on proposals: membership was checked above.
	doc.save(ignore_permissions=True)
	return {column: doc.get(column) for column in VOTES.values()}


def seed() -> None:
	"""Bring examples of award rules where there is no rule yet (after_migrate); people change them afterwards."""
	if frappe.db.count("Award Rule"):
		return
	for values in json.loads(SEED.read_text(encoding="utf-8")):
		# after_migrate only, as Administrator and without a request.
		frappe.get_doc({"doctype": "Award Rule", **values}).insert(ignore_permissions=True)
