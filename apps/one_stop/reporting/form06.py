"""Statutory forms 06 and 07 of TT 01/2020/TT-VPCP, as pure arithmetic over dossiers or daily facts.

Form 06 counts dossiers of a period in thirteen columns, of which eleven are numbers:
received 3 = 4 online + 5 direct and by post + 6 carried over; resolved 7 = 8 early + 9 on time + 10 late;
in progress 11 = 12 in time + 13 overdue; and 3 = 7 + 11. The eight numbers that are counted are kept here, the
three sums follow from them, so that a form cannot contradict itself; `check` proves the last identity.
"""

from __future__ import annotations

import calendar
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta

from one_stop.reporting.overdue import Spell, within

CAUSES = (
	"Complex Dossier",
	"Lack of Coordination",
	"Regulations Unclear or Changed",
	"Staff",
	"System or Equipment",
	"Applicant",
	"Other Cause",
)
UNKNOWN_CAUSE = "Cause Not Stated"


class FormError(ValueError):
	"""Figures or periods no form can be made of."""


class InvariantBroken(FormError):
	"""Received does not equal resolved and in progress together (3 = 7 + 11)."""


class InvalidPeriod(FormError):
	"""A quarter outside 1 to 4, a cut-off day outside 1 to 28, or a period that ends before it begins."""


@dataclass(frozen=True, slots=True)
class Figures:
	"""The eight counted columns of form 06, in dossiers."""

	online: int = 0
	direct: int = 0
	carried: int = 0
	early: int = 0
	on_time: int = 0
	late: int = 0
	in_time: int = 0
	overdue: int = 0

	@property
	def received(self) -> int:
		"""Column 3 = 4 + 5 + 6."""
		return self.online + self.direct + self.carried

	@property
	def resolved(self) -> int:
		"""Column 7 = 8 + 9 + 10."""
		return self.early + self.on_time + self.late

	@property
	def in_progress(self) -> int:
		"""Column 11 = 12 + 13."""
		return self.in_time + self.overdue

	def __add__(self, other: Figures) -> Figures:
		return Figures(*(getattr(self, name) + getattr(other, name) for name in COUNTED))

	def columns(self) -> tuple[int, ...]:
		"""Columns 3 to 13 in the printed order."""
		return (
			self.received,
			self.online,
			self.direct,
			self.carried,
			self.resolved,
			self.early,
			self.on_time,
			self.late,
			self.in_progress,
			self.in_time,
			self.overdue,
		)

	def check(self) -> Figures:
		"""Itself, once 3 = 7 + 11 holds and nothing is below zero. :raises InvariantBroken:"""
		if self.received != self.resolved + self.in_progress or min(self.columns()) < 0:
			raise InvariantBroken(
				f"3 = {self.received}, 7 = {self.resolved}, 11 = {self.in_progress}: {self}"
			)
		return self


COUNTED = tuple(field.name for field in fields(Figures))
COLUMN_KEYS = (
	"received",
	"online",
	"direct",
	"carried",
	"resolved",
	"early",
	"on_time",
	"late",
	"in_progress",
	"in_time",
	"overdue",
)


@dataclass(frozen=True, slots=True)
class Case:
	"""What form 06 needs of a dossier. Days are local; `ended` is the day its clock ended for good.

	`due` is None where it has no due date or its clock stands still (a supplement or a payment is awaited):
	such a dossier is in progress in time. `outcome` is "Early", "On Time" or "Late" once it has ended.
	`hour_passed` tells of one due on a day that is not over that the hour it was due has gone by.
	`linked` marks a dossier another one has brought about. `spells` are the days on which it was overdue by a due
	date that was replaced since.
	"""

	received: date
	channel: str = "Counter"
	due: date | None = None
	ended: date | None = None
	outcome: str | None = None
	linked: bool = False
	spells: tuple[Spell, ...] = ()
	hour_passed: bool = False


def outcome_for_form(status: str, outcome: str | None) -> str | None:
	"""The outcome form 06 counts: a withdrawn dossier is on time whatever its due date, others as the clock says."""
	return "On Time" if status == "Withdrawn" and outcome else outcome


def in_progress_at(case: Case, day: date) -> bool:
	"""Received by the end of a day, and not ended by then."""
	return case.received <= day and (case.ended is None or case.ended > day)


def overdue_at(case: Case, day: date, today: date | None = None) -> bool:
	"""In progress at the end of a day that was its due day or came after it, by the due date in force that day.

	:param today: what is not over yet is asked at this moment instead: of what is due today, the hour decides
	"""
	if today and day >= today:
		passed = case.due is not None and (case.due < today or (case.due == today and case.hour_passed))
	else:
		passed = case.due is not None and case.due <= day
	return in_progress_at(case, day) and (passed or within(case.spells, day))


def figures_of(case: Case, first: date, last: date, today: date | None = None) -> Figures:
	"""What one dossier adds to the form of a period, both days included; nothing where it lies outside it.

	:param today: as of `overdue_at`
	"""
	if last < first:
		raise InvalidPeriod(f"{first} to {last}")
	if case.received > last or (case.ended is not None and case.ended < first):
		return Figures()
	carried = case.received < first
	resolved = case.ended is not None and case.ended <= last
	overdue = not resolved and overdue_at(case, last, today)
	return Figures(
		online=int(not carried and case.channel == "Online"),
		direct=int(not carried and case.channel != "Online"),
		carried=int(carried),
		early=int(resolved and case.outcome == "Early"),
		on_time=int(resolved and case.outcome not in ("Early", "Late")),
		late=int(resolved and case.outcome == "Late"),
		in_time=int(not resolved and not overdue),
		overdue=int(overdue),
	)


def total(parts: Iterable[Figures]) -> Figures:
	return sum(parts, Figures())


def form_06(
	cases: Iterable[Case], first: date, last: date, key: Callable[[Case], Hashable] = lambda case: ""
) -> dict[Hashable, Figures]:
	"""Figures of a period by group, in the order the groups first appear. :raises InvariantBroken: InvalidPeriod"""
	found: dict[Hashable, Figures] = {}
	for case in cases:
		own = figures_of(case, first, last)
		if own.received:
			group = key(case)
			found[group] = found.get(group, Figures()) + own
	return {group: figures.check() for group, figures in found.items()}


def handled_by(cases: Iterable[Case]) -> Iterable[Case]:
	"""The measure "handled by": every dossier counts where it is decided, those another one brought about too."""
	return cases


def received_by_the_public(cases: Iterable[Case]) -> Iterable[Case]:
	"""The measure "received by the public": what an applicant handed in counts once, its linked dossiers do not."""
	return (case for case in cases if not case.linked)


@dataclass(frozen=True, slots=True)
class Row:
	"""A printed row: number as printed, label, depth, figures, and what its cells are drilled down by."""

	number: str
	label: str
	depth: int
	figures: Figures
	keys: tuple[str, ...] = ()


def outline(figures: Mapping[tuple[str, ...], Figures], label: Callable[[int, str], str]) -> list[Row]:
	"""Rows of the form: each level's sums above its parts, and a grand total at the end.

	:param figures: by a path of keys, all of one length: (level, field) for 06a, (field, procedure) for 06b
	:param label: words for the key at a depth
	"""
	rows: list[Row] = []

	def descend(prefix: tuple[str, ...], paths: Sequence[tuple[str, ...]], number: str) -> None:
		depth = len(prefix)
		heads = sorted({path[depth] for path in paths}, key=lambda head: (label(depth, head), head))
		for position, head in enumerate(heads, 1):
			own = (*prefix, head)
			below = [path for path in paths if path[depth] == head]
			printed = _roman(position) if depth == 0 and len(paths[0]) > 1 else f"{number}{position}"
			rows.append(Row(printed, label(depth, head), depth, total(figures[path] for path in below), own))
			if depth + 1 < len(below[0]):
				descend(own, below, "" if depth == 0 else f"{printed}.")

	if figures:
		descend((), list(figures), "")
	rows.append(Row("", "", 0, total(figures.values()).check(), ()))
	return rows


def _roman(number: int) -> str:
	text = ""
	for value, letters in ((50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")):
		while number >= value:
			text, number = text + letters, number - value
	return text


def statutory_period(year: int, quarter: int | None = None, cutoff_day: int = 15) -> tuple[date, date]:
	"""The days a quarterly (or yearly, without a quarter) report is about, both included.

	Data run from the cut-off day of the month before to the day before it in the last month (with 15: the first
	quarter is 15 December to 14 March). A cut-off day of 1 gives the calendar quarter or year itself.

	:raises InvalidPeriod: quarter not 1 to 4, cut-off day not 1 to 28
	"""
	if quarter not in (None, 1, 2, 3, 4) or not 1 <= cutoff_day <= 28:
		raise InvalidPeriod(f"quarter {quarter}, cut-off day {cutoff_day}")
	start, end = (1, 12) if quarter is None else (quarter * 3 - 2, quarter * 3)
	if cutoff_day == 1:
		return date(year, start, 1), date(year, end, calendar.monthrange(year, end)[1])
	before = date(year, start, 1) - timedelta(days=1)
	return before.replace(day=cutoff_day), date(year, end, cutoff_day - 1)


def calendar_period(period: str, year: int, number: int = 1) -> tuple[date, date]:
	"""First and last day of a calendar "Month", "Quarter" or "Year". :raises InvalidPeriod:"""
	months = {"Month": 1, "Quarter": 3, "Year": 12}.get(period)
	if not months or not 1 <= number <= 12 // months:
		raise InvalidPeriod(f"{period} {number} of {year}")
	start, end = (number - 1) * months + 1, number * months
	return date(year, start, 1), date(year, end, calendar.monthrange(year, end)[1])


def period_before(first: date, last: date) -> tuple[date, date]:
	"""What a period is compared with: the one before it, as long as itself; both days included.

	Before whole months lie as many whole months. A month that is still running is compared with the same days of the
	month before, as many of them as that one has. Before anything else lie as many days.
	"""
	before = first - timedelta(days=1)
	if first.day == 1 and (last + timedelta(days=1)).day == 1:
		months = (last.year - first.year) * 12 + last.month - first.month + 1
		begins = first.year * 12 + first.month - 1 - months
		return date(begins // 12, begins % 12 + 1, 1), before
	if first.day == 1 and (first.year, first.month) == (last.year, last.month):
		return before.replace(day=1), before.replace(day=min(last.day, before.day))
	return before - (last - first), before


# --- Form 07 ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LateCase:
	"""A dossier that was or is late in the period, with the cause stated for it."""

	group: str
	dossier: str
	cause: str | None = None
	still_open: bool = False


@dataclass(frozen=True, slots=True)
class CauseRow:
	"""A row of 07a: late dossiers of a group by cause. The causes always add up to the total."""

	group: str
	by_cause: Mapping[str, int]
	still_open: int
	dossiers: tuple[str, ...]

	@property
	def total(self) -> int:
		return sum(self.by_cause.values())


def form_07a(cases: Iterable[LateCase]) -> list[CauseRow]:
	"""Causes of lateness by group (field or procedure), groups in order of their names; each dossier counts once."""
	groups: dict[str, dict[str, LateCase]] = {}
	for case in cases:
		groups.setdefault(case.group, {})[case.dossier] = case
	rows = []
	for group in sorted(groups):
		late = groups[group].values()
		by_cause = {cause: 0 for cause in (*CAUSES, UNKNOWN_CAUSE)}
		for case in late:
			by_cause[case.cause if case.cause in CAUSES else UNKNOWN_CAUSE] += 1
		rows.append(
			CauseRow(group, by_cause, sum(case.still_open for case in late), tuple(sorted(groups[group])))
		)
	return rows


@dataclass(frozen=True, slots=True)
class ProcedureFacts:
	"""What 07b needs of a procedure in force at the end of the period."""

	level: str
	at_one_stop: bool
	e_process: bool


@dataclass(frozen=True, slots=True)
class ProcedureRow:
	level: str
	procedures: int
	at_one_stop: int
	e_processes: int


LEVELS = ("Province", "District", "Commune", "Vertical Agency")


def form_07b(procedures: Iterable[ProcedureFacts]) -> list[ProcedureRow]:
	"""Procedures, those received at a one-stop, and those with an e-process, by level; levels without any left out."""
	known = list(procedures)
	rows = []
	for level in [*LEVELS, *sorted({facts.level for facts in known} - set(LEVELS))]:
		own = [facts for facts in known if facts.level == level]
		if own:
			rows.append(
				ProcedureRow(
					level,
					len(own),
					sum(facts.at_one_stop for facts in own),
					sum(facts.e_process for facts in own),
				)
			)
	return rows
