"""Scores of agencies and officers: TT 01/2018/TT-VPCP art. 13-15 and QĐ 766/QĐ-TTg, as pure arithmetic.

Every function is named after the article or indicator it implements. Nothing is read from a site here. The
numbers an administrator may change (thresholds, points, bands) are arguments; their defaults are the law's.

Two answers are kept apart everywhere: a score of nought, and `None` for an indicator nobody knows enough
about. The latter is left out of the total and never made up for by scaling the rest (art. 15.4b).
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import Enum
from fractions import Fraction

Number = int | Decimal

ONE_DECIMAL = Decimal("0.1")
TWO_DECIMALS = Decimal("0.01")
HUNDRED = Decimal(100)


class ScoringError(ValueError):
	"""Facts or rules that no score can be computed from."""


class PointsOutOfRange(ScoringError):
	"""An indicator got more or fewer points than it has."""


class BandsHaveGaps(ScoringError):
	"""The bands of a rule set leave scores without a class, or one lower bound is there twice."""


class PartAboveWhole(ScoringError):
	"""A numerator is larger than its denominator, or either is below zero."""


class PeriodEndsBeforeItBegins(ScoringError):
	pass


class Timing(str, Enum):
	"""Time taken against the time allowed."""

	EARLY = "Early"
	ON_TIME = "On Time"
	LATE = "Late"

	@classmethod
	def read(cls, text: str | None) -> Timing | None:
		"""The timing stored on a dossier or step; None where it has not ended."""
		return cls(text) if text else None


class Complaint(str, Enum):
	"""What became of a complaint about conduct."""

	NONE = ""
	PENDING = "Pending"
	UPHELD = "Upheld"
	FALSE = "False"


# --- TT 01/2018/TT-VPCP art. 13: nine indicators of 0, 1 or 2 points --------------------------------------

_BY_TIMING = {Timing.EARLY: 2, Timing.ON_TIME: 1, Timing.LATE: 0}


def art13_1_total_time(timing: Timing | None) -> int | None:
	"""Indicator 1: total time of a dossier against the rule. 2 shorter, 1 equal, 0 longer; None while it runs."""
	return None if timing is None else _BY_TIMING[timing]


def art13_2_time_of_each_unit(timings: Iterable[Timing | None]) -> int | None:
	"""Indicator 2: time of each participating unit, coordinating ones included; the worst one counts.

	Steps that have not ended (None) say nothing; no ended step at all: None.
	"""
	known = [_BY_TIMING[timing] for timing in timings if timing is not None]
	return min(known) if known else None


def art13_3_contacts(contacts: int | None, applicants_fault: bool = False) -> int | None:
	"""Indicator 3: times the applicant had to turn to the receiving place again to complete the dossier.

	2 none, 1 once, 0 more often; more often through the applicant's own fault still counts as once.
	"""
	if contacts is None:
		return None
	_not_negative(contacts)
	if contacts > 1:
		return 1 if applicants_fault else 0
	return 2 - contacts


def art13_4_bodies_contacted(bodies: int | None) -> int | None:
	"""Indicator 4: bodies the applicant had to turn to. 2 none (online), 1 the one-stop only, 0 more."""
	if bodies is None:
		return None
	_not_negative(bodies)
	return max(0, 2 - bodies)


@dataclass(frozen=True, slots=True)
class ReceptionFacts:
	"""How a unit's procedures are received: counts of procedures."""

	listed: int
	received_at_one_stop: int
	decided_at_one_stop: int
	level: str = "Department"


DECIDED_THERE = {"District": Decimal(50), "Commune": Decimal(100)}


def art13_5_whole_process_at_one_stop(
	facts: ReceptionFacts | None, decided_there: Mapping[str, Decimal] = DECIDED_THERE
) -> int | None:
	"""Indicator 5: the whole process at the one-stop. `listed` leaves out exempt procedures.

	2: enough of them are even decided there (20 % in general, 50 % district, 100 % commune);
	1: all are received and returned there; 0: not all are. No listed procedure: None.
	"""
	if facts is None or not facts.listed:
		return None
	received = percent(facts.received_at_one_stop, facts.listed)
	if received < HUNDRED:
		return 0
	needed = decided_there.get(facts.level, Decimal(decided_there.get("", Decimal(20))))
	return 2 if percent(facts.decided_at_one_stop, facts.listed) >= needed else 1


def art13_6_publication(posted: bool | None, electronic: bool | None) -> int | None:
	"""Indicator 6: published correctly, completely and in time. 2 both posted and electronic, 1 either, 0 neither.

	Unknown for both: None; unknown for one counts as not published.
	"""
	if posted is None and electronic is None:
		return None
	return int(bool(posted)) + int(bool(electronic))


def art13_7_attitude(timing: Timing | None, complaint: Complaint = Complaint.NONE) -> int | None:
	"""Indicator 7: 0 where a complaint about conduct was upheld; else 2 early, 1 on time (art. 13.7).

	A false complaint is not counted (13.7c), and one still being examined does not count yet. Late without an
	upheld complaint is 0 as well: the article gives points for early and on-time dossiers only.
	"""
	if complaint is Complaint.UPHELD:
		return 0
	return None if timing is None else _BY_TIMING[timing]


@dataclass(frozen=True, slots=True)
class FeedbackFacts:
	"""Petitions a unit had to answer in the period: how many, answered in time, prolonged without an answer."""

	total: int
	on_time: int
	prolonged: int = 0


def art13_8_feedback(facts: FeedbackFacts | None, fair_share: Decimal = Decimal(90)) -> int | None:
	"""Indicator 8: 2 none or all answered in time and none prolonged; 1 at least 90 %, none prolonged; else 0."""
	if facts is None:
		return None
	if not facts.total:
		return 2
	if facts.prolonged:
		return 0
	share = percent(facts.on_time, facts.total)
	if share == HUNDRED:
		return 2
	return 1 if share >= fair_share else 0


@dataclass(frozen=True, slots=True)
class OnlineFacts:
	"""Online services of a unit: procedures eligible and offered, dossiers received and online, online ones late."""

	eligible: int
	offered: int
	dossiers: int
	online: int
	late: int = 0


def art13_9_online_service(
	facts: OnlineFacts | None,
	offered_share: Decimal = Decimal(20),
	full_share: Decimal = Decimal(30),
	fair_share: Decimal = Decimal(15),
) -> int | None:
	"""Indicator 9: 2 where >= 20 % of eligible procedures are online, >= 30 % of dossiers come online, none late.

	1: some are offered, 15 % to below 30 % come online (or more, with too few procedures offered), none late.
	0: none offered, below 15 %, or any online dossier late or unresolved past its time.
	Neither an eligible procedure nor a dossier: None.
	"""
	if facts is None or not (facts.eligible and facts.dossiers):
		return None
	share = percent(facts.online, facts.dossiers)
	if not facts.offered or facts.late or share < fair_share:
		return 0
	return 2 if share >= full_share and percent(facts.offered, facts.eligible) >= offered_share else 1


# --- TT 01/2018/TT-VPCP art. 15: the arithmetic -------------------------------------------------------------

OFFICER_INDICATORS = ("1", "2", "3", "4", "7")
AGENCY_INDICATORS = ("1", "2", "3", "4", "5", "6", "7", "8", "9")


def round_half_up(value: Decimal, step: Decimal = ONE_DECIMAL) -> Decimal:
	"""Rounded as people round: a half goes up (0.95 is 1.0), exactly and without binary fractions."""
	return value.quantize(step, rounding=ROUND_HALF_UP)


def art15_2_indicator_score(points: Iterable[Number | None]) -> Decimal | None:
	"""Art. 15.2: sum of points over dossiers by their number, rounded to one decimal; None without any points."""
	known = [Decimal(point) for point in points if point is not None]
	return mean_score(sum(known, Decimal(0)), len(known))


def mean_score(total: Number, count: int) -> Decimal | None:
	"""The same from sums already made: `total` points over `count` dossiers; None for no dossier."""
	return round_half_up(Decimal(total) / count) if count else None


@dataclass(frozen=True, slots=True)
class Total:
	"""A total and out of how many indicators it was made: shown as "n of 9" (art. 15.4b)."""

	score: Decimal | None
	scored: int
	of: int

	@property
	def complete(self) -> bool:
		return self.scored == self.of


def art15_2_total(scores: Mapping[str, Decimal | None], applicable: Sequence[str]) -> Total:
	"""Art. 15.2: sum of the indicators' rounded scores. What has none is left out and never rescaled.

	A period without any data has no score at all (None), which is not nought points.
	"""
	known = [scores[key] for key in applicable if scores.get(key) is not None]
	return Total(sum(known, Decimal(0)) if known else None, len(known), len(applicable))


@dataclass(frozen=True, slots=True)
class Band:
	"""A class and the least score it needs."""

	at_least: Decimal
	title: str


OFFICER_BANDS = (
	Band(Decimal(5), "Fulfils 100 % of Duties"),
	Band(Decimal("3.5"), "Fulfils 70 to below 100 % of Duties"),
	Band(Decimal(0), "Fulfils below 70 % of Duties"),
)
AGENCY_BANDS = (
	Band(Decimal(15), "Excellent"),
	Band(Decimal(12), "Good"),
	Band(Decimal(9), "Fair"),
	Band(Decimal(6), "Average"),
	Band(Decimal(0), "Weak"),
)
QD766_BANDS = (
	Band(Decimal(90), "Excellent"),
	Band(Decimal(80), "Good"),
	Band(Decimal(65), "Fair"),
	Band(Decimal(50), "Average"),
	Band(Decimal(0), "Weak"),
)


def check_bands(bands: Sequence[Band]) -> None:
	"""Every score from nought upwards must have exactly one class.

	:raises BandsHaveGaps: no band starts at nought, or two start at the same score
	"""
	bounds = [band.at_least for band in bands]
	if not bounds or min(bounds) != 0 or len(set(bounds)) != len(bounds):
		raise BandsHaveGaps("the bands must start at 0 and each at a score of its own")


def class_of(score: Decimal | None, bands: Sequence[Band]) -> str | None:
	"""The class of a score; the lower bound belongs to the class. No score, no class."""
	if score is None:
		return None
	for band in sorted(bands, key=lambda band: band.at_least, reverse=True):
		if score >= band.at_least:
			return band.title
	raise BandsHaveGaps(f"no band holds {score}")


def art15_3a_officer_class(score: Decimal | None, bands: Sequence[Band] = OFFICER_BANDS) -> str | None:
	"""Art. 15.3a: 5 and more 100 % of duty; 3.5 to below 5 from 70 % to below 100 %; below that below 70 %."""
	return class_of(score, bands)


def art15_3b_agency_class(score: Decimal | None, bands: Sequence[Band] = AGENCY_BANDS) -> str | None:
	"""Art. 15.3b: from 15 excellent, 12 good, 9 fair, 6 average, below weak (the most is 18)."""
	return class_of(score, bands)


# --- QĐ 766/QĐ-TTg: five groups, a hundred points -------------------------------------------------------------


def percent(part: Number, whole: Number) -> Decimal:
	"""`part` of `whole` in per cent, not rounded. :raises PartAboveWhole: and ZeroDivisionError for no whole"""
	if part < 0 or part > whole:
		raise PartAboveWhole(f"{part} of {whole}")
	return Decimal(part) * HUNDRED / Decimal(whole)


def rate(part: Number, whole: Number) -> Decimal | None:
	"""A rate in per cent with two decimals, half up; None where there is nothing to take a share of."""
	return round_half_up(percent(part, whole), TWO_DECIMALS) if whole else None


def qd766_points(value: Decimal | None, most: Decimal, full_marks_at: Decimal = HUNDRED) -> Decimal | None:
	"""Points of an indicator: `most` from `full_marks_at` per cent on, in proportion below it.

	Two decimals, half up; None for a rate nobody knows.
	"""
	if value is None:
		return None
	if not 0 < full_marks_at <= HUNDRED or most < 0:
		raise PointsOutOfRange(f"{most} points at {full_marks_at} %")
	if value >= full_marks_at:
		return round_half_up(most, TWO_DECIMALS)
	return round_half_up(value * most / full_marks_at, TWO_DECIMALS)


def qd766_1_1_announced_on_time(on_time: int, announced: int) -> Decimal | None:
	"""1.1: procedures announced in time (20 working days before effect, the province's own 5) of all announced."""
	return rate(on_time, announced)


def qd766_1_2_published_on_time(
	days_to_publish: Mapping[str, Sequence[int]], at_most: int = 5
) -> Decimal | None:
	"""1.2: procedures published within `at_most` working days (10 for a ministry) after the decision.

	One late version makes its procedure late. Keyed by procedure.
	"""
	on_time = sum(all(days <= at_most for days in versions) for versions in days_to_publish.values())
	return rate(on_time, len(days_to_publish))


CONSTITUENT_PARTS = ("name", "steps", "ways", "components", "time_limit", "subject", "agency")


def qd766_1_3_complete_parts(present: Iterable[Iterable[str]]) -> Decimal | None:
	"""1.3: procedures whose seven constituent parts are all there, of all procedures."""
	complete = [set(CONSTITUENT_PARTS) <= set(parts) for parts in present]
	return rate(sum(complete), len(complete))


def qd766_1_4_synchronised(synchronised: int, received: int) -> Decimal | None:
	"""1.4: dossiers synchronised with the national portal of all received."""
	return rate(synchronised, received)


@dataclass(frozen=True, slots=True)
class ProgressFacts:
	"""What 2.1 needs of one dossier. `due` already has completed supplements and pauses taken out of it."""

	due: datetime | None
	ended: datetime | None
	supplement_requests: int = 0
	waiting_since: datetime | None = None
	elapsed_minutes: int = 0
	supplement_minutes: int = 0
	limit_minutes: int | None = None


def qd766_2_1_is_on_time(facts: ProgressFacts, period_end: datetime) -> bool:
	"""Whether one dossier counts as on time in 2.1.

	Supplements asked for more than once: overdue. Waiting for one: it ended when that was asked for.
	Unfinished, or finished after the period: compared with the period's end. No due date: the time used less
	the supplement time against the longest limit (without any limit it cannot be late).
	"""
	if facts.supplement_requests > 1:
		return False
	if facts.due is None:
		if facts.limit_minutes is None:
			return True
		return facts.elapsed_minutes - facts.supplement_minutes <= facts.limit_minutes
	end = facts.ended or facts.waiting_since or period_end
	return min(end, period_end) <= facts.due


def qd766_2_1_on_time(dossiers: Iterable[ProgressFacts], period_end: datetime) -> Decimal | None:
	"""2.1: dossiers done and in progress on time, of all received and processed."""
	answers = [qd766_2_1_is_on_time(facts, period_end) for facts in dossiers]
	return rate(sum(answers), len(answers))


def qd766_2_2_mean_time(durations: Sequence[Number]) -> Decimal | None:
	"""2.2: mean processing time of a procedure, in the unit of the durations; information, no points."""
	return round_half_up(sum(map(Decimal, durations)) / len(durations), TWO_DECIMALS) if durations else None


def qd766_3_1_procedures_online(partial: int, full: int, procedures: int) -> Decimal | None:
	"""3.1: procedures offered online, partly or fully (each at its highest level), of all."""
	return rate(partial + full, procedures)


def qd766_3_2_services_used(with_dossiers: int, services: int) -> Decimal | None:
	"""3.2: online services with at least one online dossier."""
	return rate(with_dossiers, services)


def qd766_3_3_online_share(online_with_e_result: int, received: int) -> Decimal | None:
	"""3.3: online dossiers of all. An online one counts only if an e-result was issued where there is a paper one."""
	return rate(online_with_e_result, received)


def qd766_3_5_payable_online(with_online_fee: int, with_fee: int) -> Decimal | None:
	"""3.5: procedures whose fee can be paid online, of those with a fee."""
	return rate(with_online_fee, with_fee)


def qd766_3_6_paid_online(paid_online: int, fee_bearing: int, free_of_charge: int = 0) -> Decimal | None:
	"""3.6: dossiers paid online, of the fee-bearing ones less those whose fee came to nought."""
	return rate(paid_online, fee_bearing - free_of_charge)


def qd766_4_1_e_result(with_result_file: int, giving_a_document: int) -> Decimal | None:
	"""4.1: dossiers with an electronic result, of those whose procedure gives a document."""
	return rate(with_result_file, giving_a_document)


def qd766_4_2_digitised(digitised: int, dossiers: int) -> Decimal | None:
	"""4.2: dossiers with component files and a result file, of all."""
	return rate(digitised, dossiers)


def qd766_4_3_reuse(reused: int, received: int) -> Decimal | None:
	"""4.3: dossiers with at least one component taken from data held, of those received."""
	return rate(reused, received)


def qd766_4_4_shared(from_national_store: int, dossiers: int) -> Decimal | None:
	"""4.4: dossiers with papers taken from the national store."""
	return rate(from_national_store, dossiers)


def qd766_4_5_population_data(with_verified_account: int, dossiers: int) -> Decimal | None:
	"""4.5: dossiers of applicants verified against the population data."""
	return rate(with_verified_account, dossiers)


def qd766_5_2_feedback_on_time(on_time: int, petitions: int) -> Decimal | None:
	"""5.2: petitions refused in 2, asked about in 5, resolved in 15 and published in 2 working days."""
	return rate(on_time, petitions)


def qd766_5_3_satisfied_with_feedback(petitions: int, disliked: int, late: int) -> Decimal | None:
	"""5.3: (all - disliked - late) / all; one that is both is given once, so the caller counts it once."""
	return rate(max(0, petitions - disliked - late), petitions)


def qd766_5_4_satisfied_with_processing(
	late_percent: Decimal | None, disliked_percent: Decimal | None
) -> Decimal | None:
	"""5.4: 100 % less the late share and the disliked or complained share, never below nought."""
	if late_percent is None or disliked_percent is None:
		return None
	return max(Decimal(0), round_half_up(HUNDRED - late_percent - disliked_percent, TWO_DECIMALS))


def qd766_grade(score: Decimal | None, bands: Sequence[Band] = QD766_BANDS) -> str | None:
	"""From 90 excellent, 80 good, 65 fair, 50 average, below 50 weak."""
	return class_of(score, bands)


# --- What a rule set makes of it -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Indicator:
	"""One line of a rule set: its measure says which function above scores it.

	`full_marks_at` is per cent and None for TT 01's indicators, which are 0 to `most` points already.
	"""

	key: str
	most: Decimal
	full_marks_at: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Line:
	"""An indicator's outcome: the mean or rate it was made of, the points, and how many facts it stands on."""

	key: str
	value: Decimal | None
	points: Decimal | None
	count: int = 0


@dataclass(frozen=True, slots=True)
class Evaluation:
	lines: tuple[Line, ...]
	total: Total
	grade: str | None


@dataclass(frozen=True, slots=True)
class Measured:
	"""What was found for an indicator: a mean of points or a rate in per cent, over `count` facts."""

	value: Decimal | None
	count: int = 0


def evaluate(
	indicators: Sequence[Indicator], found: Mapping[str, Measured], bands: Sequence[Band]
) -> Evaluation:
	"""Points of every indicator, their total and its class. What was not found is left out, not rescaled.

	:raises PointsOutOfRange: a TT 01 mean lies outside 0 to the indicator's most
	"""
	lines = []
	for indicator in indicators:
		measured = found.get(indicator.key, Measured(None))
		if indicator.full_marks_at is None:
			points = measured.value
			if points is not None and not 0 <= points <= indicator.most:
				raise PointsOutOfRange(f"{points} for {indicator.key}, which has {indicator.most}")
		else:
			points = qd766_points(measured.value, indicator.most, indicator.full_marks_at)
		lines.append(Line(indicator.key, measured.value, points, measured.count))
	return sum_up(lines, bands)


def sum_up(lines: Sequence[Line], bands: Sequence[Band]) -> Evaluation:
	"""Total and class of lines whose points are settled: computed ones, or those a head has verified."""
	total = art15_2_total({line.key: line.points for line in lines}, [line.key for line in lines])
	return Evaluation(tuple(lines), total, class_of(total.score, bands))


def deduct(points: Decimal, verified: Decimal, most: Decimal) -> Decimal:
	"""The points a head took off (or gave, then below zero) by verifying a score.

	:raises PointsOutOfRange: the verified points are not among those the indicator can have
	"""
	if not 0 <= verified <= most:
		raise PointsOutOfRange(f"{verified} of {most}")
	return points - verified


# --- People who moved, units that were merged ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Posting:
	"""A stretch of service in a unit; both days included, None is open."""

	unit: str
	first: date | None = None
	last: date | None = None


def shares_of_period(postings: Iterable[Posting], first: date, last: date) -> dict[str, Decimal]:
	"""What part of a period's calendar days somebody belonged to each unit: for quotas and workload pro rata.

	Overlapping duties in one unit count a day once; a day in two units is shared between them. Days outside any
	posting belong to nobody, so the shares add up to at most 1.
	"""
	if last < first:
		raise PeriodEndsBeforeItBegins(f"{first} to {last}")
	rows = list(postings)
	days: dict[str, Decimal] = {}
	length = (last - first).days + 1
	for offset in range(length):
		day = date.fromordinal(first.toordinal() + offset)
		here = {row.unit for row in rows if (row.first or day) <= day <= (row.last or day)}
		for unit in here:
			days[unit] = days.get(unit, Decimal(0)) + Decimal(1) / len(here)
	return {unit: count / length for unit, count in days.items()}


def months_served(postings: Iterable[Posting], first: date, last: date) -> Decimal:
	"""Months somebody served anywhere in a period, both days included; a part of a month by its days.

	:raises PeriodEndsBeforeItBegins:
	"""
	if last < first:
		raise PeriodEndsBeforeItBegins(f"{first} to {last}")
	rows = list(postings)
	months = Fraction(0)
	for offset in range((last - first).days + 1):
		day = date.fromordinal(first.toordinal() + offset)
		if any((row.first or day) <= day <= (row.last or day) for row in rows):
			months += Fraction(1, monthrange(day.year, day.month)[1])
	# All days of a month are one month, not nearly one.
	return Decimal(months.numerator) / months.denominator


def home_unit(shares: Mapping[str, Decimal]) -> str | None:
	"""The unit that evaluates somebody: where they served longest; of equals the first by code."""
	return min(shares, key=lambda unit: (-shares[unit], unit)) if shares else None


def weighted_workload(counts: Mapping[str, int], weights: Mapping[str, Decimal]) -> Decimal:
	"""Dossiers handled, each by its procedure's difficulty; a procedure without a weight counts as 1."""
	return sum((weights.get(key, Decimal(1)) * count for key, count in counts.items()), Decimal(0))


@dataclass(frozen=True, slots=True)
class Difference:
	"""One indicator that came out differently when it was computed again."""

	key: str
	before: Decimal | None
	after: Decimal | None


def differences(before: Iterable[Line], after: Iterable[Line]) -> list[Difference]:
	"""What changed between two computations, in the order of the later one; indicators dropped come last."""
	old = {line.key: line.points for line in before}
	new = {line.key: line.points for line in after}
	return [
		Difference(key, old.get(key), new.get(key))
		for key in [*new, *(key for key in old if key not in new)]
		if old.get(key) != new.get(key)
	]


def _not_negative(count: int) -> None:
	if count < 0:
		raise PointsOutOfRange(f"a count of {count}")
