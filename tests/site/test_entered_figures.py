"""Indicators of QĐ 766/QĐ-TTg whose data lie in other systems: entered with evidence, or left out."""

import json
from datetime import date
from decimal import Decimal

import frappe
import pytest
import small_province as province
from frappe.utils import add_days, getdate

from one_stop.organization import units, working_time
from one_stop.procedures import approval
from one_stop.procedures.exceptions import PublishedOutOfTime
from one_stop.quality import evaluations, measures, rule_sets, scoring
from one_stop.quality.exceptions import (
	FigureEnteredTwice,
	FigureOutOfRange,
	FigureWithoutEvidence,
	RunRefused,
)
from one_stop.quality.measures import Facts, Period

QUARTER = Period(date(2026, 1, 1), date(2026, 3, 31))
YEAR = Period(date(2025, 1, 1), date(2025, 12, 31))


@pytest.fixture
def small(site):
	site.local.lang = "en"
	with province.standing():
		yield province


def enter(measure: str, part: int, whole: int, submit: bool = True, **values):
	figure = frappe.get_doc(
		{
			"doctype": "Entered Figure",
			"measure": measure,
			"unit": "H99.40",
			"period": "Quarter",
			"year": 2026,
			"number": 1,
			"part": part,
			"whole": whole,
			"source": "Cổng Dịch vụ công quốc gia, báo cáo ngày 05/4/2026",
			"evidence_link": "https://dichvucong.example/bao-cao",
			**values,
		}
	).insert()
	if submit:
		figure.submit()
	return figure


def found(measure: str, period: Period = QUARTER, unit: str = "H99.40", **limits) -> tuple:
	facts = Facts(period, units.answering(unit, period.last), unit=unit)
	answer = measures.MEASURES[measure](facts, {key: Decimal(value) for key, value in limits.items()})
	return answer.value, answer.count


@pytest.mark.parametrize(
	("measure", "part", "whole", "value", "most", "points"),
	[
		# 180 of 200 dossiers synchronised: 90 % of 6 points.
		("qd766_1_4", 180, 200, "90.00", 6, "5.40"),
		# 30 of 240 dossiers with papers from the national store: 12.5 % of 5 points, half up.
		("qd766_4_4", 30, 240, "12.50", 5, "0.63"),
		# 2 of 3 accounts verified against the population data.
		("qd766_4_5", 2, 3, "66.67", 5, "3.33"),
		("qd766_1_1", 9, 10, "90.00", 2, "1.80"),
		("qd766_1_2", 10, 10, "100.00", 4, "4.00"),
	],
)
def test_an_entered_figure_is_scored_by_the_indicators_formula(
	small, measure, part, whole, value, most, points
):
	enter(measure, part, whole)
	assert found(measure) == (Decimal(value), whole)
	assert scoring.qd766_points(Decimal(value), Decimal(most)) == Decimal(points)


@pytest.mark.parametrize("measure", ["qd766_1_4", "qd766_4_4", "qd766_4_5"])
def test_what_nobody_has_entered_is_left_out(small, measure):
	assert found(measure) == (None, 0)
	enter(measure, 1, 2, submit=False)
	assert found(measure) == (None, 0)


def test_a_year_is_the_sum_of_its_quarters_and_left_out_until_the_last_is_entered(small):
	for number, part in ((1, 10), (2, 20), (3, 30)):
		enter("qd766_1_4", part, 50, year=2025, number=number)
	assert found("qd766_1_4", YEAR) == (None, 0)
	enter("qd766_1_4", 40, 50, year=2025, number=4)
	assert found("qd766_1_4", YEAR) == (Decimal("50.00"), 200)


def test_a_cancelled_figure_no_longer_counts_and_its_amendment_does(small):
	wrong = enter("qd766_1_4", 10, 100)
	wrong.cancel()
	assert found("qd766_1_4") == (None, 0)
	right = frappe.copy_doc(wrong)
	right.update({"amended_from": wrong.name, "part": 90, "docstatus": 0})
	right.insert().submit()
	assert found("qd766_1_4") == (Decimal("90.00"), 100)


def test_what_was_entered_for_a_merged_unit_is_its_successors_and_covers_its_own_days(small):
	"""The commune is merged into the ward in February: until then each has figures of its own, then the ward alone."""
	frappe.db.set_value(
		"Administrative Unit", "H99.41", {"successor": "H99.40", "valid_to": date(2026, 2, 28)}
	)

	units.TREE.forget()
	for unit, number, part in (("H99.41", 1, 5), ("H99.40", 1, 10), ("H99.40", 2, 10), ("H99.40", 3, 10)):
		enter("qd766_1_4", part, 10, unit=unit, period="Month", number=number)
	assert found("qd766_1_4") == (None, 0)
	enter("qd766_1_4", 0, 10, unit="H99.41", period="Month", number=2)
	assert found("qd766_1_4") == (Decimal("70.00"), 50)
	units.TREE.forget()


def test_a_unit_made_in_the_period_is_covered_from_its_first_day(small):
	frappe.db.set_value(
		"Administrative Unit", "H99.41", {"successor": "H99.40", "valid_to": date(2026, 1, 31)}
	)
	frappe.db.set_value("Administrative Unit", "H99.40", "valid_from", date(2026, 2, 1))
	units.TREE.forget()
	enter("qd766_1_4", 5, 10, unit="H99.41", period="Month", number=1)
	enter("qd766_1_4", 10, 10, period="Month", number=2)
	assert found("qd766_1_4") == (None, 0)
	enter("qd766_1_4", 10, 10, period="Month", number=3)
	assert found("qd766_1_4") == (Decimal("83.33"), 30)
	units.TREE.forget()


@pytest.mark.parametrize(
	("wrong", "error"),
	[
		({"part": 11, "whole": 10}, FigureOutOfRange),
		({"part": 0, "whole": 0}, FigureOutOfRange),
		({"part": -1, "whole": 10}, frappe.ValidationError),
		({"evidence_link": None}, FigureWithoutEvidence),
		({"number": 5}, RunRefused),
		({"year": 2099}, RunRefused),
		({"source": None}, frappe.MandatoryError),
	],
)
def test_figures_that_cannot_be_are_refused(small, wrong, error):
	with pytest.raises(error):
		enter("qd766_1_4", **{"part": 1, "whole": 10, **wrong})


def test_one_period_is_entered_once(small):
	enter("qd766_1_4", 1, 10)
	with pytest.raises(FigureEnteredTwice):
		enter("qd766_1_4", 2, 10, period="Month", number=2)
	enter("qd766_1_4", 2, 10, unit="H99.41")
	enter("qd766_4_4", 2, 10)


def test_only_the_controlling_office_enters_figures_and_leaders_see_their_own(small):
	own, other = enter("qd766_1_4", 1, 10), enter("qd766_1_4", 1, 10, unit="H99.41")
	frappe.set_user(small.email("leader.ward"))
	assert [row.name for row in frappe.get_list("Entered Figure")] == [own.name]
	assert own.has_permission("read") and not other.has_permission("read")
	with pytest.raises(frappe.PermissionError):
		enter("qd766_4_4", 1, 10)
	frappe.set_user(small.email("officer.a"))
	assert not frappe.has_permission("Entered Figure", "read")
	frappe.set_user(small.email("monitor"))
	assert enter("qd766_4_4", 1, 10).docstatus == 1


# What the catalogue says itself


def version(procedure: str, number: int, decided: date, effective: date, published: date | None) -> None:
	frappe.get_doc(
		{
			"doctype": "Procedure Version",
			"name": frappe.generate_hash(length=10),
			"procedure": procedure,
			"version_no": number,
			"docstatus": 1,
			"decision_date": decided,
			"effective_from": effective,
			"published_on": published,
		}
	).db_insert()


def offer(procedure: str) -> None:
	frappe.get_doc(
		{
			"doctype": "Procedure Offer",
			"name": frappe.generate_hash(length=10),
			"parent": procedure,
			"parenttype": "Administrative Procedure",
			"parentfield": "offers",
			"receiving_unit": "H99.40.01",
			"deciding_unit": "H99.40",
		}
	).db_insert()


def test_announced_and_published_on_time_are_read_from_the_catalogue(small):
	"""Decided on Monday 2 March; 5 working days later is Monday the 9th.

	The first is in force on the 9th and published on the 9th: both in time. The second is in force on Friday the 6th
	and published a day too late. The third has two versions, one of them published late: late as a whole.
	"""
	decided = date(2026, 3, 2)
	ninth = working_time.calendar_for("H99.40", date(2026, 1, 1), date(2026, 12, 31)).shift_working_days(
		decided, 5
	)
	assert ninth == date(2026, 3, 9)
	for procedure in ("9.900001", "9.900002", "9.900003"):
		offer(procedure)
	assert found("qd766_1_1") == found("qd766_1_2") == (None, 0)
	version("9.900001", 1, decided, ninth, ninth)
	version("9.900002", 1, decided, add_days(ninth, -3), add_days(ninth, 1))
	version("9.900003", 1, decided, ninth, decided)
	version("9.900003", 2, decided, ninth, add_days(ninth, 3))
	assert found("qd766_1_1") == (Decimal("75.00"), 4)
	assert found("qd766_1_2") == (Decimal("33.33"), 3)
	assert found("qd766_1_2", publish_days=10) == (Decimal("100.00"), 3)
	assert found("qd766_1_1", announce_days=20) == (Decimal("0.00"), 4)
	# What the office enters stands above what the catalogue says.
	enter("qd766_1_1", 1, 2)
	assert found("qd766_1_1") == (Decimal("50.00"), 2)


def test_a_version_approved_before_days_of_publication_were_kept_says_nothing(small):
	offer("9.900001")
	version("9.900001", 1, date(2026, 3, 2), date(2026, 3, 9), None)
	assert found("qd766_1_2") == (None, 0)


def test_approval_publishes_unless_it_was_published_before(site):
	"""Not before its decision, and not in days to come."""
	today = getdate()
	doc = frappe._dict(decision_date=add_days(today, -9))
	approval.set_publication(doc)
	assert doc.published_on == today
	doc.published_on = add_days(today, -9)
	approval.set_publication(doc)
	for impossible in (-10, 1):
		doc.published_on = add_days(today, impossible)
		with pytest.raises(PublishedOutOfTime):
			approval.set_publication(doc)


def test_the_points_of_qd_766_say_where_they_are_from(small):
	"""Groups of 18, 20, 22, 22 and 18 points; of the indicators, only 2.1 and 5.4 stand in the decision."""
	(seed,) = (
		one
		for one in json.loads(rule_sets.SEED.read_text(encoding="utf-8"))
		if one["scheme"] == rule_sets.SERVICE_INDEX
	)
	rules = frappe.get_doc({"doctype": "Evaluation Rule Set", **seed})
	groups: dict[str, float] = {}
	for row in rules.indicators:
		groups[row.indicator_group] = groups.get(row.indicator_group, 0) + row.most
	assert sorted(groups.values()) == [18, 18, 20, 22, 22]
	decided = {row.indicator_key for row in rules.indicators if row.points_from == "Decision"}
	assert decided == {"2.1", "5.4"}
	assert all(row.points_note for row in rules.indicators)


def test_an_evaluation_counts_what_was_entered(small):
	enter("qd766_1_4", 180, 200)
	rules = frappe.get_doc("Evaluation Rule Set", rule_sets.in_force("Service Index", QUARTER.last))
	facts = Facts(QUARTER, units.answering("H99.40", QUARTER.last), unit="H99.40")
	evaluation, _found = evaluations.compute(rules, facts)
	line = next(line for line in evaluation.lines if line.key == "1.4")
	assert (line.points, line.count) == (Decimal("5.40"), 200)
