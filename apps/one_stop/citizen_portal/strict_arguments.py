"""The grammar of what may be asked of Frappe's list and report endpoints.

Frappe builds SQL from `fields`, `filters`, `order_by` and `group_by`, and its own guards against injection
are lists of bad words. Here the good ones are described instead: a column, perhaps of a named table or
behind one aggregate; anything else is refused before Frappe sees it. Pure: knows nothing of sites or users.
"""

import json
import re
from collections.abc import Iterable

MOST_ITEMS = 500
OPERATORS = frozenset(
	{
		"=",
		"!=",
		"<>",
		"<",
		">",
		"<=",
		">=",
		"like",
		"not like",
		"in",
		"not in",
		"is",
		"between",
		"timespan",
		"fiscal year",
		"ancestors of",
		"not ancestors of",
		"descendants of",
		"not descendants of",
		"descendants of (inclusive)",
	}
)
FUNCTIONS = frozenset({"count", "sum", "avg", "min", "max"})

_DOCTYPE = r"[\w][\w &/().-]{0,139}"
_NAME = r"[A-Za-z_]\w{0,139}"
_COLUMN = rf"(?:`tab{_DOCTYPE}`\.|{_NAME}\.)?(?:`{_NAME}`|{_NAME})"
_CALL = rf"(?:{'|'.join(sorted(FUNCTIONS))})\(\s*(?:distinct\s+)?(?:{_COLUMN}|\*)\s*\)"
_ALIAS = r"(?:\w[\w:]*|`[\w:. -]+`|'[\w:. -]+'|\"[\w:. -]+\")"

DOCTYPE = re.compile(_DOCTYPE)
NAME = re.compile(_NAME)
COLUMN = re.compile(_COLUMN)
SELECTED = re.compile(
	rf"(?:\*|(?:`tab{_DOCTYPE}`\.)\*|{_COLUMN}|{_CALL})(?:\s+as\s+{_ALIAS})?", re.IGNORECASE
)
ORDERED = re.compile(rf"{_COLUMN}(?:\s*\b(?:asc|desc))?", re.IGNORECASE)
# Table and column may stand close to the direction: `tabUser`.`modified`desc
ORDERED_QUOTED = re.compile(rf"`tab{_DOCTYPE}`\.`{_NAME}`\s*(?:asc|desc)?", re.IGNORECASE)
MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}(?:[ T]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?)?")


class UnsafeArgument(ValueError):
	"""An argument that could reach the database as something else than a column, an operator or a value."""

	def __init__(self, argument: str, what: object = ""):
		super().__init__(f"{argument}: {str(what)[:80]}")
		self.argument = argument


def decoded(argument: str, value: object) -> object:
	"""The value behind a JSON text; a text that is no JSON stays itself.

	:raises UnsafeArgument: JSON within JSON, which Frappe would decode once more than we did
	"""
	if not isinstance(value, str):
		return value
	try:
		inner = json.loads(value)
	except ValueError:
		return value
	except RecursionError:
		raise UnsafeArgument(argument, "nested") from None
	if isinstance(inner, str):
		raise UnsafeArgument(argument, value)
	return inner


def check_column(argument: str, value: object) -> None:
	"""One column, perhaps qualified by its table."""
	if not isinstance(value, str) or not COLUMN.fullmatch(value.strip()):
		raise UnsafeArgument(argument, value)


def check_columns(argument: str, value: object) -> None:
	"""Columns with commas between them (`group_by`, `searchfield`)."""
	for part in _parts(argument, value):
		check_column(argument, part)


def check_order_by(argument: str, value: object) -> None:
	"""Columns, each with its direction: ``modified desc, `tabDossier`.`due_at` asc``."""
	for part in _parts(argument, value):
		if not ORDERED.fullmatch(part) and not ORDERED_QUOTED.fullmatch(part):
			raise UnsafeArgument(argument, part)


def _parts(argument: str, value: object) -> Iterable[str]:
	if not isinstance(value, str):
		raise UnsafeArgument(argument, value)
	return [part.strip() for part in value.split(",")]


def check_fields(argument: str, value: object) -> None:
	"""What is selected: a list of columns, aggregates of one column, or everything (`*`)."""
	value = decoded(argument, value)
	if value is None or isinstance(value, bool | int | float):
		return
	if isinstance(value, str):
		# Frappe also takes "name, status" for get_value.
		value = [part.strip() for part in value.split(",")]
	if isinstance(value, dict):
		value = [value]
	if not isinstance(value, list) or len(value) > MOST_ITEMS:
		raise UnsafeArgument(argument, value)
	for field in value:
		if isinstance(field, dict):
			_check_function(argument, field)
		elif isinstance(field, list):
			# [column, label], as exports and calendars send them
			for part in field:
				if not isinstance(part, str) or not (SELECTED.fullmatch(part) or DOCTYPE.fullmatch(part)):
					raise UnsafeArgument(argument, part)
		elif not isinstance(field, str) or not SELECTED.fullmatch(field.strip()):
			raise UnsafeArgument(argument, field)


def _check_function(argument: str, field: dict) -> None:
	# Frappe 16: {"COUNT": "name", "as": "total"}; child tables: {"items": ["a", "b"]}
	for key, inner in field.items():
		if not isinstance(key, str) or not NAME.fullmatch(key):
			raise UnsafeArgument(argument, key)
		for part in inner if isinstance(inner, list) else [inner]:
			if not isinstance(part, str) or not (part == "*" or COLUMN.fullmatch(part)):
				raise UnsafeArgument(argument, part)


def check_filters(argument: str, value: object) -> None:
	"""``{column: value}``, ``{column: [operator, value]}`` or rows of ``[doctype,] column, operator, value``."""
	value = decoded(argument, value)
	if value is None or isinstance(value, str | bool | int | float):
		return  # the name of one document, given to the database as a parameter
	if isinstance(value, dict):
		for column, wanted in value.items():
			check_column(argument, column)
			if isinstance(wanted, list):
				if len(wanted) != 2:
					raise UnsafeArgument(argument, wanted)
				_check_operator(argument, wanted[0])
				wanted = wanted[1]
			_check_value(argument, wanted)
		return
	if not isinstance(value, list) or len(value) > MOST_ITEMS:
		raise UnsafeArgument(argument, value)
	for row in value:
		_check_row(argument, row)


def _check_row(argument: str, row: object) -> None:
	# A text in the place of a row is taken as SQL by Frappe 15.
	if isinstance(row, dict):
		return check_filters(argument, row)
	if not isinstance(row, list) or not 3 <= len(row) <= 5:
		raise UnsafeArgument(argument, row)
	if len(row) == 3:
		column, operator, wanted = row
	else:
		check_doctype(argument, row[0])
		column, operator, wanted = row[1:4]
	check_column(argument, column)
	_check_operator(argument, operator)
	_check_value(argument, wanted)


def _check_operator(argument: str, operator: object) -> None:
	if not isinstance(operator, str) or operator.strip().lower() not in OPERATORS:
		raise UnsafeArgument(argument, operator)


def _check_value(argument: str, wanted: object) -> None:
	for part in wanted if isinstance(wanted, list) else [wanted]:
		if part is not None and not isinstance(part, str | int | float | bool):
			raise UnsafeArgument(argument, part)


def check_keys(argument: str, value: object) -> None:
	"""Only the names are checked: values belong to a report or a query of its own, which binds them.

	Rows in a list have one meaning only, that of Frappe, which takes a text among them as SQL.
	"""
	value = decoded(argument, value)
	if isinstance(value, list):
		return check_filters(argument, value)
	if isinstance(value, dict):
		for key in value:
			check_column(argument, key)


def check_doctype(argument: str, value: object) -> None:
	"""The name of a DocType: no quote, no backtick."""
	for part in value if isinstance(value, list) else [value]:
		if not isinstance(part, str) or not DOCTYPE.fullmatch(part):
			raise UnsafeArgument(argument, part)


def check_integer(argument: str, value: object) -> None:
	"""A whole number, as text or as number; nothing at all counts as none."""
	if value in (None, "", "null", "undefined") or isinstance(value, bool | int):
		return
	if not re.fullmatch(r"\d{1,9}(\.0)?", str(value).strip()):
		raise UnsafeArgument(argument, value)


def check_start(argument: str, value: object) -> None:
	"""Where a page of a list begins; for a calendar, the day or moment at which the view begins."""
	if not MOMENT.fullmatch(str(value)):
		check_integer(argument, value)


def check_off(argument: str, value: object) -> None:
	"""A switch that only code of the server may turn on."""
	if value not in (None, "", 0, False, "0", "false", "False", "null"):
		raise UnsafeArgument(argument, value)


def check_choice(*choices: str):
	"""One of some words."""

	def check(argument: str, value: object) -> None:
		if value not in (None, "") and str(value).strip().lower() not in choices:
			raise UnsafeArgument(argument, value)

	return check


# Charts and cards with these types give their filters to a report or a method.
OF_REPORTS = frozenset({"Report", "Custom"})


def check_document(argument: str, value: object) -> None:
	"""A chart or card: what its query is built from must be columns."""
	value = decoded(argument, value)
	if not isinstance(value, dict):
		return
	for key, inner in value.items():
		if not inner:
			continue
		if key.endswith("based_on"):
			check_column(f"{argument}.{key}", inner)
		elif key in ("document_type", "parent_document_type", "doctype"):
			check_doctype(f"{argument}.{key}", inner)
		elif key in ("filters_json", "dynamic_filters_json"):
			check = check_keys if OF_REPORTS & {value.get("chart_type"), value.get("type")} else check_filters
			check(f"{argument}.{key}", inner)


def check_fieldname(argument: str, value: object) -> None:
	"""One or several columns, or the columns and values of an update."""
	inner = decoded(argument, value)
	if isinstance(inner, dict):
		return check_keys(argument, inner)
	check_fields(argument, inner)


CHECKS = {
	"order_by": check_order_by,
	"group_by": check_columns,
	"sort_by": check_column,
	"sort_field": check_column,
	"sort_order": check_choice("asc", "desc"),
	"fields": check_fields,
	"filter_fields": check_fields,
	"fieldname": check_fieldname,
	"stats": check_fields,
	"pluck": check_column,
	"field": check_column,
	"searchfield": check_columns,
	"aggregate_on_field": check_column,
	"aggregate_on_doctype": check_doctype,
	"aggregate_function": check_choice("count", "sum", "avg"),
	"filters": check_filters,
	"or_filters": check_filters,
	"current_filters": check_filters,
	"export_filters": check_filters,
	"chart": check_document,
	"doctype": check_doctype,
	"dt": check_doctype,
	"parent_doctype": check_doctype,
	"parenttype": check_doctype,
	"reference_doctype": check_doctype,
	"ref_doctype": check_doctype,
	"start": check_start,
	"limit": check_integer,
	"limit_start": check_integer,
	"limit_page_length": check_integer,
	"page_length": check_integer,
	"debug": check_off,
	"ignore_permissions": check_off,
	"return_query": check_off,
	"join": check_choice("left join", "inner join"),
}
FILTERS = ("filters", "or_filters", "current_filters")


def check_arguments(arguments: dict, own_filters: bool = False) -> None:
	"""Check every argument of a request that has a meaning for Frappe's queries.

	:param own_filters: the filters go to a report or a query method, which gives them its own meaning
	:raises UnsafeArgument: naming the first argument that is not in order
	"""
	for argument, check in CHECKS.items():
		value = arguments.get(argument)
		if value is None or value == "":
			continue
		if own_filters and argument in FILTERS:
			check = check_keys
		check(argument, value)


def is_local_address(target: str) -> bool:
	"""True for an address within this site: one slash first, then neither slash nor backslash."""
	return bool(re.fullmatch(r"/(?![/\\])[^\\\x00-\x20\x7f]*", target))
