"""What may be shown of confidential ratings: groups of at least five that no subtraction can take apart.

NĐ 61/2018 art. 27.3 keeps raters confidential. A minimum size alone does not: the total of a department less the
totals of its teams may be one person. So ratings are released in *lots*: a lot belongs to one unit, or to one
field of procedures, holds at least five ratings, never changes, and ratings too few for a lot wait for the next month.
Every figure anybody sees is a union of whole lots. The difference of two such figures is a union of whole lots
too, hence nothing or at least five people, whatever is subtracted from whatever.

One rating is counted for its unit and once more for its field. A field's lot therefore leaves five of its ratings
out, chosen at random and never released: what the units' lots hold more than the fields' is at least five people.

What raters wrote in their own words is shown with their lot, apart from their answers and in no order.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

LEAST = 5
LEFT_OUT = "[…]"
# What in a rater's own words leads to a dossier, a person or a moment: codes, addresses, numbers, days, times of day.
TRACES = re.compile(
	r"""
	\S+@\S+ | https?://\S+ | www\.\S+                       # addresses
	| \b(?:\d{3}\.\d{2}\.\d{2}\.)?[A-Z]\d{2}(?:\.\d{1,4})*(?:[-/]\d+)*\b | \b\d\.\d{6}\b  # units, dossiers, procedures
	| \b[A-Z]{1,4}\d{2,}(?:[-/.]\w+)*\b                       # receipt and letter numbers
	| \b\d{1,2}[/.-]\d{1,2}(?:[/.-]\d{2,4})?\b                # days
	| \b\d{1,2}\s?(?:[:hg]|giờ)\s?\d{2}\b                      # times of day
	| \b\d(?:[\s.-]?\d){5,}\b                                # telephone and identity numbers
	""",
	re.VERBOSE | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Tally:
	"""Answers to one question, counted: how many, their points together, how many were content."""

	count: int = 0
	points: Decimal = Decimal(0)
	content: int = 0

	def __add__(self, other: Tally) -> Tally:
		return Tally(self.count + other.count, self.points + other.points, self.content + other.content)


@dataclass(frozen=True, slots=True)
class Lot:
	"""Ratings released together; `first` and `last` are the first days of their months."""

	cell: Hashable
	first: date
	last: date
	ratings: tuple[str, ...]


def lots(
	waiting: Mapping[Hashable, Iterable[tuple[str, date]]], up_to: date, least: int = LEAST
) -> list[Lot]:
	"""The lots that can be released of ratings not released yet, given up to a day that is over.

	One lot a cell: all its ratings up to the day if there are at least `least`, else none of them.

	:param waiting: cell (a unit or a field) -> (rating, first day of the month it was given in)
	"""
	found = []
	for cell, ratings in waiting.items():
		ripe = sorted((day, name) for name, day in ratings if day <= up_to)
		if len(ripe) >= least:
			found.append(Lot(cell, ripe[0][0], ripe[-1][0], tuple(sorted(name for _day, name in ripe))))
	return found


def with_five_left_out(
	ratings: tuple[str, ...], choose: Callable[[tuple[str, ...], int], list[str]]
) -> tuple:
	"""The ratings of a field's lot that are counted.

	:param choose: (all, how many) -> that many of them at random
	"""
	return tuple(choose(ratings, len(ratings) - LEAST))


def add_up(tallies: Iterable[Tally], least: int = LEAST) -> Tally | None:
	"""The union of whole lots, one tally a lot; None where a lot is too small or there is none.

	A question only some raters answered may have a tally below `least` inside a sufficient lot: such a tally is
	left out rather than shown.
	"""
	known = [tally for tally in tallies if tally.count >= least]
	return sum(known, Tally()) if known else None


def without_traces(comment: str | None) -> str:
	"""A comment without what may lead to the rater: codes, numbers, addresses, days and times of day left out."""
	return " ".join(TRACES.sub(LEFT_OUT, comment or "").split())
