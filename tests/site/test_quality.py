"""Ratings, petitions, rule sets and evaluations on a site: each test names the rule it holds to."""

import random
from datetime import date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from unittest.mock import patch

import frappe
import pytest
import small_province as province
from frappe.utils import add_days, get_last_day, getdate, now_datetime

from one_stop.api import evaluations as evaluations_api
from one_stop.citizen_portal.pages import ratings as rating_page
from one_stop.document_rows import OnlyWithDocument
from one_stop.organization import units
from one_stop.quality import (
	access,
	awards,
	counted,
	evaluations,
	led_units,
	measures,
	petitions,
	progress,
	ratings,
	rule_sets,
	scoring,
)
from one_stop.quality.exceptions import (
	AlreadyRated,
	DeductionNeedsReason,
	DossierNotRateable,
	EvaluationFrozen,
	EvaluationRefused,
	NoRuleSetInForce,
	NothingCounted,
	NotWorkedWith,
	NotYoursToScore,
	OwnUnitRated,
	PetitionClosedToEditing,
	PetitionIncomplete,
	PetitionStepOutOfTurn,
	PointsRefused,
	RatingsNotOpen,
	RuleSetsOverlap,
	RunRefused,
	UnknownAnswer,
	UnknownPetition,
	UnknownRatingToken,
)
from one_stop.quality.measures import Facts, Period
from one_stop.quality.scoring import Complaint, qd766_2_1_is_on_time
from one_stop.reporting import daily_facts
from tests import factories as make

FIRST, LAST = date(2026, 1, 1), date(2026, 3, 31)
QUARTER = Period(FIRST, LAST)
WARD = "H99.40"


@pytest.fixture
def small(site):
	with province.standing():
		yield province


def as_user(name: str) -> None:
	frappe.set_user(province.email(name))


# Ratings


def best(questions: list[dict]) -> dict[str, str]:
	return {question["key"]: "0" for question in questions}


def test_a_token_rates_once_and_leaves_no_trace_of_the_dossier(small):
	dossier = small.dossier(date(2026, 3, 2), due=date(2026, 3, 5), ended=date(2026, 3, 4))
	token = ratings.issue_token(dossier)
	assert ratings.issue_token(dossier) == token
	asked = ratings.open_token(token)
	assert asked["unit"] == WARD and {"4", "overall"} <= {one["key"] for one in asked["questions"]}
	ratings.rate(token, best(asked["questions"]), "Tốt")
	with pytest.raises(UnknownRatingToken):
		ratings.rate(token, best(asked["questions"]))
	assert ratings.issue_token(dossier) == token
	with pytest.raises(UnknownRatingToken):
		ratings.open_token(token)
	(rating,) = frappe.get_all("Citizen Rating", {"unit": WARD, "comment": "Tốt"}, ["*"])
	assert dossier not in map(str, rating.values()) and token not in map(str, rating.values())
	assert (rating.owner, rating.modified_by) == ("Guest", "Guest")
	assert rating.creation == rating.modified == datetime.combine(rating.month, datetime.min.time())
	assert rating.month.day == 1 and "procedure" not in rating and not rating.field
	assert not frappe.db.count("Rating Token", {"unit": WARD})


def test_what_a_rating_says_of_the_field_stands_apart_from_the_unit(small):
	dossier = small.dossier(date(2026, 3, 2), due=date(2026, 3, 5), ended=date(2026, 3, 4))
	field = frappe.db.get_value("Dossier", dossier, "field")
	before = set(frappe.get_all("Citizen Rating", {"field": field}, pluck="name"))
	token = ratings.issue_token(dossier)
	(kept,) = frappe.get_all("Rating Token", {"unit": WARD}, ["expires_on", "creation"])
	assert kept.expires_on == get_last_day(kept.expires_on) and kept.creation.day == 1
	ratings.rate(token, best(ratings.open_token(token)["questions"]), "Tốt")
	(apart,) = set(frappe.get_all("Citizen Rating", {"field": field}, pluck="name")) - before
	apart = frappe.get_doc("Citizen Rating", apart)
	assert not apart.unit and not apart.comment and [row.question_key for row in apart.answers] == ["overall"]


def test_a_fields_lot_leaves_five_ratings_out_that_nobody_can_subtract(small):
	field = frappe.db.get_value("Procedure Field", {}, "name")
	frappe.db.delete("Citizen Rating", {"field": field})
	frappe.db.delete("Rating Release", {"field": field})

	def rated_in_the_field(count: int) -> None:
		for _number in range(count):
			token = frappe.generate_hash()
			ratings._keep_token(token, "H99.40.01", None, field, 0)
			ratings.rate(token, {"overall": "0"})

	rated_in_the_field(9)
	ratings.release(getdate())
	assert ratings.tally("overall", None, date(2020, 1, 1), getdate(), field) is None
	assert ratings.tally("overall", ["H99.40.01"], date(2020, 1, 1), getdate()).count == 9
	rated_in_the_field(2)
	ratings.release(getdate())
	assert ratings.tally("overall", None, date(2020, 1, 1), getdate(), field).count == 6
	assert not frappe.db.count("Citizen Rating", {"field": field, "lot": ("is", "not set")})
	# Units and fields are never crossed.
	assert ratings.tally("overall", ["H99.40.01"], date(2020, 1, 1), getdate(), field) is None


def test_a_token_is_kept_as_a_hash_only(small):
	token = ratings.kiosk_token("H99.40.01")
	rows = frappe.get_all("Rating Token", fields=["*"])
	assert rows and not any(token in str(value) for row in rows for value in row.values())


@pytest.mark.parametrize("answers", [{}, {"4": "9"}, {"4": "-1"}, {"unknown": "0"}, {"4": "x"}])
def test_answers_that_were_not_asked_for_are_refused(small, answers):
	with pytest.raises(UnknownAnswer):
		ratings.rate(ratings.kiosk_token("H99.40.01"), answers)


def test_a_draft_cannot_be_rated_and_an_old_token_has_expired(small):
	draft = small.dossier(date(2026, 3, 2), status="Draft")
	with pytest.raises(DossierNotRateable):
		ratings.issue_token(draft)
	token = ratings.kiosk_token("H99.40.01")
	frappe.db.set_value("Rating Token", {"unit": "H99.40.01"}, "expires_on", getdate() - timedelta(days=1))
	with pytest.raises(UnknownRatingToken):
		ratings.open_token(token)


@pytest.mark.parametrize("who", ["officer.a", "leader.ward", "monitor", "admin"])
def test_nobody_reads_ratings_themselves(small, who):
	as_user(who)
	for doctype in (
		"Citizen Rating",
		"Rating Token",
		"Rating Invitation",
		"Peer Rating",
		"Peer Ballot",
		"Dossier Fact",
	):
		assert not frappe.has_permission(doctype, "read")
		assert not frappe.has_permission(doctype, "report")


def rated(unit: str, count: int, value: str = "0") -> None:
	for _number in range(count):
		token = ratings.kiosk_token(unit)
		ratings.rate(token, {"overall": value, "4": "1"})


def test_four_ratings_are_shown_to_nobody_and_the_fifth_releases_them(small):
	# What others have rated on this site goes first.
	ratings.release(getdate())
	rated("H99.40.01", 4)
	assert ratings.release(getdate()) == 0
	rated("H99.40.01", 1, "2")
	assert ratings.release(getdate()) == 1
	# What others have rated on this site goes first.
	ratings.release(getdate())
	rated("H99.40.01", 4)
	assert ratings.release(getdate()) == 0
	found = ratings.tally("overall", ["H99.40.01"], date(2020, 1, 1), getdate())
	assert (found.count, found.content) == (5, 4)
	assert ratings.tally("overall", ["H99.41.01"], date(2020, 1, 1), getdate()) is None


def said(unit: str, comments: list[str]) -> None:
	for comment in comments:
		ratings.rate(ratings.kiosk_token(unit), {"overall": "1"}, comment)


def comments_seen() -> list:
	return frappe.get_list("Rating Comment", fields=["*"], limit=0)


def test_what_raters_wrote_is_shown_with_their_lot_and_leads_back_to_none_of_them(small):
	words = [f"Ý kiến thứ {letter}" for letter in "abcdefgh"]
	said("H99.40.01", words[:4])
	ratings.release(getdate())
	as_user("leader.ward")
	assert comments_seen() == []
	frappe.set_user("Administrator")
	said("H99.40.01", [*words[4:], "Hồ sơ H99.40-261120-0042 của 0905123456", ""])
	ratings.release(getdate())
	as_user("leader.ward")
	seen = comments_seen()
	assert sorted(row.comment for row in seen) == sorted([*words, "Hồ sơ […] của […]"])
	for row in seen:
		assert (row.unit, row.raters, row.month.day) == ("H99.40.01", "Citizens", 1)
		assert row.creation == row.modified and row.creation.hour == row.creation.minute == 0
		assert row.owner == row.modified_by == "Guest"
	assert not frappe.db.get_all("Citizen Rating", {"unit": "H99.40.01", "comment": ("is", "set")})


def test_comments_come_in_no_order(small):
	"""Of sixty in a row, neither the order of writing nor its reverse is to be found in any way they are kept."""
	words = [f"câu {chr(97 + number // 26)}{chr(97 + number % 26)}" for number in range(60)]
	said("H99.40.01", words)
	ratings.release(getdate())
	for order in ("name asc", "creation asc, name asc", "modified desc"):
		kept = frappe.get_all(
			"Rating Comment", {"unit": "H99.40.01"}, pluck="comment", order_by=order, limit=0
		)
		assert sorted(kept) == words
		assert kept not in (words, words[::-1])


@pytest.mark.parametrize(
	("who", "sees"), [("leader.commune", 0), ("officer.a", None), ("monitor", 5), ("admin", 5)]
)
def test_comments_are_for_the_units_head_and_the_controlling_office(small, who, sees):
	said("H99.40.01", ["Tốt"] * 5)
	ratings.release(getdate())
	as_user(who)
	if sees is None:
		assert not frappe.has_permission("Rating Comment", "read")
	else:
		assert len([row for row in comments_seen() if row.unit == "H99.40.01"]) == sees
	assert not frappe.has_permission("Rating Comment", "write")


def test_todays_ratings_wait_until_the_month_is_over(small):
	rated("H99.40.01", 6)
	assert ratings.release() == 0


def test_units_rate_each_other_once_a_quarter_and_only_those_they_work_with(small):
	user = small.email("officer.c")
	with pytest.raises(NotWorkedWith):
		ratings.rate_unit(WARD, 2, user=user)
	with pytest.raises(OwnUnitRated):
		ratings.rate_unit("H99.01", 2, user=user)
	dossier = small.dossier(now_datetime(), officer=small.email("officer.a"), step_outcomes=(None,))
	step = frappe.get_doc("Dossier Step", {"dossier": dossier})
	frappe.get_doc(
		{**step.as_dict(), "name": frappe.generate_hash(), "unit": "H99.01", "step_key": "L"}
	).db_insert()
	ratings.rate_unit(WARD, 1, user=user)
	with pytest.raises(AlreadyRated):
		ratings.rate_unit(WARD, 2, user=user)
	for row in frappe.get_all("Peer Rating", fields=["*"]) + frappe.get_all("Peer Ballot", fields=["*"]):
		assert user not in map(str, row.values())


def worked_on(unit: str, officer: str, *others: tuple[str, str]) -> None:
	"""A dossier of today with a step of each of these units by these people."""
	dossier = province.dossier(
		now_datetime(), unit=unit, officer=province.email(officer), step_outcomes=(None,)
	)
	step = frappe.get_doc("Dossier Step", {"dossier": dossier}).as_dict()
	for number, (other, who) in enumerate(others):
		more = {"name": frappe.generate_hash(), "unit": other, "officer": province.email(who)}
		frappe.get_doc({**step, **more, "step_key": f"L{number}"}).db_insert()


@pytest.mark.parametrize("unit", ["H99", "H99.40.01"])
def test_nobody_rates_a_unit_above_or_below_their_own(small, unit):
	worked_on(WARD, "officer.a", (unit, "monitor"))
	with pytest.raises(OwnUnitRated):
		ratings.rate_unit(unit, 2, user=small.email("officer.a"))
	assert unit not in {row["unit"] for row in ratings.units_to_rate(small.email("officer.a"))}


def test_ones_own_steps_in_two_units_are_no_work_with_another(small):
	worked_on(WARD, "officer.a", ("H99.01", "officer.a"))
	with pytest.raises(NotWorkedWith):
		ratings.rate_unit("H99.01", 2, user=small.email("officer.a"))
	worked_on(WARD, "officer.b", ("H99.01", "officer.c"))
	ratings.rate_unit("H99.01", 2, user=small.email("officer.a"))


def test_the_desk_offers_the_units_worked_with_until_they_are_rated(small):
	worked_on(WARD, "officer.a", ("H99.01", "officer.c"), ("H99.40.01", "officer.b"))
	as_user("officer.a")
	assert evaluations_api.units_to_rate() == [{"unit": "H99.01", "unit_name": "Sở Thử nghiệm"}]
	evaluations_api.rate_unit("H99.01", "1", "Tốt")
	assert evaluations_api.units_to_rate() == []
	for who in ("monitor", "admin"):
		as_user(who)
		with pytest.raises(frappe.PermissionError):
			evaluations_api.rate_unit("H99.01", "1")


# Petitions


def hand_in(**values) -> dict:
	facts = {
		"kind": "Conduct",
		"subject": "Thái độ",
		"content": "Nội dung",
		"sender_name": "Người Gửi Mẫu",
		"sender_address": "Địa chỉ mẫu",
		"sender_phone": "0900000123",
		"unit": WARD,
	}
	return petitions.submit_petition(**{**facts, **values})


def test_a_petition_is_followed_with_its_check_code_only(small):
	taken = hand_in()
	seen = petitions.follow_petition(taken["code"].lower(), taken["check"])
	assert seen["status"] == "Received"
	assert "0900000123" not in str(seen) and "Người Gửi Mẫu" not in str(seen)
	with pytest.raises(UnknownPetition):
		petitions.follow_petition(taken["code"], "ABCDEFGH")
	with pytest.raises(UnknownPetition):
		petitions.follow_petition("PAKN-000000-AAAAAA", taken["check"])
	doc = frappe.get_doc("Petition", {"code": taken["code"]})
	assert taken["check"] not in str(doc.as_dict())


def test_the_clock_counts_2_5_15_working_days(small):
	doc = frappe.get_doc("Petition", {"code": hand_in()["code"]})
	after = petitions._after(WARD)
	assert doc.refuse_by == after(doc.received_at, 2)
	assert doc.ask_by == after(doc.received_at, 5)
	assert doc.resolve_by == after(doc.received_at, 15)


@pytest.mark.parametrize(
	"missing",
	[
		{"subject": " "},
		{"content": ""},
		{"sender_name": ""},
		{"sender_address": ""},
		{"sender_phone": ""},
		{"kind": "x"},
		{"dossier_code": "none"},
		{"unit": "X"},
		{"sender_phone": "abc"},
	],
)
def test_a_petition_without_what_the_decree_asks_for_is_refused(small, missing):
	with pytest.raises(PetitionIncomplete):
		hand_in(**missing)


def test_an_evaluation_of_a_period_that_runs_is_not_published(small):
	(unit,) = [name for name in units.TREE.get() if name == WARD]
	today = getdate()
	with patch.object(frappe.db, "commit"), patch.object(frappe, "enqueue"):
		run = evaluations.start("Quarter", today.year, (today.month + 2) // 3, unit)
		evaluations.run(run)
	(name,) = frappe.get_all(
		"Unit Evaluation", {"unit": unit, "run": run, "scheme": rule_sets.AGENCIES}, pluck="name"
	)
	frappe.db.set_value("Unit Evaluation", name, "status", "Verified")
	as_user("monitor")
	doc = frappe.get_doc("Unit Evaluation", name)
	doc.status = "Published"
	with pytest.raises(EvaluationRefused):
		doc.save()


def test_a_run_says_which_month_or_quarter_it_is_of(small):
	with pytest.raises(frappe.MandatoryError):
		frappe.get_doc({"doctype": "Evaluation Run", "period": "Month", "year": 2026}).insert()
	with patch.object(frappe, "enqueue"):
		run = frappe.get_doc({"doctype": "Evaluation Run", "period": "Year", "year": 2026}).insert()
	assert run.number == 1


def test_a_petition_nobody_was_given_yet_counts_for_no_unit_art13_8(small):
	taken = hand_in()
	period = Period(getdate(), add_days(getdate(), 120))
	assert [row.name for row in Facts(period, frozenset({WARD}), unit=WARD).petitions]
	frappe.db.set_value("Petition", {"code": taken["code"]}, "unit", None)
	assert not Facts(period, frozenset({WARD}), unit=WARD).petitions


def test_a_petition_goes_from_asking_more_to_its_published_answer(small):
	taken = hand_in()
	name = frappe.db.get_value("Petition", {"code": taken["code"]})
	as_user("leader.ward")
	petitions.ask_more(name, "Ngày nào?")
	with pytest.raises(PetitionStepOutOfTurn):
		petitions.publish(name)
	petitions.add_information(taken["code"], taken["check"], "Hôm qua")
	with pytest.raises(PetitionIncomplete):
		petitions.answer(name, "Trả lời", "Công khai")
	petitions.answer(name, "Trả lời", "Công khai", "Upheld", small.email("officer.a"))
	petitions.publish(name)
	assert petitions.follow_petition(taken["code"], taken["check"])["answer"] == "Trả lời"
	(shown,) = [row for row in petitions.public_petitions() if row["code"] == taken["code"]]
	assert shown["public_answer"] == "Công khai" and "content" not in shown
	petitions.judge_answer(taken["code"], taken["check"], False)
	with pytest.raises(PetitionStepOutOfTurn):
		petitions.judge_answer(taken["code"], taken["check"], True)


def test_everybody_reads_a_petition_without_the_names_its_sender_wrote(small):
	taken = hand_in(subject="Ông Nguyễn Văn A, CCCD 048000000001, nhận tiền")
	name = frappe.db.get_value("Petition", {"code": taken["code"]})
	as_user("leader.ward")
	petitions.answer(name, "a", "b", "False", public_subject="Phản ánh về thái độ phục vụ")
	petitions.publish(name)
	(shown,) = [row for row in petitions.public_petitions() if row["code"] == taken["code"]]
	assert shown["subject"] == "Phản ánh về thái độ phục vụ"
	assert petitions.follow_petition(taken["code"], taken["check"])["subject"].startswith("Ông")


def test_a_petition_is_not_late_while_its_sender_is_waited_for(small):
	taken = hand_in()
	name = frappe.db.get_value("Petition", {"code": taken["code"]})
	as_user("leader.ward")
	petitions.ask_more(name, "Ngày nào?")
	long_ago = {
		key: now_datetime() - timedelta(days=days)
		for key, days in (
			("received_at", 120),
			("refuse_by", 118),
			("asked_at", 116),
			("ask_by", 113),
			("resolve_by", 100),
		)
	}
	frappe.db.set_value("Petition", name, long_ago)
	petitions.follow_clock()
	assert frappe.db.get_value("Petition", name, ["on_time", "prolonged"]) == (1, 0)
	petitions.answer(name, "Không có thêm thông tin", "b", "False")
	assert frappe.db.get_value("Petition", name, ["on_time", "prolonged"]) == (1, 0)


def test_asking_twice_counts_each_question_from_its_own_beginning(small):
	taken = hand_in()
	name = frappe.db.get_value("Petition", {"code": taken["code"]})
	as_user("leader.ward")
	petitions.ask_more(name, "Ngày nào?")
	past = now_datetime() - timedelta(days=30)
	frappe.db.set_value("Petition", name, {"asked_at": past, "ask_by": past + timedelta(hours=1)})
	petitions.add_information(taken["code"], taken["check"], "Hôm qua")
	petitions.ask_more(name, "Ở đâu?")
	assert frappe.db.get_value("Petition", name, "on_time") == 1
	frappe.db.set_value("Petition", name, {"asked_at": past, "ask_by": past - timedelta(hours=1)})
	petitions.add_information(taken["code"], taken["check"], "Tại quầy 3")
	petitions.ask_more(name, "Lúc nào?")
	assert frappe.db.get_value("Petition", name, "on_time") == 0, "the first question came too late"


def test_only_leaders_of_the_unit_and_the_office_handle_a_petition(small):
	name = frappe.db.get_value("Petition", {"code": hand_in()["code"]})
	for who in ("officer.a", "leader.commune", "admin"):
		as_user(who)
		with pytest.raises(frappe.PermissionError):
			petitions.accept(name)
	as_user("monitor")
	petitions.accept(name)


def test_a_complaint_is_upheld_against_somebody_who_served_in_the_unit_concerned_only(small):
	name = frappe.db.get_value("Petition", {"code": hand_in()["code"]})
	as_user("leader.ward")
	for stranger in ("officer.c", "leader.commune"):
		with pytest.raises(PetitionIncomplete):
			petitions.answer(name, "a", "b", "Upheld", small.email(stranger))
	as_user("monitor")
	doc = frappe.get_doc("Petition", name)
	doc.officer_concerned = small.email("officer.c")
	with pytest.raises(PetitionIncomplete):
		doc.save()
	frappe.set_user("Administrator")
	own = {"user": small.email("officer.a")}
	frappe.db.set_value("Unit Member", own, {"unit": "H99.40.01", "to_date": "2021-01-01"})
	units.MEMBERS.forget()
	as_user("leader.ward")
	petitions.answer(name, "a", "b", "Upheld", small.email("officer.a"))
	assert frappe.db.get_value("Petition", name, "officer_concerned") == small.email("officer.a")
	doc = frappe.get_doc("Petition", name)
	doc.unit_concerned = "H99.41"
	with pytest.raises(PetitionIncomplete):
		doc.save()
	frappe.db.rollback()
	units.MEMBERS.forget()


def test_nobody_handles_a_complaint_about_themselves(small, duties):
	duties("leader.ward", WARD, "Monitoring")
	name = frappe.db.get_value("Petition", {"code": hand_in()["code"]})
	as_user("leader.ward")
	with pytest.raises(frappe.PermissionError):
		petitions.answer(name, "a", "b", "False", small.email("leader.ward"))
	as_user("monitor")
	doc = frappe.get_doc("Petition", name)
	doc.officer_concerned = small.email("leader.ward")
	doc.save()
	as_user("leader.ward")
	for step in (petitions.accept, lambda name: petitions.answer(name, "a", "b", "False")):
		with pytest.raises(frappe.PermissionError):
			step(name)
	doc = frappe.get_doc("Petition", name)
	doc.officer_concerned = None
	with pytest.raises(frappe.PermissionError):
		doc.save()
	as_user("monitor")
	petitions.answer(name, "a", "b", "False")


def test_the_form_of_a_petition_does_not_go_round_its_handling(small):
	doc = frappe.get_doc("Petition", {"code": hand_in()["code"]})
	doc.status = "Published"
	with pytest.raises(PetitionClosedToEditing):
		doc.save()
	with pytest.raises(PetitionClosedToEditing):
		frappe.get_doc({"doctype": "Petition", "kind": "Conduct", "subject": "x", "content": "y"}).insert()


def test_a_petition_out_of_time_is_marked_late(small):
	name = frappe.db.get_value("Petition", {"code": hand_in()["code"]})
	frappe.db.set_value("Petition", name, {"resolve_by": now_datetime() - timedelta(days=90)})
	petitions.follow_clock()
	assert frappe.db.get_value("Petition", name, ["on_time", "prolonged"]) == (0, 1)


# Rule sets


def test_the_laws_rule_sets_are_there_and_add_up(small):
	for scheme, most, count in (("Agencies", 18, 9), ("Officers", 10, 5), ("Service Index", 100, 18)):
		doc = frappe.get_doc("Evaluation Rule Set", rule_sets.in_force(scheme, getdate()))
		indicators = rule_sets.indicators(doc)
		assert (sum(one.most for one in indicators), len(indicators)) == (most, count)
		assert {row.measure for row in doc.indicators} <= {*measures.MEASURES, "art13_4", "question", "peer"}


def test_a_new_version_ends_the_one_before_and_dates_may_not_overlap(small):
	draft = rule_sets.new_version(rule_sets.in_force("Officers", getdate()))
	draft.effective_from = "2027-01-01"
	draft.submit()
	assert rule_sets.in_force("Officers", date(2026, 12, 31)) == "Officers-v1"
	assert rule_sets.in_force("Officers", date(2027, 1, 1)) == draft.name
	again = rule_sets.new_version(draft.name)
	again.effective_from = "2026-06-01"
	with pytest.raises(RuleSetsOverlap):
		again.save()


def following(scheme: str, day: str):
	draft = rule_sets.new_version(
		frappe.get_all(
			"Evaluation Rule Set",
			{"scheme": scheme, "docstatus": 1},
			pluck="name",
			order_by="effective_from desc",
		)[0]
	)
	draft.effective_from = day
	draft.submit()
	return draft


def test_cancelling_a_rule_set_leaves_no_day_without_one(small):
	before = rule_sets.in_force("Agencies", getdate())
	last = following("Agencies", "2028-01-01")
	assert rule_sets.in_force("Agencies", date(2028, 1, 1)) == last.name
	last.reload()
	last.cancel()
	assert rule_sets.in_force("Agencies", date(2029, 1, 1)) == before
	assert rule_sets.questions(date(2029, 1, 1))
	assert not frappe.db.get_value("Evaluation Rule Set", before, "effective_to")


def test_where_no_rule_set_is_in_force_ratings_are_not_open(small):
	token = ratings.kiosk_token("H99.40.01")
	frappe.db.set_value("Evaluation Rule Set", {"scheme": "Agencies"}, "effective_from", "2099-01-01")
	with pytest.raises(RatingsNotOpen):
		ratings.open_token(token)
	with pytest.raises(RatingsNotOpen):
		ratings.rate(token, {"4": "0"})
	page = rating_page._rate(SimpleNamespace(is_post=False), token, kiosk="")
	assert page.status == 503 and page.values["closed"]


def test_an_approved_rule_set_is_not_changed_in_place(small):
	doc = frappe.get_doc("Evaluation Rule Set", "Officers-v1")
	doc.indicators[0].most = 3
	with pytest.raises(frappe.UpdateAfterSubmitError):
		doc.save()


def test_before_the_first_rule_set_there_is_none(small):
	with pytest.raises(NoRuleSetInForce):
		rule_sets.in_force("Agencies", date(2018, 1, 1))


def test_an_added_question_is_asked_from_its_day_on(small):
	draft = rule_sets.new_version(rule_sets.in_force("Agencies", getdate()))
	draft.append(
		"indicators",
		{
			"indicator_key": "clean",
			"title": "Sạch sẽ",
			"measure": "question",
			"most": 2,
			"counts": 0,
			"article": "Câu hỏi của tỉnh",
			"source": "Ratings",
			"scored_by": "Applicants",
			"question": "Nơi tiếp nhận có sạch sẽ không?",
			"answers": "Có = 2\nKhông = 0",
		},
	)
	draft.effective_from = getdate()
	draft.submit()
	assert "clean" in {question.key for question in rule_sets.questions(getdate())}
	assert "clean" not in {question.key for question in rule_sets.questions(getdate() - timedelta(days=1))}


# Evaluations


def run_for(unit: str = "H99", period: str = "Quarter", number: int = 1):
	doc = frappe.get_doc(
		{"doctype": "Evaluation Run", "period": period, "year": 2026, "number": number, "unit": unit}
	)
	doc.db_insert()
	return doc


def evaluate(unit: str = WARD):
	"""Compute one unit without the job around it, which commits."""
	run = run_for()
	outcomes = list(evaluations.evaluate_unit(unit, run, QUARTER))
	found = frappe.get_all("Unit Evaluation", {"unit": unit, "year": 2026}, ["name", "scheme"])
	return {row.scheme: frappe.get_doc("Unit Evaluation", row.name) for row in found}, outcomes


def evaluate_officer(who: str = "officer.a"):
	outcomes = list(evaluations.evaluate_officer(province.email(who), run_for(), QUARTER))
	name = frappe.db.get_value("Officer Evaluation", {"officer": province.email(who), "year": 2026})
	return (frappe.get_doc("Officer Evaluation", name) if name else None), outcomes


def line(doc, key: str):
	(found,) = [row for row in doc.lines if row.indicator_key == key]
	return found


def three_dossiers(small) -> list[str]:
	officer = small.email("officer.a")
	return [
		small.dossier(date(2026, 2, 2), due=date(2026, 2, 10), ended=date(2026, 2, 5), officer=officer),
		small.dossier(date(2026, 2, 2), due=date(2026, 2, 10), ended=date(2026, 2, 10), officer=officer),
		small.dossier(
			date(2026, 2, 2),
			due=date(2026, 2, 10),
			ended=date(2026, 2, 20),
			officer=officer,
			supplement_count=1,
		),
	]


def test_an_agency_is_scored_by_hand_count(small):
	three_dossiers(small)
	daily_facts.rebuild()
	found, _outcomes = evaluate()
	doc = found["Agencies"]
	assert [line(doc, key).computed_points for key in ("1", "2", "3", "7")] == [1.0, 1.0, 1.7, 1.0]
	assert [line(doc, key).has_data for key in ("4", "5", "6")] == [0, 0, 0]
	assert line(doc, "8").computed_points == 2
	assert doc.scored_text in ("5 of 9", "5 trên 9") and doc.score == 6.7 and doc.grade == "Average"
	assert doc.parts[0].dossiers == 3 and doc.parts[0].late == 1


def test_a_period_without_data_has_no_score(small):
	found, _outcomes = evaluate("H99.41")
	assert not line(found["Agencies"], "1").has_data
	doc, _outcomes = evaluate_officer("officer.b")
	assert (doc.has_score, doc.grade) == (0, None)


def test_an_upheld_complaint_sets_indicator_7_of_its_dossier_to_0_and_a_false_one_does_not(small):
	early, on_time, _late = three_dossiers(small)
	daily_facts.rebuild()
	for dossier, finding in ((early, "Upheld"), (on_time, "False")):
		code = hand_in(dossier_code=frappe.db.get_value("Dossier", dossier, "code"))["code"]
		name = frappe.db.get_value("Petition", {"code": code})
		petitions.answer(name, "a", "b", finding, small.email("officer.a"))
		frappe.db.set_value("Petition", name, "answered_at", datetime(2026, 3, 1))
	found, _outcomes = evaluate()
	assert line(found["Agencies"], "7").computed_points == 0.3
	assert line(found["Agencies"], "1").computed_points == 1.0
	doc, _outcomes = evaluate_officer()
	assert line(doc, "7").computed_points == 0.3


def complained(
	dossier: str | None,
	answered: datetime,
	finding: str = "Upheld",
	unit: str = WARD,
	officer: str = "officer.a",
) -> None:
	"""A petition about conduct, answered with a finding at a moment."""
	code = frappe.db.get_value("Dossier", dossier, "code") if dossier else None
	name = frappe.db.get_value("Petition", {"code": hand_in(dossier_code=code, unit=unit)["code"]})
	petitions.answer(name, "a", "b", finding, province.email(officer))
	frappe.db.set_value("Petition", name, "answered_at", answered)


def sheet_of(unit: str = WARD, year: int = 2026) -> dict:
	return awards.facts_of_unit(unit, awards.year_of(year), {})


def test_a_complaint_upheld_after_the_quarter_counts_where_its_dossier_ended(small):
	early, _on_time, _late = three_dossiers(small)
	complained(early, datetime(2026, 5, 4))
	found, _outcomes = evaluate()
	assert line(found["Agencies"], "7").computed_points == 0.3
	assert line(evaluate_officer()[0], "7").computed_points == 0.3
	second = Facts(Period(date(2026, 4, 1), date(2026, 6, 30)), frozenset({WARD}), unit=WARD)
	assert not second.complaints
	assert sheet_of()["upheld_complaints"] == 1


def test_once_the_quarter_is_published_a_complaint_counts_where_it_was_found_upheld(small):
	early, _on_time, _late = three_dossiers(small)
	found, _outcomes = evaluate()
	own, _outcomes = evaluate_officer()
	for doc in (found["Agencies"], own):
		doc.db_set({"status": "Published", "published_at": datetime(2026, 4, 20)})
	complained(early, datetime(2026, 5, 4))
	first, second = (
		Facts(period, frozenset({WARD}), unit=WARD).complaints
		for period in (QUARTER, Period(date(2026, 4, 1), date(2026, 6, 30)))
	)
	assert not first and second == {None: [Complaint.UPHELD]}
	officers = Facts(
		Period(date(2026, 4, 1), date(2026, 6, 30)), frozenset({WARD}), small.email("officer.a"), WARD
	)
	assert officers.complaints == {None: [Complaint.UPHELD]}
	assert sheet_of()["upheld_complaints"] == 1


def test_a_complaint_found_after_the_year_was_published_counts_in_the_next_one(small):
	early, _on_time, _late = three_dossiers(small)
	run = run_for(period="Year")
	list(evaluations.evaluate_unit(WARD, run, Period(date(2026, 1, 1), date(2026, 12, 31))))
	frappe.db.set_value(
		"Unit Evaluation",
		{"unit": WARD, "year": 2026, "period": "Year"},
		{"status": "Published", "published_at": datetime(2027, 1, 20)},
	)
	complained(early, datetime(2027, 2, 4))
	assert sheet_of()["upheld_complaints"] == 0
	assert sheet_of(year=2027)["upheld_complaints"] == 1


def test_a_complaint_hits_the_unit_it_concerns_whoever_decided_the_dossier(small):
	early, on_time, _late = three_dossiers(small)
	complained(early, datetime(2026, 3, 2), unit="H99.41", officer="leader.commune")
	here, there = (Facts(QUARTER, frozenset({unit}), unit=unit).complaints for unit in (WARD, "H99.41"))
	assert not here and there == {None: [Complaint.UPHELD]}
	complained(on_time, datetime(2026, 3, 2))
	complained(None, datetime(2026, 3, 2))
	complained(None, datetime(2026, 3, 2))
	assert sheet_of()["upheld_complaints"] == 3


def test_a_complaint_about_a_dossier_not_received_counts_where_it_was_found(small):
	refused = small.dossier(date(2026, 2, 2), status="Not Received", received_at=None)
	complained(refused, datetime(2026, 3, 2))
	assert Facts(QUARTER, frozenset({WARD}), unit=WARD).complaints == {None: [Complaint.UPHELD]}


def test_late_through_another_units_step_is_not_scored_late_here(small):
	dossier = small.dossier(
		date(2026, 2, 2),
		due=date(2026, 2, 10),
		ended=date(2026, 2, 20),
		officer=small.email("officer.a"),
		step_outcomes=("Early", "Late"),
	)
	frappe.db.set_value(
		"Dossier Step",
		{"dossier": dossier, "step_key": "S2"},
		{"unit": "H99.01", "officer": small.email("officer.c")},
	)
	daily_facts.rebuild()
	here, _ = evaluate(WARD)
	there, _ = evaluate("H99.01")
	assert line(here["Agencies"], "1").computed_points == 1
	assert line(here["Agencies"], "2").computed_points == 2
	assert line(there["Agencies"], "2").computed_points == 0
	slow, _ = evaluate_officer("officer.c")
	quick, _ = evaluate_officer("officer.a")
	assert line(slow, "1").computed_points == 0 and line(quick, "1").computed_points == 1


def test_an_officer_who_moved_is_scored_over_both_units_and_belongs_where_they_served_longest(small):
	frappe.db.set_value("Unit Member", {"user": small.email("officer.a")}, "to_date", "2026-01-30")
	row = frappe.get_doc("Unit Member", {"user": small.email("officer.a")}).as_dict()
	frappe.get_doc(
		{**row, "name": "moved", "unit": "H99.41", "from_date": "2026-01-31", "to_date": None}
	).db_insert()
	units.MEMBERS.forget()
	doc, _outcomes = evaluate_officer()
	assert doc.unit == "H99.41"
	assert [(one.unit, one.share) for one in doc.postings] == [("H99.40", 33.3), ("H99.41", 66.7)]


def close_account(who: str, on: date) -> None:
	frappe.db.set_value(
		"User",
		province.email(who),
		{"enabled": 0, "modified": datetime(on.year, on.month, on.day, 17)},
		update_modified=False,
	)
	units.MEMBERS.forget()


def test_online_dossiers_late_elsewhere_are_not_held_against_the_deciding_unit(small):
	officer = small.email("officer.a")

	def late_online(*steps: str | None, **values) -> str:
		name = small.dossier(
			date(2026, 2, 2),
			channel="Online",
			due=date(2026, 2, 10),
			officer=officer,
			step_outcomes=steps,
			**values,
		)
		frappe.db.set_value("Dossier Step", {"dossier": name, "step_key": "S2"}, "unit", "H99.01")
		return name

	def late_online_counted() -> int:
		offered = [frappe._dict(version=frappe._dict(online_level="Full"))]
		with (
			patch.object(Facts, "procedures", offered),
			patch.object(scoring, "art13_9_online_service", return_value=None) as asked,
		):
			measures.art13_9(Facts(QUARTER, frozenset({WARD}), unit=WARD), {})
		return asked.call_args.args[0].late

	late_online("Early", "Late", ended=date(2026, 2, 20))
	running = late_online("Early", None)
	frappe.db.set_value("Dossier Step", {"dossier": running, "step_key": "S2"}, "is_open", 1)
	daily_facts.rebuild()
	assert late_online_counted() == 0
	late_online("Late", "Early", ended=date(2026, 2, 20))
	frappe.db.set_value("Dossier Step", {"dossier": running, "step_key": "S1"}, "outcome", "Late")
	daily_facts.rebuild()
	assert late_online_counted() == 2


@pytest.mark.parametrize("seed", range(3))
def test_what_is_counted_where_it_stands_is_what_reading_it_would_count(small, seed):
	draw = random.Random(seed)
	people = [small.email("officer.a"), small.email("officer.c"), None]
	places = [WARD, "H99.01", "H99.40.01"]
	for _number in range(25):
		name = small.dossier(
			date(2026, 2, 2),
			unit=draw.choice(places[:2]),
			procedure=draw.choice(["9.900001", "9.900002"]),
			due=date(2026, 2, 10),
			ended=date(2026, 2, draw.choice([5, 10, 20])),
			step_outcomes=tuple(draw.choices(["Early", "On Time", "Late", None], k=draw.randint(1, 3))),
		)
		for step in frappe.get_all("Dossier Step", {"dossier": name}, pluck="name"):
			where = {"unit": draw.choice(places), "officer": draw.choice(people)}
			frappe.db.set_value("Dossier Step", step, where)
	subjects = [
		Facts(QUARTER, frozenset({WARD}), unit=WARD),
		Facts(QUARTER, frozenset({WARD, "H99.40.01"}), unit=WARD),
		Facts(QUARTER, frozenset({"H99.01"}), unit="H99.01"),
		Facts(QUARTER, units.answering("H99", LAST), unit="H99"),
		*(Facts(QUARTER, frozenset({WARD}), officer=officer, unit=WARD) for officer in people[:2]),
	]
	for facts in subjects:
		assert sorted(facts.late) == sorted(
			one.name for one in facts.decided if one.attributed() is scoring.Timing.LATE
		)
		assert sorted(facts.decided_names) == sorted(one.name for one in facts.decided)
		assert sum(facts.handled_by_procedure.values()) == len(facts.decided) > 0


def test_online_dossiers_are_a_share_of_what_was_handed_in_art13_9(small):
	root = small.dossier(date(2026, 2, 2), channel="Online", due=date(2026, 2, 10))
	for _part in range(2):
		small.dossier(date(2026, 2, 2), due=date(2026, 2, 10), parent_dossier=root)
	small.dossier(date(2026, 2, 2), channel="Counter", due=date(2026, 2, 10))
	daily_facts.rebuild()
	facts = Facts(QUARTER, frozenset({WARD}), unit=WARD)
	with patch.object(scoring, "art13_9_online_service", return_value=None) as asked:
		measures.art13_9(facts, {})
	assert (asked.call_args.args[0].online, asked.call_args.args[0].dossiers) == (1, 2)
	assert len(counted.COUNTED["art13_9"](facts)) == 2


@pytest.mark.parametrize(
	("unit", "level"),
	[
		(WARD, "Commune"),
		("H99.40.01", "Commune"),
		("H99.20", "Department"),
		("H99.01.01", "Department"),
		("H99.50", "Province"),
	],
)
def test_what_a_one_stop_decides_is_held_against_the_level_it_belongs_to_art13_5(small, unit, level):
	for code, above, kind in (("H99.01.01", "H99.01", "Division"), ("H99.50", "H99", "Vertical Agency")):
		values = {"unit_code": code, "unit_name": code, "level": kind, "parent_administrative_unit": above}
		small._row("Administrative Unit", code, **values)
	units.TREE.forget()
	with (
		patch.object(Facts, "procedures", [frappe._dict(exempt=0, decided_there=1, one_stop=1)]),
		patch.object(scoring, "art13_5_whole_process_at_one_stop", return_value=None) as asked,
	):
		measures.art13_5(Facts(QUARTER, frozenset({unit}), unit=unit), {})
	assert asked.call_args.args[0].level == level
	frappe.db.rollback()
	units.TREE.forget()


@pytest.mark.parametrize(("outcomes", "satisfied"), [(("Early", "Late"), 100), (("Late", "Early"), 0)])
def test_satisfaction_with_processing_counts_late_what_was_late_here(small, outcomes, satisfied):
	name = small.dossier(
		date(2026, 2, 2),
		due=date(2026, 2, 10),
		ended=date(2026, 2, 20),
		officer=small.email("officer.a"),
		step_outcomes=outcomes,
	)
	frappe.db.set_value("Dossier Step", {"dossier": name, "step_key": "S2"}, "unit", "H99.01")
	facts = Facts(QUARTER, frozenset({WARD}), unit=WARD)
	with patch.object(
		scoring, "qd766_5_4_satisfied_with_processing", side_effect=lambda late, _no: 100 - late
	):
		assert measures.qd766_5_4(facts, {}).value == satisfied


def test_an_officer_whose_account_was_closed_in_the_period_is_evaluated_for_it(small):
	three_dossiers(small)
	close_account("officer.a", date(2026, 3, 15))
	_alive, officers = evaluations.subjects(QUARTER, WARD)
	assert small.email("officer.a") in officers
	doc, _outcomes = evaluate_officer()
	assert line(doc, "1").facts == 3
	assert [(row.unit, row.share, row.steps) for row in doc.postings] == [(WARD, 82.2, 3)]
	sheet = {row["officer"]: row for row in awards.sheet(2026, "Officer", frozenset({WARD}))}
	assert sheet[small.email("officer.a")]["months_served"] == 2.5
	_alive, officers = evaluations.subjects(Period(date(2026, 4, 1), date(2026, 6, 30)), WARD)
	assert small.email("officer.a") not in officers
	units.MEMBERS.forget()


def test_a_day_of_leaving_on_the_membership_stands_before_the_day_the_account_was_closed(small):
	close_account("officer.a", date(2026, 6, 15))
	frappe.db.set_value("Unit Member", {"user": small.email("officer.a")}, "to_date", "2026-02-28")
	units.MEMBERS.forget()
	assert units.served(small.email("officer.a"))[0].to_date == date(2026, 2, 28)
	assert not units.memberships(small.email("officer.a"), date(2026, 2, 1))
	units.MEMBERS.forget()


def test_the_workload_of_part_of_a_year_is_told_per_month_served(small):
	three_dossiers(small)
	frappe.db.set_value(
		"Unit Member",
		{"user": small.email("officer.a")},
		{"from_date": "2026-02-01", "to_date": "2026-03-31"},
	)
	units.MEMBERS.forget()
	(row,) = [
		row
		for row in awards.sheet(2026, "Officer", frozenset({WARD}))
		if row["officer"] == small.email("officer.a")
	]
	assert (row["workload"], row["months_served"], row["workload_per_month"]) == (3, 2, 1.5)
	units.MEMBERS.forget()


def test_a_step_done_on_the_first_day_after_the_period_is_not_counted_in_it(small):
	small.dossier(
		date(2026, 3, 2), due=date(2026, 4, 2), ended=date(2026, 4, 1), officer=small.email("officer.a")
	)
	doc, _outcomes = evaluate_officer()
	assert [row.steps for row in doc.postings] == [0]


def test_dossiers_of_a_unit_merged_in_the_period_count_for_its_successor(small):
	small.dossier(date(2026, 1, 5), unit="H99.41", due=date(2026, 1, 9), ended=date(2026, 1, 8))
	frappe.db.set_value("Administrative Unit", "H99.41", {"valid_to": "2026-02-28", "successor": WARD})
	units.TREE.forget()
	alive, _officers = evaluations.subjects(QUARTER, "H99")
	assert "H99.41" not in alive and WARD in alive
	assert [handled.timing for handled in Facts(QUARTER, units.answering(WARD, LAST)).decided]
	assert "H99.41" not in units.answering(WARD, date(2026, 2, 1))
	units.TREE.forget()


def test_computing_again_shows_the_difference_and_keeps_what_people_assessed(small):
	names = three_dossiers(small)
	daily_facts.rebuild()
	doc, _outcomes = evaluate_officer()
	line(doc, "3").self_points = 1.0
	doc.save()
	frappe.db.set_value("Dossier", names[2], "outcome", "Early")
	again, outcomes = evaluate_officer()
	assert outcomes == ["changed"]
	assert [(row.indicator_key, row.before, row.after) for row in again.differences] == [
		("1", "1.0", "1.7"),
		("7", "1.0", "1.7"),
	]
	assert line(again, "3").self_points == 1.0
	assert line(again, "1").self_points == 1.7


def test_an_evaluation_is_assessed_by_its_subject_verified_by_the_head_and_then_frozen(small):
	from frappe.model.workflow import apply_workflow

	three_dossiers(small)
	daily_facts.rebuild()
	doc, _outcomes = evaluate_officer()
	as_user("officer.a")
	doc.reload()
	doc = apply_workflow(doc, "Self-Assess")
	line(doc, "1").verified_points = 2
	with pytest.raises(NotYoursToScore):
		doc.save()
	as_user("leader.ward")
	doc = frappe.get_doc("Officer Evaluation", doc.name)
	line(doc, "1").verified_points = 0.5
	with pytest.raises(DeductionNeedsReason):
		doc.save()
	doc.reload()
	line(doc, "1").update({"verified_points": 0.5, "reason": "Hồ sơ trễ do cán bộ"})
	doc.save()
	doc = apply_workflow(doc, "Verify")
	assert doc.verified_score == round(doc.score - 0.5, 2)
	as_user("monitor")
	doc = apply_workflow(doc, "Publish")
	assert doc.published_at
	doc.explanation = "Sửa"
	with pytest.raises(EvaluationFrozen):
		doc.save()
	with pytest.raises(EvaluationFrozen):
		doc.reload()
		frappe.set_user("Administrator")
		doc.delete()
	assert evaluate_officer()[1] == ["frozen"]


def serve(who: str, unit: str, duty: str, **values) -> None:
	"""One more duty of somebody, with the role it gives."""
	user = province.email(who)
	province._row("Unit Member", None, user=user, unit=unit, duty=duty, from_date="2020-01-01", **values)
	role = {"parent": user, "parenttype": "User", "parentfield": "roles", "role": province.ROLE_OF[duty]}
	if not frappe.db.exists("Has Role", role):
		province._row("Has Role", None, **role)
	frappe.clear_cache(user=user)
	units.MEMBERS.forget()


@pytest.fixture
def duties(small):
	yield serve
	frappe.db.rollback()
	units.MEMBERS.forget()
	for who in small.PEOPLE:
		frappe.clear_cache(user=small.email(who))


def at_state(doc, status: str):
	frappe.db.set_value(doc.doctype, doc.name, "status", status)
	return frappe.get_doc(doc.doctype, doc.name)


def moved(doc, status: str, who: str) -> str:
	"""The state of an evaluation after somebody has moved it on the form, or what they were refused with."""
	as_user(who)
	doc = frappe.get_doc(doc.doctype, doc.name)
	doc.status = status
	try:
		doc.save()
	except (NotYoursToScore, frappe.PermissionError, frappe.ValidationError) as error:
		return type(error).__name__
	finally:
		frappe.set_user("Administrator")
	return frappe.db.get_value(doc.doctype, doc.name, "status")


def test_a_deputy_does_not_verify_the_head_of_the_unit_nor_the_head_the_deputies_superior(small, duties):
	duties("officer.b", WARD, "Approval")
	head, _outcomes = evaluate_officer("leader.ward")
	at_state(head, "Self-Assessed")
	assert moved(head, "Verified", "officer.b") == "NotYoursToScore"
	assert moved(head, "Verified", "leader.ward") == "NotYoursToScore"
	duties("leader.commune", "H99", "Approval")
	assert moved(head, "Verified", "officer.b") == "NotYoursToScore"
	assert moved(head, "Verified", "leader.commune") == "Verified"
	officer, _outcomes = evaluate_officer("officer.a")
	at_state(officer, "Self-Assessed")
	assert moved(officer, "Verified", "officer.b") == "Verified"


def test_where_nobody_is_above_the_office_verifies(small):
	head, _outcomes = evaluate_officer("leader.ward")
	at_state(head, "Self-Assessed")
	assert moved(head, "Verified", "leader.commune") != "Verified"
	assert moved(head, "Verified", "monitor") == "Verified"
	officer, _outcomes = evaluate_officer("officer.a")
	at_state(officer, "Self-Assessed")
	assert moved(officer, "Verified", "monitor") == "NotYoursToScore"


def test_who_works_in_a_unit_and_leads_another_one_does_not_lead_it(small, duties):
	duties("leader.commune", WARD, "Appraisal")
	officer, _outcomes = evaluate_officer("officer.a")
	at_state(officer, "Self-Assessed")
	assert moved(officer, "Verified", "leader.commune") == "NotYoursToScore"
	of_unit, _outcomes = evaluate()
	assert moved(of_unit["Agencies"], "Self-Assessed", "leader.commune") == "NotYoursToScore"


def test_who_stands_in_for_a_leader_leads_but_does_not_judge_them(small, duties):
	duties("leader.ward", "H99.40.01", "Approval", delegate=small.email("officer.b"))
	assert led_units.leads("H99.40.01", small.email("officer.b"))
	assert not led_units.leads(WARD, small.email("officer.b"))
	assert small.email("officer.b") in led_units.superiors(small.email("officer.a"), "H99.40.01")
	assert small.email("officer.b") not in led_units.superiors(small.email("leader.ward"), "H99.40.01")


def test_nobody_verifies_or_publishes_their_own_evaluation(small, duties):
	duties("officer.b", WARD, "Monitoring")
	own, _outcomes = evaluate_officer("officer.b")
	at_state(own, "Verified")
	for status in ("Published", "Self-Assessed"):
		assert moved(own, status, "officer.b") == "NotYoursToScore"
	assert moved(own, "Published", "monitor") == "Published"
	top, _outcomes = evaluate_officer("monitor")
	at_state(top, "Self-Assessed")
	assert moved(top, "Verified", "monitor") == "NotYoursToScore"
	assert moved(top, "Verified", "officer.b") == "Verified"


def test_nobody_verifies_or_publishes_the_evaluation_of_the_unit_they_head_or_lead(small, duties):
	duties("leader.ward", WARD, "Monitoring")
	found, _outcomes = evaluate()
	doc = at_state(found["Agencies"], "Self-Assessed")
	assert moved(doc, "Verified", "leader.ward") == "NotYoursToScore"
	assert moved(doc, "Verified", "monitor") == "Verified"
	assert moved(doc, "Published", "leader.ward") == "NotYoursToScore"
	duties("officer.b", WARD, "Monitoring")
	assert moved(doc, "Published", "officer.b") == "Published"
	other = at_state(found["Service Index"], "Verified")
	frappe.db.set_value("Administrative Unit", WARD, "head", small.email("officer.b"))
	frappe.clear_document_cache("Administrative Unit", WARD)
	assert moved(other, "Published", "officer.b") == "NotYoursToScore"
	frappe.db.set_value(
		"Unit Member", {"user": small.email("leader.ward"), "duty": "Approval"}, "to_date", LAST
	)
	units.MEMBERS.forget()
	assert moved(other, "Published", "leader.ward") == "NotYoursToScore"
	frappe.clear_document_cache("Administrative Unit", WARD)


def test_points_outside_an_indicators_range_and_changed_facts_are_refused(small):
	three_dossiers(small)
	doc, _outcomes = evaluate_officer()
	line(doc, "1").self_points = 3
	with pytest.raises(PointsRefused):
		doc.save()
	doc.reload()
	line(doc, "1").computed_points = 2
	doc.save()
	assert line(doc, "1").computed_points == 1
	doc.lines = doc.lines[:-1]
	with pytest.raises(EvaluationRefused):
		doc.save()


@pytest.mark.parametrize(
	("field", "value"),
	[
		("officer", "officer.b@t9.example"),
		("officer_name", "Người khác"),
		("unit", "H99.41"),
		("published_at", "2026-04-01 00:00:00"),
		("differences", [{"indicator_key": "1", "before": "0", "after": "2"}]),
		("parts", []),
		("postings", []),
	],
)
def test_nobody_changes_what_a_run_has_found(small, field, value):
	names = three_dossiers(small)
	evaluate_officer()
	frappe.db.set_value("Dossier", names[2], "outcome", "Early")
	doc, _outcomes = evaluate_officer()
	before = doc.as_dict(no_default_fields=True)[field]
	as_user("monitor")
	doc = frappe.get_doc("Officer Evaluation", doc.name)
	doc.set(field, value)
	doc.save()
	doc.reload()
	assert frappe.as_json(doc.as_dict(no_default_fields=True)[field]) == frappe.as_json(before)


def test_whose_evaluation_it_is_is_not_what_a_client_says(small):
	three_dossiers(small)
	other, _outcomes = evaluate_officer("officer.a")
	as_user("officer.b")
	other.update({"officer": small.email("officer.b"), "explanation": "của người khác"})
	with pytest.raises(frappe.PermissionError):
		other.save()


def test_no_evaluation_takes_rows_out_of_a_published_one(small):
	three_dossiers(small)
	mine, _outcomes = evaluate_officer("officer.a")
	other, _outcomes = evaluate_officer("officer.b")
	frappe.db.set_value("Officer Evaluation", other.name, "status", "Published")
	as_user("officer.a")
	mine.reload()
	taken = line(other, "1").name
	line(mine, "1").update({"name": taken, "explanation": "x"})
	mine.save()
	assert frappe.db.get_value("Evaluation Line", taken, "parent") == other.name


def test_no_document_takes_a_row_out_of_another_one(small):
	council = {
		"doctype": "Emulation Council",
		"unit": "H99",
		"members": [{"member": small.email("monitor")}],
	}
	first, second = (
		frappe.get_doc({**council, "council_name": name}).insert() for name in ("Hội đồng 1", "Hội đồng 2")
	)
	second.reload()
	second.members[0].name = first.members[0].name
	with pytest.raises(OnlyWithDocument):
		second.save()
	assert frappe.db.get_value("Council Member", first.members[0].name, "parent") == first.name


def test_an_officer_sees_their_own_evaluation_and_nobody_elses(small):
	three_dossiers(small)
	mine, _ = evaluate_officer("officer.a")
	other, _ = evaluate_officer("officer.b")
	unit, _ = evaluate()
	as_user("officer.a")
	assert frappe.get_list("Officer Evaluation", {"year": 2026}, pluck="name") == [mine.name]
	assert mine.has_permission("read") and not other.has_permission("read")
	assert not frappe.has_permission("Unit Evaluation", "read")
	as_user("leader.commune")
	assert frappe.get_list("Officer Evaluation", {"year": 2026}, pluck="name") == []
	assert not unit["Agencies"].has_permission("read")
	as_user("leader.ward")
	assert set(frappe.get_list("Officer Evaluation", {"year": 2026}, pluck="name")) == {mine.name, other.name}


@pytest.mark.parametrize(
	("doctype", "condition"),
	[
		("Officer Evaluation", access.officer_evaluation_condition),
		("Unit Evaluation", access.unit_evaluation_condition),
		("Petition", access.petition_condition),
	],
)
@pytest.mark.parametrize("who", ["officer.a", "officer.c", "leader.ward", "leader.commune", "monitor"])
def test_lists_and_documents_agree_on_who_sees_what(small, doctype, condition, who):
	three_dossiers(small)
	evaluate_officer("officer.a"), evaluate_officer("officer.c"), evaluate(WARD), evaluate("H99.41")
	hand_in()
	everything = frappe.get_all(doctype, pluck="name")
	as_user(who)
	sql = condition(frappe.session.user) or "1 = 1"
	listed = {row[0] for row in frappe.db.sql(f"select name from `tab{doctype}` where {sql}")}
	checked = {
		name
		for name in everything
		if frappe.get_hooks("has_permission")[doctype]
		and frappe.get_attr(frappe.get_hooks("has_permission")[doctype][0])(
			frappe.get_doc(doctype, name), "read", frappe.session.user
		)
	}
	assert listed == checked


def loaded(name: str, who: str) -> list[dict]:
	as_user(who)
	doc = frappe.get_doc("Officer Evaluation", name)
	doc.run_method("onload")
	frappe.set_user("Administrator")
	return doc.get_onload("led_units")


def test_a_heads_evaluation_shows_the_results_of_their_unit_and_what_these_depend_on(small):
	three_dossiers(small)
	daily_facts.rebuild()
	of_unit, _outcomes = evaluate()
	evaluate("H99.41")
	head, _outcomes = evaluate_officer("leader.ward")
	for who in ("leader.ward", "monitor"):
		found = {row["name"]: row for row in loaded(head.name, who)}
		assert set(found) == {of_unit["Agencies"].name, of_unit["Service Index"].name}
		shown = found[of_unit["Agencies"].name]
		assert (shown["score"], shown["unit_name"]) == (6.7, "Phường Thử nghiệm")
		points = [row["points"] for row in shown["lines"]]
		assert points[:3] == [1, 1, 1.7] and None in points
	officer, _outcomes = evaluate_officer("officer.a")
	assert loaded(officer.name, "officer.a") == loaded(officer.name, "leader.ward") == []


def opened(**filters) -> list[dict]:
	return frappe.get_doc("Report", "Counted in an Evaluation").execute_script_report(filters)[1]


def opened_line(doc, key: str) -> list[dict]:
	return opened(reference_doctype=doc.doctype, reference_name=doc.name, indicator=key)


def test_every_line_of_an_evaluation_opens_as_much_as_it_counts(small):
	early, on_time, _late = three_dossiers(small)
	small.dossier(date(2026, 3, 30), channel="Online", due=date(2026, 4, 10))
	complained(early, datetime(2026, 3, 1))
	complained(None, datetime(2026, 3, 2))
	complained(on_time, datetime(2026, 3, 2), "False")
	part_of(on_time, "Dossier Fee", kind="Fee", amount=8)
	frappe.get_doc(
		{
			"doctype": "Publication Check",
			"name": "check",
			"unit": WARD,
			"checked_on": date(2026, 2, 2),
			"posted": 1,
		}
	).db_insert()
	daily_facts.rebuild()
	found, _outcomes = evaluate()
	officer, _outcomes = evaluate_officer()
	checked = set()
	for doc in (*found.values(), officer):
		doc.run_method("onload")
		for row in doc.lines:
			if row.indicator_key in doc.get_onload("counted"):
				if not row.has_data:
					continue
				assert len(opened_line(doc, row.indicator_key)) == row.facts, (doc.doctype, row.indicator_key)
				checked.add((doc.doctype, row.indicator_key, bool(row.facts)))
			else:
				with pytest.raises(NothingCounted):
					opened_line(doc, row.indicator_key)
	assert {key for _doctype, key, some in checked if some} >= {"1", "2", "3", "6", "7", "2.1", "3.3", "3.6"}


def test_the_list_behind_an_officers_line_is_theirs_and_their_heads(small):
	three_dossiers(small)
	complained(None, datetime(2026, 3, 2))
	mine, _outcomes = evaluate_officer("officer.a")
	as_user("officer.a")
	rows = opened_line(mine, "7")
	assert len(rows) == 4 and all(not row["title"] for row in rows if row["reference_type"] == "Petition")
	for who in ("officer.b", "leader.commune"):
		as_user(who)
		with pytest.raises(frappe.PermissionError):
			opened_line(mine, "1")
		with pytest.raises(frappe.PermissionError):
			opened(year=2026, fact="handled", officer=small.email("officer.a"))
	as_user("leader.ward")
	assert len(opened_line(mine, "1")) == 3
	assert len(opened(year=2026, fact="handled", officer=small.email("officer.a"))) == 3
	with pytest.raises(frappe.PermissionError):
		opened(year=2026, fact="handled", unit="H99.41")
	with pytest.raises(NothingCounted):
		opened(year=2026, fact="score", unit=WARD)


# Shares of QĐ 766


def part_of(dossier: str, doctype: str, **values) -> None:
	facts = {"doctype": doctype, "name": frappe.generate_hash(length=10), **values}
	where = (
		{"parent": dossier, "parenttype": "Dossier", "parentfield": "fees", "idx": 1}
		if doctype == "Dossier Fee"
		else {"dossier": dossier}
	)
	frappe.get_doc({**facts, **where}).db_insert()


def giving_a_document() -> str:
	"""A version of a procedure that gives a document, as far as facts read it."""
	version = frappe.generate_hash(length=10)
	row = {"parent": version, "parenttype": "Procedure Version", "parentfield": "results", "idx": 1}
	frappe.get_doc(
		{"doctype": "Procedure Result", "name": frappe.generate_hash(length=10), "result_name": "Giấy", **row}
	).db_insert()
	return version


def shares(unit: str = WARD) -> dict:
	daily_facts.rebuild()
	facts = Facts(QUARTER, frozenset({unit}), unit=unit)
	return {
		key: (found.value, found.count)
		for key in ("qd766_3_3", "qd766_3_6", "qd766_4_1")
		for found in (measures.MEASURES[key](facts, {}),)
	}


def test_a_land_tax_paid_online_is_no_fee_paid_online(small):
	owing, with_fee, free = (small.dossier(date(2026, 2, 2)) for _number in range(3))
	part_of(owing, "Dossier Fee", kind="Financial Obligation", amount=900)
	part_of(owing, "Dossier Payment", kind="Financial Obligation", amount=900, status="Paid", method="Online")
	part_of(free, "Dossier Payment", kind="Financial Obligation", amount=900, status="Paid", method="Online")
	part_of(with_fee, "Dossier Fee", kind="Fee", amount=8)
	assert shares()["qd766_3_6"] == (0, 1)
	part_of(with_fee, "Dossier Payment", kind="Fee", amount=8, status="Paid", method="Online")
	assert shares()["qd766_3_6"] == (100, 1)


def test_a_refusal_is_no_document_given_and_an_unasked_file_no_e_result(small):
	version = giving_a_document()
	given, refused, open_one = (small.dossier(date(2026, 2, 2), procedure_version=version) for _n in range(3))
	without = small.dossier(date(2026, 2, 2))
	part_of(given, "Dossier Result", result_name="Giấy", file="/private/files/a.pdf")
	part_of(refused, "Dossier Result", result_name="Từ chối", refused=1, file="/private/files/b.pdf")
	part_of(without, "Dossier Result", result_name="Khác", file="/private/files/c.pdf")
	assert open_one and shares()["qd766_4_1"] == (50, 2)


def test_an_online_dossier_counts_with_its_e_result_where_a_document_is_given(small):
	version = giving_a_document()
	paper, both = (
		small.dossier(date(2026, 2, 2), channel="Online", procedure_version=version) for _number in range(2)
	)
	small.dossier(date(2026, 2, 2), channel="Online")
	small.dossier(date(2026, 2, 2), procedure_version=version)
	part_of(both, "Dossier Result", result_name="Giấy", file="/private/files/a.pdf")
	part_of(paper, "Dossier Result", result_name="Giấy")
	assert shares()["qd766_3_3"] == (50, 4)


def on_time_share(unit: str = WARD):
	return measures.qd766_2_1(Facts(QUARTER, frozenset({unit}), unit=unit), {}).value


def test_a_dossier_that_waits_for_its_applicant_is_held_against_the_moment_it_was_asked(small):
	waiting, asked_late = (
		small.dossier(
			date(2026, 2, 2), due=date(2026, 2, 10), status="Awaiting Supplement", supplement_count=1
		)
		for _number in range(2)
	)
	small.event(waiting, "supplement_requested", date(2026, 2, 5), "In Process", "Awaiting Supplement")
	small.event(asked_late, "supplement_requested", date(2026, 2, 12), "In Process", "Awaiting Supplement")
	assert on_time_share() == 50
	frappe.db.set_value("Dossier", waiting, "supplement_count", 2)
	assert on_time_share() == 0


def test_asking_twice_is_excused_by_a_recorded_fault_of_the_applicant_alone(small):
	ended = {"due": date(2026, 2, 20), "ended": date(2026, 2, 19), "supplement_count": 2}
	excused, at_intake, half = (small.dossier(date(2026, 2, 2), **ended) for _number in range(3))

	def asked(dossier: str, *faults: str) -> None:
		for fault in faults:
			known = {"applicants_fault": fault} if fault else {}
			small.event(
				dossier,
				"supplement_requested",
				date(2026, 2, 3),
				"In Process",
				"In Process",
				stage="intake",
				**known,
			)

	asked(excused, "", "Khai sai họ tên")
	asked(at_intake, "", "")
	asked(half, "Khai sai", "")
	facts = Facts(QUARTER, frozenset({WARD}), unit=WARD)
	assert facts.applicants_fault == {excused}
	assert measures.art13_3(facts, {}).value == Decimal("0.3")


@pytest.mark.usefixtures("province")
def test_the_applicants_fault_is_recorded_with_the_request():
	name = make.handed_over()
	make.give("request_supplement", name, make.OFFICER, reason="Thiếu", applicants_fault="Khai sai")
	(data,) = frappe.get_all("Dossier Event", {"dossier": name, "kind": "supplement_requested"}, pluck="data")
	assert frappe.parse_json(data)["applicants_fault"] == "Khai sai"


def test_one_unit_that_cannot_be_computed_leaves_the_others_their_evaluation(small):
	three_dossiers(small)
	daily_facts.rebuild()
	frappe.db.set_value(
		"Dossier Daily Fact", {"deciding_unit": WARD, "day": "2026-02-02", "grain": 3}, "reused", 99
	)
	frappe.db.set_value(
		"Dossier Daily Fact", {"deciding_unit": WARD, "day": "2026-02-01", "grain": 3}, "reused", 99
	)
	with (
		patch.object(frappe.db, "commit"),
		patch.object(frappe, "enqueue"),
	):
		name = evaluations.start("Quarter", 2026, 1, "H99")
		evaluations.run(name)
	run = frappe.get_doc("Evaluation Run", name)
	assert run.status == "Done with Problems" and "Phường Thử nghiệm" in run.message
	assert frappe.db.exists("Unit Evaluation", {"unit": "H99.41", "run": name})
	assert frappe.db.exists("Officer Evaluation", {"officer": small.email("officer.c"), "run": name})
	assert not frappe.db.exists("Unit Evaluation", {"unit": WARD, "run": name})


@pytest.mark.parametrize(
	("period", "year", "number"),
	[
		("Quarter", 2026, 5),
		("Month", 2026, 13),
		("Year", 2999, 1),
		("Year", 0, 1),
		("Year", 1, 1),
		("Year", 20260, 1),
	],
)
def test_a_run_for_a_period_that_does_not_exist_is_refused(small, period, year, number):
	with pytest.raises(RunRefused):
		evaluations.start(period, year, number)


def test_a_run_evaluates_every_unit_and_officer_below_and_leaves_published_ones_alone(small):
	three_dossiers(small)
	daily_facts.rebuild()
	with patch.object(frappe.db, "commit"), patch.object(frappe, "enqueue") as queued:
		name = evaluations.start("Quarter", 2026, 1, WARD)
		assert queued.call_args.kwargs["job_id"] == f"evaluation-run-{name}"
		evaluations.run(name)
		run = frappe.get_doc("Evaluation Run", name)
		# Two units under two schemes each, and the three people of the ward.
		assert (run.status, run.progress, run.written, run.changed, run.frozen) == ("Done", 100, 7, 0, 0)
		frappe.db.set_value(
			"Unit Evaluation", {"unit": WARD, "scheme": "Agencies", "year": 2026}, "status", "Published"
		)
		evaluations.run(evaluations.start("Quarter", 2026, 1, WARD))
	(again,) = frappe.get_all("Evaluation Run", {"name": ("!=", name), "unit": WARD}, ["written", "frozen"])
	assert (again.written, again.frozen) == (6, 1)
	# Frappe notes nothing to do for everybody who has the role, wherever they work.
	assert not frappe.db.exists("Workflow Action", {"reference_doctype": ("like", "%Evaluation")})


@pytest.mark.parametrize(
	("error", "said"), [(frappe.ValidationError("hỏng"), "hỏng"), (ValueError("column x"), "(ValueError)")]
)
def test_a_run_that_fails_says_why_in_words_for_people(small, error, said):
	with (
		patch.object(frappe.db, "commit"),
		patch.object(frappe.db, "rollback"),
		patch.object(frappe, "enqueue"),
	):
		name = evaluations.start("Quarter", 2026, 1, WARD)
		with patch.object(evaluations, "subjects", side_effect=error), pytest.raises(type(error)):
			evaluations.run(name)
	status, message = frappe.db.get_value("Evaluation Run", name, ["status", "message"])
	assert status == "Failed" and said in message and "column" not in message


def test_ratings_are_released_before_what_rests_on_them_is_computed(small):
	done = []
	monthly = frappe.get_hooks("scheduler_events")["monthly"]
	assert "one_stop.quality.evaluations.close_month" in monthly
	assert not {"one_stop.quality.ratings.release", "one_stop.quality.evaluations.start_due_runs"} & set(
		monthly
	)
	with (
		patch.object(ratings, "release", side_effect=lambda: done.append("released")),
		patch.object(evaluations, "start", side_effect=lambda *_period: done.append("started")),
	):
		evaluations.close_month()
	assert done[0] == "released" and set(done[1:]) == {"started"}


def test_runs_are_due_for_the_month_quarter_and_year_that_have_ended(small):
	with patch.object(evaluations, "start", side_effect=lambda *period: period):
		assert evaluations.start_due_runs(date(2026, 3, 1)) == [("Month", 2026, 2)]
		assert evaluations.start_due_runs(date(2026, 4, 1)) == [("Month", 2026, 3), ("Quarter", 2026, 1)]
		assert evaluations.start_due_runs(date(2027, 1, 1)) == [
			("Month", 2026, 12),
			("Quarter", 2026, 4),
			("Year", 2026, 1),
		]


@pytest.mark.usefixtures("province")
def test_without_a_due_date_the_time_used_less_supplements_is_held_against_the_longest_limit():
	name = make.handed_over()
	row = frappe.db.get_value(
		"Dossier", name, ["name", "due_at", "ended_at", "supplement_count", "status"], as_dict=True
	)
	due, row.due_at = row.due_at, None
	before, after = (
		progress.facts_of(row, None, moment)
		for moment in (due - timedelta(minutes=1), due + timedelta(days=4))
	)
	assert before.limit_minutes == after.limit_minutes > 0
	assert qd766_2_1_is_on_time(before, due) and not qd766_2_1_is_on_time(after, due)
	make.give("request_supplement", name, make.OFFICER, reason="Thiếu giấy")
	asked = frappe.db.get_value("Dossier Event", {"dossier": name, "kind": "supplement_requested"}, "at")
	assert progress._asked_at([name]) == {name: asked}
	waiting = progress.facts_of(row, asked, due + timedelta(days=4))
	assert qd766_2_1_is_on_time(waiting, due)
