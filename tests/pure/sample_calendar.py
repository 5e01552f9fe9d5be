"""Calendars and short names that the tests of working time share."""

from datetime import date, datetime, time

from one_stop.dossiers.clock import ClockEvent, EventKind
from one_stop.organization.calendar import (
	DEFAULT_RULE_SETTINGS,
	CalendarException,
	CalendarLayer,
	Duration,
	ExceptionKind,
	Scope,
	WeekPattern,
	Window,
	compile_calendar,
	rules_at,
)
from one_stop.organization.holiday_seed import seed_holidays

MORNING = Window.parse("07:00", "11:30")
AFTERNOON = Window.parse("13:30", "17:00")
OFFICE_WEEK = WeekPattern({weekday: (MORNING, AFTERNOON) for weekday in range(5)})
YEARS = range(2025, 2030)
CONFIRMED = frozenset({2025, 2026})
RULES = rules_at(DEFAULT_RULE_SETTINGS, date(2026, 1, 1))


def national(*extra: CalendarException, years=YEARS, confirmed=CONFIRMED) -> CalendarLayer:
	"""The national calendar: office week, seeded holidays, and exceptions that replace seeded ones."""
	replaced = {exception.day for exception in extra}
	seeded = [e for year in years for e in seed_holidays(year) if e.day not in replaced]
	return CalendarLayer("Việt Nam", Scope.NATIONAL, (OFFICE_WEEK,), (*seeded, *extra), confirmed)


def office(*extra: CalendarException, layers: tuple[CalendarLayer, ...] = ()):
	return compile_calendar(
		[national(*extra), *layers], date(YEARS[0], 1, 1), date(YEARS[-1], 12, 31), revision="7"
	)


def off(day: date, kind: ExceptionKind = ExceptionKind.HOLIDAY, reason: str = "") -> CalendarException:
	return CalendarException(day, kind, reason)


def hours(value) -> Duration:
	return Duration(value, "working_hour")


def days(value) -> Duration:
	return Duration(value, "working_day")


def calendar_days(value) -> Duration:
	return Duration(value, "calendar_day")


def months(value) -> Duration:
	return Duration(value, "month")


def at(month: int, day: int, clock: str = "00:00", year: int = 2026) -> datetime:
	return datetime.combine(date(year, month, day), time.fromisoformat(clock))


def event(kind: str, when: datetime, step: str | None = None, id=None, **data) -> ClockEvent:
	return ClockEvent(EventKind(kind), when, step, data, id)
