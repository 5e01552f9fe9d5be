"""Working time to the minute: its properties under random calendars, and its rules case by case."""

import random
from datetime import date, datetime, timedelta, timezone
from fractions import Fraction
from functools import cache
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sample_calendar import (
	AFTERNOON,
	MORNING,
	OFFICE_WEEK,
	RULES,
	at,
	calendar_days,
	days,
	hours,
	months,
	national,
	off,
	office,
)

from one_stop.organization import calendar as working_time
from one_stop.organization.calendar import (
	DEFAULT_RULE_SETTINGS,
	CalendarException,
	CalendarLayer,
	ClockRules,
	DueTime,
	Duration,
	ExceptionKind,
	LineKind,
	RuleSetting,
	Scope,
	WeekPattern,
	Window,
	check_layer,
	compile_calendar,
	explanation_text,
	patterns_from_rows,
	rules_at,
	rules_text,
)
from one_stop.organization.holiday_seed import YearOutOfRange, seed_holidays

OFFICE = office()
END_OF_DAY = ClockRules(due_time=DueTime.END_OF_DAY)
COUNTED = ClockRules(count_receipt_day=True)

# Random working time. A calendar of some ten weeks is made from a seed: weeks with up to three windows a
# day at odd minutes, a change of hours on the way, and every kind of exception.
FIRST = date(2026, 1, 1)
SPAN = 70
many = settings(max_examples=2000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
# A calendar takes longer to compile than a case to check: six hundred are enough to draw from.
seeds = st.integers(0, 599)
moments = st.integers(0, 30 * 1440 - 1).map(lambda m: datetime(2026, 1, 1) + timedelta(minutes=m))
amounts = st.integers(0, 1500)


def random_week(dice: random.Random, valid_from: date | None) -> WeekPattern:
	week = {}
	for weekday in range(7):
		count = dice.choice((0, 1, 1, 2, 2, 2, 3)) if weekday else 2
		edges = sorted(dice.sample(range(0, 1440), 2 * count))
		week[weekday] = tuple(
			Window(start, end, weekday == 5 and dice.random() < 0.3)
			for start, end in zip(edges[::2], edges[1::2], strict=True)
		)
	return WeekPattern(week, valid_from)


@cache
def random_calendar(seed: int):
	dice = random.Random(seed)
	weeks = [random_week(dice, None)]
	if dice.random() < 0.5:
		weeks.append(random_week(dice, FIRST + timedelta(days=dice.randrange(1, 40))))
	exceptions = []
	for offset in dice.sample(range(SPAN), dice.randrange(0, 15)):
		day = FIRST + timedelta(days=offset)
		begun = [w for w in weeks if w.valid_from is None or w.valid_from <= day]
		works = any(not w.receives_only for w in begun[-1].on(day.weekday()))
		kinds = [kind for kind in ExceptionKind if not (works and kind is ExceptionKind.SWAP_WORK)]
		exceptions.append(CalendarException(day, dice.choice(kinds)))
	layer = CalendarLayer("ngẫu nhiên", Scope.UNIT, weeks, exceptions)
	# Beyond the ten weeks the days stay ordinary, so that long durations find their end.
	return compile_calendar([layer], FIRST, FIRST + timedelta(days=SPAN + 230))


def counted_minutes(calendar, start: datetime, end: datetime) -> int:
	"""Count, one by one, the minutes that lie in a window: slow, and independent of the sums."""
	total, moment = 0, start
	while moment < end:
		minute = moment.hour * 60 + moment.minute
		total += any(a <= minute < b for a, b in calendar.windows_on(moment))
		moment += timedelta(minutes=1)
	return total


@many
@given(seeds, moments, amounts)
def test_elapsed_undoes_add(seed, start, minutes):
	calendar = random_calendar(seed)
	assert calendar.elapsed(start, calendar.add_minutes(start, minutes)) == minutes


@many
@given(seeds, moments, amounts)
def test_add_undoes_elapsed_for_every_moment_a_period_can_end_at(seed, start, minutes):
	calendar = random_calendar(seed)
	end = calendar.add_minutes(start, minutes)
	assert calendar.add_minutes(start, calendar.elapsed(start, end)) == end


@many
@given(seeds, moments, amounts, amounts)
def test_add_is_additive_over_any_split(seed, start, one, other):
	calendar = random_calendar(seed)
	assert calendar.add_minutes(calendar.add_minutes(start, one), other) == calendar.add_minutes(
		start, one + other
	)


@many
@given(seeds, moments, moments, moments)
def test_elapsed_is_additive_over_any_split(seed, one, other, third):
	calendar = random_calendar(seed)
	assert calendar.elapsed(one, other) + calendar.elapsed(other, third) == calendar.elapsed(one, third)
	assert calendar.elapsed(one, other) == -calendar.elapsed(other, one)


@many
@given(seeds, moments, moments, amounts, amounts)
def test_add_is_monotone_in_start_and_in_duration(seed, one, other, less, more):
	calendar = random_calendar(seed)
	early, late = sorted((one, other))
	short, long = sorted((less, more))
	assert calendar.add_minutes(early, short) <= calendar.add_minutes(late, short)
	assert calendar.add_minutes(early, short) <= calendar.add_minutes(early, long)
	assert early <= calendar.add_minutes(early, short)


@many
@given(seeds, moments, st.fractions(0, 40, max_denominator=60), st.fractions(0, 40, max_denominator=60))
def test_hours_with_whole_minutes_are_additive_and_inverse(seed, start, one, other):
	calendar = random_calendar(seed)
	one, other = Fraction(round(one * 60), 60), Fraction(round(other * 60), 60)
	end = calendar.add(calendar.add(start, hours(one)), hours(other))
	assert end == calendar.add(start, hours(one + other))
	assert calendar.elapsed(start, end) == (one + other) * 60


@many
@given(seeds, moments, st.fractions(0, 20, max_denominator=16), st.fractions(0, 20, max_denominator=16))
def test_working_days_are_monotone_in_their_number(seed, start, one, other):
	calendar = random_calendar(seed)
	short, long = sorted((one, other))
	for rules in (ClockRules(), END_OF_DAY, COUNTED):
		assert calendar.add(start, days(short), rules) <= calendar.add(start, days(long), rules)


@many
@given(seeds, moments, st.integers(1, 20))
def test_whole_working_days_count_the_days_after_the_receipt(seed, start, number):
	calendar = random_calendar(seed)
	end = calendar.add(start, days(number))
	assert calendar.working_days_between(start.date(), end.date()) == number
	assert calendar.is_working_day(end.date())
	assert calendar.add(start, days(number), END_OF_DAY) == calendar.last_moment(end.date())


@many
@given(seeds, moments, st.fractions(0, 60, max_denominator=16), st.sampled_from(["calendar_day", "month"]))
def test_calendar_days_and_months_end_in_working_time_and_never_before_they_start(seed, start, value, unit):
	calendar = random_calendar(seed)
	duration = Duration(value / 20 if unit == "month" else value, unit)
	for rules in (ClockRules(), END_OF_DAY, COUNTED):
		end = calendar.add(start, duration, rules)
		assert end >= start
		if value:
			minute = end.hour * 60 + end.minute
			assert any(a <= minute <= b for a, b in calendar.windows_on(end))
		assert calendar.explain(start, duration, rules)[-1].end == end


@many
@given(seeds, moments, moments)
def test_elapsed_agrees_with_counting_minute_by_minute(seed, one, other):
	calendar = random_calendar(seed)
	start, end = sorted((one, other))
	end = min(end, start + timedelta(days=9))
	assert calendar.elapsed(start, end) == counted_minutes(calendar, start, end)


@many
@given(seeds, moments, amounts)
def test_an_explanation_accounts_for_every_minute_and_every_day(seed, start, minutes):
	calendar = random_calendar(seed)
	duration = hours(Fraction(minutes, 60))
	lines = calendar.explain(start, duration)
	counted = [line for line in lines if line.kind is LineKind.WINDOW]
	assert sum(line.minutes for line in counted) == minutes
	assert all(before.end <= after.start for before, after in pairwise(counted))
	if minutes:
		end = calendar.add(start, duration)
		span = {start.date() + timedelta(days=n) for n in range((end.date() - start.date()).days + 1)}
		assert {line.day for line in lines} == span
		for line in lines:
			assert (line.kind is LineKind.SKIPPED) == (not calendar.is_working_day(line.day))


# Working hours


@pytest.mark.parametrize(
	("start", "length", "due"),
	[
		(at(3, 2, "08:00"), 2, at(3, 2, "10:00")),
		(at(3, 2, "10:00"), 2, at(3, 2, "14:00")),  # over lunch
		(at(3, 2, "07:00"), 4.5, at(3, 2, "11:30")),  # used up with the window: ends there
		(at(3, 2, "09:00"), 8, at(3, 3, "09:00")),
		(at(3, 2, "06:00"), 1, at(3, 2, "08:00")),  # before hours
		(at(3, 2, "12:10"), 1, at(3, 2, "14:30")),  # at lunch
		(at(3, 6, "18:00"), 1, at(3, 9, "08:00")),  # Friday evening
		(at(3, 7, "09:00"), 0.25, at(3, 9, "07:15")),  # Saturday
		(at(3, 6, "16:00"), 1, at(3, 6, "17:00")),  # not Monday 07:00
		(at(3, 6, "16:59"), 8, at(3, 9, "16:59")),
		(at(3, 7, "09:00"), 0, at(3, 7, "09:00")),
	],
)
def test_working_hours_count_only_inside_windows(start, length, due):
	assert OFFICE.add(start, hours(length)) == due


def test_seconds_are_cut_off():
	assert OFFICE.add(datetime(2026, 3, 2, 8, 0, 59), hours(1)) == at(3, 2, "09:00")
	assert OFFICE.elapsed(datetime(2026, 3, 2, 8, 0, 59), datetime(2026, 3, 2, 8, 1, 1)) == 1


def test_an_aware_moment_is_read_in_the_zone_of_the_calendar():
	utc = datetime(2026, 3, 2, 1, 0, tzinfo=timezone.utc)
	assert OFFICE.add(utc, hours(1)) == at(3, 2, "09:00")
	assert OFFICE.iso(at(3, 2, "09:00")) == "2026-03-02T09:00:00+07:00"


# Working days


def test_bl_ds_art_147_the_receipt_day_is_not_counted_unless_a_rule_says_so():
	received = at(3, 2, "10:00")
	assert OFFICE.add(received, days(1)) == at(3, 3, "10:00")
	assert OFFICE.add(received, days(1), COUNTED) == at(3, 2, "17:00")
	assert OFFICE.add(received, days(3), COUNTED) == at(3, 4, "17:00")
	assert OFFICE.add(at(3, 7, "10:00"), days(1), COUNTED) == at(3, 9, "17:00")
	# Received when the day's work is over, there is nothing left of it to count.
	assert OFFICE.add(at(3, 2, "17:00"), days(1), COUNTED) == at(3, 3, "17:00")


def test_due_time_is_the_same_time_of_day_or_the_end_of_it():
	received = at(3, 2, "10:20")
	assert OFFICE.add(received, days(2)) == at(3, 4, "10:20")
	assert OFFICE.add(received, days(2), END_OF_DAY) == at(3, 4, "17:00")


@pytest.mark.parametrize(
	("clock", "due"),
	[("06:15", "07:00"), ("07:00", "07:00"), ("11:30", "11:30"), ("12:15", "13:30"), ("20:00", "17:00")],
)
def test_a_time_of_day_outside_hours_moves_into_the_hours_of_the_due_day(clock, due):
	assert OFFICE.add(at(3, 2, clock), days(1)) == at(3, 3, due)


def test_received_on_a_day_off_counts_from_the_next_working_day():
	assert OFFICE.add(at(3, 7, "09:00"), days(3)) == at(3, 11, "09:00")
	assert OFFICE.add(at(3, 6, "09:00"), days(3)) == at(3, 11, "09:00")


def test_a_half_day_is_a_whole_working_day():
	calendar = office(off(date(2026, 3, 4), ExceptionKind.HALF_DAY_MORNING))
	assert calendar.windows_on(date(2026, 3, 4)) == ((420, 690),)
	assert calendar.add(at(3, 2, "09:00"), days(3)) == at(3, 5, "09:00")
	assert calendar.add(at(3, 3, "15:00"), days(1)) == at(3, 4, "11:30")  # its own last moment
	assert calendar.add(at(3, 3, "09:00"), days(1), END_OF_DAY) == at(3, 4, "11:30")
	# In hours the missing half counts as it must.
	assert calendar.add(at(3, 3, "13:30"), hours(8)) == at(3, 4, "11:30")


def test_a_half_day_afternoon_works_after_noon_and_splits_a_window_over_noon():
	through = CalendarLayer(
		"Liên tục",
		Scope.UNIT,
		(WeekPattern({d: (Window.parse("08:00", "16:00"),) for d in range(5)}),),
		(off(date(2026, 3, 4), ExceptionKind.HALF_DAY_AFTERNOON),),
	)
	assert office(layers=(through,)).windows_on(date(2026, 3, 4)) == ((720, 960),)


@pytest.mark.parametrize(
	("start", "length", "due"),
	[
		(at(3, 2, "10:00"), 0.25, at(3, 2, "14:00")),  # 120 minutes
		(at(3, 2, "10:00"), 0.5, at(3, 2, "16:00")),  # 240 minutes
		(at(3, 6, "16:00"), 0.5, at(3, 9, "10:00")),
		(at(3, 2, "10:00"), 2.5, at(3, 4, "16:00")),  # two days, then half of one
		(at(3, 2, "10:00"), "1.25", at(3, 3, "14:00")),
	],
)
def test_a_part_of_a_day_is_that_part_of_480_minutes(start, length, due):
	assert OFFICE.add(start, days(length)) == due


def test_a_part_of_a_day_never_takes_more_than_one_day():
	calendar = office(off(date(2026, 3, 3), ExceptionKind.HALF_DAY_MORNING))
	# 0.9 day = 432 minutes: 60 on Monday, 270 on the half day, 102 too many.
	assert calendar.add(at(3, 2, "16:00"), days("0.9")) == at(3, 3, "11:30")
	lines = calendar.explain(at(3, 2, "16:00"), days("0.9"))
	assert LineKind.CAPPED in [line.kind for line in lines]


def test_the_cost_of_a_duration_does_not_walk_its_days():
	"""Adding looks at no day in between: days that raise when looked at stay unseen."""
	calendar = office()
	seen = []

	class Watched(list):
		def __getitem__(self, index):
			seen.append(index)
			return super().__getitem__(index)

	object.__setattr__(calendar, "_windows", Watched(calendar._windows))
	for duration in (hours(8), hours(4000), days(1), days(700), calendar_days(900), months(30)):
		seen.clear()
		calendar.add(at(3, 2, "10:00"), duration)
		assert len(seen) <= 3, duration


# Calendar days and months


@pytest.mark.parametrize(
	("start", "duration", "due"),
	[
		(at(3, 2, "10:00"), calendar_days(3), at(3, 5, "10:00")),
		(at(3, 2, "10:00"), calendar_days(5), at(3, 9, "10:00")),  # Saturday 7 → Monday 9
		(at(3, 4, "10:00"), calendar_days(4), at(3, 9, "10:00")),  # Sunday 8 → Monday 9
		(at(2, 6, "10:00"), calendar_days(10), at(2, 23, "10:00")),  # into Tết → after it
		(at(3, 2, "10:00"), calendar_days(0.5), at(3, 2, "17:00")),  # 22:00: the day's last moment
		(at(3, 2, "18:00"), calendar_days(0.1), at(3, 3, "07:00")),  # an evening's hours
		(at(3, 2, "14:00"), calendar_days(0.5), at(3, 3, "07:00")),  # 02:00: the day's first moment
		(at(3, 2, "10:00"), months(1), at(4, 2, "10:00")),
		(at(1, 30, "10:00"), months(1), at(3, 2, "10:00")),  # 28 February is a Saturday
		(at(3, 31, "10:00"), months(1), at(5, 4, "10:00")),  # 30 April, 1 May, weekend
		(at(3, 2, "10:00"), months(0.5), at(3, 17, "10:00")),  # 15 days
		(at(11, 30, "10:00"), months(3), at(3, 1, "10:00", 2027)),  # 28 February 2027 is a Sunday
	],
)
def test_bl_ds_art_148_calendar_days_and_months_never_end_on_a_day_off(start, duration, due):
	assert OFFICE.add(start, duration) == due


def test_months_end_on_the_last_day_of_a_shorter_month():
	assert OFFICE.add(at(1, 31, "10:00", 2028), months(1)) == at(2, 29, "10:00", 2028)
	assert OFFICE.add(at(12, 31, "10:00", 2026), months(14)) == at(2, 29, "10:00", 2028)


def test_calendar_days_and_months_at_the_end_of_the_day_or_with_the_receipt_day_counted():
	assert OFFICE.add(at(3, 2, "10:00"), calendar_days(3), END_OF_DAY) == at(3, 5, "17:00")
	assert OFFICE.add(at(3, 2, "10:00"), calendar_days(3), COUNTED) == at(3, 4, "17:00")
	assert OFFICE.add(at(3, 3, "10:00"), months(1), COUNTED) == at(4, 2, "17:00")
	assert OFFICE.add(at(3, 2, "10:00"), calendar_days(1), COUNTED) == at(3, 2, "17:00")
	assert OFFICE.add(at(3, 2, "18:00"), calendar_days(1), COUNTED) == at(3, 3, "17:00")


# The days themselves


def test_bl_l_d_art_112_the_seed_agrees_with_what_was_announced_for_2026():
	seeded = {e.day: e for e in seed_holidays(2026)}
	assert seeded[date(2026, 1, 2)].kind is ExceptionKind.SWAP_OFF
	assert seeded[date(2026, 1, 10)].kind is ExceptionKind.SWAP_WORK
	assert seeded[date(2026, 8, 22)].kind is ExceptionKind.SWAP_WORK
	assert seeded[date(2026, 8, 31)].kind is ExceptionKind.SWAP_OFF
	assert seeded[date(2026, 4, 27)].kind is ExceptionKind.HOLIDAY  # Giỗ Tổ falls on a Sunday
	assert not any(e.confirmed for e in seeded.values())
	closed = [n for n in range(10, 28) if not OFFICE.is_working_day(date(2026, 2, n))]
	assert closed == list(range(14, 23))  # Tết: Saturday 14 to Sunday 22 February
	assert [n for n in range(1, 6) if not OFFICE.is_working_day(date(2026, 1, n))] == [1, 2, 3, 4]


def test_a_swap_that_crosses_the_year_is_in_the_year_of_its_day():
	assert {e.day: e.kind for e in seed_holidays(2018)}[date(2018, 12, 31)] is ExceptionKind.SWAP_OFF
	assert {e.day: e.kind for e in seed_holidays(2019)}[date(2019, 1, 5)] is ExceptionKind.SWAP_WORK


@pytest.mark.parametrize("year", range(2018, 2041))
def test_every_seeded_year_can_be_used_as_it_is(year):
	layer = CalendarLayer("Việt Nam", Scope.NATIONAL, (OFFICE_WEEK,), seed_holidays(year))
	check_layer(layer)
	calendar = compile_calendar([layer], date(year, 1, 1), date(year, 12, 31))
	lunar = [e for e in layer.exceptions if "Tết Nguyên Đán" in e.reason]
	assert len(lunar) >= 5
	assert 240 <= calendar.working_days_between(date(year, 1, 1), date(year, 12, 31)) <= 255


def test_a_year_without_trustworthy_lunar_dates_is_refused():
	with pytest.raises(YearOutOfRange) as refused:
		seed_holidays(1990)
	assert refused.value.field == "year"


def test_a_saturday_worked_in_exchange_has_the_hours_of_a_standard_day():
	assert OFFICE.windows_on(date(2026, 1, 10)) == ((420, 690), (810, 1020))
	assert OFFICE.add(at(1, 9, "10:00"), days(1)) == at(1, 10, "10:00")
	assert not OFFICE.is_working_day(date(2026, 1, 17))


def test_saturday_reception_does_not_make_saturday_a_working_day():
	saturday = patterns_from_rows(
		[(day, "07:30", "11:30", None) for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")]
		+ [("Saturday", "07:30", "11:30", None, True)]
	)
	calendar = office(layers=(CalendarLayer("Công an", Scope.UNIT, saturday),))
	assert not calendar.is_working_day(date(2026, 3, 7))
	assert calendar.is_open(at(3, 7, "08:00"))
	assert not calendar.is_open(at(3, 7, "11:30"))
	assert calendar.add(at(3, 7, "08:00"), days(1)) == at(3, 9, "08:00")


def test_the_nearer_scope_overrides_the_further_on_the_same_day_whatever_the_order():
	province = CalendarLayer(
		"Tỉnh", Scope.PROVINCE, (), (off(date(2026, 3, 24), reason="Ngày giải phóng tỉnh"),)
	)
	unit = CalendarLayer(
		"Phường", Scope.UNIT, (), (off(date(2026, 3, 24), ExceptionKind.HALF_DAY_MORNING, "Trực"),)
	)
	assert not office(layers=(province,)).is_working_day(date(2026, 3, 24))
	for order in ((province, unit), (unit, province)):
		assert office(layers=order).windows_on(date(2026, 3, 24)) == ((420, 690),)
	assert OFFICE.is_working_day(date(2026, 3, 24))


def test_a_unit_may_work_on_what_it_inherits_as_a_holiday():
	unit = CalendarLayer(
		"Trực Tết", Scope.UNIT, (), (off(date(2026, 2, 19), ExceptionKind.SWAP_WORK, "Trực"),)
	)
	check_layer(unit, [national()])
	assert office(layers=(unit,)).is_working_day(date(2026, 2, 19))


def test_the_hours_of_a_unit_may_change_from_a_date():
	rows = [(n, "07:00", "11:30", None) for n in range(5)] + [(n, "13:30", "17:00", None) for n in range(5)]
	rows += [(n, "07:30", "11:30", date(2026, 6, 1)) for n in range(5)]
	rows += [(n, "13:00", "17:00", date(2026, 6, 1)) for n in range(5)]
	calendar = office(layers=(CalendarLayer("Phường", Scope.UNIT, patterns_from_rows(rows)),))
	assert calendar.windows_on(date(2026, 5, 29)) == ((420, 690), (810, 1020))
	assert calendar.windows_on(date(2026, 6, 1)) == ((450, 690), (780, 1020))
	# One hour before the change's end and one after its start.
	assert calendar.add(at(5, 29, "16:00"), hours(2)) == at(6, 1, "08:30")


def test_a_unit_whose_own_hours_have_not_begun_keeps_the_inherited_ones():
	later = patterns_from_rows([(n, "08:00", "12:00", date(2026, 6, 1)) for n in range(5)])
	calendar = office(layers=(CalendarLayer("Xã", Scope.UNIT, later),))
	assert calendar.windows_on(date(2026, 5, 29)) == ((420, 690), (810, 1020))
	assert calendar.windows_on(date(2026, 6, 1)) == ((480, 720),)


def test_weeks_in_force_are_the_nearest_from_the_day_they_begin():
	later, own = date(2026, 6, 1), date(2026, 9, 1)
	changed = WeekPattern({0: (MORNING,)}, later)
	saturday = WeekPattern({5: (MORNING,)}, own)
	layers = [
		CalendarLayer("đơn vị", Scope.UNIT, (saturday,)),
		national(),
		CalendarLayer("tỉnh", Scope.PROVINCE, (changed,)),
	]
	weeks = working_time.weeks_in_force(layers)
	assert [(week.valid_from, sorted(week.windows)) for week in weeks] == [
		(None, [0, 1, 2, 3, 4]),
		(later, [0]),
		(own, [5]),
	]


def test_neighbouring_working_days_and_moments():
	assert OFFICE.next_working_day(date(2026, 2, 13)) == date(2026, 2, 23)
	assert OFFICE.previous_working_day(date(2026, 2, 23)) == date(2026, 2, 13)
	assert OFFICE.shift_working_days(date(2026, 2, 18), -1) == date(2026, 2, 13)
	assert OFFICE.first_moment(date(2026, 2, 23)) == at(2, 23, "07:00")
	with pytest.raises(working_time.NoWorkingTime):
		OFFICE.last_moment(date(2026, 2, 18))
	assert OFFICE.day_note(date(2026, 2, 18)).reason == "Mùng hai Tết Nguyên Đán"
	assert OFFICE.working_minutes_between(at(3, 3, "09:00"), at(3, 2, "09:00")) == 480


def test_an_unconfirmed_year_is_told():
	assert OFFICE.unconfirmed_years(date(2026, 3, 1), date(2026, 12, 31)) == ()
	assert OFFICE.unconfirmed_years(at(12, 28), date(2028, 1, 2)) == (2027, 2028)
	text = explanation_text(OFFICE.explain(at(12, 30, "09:00"), days(3))[-1])
	assert "chưa được xác nhận" in text
	assert "chưa được xác nhận" not in explanation_text(OFFICE.explain(at(3, 2, "09:00"), days(3))[-1])


# Explanations


def test_an_explanation_in_days_names_each_counted_and_skipped_day():
	lines = OFFICE.explain(at(2, 12, "10:00"), days(3), RULES)
	assert [line.kind.value for line in lines] == [
		"receipt_day",
		"counted_day",
		*["skipped"] * 9,
		*["counted_day"] * 2,
		"due",
	]
	texts = [explanation_text(line) for line in lines]
	assert texts[0].startswith("Thứ Năm 12/02/2026: ngày tiếp nhận, không tính")
	assert texts[1] == "Thứ Sáu 13/02/2026: ngày làm việc thứ 1 (07:00–11:30, 13:30–17:00)"
	assert texts[2] == "Thứ Bảy 14/02/2026: không tính, nghỉ cuối tuần"
	assert texts[5].startswith("Thứ Ba 17/02/2026: không tính, nghỉ lễ: Tết Nguyên Đán")
	assert texts[-1] == "Hạn trả kết quả: 10:00 Thứ Ba 24/02/2026"
	assert explanation_text(lines[2], "en") == "Sat 14/02/2026: not counted, weekend"


def test_an_explanation_in_hours_names_each_window():
	texts = [explanation_text(line) for line in OFFICE.explain(at(1, 9, "18:00"), hours(5))]
	assert texts == [
		"Thứ Sáu 09/01/2026, 18:00: ngoài giờ làm việc, tính từ giờ làm việc kế tiếp",
		"Thứ Bảy 10/01/2026, 07:00–11:30: tính 4 giờ 30 phút, làm bù: "
		"Làm bù cho ngày nghỉ 02/01/2026 (Văn bản 12729/VPCP)",
		"Thứ Bảy 10/01/2026, 13:30–14:00: tính 30 phút, làm bù: "
		"Làm bù cho ngày nghỉ 02/01/2026 (Văn bản 12729/VPCP)",
		"Hạn trả kết quả: 14:00 Thứ Bảy 10/01/2026",
	]


def test_an_explanation_in_months_names_the_days_off_at_its_end():
	lines = OFFICE.explain(at(3, 31, "10:00"), months(1))
	assert [line.kind.value for line in lines] == ["receipt_day", "span", *["skipped"] * 4, "due"]
	assert explanation_text(lines[1]) == (
		"Từ Thứ Tư 01/04/2026 đến Thứ Năm 30/04/2026: tính 30 ngày liên tục (1 tháng)"
	)


def test_every_kind_of_line_has_words_in_both_languages_and_is_ready_for_json():
	for language in ("vi", "en"):
		for kind in LineKind:
			line = working_time.ExplanationLine(
				kind,
				date(2026, 3, 2),
				at(3, 2),
				at(3, 3),
				5,
				"before_cutoff" if kind == "same_day" else "holiday",
			)
			assert explanation_text(line, language)
			assert line.as_dict()["text"]


# Durations


@pytest.mark.parametrize(
	("value", "minutes"),
	[(0.25, 15), ("0.1", 6), (0.1, 6), (Fraction(1, 3), 20), ("0.0083", 0), ("0.00834", 1)],
)
def test_hours_come_down_to_whole_minutes_half_up(value, minutes):
	assert hours(value).minutes == minutes


def test_durations_in_words():
	assert days(3).text() == "3 ngày làm việc"
	assert days(0.25).text() == "0,25 ngày làm việc"
	assert hours(1).text("en") == "1 working hour"
	assert Duration(2, "Calendar Day").text("en") == "2 calendar days"


@pytest.mark.parametrize("value", [-1, "-0.5", Fraction(-1, 60), -0.001])
def test_a_duration_below_zero_is_refused(value):
	with pytest.raises(working_time.NegativeDuration) as refused:
		days(value)
	assert refused.value.field == "duration"


@pytest.mark.parametrize(
	"value", ["", "ba ngày", "NaN", "Infinity", "1e40", True, 10**9, float("inf"), "1e-99"]
)
def test_what_is_not_a_duration_is_refused(value):
	with pytest.raises(working_time.InvalidDuration):
		days(value)


def test_an_unknown_unit_is_refused_with_the_choices():
	with pytest.raises(working_time.UnknownChoice, match="working_day"):
		Duration(1, "Week")


# Bad calendars: each refused by name, with the field


@pytest.mark.parametrize(
	("error", "name", "make"),
	[
		("WindowEndsBeforeStart", "to_time", lambda: Window.parse("17:00", "13:30")),
		("WindowEndsBeforeStart", "to_time", lambda: Window.parse("08:00", "08:00")),
		("WindowOutsideDay", "from_time", lambda: Window.parse("08:00", "25:00")),
		("WindowOutsideDay", "from_time", lambda: Window.parse("08:00", "24:00")),
		("WindowOutsideDay", "from_time", lambda: Window.parse("-1:00", "08:00")),
		("WindowOutsideDay", "from_time", lambda: Window.parse("08:75", "09:00")),
		("WindowOutsideDay", "from_time", lambda: Window.parse("sáng", "09:00")),
		(
			"OverlappingWindows",
			"windows",
			lambda: WeekPattern({0: (MORNING, Window.parse("11:00", "12:00"))}),
		),
		("InvalidWeekday", "weekday", lambda: WeekPattern({7: (MORNING,)})),
		("InvalidWeekday", "weekday", lambda: patterns_from_rows([("Thứ Hai", "07:00", "11:30", None)])),
		(
			"DuplicatePattern",
			"valid_from",
			lambda: check_layer(CalendarLayer("x", Scope.UNIT, (OFFICE_WEEK, OFFICE_WEEK))),
		),
		(
			"DuplicateException",
			"exception_date",
			lambda: office(off(date(2026, 3, 4)), off(date(2026, 3, 4), ExceptionKind.SWAP_OFF)),
		),
		(
			"SwapWorkOnWorkingDay",
			"kind",
			lambda: office(off(date(2026, 3, 4), ExceptionKind.SWAP_WORK)),
		),
		(
			"SwapWorkOnWorkingDay",
			"kind",
			lambda: check_layer(
				CalendarLayer("Xã", Scope.UNIT, (), (off(date(2026, 3, 4), ExceptionKind.SWAP_WORK),)),
				[national()],
			),
		),
		(
			"NoWorkingTime",
			"windows",
			lambda: compile_calendar([CalendarLayer("x")], date(2026, 1, 1), date(2026, 1, 31)),
		),
		(
			"DateOutOfRange",
			"date",
			lambda: compile_calendar([national()], date(2026, 2, 1), date(2026, 1, 31)),
		),
		("DateOutOfRange", "date", lambda: OFFICE.add(at(1, 1, year=2024), hours(1))),
		("DateOutOfRange", "date", lambda: OFFICE.add(at(3, 2), days(5000))),
		("DateOutOfRange", "date", lambda: OFFICE.add(at(3, 2), hours(50000))),
		("DateOutOfRange", "date", lambda: OFFICE.add(at(3, 2), calendar_days(5000))),
		("DateOutOfRange", "date", lambda: OFFICE.add(at(3, 2), months(100))),
		("InvalidDuration", "duration", lambda: OFFICE.add(at(3, 2), months(99999))),
		("DateOutOfRange", "date", lambda: OFFICE.next_working_day(date(2029, 12, 31))),
		("NegativeDuration", "duration", lambda: OFFICE.add_minutes(at(3, 2), -1)),
	],
)
def test_bad_input_is_refused_by_name_with_its_field(error, name, make):
	with pytest.raises(getattr(working_time, error)) as refused:
		make()
	assert refused.value.field == name
	assert str(refused.value) == refused.value.template.format(**refused.value.values)


def test_windows_that_touch_do_not_overlap():
	week = WeekPattern({0: (Window.parse("12:00", "13:00"), Window.parse("08:00", "12:00"))})
	assert [str(w) for w in week.on(0)] == ["08:00–12:00", "12:00–13:00"]


# Dated rules


def test_rules_are_those_in_force_on_the_day():
	settings_ = [
		*DEFAULT_RULE_SETTINGS,
		RuleSetting("cutoff", "16:00", date(2026, 7, 1), "QĐ thử"),
		RuleSetting("due_time", "End of Day", date(2026, 7, 1)),
		RuleSetting("count_receipt_day", "1", date(2027, 1, 1)),
	]
	before, after, later = (
		rules_at(settings_, date(*d)) for d in ((2026, 6, 30), (2026, 7, 1), (2027, 1, 1))
	)
	assert (before.cutoff.hour, before.due_time) == (15, DueTime.SAME_TIME)
	assert (after.cutoff.hour, after.due_time, after.count_receipt_day) == (16, DueTime.END_OF_DAY, False)
	assert later.count_receipt_day
	assert any("16:00 (QĐ thử, từ 01/07/2026)" in text for text in rules_text(after))


def test_a_rule_without_a_value_by_that_day_is_assumed_and_told():
	early = rules_at(DEFAULT_RULE_SETTINGS, date(2018, 1, 1))
	assert {"cutoff", "handover", "online_ack_hours"} <= early.assumed
	assert "count_receipt_day" not in early.assumed
	assert any(text.endswith("(quy tắc mặc định)") for text in rules_text(early))


@pytest.mark.parametrize(
	("rule", "value", "error"),
	[
		("cutof", "15:00", working_time.UnknownRule),
		("cutoff", "25:00", working_time.InvalidRuleValue),
		("cutoff", "24:00", working_time.InvalidRuleValue),
		("due_time", "noon", working_time.InvalidRuleValue),
		("supplement_days", "-3", working_time.InvalidRuleValue),
		("max_extensions", "một", working_time.InvalidRuleValue),
		("count_receipt_day", "maybe", working_time.InvalidRuleValue),
		("online_ack_hours", "-8", working_time.InvalidRuleValue),
	],
)
def test_a_bad_rule_is_refused_by_name(rule, value, error):
	with pytest.raises(error):
		rules_at([RuleSetting(rule, value, date(2020, 1, 1))], date(2026, 1, 1))


def test_afternoon_windows_of_the_sample_are_three_and_a_half_hours():
	assert AFTERNOON.end - AFTERNOON.start == 210
