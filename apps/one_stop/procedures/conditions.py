"""The small language of conditions: `parents_married == "Có" or father_acknowledges`. Pure.

The same language is read by `public/js/eform.js` in the browser; both are tested on the same cases.

	any       := all ("or" all)*
	all       := negation ("and" negation)*
	negation  := "not" negation | atom
	atom      := "(" any ")" | name | name operator literal | name ["not"] "in" "[" literal, … "]"
	operator  := == | != | < | <= | > | >=
	literal   := a number, or a text in single or double quotes

A name stands for an answer. Texts are compared without blanks around them; a comparison with a number is one
of numbers, and no number is equal to, less or more than it. Unanswered is the empty text.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from one_stop.procedures.findings import Finding, error, warning

MAX_LENGTH = 1000
MAX_DEPTH = 50
# What JavaScript takes for white space: Python's own `\s` differs in a few characters.
SPACE = "\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
BLANKS = "\t\n\v\f\r \u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff" + "".join(
	map(chr, range(0x2000, 0x200B))
)
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
KEYWORDS = frozenset({"and", "or", "not", "in"})
TOKEN = re.compile(
	rf"[{SPACE}]*(?:(==|!=|<=|>=|<|>|\(|\)|\[|\]|,)|(-?[0-9]+(?:\.[0-9]+)?)|([A-Za-z_][A-Za-z0-9_]*)"
	r"""|("(?:[^"\\]|\\["'\\])*"|'(?:[^'\\]|\\["'\\])*'))"""
)
ORDER: dict[str, Callable[[Any, Any], bool]] = {
	"<": lambda a, b: a < b,
	"<=": lambda a, b: a <= b,
	">": lambda a, b: a > b,
	">=": lambda a, b: a >= b,
}

Test = Callable[[Mapping[str, Any]], bool]


class ConditionError(ValueError):
	"""A condition that cannot be read. `position` counts characters from 0; `values` fill the `template`."""

	def __init__(self, template: str, position: int, *values: str) -> None:
		self.template, self.position, self.values = template, position, values
		super().__init__(template.format(*values))


@dataclass(frozen=True, slots=True)
class Condition:
	"""A condition read once: the names it asks for, in order, and its answer for the values of a form.

	`compared` are the texts that each name is compared with for being the same, for checking them.
	"""

	names: tuple[str, ...]
	compared: frozenset[tuple[str, str]]
	_test: Test

	def evaluate(self, values: Mapping[str, Any] | None) -> bool:
		return self._test(values or {})


@dataclass(frozen=True, slots=True)
class _Token:
	kind: str
	position: int
	value: str | float = ""


def parse(text: str | None) -> Condition:
	"""Read a condition; raises ConditionError, also for an empty one."""
	reader = _Reader(_tokens(text or ""))
	test = reader.any_of()
	if reader.peek().kind != "end":
		reader.fail("Expected the condition to end here.")
	return Condition(tuple(reader.names), frozenset(reader.compared), test)


def evaluate(text: str, values: Mapping[str, Any] | None) -> bool:
	"""True or false for the values of a form; raises ConditionError for a condition that cannot be read."""
	return parse(text).evaluate(values)


def check(
	text: str, known: Mapping[str, Sequence[str] | None], code: str, label: str, **place: str
) -> Iterable[Finding]:
	"""What is wrong with one condition, where `known` are the names it may ask for with their options, if any."""
	try:
		condition = parse(text)
	except ConditionError as refused:
		yield error(
			f"condition-unreadable:{code}",
			"The condition of “{label}” cannot be read from character {position} on: {text}",
			label=label,
			position=str(refused.position + 1),
			text=text,
			**place,
		)
		return
	for name in condition.names:
		if name not in known:
			yield error(
				f"condition-missing-field:{code}:{name}",
				"The condition of “{label}” asks for “{name}”, which the form does not have.",
				label=label,
				name=name,
				**place,
			)
	for name, literal in sorted(condition.compared):
		options = known.get(name)
		if options is not None and literal not in options and literal != "":
			yield warning(
				f"condition-unknown-choice:{code}:{name}",
				"The condition of “{label}” expects “{literal}”, which is not an option of “{name}”.",
				label=label,
				literal=literal,
				name=name,
				**place,
			)


def text_of(value: Any) -> str:
	"""An answer as text, as the browser would write it: `True` is "1", `3.0` is "3"."""
	if value is None:
		return ""
	if isinstance(value, bool):
		return "1" if value else "0"
	if isinstance(value, (list, tuple)):
		return ",".join(text_of(one) for one in value)
	if isinstance(value, float) and value.is_integer():
		value = int(value)
	return str(value).strip(BLANKS)


def number_of(value: Any) -> float | None:
	"""An answer as a number; None where it is none."""
	text = text_of(value)
	return float(text) if NUMBER.fullmatch(text) else None


def _equal(value: Any, literal: str | float) -> bool:
	return text_of(value) == literal if isinstance(literal, str) else number_of(value) == literal


def _compare(operator: str, value: Any, literal: str | float) -> bool:
	if operator in ("==", "!="):
		return _equal(value, literal) is (operator == "==")
	if not isinstance(literal, str):
		number = number_of(value)
		return number is not None and ORDER[operator](number, literal)
	text = text_of(value)
	return text != "" and ORDER[operator](_sort_key(text), _sort_key(literal))


def _sort_key(text: str) -> bytes:
	# JavaScript orders texts by their UTF-16 units.
	return text.encode("utf-16-be", "surrogatepass")


def _tokens(text: str) -> list[_Token]:
	if len(text) > MAX_LENGTH:
		raise ConditionError("The condition is too long.", MAX_LENGTH)
	tokens: list[_Token] = []
	at, end = 0, len(text.rstrip(BLANKS))
	while at < end:
		found = TOKEN.match(text, at)
		if not found:
			raise ConditionError("This part cannot be read: {0}", at, text[at:].strip(BLANKS))
		position = found.start(found.lastindex or 0)
		symbol, number, name, string = found.groups()
		if symbol:
			tokens.append(_Token(symbol, position))
		elif number:
			# "1x" and "1.2.3" are typing errors, not a number followed by something else.
			if re.match(r"[A-Za-z0-9_.]", text[found.end() : found.end() + 1]):
				raise ConditionError("This part cannot be read: {0}", at, text[at:].strip(BLANKS))
			tokens.append(_Token("literal", position, float(number)))
		elif name:
			tokens.append(_Token(name if name in KEYWORDS else "name", position, name))
		else:
			tokens.append(_Token("literal", position, re.sub(r"""\\(["'\\])""", r"\1", string[1:-1])))
		at = found.end()
	return [*tokens, _Token("end", len(text))]


class _Reader:
	"""Reads tokens by the grammar; every method gives the test of what it has read."""

	def __init__(self, tokens: list[_Token]) -> None:
		self.tokens = tokens
		self.names: dict[str, None] = {}
		self.compared: set[tuple[str, str]] = set()
		self.at = 0
		self.depth = 0

	def peek(self) -> _Token:
		return self.tokens[self.at]

	def fail(self, template: str, *values: str) -> None:
		raise ConditionError(template, self.peek().position, *values)

	def take(self, kind: str) -> _Token:
		if self.peek().kind != kind:
			self.fail("Expected {0} here.", "a value" if kind == "literal" else kind)
		self.at += 1
		return self.tokens[self.at - 1]

	def note(self, name: str, *literals: str | float) -> None:
		self.compared.update((name, literal) for literal in literals if isinstance(literal, str))

	def deeper(self, read: Callable[[], Test]) -> Test:
		self.depth += 1
		if self.depth > MAX_DEPTH:
			self.fail("The condition is nested too deeply.")
		test = read()
		self.depth -= 1
		return test

	def any_of(self) -> Test:
		parts = [self.all_of()]
		while self.peek().kind == "or":
			self.at += 1
			parts.append(self.all_of())
		return parts[0] if len(parts) == 1 else lambda values: any(part(values) for part in parts)

	def all_of(self) -> Test:
		parts = [self.negation()]
		while self.peek().kind == "and":
			self.at += 1
			parts.append(self.negation())
		return parts[0] if len(parts) == 1 else lambda values: all(part(values) for part in parts)

	def negation(self) -> Test:
		if self.peek().kind != "not":
			return self.atom()
		self.at += 1
		inner = self.deeper(self.negation)
		return lambda values: not inner(values)

	def atom(self) -> Test:
		if self.peek().kind == "(":
			self.at += 1
			inner = self.deeper(self.any_of)
			self.take(")")
			return inner
		if self.peek().kind != "name":
			self.fail("Expected the name of a field here.")
		name = str(self.take("name").value)
		self.names[name] = None
		operator = self.peek().kind
		if operator in ("==", "!=") or operator in ORDER:
			self.at += 1
			literal = self.take("literal").value
			if operator in ("==", "!="):
				self.note(name, literal)
			return lambda values: _compare(operator, values.get(name), literal)
		negated = operator == "not" and self.tokens[self.at + 1].kind == "in"
		if operator == "in" or negated:
			self.at += 2 if negated else 1
			choices = self.choices()
			self.note(name, *choices)
			return lambda values: any(_equal(values.get(name), choice) for choice in choices) is not negated
		return lambda values: text_of(values.get(name)) not in ("", "0", "false")

	def choices(self) -> list[str | float]:
		self.take("[")
		choices: list[str | float] = []
		if self.peek().kind != "]":
			choices.append(self.take("literal").value)
			while self.peek().kind == ",":
				self.at += 1
				choices.append(self.take("literal").value)
		self.take("]")
		return choices
