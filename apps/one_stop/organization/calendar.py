"""Working time: which minutes count, and where a period of time ends. Pure: nothing of Frappe here.

All arithmetic is in whole minutes of local time. A naive datetime is local time of the calendar
(Asia/Ho_Chi_Minh unless said otherwise), an aware one is converted; seconds are cut off.

How periods are counted (BLDS 2015 art. 145-148, NĐ 61/2018, and what running systems do):

working hours
	Every minute inside a counting window. A period that is used up at the very end of a window ends
	there, not at the start of the next window. A period of zero ends where it starts. In working
	minutes `add` and `elapsed` are inverse, monotone and additive over any split.
working days
	A working day is a day with at least one counting window; **a half day is a whole working day**.
	The law counts days, not hours, and counting halves would put off the citizen's date. The day of
	receipt is not counted (BLDS 2015 art. 147.2) unless a rule says so. The period ends at the same
	time of day, moved into working time of that same day (before a window: to its start; after the
	last one: to its end), or at the end of the last window. A fraction of a day is that fraction of
	the standard day (480 minutes), counted in working minutes after the whole days, and never more
	than one day more.
calendar days
	Every day counts, the day of receipt excluded. A period that would end on a day off ends on the next
	working day (BLDS 2015 art. 148.5). A fraction of a day is that fraction of 24 hours.
months
	To the same day of the month, or the last day of a shorter month; a day off as for calendar days.
	A fraction of a month is that fraction of 30 days (BLDS 2015 art. 146.1).

Where the day of receipt is counted (if working time was left on it), the period ends at the end of its
last day.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from enum import Enum
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any, ClassVar
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
	from typing_extensions import Self

MINUTES_OF_DAY = 1440
NOON = 720
STANDARD_DAY = 480
DAYS_OF_MONTH = 30
TIME_ZONE = "Asia/Ho_Chi_Minh"
LONGEST_DURATION = 100_000

_DELTAS = tuple(timedelta(minutes=m) for m in range(MINUTES_OF_DAY + 1))
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class CalendarError(ValueError):
	"""A refused value. `field` names it, `template` is the English message with its `values` open."""

	field: ClassVar[str] = ""
	template: ClassVar[str] = "This working time is not valid."

	def __init__(self, **values: Any) -> None:
		self.values = values
		super().__init__(self.template.format(**values))


class WindowEndsBeforeStart(CalendarError):
	field = "to_time"
	template = "The working window {start}–{end} must end after it starts."


class WindowOutsideDay(CalendarError):
	field = "from_time"
	template = "A working window must lie between 00:00 and 23:59; {value} does not."


class OverlappingWindows(CalendarError):
	field = "windows"
	template = "The working windows {first} and {second} of {weekday} overlap."


class InvalidWeekday(CalendarError):
	field = "weekday"
	template = "{value} is not a day of the week."


class DuplicatePattern(CalendarError):
	field = "valid_from"
	template = "Two sets of working hours are valid from {day}."


class DuplicateException(CalendarError):
	field = "exception_date"
	template = "{day} is entered more than once."


class SwapWorkOnWorkingDay(CalendarError):
	field = "kind"
	template = "{day} is a working day already; only a day off can be worked in exchange."


class NegativeDuration(CalendarError):
	field = "duration"
	template = "A duration cannot be below zero: {value}."


class InvalidDuration(CalendarError):
	field = "duration"
	template = "{value} is not a duration."


class DateOutOfRange(CalendarError):
	field = "date"
	template = "The working calendar covers {first} to {last}; {day} lies outside."


class NoWorkingTime(CalendarError):
	field = "windows"
	template = "The working calendar has no working hours."


class UnknownRule(CalendarError):
	field = "rule"
	template = "There is no rule named {rule}."


class InvalidRuleValue(CalendarError):
	field = "value"
	template = "{value} is not a value of the rule {rule}."


class UnknownChoice(CalendarError):
	field = "kind"
	template = "{value} is none of: {choices}."


class Choice(str, Enum):
	"""A closed list of words. Values are snake case; `read` also takes the labels of the desk."""

	__str__ = str.__str__

	def __format__(self, spec: str) -> str:
		return format(str(self), spec)

	@classmethod
	def read(cls, value: str) -> Self:
		"""Return the member meant by `value` ("Swap Work" or "swap_work"); raise UnknownChoice."""
		key = str(value).strip().lower().replace("-", "_").replace(" ", "_")
		try:
			return cls(cls._aliases().get(key, key))
		except ValueError:
			raise UnknownChoice(value=value, choices=", ".join(cls)) from None

	@classmethod
	def _aliases(cls) -> Mapping[str, str]:
		return {}


class ExceptionKind(Choice):
	"""What a day of exception is. A half day names the half that IS worked; noon divides the halves."""

	HOLIDAY = "holiday"
	SWAP_OFF = "swap_off"
	SWAP_WORK = "swap_work"
	HALF_DAY_MORNING = "half_day_morning"
	HALF_DAY_AFTERNOON = "half_day_afternoon"


class Scope(Choice):
	NATIONAL = "national"
	PROVINCE = "province"
	UNIT = "unit"

	@property
	def nearness(self) -> int:
		return (Scope.NATIONAL, Scope.PROVINCE, Scope.UNIT).index(self)


class DurationUnit(Choice):
	WORKING_HOUR = "working_hour"
	WORKING_DAY = "working_day"
	CALENDAR_DAY = "calendar_day"
	MONTH = "month"


class DueTime(Choice):
	SAME_TIME = "same_time"
	END_OF_DAY = "end_of_day"


class Handover(Choice):
	"""When paper is handed on: always the same day, or the next morning if received after the cut-off."""

	SAME_DAY = "same_day"
	NEXT_MORNING = "next_morning"


class SupplementClock(Choice):
	RESTART = "restart"
	EXTEND = "extend"


class StoppedCounts(Choice):
	ENDED = "ended"
	IN_PROGRESS = "in_progress"


def clock_text(minute: int) -> str:
	"""Return minutes of the day as `HH:MM`."""
	return f"{minute // 60:02d}:{minute % 60:02d}"


def minute_of_day(value: str | time | timedelta | int) -> int:
	"""Return the minute of the day (0 to 1439) of a time as forms, databases and people write it."""
	if isinstance(value, bool):
		raise WindowOutsideDay(value=value)
	if isinstance(value, int):
		minute = value
	elif isinstance(value, time):
		minute = value.hour * 60 + value.minute
	elif isinstance(value, timedelta):
		minute = int(value.total_seconds() // 60)
	else:
		parts = str(value).strip().split(":")
		if len(parts) not in (2, 3) or not all(p.split(".")[0].isdigit() for p in parts):
			raise WindowOutsideDay(value=value)
		hours, minutes = int(parts[0]), int(parts[1])
		if minutes > 59:
			raise WindowOutsideDay(value=value)
		minute = hours * 60 + minutes
	if not 0 <= minute < MINUTES_OF_DAY:
		raise WindowOutsideDay(value=value)
	return minute


@dataclass(frozen=True, slots=True, order=True)
class Window:
	"""Office hours from `start` to `end`, minutes of the day.

	`receives_only`: the counter is open but the time does not count, such as the police's Saturday
	mornings, which do not make Saturday a working day. A window ends at 23:59 at the latest: a period that
	ends at 24:00 would carry the date of the next day.
	"""

	start: int
	end: int
	receives_only: bool = False

	def __post_init__(self) -> None:
		for value in (self.start, self.end):
			if not 0 <= value < MINUTES_OF_DAY:
				raise WindowOutsideDay(value=value)
		if self.end <= self.start:
			raise WindowEndsBeforeStart(start=clock_text(self.start), end=clock_text(self.end))

	@classmethod
	def parse(
		cls,
		start: str | time | timedelta | int,
		end: str | time | timedelta | int,
		receives_only: bool = False,
	) -> Self:
		"""Return the window between two times of the day, in any form `minute_of_day` reads."""
		return cls(minute_of_day(start), minute_of_day(end), bool(receives_only))

	def __str__(self) -> str:
		return f"{clock_text(self.start)}–{clock_text(self.end)}"


def read_weekday(value: int | str) -> int:
	"""Return 0 (Monday) to 6 from a number or an English name; raise InvalidWeekday."""
	if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 6:
		return value
	key = str(value).strip().lower()
	if key in _WEEKDAYS:
		return _WEEKDAYS.index(key)
	raise InvalidWeekday(value=value)


@dataclass(frozen=True)
class WeekPattern:
	"""The hours of each weekday (0 = Monday), in force from `valid_from` (None: always)."""

	windows: Mapping[int, Sequence[Window]]
	valid_from: date | None = None

	def __post_init__(self) -> None:
		week: dict[int, tuple[Window, ...]] = {}
		for weekday, windows in self.windows.items():
			day = read_weekday(weekday)
			ordered = tuple(sorted(windows))
			for before, after in pairwise(ordered):
				if after.start < before.end:
					raise OverlappingWindows(
						first=str(before), second=str(after), weekday=_WEEKDAYS[day].capitalize()
					)
			week[day] = ordered
		object.__setattr__(self, "windows", week)

	def on(self, weekday: int) -> tuple[Window, ...]:
		return tuple(self.windows.get(weekday, ()))

	@property
	def standard_windows(self) -> tuple[Window, ...]:
		"""The counting hours of the longest weekday: what a day worked in exchange has."""
		best: tuple[Window, ...] = ()
		for weekday in range(7):
			counting = tuple(w for w in self.on(weekday) if not w.receives_only)
			if sum(w.end - w.start for w in counting) > sum(w.end - w.start for w in best):
				best = counting
		return best


def patterns_from_rows(rows: Iterable[Sequence[Any]]) -> tuple[WeekPattern, ...]:
	"""Return the week patterns of table rows `(weekday, from, to, valid_from[, receives_only])`.

	Rows with the same `valid_from` are the whole week from that day on.
	"""
	weeks: dict[date | None, dict[int, list[Window]]] = {}
	for weekday, start, end, valid_from, *rest in rows:
		week = weeks.setdefault(valid_from or None, {})
		window = Window.parse(start, end, bool(rest and rest[0]))
		week.setdefault(read_weekday(weekday), []).append(window)
	return tuple(
		WeekPattern(week, valid_from)
		for valid_from, week in sorted(weeks.items(), key=lambda item: item[0] or date.min)
	)


@dataclass(frozen=True, slots=True)
class CalendarException:
	"""A day that differs from its week: why, by which document, and whether a person confirmed it."""

	day: date
	kind: ExceptionKind
	reason: str = ""
	source: str = ""
	scope: Scope = Scope.NATIONAL
	confirmed: bool = True


@dataclass(frozen=True)
class CalendarLayer:
	"""One calendar of the unit tree before merging. It inherits what it does not say itself."""

	name: str
	scope: Scope = Scope.NATIONAL
	patterns: Sequence[WeekPattern] = ()
	exceptions: Sequence[CalendarException] = ()
	confirmed_years: frozenset[int] = frozenset()


def _pattern_on(day: date, layers: Sequence[CalendarLayer]) -> WeekPattern | None:
	"""Return the week in force on a day: the nearest layer that has one, its latest that has begun."""
	for layer in reversed(layers):
		best: WeekPattern | None = None
		for pattern in layer.patterns:
			begun = pattern.valid_from is None or pattern.valid_from <= day
			if begun and (best is None or (pattern.valid_from or date.min) >= (best.valid_from or date.min)):
				best = pattern
		if best is not None:
			return best
	return None


def _in_order(layers: Sequence[CalendarLayer]) -> list[CalendarLayer]:
	"""Return the layers furthest first; layers of one scope keep the order they came in."""
	return sorted(layers, key=lambda layer: layer.scope.nearness)


def weeks_in_force(layers: Sequence[CalendarLayer]) -> list[WeekPattern]:
	"""Return the weeks that layers together have, each valid from the day it begins to be the nearest one."""
	ordered = _in_order(layers)
	begins = sorted({p.valid_from or date.min for layer in ordered for p in layer.patterns})
	weeks = [(begin, _pattern_on(begin, ordered)) for begin in begins]
	return [WeekPattern(week.windows, begin if begin > date.min else None) for begin, week in weeks if week]


def check_layer(layer: CalendarLayer, inherited: Sequence[CalendarLayer] = ()) -> None:
	"""Raise DuplicatePattern, DuplicateException or SwapWorkOnWorkingDay for a calendar by itself.

	`inherited` are the layers above it: they say which days are off when the layer does not.
	"""
	begins: set[date | None] = set()
	for pattern in layer.patterns:
		if pattern.valid_from in begins:
			raise DuplicatePattern(day=pattern.valid_from or "—")
		begins.add(pattern.valid_from)
	above = _in_order(inherited)
	inherited_kinds = {e.day: e.kind for upper in above for e in upper.exceptions}
	seen: set[date] = set()
	for exception in layer.exceptions:
		if exception.day in seen:
			raise DuplicateException(day=exception.day)
		seen.add(exception.day)
		if exception.kind is not ExceptionKind.SWAP_WORK:
			continue
		if inherited_kinds.get(exception.day) in (ExceptionKind.HOLIDAY, ExceptionKind.SWAP_OFF):
			continue
		week = _pattern_on(exception.day, [*above, layer])
		if week and any(not w.receives_only for w in week.on(exception.day.weekday())):
			raise SwapWorkOnWorkingDay(day=exception.day)


@dataclass(frozen=True, slots=True)
class Duration:
	"""A length of time in one unit; fractions are exact (0.25 day), below zero is refused.

	Hours come down to whole minutes, half a minute rounded up.
	"""

	value: Fraction
	unit: DurationUnit
	whole: int = field(init=False, repr=False, compare=False)
	part: Fraction = field(init=False, repr=False, compare=False)
	minutes: int = field(init=False, repr=False, compare=False)
	is_whole: bool = field(init=False, repr=False, compare=False)

	def __init__(self, value: int | float | Decimal | str | Fraction, unit: DurationUnit | str) -> None:
		number = _fraction(value)
		if number < 0:
			raise NegativeDuration(value=value)
		if number > LONGEST_DURATION:
			raise InvalidDuration(value=value)
		kind = unit if isinstance(unit, DurationUnit) else DurationUnit.read(unit)
		whole = number.numerator // number.denominator
		minutes = _rounded(number * 60) if kind is DurationUnit.WORKING_HOUR else 0
		for name, given in (
			("value", number),
			("unit", kind),
			("whole", whole),
			("part", number - whole),
			("minutes", minutes),
			("is_whole", number == whole),
		):
			object.__setattr__(self, name, given)

	def text(self, language: str = "vi") -> str:
		"""Return the duration in words, for example `3 ngày làm việc`."""
		number = f"{float(self.value):g}"
		if language == "vi":
			return f"{number.replace('.', ',')} {_UNIT_TEXT['vi'][self.unit]}"
		plural = "" if self.value == 1 else "s"
		return f"{number} {_UNIT_TEXT['en'][self.unit]}{plural}"


def _fraction(value: int | float | Decimal | str | Fraction) -> Fraction:
	if isinstance(value, bool):
		raise InvalidDuration(value=value)
	if isinstance(value, Fraction):
		return value
	if isinstance(value, int):
		return Fraction(value)
	try:
		# A float is read as people typed it: 0.1 is a tenth, not its binary neighbour.
		number = Decimal(str(value).strip())
		if not number.is_finite() or abs(number.adjusted()) > 30:
			raise InvalidDuration(value=value)
		return Fraction(number)
	except InvalidOperation:
		raise InvalidDuration(value=value) from None


def _rounded(number: Fraction) -> int:
	"""Round half up, for numbers not below zero."""
	return (2 * number.numerator + number.denominator) // (2 * number.denominator)


@dataclass(frozen=True, slots=True)
class RuleSetting:
	"""One dated value of a rule, as the settings hold it, with the article it rests on."""

	rule: str
	value: str
	effective_from: date
	article: str = ""


@dataclass(frozen=True, slots=True)
class ClockRules:
	"""The rules of counting in force on a day.

	`settings` are the dated values they came from, `assumed` the rules that had none yet on that day.
	"""

	count_receipt_day: bool = False
	due_time: DueTime = DueTime.SAME_TIME
	cutoff: time = time(15, 0)
	handover: Handover = Handover.NEXT_MORNING
	handover_grace_minutes: int = 60
	supplement_clock: SupplementClock = SupplementClock.RESTART
	supplement_days: int = 3
	max_extensions: int = 1
	online_ack_hours: Fraction = Fraction(8)
	stopped_counts_as: StoppedCounts = StoppedCounts.ENDED
	apology_before_days: int = 1
	settings: tuple[RuleSetting, ...] = ()
	assumed: frozenset[str] = frozenset()

	@property
	def ends_with_day(self) -> bool:
		"""Whether a period in days ends at the end of its last day."""
		return self.count_receipt_day or self.due_time is DueTime.END_OF_DAY


def _read_flag(value: str) -> bool:
	key = value.strip().lower()
	if key in ("1", "true", "yes", "có"):
		return True
	if key in ("0", "false", "no", "không", ""):
		return False
	raise ValueError(value)


def _read_time(value: str) -> time:
	minute = minute_of_day(value)
	return time(minute // 60, minute % 60)


def _read_count(value: str) -> int:
	number = int(value.strip())
	if number < 0:
		raise ValueError(value)
	return number


def _read_hours(value: str) -> Fraction:
	number = _fraction(value)
	if number < 0:
		raise ValueError(value)
	return number


_RULE_READERS: Mapping[str, Any] = {
	"count_receipt_day": _read_flag,
	"due_time": DueTime.read,
	"cutoff": _read_time,
	"handover": Handover.read,
	"handover_grace_minutes": _read_count,
	"supplement_clock": SupplementClock.read,
	"supplement_days": _read_count,
	"max_extensions": _read_count,
	"online_ack_hours": _read_hours,
	"stopped_counts_as": StoppedCounts.read,
	"apology_before_days": _read_count,
}

_ND61 = date(2018, 6, 21)
DEFAULT_RULE_SETTINGS: tuple[RuleSetting, ...] = (
	RuleSetting("count_receipt_day", "0", date(2017, 1, 1), "BLDS 2015 Điều 147-148"),
	RuleSetting("due_time", "same_time", date(2019, 1, 6), "TT 01/2018/TT-VPCP mẫu 01"),
	RuleSetting("cutoff", "15:00", _ND61, "Công bố TTHC hộ tịch"),
	RuleSetting("handover", "next_morning", _ND61, "NĐ 61/2018 Điều 18.2"),
	RuleSetting("supplement_clock", "restart", _ND61, "NĐ 61/2018 Điều 19.4"),
	RuleSetting("supplement_days", "3", _ND61, "NĐ 61/2018 Điều 19.4"),
	RuleSetting("max_extensions", "1", _ND61, "NĐ 61/2018 Điều 19.9"),
	RuleSetting("apology_before_days", "1", _ND61, "NĐ 61/2018 Điều 19.9"),
	RuleSetting("online_ack_hours", "8", date(2020, 5, 22), "NĐ 45/2020"),
	RuleSetting("stopped_counts_as", "ended", date(2025, 7, 1), "TT 03/2025/TT-VPCP mẫu 05"),
)


def check_rule(setting: RuleSetting) -> Any:
	"""Return the typed value of a dated rule; raise UnknownRule or InvalidRuleValue."""
	reader = _RULE_READERS.get(setting.rule)
	if reader is None:
		raise UnknownRule(rule=setting.rule)
	try:
		return reader(str(setting.value))
	except ValueError:
		raise InvalidRuleValue(rule=setting.rule, value=setting.value) from None


def rules_at(settings: Iterable[RuleSetting], day: date) -> ClockRules:
	"""Return the rules in force on a day: of each rule the latest value that has taken effect.

	A rule without any value by that day keeps its default and is named in `assumed`.
	"""
	in_force: dict[str, RuleSetting] = {}
	values: dict[str, Any] = {}
	for setting in sorted(settings, key=lambda s: s.effective_from):
		value = check_rule(setting)
		if setting.effective_from <= day:
			in_force[setting.rule] = setting
			values[setting.rule] = value
	return ClockRules(
		**values,
		settings=tuple(in_force[name] for name in _RULE_READERS if name in in_force),
		assumed=frozenset(_RULE_READERS) - frozenset(in_force) - {"handover_grace_minutes"},
	)


@dataclass(frozen=True, slots=True)
class DayNote:
	"""Why a day is off, or works otherwise than its week. A confirmed year confirms all its days."""

	reason_key: str
	reason: str = ""
	source: str = ""
	unconfirmed: bool = False


class LineKind(Choice):
	"""What a line of an explanation tells."""

	RECEIPT_DAY = "receipt_day"
	OUT_OF_HOURS = "out_of_hours"
	WINDOW = "window"
	COUNTED_DAY = "counted_day"
	SPAN = "span"
	SKIPPED = "skipped"
	CAPPED = "capped"
	SAME_DAY = "same_day"
	DUE = "due"
	NO_LIMIT = "no_limit"
	PAUSED = "paused"
	PAUSING = "pausing"
	RESTARTED = "restarted"
	SHIFTED = "shifted"
	EXTENDED = "extended"
	ENDED = "ended"


@dataclass(frozen=True, slots=True)
class ExplanationLine:
	"""One thing that was counted, skipped or decided; `explanation_text` puts it in words.

	`minutes` are working minutes, `number` the how-manieth day (or how many days of a span),
	`windows` the counting hours of a day in minutes of the day, `reason` free words such as the
	holiday's name.
	"""

	kind: LineKind
	day: date
	start: datetime | None = None
	end: datetime | None = None
	minutes: int = 0
	reason_key: str = ""
	reason: str = ""
	number: int = 0
	windows: tuple[tuple[int, int], ...] = ()
	unconfirmed: bool = False

	def as_dict(self) -> dict[str, Any]:
		"""Return the line ready for JSON, with its Vietnamese text."""
		return {
			"kind": self.kind.value,
			"day": self.day.isoformat(),
			"start": self.start.isoformat(timespec="minutes") if self.start else None,
			"end": self.end.isoformat(timespec="minutes") if self.end else None,
			"minutes": self.minutes,
			"reason_key": self.reason_key,
			"reason": self.reason,
			"number": self.number,
			"windows": [[clock_text(a), clock_text(b)] for a, b in self.windows],
			"unconfirmed": self.unconfirmed,
			"text": explanation_text(self),
		}


def _spent(windows: tuple[tuple[int, int], ...], minute: int) -> int:
	"""Return the working minutes of a day before a minute of it."""
	total = 0
	for start, end in windows:
		if minute >= end:
			total += end - start
		elif minute > start:
			return total + minute - start
		else:
			break
	return total


def _into_hours(windows: tuple[tuple[int, int], ...], minute: int) -> int:
	"""Return the minute moved into working time of the same day: forward, or back to the day's end."""
	for start, end in windows:
		if minute <= end:
			return minute if minute >= start else start
	return windows[-1][1]


def _floor(moment: datetime) -> datetime:
	return moment.replace(second=0, microsecond=0)


@dataclass(frozen=True, slots=True, eq=False)
class WorkingCalendar:
	"""Working time between two days, immutable; made by `compile_calendar`.

	Sums over days are kept, so that adding a duration costs one binary search however long it is.
	Every method raises DateOutOfRange for days it does not cover.
	"""

	first_day: date
	last_day: date
	day_minutes: int
	time_zone: str
	revision: str
	confirmed_years: frozenset[int]
	zone: ZoneInfo = field(repr=False)
	_first: int = field(repr=False)
	_count: int = field(repr=False)
	_windows: list[tuple[tuple[int, int], ...]] = field(repr=False)
	_reception: list[tuple[tuple[int, int], ...]] = field(repr=False)
	_notes: list[DayNote | None] = field(repr=False)
	# Working minutes, and working days, before each day; one entry more than there are days.
	_minutes: list[int] = field(repr=False)
	_rank: list[int] = field(repr=False)
	_workdays: list[int] = field(repr=False)
	_midnights: list[datetime] = field(repr=False)

	def local(self, moment: datetime) -> datetime:
		"""Return the moment as naive local time, to the minute."""
		if moment.tzinfo is not None:
			moment = moment.astimezone(self.zone).replace(tzinfo=None)
		return _floor(moment)

	def iso(self, moment: datetime) -> str:
		"""Return a local moment as ISO 8601 with the offset of the calendar's time zone."""
		return self.local(moment).replace(tzinfo=self.zone).isoformat(timespec="seconds")

	def _index(self, day: date) -> int:
		index = day.toordinal() - self._first
		if 0 <= index < self._count:
			return index
		raise DateOutOfRange(
			first=self.first_day, last=self.last_day, day=day.date() if isinstance(day, datetime) else day
		)

	def _beyond(self) -> DateOutOfRange:
		return DateOutOfRange(first=self.first_day, last=self.last_day, day=self.last_day + timedelta(days=1))

	def _position(self, moment: datetime) -> int:
		"""Return the working minutes from the calendar's beginning to a local moment."""
		index = moment.toordinal() - self._first
		if not 0 <= index < self._count:
			index = self._index(moment)
		return self._minutes[index] + _spent(self._windows[index], moment.hour * 60 + moment.minute)

	def _moment(self, position: int) -> datetime:
		"""Return the earliest moment by which so many working minutes have passed."""
		minutes = self._minutes
		if position > minutes[-1]:
			raise self._beyond()
		index = bisect_left(minutes, position) - 1
		if index < 0:
			raise self._beyond()
		left = position - minutes[index]
		for start, end in self._windows[index]:
			length = end - start
			if left <= length:
				return self._midnights[index] + _DELTAS[start + left]
			left -= length
		raise AssertionError("the sums of the calendar do not agree with its windows")

	def add_minutes(self, start: datetime, minutes: int) -> datetime:
		"""Return the moment by which so many working minutes have passed since `start`."""
		if minutes < 0:
			raise NegativeDuration(value=minutes)
		if start.tzinfo is not None or start.second or start.microsecond:
			start = self.local(start)
		if minutes == 0:
			self._index(start)
			return start
		return self._moment(self._position(start) + minutes)

	def elapsed(self, start: datetime, end: datetime) -> int:
		"""Return the working minutes from `start` to `end`; below zero when `end` comes first."""
		return self._position(self.local(end)) - self._position(self.local(start))

	def working_minutes_between(self, one: datetime, other: datetime) -> int:
		"""Return the working minutes between two moments, in either order."""
		return abs(self.elapsed(one, other))

	def working_days_between(self, one: date, other: date) -> int:
		"""Return the working days after `one` up to and with `other`; below zero when it comes first."""
		return self._rank[self._index(other) + 1] - self._rank[self._index(one) + 1]

	def add(self, start: datetime, duration: Duration, rules: ClockRules | None = None) -> datetime:
		"""Return when a period that starts at `start` ends. The module's docstring has the rules."""
		if start.tzinfo is not None or start.second or start.microsecond:
			start = self.local(start)
		rules = rules or _PLAIN_RULES
		unit = duration.unit
		if unit is DurationUnit.WORKING_HOUR:
			return self.add_minutes(start, duration.minutes)
		if unit is DurationUnit.WORKING_DAY:
			if duration.is_whole:
				return self._after_days(start, duration.whole, rules, rules.ends_with_day)
			return self._after_part_days(start, duration, rules)[0]
		return self._after_calendar(start, duration, rules)[0]

	def _day_left(self, start: datetime) -> bool:
		"""Return whether working time is left on the day, or it never had any."""
		windows = self._windows[self._index(start)]
		return not windows or start.hour * 60 + start.minute < windows[-1][1]

	def _counts_receipt(self, start: datetime, rules: ClockRules) -> bool:
		"""Return whether the day of receipt is the first working day counted."""
		return rules.count_receipt_day and self.is_working_day(start) and self._day_left(start)

	def _after_days(self, start: datetime, days: int, rules: ClockRules, to_end: bool) -> datetime:
		index = self._index(start)
		if days == 0:
			return start
		place = self._rank[index if self._counts_receipt(start, rules) else index + 1] + days - 1
		if place >= len(self._workdays):
			raise self._beyond()
		found = self._workdays[place]
		windows = self._windows[found]
		minute = windows[-1][1] if to_end else _into_hours(windows, start.hour * 60 + start.minute)
		return self._midnights[found] + _DELTAS[minute]

	def _after_part_days(
		self, start: datetime, duration: Duration, rules: ClockRules
	) -> tuple[datetime, datetime, bool]:
		"""Return the end, the moment after the whole days, and whether one more day capped the part."""
		to_end = rules.count_receipt_day
		base = self._after_days(start, duration.whole, rules, to_end)
		moved = self.add_minutes(base, _rounded(duration.part * self.day_minutes))
		cap = self._after_days(start, duration.whole + 1, rules, to_end)
		end = min(moved, cap)
		if duration.whole and rules.ends_with_day:
			return self.last_moment(end.date()), base, moved > cap
		return end, base, moved > cap

	def _after_calendar(
		self, start: datetime, duration: Duration, rules: ClockRules
	) -> tuple[datetime, date]:
		"""Return the end of a period in calendar days or months, and its last day before days off."""
		if duration.is_whole and not duration.whole:
			self._index(start)
			return start, start.date()
		if duration.unit is DurationUnit.MONTH:
			target = _months_later(start, duration.whole)
			if not duration.is_whole:
				target += timedelta(days=_rounded(duration.part * DAYS_OF_MONTH))
		elif duration.is_whole:
			target = start + timedelta(days=duration.whole)
		else:
			target = start + timedelta(days=duration.whole, minutes=_rounded(duration.part * MINUTES_OF_DAY))
		in_days = target - start >= timedelta(days=1)
		if in_days and rules.count_receipt_day and self._day_left(start):
			target -= timedelta(days=1)
		index = self._index(target)
		if not self._windows[index]:
			place = self._rank[index]
			if place >= len(self._workdays):
				raise self._beyond()
			index = self._workdays[place]
		windows = self._windows[index]
		to_end = rules.ends_with_day and in_days
		minute = windows[-1][1] if to_end else _into_hours(windows, target.hour * 60 + target.minute)
		end = self._midnights[index] + _DELTAS[minute]
		if end < start:
			# Hours of an evening: the day's work was over before the period began.
			end = self.first_moment(self.next_working_day(start))
		return end, target.date()

	def is_working_day(self, day: date) -> bool:
		"""Return whether the day has a counting window."""
		return bool(self._windows[self._index(day)])

	def shift_working_days(self, day: date, days: int) -> date:
		"""Return the n-th working day after `day`, or before it when n is below zero; zero is `day`."""
		index = self._index(day)
		if days == 0:
			return day
		place = self._rank[index + 1] + days - 1 if days > 0 else self._rank[index] + days
		if not 0 <= place < len(self._workdays):
			raise DateOutOfRange(first=self.first_day, last=self.last_day, day=day)
		return date.fromordinal(self._first + self._workdays[place])

	def next_working_day(self, day: date) -> date:
		return self.shift_working_days(day, 1)

	def previous_working_day(self, day: date) -> date:
		return self.shift_working_days(day, -1)

	def windows_on(self, day: date) -> tuple[tuple[int, int], ...]:
		"""Return the counting windows of a day, minutes of the day."""
		return self._windows[self._index(day)]

	def reception_windows_on(self, day: date) -> tuple[tuple[int, int], ...]:
		"""Return when the counter is open: the counting windows and those that only receive."""
		return self._reception[self._index(day)]

	def is_open(self, at: datetime) -> bool:
		"""Return whether the counter receives at this moment."""
		at = self.local(at)
		minute = at.hour * 60 + at.minute
		return any(start <= minute < end for start, end in self.reception_windows_on(at))

	def first_moment(self, day: date) -> datetime:
		"""Return when work begins on a working day; raise NoWorkingTime on a day off."""
		index = self._index(day)
		if not self._windows[index]:
			raise NoWorkingTime()
		return self._midnights[index] + _DELTAS[self._windows[index][0][0]]

	def last_moment(self, day: date) -> datetime:
		"""Return when work ends on a working day; raise NoWorkingTime on a day off."""
		index = self._index(day)
		if not self._windows[index]:
			raise NoWorkingTime()
		return self._midnights[index] + _DELTAS[self._windows[index][-1][1]]

	def day_note(self, day: date) -> DayNote | None:
		"""Return why the day is off or unusual; None for a day like any other of its week."""
		return self._notes[self._index(day)]

	def unconfirmed_years(self, one: datetime | date, other: datetime | date) -> tuple[int, ...]:
		"""Return the years between two days whose holidays nobody has confirmed."""
		low, high = sorted((one.year, other.year))
		return tuple(y for y in range(low, high + 1) if y not in self.confirmed_years)

	def explain(
		self, start: datetime, until: Duration | datetime, rules: ClockRules | None = None
	) -> list[ExplanationLine]:
		"""Return how a period was counted: every counted window or day, every skipped day and why.

		`until` is a duration, or the moment up to which working minutes are counted.
		"""
		start = self.local(start)
		rules = rules or _PLAIN_RULES
		if isinstance(until, datetime):
			return self._explain_minutes(start, self.local(until))
		end = self.add(start, until, rules)
		if not until.value:
			lines: list[ExplanationLine] = []
		elif until.unit is DurationUnit.WORKING_HOUR:
			lines = self._explain_minutes(start, end)
		elif until.unit is DurationUnit.WORKING_DAY:
			lines = self._explain_days(start, until, rules)
		else:
			lines = self._explain_calendar(start, until, rules)
		return [*lines, self.due_line(end)]

	def due_line(self, due: datetime) -> ExplanationLine:
		"""Return the line that tells when a period ends."""
		return self._line(LineKind.DUE, due.date(), end=due)

	def skipped_line(self, day: date) -> ExplanationLine:
		"""Return the line that tells why a day does not count."""
		return self._line(LineKind.SKIPPED, day)

	def _line(self, kind: LineKind, day: date, **facts: Any) -> ExplanationLine:
		note = self._notes[self._index(day)]
		open_year = day.year not in self.confirmed_years
		unconfirmed = open_year and kind is LineKind.DUE
		if kind in (LineKind.WINDOW, LineKind.COUNTED_DAY, LineKind.SKIPPED) and note is not None:
			facts.setdefault("reason_key", note.reason_key)
			facts.setdefault("reason", f"{note.reason} ({note.source})" if note.source else note.reason)
			unconfirmed = open_year and note.unconfirmed
		return ExplanationLine(kind, day, unconfirmed=unconfirmed, **facts)

	def _days(self, first: date, last: date) -> Iterable[date]:
		return (date.fromordinal(n) for n in range(first.toordinal(), last.toordinal() + 1))

	def _explain_minutes(self, start: datetime, end: datetime) -> list[ExplanationLine]:
		lines: list[ExplanationLine] = []
		if end < start:
			start, end = end, start
		begun = False
		for day in self._days(start.date(), end.date()):
			windows = self.windows_on(day)
			if not windows:
				lines.append(self._line(LineKind.SKIPPED, day))
				continue
			low = start.hour * 60 + start.minute if day == start.date() else 0
			high = end.hour * 60 + end.minute if day == end.date() else MINUTES_OF_DAY
			midnight = self._midnights[self._index(day)]
			counted = [(max(a, low), min(b, high)) for a, b in windows if max(a, low) < min(b, high)]
			if day == start.date() and not begun and not any(a <= low < b for a, b in windows):
				lines.append(
					self._line(
						LineKind.OUT_OF_HOURS, day, start=start, windows=windows, reason_key="out_of_hours"
					)
				)
			begun = True
			for a, b in counted:
				lines.append(
					self._line(
						LineKind.WINDOW,
						day,
						start=midnight + _DELTAS[a],
						end=midnight + _DELTAS[b],
						minutes=b - a,
					)
				)
		return lines

	def _explain_days(self, start: datetime, duration: Duration, rules: ClockRules) -> list[ExplanationLine]:
		lines: list[ExplanationLine] = []
		whole_end = self._after_days(start, duration.whole, rules, rules.ends_with_day)
		number = 0
		if duration.whole:
			counted = self._counts_receipt(start, rules)
			if not counted:
				lines.append(
					self._line(
						LineKind.RECEIPT_DAY, start.date(), start=start, reason_key="receipt_day_not_counted"
					)
				)
			first = start.date() if counted else start.date() + timedelta(days=1)
			for day in self._days(first, whole_end.date()):
				windows = self.windows_on(day)
				if not windows:
					lines.append(self._line(LineKind.SKIPPED, day))
					continue
				number += 1
				lines.append(
					self._line(
						LineKind.COUNTED_DAY,
						day,
						start=self.first_moment(day),
						end=self.last_moment(day),
						minutes=sum(b - a for a, b in windows),
						number=number,
						windows=windows,
					)
				)
		if not duration.is_whole:
			end, base, capped = self._after_part_days(start, duration, rules)
			lines += self._explain_minutes(base, end)
			if capped:
				lines.append(
					self._line(LineKind.CAPPED, end.date(), end=end, reason_key="part_of_day_capped")
				)
		return lines

	def _explain_calendar(
		self, start: datetime, duration: Duration, rules: ClockRules
	) -> list[ExplanationLine]:
		end, target = self._after_calendar(start, duration, rules)
		lines: list[ExplanationLine] = []
		first = start.date()
		counted = rules.count_receipt_day and self._day_left(start)
		if not counted and target > first:
			lines.append(
				self._line(LineKind.RECEIPT_DAY, first, start=start, reason_key="receipt_day_not_counted")
			)
			first += timedelta(days=1)
		lines.append(
			self._line(
				LineKind.SPAN,
				first,
				start=self._midnights[self._index(first)],
				end=self._midnights[self._index(target)],
				number=(target - first).days + 1,
				reason_key=duration.unit.value,
				reason=duration.text(),
			)
		)
		lines += [
			self._line(LineKind.SKIPPED, day)
			for day in self._days(target, end.date())
			if not self.is_working_day(day)
		]
		return lines


_PLAIN_RULES = ClockRules()


def _months_later(start: datetime, months: int) -> datetime:
	"""Return the same day so many months later, or the last day of a shorter month."""
	year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
	month += 1
	if year > 9998:
		raise InvalidDuration(value=months)
	first_of_next = date(year + month // 12, month % 12 + 1, 1)
	last = (first_of_next - timedelta(days=1)).day
	return start.replace(year=year, month=month, day=min(start.day, last))


def _clip(windows: Iterable[Window], low: int, high: int) -> tuple[Window, ...]:
	return tuple(
		replace(w, start=max(w.start, low), end=min(w.end, high))
		for w in windows
		if max(w.start, low) < min(w.end, high)
	)


def _day_plan(
	day: date, week: WeekPattern | None, exception: CalendarException | None
) -> tuple[tuple[Window, ...], DayNote | None]:
	"""Return the windows of one day, and what is unusual about it."""
	usual = week.on(day.weekday()) if week else ()
	counts = any(not w.receives_only for w in usual)
	if exception is None:
		return usual, None if counts else DayNote("weekend" if day.weekday() >= 5 else "no_hours")
	note = DayNote(exception.kind.value, exception.reason, exception.source, not exception.confirmed)
	if exception.kind in (ExceptionKind.HOLIDAY, ExceptionKind.SWAP_OFF):
		return (), note
	standard = week.standard_windows if week else ()
	if exception.kind is ExceptionKind.SWAP_WORK:
		return standard, note
	# A half day named on a day that is otherwise off is half of a standard day, worked in exchange.
	base = usual if counts else standard
	if exception.kind is ExceptionKind.HALF_DAY_MORNING:
		return _clip(base, 0, NOON), note
	return _clip(base, NOON, MINUTES_OF_DAY), note


def compile_calendar(
	layers: Sequence[CalendarLayer],
	first_day: date,
	last_day: date,
	*,
	day_minutes: int = STANDARD_DAY,
	time_zone: str = TIME_ZONE,
	revision: str = "",
) -> WorkingCalendar:
	"""Return the working calendar of a unit from its own layer and those it inherits.

	Nearer scopes (national, province, unit) override further ones day by day; within a scope the layer
	that comes later is the nearer. `day_minutes` is the standard day that fractions of a day refer to.
	Raises what `check_layer` raises, and NoWorkingTime when nothing is ever worked.
	"""
	if last_day < first_day:
		raise DateOutOfRange(first=first_day, last=last_day, day=last_day)
	ordered = _in_order(layers)
	exceptions: dict[date, CalendarException] = {}
	confirmed: set[int] = set()
	for position, layer in enumerate(ordered):
		check_layer(layer, ordered[:position])
		exceptions.update((e.day, e) for e in layer.exceptions)
		confirmed |= layer.confirmed_years

	windows: list[tuple[tuple[int, int], ...]] = []
	reception: list[tuple[tuple[int, int], ...]] = []
	notes: list[DayNote | None] = []
	minutes, rank, workdays, midnights = [0], [0], [], []
	first = first_day.toordinal()
	shared: dict[
		tuple[Window, ...], tuple[tuple[tuple[int, int], ...], tuple[tuple[int, int], ...], int]
	] = {}
	begins = sorted({p.valid_from for layer in ordered for p in layer.patterns if p.valid_from})
	week: WeekPattern | None = None
	for index in range(last_day.toordinal() - first + 1):
		day = date.fromordinal(first + index)
		if index == 0 or (begins and begins[0] <= day):
			while begins and begins[0] <= day:
				begins.pop(0)
			week = _pattern_on(day, ordered)
		plan, note = _day_plan(day, week, exceptions.get(day))
		if plan not in shared:
			counting = tuple((w.start, w.end) for w in plan if not w.receives_only)
			everything = tuple((w.start, w.end) for w in plan)
			shared[plan] = (counting, everything, sum(b - a for a, b in counting))
		counting, everything, length = shared[plan]
		windows.append(counting)
		reception.append(everything)
		notes.append(note)
		minutes.append(minutes[-1] + length)
		rank.append(rank[-1] + bool(counting))
		if counting:
			workdays.append(index)
		midnights.append(datetime(day.year, day.month, day.day))
	if not workdays:
		raise NoWorkingTime()
	return WorkingCalendar(
		first_day=first_day,
		last_day=last_day,
		day_minutes=day_minutes,
		time_zone=time_zone,
		revision=revision,
		confirmed_years=frozenset(confirmed),
		zone=ZoneInfo(time_zone),
		_first=first,
		_count=len(windows),
		_windows=windows,
		_reception=reception,
		_notes=notes,
		_minutes=minutes,
		_rank=rank,
		_workdays=workdays,
		_midnights=midnights,
	)


_UNIT_TEXT: Mapping[str, Mapping[DurationUnit, str]] = {
	"vi": {
		DurationUnit.WORKING_HOUR: "giờ làm việc",
		DurationUnit.WORKING_DAY: "ngày làm việc",
		DurationUnit.CALENDAR_DAY: "ngày",
		DurationUnit.MONTH: "tháng",
	},
	"en": {
		DurationUnit.WORKING_HOUR: "working hour",
		DurationUnit.WORKING_DAY: "working day",
		DurationUnit.CALENDAR_DAY: "calendar day",
		DurationUnit.MONTH: "month",
	},
}

_WEEKDAY_TEXT: Mapping[str, Sequence[str]] = {
	"vi": ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ nhật"),
	"en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}

_REASON_TEXT: Mapping[str, Mapping[str, str]] = {
	"vi": {
		"weekend": "nghỉ cuối tuần",
		"no_hours": "không có giờ làm việc",
		"holiday": "nghỉ lễ",
		"swap_off": "nghỉ hoán đổi",
		"swap_work": "làm bù",
		"half_day_morning": "chỉ làm việc buổi sáng",
		"half_day_afternoon": "chỉ làm việc buổi chiều",
		"supplement": "chờ bổ sung hồ sơ",
		"obligation": "chờ thực hiện nghĩa vụ tài chính",
		"step": "chờ một bước không tính vào thời hạn",
		"paused": "tạm dừng tính thời hạn",
		"finished": "đã xử lý xong",
		"returned": "đã trả kết quả",
		"refused": "từ chối giải quyết",
		"withdrawn": "người nộp rút hồ sơ",
		"stopped": "dừng xử lý",
	},
	"en": {
		"weekend": "weekend",
		"no_hours": "no working hours",
		"holiday": "holiday",
		"swap_off": "day off in exchange",
		"swap_work": "worked in exchange",
		"half_day_morning": "only the morning is worked",
		"half_day_afternoon": "only the afternoon is worked",
		"supplement": "waiting for the supplement",
		"obligation": "waiting for the financial obligation",
		"step": "waiting for a step that does not count",
		"paused": "the clock is paused",
		"finished": "finished",
		"returned": "result returned",
		"refused": "refused",
		"withdrawn": "withdrawn by the applicant",
		"stopped": "stopped",
	},
}

_LINE_TEXT: Mapping[str, Mapping[str, str]] = {
	"vi": {
		"receipt_day": "{day}: ngày tiếp nhận, không tính vào thời hạn (BLDS 2015 Điều 147)",
		"out_of_hours": "{day}, {start}: ngoài giờ làm việc, tính từ giờ làm việc kế tiếp",
		"window": "{day}, {start}–{end}: tính {length}{note}",
		"counted_day": "{day}: ngày làm việc thứ {number} ({windows}){note}",
		"span": "Từ {day} đến {end_day}: tính {number} ngày liên tục ({reason})",
		"skipped": "{day}: không tính, {why}",
		"capped": "{day}: phần lẻ của ngày không kéo dài quá một ngày làm việc, hết lúc {end}",
		"same_day": "{day}: {why}",
		"due": "Hạn trả kết quả: {end} {day}",
		"no_limit": "{day}: thủ tục không quy định thời hạn chung, tính theo các bước",
		"paused": "Tạm dừng từ {start} {start_day} đến {end} {end_day}: {why}, không tính {length}",
		"pausing": "Tạm dừng từ {start} {start_day}: {why}",
		"restarted": "{start} {day}: đã nhận đủ bổ sung, thời hạn tính lại từ đầu (NĐ 61/2018 Điều 19.4)",
		"shifted": "{day}: thời hạn lùi {length} bằng thời gian tạm dừng ({why})",
		"extended": "{start} {day}: gia hạn một lần đến {end} {end_day}{note} (NĐ 61/2018 Điều 19.9)",
		"ended": "{start} {day}: kết thúc, {why}",
	},
	"en": {
		"receipt_day": "{day}: day of receipt, not counted (BLDS 2015 art. 147)",
		"out_of_hours": "{day}, {start}: outside working hours, counted from the next working time",
		"window": "{day}, {start}–{end}: {length} counted{note}",
		"counted_day": "{day}: working day {number} ({windows}){note}",
		"span": "{day} to {end_day}: {number} days running ({reason})",
		"skipped": "{day}: not counted, {why}",
		"capped": "{day}: a part of a day takes no more than one working day, ends {end}",
		"same_day": "{day}: {why}",
		"due": "Due: {end} {day}",
		"no_limit": "{day}: the procedure sets no limit of its own; the steps decide",
		"paused": "Paused from {start} {start_day} to {end} {end_day}: {why}, {length} not counted",
		"pausing": "Paused since {start} {start_day}: {why}",
		"restarted": "{start} {day}: supplement complete, the time limit starts again (NĐ 61/2018 art. 19.4)",
		"shifted": "{day}: the time limit moves by the paused {length} ({why})",
		"extended": "{start} {day}: extended once to {end} {end_day}{note} (NĐ 61/2018 art. 19.9)",
		"ended": "{start} {day}: ended, {why}",
	},
}

_SAME_DAY_TEXT: Mapping[str, Mapping[str, str]] = {
	"vi": {
		"before_cutoff": "tiếp nhận trước {end}, trả kết quả ngay trong ngày",
		"after_cutoff": "tiếp nhận sau {end}, trả kết quả trong ngày làm việc tiếp theo",
		"after_hours": "tiếp nhận ngoài giờ làm việc, trả kết quả trong ngày làm việc tiếp theo",
		"day_off": "tiếp nhận vào ngày nghỉ, trả kết quả trong ngày làm việc tiếp theo",
	},
	"en": {
		"before_cutoff": "received by {end}, result on the same day",
		"after_cutoff": "received after {end}, result on the next working day",
		"after_hours": "received outside working hours, result on the next working day",
		"day_off": "received on a day off, result on the next working day",
	},
}


def day_text(day: date, language: str = "vi") -> str:
	"""Return a date with its weekday, `Thứ Năm 12/02/2026`."""
	return f"{_WEEKDAY_TEXT[language][day.weekday()]} {day:%d/%m/%Y}"


def minutes_text(minutes: int, language: str = "vi") -> str:
	"""Return minutes as hours and minutes in words."""
	hours, rest = divmod(abs(minutes), 60)
	hour, minute = ("giờ", "phút") if language == "vi" else ("h", "min")
	parts = [f"{hours} {hour}"] if hours else []
	if rest or not parts:
		parts.append(f"{rest} {minute}")
	return " ".join(parts)


def explanation_text(line: ExplanationLine, language: str = "vi") -> str:
	"""Return a line of an explanation as a sentence, in Vietnamese (`vi`) or English (`en`)."""
	why = _REASON_TEXT[language].get(line.reason_key, "")
	if line.kind is LineKind.SAME_DAY:
		why = _SAME_DAY_TEXT[language][line.reason_key].format(end=f"{line.end:%H:%M}" if line.end else "")
	note = ""
	if line.kind in (LineKind.WINDOW, LineKind.COUNTED_DAY) and why:
		note = f", {why}"
	if line.reason and line.kind is not LineKind.SPAN:
		why = f"{why}: {line.reason}" if why else line.reason
		if note or line.kind is LineKind.EXTENDED:
			note = f"{note}: {line.reason}"
	text = _LINE_TEXT[language][line.kind.value].format(
		day=day_text(line.day, language),
		start=f"{line.start:%H:%M}" if line.start else "…",
		end=f"{line.end:%H:%M}" if line.end else "…",
		start_day=day_text(line.start.date(), language) if line.start else "…",
		end_day=day_text(line.end.date(), language) if line.end else "…",
		length=minutes_text(line.minutes, language),
		number=line.number,
		windows=", ".join(f"{clock_text(a)}–{clock_text(b)}" for a, b in line.windows),
		reason=line.reason,
		why=why,
		note=note,
	)
	if line.unconfirmed:
		text += " (lịch chưa được xác nhận)" if language == "vi" else " (calendar not confirmed)"
	return text


_RULE_TEXT: Mapping[str, Mapping[str, str]] = {
	"vi": {
		"count_receipt_day": "Ngày tiếp nhận {value}",
		"due_time": "Hạn trả kết quả {value}",
		"cutoff": "Mốc trong ngày của thủ tục trả ngay: {value}",
		"handover": "Chuyển hồ sơ giấy {value}",
		"handover_grace_minutes": "Chuyển đầu giờ được hiểu là trong {value} phút làm việc đầu tiên",
		"supplement_clock": "Sau khi bổ sung hồ sơ, thời hạn {value}",
		"supplement_days": "Yêu cầu bổ sung trong {value} ngày làm việc",
		"max_extensions": "Gia hạn tối đa {value} lần",
		"online_ack_hours": "Trả lời hồ sơ trực tuyến trong {value} giờ làm việc",
		"stopped_counts_as": "Hồ sơ dừng xử lý được tính là {value}",
		"apology_before_days": "Xin lỗi trước khi hết hạn ít nhất {value} ngày làm việc",
	},
	"en": {
		"count_receipt_day": "The day of receipt {value}",
		"due_time": "The result is due {value}",
		"cutoff": "Hour that divides same-day procedures: {value}",
		"handover": "Paper dossiers are handed over {value}",
		"handover_grace_minutes": "First thing means within the first {value} working minutes",
		"supplement_clock": "After a supplement the time limit {value}",
		"supplement_days": "A supplement is requested within {value} working days",
		"max_extensions": "Extended at most {value} times",
		"online_ack_hours": "Online dossiers are answered within {value} working hours",
		"stopped_counts_as": "Stopped dossiers count as {value}",
		"apology_before_days": "Apology at least {value} working days before expiry",
	},
}

_RULE_VALUE_TEXT: Mapping[str, Mapping[str, str]] = {
	"vi": {
		"count_receipt_day=False": "không tính vào thời hạn",
		"count_receipt_day=True": "được tính vào thời hạn",
		"due_time=same_time": "vào cùng giờ với lúc tiếp nhận",
		"due_time=end_of_day": "vào cuối ngày làm việc",
		"handover=same_day": "trong ngày làm việc",
		"handover=next_morning": "trong ngày, hoặc đầu giờ ngày làm việc tiếp theo nếu nhận sau mốc",
		"supplement_clock=restart": "tính lại từ đầu",
		"supplement_clock=extend": "được cộng thêm thời gian tạm dừng",
		"stopped_counts_as=ended": "đã kết thúc",
		"stopped_counts_as=in_progress": "đang giải quyết",
	},
	"en": {
		"count_receipt_day=False": "is not counted",
		"count_receipt_day=True": "is counted",
		"due_time=same_time": "at the same time of day as the receipt",
		"due_time=end_of_day": "at the end of the working day",
		"handover=same_day": "on the same working day",
		"handover=next_morning": "the same day, or first thing next working day after the hour",
		"supplement_clock=restart": "starts again from zero",
		"supplement_clock=extend": "is extended by the pause",
		"stopped_counts_as=ended": "ended",
		"stopped_counts_as=in_progress": "in progress",
	},
}


def rules_text(rules: ClockRules, language: str = "vi") -> list[str]:
	"""Return each rule that was used as a sentence, with its article and date of effect."""
	dated = {setting.rule: setting for setting in rules.settings}
	lines = []
	for name in _RULE_READERS:
		value = getattr(rules, name)
		shown = _RULE_VALUE_TEXT[language].get(f"{name}={value}")
		if shown is None:
			shown = f"{value:%H:%M}" if isinstance(value, time) else str(value)
		text = _RULE_TEXT[language][name].format(value=shown)
		if name in dated:
			since = "từ" if language == "vi" else "from"
			facts = [dated[name].article, f"{since} {dated[name].effective_from:%d/%m/%Y}"]
			text += f" ({', '.join(fact for fact in facts if fact)})"
		elif name in rules.assumed:
			text += " (quy tắc mặc định)" if language == "vi" else " (default)"
		lines.append(text)
	return lines
