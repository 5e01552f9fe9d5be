"""The clock of a dossier: from its events, the pinned procedure and the calendars to dates and outcomes.

Pure: nothing of Frappe, nothing is stored. `plan` says what a dossier received at a moment will be due and
which step when; `compute` replays a dossier's events and says where it stands now. Both explain themselves.

Times are local and to the minute; minutes are working minutes of the calendar of the receiving unit, or of
a step's own unit for that step. Dated rules and the version's own choices are merged by `Terms.rules`.

Two comparisons stand side by side (law.md E.1, E.2):

by timestamp (QĐ 766/QĐ-TTg, 2.1)
	On time when the end is no later than the due minute. While a supplement is awaited the request is the
	end; supplements asked more than once after receipt make the dossier overdue.
by date (form 06, TT 01/2020/TT-VPCP)
	Early when the end's date is before the due date, on time on the same date, late after it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from one_stop.organization.calendar import (
	STANDARD_DAY,
	CalendarError,
	Choice,
	ClockRules,
	DueTime,
	Duration,
	DurationUnit,
	ExplanationLine,
	Handover,
	LineKind,
	StoppedCounts,
	SupplementClock,
	WorkingCalendar,
	explanation_text,
	rules_text,
)

SOON = timedelta(hours=24)
RECEPTION = "Reception"


class ClockError(CalendarError):
	"""A sequence of events or a process that the clock refuses."""

	template = "This sequence of events is not possible."


class ExtensionRefused(ClockError):
	field = "new_due"
	template = (
		"The due date was put off {count} time(s) already; the law allows {limit} (NĐ 61/2018 art. 19.9)."
	)


class ExtensionNotLater(ClockError):
	field = "new_due"
	template = "The new due date {new_due} must be later than the present one, {due}."


class SecondIntakeSupplement(ClockError):
	field = "stage"
	template = "The applicant was asked to complete the dossier at intake already; once is the rule (NĐ 61/2018 art. 15.3)."


class UnexpectedEvent(ClockError):
	field = "kind"
	template = "The event {kind} at {at} does not fit the dossier's state: {why}."


class InvalidEvent(ClockError):
	field = "data"
	template = "The event {kind} at {at} lacks {missing}."


class CircularSteps(ClockError):
	field = "after"
	template = "The steps {keys} wait for each other in a circle."


class UnknownPredecessor(ClockError):
	field = "after"
	template = "Step {key} comes after {missing}, which does not exist."


class DuplicateStep(ClockError):
	field = "step_key"
	template = "Two steps have the key {key}."


class UnknownStep(ClockError):
	field = "step"
	template = "The procedure has no step {key}."


class LimitKind(Choice):
	SAME_DAY = "same_day"
	FIXED = "fixed"
	MAXIMUM = "maximum"


class ClockEffect(Choice):
	"""What a step does to the dossier's clock: lets it run, pauses it, or stands outside of it."""

	RUN = "run"
	PAUSE = "pause"
	NONE = "none"

	@classmethod
	def _aliases(cls) -> Mapping[str, str]:
		return {"runs": "run", "pauses": "pause", "": "run"}


class EventKind(Choice):
	REGISTERED = "registered"
	RECEIVED = "received"
	ACKNOWLEDGED = "acknowledged"
	HANDED_OVER = "handed_over"
	STEP_OPENED = "step_opened"
	STEP_COMPLETED = "step_completed"
	STEP_SKIPPED = "step_skipped"
	SENT_BACK = "sent_back"
	SUPPLEMENT_REQUESTED = "supplement_requested"
	SUPPLEMENT_RECEIVED = "supplement_received"
	OBLIGATION_ORDERED = "obligation_ordered"
	OBLIGATION_PAID = "obligation_paid"
	EXTENDED = "extended"
	REFUSED = "refused"
	WITHDRAWN = "withdrawn"
	STOPPED = "stopped"
	FINISHED = "finished"
	RETURNED = "returned"
	CALENDAR_CHANGED = "calendar_changed"
	CORRECTED = "corrected"
	PAUSED = "paused"
	RESUMED = "resumed"
	UNDONE = "undone"
	OTHER = "other"

	@classmethod
	def known(cls, text: str) -> EventKind:
		"""Return the kind named, or OTHER for an event that has nothing to do with time."""
		try:
			return cls.read(text)
		except CalendarError:
			return cls.OTHER


class Stage(Choice):
	INTAKE = "intake"
	APPRAISAL = "appraisal"


class ClockState(Choice):
	NOT_STARTED = "not_started"
	RUNNING = "running"
	PAUSED = "paused"
	ENDED = "ended"


class StepStatus(Choice):
	WAITING = "waiting"
	OPEN = "open"
	COMPLETED = "completed"
	SKIPPED = "skipped"
	CANCELLED = "cancelled"


class Outcome(Choice):
	"""`early`, `on_time`, `late` of what has ended; `in_time`, `overdue` of what has not."""

	EARLY = "early"
	ON_TIME = "on_time"
	LATE = "late"
	IN_TIME = "in_time"
	OVERDUE = "overdue"


class Flag(Choice):
	"""What a person should know about an answer."""

	UNCONFIRMED_YEAR = "unconfirmed_year"
	STEPS_EXCEED_LIMIT = "steps_exceed_limit"
	NO_LIMIT = "no_limit"
	LATE_ACKNOWLEDGEMENT = "late_acknowledgement"
	LATE_HANDOVER = "late_handover"
	LATE_SUPPLEMENT_REQUEST = "late_supplement_request"
	REPEATED_SUPPLEMENT = "repeated_supplement"
	INTAKE_RULE_OVERRIDDEN = "intake_rule_overridden"
	APPLICANT_OVERDUE = "applicant_overdue"
	EXTENDED = "extended"
	LATE_APOLOGY = "late_apology"
	EXTENSION_RULE_OVERRIDDEN = "extension_rule_overridden"


_FLAG_TEXT: Mapping[str, Mapping[Flag, str]] = {
	"vi": {
		Flag.UNCONFIRMED_YEAR: "Lịch làm việc của năm liên quan chưa được xác nhận",
		Flag.STEPS_EXCEED_LIMIT: "Tổng thời gian các bước vượt thời hạn theo quy định",
		Flag.NO_LIMIT: "Thủ tục không quy định thời hạn chung",
		Flag.LATE_ACKNOWLEDGEMENT: "Tiếp nhận hồ sơ trực tuyến quá hạn",
		Flag.LATE_HANDOVER: "Chuyển hồ sơ chậm (NĐ 61/2018 Điều 18.2)",
		Flag.LATE_SUPPLEMENT_REQUEST: "Yêu cầu bổ sung quá 03 ngày làm việc (NĐ 61/2018 Điều 19.4)",
		Flag.REPEATED_SUPPLEMENT: "Yêu cầu bổ sung quá một lần",
		Flag.INTAKE_RULE_OVERRIDDEN: "Yêu cầu bổ sung lần hai khi tiếp nhận, có lý do",
		Flag.APPLICANT_OVERDUE: "Quá thời hạn người nộp bổ sung hồ sơ",
		Flag.EXTENDED: "Đã gia hạn",
		Flag.LATE_APOLOGY: "Xin lỗi chậm (NĐ 61/2018 Điều 19.9)",
		Flag.EXTENSION_RULE_OVERRIDDEN: "Gia hạn quá số lần cho phép, có lý do",
	},
	"en": {
		Flag.UNCONFIRMED_YEAR: "The working calendar of a year concerned is not confirmed",
		Flag.STEPS_EXCEED_LIMIT: "The steps together take longer than the legal limit",
		Flag.NO_LIMIT: "The procedure sets no limit of its own",
		Flag.LATE_ACKNOWLEDGEMENT: "The online dossier was not answered in time",
		Flag.LATE_HANDOVER: "Handed over late (NĐ 61/2018 art. 18.2)",
		Flag.LATE_SUPPLEMENT_REQUEST: "Supplement requested too late (NĐ 61/2018 art. 19.4)",
		Flag.REPEATED_SUPPLEMENT: "Supplement requested more than once",
		Flag.INTAKE_RULE_OVERRIDDEN: "Second supplement at intake, with a recorded reason",
		Flag.APPLICANT_OVERDUE: "The applicant's time for the supplement has passed",
		Flag.EXTENDED: "Extended",
		Flag.LATE_APOLOGY: "Apology too late (NĐ 61/2018 art. 19.9)",
		Flag.EXTENSION_RULE_OVERRIDDEN: "Extended more often than allowed, with a recorded reason",
	},
}


def flag_text(flag: Flag, language: str = "vi") -> str:
	"""Return a flag in words."""
	return _FLAG_TEXT[language][flag]


@dataclass(frozen=True, slots=True)
class Limit:
	"""A legal time limit. An empty case or channel stands for any; same-day limits have no duration."""

	kind: LimitKind = LimitKind.FIXED
	duration: Duration | None = None
	case: str = ""
	channel: str = ""

	def __post_init__(self) -> None:
		if self.kind is not LimitKind.SAME_DAY and self.duration is None:
			raise InvalidEvent(kind="limit", at=self.case or "—", missing="duration")

	def text(self, language: str = "vi") -> str:
		if self.duration is None or self.kind is LimitKind.SAME_DAY:
			return "trong ngày làm việc" if language == "vi" else "same working day"
		return self.duration.text(language)


@dataclass(frozen=True, slots=True)
class StepTerms:
	"""A step of the process as the version says it. `unit` is resolved; None is the receiving unit.

	Without a duration, or with one of zero, a step has no due of its own and takes no planned time. `target` is the linked
	procedure of another agency.
	"""

	key: str
	title: str = ""
	duration: Duration | None = None
	after: tuple[str, ...] = ()
	unit: str | None = None
	duty: str = ""
	clock_effect: ClockEffect = ClockEffect.RUN
	target: str | None = None
	kind: str = ""


@dataclass(frozen=True, slots=True)
class Terms:
	"""What the pinned version of a procedure says about time. None leaves it to the dated rule."""

	limits: tuple[Limit, ...] = ()
	steps: tuple[StepTerms, ...] = ()
	version: str = ""
	supplement_clock: SupplementClock | None = None
	supplement_days: int | None = None
	applicant_days: int | None = 30
	due_time: DueTime | None = None
	cutoff: time | None = None

	def limit_for(self, case: str = "", channel: str = "") -> Limit | None:
		"""Return the most specific limit: for case and channel, the case, the channel, or in general."""
		case, channel = case or "", channel or ""
		for wanted in ((case, channel), (case, ""), ("", channel), ("", "")):
			for limit in self.limits:
				if (limit.case, limit.channel) == wanted:
					return limit
		return None

	def rules(self, rules: ClockRules) -> ClockRules:
		"""Return the dated rules with the version's own choices in their place."""
		own: dict[str, Any] = {
			name: value
			for name, value in (
				("supplement_clock", self.supplement_clock),
				("supplement_days", self.supplement_days),
				("due_time", self.due_time),
				("cutoff", self.cutoff),
			)
			if value is not None
		}
		if not own:
			return rules
		kept = tuple(setting for setting in rules.settings if setting.rule not in own)
		return replace(rules, **own, settings=kept, assumed=rules.assumed - frozenset(own))


@dataclass(frozen=True, slots=True)
class Calendars:
	"""The calendar of the receiving unit, and of other units where their hours differ."""

	receiving: WorkingCalendar
	units: Mapping[str, WorkingCalendar] = field(default_factory=dict)

	def of(self, unit: str | None) -> WorkingCalendar:
		"""Return a unit's calendar, or the receiving unit's when the unit has none of its own."""
		return self.units.get(unit, self.receiving) if unit else self.receiving

	@classmethod
	def read(cls, calendars: Calendars | WorkingCalendar) -> Calendars:
		return calendars if isinstance(calendars, Calendars) else cls(calendars)


def order_steps(steps: Sequence[StepTerms]) -> list[StepTerms]:
	"""Return the steps with every predecessor first.

	Raises DuplicateStep, UnknownPredecessor or CircularSteps.
	"""
	by_key: dict[str, StepTerms] = {}
	for step in steps:
		if step.key in by_key:
			raise DuplicateStep(key=step.key)
		by_key[step.key] = step
	for step in steps:
		for before in step.after:
			if before not in by_key:
				raise UnknownPredecessor(key=step.key, missing=before)
	ordered: list[StepTerms] = []
	done: set[str] = set()
	left = list(steps)
	while left:
		ready = [step for step in left if done.issuperset(step.after)]
		if not ready:
			raise CircularSteps(keys=", ".join(step.key for step in left))
		ordered += ready
		done.update(step.key for step in ready)
		left = [step for step in left if step.key not in done]
	return ordered


def same_day_due(calendar: WorkingCalendar, received_at: datetime, rules: ClockRules) -> datetime:
	"""Return the end of the day on which a same-day procedure is due.

	Received after the cut-off (15:00 exactly is not after it), after the last window or on a day off: the
	next working day.
	"""
	return _same_day(calendar, calendar.local(received_at), rules)[0]


def _same_day(calendar: WorkingCalendar, received: datetime, rules: ClockRules) -> tuple[datetime, str]:
	windows = calendar.windows_on(received)
	minute = received.hour * 60 + received.minute
	if not windows:
		why = "day_off"
	elif minute > rules.cutoff.hour * 60 + rules.cutoff.minute:
		why = "after_cutoff"
	elif minute >= windows[-1][1]:
		why = "after_hours"
	else:
		return calendar.last_moment(received), "before_cutoff"
	return calendar.last_moment(calendar.next_working_day(received)), why


def handover_due(calendar: WorkingCalendar, received_at: datetime, rules: ClockRules) -> datetime:
	"""Return by when the paper dossier is handed on (NĐ 61/2018 art. 18.2).

	The end of the same working day; received after the cut-off, or outside working time, the beginning of
	the next working day.
	"""
	received = calendar.local(received_at)
	windows = calendar.windows_on(received)
	minute = received.hour * 60 + received.minute
	by_cutoff = rules.handover is Handover.SAME_DAY or minute <= rules.cutoff.hour * 60 + rules.cutoff.minute
	if windows and by_cutoff and minute < windows[-1][1]:
		return calendar.last_moment(received)
	return calendar.first_moment(calendar.next_working_day(received))


def _handed_over_late(
	calendar: WorkingCalendar, due: datetime, handed_over: datetime, rules: ClockRules
) -> bool:
	if due == calendar.first_moment(due):
		due = calendar.add_minutes(due, rules.handover_grace_minutes)
	return handed_over > due


def acknowledgement_due(calendar: WorkingCalendar, registered_at: datetime, rules: ClockRules) -> datetime:
	"""Return by when an online dossier is answered: 8 working hours by default (NĐ 45/2020)."""
	return calendar.add(registered_at, Duration(rules.online_ack_hours, DurationUnit.WORKING_HOUR), rules)


def latest_apology_day(calendar: WorkingCalendar, due: datetime, rules: ClockRules) -> date:
	"""Return the last day for the apology: at least one working day before expiry (NĐ 61/2018 art. 19.9)."""
	return calendar.shift_working_days(calendar.local(due).date(), -rules.apology_before_days)


def _limit_due(
	calendar: WorkingCalendar, start: datetime, limit: Limit | None, rules: ClockRules
) -> datetime | None:
	if limit is None:
		return None
	if limit.kind is LimitKind.SAME_DAY or limit.duration is None:
		return _same_day(calendar, start, rules)[0]
	return calendar.add(start, limit.duration, rules)


def _limit_lines(
	calendar: WorkingCalendar, start: datetime, limit: Limit | None, rules: ClockRules, due: datetime | None
) -> list[ExplanationLine]:
	if limit is None:
		lines = [ExplanationLine(LineKind.NO_LIMIT, start.date(), start=start)]
		return [*lines, calendar.due_line(due)] if due else lines
	if limit.kind is not LimitKind.SAME_DAY and limit.duration is not None:
		return calendar.explain(start, limit.duration, rules)
	end, why = _same_day(calendar, start, rules)
	cutoff = datetime.combine(start.date(), rules.cutoff)
	lines = [ExplanationLine(LineKind.SAME_DAY, start.date(), start=start, end=cutoff, reason_key=why)]
	day = start.date()
	while day < end.date():
		if not calendar.is_working_day(day):
			lines.append(calendar.skipped_line(day))
		day += timedelta(days=1)
	counted = calendar.explain(max(start, calendar.first_moment(end.date())), end)
	return [*lines, *counted, calendar.due_line(end)]


def _step_rules(rules: ClockRules) -> ClockRules:
	"""Steps inside the office count from the moment they open, to the minute.

	The receipt day and end-of-day rules are about the citizen's date; applied to each step they would add up
	to more, or to nothing.
	"""
	return replace(rules, count_receipt_day=False, due_time=DueTime.SAME_TIME)


@dataclass(frozen=True, slots=True)
class PlannedStep:
	"""A step in a plan. `clipped`: its own duration would pass the legal due, which it may not."""

	key: str
	title: str
	unit: str | None
	duty: str
	opens: datetime
	due: datetime
	clipped: bool
	pauses: bool
	duration: Duration | None
	after: tuple[str, ...] = ()
	kind: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
	"""The dates a dossier would get. `steps_end` is where the steps end if no limit cut them short."""

	received: datetime
	due: datetime | None
	limit: Limit | None
	same_day: bool
	steps: tuple[PlannedStep, ...]
	steps_end: datetime | None
	critical_path: tuple[str, ...]
	explanation: tuple[ExplanationLine, ...]
	flags: frozenset[Flag]
	rules: ClockRules
	unconfirmed_years: tuple[int, ...]
	calendar: WorkingCalendar = field(repr=False)

	def as_dict(self) -> dict[str, Any]:
		"""Return the plan ready for JSON; times are ISO 8601 local with offset, texts Vietnamese."""
		iso = self.calendar.iso
		return {
			"received": iso(self.received),
			"due": iso(self.due) if self.due else None,
			"limit": self.limit.text() if self.limit else None,
			"same_day": self.same_day,
			"steps": [
				{
					"key": step.key,
					"title": step.title,
					"unit": step.unit,
					"duty": step.duty,
					"opens": iso(step.opens),
					"due": iso(step.due),
					"clipped": step.clipped,
					"pauses": step.pauses,
				}
				for step in self.steps
			],
			"steps_end": iso(self.steps_end) if self.steps_end else None,
			"critical_path": list(self.critical_path),
			"explanation": [explanation_text(line) for line in self.explanation],
			"explanation_lines": [line.as_dict() for line in self.explanation],
			"rules": rules_text(self.rules),
			"flags": sorted(self.flags),
			"unconfirmed_years": list(self.unconfirmed_years),
			"calendar_revision": self.calendar.revision,
		}


def _takes_time(step: StepTerms) -> bool:
	return step.duration is not None and step.duration.value > 0


@dataclass(slots=True)
class _Scheduled:
	"""Where a step lies: within the limit (opens, due) and if nothing cut it short (raw)."""

	opens: datetime
	due: datetime
	raw: datetime
	paused: int
	clipped: bool


def _schedule(
	steps: Sequence[StepTerms],
	calendars: Calendars,
	start: datetime,
	limit: datetime | None,
	rules: ClockRules,
) -> dict[str, _Scheduled]:
	"""Return when each of the ordered steps opens and is due, a step after all those before it."""
	rules = _step_rules(rules)
	placed: dict[str, _Scheduled] = {}
	for step in steps:
		before = [placed[key] for key in step.after]
		opens = max((b.due for b in before), default=start)
		raw_opens = max((b.raw for b in before), default=start)
		paused = max((b.paused for b in before), default=0)
		calendar = calendars.of(step.unit)
		due = calendar.add(opens, step.duration, rules) if step.duration else opens
		raw = due
		if raw_opens != opens:
			raw = calendar.add(raw_opens, step.duration, rules) if step.duration else raw_opens
		clipped = False
		if step.clock_effect is ClockEffect.PAUSE:
			paused += calendars.receiving.elapsed(opens, due)
		elif step.clock_effect is ClockEffect.RUN and limit is not None:
			bound = calendars.receiving.add_minutes(limit, paused) if paused else limit
			clipped = max(raw, due) > bound
			due = min(due, bound)
		placed[step.key] = _Scheduled(opens, max(due, opens), raw, paused, clipped)
	return placed


def _critical_path(steps: Sequence[StepTerms], placed: Mapping[str, _Scheduled]) -> tuple[str, ...]:
	by_key = {step.key: step for step in steps}
	ends = [step.key for step in steps if step.clock_effect is not ClockEffect.NONE]
	path: list[str] = []
	while ends:
		last = max(ends, key=lambda key: placed[key].raw)
		path.append(last)
		ends = list(by_key[last].after)
	return tuple(reversed(path))


def plan(
	received_at: datetime,
	terms: Terms,
	calendars: Calendars | WorkingCalendar,
	rules: ClockRules,
	channel: str = "",
	case: str = "",
	*,
	explain: bool = True,
) -> Plan:
	"""Return the due date and the steps' dates of a dossier received at a moment.

	Without a legal limit the longest branch decides (linked procedures, NĐ 61/2018 art. 19.6). A step may
	not end after the legal due: it is cut there and flagged. Raises what `order_steps` and the calendar do.
	"""
	calendars = Calendars.read(calendars)
	calendar = calendars.receiving
	received = calendar.local(received_at)
	rules = terms.rules(rules)
	limit = terms.limit_for(case, channel)
	steps = order_steps(terms.steps)
	due = _limit_due(calendar, received, limit, rules)
	placed = _schedule(steps, calendars, received, due, rules)
	path = _critical_path(steps, placed)
	steps_end = placed[path[-1]].raw if path else None
	flags: set[Flag] = set()
	if limit is None:
		due = steps_end
		flags.add(Flag.NO_LIMIT)
	if any(p.clipped for p in placed.values()):
		flags.add(Flag.STEPS_EXCEED_LIMIT)
	unconfirmed = calendar.unconfirmed_years(received, due or received)
	if unconfirmed:
		flags.add(Flag.UNCONFIRMED_YEAR)
	return Plan(
		received=received,
		due=due,
		limit=limit,
		same_day=limit is not None and limit.kind is LimitKind.SAME_DAY,
		steps=tuple(
			PlannedStep(
				key=step.key,
				title=step.title,
				unit=step.unit,
				duty=step.duty,
				opens=placed[step.key].opens,
				due=placed[step.key].due,
				clipped=placed[step.key].clipped,
				pauses=step.clock_effect is ClockEffect.PAUSE,
				duration=step.duration,
				after=step.after,
				kind=step.kind,
			)
			for step in terms.steps
		),
		steps_end=steps_end,
		critical_path=path,
		explanation=tuple(_limit_lines(calendar, received, limit, rules, due)) if explain else (),
		flags=frozenset(flags),
		rules=rules,
		unconfirmed_years=unconfirmed,
		calendar=calendar,
	)


@dataclass(frozen=True, slots=True)
class ClockEvent:
	"""One event of the ledger, reduced to what time needs. `id` is what corrections refer to."""

	kind: EventKind
	at: datetime
	step: str | None = None
	data: Mapping[str, Any] = field(default_factory=dict)
	id: str | int | None = None


@dataclass(frozen=True, slots=True)
class Pause:
	"""A stretch that does not count; `end` None: still going on. `minutes` up to its end or to now."""

	start: datetime
	end: datetime | None
	cause: str
	minutes: int


@dataclass(frozen=True, slots=True)
class StepResult:
	"""Where a step stands. A waiting step's dates are forecasts from the process graph."""

	key: str
	title: str
	unit: str | None
	duty: str
	round: int
	status: StepStatus
	opens: datetime | None
	due: datetime | None
	completed: datetime | None
	remaining_minutes: int
	exceeded_minutes: int
	outcome: Outcome | None
	clipped: bool


@dataclass(frozen=True, slots=True)
class ClockResult:
	"""Where a dossier stands at a moment. Minutes are working minutes of the receiving unit."""

	state: ClockState
	now: datetime
	received: datetime | None
	due: datetime | None
	original_due: datetime | None
	base_start: datetime | None
	ended_at: datetime | None
	end_kind: EventKind | None
	returned_at: datetime | None
	pauses: tuple[Pause, ...]
	remaining_minutes: int
	exceeded_minutes: int
	worked_minutes: int
	by_timestamp: Outcome | None
	by_date: Outcome | None
	extension_count: int
	extended_reason: str
	intake_supplements: int
	appraisal_supplements: int
	supplement_request_due: datetime | None
	applicant_due: datetime | None
	acknowledgement_due: datetime | None
	handover_due: datetime | None
	latest_apology_day: date | None
	steps: tuple[StepResult, ...]
	flags: frozenset[Flag]
	unconfirmed_years: tuple[int, ...]
	explanation: tuple[ExplanationLine, ...]
	rules: ClockRules
	calendar: WorkingCalendar = field(repr=False)

	@property
	def urgency(self) -> str:
		"""Return ok, soon (due within 24 hours), late, paused, ended or none."""
		if self.state in (ClockState.PAUSED, ClockState.ENDED):
			return str(self.state)
		if self.due is None or self.state is ClockState.NOT_STARTED:
			return "none"
		if self.now > self.due:
			return "late"
		return "soon" if self.due - self.now <= SOON else "ok"

	@property
	def remaining(self) -> int:
		"""Return the working minutes left, below zero once exceeded."""
		return self.remaining_minutes - self.exceeded_minutes

	def as_dict(self) -> dict[str, Any]:
		"""Return the result ready for JSON; times are ISO 8601 local with offset, texts Vietnamese."""

		def iso(moment: datetime | None) -> str | None:
			return self.calendar.iso(moment) if moment else None

		return {
			"state": self.state.value,
			"received": iso(self.received),
			"due": iso(self.due),
			"original_due": iso(self.original_due),
			"base_start": iso(self.base_start),
			"ended_at": iso(self.ended_at),
			"end_kind": self.end_kind.value if self.end_kind else None,
			"returned_at": iso(self.returned_at),
			"pauses": [
				{"start": iso(p.start), "end": iso(p.end), "cause": p.cause, "minutes": p.minutes}
				for p in self.pauses
			],
			"remaining_minutes": self.remaining_minutes,
			"exceeded_minutes": self.exceeded_minutes,
			"remaining_text": remaining_text(self.remaining, self.calendar.day_minutes),
			"worked_minutes": self.worked_minutes,
			"urgency": self.urgency,
			"by_timestamp": self.by_timestamp.value if self.by_timestamp else None,
			"by_date": self.by_date.value if self.by_date else None,
			"extension_count": self.extension_count,
			"intake_supplements": self.intake_supplements,
			"appraisal_supplements": self.appraisal_supplements,
			"supplement_request_due": iso(self.supplement_request_due),
			"applicant_due": iso(self.applicant_due),
			"acknowledgement_due": iso(self.acknowledgement_due),
			"handover_due": iso(self.handover_due),
			"latest_apology_day": self.latest_apology_day.isoformat() if self.latest_apology_day else None,
			"steps": [
				{
					"key": s.key,
					"title": s.title,
					"unit": s.unit,
					"duty": s.duty,
					"round": s.round,
					"status": s.status.value,
					"opens": iso(s.opens),
					"due": iso(s.due),
					"completed": iso(s.completed),
					"remaining_minutes": s.remaining_minutes,
					"exceeded_minutes": s.exceeded_minutes,
					"outcome": s.outcome.value if s.outcome else None,
					"clipped": s.clipped,
				}
				for s in self.steps
			],
			"flags": sorted(self.flags),
			"unconfirmed_years": list(self.unconfirmed_years),
			"explanation": [explanation_text(line) for line in self.explanation],
			"calendar_revision": self.calendar.revision,
		}


def standing(events: Iterable[ClockEvent]) -> tuple[set[str], dict[str, dict[str, Any]]]:
	"""Return the ids of the events undone, and what corrections say about others.

	An undo can itself be undone. Raises UnexpectedEvent when one refers to an event that is not there.
	"""
	given = list(events)
	known = {str(event.id) for event in given if event.id is not None}
	void: set[str] = set()
	corrections: dict[str, dict[str, Any]] = {}
	for event in reversed(given):
		if event.kind not in (EventKind.UNDONE, EventKind.CORRECTED) or "of" not in event.data:
			continue
		if event.id is not None and str(event.id) in void:
			continue
		target = str(event.data["of"])
		if target not in known:
			raise UnexpectedEvent(kind=event.kind, at=event.at, why=f"there is no event {target}")
		if event.kind is EventKind.UNDONE:
			void.add(target)
		else:
			# Going backwards: what a later correction said stands.
			corrections[target] = {**event.data, **corrections.get(target, {})}
	return void, corrections


def effective_events(events: Iterable[ClockEvent]) -> list[ClockEvent]:
	"""Return the events that count, in the order given: what was undone left out, corrections applied.

	Raises what `standing` raises.
	"""
	given = list(events)
	void, corrections = standing(given)
	kept: list[ClockEvent] = []
	for event in given:
		key = str(event.id)
		if event.kind in (EventKind.UNDONE, EventKind.CORRECTED, EventKind.OTHER):
			continue
		if event.id is not None and key in void:
			continue
		if event.id is not None and key in corrections:
			new = {name: value for name, value in corrections[key].items() if name != "of"}
			at = _moment(new.pop("at", event.at), event)
			step = new.pop("step", event.step)
			event = replace(event, at=at, step=step, data={**event.data, **new})
		kept.append(event)
	return kept


def _moment(value: Any, event: ClockEvent) -> datetime:
	if isinstance(value, datetime):
		return value
	try:
		return datetime.fromisoformat(str(value))
	except ValueError:
		raise InvalidEvent(kind=event.kind, at=event.at, missing="a date and time") from None


@dataclass(slots=True)
class _StepRun:
	"""A step while events are replayed."""

	terms: StepTerms
	round: int = 0
	opened: datetime | None = None
	completed: datetime | None = None
	skipped: bool = False

	@property
	def done(self) -> bool:
		return self.skipped or self.completed is not None

	@property
	def is_open(self) -> bool:
		return self.opened is not None and not self.done


class _Replay:
	"""Replays events one by one; `result` then reads the clock."""

	def __init__(
		self, terms: Terms, calendars: Calendars, rules: ClockRules, channel: str, case: str, explain: bool
	) -> None:
		self.terms = terms
		self.calendars = calendars
		self.calendar = calendars.receiving
		self.dated_rules = rules
		self.rules = terms.rules(rules)
		self.limit = terms.limit_for(case, channel)
		self.channel = channel
		self.explain = explain
		self.ordered = order_steps(terms.steps)
		self.steps = {step.key: _StepRun(step) for step in self.ordered}
		self.followers: dict[str, list[str]] = {step.key: [] for step in self.ordered}
		for step in self.ordered:
			for before in step.after:
				self.followers[before].append(step.key)
		self.lines: list[ExplanationLine] = []
		self.flags: set[Flag] = set()
		self.received: datetime | None = None
		self.base_start: datetime | None = None
		self.due: datetime | None = None
		self.original_due: datetime | None = None
		self.ended_at: datetime | None = None
		self.end_kind: EventKind | None = None
		self.returned_at: datetime | None = None
		self.causes: Counter[str] = Counter()
		self.pause_since: datetime | None = None
		self.pause_cause = ""
		self.shift_from: datetime | None = None
		self.pauses: list[Pause] = []
		self.extension_count = 0
		self.extended_reason = ""
		self.supplements: Counter[Stage] = Counter()
		self.supplement_asked: datetime | None = None
		self.acknowledgement_due: datetime | None = None
		self.answered: datetime | None = None
		self.handover_due: datetime | None = None
		self.handed_over: datetime | None = None

	def apply(self, event: ClockEvent) -> None:
		at = self.calendar.local(event.at)
		handler = getattr(self, f"_on_{event.kind.value}", None)
		if handler is not None:
			handler(event, at)

	def _refuse(self, event: ClockEvent, why: str) -> UnexpectedEvent:
		return UnexpectedEvent(kind=event.kind, at=f"{event.at:%d/%m/%Y %H:%M}", why=why)

	def _need_running(self, event: ClockEvent) -> None:
		if self.received is None:
			raise self._refuse(event, "it is not received yet")
		if self.ended_at is not None:
			raise self._refuse(event, "it has ended")

	def _on_registered(self, event: ClockEvent, at: datetime) -> None:
		channel = str(event.data.get("channel") or self.channel)
		if channel.lower() == "online":
			self.acknowledgement_due = acknowledgement_due(self.calendar, at, self.dated_rules)

	def _answer(self, at: datetime) -> None:
		if self.acknowledgement_due is None or self.answered is not None:
			return
		self.answered = at
		if at > self.acknowledgement_due:
			self.flags.add(Flag.LATE_ACKNOWLEDGEMENT)

	def _on_acknowledged(self, event: ClockEvent, at: datetime) -> None:
		self._answer(at)

	def _on_received(self, event: ClockEvent, at: datetime) -> None:
		if self.received is not None:
			raise self._refuse(event, "it was received before")
		if self.ended_at is not None:
			raise self._refuse(event, "it has ended")
		self._answer(at)
		self.supplement_asked = None
		self.received = at
		self._start(at)
		promised = event.data.get("due")
		self.original_due = self.calendar.local(_moment(promised, event)) if promised else self.due
		self.handover_due = handover_due(self.calendar, at, self.dated_rules)
		self._open_ready(at)

	def _start(self, at: datetime) -> None:
		"""Begin the count: at receipt, and again from zero after a supplement."""
		self.base_start = at
		self.due = _limit_due(self.calendar, at, self.limit, self.rules)
		if self.limit is None:
			self.flags.add(Flag.NO_LIMIT)
			placed = _schedule(self.ordered, self.calendars, at, None, self.rules)
			path = _critical_path(self.ordered, placed)
			self.due = placed[path[-1]].raw if path else None
		if self.explain:
			self.lines += _limit_lines(self.calendar, at, self.limit, self.rules, self.due)

	def _on_handed_over(self, event: ClockEvent, at: datetime) -> None:
		if self.handover_due is None or self.handed_over is not None:
			return
		self.handed_over = at
		if _handed_over_late(self.calendar, self.handover_due, at, self.dated_rules):
			self.flags.add(Flag.LATE_HANDOVER)

	def _pause(self, cause: str, at: datetime) -> None:
		if not self.causes.total():
			self.pause_since, self.pause_cause, self.shift_from = at, cause, at
		self.causes[cause] += 1

	def _resume(self, cause: str, at: datetime, *, moves_due: bool = True) -> None:
		self.causes[cause] -= 1
		if self.causes.total() or self.pause_since is None or self.shift_from is None:
			return
		since, self.pause_since = self.pause_since, None
		minutes = self.calendar.elapsed(since, at)
		self.pauses.append(Pause(since, at, self.pause_cause, minutes))
		reason_key = self.pause_cause.partition(":")[0]
		if self.explain:
			self.lines.append(
				ExplanationLine(
					LineKind.PAUSED, since.date(), start=since, end=at, minutes=minutes, reason_key=reason_key
				)
			)
		moved = self.calendar.elapsed(self.shift_from, at)
		if not moves_due or self.due is None or moved <= 0:
			return
		self.due = self.calendar.add_minutes(self.due, moved)
		in_days = (
			self.limit and self.limit.duration and self.limit.duration.unit is not DurationUnit.WORKING_HOUR
		)
		if in_days and self.rules.ends_with_day:
			self.due = self.calendar.last_moment(self.due)
		if self.explain:
			self.lines.append(
				ExplanationLine(
					LineKind.SHIFTED, at.date(), end=self.due, minutes=moved, reason_key=reason_key
				)
			)
			self.lines.append(self.calendar.due_line(self.due))

	def _on_supplement_requested(self, event: ClockEvent, at: datetime) -> None:
		if self.ended_at is not None:
			raise self._refuse(event, "it has ended")
		if self.supplement_asked is not None:
			raise self._refuse(event, "a supplement is awaited already")
		default = Stage.APPRAISAL if self.received else Stage.INTAKE
		stage = Stage.read(event.data.get("stage") or default)
		if stage is Stage.APPRAISAL and self.received is None:
			raise self._refuse(event, "it is not received yet")
		if stage is Stage.INTAKE and self.supplements[stage]:
			if not event.data.get("override"):
				raise SecondIntakeSupplement()
			self.flags.add(Flag.INTAKE_RULE_OVERRIDDEN)
		self.supplements[stage] += 1
		self.supplement_asked = at
		if self.received is None or self.base_start is None:
			self._answer(at)
			return
		if stage is Stage.APPRAISAL:
			last = self.calendar.shift_working_days(self.base_start.date(), self.rules.supplement_days)
			if at.date() > last:
				self.flags.add(Flag.LATE_SUPPLEMENT_REQUEST)
			if self.supplements[stage] > 1:
				self.flags.add(Flag.REPEATED_SUPPLEMENT)
		self._pause("supplement", at)

	def _on_supplement_received(self, event: ClockEvent, at: datetime) -> None:
		if self.supplement_asked is None:
			raise self._refuse(event, "no supplement was asked for")
		self.supplement_asked = None
		if self.received is None:
			if self.acknowledgement_due is not None:
				self.acknowledgement_due = acknowledgement_due(self.calendar, at, self.dated_rules)
				self.answered = None
			return
		if self.rules.supplement_clock is SupplementClock.EXTEND:
			self._resume("supplement", at)
			return
		self._resume("supplement", at, moves_due=False)
		# Another pause may go on; only what follows the new start can still move the new due date.
		self.shift_from = at
		if self.explain:
			self.lines.append(ExplanationLine(LineKind.RESTARTED, at.date(), start=at))
		self._start(at)

	def _on_obligation_ordered(self, event: ClockEvent, at: datetime) -> None:
		self._need_running(event)
		self._pause("obligation", at)

	def _on_obligation_paid(self, event: ClockEvent, at: datetime) -> None:
		if self.received is None or self.ended_at is not None:
			return
		if not self.causes["obligation"]:
			raise self._refuse(event, "no obligation was ordered")
		self._resume("obligation", at)

	def _on_paused(self, event: ClockEvent, at: datetime) -> None:
		self._need_running(event)
		self._pause(f"paused:{event.data.get('cause', '')}", at)

	def _on_resumed(self, event: ClockEvent, at: datetime) -> None:
		self._need_running(event)
		cause = f"paused:{event.data.get('cause', '')}"
		if not self.causes[cause]:
			raise self._refuse(event, "the clock was not paused")
		self._resume(cause, at)

	def _on_extended(self, event: ClockEvent, at: datetime) -> None:
		self._need_running(event)
		if self.extension_count >= self.rules.max_extensions:
			if not event.data.get("override"):
				raise ExtensionRefused(count=self.extension_count, limit=self.rules.max_extensions)
			self.flags.add(Flag.EXTENSION_RULE_OVERRIDDEN)
		if "new_due" not in event.data:
			raise InvalidEvent(kind=event.kind, at=event.at, missing="new_due")
		new_due = self.calendar.local(_moment(event.data["new_due"], event))
		if self.due is not None:
			if new_due <= self.due:
				raise ExtensionNotLater(new_due=f"{new_due:%d/%m/%Y %H:%M}", due=f"{self.due:%d/%m/%Y %H:%M}")
			if at.date() > latest_apology_day(self.calendar, self.due, self.rules):
				self.flags.add(Flag.LATE_APOLOGY)
		self.extension_count += 1
		self.extended_reason = str(event.data.get("reason") or "")
		self.flags.add(Flag.EXTENDED)
		self.due = new_due
		if self.explain:
			self.lines.append(
				ExplanationLine(
					LineKind.EXTENDED, at.date(), start=at, end=new_due, reason=self.extended_reason
				)
			)

	def _end(self, event: ClockEvent, at: datetime) -> None:
		if self.ended_at is not None:
			raise self._refuse(event, "it has ended")
		self._answer(at)
		if self.pause_since is not None:
			# A pause that nothing ended, ends with the dossier; what was owed stays owed, the date too.
			self.pauses.append(
				Pause(self.pause_since, at, self.pause_cause, self.calendar.elapsed(self.pause_since, at))
			)
		self.ended_at, self.end_kind = at, event.kind
		if self.explain:
			self.lines.append(
				ExplanationLine(
					LineKind.ENDED,
					at.date(),
					start=at,
					reason_key=event.kind.value,
					reason=str(event.data.get("reason") or ""),
				)
			)

	_on_withdrawn = _on_stopped = _end

	def _on_refused(self, event: ClockEvent, at: datetime) -> None:
		self._complete_named(event, at)
		self._end(event, at)

	def _on_finished(self, event: ClockEvent, at: datetime) -> None:
		self._need_running(event)
		self._complete_named(event, at)
		self._end(event, at)
		self._open_ready(at)

	def _complete_named(self, event: ClockEvent, at: datetime) -> None:
		"""Complete the step that an ending event names: deciding is the work of that step."""
		if event.step and self.ended_at is None:
			run = self._run(event.step)
			run.completed = at
			self._settle(event, at)
			self._close(run, at)

	def _settle(self, event: ClockEvent, at: datetime) -> None:
		"""Leave out the steps that an event settles along with its own: a payment of nothing, or made before."""
		for key in event.data.get("settles") or ():
			run = self._run(str(key))
			run.skipped, run.completed = True, at

	def _on_returned(self, event: ClockEvent, at: datetime) -> None:
		if self.received is None:
			raise self._refuse(event, "it is not received yet")
		self.returned_at = at
		if event.step:
			self._run(event.step).completed = at
		if self.ended_at is None:
			self._end(event, at)

	def _run(self, key: str | None) -> _StepRun:
		if key is None or key not in self.steps:
			raise UnknownStep(key=key)
		return self.steps[key]

	def _open(self, run: _StepRun, at: datetime) -> None:
		if run.is_open:
			return
		run.opened, run.completed, run.skipped = at, None, False
		run.round += 1
		if run.terms.clock_effect is ClockEffect.PAUSE and self.ended_at is None:
			self._pause(f"step:{run.terms.key}", at)

	def _close(self, run: _StepRun, at: datetime) -> None:
		cause = f"step:{run.terms.key}"
		if self.causes[cause] and self.ended_at is None:
			self._resume(cause, at)

	def _open_ready(self, at: datetime) -> None:
		"""Open the steps whose predecessors have all ended."""
		if self.received is None:
			return
		for run in self.steps.values():
			before = [self.steps[key] for key in run.terms.after]
			if run.opened is None and not run.done and all(b.done for b in before):
				self._open(run, at)

	def _on_step_opened(self, event: ClockEvent, at: datetime) -> None:
		self._open(self._run(event.step), at)

	def _on_step_completed(self, event: ClockEvent, at: datetime) -> None:
		run = self._run(event.step)
		if run.opened is None:
			self._open(run, at)
		run.completed = at
		if run.terms.kind == RECEPTION:
			# Completing the reception hands the dossier over to those who process it.
			self._on_handed_over(event, at)
		self._settle(event, at)
		self._close(run, at)
		self._open_ready(at)

	def _on_step_skipped(self, event: ClockEvent, at: datetime) -> None:
		run = self._run(event.step)
		run.skipped, run.completed = True, at
		self._settle(event, at)
		self._close(run, at)
		self._open_ready(at)

	def _on_sent_back(self, event: ClockEvent, at: datetime) -> None:
		"""Open the step named `to` again; what comes after it waits once more."""
		target = self._run(str(event.data.get("to") or event.step or ""))
		reset, todo = set(), [target.terms.key]
		while todo:
			key = todo.pop()
			if key not in reset:
				reset.add(key)
				todo += self.followers[key]
		for key in reset:
			run = self.steps[key]
			if run.is_open:
				self._close(run, at)
			run.opened, run.completed, run.skipped = None, None, False
		self._open(target, at)

	def result(self, now: datetime) -> ClockResult:
		at = self.calendar.local(now)
		state = self._state()
		stand = self.ended_at or self.pause_since or at
		pauses = list(self.pauses)
		if state is ClockState.PAUSED and self.pause_since is not None:
			minutes = max(0, self.calendar.elapsed(self.pause_since, at))
			pauses.append(Pause(self.pause_since, None, self.pause_cause, minutes))
			if self.explain:
				self.lines.append(
					ExplanationLine(
						LineKind.PAUSING,
						self.pause_since.date(),
						start=self.pause_since,
						minutes=minutes,
						reason_key=self.pause_cause.partition(":")[0],
					)
				)
		left = self.calendar.elapsed(stand, self.due) if self.due else 0
		worked = 0
		if self.received is not None:
			worked = self.calendar.elapsed(self.received, self.ended_at or at) - sum(
				p.minutes for p in pauses
			)
		self._raise_flags(at)
		by_timestamp, by_date = self._outcomes(stand)
		years: tuple[int, ...] = ()
		if self.received is not None:
			years = self.calendar.unconfirmed_years(self.received, max(self.due or stand, self.received))
		if years:
			self.flags.add(Flag.UNCONFIRMED_YEAR)
		running = self.base_start is not None and self.ended_at is None
		applicant_due = None
		if self.supplement_asked is not None and self.terms.applicant_days is not None and not self.ended_at:
			allowed = Duration(self.terms.applicant_days, DurationUnit.CALENDAR_DAY)
			applicant_due = self.calendar.add(self.supplement_asked, allowed, self.rules)
			if at > applicant_due:
				self.flags.add(Flag.APPLICANT_OVERDUE)
		return ClockResult(
			state=state,
			now=at,
			received=self.received,
			due=self.due,
			original_due=self.original_due,
			base_start=self.base_start,
			ended_at=self.ended_at,
			end_kind=self.end_kind,
			returned_at=self.returned_at,
			pauses=tuple(pauses),
			remaining_minutes=max(0, left),
			exceeded_minutes=max(0, -left),
			worked_minutes=max(0, worked),
			by_timestamp=by_timestamp,
			by_date=by_date,
			extension_count=self.extension_count,
			extended_reason=self.extended_reason,
			intake_supplements=self.supplements[Stage.INTAKE],
			appraisal_supplements=self.supplements[Stage.APPRAISAL],
			supplement_request_due=self._supplement_request_due() if running else None,
			applicant_due=applicant_due,
			acknowledgement_due=self.acknowledgement_due,
			handover_due=self.handover_due,
			latest_apology_day=(
				latest_apology_day(self.calendar, self.due, self.rules) if running and self.due else None
			),
			steps=self._step_results(at),
			flags=frozenset(self.flags),
			unconfirmed_years=years,
			explanation=tuple(self.lines),
			rules=self.rules,
			calendar=self.calendar,
		)

	def _state(self) -> ClockState:
		if self.ended_at is not None:
			return ClockState.ENDED
		if self.received is None:
			return ClockState.NOT_STARTED
		return ClockState.PAUSED if self.pause_since is not None else ClockState.RUNNING

	def _supplement_request_due(self) -> datetime | None:
		if self.base_start is None:
			return None
		last = self.calendar.shift_working_days(self.base_start.date(), self.rules.supplement_days)
		if self.calendar.is_working_day(last):
			return self.calendar.last_moment(last)
		return None

	def _raise_flags(self, at: datetime) -> None:
		"""Add the flags of what should have happened by now and did not."""
		waiting = self.acknowledgement_due is not None and self.answered is None
		if waiting and self.acknowledgement_due is not None and at > self.acknowledgement_due:
			self.flags.add(Flag.LATE_ACKNOWLEDGEMENT)

	def _outcomes(self, stand: datetime) -> tuple[Outcome | None, Outcome | None]:
		"""Return the outcome by timestamp (QĐ 766) and by date (form 06)."""
		if self.received is None:
			return None, None
		ended = self.ended_at is not None
		if self.due is None:
			outcome = Outcome.ON_TIME if ended else Outcome.IN_TIME
			return outcome, outcome
		late = stand > self.due or self.supplements[Stage.APPRAISAL] > 1
		if not ended:
			by_timestamp = Outcome.OVERDUE if late else Outcome.IN_TIME
			by_date = Outcome.OVERDUE if stand.date() > self.due.date() else Outcome.IN_TIME
			return by_timestamp, by_date
		by_timestamp = Outcome.LATE if late else Outcome.ON_TIME
		in_progress = self.rules.stopped_counts_as is StoppedCounts.IN_PROGRESS
		if self.end_kind is EventKind.STOPPED and in_progress:
			return by_timestamp, Outcome.IN_TIME
		if stand.date() == self.due.date():
			return by_timestamp, Outcome.ON_TIME
		return by_timestamp, Outcome.EARLY if stand.date() < self.due.date() else Outcome.LATE

	def _step_results(self, now: datetime) -> tuple[StepResult, ...]:
		if self.received is None:
			return ()
		rules = _step_rules(self.rules)
		finish: dict[str, datetime] = {}
		results: dict[str, StepResult] = {}
		for step in self.ordered:
			run = self.steps[step.key]
			calendar = self.calendars.of(step.unit)
			opens = run.opened or max((finish[key] for key in step.after), default=self.received)
			due = self._step_due(run, opens, calendar, rules)
			clipped = False
			after_end = self.ended_at is not None and opens >= self.ended_at
			if step.clock_effect is ClockEffect.RUN and self.due is not None and not after_end:
				clipped = due is not None and due > self.due
				due = min(due or self.due, self.due)
				if clipped:
					self.flags.add(Flag.STEPS_EXCEED_LIMIT)
			status = self._step_status(run)
			# A step past its due keeps those behind it waiting until now at least.
			expected = due if due is not None and _takes_time(step) else opens
			finish[step.key] = run.completed or (max(expected, now) if run.opened else expected)
			left = 0
			if due is not None and status in (StepStatus.OPEN, StepStatus.COMPLETED):
				stand = run.completed or self.ended_at or self._paused_since(step.key) or now
				left = calendar.elapsed(stand, due)
			results[step.key] = StepResult(
				key=step.key,
				title=step.title,
				unit=step.unit,
				duty=step.duty,
				round=max(1, run.round),
				status=status,
				opens=opens,
				due=due,
				completed=run.completed,
				remaining_minutes=max(0, left),
				exceeded_minutes=max(0, -left),
				outcome=self._step_outcome(run, due, now),
				clipped=clipped,
			)
		return tuple(results[step.key] for step in self.terms.steps)

	def _paused_since(self, key: str) -> datetime | None:
		"""Return since when a step's own clock stands still; its own pause does not stop it."""
		return self.pause_since if self.pause_cause != f"step:{key}" else None

	def _step_due(
		self, run: _StepRun, opens: datetime, calendar: WorkingCalendar, rules: ClockRules
	) -> datetime | None:
		if run.terms.duration is None or not _takes_time(run.terms):
			return None
		start = opens
		restarted = self.base_start is not None and opens < self.base_start
		if (
			restarted
			and self.base_start is not None
			and (run.completed or self.base_start) >= self.base_start
		):
			start = self.base_start
		due = calendar.add(start, run.terms.duration, rules)
		for pause in self.pauses:
			if pause.cause == f"step:{run.terms.key}" or pause.end is None:
				continue
			begin = max(pause.start, start)
			end = min(pause.end, run.completed) if run.completed else pause.end
			if begin < end:
				due = calendar.add_minutes(due, calendar.elapsed(begin, end))
		return due

	def _step_status(self, run: _StepRun) -> StepStatus:
		if run.skipped:
			return StepStatus.SKIPPED
		if run.completed is not None:
			return StepStatus.COMPLETED
		if self.end_kind in (EventKind.REFUSED, EventKind.WITHDRAWN, EventKind.STOPPED):
			return StepStatus.CANCELLED
		return StepStatus.OPEN if run.opened is not None else StepStatus.WAITING

	def _step_outcome(self, run: _StepRun, due: datetime | None, now: datetime) -> Outcome | None:
		"""Return how a step did: late past its due minute, early on an earlier day, else on time."""
		if due is None or run.skipped or run.opened is None:
			return None
		if run.completed is not None:
			if run.completed > due:
				return Outcome.LATE
			return Outcome.EARLY if run.completed.date() < due.date() else Outcome.ON_TIME
		if self.ended_at is not None:
			return None
		return Outcome.OVERDUE if (self._paused_since(run.terms.key) or now) > due else Outcome.IN_TIME


def compute(
	events: Iterable[ClockEvent],
	terms: Terms,
	calendars: Calendars | WorkingCalendar,
	rules: ClockRules,
	now: datetime,
	*,
	channel: str = "",
	case: str = "",
	explain: bool = True,
) -> ClockResult:
	"""Return where a dossier stands at `now`, from its events in the order of the ledger.

	The original due date is the one the receipt promised (`due` in the data of the received event), so a
	later calendar moves the due date but not the promise. Raises ExtensionRefused (NĐ 61/2018 art. 19.9),
	ExtensionNotLater, SecondIntakeSupplement (art. 15.3), UnexpectedEvent, InvalidEvent, UnknownStep, and
	what `order_steps` and the calendar raise: ask before a command is written, not after.
	"""
	calendars = Calendars.read(calendars)
	replay = _Replay(terms, calendars, rules, channel, case, explain)
	# A correction may move an event before another; within a minute the ledger's order stands.
	for event in sorted(effective_events(events), key=lambda e: calendars.receiving.local(e.at)):
		replay.apply(event)
	return replay.result(now)


def remaining_text(minutes: int, minutes_per_day: int = STANDARD_DAY, language: str = "vi") -> str:
	"""Return working minutes left (below zero: exceeded) in words, days of `minutes_per_day` minutes.

	Two units at most, the smaller cut off: `còn 2 ngày 3 giờ`, `quá 20 phút`, `đến hạn` at zero.
	"""
	day, hour, minute = ("ngày", "giờ", "phút") if language == "vi" else ("d", "h", "min")
	if minutes == 0:
		return "đến hạn" if language == "vi" else "due now"
	days, rest = divmod(abs(minutes), minutes_per_day)
	hours, left = divmod(rest, 60)
	parts = [f"{n} {unit}" for n, unit in ((days, day), (hours, hour), (left, minute)) if n]
	text = " ".join(parts[:2] if days == 0 or hours else parts[:1])
	if language == "vi":
		return f"{'còn' if minutes > 0 else 'quá'} {text}"
	return f"{text} left" if minutes > 0 else f"{text} over"
