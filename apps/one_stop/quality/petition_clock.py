"""The clock of petitions: refuse in 2, ask more in 5, resolve in 15, publish in 2 working days (pure)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

REFUSE_DAYS, ASK_DAYS, RESOLVE_DAYS, PUBLISH_DAYS = 2, 5, 15, 2

WorkingDays = Callable[[datetime, int], datetime]


@dataclass(frozen=True, slots=True)
class Deadlines:
	refuse_by: datetime
	ask_by: datetime
	resolve_by: datetime


def deadlines(received: datetime, after: WorkingDays, added: datetime | None = None) -> Deadlines:
	"""When a petition must be refused, asked about, resolved. Resolving counts anew once the sender has added
	what was asked for.

	:param after: the end of the working day so many working days after a moment, that day not counted
	"""
	return Deadlines(
		after(received, REFUSE_DAYS), after(received, ASK_DAYS), after(added or received, RESOLVE_DAYS)
	)


@dataclass(frozen=True, slots=True)
class Handling:
	"""What happened to a petition and by when it had to; moments not reached are None.

	`waiting`: the sender has been asked and has not added anything yet.
	"""

	due: Deadlines
	refused: datetime | None = None
	asked: datetime | None = None
	answered: datetime | None = None
	published: datetime | None = None
	publish_by: datetime | None = None
	waiting: bool = False

	def reached(self, now: datetime) -> datetime:
		"""Until when the clock has run: it stops at the end, and rests while the sender is waited for."""
		return self.refused or self.answered or (self.asked if self.waiting and self.asked else now)


def handled_on_time(facts: Handling, now: datetime) -> bool:
	"""Whether no deadline has been missed: every step against its own, what is still open against `now`."""
	if facts.refused:
		return facts.refused <= facts.due.refuse_by
	if facts.asked and facts.asked > facts.due.ask_by:
		return False
	if facts.reached(now) > facts.due.resolve_by:
		return False
	return not facts.publish_by or (facts.published or now) <= facts.publish_by


def prolonged(due: Deadlines, reached: datetime, after: WorkingDays) -> bool:
	"""Whether a petition was let drag on: as long again as the law allows, without an answer (art. 13.8).

	:param reached: until when its clock has run (`Handling.reached`)
	"""
	return reached > after(due.resolve_by, RESOLVE_DAYS)
