"""The process of a procedure as a graph: its steps, which of them a dossier goes through, and whether it works.

Pure. A step begins when all steps in its `after` are done, at receipt where there are none: sequences, branches
and joins need nothing else.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from one_stop.dossiers.clock import (
	ClockEffect,
	ClockError,
	Flag,
	Limit,
	StepTerms,
	Terms,
	order_steps,
	plan,
)
from one_stop.organization.calendar import (
	CalendarError,
	CalendarLayer,
	ClockRules,
	Duration,
	DurationUnit,
	WeekPattern,
	Window,
	WorkingCalendar,
	compile_calendar,
)
from one_stop.procedures import conditions
from one_stop.procedures.findings import Finding, error, warning

# What a step's condition may ask for besides the answers of the form.
FACTS = ("case_name", "channel")
# Kinds of steps in which somebody works on the dossier.
WORKING = ("Processing", "Approval", "Issuing")


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
	carried_over: str = ""
	guidance: str = ""
	condition: str = ""
	row: str = ""


def predecessors(after: str | None) -> tuple[str, ...]:
	"""The keys in `after`, "1, 2", in order, without blanks and repeats."""
	keys = (key.strip() for key in (after or "").split(","))
	return tuple(dict.fromkeys(key for key in keys if key))


class CarriedOverUnreadable(ValueError):
	"""A line that does not say what of a linked procedure is filled from what. `line` is the line."""

	def __init__(self, line: str) -> None:
		self.line = line
		super().__init__(f"“{line}” is not of the form “theirs = ours”, or names theirs twice.")


def carried_over(text: str | None) -> dict[str, str]:
	"""What of a linked procedure is filled from what of this one, by name: one "theirs = ours" a line.

	Raises CarriedOverUnreadable.
	"""
	found: dict[str, str] = {}
	for line in (text or "").splitlines():
		if not line.strip():
			continue
		theirs, equals, ours = (part.strip() for part in line.partition("="))
		if not (theirs and equals and ours) or theirs in found:
			raise CarriedOverUnreadable(line.strip())
		found[theirs] = ours
	return found


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
		carried_over=(row.get("carried_over") or "").strip(),
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
	if not answered and not set(condition.names) <= set(FACTS):
		return False
	return not condition.evaluate(values)


def successors(steps: Sequence[Step]) -> dict[str, list[str]]:
	"""The keys that follow each key; predecessors that do not exist are left out."""
	following: dict[str, list[str]] = {step.key: [] for step in steps}
	for step in steps:
		for key in step.after:
			if key in following:
				following[key].append(step.key)
	return following


def circles(steps: Sequence[Step]) -> list[list[str]]:
	"""The groups of steps that wait for each other, each in the order of the process."""
	following = successors(steps)
	position = {step.key: at for at, step in enumerate(steps)}
	reached = {key: _reached(following, key) for key in following}
	groups: list[list[str]] = []
	for key in following:
		if key in reached[key] and not any(key in group for group in groups):
			group = [other for other in reached[key] if key in reached[other]]
			groups.append(sorted(group, key=position.__getitem__))
	return groups


def _reached(following: Mapping[str, list[str]], key: str) -> set[str]:
	"""What comes after a key, the key itself only where a circle leads back to it."""
	seen: set[str] = set()
	waiting = list(following[key])
	while waiting:
		current = waiting.pop()
		if current not in seen:
			seen.add(current)
			waiting += following[current]
	return seen


def check_process(steps: Sequence[Step]) -> list[Finding]:
	"""What is wrong with a process by itself, without the units and people who work it."""
	if not steps:
		return [error("no-steps", "The process has no step.", table="steps")]
	return [
		*_check_keys(steps),
		*_check_order(steps),
		*_check_ends(steps),
		*(finding for step in steps for finding in _check_step(step)),
	]


def _at(step: Step) -> dict[str, str]:
	return {"step": step.title or step.key, "step_key": step.key, "table": "steps", "row": step.row}


def _check_keys(steps: Sequence[Step]) -> Iterable[Finding]:
	seen: set[str] = set()
	for step in steps:
		if step.key in seen or not step.key:
			yield error(f"duplicate-key:{step.key}", "Step “{step}” has no key of its own.", **_at(step))
		seen.add(step.key)


def _check_order(steps: Sequence[Step]) -> Iterable[Finding]:
	known = {step.key: step for step in steps}
	for step in steps:
		for key in step.after:
			if key not in known:
				yield error(
					f"missing-predecessor:{step.key}:{key}",
					"Step “{step}” follows step “{missing}”, which does not exist.",
					missing=key,
					**_at(step),
				)
	caught = circles(steps)
	for group in caught:
		titles = " → ".join(known[key].title or key for key in [*group, group[0]])
		yield error(
			f"circular-steps:{group[0]}",
			"These steps wait for each other, so none can begin: {circle}.",
			circle=titles,
			**{**_at(known[group[0]]), "step": ""},
		)
	following = successors(steps)
	inside = {key for group in caught for key in group}
	behind = {key for group in caught for key in _reached(following, group[0])} - inside
	for step in steps:
		if step.key in behind:
			yield error(
				f"unreachable:{step.key}",
				"Step “{step}” can never begin: it waits for steps that wait for each other.",
				**_at(step),
			)


def _check_ends(steps: Sequence[Step]) -> Iterable[Finding]:
	following = successors(steps)
	first = [step for step in steps if not step.after]
	last = [step for step in steps if not following[step.key]]
	receptions = [step for step in steps if step.kind == "Reception"]
	if not receptions:
		yield warning("no-reception", "No step receives the dossier at the one-stop centre.", table="steps")
	for step in first if receptions else ():
		if step.kind != "Reception":
			yield warning(
				f"begins-at-receipt:{step.key}",
				"Step “{step}” begins at receipt, beside the reception: say which step it follows.",
				**_at(step),
			)
	if not last:
		yield error("no-end", "The process has no end: every step is followed by another one.", table="steps")
		return
	if not any(step.kind == "Return" for step in steps):
		yield error("no-return", "No step returns the result to the applicant.", table="steps")
		return
	yield from _check_payments(steps)
	for step in last:
		if step.kind != "Return":
			yield warning(
				f"loose-end:{step.key}",
				"Nothing follows step “{step}”: the result could be returned before it is done.",
				**_at(step),
			)


def _check_payments(steps: Sequence[Step]) -> Iterable[Finding]:
	"""Money is asked for before the decision: paid last, it would end the dossier, with nothing to hand out."""
	by_key = {step.key: step for step in steps}
	for step in steps:
		before = [by_key[key] for key in step.after if key in by_key] if step.kind == "Return" else []
		if before and all(one.kind == "Payment" for one in before):
			for payment in before:
				yield error(
					f"payment-before-return:{payment.key}",
					"Only the return follows the payment “{step}”, so the dossier would end without its result: ask for"
					" the money before the decision, or let a step issue the result after it.",
					**_at(payment),
				)


def _check_step(step: Step) -> Iterable[Finding]:
	if not step.title:
		yield error(f"untitled:{step.key}", "Step {step} has no title.", **_at(step))
	if step.unit_rule == "Named Unit" and not step.unit:
		yield error(
			f"step-without-unit:{step.key}", "Step “{step}”: name the unit that does it.", **_at(step)
		)
	if step.kind == "Linked":
		if not step.linked_procedure:
			yield error(
				f"linked-without-target:{step.key}",
				"Step “{step}” is a linked procedure: say which one.",
				**_at(step),
			)
	elif not step.duty and step.unit_rule != "Applicant":
		yield error(f"step-without-duty:{step.key}", "Step “{step}”: say whose duty it is.", **_at(step))
	if step.kind in WORKING and step.unit_rule != "Applicant" and not step.duration:
		yield warning(
			f"no-time:{step.key}",
			"Step “{step}” has no time of its own: it would be due the moment it begins.",
			**_at(step),
		)
	if step.clock_effect is ClockEffect.PAUSE and step.unit_rule != "Applicant":
		yield warning(
			f"pause-without-ground:{step.key}",
			"Step “{step}” pauses the clock although the applicant is not the one who has to act.",
			**_at(step),
		)


def check_conditions(
	steps: Sequence[Step], cases: Collection[str], fields: Mapping[str, Sequence[str] | None]
) -> list[Finding]:
	"""What is wrong with the conditions of steps.

	:param cases: the cases that the version sets limits for
	:param fields: the form's questions, each with its options where it has some
	"""
	known: dict[str, Sequence[str] | None] = {
		**fields,
		"case_name": list(cases),
		"channel": ["Counter", "Online", "Post"],
	}
	return [
		finding
		for step in steps
		if step.condition
		for finding in conditions.check(
			step.condition,
			known,
			f"step:{step.key}",
			label=step.title or step.key,
			step_key=step.key,
			table="steps",
			row=step.row,
		)
	]


@dataclass(frozen=True, slots=True)
class CriticalPath:
	"""The longest way through a process, and the limits it does not fit into, each `(case, channel)`."""

	keys: tuple[str, ...] = ()
	exceeded: tuple[Limit, ...] = ()


# An ordinary week: what a process takes must not depend on the holidays of the day it is looked at.
FIRST, LAST = date(2024, 1, 1), date(2050, 12, 31)
BEGINNING = datetime(2024, 1, 1, 7, 0)


@lru_cache(maxsize=1)
def ordinary_calendar() -> WorkingCalendar:
	"""Monday to Friday, 07:00 to 11:30 and 13:30 to 17:00, without a day off."""
	day = (Window(7 * 60, 11 * 60 + 30), Window(13 * 60 + 30, 17 * 60))
	pattern = WeekPattern({weekday: day for weekday in range(5)})
	return compile_calendar([CalendarLayer("", patterns=(pattern,))], FIRST, LAST)


def critical_path(
	steps: Sequence[Step], limits: Sequence[Limit], rules: ClockRules, terms: Terms | None = None
) -> CriticalPath:
	"""The longest way through the steps, held against each limit of the version in an ordinary week.

	Both are counted from the opening on a Monday, so that 8 working hours fit into the same day. A process that
	has no order has no longest way. `terms` holds the version's own choices about counting.
	"""
	terms = terms or Terms()
	keys: tuple[str, ...] = ()
	exceeded: list[Limit] = []
	for limit in [None, *limits]:
		case, channel = (limit.case, limit.channel) if limit else ("", "")
		own = [_as_terms(step) for step in applicable(steps, case, channel)]
		try:
			order_steps(own)
			planned = plan(
				BEGINNING,
				replace(terms, limits=(limit,) if limit else (), steps=tuple(own)),
				ordinary_calendar(),
				rules,
				channel=channel,
				case=case,
				explain=False,
			)
		except ClockError:
			return CriticalPath()
		except CalendarError:
			# Longer than the calendar reaches is longer than any limit.
			exceeded += [limit] if limit else []
			continue
		if limit is None:
			keys = _to_the_end(own, planned.critical_path)
		elif Flag.STEPS_EXCEED_LIMIT in planned.flags:
			exceeded.append(limit)
	return CriticalPath(keys, tuple(exceeded))


def _to_the_end(steps: Sequence[StepTerms], path: tuple[str, ...]) -> tuple[str, ...]:
	"""A path together with the steps behind it that take no time themselves."""
	keys = list(path)
	while keys:
		behind = [
			step.key
			for step in steps
			if keys[-1] in step.after and not (step.duration and step.duration.value)
		]
		if not behind:
			break
		keys.append(behind[0])
	return tuple(keys)


def _as_terms(step: Step) -> StepTerms:
	return StepTerms(
		key=step.key,
		title=step.title,
		duration=step.duration,
		after=step.after,
		clock_effect=step.clock_effect,
		duty=step.duty,
		kind=step.kind,
	)


def total_text(steps: Sequence[Step], keys: Sequence[str], language: str = "vi") -> str:
	"""The time of the steps with these keys in words: working hours and days together, other units by themselves."""
	by_key = {step.key: step for step in steps}
	counted = [
		by_key[key].duration
		for key in keys
		if by_key[key].duration and by_key[key].clock_effect is ClockEffect.RUN
	]
	totals: dict[DurationUnit, Any] = {}
	for duration in counted:
		totals[duration.unit] = totals.get(duration.unit, 0) + duration.value
	if DurationUnit.WORKING_DAY in totals and DurationUnit.WORKING_HOUR in totals:
		totals[DurationUnit.WORKING_DAY] += totals.pop(DurationUnit.WORKING_HOUR) / 8
	order = list(DurationUnit)
	parts = [Duration(totals[unit], unit).text(language) for unit in sorted(totals, key=order.index)]
	return " + ".join(parts)
