"""Awards on a site: eligibility with reasons, quotas, votes, decisions, appeals, and the whole way of a quarter."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from unittest.mock import patch

import frappe
import pytest
import small_province as province
from frappe import _
from frappe.model.workflow import apply_workflow
from frappe.utils import getdate
from openpyxl import load_workbook

from one_stop.api import evaluations as api_evaluations
from one_stop.dossiers import print_forms
from one_stop.organization import units
from one_stop.quality import award_print, awards, evaluations, ratings, rule_sets, scoring
from one_stop.quality.exceptions import (
	AppealRefused,
	AwardRefused,
	AwardRuleNotInForce,
	NotACouncilMember,
	NotEligible,
	OwnAward,
	ProposalFrozen,
	ProposedTwice,
	QuotaUsedUp,
	VotedAlready,
	VotesMissing,
	VotingClosed,
)
from one_stop.quality.measures import Facts, Period
from one_stop.reporting import daily_facts, form06, printed, statutory
from one_stop.reporting.exceptions import ReportRefused

OFFICER, OTHER = province.email("officer.a"), province.email("officer.b")


@pytest.fixture
def small(site):
	with province.standing():
		yield province


def rule(**values):
	facts = {
		"doctype": "Award Rule",
		"title": "Giấy khen thử",
		"kind": "Commendation",
		"subject": "Officer",
		"effective_from": "2020-01-01",
		"quota_kind": "No Limit",
		"votes_needed": 50,
		"conditions": [{"fact": "on_time_percent", "comparison": "at least", "value": 90}],
	}
	return frappe.get_doc({**facts, **values}).insert()


@pytest.mark.parametrize("year", [20260, 0, 1, None])
def test_a_proposal_for_a_year_out_of_reach_names_the_year(small, year):
	"""By hand as by the rules, and before a job is queued that would fail unseen."""
	award = rule()
	with pytest.raises(ReportRefused, match=r"Year|Năm"):
		frappe.get_doc(
			{
				"doctype": "Award Proposal",
				"rule": award.name,
				"year": year,
				"unit": "H99.40",
				"officer": OFFICER,
			}
		).insert()
	with pytest.raises(ReportRefused, match=r"Year|Năm"):
		api_evaluations.propose(award.name, year or 0)


def council(*names: str, title: str = "Hội đồng thử"):
	return frappe.get_doc(
		{
			"doctype": "Emulation Council",
			"council_name": title,
			"unit": "H99",
			"members": [
				{"member": province.email(name)} for name in names or ("leader.commune", "monitor", "admin")
			],
		}
	).insert()


def good_work(small, officer: str = OFFICER, count: int = 10, late: int = 0) -> None:
	for number in range(count):
		ended = date(2026, 2, 20) if number < late else date(2026, 2, 3)
		small.dossier(date(2026, 2, 2), due=date(2026, 2, 10), ended=ended, officer=officer)


def proposal(award, officer: str = OFFICER, **values):
	facts = {
		"doctype": "Award Proposal",
		"rule": award.name,
		"year": 2026,
		"unit": "H99.40",
		"officer": officer,
	}
	return frappe.get_doc({**facts, **values})


def test_a_proposal_states_for_each_condition_what_was_found(small):
	good_work(small, count=20, late=1)
	doc = proposal(rule()).insert()
	(reason,) = doc.reasons
	assert (reason.found, reason.met) == ("95", 1)
	assert doc.nominee == "Mẫu officer.a"


@pytest.mark.parametrize(
	("late", "least", "found", "met"),
	[(41, 98, "97.95", 0), (41, 97.95, "97.95", 1), (40, 98, "98", 1), (1, 99.951, "99.95", 0)],
)
def test_a_condition_is_held_against_what_was_found_not_against_its_rounded_figure(
	small, late, least, found, met
):
	award = rule(conditions=[{"fact": "on_time_percent", "comparison": "at least", "value": least}])
	with (
		patch.object(Facts, "handled_by_procedure", {"9.900001": 2000}),
		patch.object(Facts, "late", [""] * late),
		patch.object(awards, "late_without_apology", return_value=[]),
	):
		(reason,) = proposal(award, deviation="x").insert().reasons
		assert (reason.found, reason.met) == (found, met)
		sheet = {row["officer"]: row for row in awards.sheet(2026, "Officer", frozenset({"H99.40"}))}
		assert sheet[OFFICER]["on_time_percent"] == {41: 98.0, 40: 98.0, 1: 100.0}[late]
		frappe.db.delete("Award Proposal", {"rule": award.name})
		proposed = {
			frappe.db.get_value("Award Proposal", name, "officer")
			for name in awards.propose(award.name, 2026, frozenset({"H99.40"}))
		}
		assert (OFFICER in proposed) == bool(met)


def test_a_reason_shows_on_which_side_of_its_condition_it_lies(small):
	condition = awards.Condition("on_time_percent", "at least", Decimal(98))
	(row,) = awards.reason_rows([awards.award_rules.Reason(condition, Decimal("97.9996"))])
	assert (row["found"], row["met"]) == ("97.9996", 0)


def test_whoever_does_not_meet_a_condition_is_proposed_with_a_reason_only(small):
	good_work(small, late=2)
	award = rule()
	with pytest.raises(NotEligible):
		proposal(award).insert()
	assert proposal(award, deviation="Thành tích đột xuất").insert().reasons[0].met == 0


def test_what_is_not_known_is_not_met(small):
	with pytest.raises(NotEligible):
		proposal(rule(conditions=[{"fact": "satisfaction", "comparison": "at least", "value": 1}])).insert()


def test_the_job_proposes_within_the_units_of_who_asked_and_tells_them(small):
	good_work(small, OFFICER, count=12)
	award, leader = rule(), small.email("leader.ward")
	with patch.object(frappe, "publish_realtime") as told:
		awards.propose_and_tell(award.name, 2026, leader)
	(name,) = frappe.get_all("Award Proposal", {"rule": award.name}, pluck="name")
	(event, facts), options = told.call_args
	assert (event, facts["number"], facts["first"], options["user"]) == (
		"award_proposals_made",
		1,
		name,
		leader,
	)


def test_a_sheet_that_takes_minutes_is_not_begun_at_a_screen(small, monkeypatch):
	monkeypatch.setattr(awards, "MOST_ON_SCREEN", 1)
	assert len(awards.sheet(2026, "Officer", None)) > 1
	monkeypatch.setattr(frappe.local, "request", object(), raising=False)
	with pytest.raises(ReportRefused, match=str(len(awards.officers_of(awards.year_of(2026), None)))):
		awards.sheet(2026, "Officer", None)
	awards.sheet(2026, "Unit", None)


def test_nobody_is_proposed_twice_and_no_more_than_the_quota(small):
	good_work(small)
	good_work(small, OTHER)
	award = rule(quota_kind="Number", quota=1)
	first = proposal(award).insert()
	with pytest.raises(ProposedTwice):
		proposal(award).insert()
	with pytest.raises(QuotaUsedUp):
		proposal(award, OTHER).insert()
	frappe.db.set_value("Award Proposal", first.name, "status", "Rejected")
	proposal(award, OTHER).insert()


def test_the_system_proposes_the_best_within_the_quota_and_decides_nothing(small):
	good_work(small, OFFICER, count=12)
	good_work(small, OTHER, count=5)
	made = awards.propose(rule(quota_kind="Number", quota=1).name, 2026, frozenset({"H99.40"}))
	(doc,) = [frappe.get_doc("Award Proposal", name) for name in made]
	assert (doc.officer, doc.status, doc.proposed_by) == (OFFICER, "Proposed", "System")
	assert awards.propose("Giấy khen thử", 2026, frozenset({"H99.40"})) == []


def evaluation(
	doctype: str, scheme: str, verified: float, status: str, period: str = "Year", number: int = 1
):
	"""An evaluation of 2026 as it stands once it has come to a state."""
	subject = {"officer": OFFICER} if doctype == "Officer Evaluation" else {}
	rules = rule_sets.in_force(scheme, date(2026, 12, 31))
	bands = rule_sets.bands(frappe.get_doc("Evaluation Rule Set", rules))
	frappe.get_doc(
		{
			"doctype": doctype,
			"name": frappe.generate_hash(length=10),
			"unit": "H99.40",
			"scheme": scheme,
			"rule_set": rules,
			"period": period,
			"year": 2026,
			"number": number,
			"status": status,
			"has_score": 1,
			"score": verified,
			"verified_score": verified,
			"verified_grade": scoring.class_of(Decimal(str(verified)), bands),
			"scored_text": "5 of 5",
			**subject,
		}
	).db_insert()


def year_of_officer() -> dict:
	return awards.facts_of_officer(OFFICER, "H99.40", awards.year_of(2026), {})


def test_points_somebody_gave_themselves_make_nobody_eligible(small):
	evaluation("Officer Evaluation", "Officers", 9.5, "Self-Assessed")
	assert year_of_officer()["score"] is None
	evaluation("Officer Evaluation", "Officers", 6.0, "Verified", "Quarter", 1)
	evaluation("Officer Evaluation", "Officers", 10.0, "Self-Assessed", "Quarter", 2)
	assert year_of_officer()["score"] == 6.0


@pytest.mark.parametrize("status", ["Verified", "Published"])
def test_a_verified_score_of_the_year_stands_as_it_is(small, status):
	evaluation("Officer Evaluation", "Officers", 4.95, status)
	assert (year_of_officer()["score"], year_of_officer()["grade"]) == (
		4.95,
		_("Fulfils 70 to below 100 % of Duties"),
	)


@pytest.mark.parametrize(
	("quarters", "score", "grade"),
	[
		((89.99, 89.99), 89.99, "Good"),
		((89.99, 90.01), 90.0, "Excellent"),
		((89.99, 90.0), 90.0, "Excellent"),
	],
)
def test_the_index_of_the_year_is_rounded_to_its_own_two_decimals(small, quarters, score, grade):
	for number, value in enumerate(quarters, 1):
		evaluation("Unit Evaluation", "Service Index", value, "Published", "Quarter", number)
	found = awards._evaluation("Unit Evaluation", {"unit": "H99.40"}, "Service Index", awards.year_of(2026))
	assert (found["score"], found["grade"]) == (score, _(grade))
	facts = awards.facts_of_unit("H99.40", awards.year_of(2026), {})
	assert facts["qd766_score"] == score
	shown = {column["fieldname"]: column.get("precision") for column in awards.sheet_columns("Unit")}
	assert shown["qd766_score"] == 2


@pytest.mark.parametrize(
	("quarters", "score", "grade"), [((14.9, 14.9), 14.9, "Good"), ((14.9, 15.0), 15.0, "Excellent")]
)
def test_the_mean_of_quarters_is_rounded_to_one_decimal_as_the_circular_does(small, quarters, score, grade):
	for number, value in enumerate(quarters, 1):
		evaluation("Unit Evaluation", "Agencies", value, "Verified", "Quarter", number)
	found = awards.facts_of_unit("H99.40", awards.year_of(2026), {})
	assert (found["score"], found["grade"]) == (score, _(grade))


def submitted(small, *members: str, **values):
	good_work(small)
	doc = proposal(rule(**values), council=council(*members).name).insert()
	frappe.set_user(province.email("leader.ward"))
	doc = apply_workflow(doc, "Submit to Council")
	frappe.set_user("Administrator")
	return doc


def test_only_members_vote_and_once(small):
	doc = submitted(small)
	with pytest.raises(NotACouncilMember):
		awards.vote(doc.name, "For", user=OTHER)
	with pytest.raises(NotACouncilMember):
		awards.vote(doc.name, "Maybe", user=province.email("monitor"))
	awards.vote(doc.name, "For", user=province.email("monitor"))
	with pytest.raises(VotedAlready):
		awards.vote(doc.name, "Against", user=province.email("monitor"))
	doc.reload()
	doc.append("votes", {"member": OFFICER, "vote": "For"})
	doc.save()
	assert doc.votes_for == 1


def test_a_vote_is_given_on_submitted_proposals_only(small):
	good_work(small)
	doc = proposal(rule(), council=council().name).insert()
	with pytest.raises(VotingClosed):
		awards.vote(doc.name, "For", user=province.email("monitor"))


def test_the_council_of_the_day_of_submission_votes_and_no_other(small):
	doc = submitted(small)
	body = frappe.get_doc("Emulation Council", doc.council)
	body.members = body.members[1:]
	body.append("members", {"member": OTHER})
	body.save()
	with pytest.raises(NotACouncilMember):
		awards.vote(doc.name, "For", user=OTHER)
	awards.vote(doc.name, "For", user=province.email("leader.commune"))
	frappe.set_user(province.email("monitor"))
	with pytest.raises(VotesMissing):
		apply_workflow(frappe.get_doc(doc.doctype, doc.name), "Close the Vote")
	awards.vote(doc.name, "For", user=province.email("admin"))
	doc = apply_workflow(frappe.get_doc(doc.doctype, doc.name), "Close the Vote")
	frappe.set_user("Administrator")
	assert "2/3" in award_print.submission_list_page(doc.rule, 2026)


@pytest.mark.parametrize("field", ["council", "deviation", "achievements"])
def test_what_the_council_votes_on_stays_as_submitted(small, field):
	doc = submitted(small)
	other = council("admin", title="Hội đồng khác").name
	doc.reload()
	doc.set(field, other if field == "council" else "khác")
	with pytest.raises(ProposalFrozen):
		doc.save()


def test_a_proposal_sent_back_is_voted_on_anew(small):
	doc = submitted(small)
	awards.vote(doc.name, "For", user=province.email("monitor"))
	frappe.set_user(province.email("monitor"))
	doc = apply_workflow(frappe.get_doc(doc.doctype, doc.name), "Send Back")
	doc.reload()
	assert (doc.status, doc.votes_for, doc.votes, doc.voters) == ("Proposed", 0, [], [])
	doc = apply_workflow(doc, "Submit to Council")
	assert awards.vote(doc.name, "Against", user=province.email("monitor"))["votes_against"] == 1


def test_nobody_votes_on_their_own_award_nor_is_counted_for_it(small):
	doc = submitted(small, "officer.a", "monitor", "admin", votes_needed=100)
	with pytest.raises(OwnAward):
		awards.vote(doc.name, "For", user=OFFICER)
	assert OFFICER not in {row.member for row in doc.voters}
	frappe.set_user(province.email("monitor"))
	for member in ("monitor", "admin"):
		awards.vote(doc.name, "For", user=province.email(member))
	doc = apply_workflow(frappe.get_doc(doc.doctype, doc.name), "Close the Vote")
	doc.update({"decision_number": "1/QĐ", "decision_date": "2026-12-31"})
	doc.save()
	assert apply_workflow(doc, "Approve").status == "Approved"


def test_nobody_decides_on_their_own_award_or_sends_it_back(small):
	doc = submitted(small)
	role = {"parent": OFFICER, "parenttype": "User", "parentfield": "roles", "role": "Monitoring Officer"}
	province._row("Has Role", None, **role)
	frappe.clear_cache(user=OFFICER)

	def refused(action: str) -> None:
		frappe.set_user(OFFICER)
		with pytest.raises(OwnAward):
			apply_workflow(frappe.get_doc(doc.doctype, doc.name), action)
		frappe.set_user(province.email("monitor"))

	for member in ("monitor", "admin"):
		awards.vote(doc.name, "For", user=province.email(member))
	refused("Close the Vote")
	refused("Send Back")
	doc = apply_workflow(frappe.get_doc(doc.doctype, doc.name), "Close the Vote")
	doc.update({"decision_number": "1/QĐ", "decision_date": "2026-12-31"})
	doc.save()
	refused("Approve")
	refused("Reject")
	assert apply_workflow(frappe.get_doc(doc.doctype, doc.name), "Approve").status == "Approved"
	frappe.db.rollback()
	frappe.clear_cache(user=OFFICER)


def test_nobody_decides_on_the_award_of_the_unit_they_lead(small):
	award = rule(
		subject="Unit", conditions=[{"fact": "on_time_percent", "comparison": "at least", "value": 90}]
	)
	doc = proposal(award, None, deviation="x").insert()
	frappe.db.set_value("Award Proposal", doc.name, "status", "Submitted")
	doc = frappe.get_doc(doc.doctype, doc.name)
	assert doc.is_own(province.email("leader.ward")) and not doc.is_own(province.email("monitor"))


def test_an_officer_is_proposed_by_where_they_served_longest_or_above_and_nowhere_else(small):
	good_work(small)
	award = rule()
	frappe.set_user(small.email("leader.commune"))
	for officer in (OFFICER, "Guest"):
		doc = proposal(award, officer, unit="H99.41", deviation="x")
		with pytest.raises(NotEligible):
			doc.insert()
		assert not doc.reasons
	frappe.set_user("Administrator")
	with pytest.raises(NotEligible):
		proposal(award, unit="H99.40.01").insert()
	assert proposal(award, unit="H99").insert().unit == "H99.40"


def test_an_officer_is_proposed_once_whichever_unit_proposes(small):
	good_work(small)
	award = rule()
	proposal(award).insert().db_set("unit", "H99.41")
	with pytest.raises(ProposedTwice):
		proposal(award).insert()
	assert awards.propose(award.name, 2026, frozenset({"H99.40"})) == []


def test_a_reason_does_not_go_round_the_quota(small):
	good_work(small)
	good_work(small, OTHER)
	award = rule(quota_kind="Number", quota=1)
	proposal(award).insert()
	with pytest.raises(QuotaUsedUp):
		proposal(award, OTHER, deviation="Thành tích đột xuất").insert()


def test_a_quota_lowered_since_is_kept_at_submission_and_at_approval(small):
	good_work(small, OTHER)
	first = submitted(small, quota_kind="Number", quota=2)
	second = proposal(frappe.get_doc("Award Rule", first.rule), OTHER, council=first.council).insert()
	frappe.db.set_value("Award Rule", first.rule, "quota", 1)
	frappe.clear_document_cache("Award Rule", first.rule)
	frappe.set_user(province.email("monitor"))
	with pytest.raises(QuotaUsedUp):
		apply_workflow(second, "Submit to Council")
	frappe.set_user("Administrator")
	frappe.db.set_value("Award Proposal", second.name, "status", "Approved")
	for member in ("monitor", "admin"):
		awards.vote(first.name, "For", user=province.email(member))
	frappe.set_user(province.email("monitor"))
	doc = apply_workflow(frappe.get_doc(first.doctype, first.name), "Close the Vote")
	doc.update({"decision_number": "1/QĐ", "decision_date": "2026-12-31"})
	doc.save()
	with pytest.raises(QuotaUsedUp):
		apply_workflow(doc, "Approve")


def test_a_quota_in_per_cent_is_of_the_whole_province_whoever_proposes(small):
	good_work(small)
	good_work(small, OTHER)
	award = rule(quota_kind="Percent", quota=50)
	with patch.object(awards, "people_in_question", return_value=4):
		assert len(awards.propose(award.name, 2026, frozenset({"H99.40"}))) == 2
	award.db_set("quota", 25)
	frappe.db.delete("Award Proposal", {"rule": award.name})
	with patch.object(awards, "people_in_question", return_value=4):
		assert len(awards.propose(award.name, 2026, frozenset({"H99.40"}))) == 1


def test_a_quota_of_each_agency_is_filled_in_each_and_kept_in_each(small):
	elsewhere = province.email("leader.commune")
	for officer in (OFFICER, OTHER):
		good_work(small, officer)
	for _number in range(5):
		small.dossier(
			date(2026, 2, 2),
			unit="H99.41",
			due=date(2026, 2, 10),
			ended=date(2026, 2, 3),
			officer=elsewhere,
			step_outcomes=("Early",),
		)
	award = rule(quota_kind="Number", quota=1, quota_of="Each Agency")
	both = frozenset({"H99.40", "H99.41"})
	made = [frappe.get_doc("Award Proposal", name) for name in awards.propose(award.name, 2026, both)]
	assert sorted(doc.unit for doc in made) == ["H99.40", "H99.41"]
	left_out = ({OFFICER, OTHER} - {doc.officer for doc in made}).pop()
	with pytest.raises(QuotaUsedUp):
		proposal(award, left_out).insert()
	award.db_set("quota_of", "Whole Province")
	frappe.clear_document_cache("Award Rule", award.name)
	frappe.db.delete("Award Proposal", {"rule": award.name})
	assert len(awards.propose(award.name, 2026, both)) == 1


def test_what_was_merged_in_the_year_has_no_quota_of_its_own_besides_its_successors(small):
	good_work(small)
	elsewhere = province.email("leader.commune")
	award = rule(quota_kind="Number", quota=1, quota_of="Each Agency")
	values = {"successor": "H99.40", "valid_to": getdate() - timedelta(days=1)}
	frappe.db.set_value("Administrative Unit", "H99.41", values)
	units.TREE.forget()
	assert awards.agency_of_quota(award, "H99.41", 2026) == "H99.40"
	proposal(award).insert()
	with pytest.raises(QuotaUsedUp):
		proposal(award, elsewhere, unit="H99.41", deviation="x").insert()
	frappe.db.rollback()
	units.TREE.forget()


def test_a_quota_in_per_cent_of_an_agency_is_of_its_own_people(small):
	(here, everywhere) = (
		awards.people_in_question("Officer", 2026, "H99.40"),
		awards.people_in_question("Officer", 2026),
	)
	assert here == len(awards.officers_of(awards.year_of(2026), units.answering("H99.40", getdate())))
	assert 0 < here < everywhere
	assert 0 < awards.people_in_question("Unit", 2026, "H99.40") < awards.people_in_question("Unit", 2026)


@pytest.mark.parametrize(
	"values", [{"enabled": 0}, {"effective_from": "2027-01-01"}, {"effective_to": "2026-06-30"}]
)
def test_nobody_is_proposed_by_a_rule_that_is_not_in_force(small, values):
	good_work(small)
	award = rule(**values)
	with pytest.raises(AwardRuleNotInForce):
		proposal(award).insert()
	with pytest.raises(AwardRuleNotInForce):
		awards.propose(award.name, 2026, frozenset({"H99.40"}))


def test_months_served_are_counted_not_projected(small):
	frappe.db.set_value(
		"Unit Member", {"user": OFFICER}, {"from_date": "2026-01-16", "to_date": "2026-03-31"}
	)
	units.MEMBERS.forget()
	assert round(year_of_officer()["months_served"], 3) == Decimal("2.516")
	sheet = {row["officer"]: row for row in awards.sheet(2026, "Officer", frozenset({"H99.40"}))}
	assert sheet[OFFICER]["months_served"] == 2.5
	units.MEMBERS.forget()


def test_a_vote_is_closed_by_two_thirds_and_carried_by_the_share_of_all_members(small):
	doc = submitted(small, votes_needed=60)
	frappe.set_user(province.email("monitor"))
	awards.vote(doc.name, "For", user=province.email("monitor"))
	with pytest.raises(VotesMissing):
		apply_workflow(doc.reload() or doc, "Close the Vote")
	awards.vote(doc.name, "Against", user=province.email("admin"))
	doc.reload()
	doc = apply_workflow(doc, "Close the Vote")
	doc.update({"decision_number": "1/QĐ", "decision_date": "2026-12-31"})
	doc.save()
	with pytest.raises(VotesMissing):
		apply_workflow(doc, "Approve")


def decided(small):
	doc = submitted(small)
	frappe.set_user(province.email("monitor"))
	for member in ("monitor", "admin", "leader.commune"):
		awards.vote(doc.name, "For", user=province.email(member))
	doc.reload()
	doc = apply_workflow(doc, "Close the Vote")
	with pytest.raises(VotesMissing):
		apply_workflow(frappe.get_doc(doc.doctype, doc.name), "Approve")
	doc.reload()
	doc.update({"decision_number": "12/QĐ-UBND", "decision_date": "2026-12-31"})
	doc.save()
	return apply_workflow(doc, "Approve")


def test_a_decided_proposal_is_frozen_and_printed_as_a_certificate(small):
	doc = decided(small)
	doc.achievements = "Sửa"
	with pytest.raises(ProposalFrozen):
		doc.save()
	doc.reload()
	frappe.set_user("Administrator")
	assert award_print.award_certificate(doc)["decision"] == "12/QĐ-UBND"
	assert print_forms.as_pdf(doc, "Award Certificate").startswith(b"%PDF")


def test_no_certificate_before_the_decision(small):
	good_work(small)
	with pytest.raises(AwardRefused):
		award_print.award_certificate(proposal(rule()).insert())


def test_the_submission_list_names_the_nominees_with_their_reasons_and_escapes_them(small):
	frappe.db.set_value("User", OFFICER, "full_name", "Mẫu <b>A</b>")
	frappe.clear_cache(doctype="User")
	frappe.cache.hdel("document_cache", f"User::{OFFICER}")
	good_work(small)
	doc = proposal(rule(title='Giấy khen <i>"x"</i>'.replace("<i>", "").replace("</i>", ""))).insert()
	page = award_print.submission_list_page(doc.rule, 2026)
	assert "<b>A</b>" not in page and "Trình xem xét, quyết định đối với 01 cá nhân" in page
	assert award_print.submission_list(doc.rule, 2026).startswith(b"%PDF")
	with pytest.raises(AwardRefused):
		award_print.submission_list(doc.rule, 2025)


def test_an_appeal_is_its_subjects_and_is_answered_by_somebody_else(small):
	doc = decided(small)
	frappe.set_user(province.email("officer.b"))
	values = {
		"doctype": "Evaluation Appeal",
		"reference_doctype": "Award Proposal",
		"reference_name": doc.name,
		"grounds": "x",
	}
	with pytest.raises(AppealRefused):
		frappe.get_doc(values).insert()
	frappe.set_user(OFFICER)
	appeal = frappe.get_doc({**values, "status": "Upheld", "answer": "tự trả lời"}).insert()
	assert (appeal.status, appeal.appellant, appeal.answer) == ("Open", OFFICER, None)
	frappe.set_user(province.email("monitor"))
	appeal = frappe.get_doc("Evaluation Appeal", appeal.name)
	appeal.status = "Dismissed"
	with pytest.raises(AppealRefused):
		appeal.save()
	appeal.reload()
	appeal.update({"status": "Dismissed", "answer": "Không có cơ sở"})
	appeal.save()
	assert appeal.answered_by == province.email("monitor")
	appeal.answer = "Khác"
	with pytest.raises(AppealRefused):
		appeal.save()


def test_whose_appeal_it_is_is_not_what_a_client_says(small):
	doc = decided(small)
	frappe.set_user("Administrator")
	values = {"reference_doctype": "Award Proposal", "reference_name": doc.name, "grounds": "x"}
	frappe.db.set_value("Award Proposal", doc.name, "officer", province.email("monitor"))
	frappe.set_user(province.email("monitor"))
	appeal = frappe.get_doc({"doctype": "Evaluation Appeal", **values, "unit": "H99.41"}).insert()
	assert appeal.unit == "H99.40"
	upheld = {"appellant": OFFICER, "unit": "H99.41", "status": "Upheld", "answer": "tự trả lời"}
	with pytest.raises((AppealRefused, frappe.PermissionError)):
		frappe.get_doc("Evaluation Appeal", appeal.name).update(upheld).save()
	frappe.set_user(province.email("admin"))
	appeal = frappe.get_doc("Evaluation Appeal", appeal.name).update({**upheld, "answered_by": OFFICER})
	appeal.save()
	appeal.reload()
	assert (appeal.appellant, appeal.unit) == (province.email("monitor"), "H99.40")
	assert (appeal.status, appeal.answered_by) == ("Upheld", province.email("admin"))


@pytest.mark.parametrize(
	"wrong",
	[
		{"effective_to": "2019-01-01"},
		{"quota_kind": "Number", "quota": 0},
		{"quota_kind": "Percent", "quota": 101},
		{"votes_needed": 101},
		{"conditions": [{"fact": "targets_met_percent", "comparison": "at least", "value": 1}]},
	],
)
def test_impossible_award_rules_are_refused(small, wrong):
	with pytest.raises(AwardRefused):
		rule(**wrong)


def test_from_two_hundred_dossiers_to_a_published_quarter_an_award_and_form_06(small):
	"""The whole way: dossiers, ratings, evaluation published, award decided with its list, form 06 by hand count."""
	first, last = date(2026, 1, 1), date(2026, 3, 31)
	expected = dict.fromkeys(form06.COLUMN_KEYS, 0)
	by_row: dict[tuple, dict[str, int]] = {}
	for number in range(200):
		procedure = ("9.900001", "9.900002", "9.900003")[number % 3]
		_label, of_field, level = province.PROCEDURES[procedure]
		received = first + timedelta(days=number % 80)
		kind = number % 5
		ended = received + timedelta(days=(2, 5, 9)[kind]) if kind < 3 else None
		due = received + timedelta(days=5) if kind < 4 else last + timedelta(days=30)
		channel = "Online" if number % 2 else "Counter"
		small.dossier(received, due=due, ended=ended, channel=channel, officer=OFFICER, procedure=procedure)
		columns = (
			"received",
			"online" if number % 2 else "direct",
			"resolved" if kind < 3 else "in_progress",
			("early", "on_time", "late", "overdue", "in_time")[kind],
		)
		for row in ((), (level,), (level, of_field), (of_field,), (of_field, procedure)):
			counted = by_row.setdefault(row, dict.fromkeys(form06.COLUMN_KEYS, 0)) if row else expected
			for column in columns:
				counted[column] += 1
	daily_facts.rebuild(last + timedelta(days=40))
	request = statutory.Request(first, last, frozenset({"H99.40"}))
	found = dict(zip(form06.COLUMN_KEYS, statutory.form_06(request)[-1].figures.columns(), strict=True))
	assert found == expected
	assert expected["early"] == expected["late"] == expected["overdue"] == 40
	# Every cell of every row, by level and field (06a) and by field and procedure (06b).
	for grouping in (statutory.BY_LEVEL_AND_FIELD, statutory.BY_FIELD_AND_PROCEDURE):
		rows = statutory.form_06(replace(request, grouping=grouping))
		assert len(rows) == (5 if grouping == statutory.BY_LEVEL_AND_FIELD else 6)
		for row in rows[:-1]:
			found = dict(zip(form06.COLUMN_KEYS, row.figures.columns(), strict=True))
			assert found == by_row[row.keys], row
	# By hand: of the numbers 0, 3 … 198 fourteen each leave 0 and 3 over by five, thirteen each 1, 2 and 4; 33 are odd.
	(birth,) = [row for row in rows if row.keys == ("Hộ tịch thử", "9.900001")]
	assert birth.figures.columns() == (67, 33, 34, 0, 40, 14, 13, 13, 27, 13, 14)
	printed_rows = [
		tuple(cell.value for cell in row[2:13])
		for row in load_workbook(BytesIO(printed.excel("form_06", request))).active.iter_rows()
	]
	for row in statutory.form_06(request):
		assert row.figures.columns() in printed_rows

	for _number in range(5):
		ratings.rate(ratings.kiosk_token("H99.40.01"), {"4": "1", "overall": "0"})
	ratings.release(getdate())
	frappe.db.set_value("Rating Release", {"unit": "H99.40.01"}, {"first_day": last, "last_day": last})
	run = frappe.get_doc({"doctype": "Evaluation Run", "period": "Quarter", "year": 2026, "number": 1})
	run.db_insert()
	list(evaluations.evaluate_unit("H99.40", run, Period(first, last)))
	list(evaluations.evaluate_officer(OFFICER, run, Period(first, last)))
	unit = frappe.get_doc("Unit Evaluation", {"unit": "H99.40", "scheme": "Agencies", "year": 2026})
	points = {row.indicator_key: row.computed_points for row in unit.lines if row.has_data and row.counts}
	# 40 early, 40 on time, 40 late of 120 ended; nobody was asked back; the ratings say: one-stop only.
	assert points == {"1": 1.0, "2": 1.0, "3": 2.0, "4": 1.0, "7": 1.0, "8": 2.0}
	assert unit.score == 8.0 and unit.grade == "Average"

	for doctype, name, who in (
		("Unit Evaluation", unit.name, "leader.ward"),
		("Officer Evaluation", frappe.db.get_value("Officer Evaluation", {"officer": OFFICER}), "officer.a"),
	):
		verifier = "monitor" if doctype == "Unit Evaluation" else "leader.ward"
		for action, actor in (("Self-Assess", who), ("Verify", verifier), ("Publish", "monitor")):
			frappe.set_user(province.email(actor))
			apply_workflow(frappe.get_doc(doctype, name), action)
	frappe.set_user("Administrator")
	officer = frappe.get_doc("Officer Evaluation", {"officer": OFFICER})
	assert (officer.status, officer.score) == ("Published", 6.0)

	award = rule(conditions=[{"fact": "score", "comparison": "at least", "value": 5}])
	(name,) = awards.propose(award.name, 2026, frozenset({"H99.40"}))
	doc = frappe.get_doc("Award Proposal", name)
	doc.council = council().name
	doc.save()
	frappe.set_user(province.email("leader.ward"))
	apply_workflow(doc, "Submit to Council")
	frappe.set_user(province.email("monitor"))
	for member in ("monitor", "admin"):
		awards.vote(name, "For", user=province.email(member))
	doc = apply_workflow(frappe.get_doc("Award Proposal", name), "Close the Vote")
	doc.update({"decision_number": "1/QĐ", "decision_date": "2026-04-30"})
	doc.save()
	doc = apply_workflow(doc, "Approve")
	page = award_print.submission_list_page(award.name, 2026)
	assert doc.nominee in page and "2/3" in page and doc.status == "Approved"
