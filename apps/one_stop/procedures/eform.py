"""The electronic form: which questions are asked, whether the answers are in order, whether the form is. Pure.

The browser asks the same by `public/js/eform.js`, so that nobody waits for an answer; what is decided here
counts. Fields are E-Form Field rows, or anything with `get`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from one_stop.procedures import conditions
from one_stop.procedures.conditions import number_of, text_of
from one_stop.procedures.findings import Finding, error, warning

NAME = re.compile(r"[a-z_][a-z0-9_]{0,59}")
LONGEST_TEXT = 1_000
LONGEST_LONG_TEXT = 10_000
LONGEST_PATTERN = 200
# What a pattern is tried on: the time it takes may grow with a power of the length.
LONGEST_MATCHED = 300
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

FORMATS: dict[str, tuple[re.Pattern[str], str]] = {
	"Phone": (
		re.compile(r"(0|\+84)[0-9]{9,10}"),
		"A telephone number has 10 or 11 digits and begins with 0 or +84.",
	),
	"Email": (re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+"), "An e-mail address looks like name@example.vn."),
	"ID Number": (
		re.compile(r"[0-9]{9}|[0-9]{12}|[A-Za-z][0-9]{7,8}"),
		"An identity number has 9 or 12 digits, a passport one letter and 7 or 8 digits.",
	),
}


UNLIKE = "The pattern of “{label}”: “{part}” is not understood alike in every browser and on the server."


class PatternError(ValueError):
	"""A pattern that cannot be used. `values`, and the label of its question, fill the `template`."""

	def __init__(self, template: str, **values: str) -> None:
		self.template, self.values = template, values
		super().__init__(template.format(label="…", **values))


@dataclass(frozen=True, slots=True)
class Problem:
	"""What is wrong with the answer to a field; `message` is English and final in the pattern's own words."""

	fieldname: str
	label: str
	message: str


@dataclass(frozen=True, slots=True)
class CheckedAnswers:
	"""Answers to the fields that are shown, without blanks around them, and the problems of these.

	Unanswered fields are left out, checkboxes are 1 or 0.
	"""

	answers: dict[str, str | int]
	problems: list[Problem] = field(default_factory=list)


def check_answers(fields: Sequence[Any], answers: Mapping[str, Any] | None) -> CheckedAnswers:
	"""What counts of the answers to a form, and what is wrong with them.

	Answers to fields that are not shown, and to names the form does not have, are dropped.
	"""
	given = answers or {}
	shown = shown_fields(fields, given)
	checked = CheckedAnswers({})
	for row in fields:
		name = row.get("fieldname")
		if row.get("field_type") == "Heading" or not shown[name]:
			continue
		text = text_of(given.get(name))
		if message := message_for(row, given.get(name)):
			checked.problems.append(Problem(name, row.get("label") or name, message))
		if row.get("field_type") == "Checkbox":
			checked.answers[name] = int(text not in ("", "0", "false"))
		elif text:
			checked.answers[name] = text
	return checked


def message_for(row: Any, value: Any) -> str:
	"""The message for one answer, or "" where it is in order; not for answers to fields that are not shown."""
	kind, text = row.get("field_type") or "Text", text_of(value)
	if text == "" or (kind == "Checkbox" and text == "0"):
		return "Please fill in this field." if _is_on(row.get("required")) else ""
	if kind == "Number" and number_of(value) is None:
		return "Please give a number."
	if kind == "Date" and not _is_date(text):
		return "Please give a date."
	if kind == "Select" and text not in choices_of(row):
		return "Please choose one of the options."
	if len(text) > (LONGEST_LONG_TEXT if kind == "Long Text" else LONGEST_TEXT):
		return "This is too long."
	pattern, message = FORMATS.get(kind, (None, ""))
	# Telephone numbers are written with spaces, dots and hyphens as one likes.
	plain = re.sub(r"[\s.-]", "", text) if kind == "Phone" else text
	if pattern and not pattern.fullmatch(plain):
		return message
	if row.get("pattern") and not matches(row.get("pattern"), text):
		return row.get("pattern_message") or "This is not written in the expected form."
	return ""


def left_open(
	asked: Sequence[Any], given: Sequence[Any], carried: Mapping[str, str]
) -> tuple[list[str], list[str]]:
	"""The required questions of one form that the answers to another, taken along by name, leave open.

	:param carried: which question is filled from which other one, where they have different names
	:returns: labels of those that nothing fills, and of those that are filled in some dossiers only
	"""
	sources = {row.get("fieldname"): row for row in given if row.get("field_type") != "Heading"}
	never: list[str] = []
	sometimes: list[str] = []
	for row in asked:
		if row.get("field_type") == "Heading" or not _is_on(row.get("required")):
			continue
		source = sources.get(carried.get(row.get("fieldname"), row.get("fieldname")))
		label = row.get("label") or row.get("fieldname")
		if source is None and not row.get("shown_when"):
			never.append(label)
		elif source is None or not _is_on(source.get("required")) or source.get("shown_when"):
			sometimes.append(label)
	return never, sometimes


def choices_of(row: Any) -> list[str]:
	"""The options of a Select field."""
	return [line.strip() for line in (row.get("options") or "").split("\n") if line.strip()]


def shown_fields(fields: Sequence[Any], values: Mapping[str, Any]) -> dict[str, bool]:
	"""Which fields are shown for these answers. What depends on a hidden field sees it as unanswered."""
	by_name = {row.get("fieldname"): row for row in fields}
	visible: dict[str, bool] = {}

	def is_shown(row: Any) -> bool:
		name = row.get("fieldname")
		if name not in visible:
			# Two fields that wait for each other are both shown; the checks tell the administrator.
			visible[name] = True
			visible[name] = decide(row)
		return visible[name]

	def decide(row: Any) -> bool:
		text = (row.get("shown_when") or "").strip()
		if not text:
			return True
		try:
			condition = conditions.parse(text)
		except conditions.ConditionError:
			# An unreadable condition must not hide a question from the applicant.
			return True
		known = {
			name: values.get(name)
			for name in condition.names
			if name not in by_name or is_shown(by_name[name])
		}
		return condition.evaluate(known)

	for row in fields:
		is_shown(row)
	return visible


def _is_on(value: Any) -> bool:
	return text_of(value) not in ("", "0", "false")


def _is_date(text: str) -> bool:
	try:
		return bool(DATE.fullmatch(text)) and bool(date.fromisoformat(text))
	except ValueError:
		return False


def matches(pattern: str, text: str) -> bool:
	"""Whether the whole text has the form of a pattern.

	A pattern that cannot be used is the administrator's error, which the checks report: it stops nobody.
	"""
	try:
		return bool(read_pattern(pattern).fullmatch(text)) if len(text) <= LONGEST_MATCHED else False
	except PatternError:
		return True


def read_pattern(pattern: str) -> re.Pattern[str]:
	"""A pattern that server and browser read alike, and that no text can keep busy; raises PatternError.

	Refused are constructs that the two read differently, and a repetition, or a choice, inside of a repetition
	without end, for which there are texts that take for ever.
	"""
	if len(pattern) > LONGEST_PATTERN:
		raise PatternError(
			"The pattern of “{label}” is longer than {most} characters.", most=str(LONGEST_PATTERN)
		)
	_check_construction(pattern)
	try:
		return re.compile(f"^(?:{pattern})$", re.ASCII)
	except (re.error, OverflowError, RecursionError):
		raise PatternError("The pattern of “{label}” cannot be read.") from None


def _check_construction(pattern: str) -> None:
	# For each open group: does it hold a repetition of varying length, or a choice?
	groups: list[bool] = [False]
	closed: bool | None = None
	at = 0
	while at < len(pattern):
		letter, before = pattern[at], closed
		closed = None
		if letter == "\\":
			following = pattern[at + 1 : at + 2]
			if following.isdigit() or (following.isalpha() and following not in "dDwWsSnrtfvb"):
				raise PatternError(UNLIKE, part=f"\\{following}")
			at += 2
			continue
		if letter == "[":
			at = _end_of_class(pattern, at)
			continue
		if letter == "(":
			if pattern.startswith("(?", at) and not pattern.startswith("(?:", at):
				raise PatternError(UNLIKE, part=pattern[at : at + 3])
			groups.append(False)
			at += 3 if pattern.startswith("(?:", at) else 1
			continue
		if letter == ")" and len(groups) > 1:
			closed = groups.pop()
			groups[-1] |= closed
		elif letter == "|":
			groups[-1] = groups[-1] or len(groups) > 1
		elif repeat := re.match(r"[*+?]|\{([0-9]+)(,?)([0-9]*)\}", pattern[at:]):
			varies = repeat[0] in "*+?" or (bool(repeat[2]) and repeat[1] != repeat[3])
			endless = repeat[0] in "*+" or (bool(repeat[2]) and not repeat[3])
			if before and (endless or (repeat[1] and int(repeat[3] or repeat[1]) > 10)):
				raise PatternError(
					"The pattern of “{label}” repeats something that varies itself: a text could keep it busy for ever."
				)
			groups[-1] |= varies
			at += len(repeat[0])
			if pattern.startswith("+", at):
				raise PatternError(UNLIKE, part=f"{repeat[0]}+")
			at += pattern.startswith("?", at)
			continue
		at += 1


def _end_of_class(pattern: str, at: int) -> int:
	"""The place after a class of characters such as `[^0-9]`."""
	end = at + 2 if pattern.startswith("[^", at) else at + 1
	if pattern.startswith("]", end):
		# An empty class for the browser, a bracket for the server.
		raise PatternError(UNLIKE, part=pattern[at : end + 1])
	while end < len(pattern) and pattern[end] != "]":
		end += 2 if pattern[end] == "\\" else 1
	return end + 1


def check_form(fields: Sequence[Any]) -> list[Finding]:
	"""What is wrong with a form: conditions, options and patterns that cannot work."""
	known = options_by_name(fields)
	found: list[Finding] = []
	for row in fields:
		name, label = row.get("fieldname") or "", row.get("label") or row.get("fieldname") or ""
		place = {"table": "eform_fields", "row": row.get("name") or ""}
		if text := (row.get("shown_when") or "").strip():
			found += conditions.check(text, known, name, label, **place)
		if row.get("field_type") == "Select":
			choices = choices_of(row)
			if len(choices) < 2:
				message = "The question “{label}” offers fewer than two options."
				found.append(error(f"too-few-options:{name}", message, label=label, **place))
			if len(set(choices)) != len(choices):
				message = "The question “{label}” offers an option twice."
				found.append(warning(f"repeated-option:{name}", message, label=label, **place))
		if row.get("pattern"):
			try:
				read_pattern(row.get("pattern"))
			except PatternError as refused:
				found.append(
					error(f"pattern:{name}", refused.template, label=label, **refused.values, **place)
				)
	return [*found, *_circular_conditions(fields)]


def options_by_name(fields: Sequence[Any]) -> dict[str, Sequence[str] | None]:
	"""The questions of a form by name, each with its options where it has some."""
	return {
		row.get("fieldname"): choices_of(row) if row.get("field_type") == "Select" else None
		for row in fields
		if row.get("field_type") != "Heading"
	}


def _circular_conditions(fields: Sequence[Any]) -> list[Finding]:
	asked: dict[str, tuple[str, ...]] = {}
	for row in fields:
		try:
			asked[row.get("fieldname")] = conditions.parse(row.get("shown_when") or "").names
		except conditions.ConditionError:
			asked[row.get("fieldname")] = ()
	found = []
	for row in fields:
		name = row.get("fieldname")
		seen: set[str] = set()
		waiting = list(asked[name])
		while waiting:
			current = waiting.pop()
			if current not in seen:
				seen.add(current)
				waiting += asked.get(current, ())
		if name in seen:
			found.append(
				error(
					f"circular-condition:{name}",
					"Whether “{label}” is asked depends, by way of other questions, on its own answer.",
					label=row.get("label") or name,
					table="eform_fields",
					row=row.get("name") or "",
				)
			)
	return found
