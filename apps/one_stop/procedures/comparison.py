"""What differs between two versions of a procedure. Pure: compares files as `procedure_file` writes them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# What a row is known by in both versions, and what it is called; rows without are told apart by their place.
KEYS: Mapping[str, tuple[str, ...]] = {
	"limits": ("case_name", "channel"),
	"fees": ("fee_name", "case_name", "channel"),
	"components": ("component_code", "component_name", "channel"),
	"eform_fields": ("fieldname",),
	"results": ("result_code", "result_name"),
	"legal_bases": ("document_number", "article"),
	"steps": ("step_key",),
	"warnings": ("code",),
}
TITLES: Mapping[str, tuple[str, ...]] = {
	"limits": ("case_name", "channel"),
	"fees": ("fee_name", "case_name", "channel"),
	"components": ("component_name", "channel"),
	"eform_fields": ("label",),
	"results": ("result_name",),
	"legal_bases": ("document_number", "article"),
	"steps": ("title",),
	"warnings": ("message",),
}
# A code alone tells a row, whatever is renamed in it.
CODES: Mapping[str, str] = {"components": "component_code", "results": "result_code"}


@dataclass(frozen=True, slots=True)
class Change:
	"""A field, or a whole row, that differs. `row` is empty for the version's own fields; `kind` is "added",
	"removed" or "changed"; values are those of the file, None where there is none."""

	kind: str
	table: str
	row: Mapping[str, Any]
	fieldname: str
	before: Any
	after: Any


def differences(
	older: Mapping[str, Any], newer: Mapping[str, Any], leave_out: Sequence[str] = ()
) -> list[Change]:
	"""The changes from one version to another, in the order of the newer one's fields, the removed ones last."""
	found: list[Change] = []
	for fieldname in dict.fromkeys([*newer, *older]):
		if fieldname in leave_out:
			continue
		before, after = older.get(fieldname), newer.get(fieldname)
		if isinstance(before, list) or isinstance(after, list):
			found += _rows(fieldname, before or [], after or [])
		elif before != after:
			found.append(Change("changed", "", {}, fieldname, before, after))
	return found


def row_title(table: str, row: Mapping[str, Any], say: Callable[[str], str] = str) -> str:
	"""What a row is called in front of people; `say` translates choices."""
	parts = [str(row.get(name) or "") for name in TITLES.get(table, ())]
	return ", ".join(say(part) for part in parts if part)


def _key(table: str, row: Mapping[str, Any], position: int) -> tuple:
	code = row.get(CODES.get(table, ""))
	if code:
		return (code,)
	key = tuple(row.get(name) or "" for name in KEYS.get(table, ()))
	return key if key else (position,)


def _keyed(table: str, rows: Sequence[Mapping[str, Any]]) -> dict[tuple, Mapping[str, Any]]:
	keyed: dict[tuple, Mapping[str, Any]] = {}
	for position, row in enumerate(rows):
		key, number = _key(table, row, position), 2
		while key in keyed:
			key, number = (*_key(table, row, position), number), number + 1
		keyed[key] = row
	return keyed


def _rows(
	table: str, before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]
) -> list[Change]:
	old, new = _keyed(table, before), _keyed(table, after)
	found: list[Change] = []
	for key, row in new.items():
		if key not in old:
			found.append(Change("added", table, row, "", None, row))
			continue
		for fieldname in dict.fromkeys([*row, *old[key]]):
			if row.get(fieldname) != old[key].get(fieldname):
				found.append(
					Change("changed", table, row, fieldname, old[key].get(fieldname), row.get(fieldname))
				)
	found += [Change("removed", table, row, "", row, None) for key, row in old.items() if key not in new]
	return found
