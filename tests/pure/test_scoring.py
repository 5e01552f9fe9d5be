"""Scores by hand: TT 01/2018/TT-VPCP art. 13-15, QĐ 766/QĐ-TTg, and the checks of the law."""

import random
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from one_stop.quality import scoring
from one_stop.quality.scoring import Band, Complaint, Indicator, Line, Measured, Posting, Timing

EARLY, ON_TIME, LATE = Timing.EARLY, Timing.ON_TIME, Timing.LATE


def with_mean(total: int, count: int = 100) -> list[int]:
	"""`count` dossiers of 0, 1 or 2 points that make `total` points."""
	twos = max(0, total - count)
	ones = total - 2 * twos
	return [2] * twos + [1] * ones + [0] * (count - twos - ones)


@pytest.mark.parametrize(("timing", "points"), [(EARLY, 2), (ON_TIME, 1), (LATE, 0), (None, None)])
def test_art_13_1_total_time(timing, points):
	assert scoring.art13_1_total_time(timing) == points


@pytest.mark.parametrize(
	("timings", "points"),
	[
		([EARLY, EARLY], 2),
		([EARLY, ON_TIME], 1),
		([EARLY, LATE], 0),
		([EARLY, None], 2),
		([], None),
		([None], None),
	],
)
def test_art_13_2_the_slowest_participating_unit_counts(timings, points):
	assert scoring.art13_2_time_of_each_unit(timings) == points


@pytest.mark.parametrize(
	("contacts", "fault", "points"),
	[(0, False, 2), (1, False, 1), (2, False, 0), (3, True, 1), (0, True, 2), (None, False, None)],
)
def test_art_13_3_contacts_unless_the_applicants_fault(contacts, fault, points):
	assert scoring.art13_3_contacts(contacts, fault) == points


@pytest.mark.parametrize(("bodies", "points"), [(0, 2), (1, 1), (2, 0), (7, 0), (None, None)])
def test_art_13_4_bodies_contacted(bodies, points):
	assert scoring.art13_4_bodies_contacted(bodies) == points


@pytest.mark.parametrize(
	("level", "listed", "received", "decided", "points"),
	[
		("Department", 10, 10, 2, 2),
		("Department", 10, 10, 1, 1),
		("Department", 10, 9, 9, 0),
		("Province", 100, 100, 19, 1),
		("Province", 100, 100, 20, 2),
		("District", 10, 10, 5, 2),
		("District", 10, 10, 4, 1),
		("Commune", 10, 10, 10, 2),
		("Commune", 10, 10, 9, 1),
		("Commune", 0, 0, 0, None),
	],
)
def test_art_13_5_whole_process_at_the_one_stop_by_level(level, listed, received, decided, points):
	facts = scoring.ReceptionFacts(listed, received, decided, level)
	assert scoring.art13_5_whole_process_at_one_stop(facts) == points


@pytest.mark.parametrize(
	("posted", "electronic", "points"),
	[
		(True, True, 2),
		(True, False, 1),
		(False, True, 1),
		(False, False, 0),
		(None, True, 1),
		(None, None, None),
	],
)
def test_art_13_6_publication(posted, electronic, points):
	assert scoring.art13_6_publication(posted, electronic) == points


def test_art_13_7_an_upheld_complaint_gives_0_even_for_an_early_dossier():
	assert scoring.art13_7_attitude(EARLY, Complaint.UPHELD) == 0
	assert scoring.art13_7_attitude(None, Complaint.UPHELD) == 0


def test_art_13_7c_a_false_complaint_is_not_counted():
	assert scoring.art13_7_attitude(EARLY, Complaint.FALSE) == 2
	assert scoring.art13_7_attitude(ON_TIME, Complaint.FALSE) == 1
	assert scoring.art13_7_attitude(ON_TIME, Complaint.PENDING) == 1


@pytest.mark.parametrize(
	("total", "on_time", "prolonged", "points"),
	[(0, 0, 0, 2), (10, 10, 0, 2), (10, 9, 0, 1), (100, 89, 0, 0), (10, 10, 1, 0)],
)
def test_art_13_8_feedback(total, on_time, prolonged, points):
	assert scoring.art13_8_feedback(scoring.FeedbackFacts(total, on_time, prolonged)) == points


@pytest.mark.parametrize(
	("eligible", "offered", "dossiers", "online", "late", "points"),
	[
		(10, 2, 100, 30, 0, 2),
		(10, 2, 100, 29, 0, 1),
		(10, 1, 100, 90, 0, 1),
		(10, 2, 100, 15, 0, 1),
		(10, 2, 100, 14, 0, 0),
		(10, 2, 100, 90, 1, 0),
		(10, 0, 100, 0, 0, 0),
		(0, 0, 100, 0, 0, None),
		(10, 2, 0, 0, 0, None),
	],
)
def test_art_13_9_online_service(eligible, offered, dossiers, online, late, points):
	facts = scoring.OnlineFacts(eligible, offered, dossiers, online, late)
	assert scoring.art13_9_online_service(facts) == points


def test_art_15_2_each_indicator_is_rounded_half_up_before_the_sum():
	raw = dict(zip(scoring.OFFICER_INDICATORS, (95, 105, 85, 115, 95), strict=True))
	scores = {key: scoring.art15_2_indicator_score(with_mean(total)) for key, total in raw.items()}
	assert list(map(str, scores.values())) == ["1.0", "1.1", "0.9", "1.2", "1.0"]
	total = scoring.art15_2_total(scores, scoring.OFFICER_INDICATORS)
	assert total.score == Decimal("5.2")
	assert scoring.art15_3a_officer_class(total.score) == "Fulfils 100 % of Duties"


def test_art_15_2_means_just_below_the_half_are_rounded_down():
	raw = dict(zip(scoring.OFFICER_INDICATORS, (94, 104, 84, 114, 94), strict=True))
	scores = {key: scoring.art15_2_indicator_score(with_mean(total)) for key, total in raw.items()}
	total = scoring.art15_2_total(scores, scoring.OFFICER_INDICATORS)
	assert total.score == Decimal("4.7")
	assert scoring.art15_3a_officer_class(total.score) == "Fulfils 70 to below 100 % of Duties"


@pytest.mark.parametrize(
	("score", "title"),
	[
		("15.0", "Excellent"),
		("14.9", "Good"),
		("12.0", "Good"),
		("11.9", "Fair"),
		("9.0", "Fair"),
		("8.9", "Average"),
		("6.0", "Average"),
		("5.9", "Weak"),
		("0", "Weak"),
	],
)
def test_art_15_3b_agency_classes_at_their_edges(score, title):
	assert scoring.art15_3b_agency_class(Decimal(score)) == title


@pytest.mark.parametrize(
	("score", "percent"), [("5.0", "100"), ("4.9", "70 to"), ("3.5", "70 to"), ("3.4", "below 70")]
)
def test_art_15_3a_officer_classes_at_their_edges(score, percent):
	assert percent in scoring.art15_3a_officer_class(Decimal(score))


def test_art_15_4b_an_indicator_without_data_is_left_out_and_nothing_is_rescaled():
	scores = {key: Decimal(2) for key in scoring.AGENCY_INDICATORS}
	scores["8"] = None
	total = scoring.art15_2_total(scores, scoring.AGENCY_INDICATORS)
	assert (total.score, total.scored, total.of, total.complete) == (Decimal(16), 8, 9, False)
	assert scoring.art15_3b_agency_class(total.score) == "Excellent"


def test_a_period_without_data_has_no_score_and_no_class():
	total = scoring.art15_2_total({}, scoring.AGENCY_INDICATORS)
	assert (total.score, total.scored) == (None, 0)
	assert scoring.art15_3b_agency_class(total.score) is None
	assert scoring.qd766_grade(None) is None


@pytest.mark.parametrize(
	("score", "title"),
	[
		("90", "Excellent"),
		("89.99", "Good"),
		("80", "Good"),
		("79.99", "Fair"),
		("65", "Fair"),
		("50", "Average"),
		("49.99", "Weak"),
	],
)
def test_qd_766_grades_at_their_edges(score, title):
	assert scoring.qd766_grade(Decimal(score)) == title


@pytest.mark.parametrize(
	("value", "most", "threshold", "points"),
	[
		("50", "6", "50", "6.00"),
		("49.99", "6", "50", "6.00"),
		("49.9", "6", "50", "5.99"),
		("25", "6", "50", "3.00"),
		("80", "4", "80", "4.00"),
		("40", "4", "80", "2.00"),
		("90", "6", "90", "6.00"),
		("45", "6", "90", "3.00"),
		("0", "6", "90", "0.00"),
		("97.5", "20", "100", "19.50"),
	],
)
def test_qd_766_points_are_in_proportion_below_the_threshold(value, most, threshold, points):
	assert scoring.qd766_points(Decimal(value), Decimal(most), Decimal(threshold)) == Decimal(points)


def test_qd_766_rates_by_hand():
	assert scoring.qd766_1_1_announced_on_time(9, 10) == Decimal("90.00")
	assert scoring.qd766_1_2_published_on_time({"A": [5, 5], "B": [5, 6], "C": [1]}) == Decimal("66.67")
	whole = set(scoring.CONSTITUENT_PARTS)
	assert scoring.qd766_1_3_complete_parts([whole, whole - {"steps"}]) == Decimal("50.00")
	assert scoring.qd766_1_4_synchronised(1, 3) == Decimal("33.33")
	assert scoring.qd766_2_2_mean_time([3, 4, 4]) == Decimal("3.67")
	assert scoring.qd766_3_1_procedures_online(30, 10, 50) == Decimal("80.00")
	assert scoring.qd766_3_2_services_used(7, 8) == Decimal("87.50")
	assert scoring.qd766_3_3_online_share(45, 100) == Decimal("45.00")
	assert scoring.qd766_3_5_payable_online(8, 10) == Decimal("80.00")
	assert scoring.qd766_3_6_paid_online(30, 100, 40) == Decimal("50.00")
	assert scoring.qd766_4_1_e_result(2, 3) == Decimal("66.67")
	assert scoring.qd766_4_2_digitised(1, 8) == Decimal("12.50")
	assert scoring.qd766_4_3_reuse(4, 5) == Decimal("80.00")
	assert scoring.qd766_4_4_shared(0, 5) == Decimal("0.00")
	assert scoring.qd766_4_5_population_data(5, 5) == Decimal("100.00")
	assert scoring.qd766_5_2_feedback_on_time(3, 4) == Decimal("75.00")
	assert scoring.qd766_5_3_satisfied_with_feedback(10, 1, 2) == Decimal("70.00")
	assert scoring.qd766_5_4_satisfied_with_processing(Decimal("5.25"), Decimal("4.75")) == Decimal("90.00")
	assert scoring.qd766_5_4_satisfied_with_processing(Decimal(80), Decimal(30)) == 0


def test_a_share_of_nothing_is_unknown_and_a_part_above_its_whole_is_refused():
	assert scoring.rate(0, 0) is None
	assert scoring.qd766_3_6_paid_online(0, 4, 4) is None
	assert scoring.qd766_points(None, Decimal(6)) is None
	assert scoring.qd766_5_4_satisfied_with_processing(None, Decimal(1)) is None
	with pytest.raises(scoring.PartAboveWhole):
		scoring.rate(3, 2)
	with pytest.raises(scoring.PartAboveWhole):
		scoring.rate(-1, 2)


DUE = datetime(2026, 3, 10, 17, 0)
END = datetime(2026, 3, 31, 23, 59)


@pytest.mark.parametrize(
	("facts", "on_time"),
	[
		({"ended": DUE}, True),
		({"ended": DUE + timedelta(minutes=1)}, False),
		({"ended": DUE - timedelta(days=1), "supplement_requests": 2}, False),
		({"ended": None, "waiting_since": DUE - timedelta(days=1), "supplement_requests": 1}, True),
		({"ended": None, "waiting_since": DUE + timedelta(days=1), "supplement_requests": 1}, False),
		({"ended": None}, False),
		({"ended": None, "due": END + timedelta(minutes=1)}, True),
		({"ended": END + timedelta(days=9), "due": END + timedelta(minutes=1)}, True),
		({"due": None, "limit_minutes": 480, "elapsed_minutes": 600, "supplement_minutes": 120}, True),
		({"due": None, "limit_minutes": 480, "elapsed_minutes": 601, "supplement_minutes": 120}, False),
		({"due": None, "elapsed_minutes": 9999}, True),
	],
)
def test_qd_766_2_1_on_time(facts, on_time):
	dossier = scoring.ProgressFacts(**{"due": DUE, "ended": None, **facts})
	assert scoring.qd766_2_1_is_on_time(dossier, END) is on_time


def test_qd_766_2_1_counts_finished_and_running_ones():
	dossiers = [scoring.ProgressFacts(DUE, DUE)] * 3 + [scoring.ProgressFacts(DUE, None)]
	assert scoring.qd766_2_1_on_time(dossiers, END) == Decimal("75.00")


def test_points_outside_an_indicators_range_are_refused():
	with pytest.raises(scoring.PointsOutOfRange):
		scoring.evaluate([Indicator("1", Decimal(2))], {"1": Measured(Decimal("2.1"))}, scoring.AGENCY_BANDS)
	with pytest.raises(scoring.PointsOutOfRange):
		scoring.deduct(Decimal(2), Decimal(3), Decimal(2))
	with pytest.raises(scoring.PointsOutOfRange):
		scoring.art13_4_bodies_contacted(-1)
	assert scoring.deduct(Decimal("1.8"), Decimal("1.5"), Decimal(2)) == Decimal("0.3")


@pytest.mark.parametrize("bounds", [[], [5], [0, 5, 5]])
def test_bands_with_gaps_or_doubles_are_refused(bounds):
	with pytest.raises(scoring.BandsHaveGaps):
		scoring.check_bands([Band(Decimal(bound), str(bound)) for bound in bounds])


def test_evaluate_mixes_both_kinds_of_indicator():
	indicators = [
		Indicator("1", Decimal(2)),
		Indicator("3.3", Decimal(6), Decimal(50)),
		Indicator("x", Decimal(2)),
	]
	result = scoring.evaluate(
		indicators,
		{"1": Measured(Decimal("1.5"), 10), "3.3": Measured(Decimal(25), 40)},
		scoring.AGENCY_BANDS,
	)
	assert [line.points for line in result.lines] == [Decimal("1.5"), Decimal("3.00"), None]
	assert (result.total.score, result.total.scored, result.total.of) == (Decimal("4.50"), 2, 3)
	assert result.grade == "Weak"


def test_recomputing_shows_what_changed():
	before = [Line("1", None, Decimal(1)), Line("2", None, None), Line("9", None, Decimal(2))]
	after = [Line("1", None, Decimal(1)), Line("2", None, Decimal(2))]
	assert [(d.key, d.before, d.after) for d in scoring.differences(before, after)] == [
		("2", None, Decimal(2)),
		("9", Decimal(2), None),
	]


def test_an_officer_who_moved_counts_pro_rata_in_both_units():
	first, last = date(2026, 1, 1), date(2026, 3, 31)
	shares = scoring.shares_of_period(
		[Posting("A", date(2025, 1, 1), date(2026, 1, 30)), Posting("B", date(2026, 1, 31))], first, last
	)
	assert shares == {"A": Decimal(30) / 90, "B": Decimal(60) / 90}
	assert scoring.home_unit(shares) == "B"
	assert scoring.home_unit({}) is None


def test_a_day_in_two_units_is_shared_and_two_duties_in_one_count_once():
	day = date(2026, 1, 1)
	assert scoring.shares_of_period([Posting("A"), Posting("A"), Posting("B")], day, day) == {
		"A": Decimal("0.5"),
		"B": Decimal("0.5"),
	}
	with pytest.raises(scoring.PeriodEndsBeforeItBegins):
		scoring.shares_of_period([], day, day - timedelta(days=1))


@pytest.mark.parametrize(
	("postings", "last", "months"),
	[
		([Posting("A")], date(2026, 12, 31), 12),
		([Posting("A")], date(2026, 6, 15), Decimal("5.5")),
		(
			[Posting("A", date(2026, 3, 1), date(2026, 4, 30)), Posting("B", date(2026, 4, 1))],
			date(2026, 5, 31),
			3,
		),
		([], date(2026, 12, 31), 0),
	],
)
def test_months_served_are_counted_once_and_parts_by_their_days(postings, last, months):
	assert scoring.months_served(postings, date(2026, 1, 1), last) == months


def test_workload_is_weighted_by_difficulty():
	assert scoring.weighted_workload({"easy": 10, "hard": 2}, {"hard": Decimal("2.5")}) == Decimal("15.0")


points = st.lists(st.integers(0, 2), min_size=1, max_size=300)


@given(points, st.randoms())
def test_the_order_of_dossiers_changes_nothing(values: list[int], order: random.Random):
	shuffled = values[:]
	order.shuffle(shuffled)
	assert scoring.art15_2_indicator_score(values) == scoring.art15_2_indicator_score(shuffled)


@given(points)
def test_the_rounded_mean_is_the_nearest_tenth_and_halves_go_up(values: list[int]):
	exact = Fraction(sum(values), len(values)) * 10
	expected = (exact + Fraction(1, 2)).__floor__()
	assert scoring.art15_2_indicator_score(values) == Decimal(expected) / 10


@given(st.dictionaries(st.sampled_from(scoring.AGENCY_INDICATORS), st.decimals(0, 2, places=1)))
def test_a_total_is_the_sum_of_what_is_known_and_never_above_18(scores):
	total = scoring.art15_2_total(scores, scoring.AGENCY_INDICATORS)
	assert total.scored == len(scores)
	assert (total.score or 0) == sum(scores.values())
	assert (total.score or 0) <= 18


@given(
	st.decimals(0, 100, places=2),
	st.decimals(0, 100, places=2),
	st.integers(1, 20),
	st.sampled_from([50, 80, 90, 100]),
)
@settings(max_examples=300)
def test_qd_766_points_never_fall_when_the_rate_rises(one, other, most, threshold):
	low, high = sorted((one, other))
	points = [scoring.qd766_points(value, Decimal(most), Decimal(threshold)) for value in (low, high)]
	assert 0 <= points[0] <= points[1] <= most
	assert (points[1] == most) == (high >= threshold or points[1] == most)


@given(st.decimals(0, 18, places=1))
def test_every_score_has_exactly_one_class(score):
	scoring.check_bands(scoring.AGENCY_BANDS)
	assert scoring.art15_3b_agency_class(score) in {band.title for band in scoring.AGENCY_BANDS}


days = st.dates(date(2026, 1, 1), date(2026, 12, 31))


@given(st.lists(st.tuples(st.sampled_from("ABC"), days, days), max_size=6), days, days)
@settings(max_examples=50, deadline=None)
def test_shares_of_a_period_never_exceed_it(rows, one, other):
	first, last = sorted((one, other))
	postings = [Posting(unit, *sorted(span)) for unit, *span in rows]
	shares = scoring.shares_of_period(postings, first, last)
	assert 0 <= sum(shares.values()) <= Decimal("1.0000001")
