"""How many due dates a second one core computes, and that the length of the duration does not matter.

	./one-stop bench due_dates [--json]

A ten-year calendar with the holidays of the law and office hours. Each kind of duration is measured on the same
random moments of receipt; a plain loop over days, as running systems count, is measured on the same cases in the
same run, and must give the same dates. The best of several rounds counts: the others were disturbed.
"""

import argparse
import json
import random
import sys
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from time import perf_counter

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "apps"))

from one_stop.dossiers.clock import Limit, LimitKind, StepTerms, Terms, plan
from one_stop.organization.calendar import (
	CalendarLayer,
	ClockRules,
	Duration,
	WeekPattern,
	Window,
	WorkingCalendar,
	compile_calendar,
)
from one_stop.organization.holiday_seed import seed_holidays

TARGET = 100_000
FIRST_YEAR, YEARS = 2021, 10
ROUNDS = 5
LENGTHS = (1, 10, 100, 1000)
HOURS = (Window.parse("07:00", "11:30"), Window.parse("13:30", "17:00"))


def calendar() -> WorkingCalendar:
	years = range(FIRST_YEAR, FIRST_YEAR + YEARS)
	layer = CalendarLayer(
		"ten years",
		patterns=(WeekPattern({weekday: HOURS for weekday in range(5)}),),
		exceptions=[day for year in years for day in seed_holidays(year)],
		confirmed_years=frozenset(years),
	)
	return compile_calendar([layer], date(years[0], 1, 1), date(years[-1], 12, 31))


def moments(count: int) -> list[datetime]:
	"""Random moments of receipt, days off and nights among them, that leave room for the longest duration."""
	dice = random.Random(2026)
	first = datetime(FIRST_YEAR, 1, 1)
	return [first + timedelta(minutes=dice.randrange(5 * 365 * 1440)) for _ in range(count)]


def per_second(work: Callable[[], int]) -> float:
	"""Results a second in the best round; `work` returns how many it made."""
	best = 0.0
	for _ in range(ROUNDS):
		started = perf_counter()
		count = work()
		best = max(best, count / (perf_counter() - started))
	return best


def adder(calendar: WorkingCalendar, starts: Sequence[datetime], duration: Duration) -> Callable[[], int]:
	rules = ClockRules()

	def work() -> int:
		add = calendar.add
		for start in starts:
			add(start, duration, rules)
		return len(starts)

	return work


def day_by_day(calendar: WorkingCalendar, start: datetime, duration: Duration) -> datetime:
	"""The same due date by walking over the days: minutes window by window, or counted working days."""
	day, minute = start.date(), start.hour * 60 + start.minute
	if duration.unit.value == "working_hour":
		left = duration.minutes
		while True:
			for begin, end in calendar.windows_on(day):
				begin = max(begin, minute)
				if begin < end:
					if left <= end - begin:
						return datetime.combine(day, datetime.min.time()) + timedelta(minutes=begin + left)
					left -= end - begin
			day, minute = day + timedelta(days=1), 0
	left = duration.whole
	while left:
		day += timedelta(days=1)
		left -= bool(calendar.windows_on(day))
	for begin, end in calendar.windows_on(day):
		if minute <= end:
			minute = max(minute, begin)
			break
	else:
		minute = end
	return datetime.combine(day, datetime.min.time()) + timedelta(minutes=minute)


def walker(calendar: WorkingCalendar, starts: Sequence[datetime], duration: Duration) -> Callable[[], int]:
	def work() -> int:
		for start in starts:
			day_by_day(calendar, start, duration)
		return len(starts)

	return work


def planner(calendar: WorkingCalendar, starts: Sequence[datetime]) -> Callable[[], int]:
	"""A procedure of eight steps: the due date of the dossier and of each step."""
	steps = tuple(
		StepTerms(str(n), duration=Duration(4, "working_hour"), after=(str(n - 1),) if n else ())
		for n in range(8)
	)
	terms = Terms((Limit(LimitKind.FIXED, Duration(5, "working_day")),), steps)

	def work() -> int:
		for start in starts:
			plan(start, terms, calendar, ClockRules(), explain=False)
		return len(starts)

	return work


def measure(count: int) -> dict:
	started = perf_counter()
	found = calendar()
	compiled = perf_counter() - started
	starts = moments(count)
	few = starts[: max(50, count // 100)]
	kinds = {
		"3 working days": Duration(3, "working_day"),
		"8 working hours": Duration(8, "working_hour"),
		"0.5 working day": Duration("0.5", "working_day"),
		"15 calendar days": Duration(15, "calendar_day"),
		"2 months": Duration(2, "month"),
	}
	by_length = {}
	for unit, factor in (("working_day", 1), ("working_hour", 8)):
		rows = {}
		for length in LENGTHS:
			duration = Duration(length * factor, unit)
			# A walk over 1,000 days takes its time: the dates are compared on a few moments.
			for start in few[:200]:
				assert found.add(start, duration) == day_by_day(found, start, duration), (start, duration)
			fast = per_second(adder(found, starts, duration))
			slow = per_second(walker(found, few[: max(20, 2000 // length)], duration))
			rows[length] = {
				"per_second": round(fast),
				"day_by_day": round(slow),
				"ratio": round(fast / slow, 1),
			}
		by_length[unit] = rows
	return {
		"calendar_years": YEARS,
		"compiled_ms": round(compiled * 1000, 1),
		"per_second": {
			name: round(per_second(adder(found, starts, duration))) for name, duration in kinds.items()
		},
		"plans_of_8_steps_per_second": round(per_second(planner(found, starts[: count // 20]))),
		"by_length_in_days": by_length,
		"growth_1_to_1000_days": {
			unit: round(rows[1]["per_second"] / rows[1000]["per_second"], 2)
			for unit, rows in by_length.items()
		},
		"target_per_second": TARGET,
	}


def main() -> int:
	options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
	options.add_argument("--json", action="store_true", help="print the figures as JSON")
	options.add_argument("--count", type=int, default=50_000, help="moments of receipt (default 50000)")
	given = options.parse_args()
	figures = measure(given.count)
	slowest = min(figures["per_second"].values())
	met = slowest >= TARGET
	if given.json:
		print(json.dumps({**figures, "met": met}, indent="\t"))
		return 0 if met else 1
	print(f"Calendar of {YEARS} years compiled in {figures['compiled_ms']} ms; one core.\n")
	print("due dates a second")
	for name, rate in figures["per_second"].items():
		print(f"  {name:18} {rate:>12,}")
	print(f"  {'plan, 8 steps':18} {figures['plans_of_8_steps_per_second']:>12,}")
	for unit, rows in figures["by_length_in_days"].items():
		print(f"\n{unit.replace('_', ' ')}s: length in days, a second, day by day, times faster")
		for length, row in rows.items():
			print(f"  {length:>5} {row['per_second']:>12,} {row['day_by_day']:>12,} {row['ratio']:>10}")
		print(f"  from 1 to 1,000 days the cost grows {figures['growth_1_to_1000_days'][unit]} times")
	print(f"\nTarget {TARGET:,} a second: {'met' if met else 'NOT met'} (slowest {slowest:,}).")
	return 0 if met else 1


if __name__ == "__main__":
	sys.exit(main())
