"""What a target's year is projected to: from complete months, over all of what is left."""

from calendar import monthrange
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from one_stop.reporting import projection

DAYS = st.dates(date(2026, 1, 1), date(2026, 12, 31))


def spread(months: list[tuple[int, int]], first: date, last: date) -> tuple[Fraction, Fraction]:
	"""Part and whole from a day to another where each month's share is the same every day."""
	part = whole = Fraction(0)
	while first <= last:
		days = monthrange(first.year, first.month)[1]
		part += Fraction(months[first.month - 1][0], days)
		whole += Fraction(months[first.month - 1][1], days)
		first += timedelta(days=1)
	return part, whole


def told(months: list[tuple[int, int]], day: date) -> float | None:
	span = projection.recent(day)
	so_far = spread(months, date(day.year, 1, 1), day)
	found = projection.projected(*so_far, *spread(months, span.first, span.last), span)
	return None if found is None else float(found)


def test_three_complete_months_carry_the_rest_of_the_running_month_and_the_months_left():
	"""On 15 October: July to September, 30 of 90 so far; 16/31 of October and two months are left."""
	span = projection.recent(date(2026, 10, 15))
	assert (span.first, span.last, span.months) == (date(2026, 7, 1), date(2026, 9, 30), 3)
	assert span.left == 2 + Fraction(16, 31)
	left = span.left / 3
	wanted = 100 * (50 + 30 * left) / (100 + 30 * left)
	assert projection.projected(50, 100, 30, 30, span) == Decimal(wanted.numerator) / wanted.denominator
	assert projection.projected(0, 0, 0, 0, span) is None


@pytest.mark.parametrize(
	("day", "first", "last", "months"),
	[
		("2026-01-10", "2026-01-01", "2026-01-10", Fraction(10, 31)),
		("2026-01-31", "2026-01-01", "2026-01-31", 1),
		("2026-02-10", "2026-01-01", "2026-01-31", 1),
		("2026-03-01", "2026-01-01", "2026-02-28", 2),
		("2026-12-31", "2026-10-01", "2026-12-31", 3),
	],
)
def test_early_in_the_year_there_is_less_to_project_from(day, first, last, months):
	span = projection.recent(date.fromisoformat(day))
	assert (str(span.first), str(span.last), span.months) == (first, last, months)


def test_a_projection_does_not_fall_because_a_month_begins():
	"""40 of a hundred a month until August, 90 of them since: what October has shown is not forgotten on 1 November."""
	months = [(40, 100)] * 8 + [(90, 100)] * 4
	before, after = told(months, date(2026, 10, 31)), told(months, date(2026, 11, 1))
	assert before == pytest.approx(53.9, abs=0.05) and after >= before


@given(
	st.lists(
		st.integers(1, 200).flatmap(lambda whole: st.tuples(st.integers(0, whole), st.just(whole))),
		min_size=12,
		max_size=12,
	),
	st.integers(1, 11),
)
def test_where_a_month_begins_nothing_jumps(months, month):
	"""Between a month's last day and the next one lies one day, and what that one says."""
	last = date(2026, month, monthrange(2026, month)[1])
	span, next_span = projection.recent(last), projection.recent(last + timedelta(days=1))
	assert (span.first, span.last) == (next_span.first, next_span.last)
	assert span.left - next_span.left == Fraction(1, monthrange(2026, month + 1)[1])


@given(st.tuples(st.integers(0, 100), st.just(100)), DAYS)
def test_a_steady_year_is_projected_to_its_share_on_every_day(month, day):
	assert told([month] * 12, day) == pytest.approx(month[0])


@given(st.lists(st.integers(0, 100).map(lambda part: (part, 100)), min_size=12, max_size=12), DAYS)
def test_a_projection_lies_between_the_year_so_far_and_the_last_months(months, day):
	span = projection.recent(day)
	shares = [
		float(100 * part / whole)
		for part, whole in (spread(months, date(2026, 1, 1), day), spread(months, span.first, span.last))
	]
	assert min(shares) - 0.1 <= told(months, day) <= max(shares) + 0.1


@given(st.lists(st.integers(0, 100).map(lambda part: (part, 100)), min_size=12, max_size=12))
def test_at_its_end_a_year_is_projected_to_what_it_was(months):
	assert told(months, date(2026, 12, 31)) == pytest.approx(sum(part for part, _whole in months) / 12)
