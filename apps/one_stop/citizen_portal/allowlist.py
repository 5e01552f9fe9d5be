"""The list of what may be reached: `edge_allowlist.csv`, one reason a line.

Kinds are `page` (a path; `*` stands for one part of it), `method` (a whitelisted function) and
`resource` (a DocType through the REST interface). Audiences are `guest` (everybody), `citizen` (who is signed
in) and `staff` (who works in the desk); who manages the system is held to none of it. Pages and documents of the desk
are decided on by Frappe's permissions, its methods by this list, since not all of them ask for any.
"""

import csv
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("edge_allowlist.csv")
KINDS = ("page", "method", "resource")
AUDIENCES = ("guest", "citizen", "staff")


@dataclass(frozen=True)
class Entry:
	kind: str
	target: str
	audience: str
	reason: str


@cache
def entries() -> tuple[Entry, ...]:
	"""Every row, checked.

	:raises ValueError: a row without a reason of its own, of an unknown kind or audience, or a target named twice
	"""
	with FILE.open(encoding="utf-8", newline="") as file:
		rows = tuple(Entry(**row) for row in csv.DictReader(file))
	seen, reasons = set(), set()
	for row in rows:
		if row.kind not in KINDS or row.audience not in AUDIENCES or len(row.reason or "") < 10:
			raise ValueError(f"{FILE.name}: {row}")
		if (row.kind, row.target) in seen:
			raise ValueError(f"{FILE.name}: {row.target} is listed twice")
		if row.reason in reasons:
			raise ValueError(f"{FILE.name}: {row.target} has the reason of another row")
		seen.add((row.kind, row.target))
		reasons.add(row.reason)
	return rows


@cache
def _targets(kind: str, audience: str) -> frozenset[str]:
	reached = AUDIENCES[: AUDIENCES.index(audience) + 1]
	return frozenset(row.target for row in entries() if row.kind == kind and row.audience in reached)


@cache
def _patterns(audience: str) -> tuple[re.Pattern, ...]:
	return tuple(
		re.compile("[^/]+".join(re.escape(part) for part in target.split("*")))
		for target in _targets("page", audience)
		if "*" in target
	)


def allows(kind: str, target: str, audience: str) -> bool:
	"""Whether this audience may reach the target."""
	if target in _targets(kind, audience):
		return True
	return kind == "page" and any(pattern.fullmatch(target) for pattern in _patterns(audience))
