"""Form 06 and 07 of TT 01/2020/TT-VPCP, by hand and over random dossiers."""

import itertools
import random
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from one_stop.reporting import form06
from one_stop.reporting.form06 import Case, Figures

FIRST, LAST = date(2026, 1, 1), date(2026, 3, 31)
BEFORE, INSIDE, AFTER = date(2025, 12, 31), date(2026, 2, 10), date(2026, 4, 1)


@pytest.mark.parametrize(
	("case", "column"),
	[
		(Case(INSIDE, "Online", ended=INSIDE, outcome="Early"), {"online": 1, "early": 1}),
		(Case(INSIDE, "Counter", ended=LAST, outcome="On Time"), {"direct": 1, "on_time": 1}),
		(Case(INSIDE, "Post", ended=INSIDE, outcome="Late"), {"direct": 1, "late": 1}),
		(Case(INSIDE, "Post", ended=INSIDE, outcome=None), {"direct": 1, "on_time": 1}),
		(Case(BEFORE, "Online", due=AFTER), {"carried": 1, "in_time": 1}),
		(Case(BEFORE, "Online", due=LAST), {"carried": 1, "overdue": 1}),
		(Case(INSIDE, "Counter", due=None), {"direct": 1, "in_time": 1}),
		(Case(INSIDE, "Counter", due=INSIDE, ended=AFTER, outcome="Late"), {"direct": 1, "overdue": 1}),
		(Case(BEFORE, "Counter", ended=FIRST, outcome="Late"), {"carried": 1, "late": 1}),
		(Case(BEFORE, "Counter", ended=BEFORE, outcome="Early"), {}),
		(Case(AFTER, "Counter"), {}),
	],
)
def test_a_dossier_counts_once_on_each_side_of_the_form(case, column):
	figures = form06.figures_of(case, FIRST, LAST)
	assert figures == Figures(**column)
	figures.check()


@pytest.mark.parametrize(
	("due", "hour_passed", "overdue"),
	[
		(INSIDE - timedelta(days=1), False, True),
		(INSIDE, False, False),
		(INSIDE, True, True),
		(INSIDE + timedelta(days=1), False, False),
		(LAST, False, False),
		(None, False, False),
	],
)
def test_in_a_period_that_is_not_over_only_what_has_passed_is_overdue(due, hour_passed, overdue):
	case = Case(FIRST, due=due, hour_passed=hour_passed)
	for last in (INSIDE, LAST):
		assert form06.figures_of(case, FIRST, last, today=INSIDE).overdue == overdue
	# Days gone by are asked by their end, whatever the hour is now.
	assert form06.figures_of(Case(FIRST, due=FIRST), FIRST, FIRST, today=INSIDE).overdue == 1


def test_form_06_by_hand():
	cases = [
		*[Case(INSIDE, "Online", ended=INSIDE, outcome="Early")] * 3,
		*[Case(INSIDE, "Counter", ended=INSIDE, outcome="On Time")] * 2,
		*[Case(BEFORE, "Post", ended=INSIDE, outcome="Late")] * 4,
		*[Case(INSIDE, "Post", due=AFTER)] * 5,
		*[Case(BEFORE, "Post", due=INSIDE)] * 6,
	]
	(figures,) = form06.form_06(cases, FIRST, LAST).values()
	assert figures.columns() == (20, 3, 7, 10, 9, 3, 2, 4, 11, 5, 6)


def test_a_form_that_does_not_add_up_is_refused():
	with pytest.raises(form06.InvariantBroken):
		Figures(online=2, early=1).check()
	with pytest.raises(form06.InvariantBroken):
		Figures(online=1, early=2, in_time=-1).check()


def test_a_withdrawn_dossier_is_on_time_in_form_06():
	assert form06.outcome_for_form("Withdrawn", "Late") == "On Time"
	assert form06.outcome_for_form("Finished", "Late") == "Late"
	assert form06.outcome_for_form("In Process", None) is None


@pytest.mark.parametrize(
	("year", "quarter", "cutoff", "first", "last"),
	[
		(2026, 1, 15, date(2025, 12, 15), date(2026, 3, 14)),
		(2026, 2, 15, date(2026, 3, 15), date(2026, 6, 14)),
		(2026, None, 15, date(2025, 12, 15), date(2026, 12, 14)),
		(2026, 1, 1, date(2026, 1, 1), date(2026, 3, 31)),
		(2028, 1, 1, date(2028, 1, 1), date(2028, 3, 31)),
		(2026, None, 1, date(2026, 1, 1), date(2026, 12, 31)),
	],
)
def test_periods_follow_the_cut_off_day(year, quarter, cutoff, first, last):
	assert form06.statutory_period(year, quarter, cutoff) == (first, last)


@given(st.integers(2000, 2100), st.integers(1, 28))
def test_quarters_follow_each_other_without_gap_and_make_the_year(year, cutoff):
	quarters = [form06.statutory_period(year, number, cutoff) for number in (1, 2, 3, 4)]
	for (_, ended), (begins, _) in itertools.pairwise(quarters):
		assert begins == ended + timedelta(days=1)
	assert (quarters[0][0], quarters[3][1]) == form06.statutory_period(year, None, cutoff)


@pytest.mark.parametrize(("quarter", "cutoff"), [(0, 15), (5, 15), (1, 0), (1, 29)])
def test_impossible_periods_are_refused(quarter, cutoff):
	with pytest.raises(form06.InvalidPeriod):
		form06.statutory_period(2026, quarter, cutoff)


def test_calendar_periods():
	assert form06.calendar_period("Month", 2028, 2) == (date(2028, 2, 1), date(2028, 2, 29))
	assert form06.calendar_period("Quarter", 2026, 4) == (date(2026, 10, 1), date(2026, 12, 31))
	assert form06.calendar_period("Year", 2026) == (date(2026, 1, 1), date(2026, 12, 31))
	for period, number in (("Week", 1), ("Month", 13), ("Quarter", 5), ("Year", 2)):
		with pytest.raises(form06.InvalidPeriod):
			form06.calendar_period(period, 2026, number)


def test_the_outline_numbers_groups_and_ends_with_their_sum():
	figures = {
		("Commune", "Hộ tịch"): Figures(direct=2, early=2),
		("Commune", "Đất đai"): Figures(direct=1, in_time=1),
		("Province", "Đất đai"): Figures(online=4, late=4),
	}
	rows = form06.outline(figures, lambda depth, key: key)
	assert [(row.number, row.label, row.depth, row.figures.received) for row in rows] == [
		("I", "Commune", 0, 3),
		("1", "Hộ tịch", 1, 2),
		("2", "Đất đai", 1, 1),
		("II", "Province", 0, 4),
		("1", "Đất đai", 1, 4),
		("", "", 0, 7),
	]
	assert form06.outline({}, lambda depth, key: key)[0].figures == Figures()


def test_form_07a_counts_each_late_dossier_once_under_its_cause():
	rows = form06.form_07a(
		[
			form06.LateCase("Đất đai", "d1", "Staff"),
			form06.LateCase("Đất đai", "d1", "Staff"),
			form06.LateCase("Đất đai", "d2", None, still_open=True),
			form06.LateCase("Hộ tịch", "d3", "anything else"),
		]
	)
	assert [(row.group, row.total, row.still_open) for row in rows] == [("Hộ tịch", 1, 0), ("Đất đai", 2, 1)]
	assert rows[1].by_cause["Staff"] == 1 and rows[1].by_cause[form06.UNKNOWN_CAUSE] == 1
	assert rows[1].dossiers == ("d1", "d2")


def test_form_07b_counts_procedures_by_level():
	facts = form06.ProcedureFacts
	rows = form06.form_07b(
		[facts("Commune", True, True), facts("Commune", True, False), facts("Province", False, False)]
	)
	assert [(row.level, row.procedures, row.at_one_stop, row.e_processes) for row in rows] == [
		("Province", 1, 0, 0),
		("Commune", 2, 2, 1),
	]


near = st.dates(date(2025, 10, 1), date(2026, 6, 30))


@st.composite
def dossiers(draw) -> Case:
	received = draw(near)
	ended = draw(st.none() | st.integers(0, 120).map(lambda days: received + timedelta(days=days)))
	due = draw(st.none() | st.integers(0, 90).map(lambda days: received + timedelta(days=days)))
	outcome = draw(st.sampled_from(["Early", "On Time", "Late"])) if ended else None
	channel = draw(st.sampled_from(["Counter", "Online", "Post"]))
	return Case(received, channel, due, ended, outcome, draw(st.booleans()))


cases = st.lists(dossiers(), max_size=60)


@given(cases, near, near)
def test_3_is_4_5_6_and_7_is_8_9_10_and_11_is_12_13_and_3_is_7_11(found, one, other):
	first, last = sorted((one, other))
	figures = form06.total(form06.figures_of(case, first, last) for case in found)
	columns = dict(zip(range(3, 14), figures.columns(), strict=True))
	assert columns[3] == columns[4] + columns[5] + columns[6]
	assert columns[7] == columns[8] + columns[9] + columns[10]
	assert columns[11] == columns[12] + columns[13]
	assert columns[3] == columns[7] + columns[11]


@given(cases)
def test_children_add_up_to_their_parent(found):
	parts = form06.form_06(found, FIRST, LAST, key=lambda case: (case.channel, case.received.month))
	whole = form06.form_06(found, FIRST, LAST).get("", Figures())
	assert form06.total(parts.values()) == whole


@given(cases, st.randoms())
def test_the_order_of_dossiers_does_not_matter(found, order: random.Random):
	shuffled = found[:]
	order.shuffle(shuffled)
	assert form06.form_06(found, FIRST, LAST) == form06.form_06(shuffled, FIRST, LAST)


@given(cases)
def test_what_is_in_progress_at_the_end_is_carried_into_the_next_period(found):
	this = form06.total(form06.figures_of(case, FIRST, LAST) for case in found)
	following = form06.total(
		form06.figures_of(case, LAST + timedelta(days=1), date(2026, 6, 30)) for case in found
	)
	assert following.carried == this.in_progress


@given(cases)
def test_a_linked_dossier_is_handled_but_was_not_handed_in_by_the_public(found):
	handled = form06.total(form06.figures_of(case, FIRST, LAST) for case in form06.handled_by(found))
	public = form06.total(
		form06.figures_of(case, FIRST, LAST) for case in form06.received_by_the_public(found)
	)
	linked = form06.total(form06.figures_of(case, FIRST, LAST) for case in found if case.linked)
	assert handled == public + linked


@pytest.mark.parametrize(
	("period", "before"),
	[
		# Whole months: a month, a quarter, half a year, a year.
		(("2026-03-01", "2026-03-31"), ("2026-02-01", "2026-02-28")),
		(("2026-01-01", "2026-03-31"), ("2025-10-01", "2025-12-31")),
		(("2026-01-01", "2026-06-30"), ("2025-07-01", "2025-12-31")),
		(("2026-01-01", "2026-12-31"), ("2025-01-01", "2025-12-31")),
		(("2028-02-01", "2028-02-29"), ("2028-01-01", "2028-01-31")),
		# A month that is still running: the same days, as many as there are.
		(("2026-05-01", "2026-05-10"), ("2026-04-01", "2026-04-10")),
		(("2026-03-01", "2026-03-30"), ("2026-02-01", "2026-02-28")),
		(("2026-01-01", "2026-01-01"), ("2025-12-01", "2025-12-01")),
		# Anything else: as many days.
		(("2026-05-11", "2026-05-20"), ("2026-05-01", "2026-05-10")),
		(("2026-01-01", "2026-02-10"), ("2025-11-21", "2025-12-31")),
		(("2025-12-15", "2026-03-14"), ("2025-09-16", "2025-12-14")),
	],
)
def test_a_period_is_compared_with_one_as_long_as_itself(period, before):
	assert form06.period_before(*map(date.fromisoformat, period)) == tuple(map(date.fromisoformat, before))


@given(st.dates(date(2001, 1, 1), date(2099, 12, 31)), st.integers(0, 800))
def test_the_period_before_ends_the_day_before_or_stands_at_the_same_days(first, days):
	last = first + timedelta(days=days)
	begins, ends = form06.period_before(first, last)
	assert begins <= ends < first
	running = first.day == 1 and (first.year, first.month) == (last.year, last.month)
	assert ends == first - timedelta(days=1) or (running and begins.day == 1 and ends.day == last.day)
