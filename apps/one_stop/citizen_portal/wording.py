"""Fills the placeholders of texts that administrators write.

A bare sandbox and a plain dict: Frappe's own templates could query the database and call other machines.
"""

from collections.abc import Mapping
from typing import Any

from jinja2 import TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

LONGEST = 10_000


class WordingError(ValueError):
	"""A text whose placeholders cannot be read."""


def _environment() -> ImmutableSandboxedEnvironment:
	made = ImmutableSandboxedEnvironment(autoescape=False)
	made.globals.clear()
	return made


def render(text: str, values: Mapping[str, Any]) -> str:
	"""The text with its placeholders filled; unknown ones become nothing.

	:raises WordingError: the text is no template, is too long, or asks for more than the values hold
	"""
	if len(text) > LONGEST:
		raise WordingError("too long")
	try:
		return (
			_environment()
			.from_string(text)
			.render({name: "" if value is None else str(value) for name, value in values.items()})
		)
	except (TemplateError, TypeError, ValueError, ArithmeticError, AttributeError, MemoryError) as error:
		raise WordingError(str(error)[:200]) from None
