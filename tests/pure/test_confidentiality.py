"""Raters stay confidential: no figure, and no difference of figures, is about fewer than five people."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from one_stop.quality.confidentiality import LEAST, LEFT_OUT, Tally, add_up, lots, without_traces

DAY = date(2026, 3, 31)


def test_four_ratings_wait_for_a_fifth():
	four = [(f"r{number}", DAY) for number in range(4)]
	assert lots({"unit": four}, DAY) == []
	(lot,) = lots({"unit": [*four, ("r4", DAY)]}, DAY)
	assert len(lot.ratings) == 5


def test_ratings_of_days_that_are_not_over_stay_out():
	five = [(f"r{number}", DAY) for number in range(5)]
	(lot,) = lots({"unit": [*five, ("late", DAY + timedelta(days=1))]}, DAY)
	assert "late" not in lot.ratings


def test_a_question_that_few_answered_is_not_shown():
	assert add_up([Tally(4, Decimal(8), 4)]) is None
	assert add_up([]) is None
	assert add_up([Tally(4, Decimal(8), 4), Tally(6, Decimal(9), 5)]) == Tally(6, Decimal(9), 5)


cells = st.dictionaries(
	st.tuples(st.sampled_from("ABC"), st.sampled_from("xy")),
	st.lists(st.integers(0, 90), max_size=12),
	max_size=6,
)


@given(cells)
def test_no_difference_of_two_figures_is_about_one_to_four_people(table):
	"""Released month after month; a figure is any union of lots (units, fields, months), so try all pairs."""
	waiting = {
		cell: [(f"{cell}{number}", DAY + timedelta(days=offset)) for number, offset in enumerate(offsets)]
		for cell, offsets in table.items()
	}
	released = []
	for month in range(1, 5):
		found = lots(waiting, DAY + timedelta(days=30 * month))
		released += found
		for lot in found:
			waiting[lot.cell] = [row for row in waiting[lot.cell] if row[0] not in lot.ratings]
	assert len({name for lot in released for name in lot.ratings}) == sum(
		len(lot.ratings) for lot in released
	)
	views = [
		set().union(*(lot.ratings for lot in released if keep(lot)))
		for keep in (
			lambda lot: True,
			*(lambda lot, unit=unit: lot.cell[0] == unit for unit in "ABC"),
			*(lambda lot, field=field: lot.cell[1] == field for field in "xy"),
			*(lambda lot, day=day: lot.last <= DAY + timedelta(days=day) for day in (15, 30, 45, 60)),
		)
	]
	for one, other in combinations(views, 2):
		for rest in (one - other, other - one, one & other):
			assert not rest or len(rest) >= LEAST


@pytest.mark.parametrize(
	"trace",
	[
		"000.05.16.H17-261120-0042",
		"H17.40.01-261120-0042",
		"1.001193",
		"0905 123 456",
		"0905.123.456",
		"048099001234",
		"12/03/2026",
		"12-3",
		"14h30",
		"9:15",
		"8 giờ 30",
		"nguoi.dan@thu.example",
		"https://dichvucong.example/ho-so/42",
		"BL0004213",
	],
)
def test_a_comment_loses_what_leads_to_its_writer(trace):
	assert without_traces(f"Hồ sơ {trace} bị chậm") == f"Hồ sơ {LEFT_OUT} bị chậm"


@pytest.mark.parametrize(
	"words",
	[
		"Cán bộ nhiệt tình.",
		"Phải đi lại 3 lần, chờ 2 giờ.",
		"Chờ 15 ngày, phí 50.000 đồng",
		"Phường 2 phục vụ tốt!",
	],
)
def test_a_comment_keeps_its_words(words):
	assert without_traces(words) == words


def test_nothing_said_stays_nothing():
	assert without_traces(None) == without_traces("  ") == ""
