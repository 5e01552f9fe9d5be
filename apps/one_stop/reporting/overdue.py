"""When a dossier was overdue on days gone by: from the due dates in force then, not from the one in force now.

An extension granted after the due date had passed does not undo the days before it, and neither does a pause that
begins late. Pure: what a ledger says of a dossier goes in, spells of days come out. Days are local; a day counts
by its end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

# Events that may move the due date. What pauses the clock, or ends a pause, is told by the statuses instead.
MOVING = frozenset({"received", "extended", "calendar_changed", "corrected"})


@dataclass(frozen=True, slots=True)
class Entry:
	"""What an event of the ledger says about the due date.

	`rests` tells that no due date is in force after it (the applicant's turn), `rested` that none was before it.
	`due` and `before` are the dates it states itself, where it states them.
	"""

	day: date
	kind: str
	rests: bool = False
	rested: bool = False
	due: date | None = None
	before: date | None = None


@dataclass(frozen=True, slots=True)
class InForce:
	"""From the end of `day` on, `due` was in force; None while none was."""

	day: date
	due: date | None


@dataclass(frozen=True, slots=True)
class Spell:
	"""Overdue at the end of `first` and of each day after it before `until`, at whose end it no longer was."""

	first: date
	until: date


def in_force(
	entries: Sequence[Entry], now: date | None, counted: Callable[[int], date | None]
) -> list[InForce]:
	"""The due dates of a dossier one after the other, the present one last.

	:param now: the due date in force at present, None for none
	:param counted: the due date by the clock after that many entries; asked only where no entry states it
	"""
	found: list[tuple[Entry, int, date | None, bool]] = []
	for number, entry in enumerate(entries, 1):
		if found and entry.before and not found[-1][3]:
			last = found.pop()
			found.append((*last[:2], entry.before, True))
		if entry.rests:
			found.append((entry, number, None, True))
		elif entry.rested or entry.kind in MOVING:
			found.append((entry, number, entry.due, entry.due is not None))
	if not found:
		return []
	*past, present = found
	return [
		*(InForce(entry.day, due if known else counted(number)) for entry, number, due, known in past),
		InForce(present[0].day, now),
	]


def past_spells(history: Sequence[InForce], received: date, ended: date | None = None) -> list[Spell]:
	"""The spells that were over when another due date came into force; those of the present one are left out."""
	spells = []
	for old, new in pairwise(history):
		if old.due is None:
			continue
		first = max(old.due, old.day, received)
		until = min(new.day, ended) if ended else new.day
		if first < until:
			spells.append(Spell(first, until))
	return spells


def overdue_from(history: Sequence[InForce], due: date | None) -> date | None:
	"""The first day at whose end the present due date makes a dossier overdue: not before it came into force."""
	return max(due, history[-1].day) if due and len(history) > 1 else due


def within(spells: Iterable[Spell], day: date) -> bool:
	"""Whether one of the spells covers the end of a day."""
	return any(spell.first <= day < spell.until for spell in spells)
