"""Eligibility for awards, quotas and votes, as pure arithmetic: the system proposes with reasons, people decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal

COMPARISONS = {
	"at least": lambda found, wanted: found >= wanted,
	"at most": lambda found, wanted: found <= wanted,
	"less than": lambda found, wanted: found < wanted,
	"more than": lambda found, wanted: found > wanted,
}


@dataclass(frozen=True, slots=True)
class Condition:
	fact: str
	comparison: str
	value: Decimal


@dataclass(frozen=True, slots=True)
class Reason:
	"""A condition held against what was found. What is not known is not met."""

	condition: Condition
	found: Decimal | None

	@property
	def met(self) -> bool:
		return self.found is not None and COMPARISONS[self.condition.comparison](
			self.found, self.condition.value
		)


def reasons(conditions: Sequence[Condition], facts: Mapping[str, Decimal | None]) -> list[Reason]:
	return [Reason(condition, facts.get(condition.fact)) for condition in conditions]


def eligible(found: Sequence[Reason]) -> bool:
	"""Whether every condition is met; a rule without conditions makes nobody eligible."""
	return bool(found) and all(reason.met for reason in found)


def places(kind: str, quota: Decimal, people: int) -> int | None:
	"""How many may get an award: a number, a share of the people rounded down, or None for no limit."""
	if kind == "Number":
		return int(quota)
	if kind == "Percent":
		return int((quota * people / 100).to_integral_value(ROUND_FLOOR))
	return None


def carried(votes_for: int, members: int, needed_percent: Decimal) -> bool:
	"""Whether a vote carries: those for it, of all members of the council, not only of those who voted."""
	return members > 0 and Decimal(100 * votes_for) / members >= needed_percent


def quorum(votes: int, members: int) -> bool:
	"""Whether two thirds of the members have voted, so that the vote may be closed."""
	return members > 0 and 3 * votes >= 2 * members
