"""What a year comes to if its rest goes as its last months went; pure arithmetic."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

MOST_RECENT = 3


@dataclass(frozen=True, slots=True)
class Recent:
	"""The days a year's rest is projected from, both included: how many months they are, and how many are left."""

	first: date
	last: date
	months: Fraction
	left: Fraction


def recent(day: date) -> Recent:
	"""The last three complete months of a day's year, fewer where there are none; in January its days so far.

	A month is complete on its last day. What is left of a running month goes by its days, so that nothing jumps where
	a month begins.
	"""
	elapsed = Fraction(day.day, monthrange(day.year, day.month)[1])
	complete = day.month if elapsed == 1 else day.month - 1
	left = 13 - day.month - elapsed
	if not complete:
		return Recent(day.replace(day=1), day, elapsed, left)
	last = date(day.year, complete, monthrange(day.year, complete)[1])
	months = min(MOST_RECENT, complete)
	return Recent(date(day.year, complete - months + 1, 1), last, Fraction(months), left)


def projected(part: int, whole: int, recent_part: int, recent_whole: int, span: Recent) -> Decimal | None:
	"""The year's share if what is left of it goes as the last months went on average: in per cent, not rounded.

	:param recent_part: in the days of `span` together
	"""
	more = span.left / span.months
	end_whole = whole + recent_whole * more
	if not end_whole:
		return None
	found = 100 * (part + recent_part * more) / end_whole
	return Decimal(found.numerator) / found.denominator
