"""The process of a procedure as a graph: its steps, and which of them a dossier goes through. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from one_stop.dossiers.clock import ClockEffect
from one_stop.organization.calendar import Duration
from one_stop.procedures import conditions

# What a step's condition may ask for besides the answers of the form.
FACTS = ("case_name", "channel")


@dataclass(frozen=True, slots=True)
class Step:
	"""A step as the version says it. `unit` is the one named; `row` is where it stands in the document.

	`duration` is None for a step without a time of its own.
	"""

	key: str
	title: str = ""
	kind: str = "Processing"
	duty: str = ""
	unit_rule: str = "Deciding Unit"
	unit: str | None = None
	duration: Duration | None = None
	after: tuple[str, ...] = ()
	clock_effect: ClockEffect = ClockEffect.RUN
	public_milestone: str = ""
	linked_procedure: str | None = None
	guidance: str = ""
	condition: str = ""
	row: str = ""


def predecessors(after: str | None) -> tuple[str, ...]:
	"""The keys in `after`, "1, 2", in order, without blanks and repeats."""
	keys = (key.strip() for key in (after or "").split(","))
	return tuple(dict.fromkeys(key for key in keys if key))


def step_of(row: Any) -> Step:
	"""A Process Step row (anything with `get`) as a step. Raises CalendarError for its duration or effect."""
	value = row.get("duration")
	unit = row.get("duration_unit") or "Working Hour"
	return Step(
		key=(row.get("step_key") or "").strip(),
		title=(row.get("title") or "").strip(),
		kind=row.get("kind") or "Processing",
		duty=row.get("duty") or "",
		unit_rule=row.get("unit_rule") or "Deciding Unit",
		unit=row.get("unit") or None,
		duration=Duration(value, unit) if value else None,
		after=predecessors(row.get("after")),
		clock_effect=ClockEffect.read(row.get("clock_effect") or "Runs"),
		public_milestone=row.get("public_milestone") or "",
		linked_procedure=row.get("linked_procedure") or None,
		guidance=row.get("guidance") or "",
		condition=(row.get("condition") or "").strip(),
		row=row.get("name") or "",
	)


def without(steps: Sequence[Step], dropped: Collection[str]) -> list[Step]:
	"""The steps that are left; those after a dropped one follow what it followed."""
	by_key = {step.key: step for step in steps}

	def kept_before(after: Iterable[str], seen: frozenset[str]) -> Iterable[str]:
		for key in after:
			if key not in dropped:
				yield key
			elif key in by_key and key not in seen:
				yield from kept_before(by_key[key].after, seen | {key})

	return [
		replace(step, after=tuple(dict.fromkeys(kept_before(step.after, frozenset()))))
		for step in steps
		if step.key not in dropped
	]


def applicable(
	steps: Sequence[Step], case: str = "", channel: str = "", answers: Mapping[str, Any] | None = None
) -> list[Step]:
	"""The steps a dossier goes through: those without a condition, or whose condition holds.

	A condition asks for `case_name`, `channel` and the answers of the form. As long as the answers are not
	known (None), a step that depends on them is kept; so is one whose condition cannot be read, which the
	checks of a version report.
	"""
	values = {**(answers or {}), "case_name": case, "channel": channel}
	return without(steps, {step.key for step in steps if _is_left_out(step, values, answers is not None)})


def _is_left_out(step: Step, values: Mapping[str, Any], answered: bool) -> bool:
	if not step.condition:
		return False
	try:
		condition = conditions.parse(step.condition)
	except conditions.ConditionError:
		return False
	if not answered and not condition.names <= set(FACTS):
		return False
	return not condition.evaluate(values)
