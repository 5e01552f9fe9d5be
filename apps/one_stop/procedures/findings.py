"""What a check has to say about a version. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


class Severity(str, Enum):
	"""Errors block the approval; warnings need a written reason."""

	ERROR = "error"
	WARNING = "warning"

	__str__ = str.__str__


@dataclass(frozen=True, slots=True)
class Finding:
	"""One thing found. `code` is the same whenever the same thing is found: reasons are kept under it.

	`template` is English with `values` open; `step_key`, or `table` and `row` (the name of a row), or
	`fieldname` say where it is.
	"""

	code: str
	severity: Severity
	template: str
	values: Mapping[str, str] = field(default_factory=dict)
	step_key: str = ""
	table: str = ""
	row: str = ""
	fieldname: str = ""

	def __str__(self) -> str:
		return self.template.format(**self.values)


def error(code: str, template: str, **place_and_values: str) -> Finding:
	return _finding(code, Severity.ERROR, template, place_and_values)


def warning(code: str, template: str, **place_and_values: str) -> Finding:
	return _finding(code, Severity.WARNING, template, place_and_values)


def _finding(code: str, severity: Severity, template: str, given: dict[str, str]) -> Finding:
	places = {name: given.pop(name) for name in ("step_key", "table", "row", "fieldname") if name in given}
	return Finding(code, severity, template, given, **places)
