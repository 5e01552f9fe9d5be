"""Look-ups in the tree of units: who is above, who is below, who works where, who receives what.

Everything here answers from one snapshot of the tree and one of the memberships; nothing checks permissions,
because the organization of a province is public inside it (every desk role may read units and members).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import frappe
from frappe.utils import getdate

from one_stop.organization.snapshot import Snapshot


@dataclass(slots=True)
class Unit:
	"""What look-ups need to know of an Administrative Unit. Dates are both included; None is open."""

	name: str
	unit_name: str
	level: str
	parent: str | None
	is_one_stop: bool
	one_stop: str | None
	calendar: str | None
	valid_from: date | None
	valid_to: date | None
	successor: str | None
	children: list[str] = field(default_factory=list)

	def exists_on(self, day: date) -> bool:
		return (not self.valid_from or self.valid_from <= day) and (not self.valid_to or day <= self.valid_to)


@dataclass(frozen=True, slots=True)
class Membership:
	"""A duty of a person in a unit, and who stands in for them when."""

	user: str
	unit: str
	duty: str
	from_date: date | None
	to_date: date | None
	delegate: str | None
	delegate_from: date | None
	delegate_to: date | None

	def overlaps(self, first: date, last: date) -> bool:
		"""Whether the person serves on at least one day of a period, both days included."""
		return (not self.from_date or self.from_date <= last) and (not self.to_date or self.to_date >= first)

	def holders(self, day: date) -> Iterator[tuple[str, str | None]]:
		"""The people who hold the duty on a day, each with the person they stand in for, if any."""
		if (self.from_date and day < self.from_date) or (self.to_date and day > self.to_date):
			return
		yield self.user, None
		if (
			self.delegate
			and (not self.delegate_from or self.delegate_from <= day)
			and (not self.delegate_to or day <= self.delegate_to)
		):
			yield self.delegate, self.user


@dataclass(slots=True)
class Memberships:
	"""All memberships of people who may log in, by unit and by person; and whoever served, by person."""

	by_unit: dict[str, list[Membership]]
	by_user: dict[str, list[Membership]]
	served: dict[str, list[Membership]]


def _read_tree() -> dict[str, Unit]:
	rows = frappe.get_all(
		"Administrative Unit",
		fields=[
			"name",
			"unit_name",
			"level",
			"parent_administrative_unit as parent",
			"is_one_stop",
			"one_stop",
			"working_calendar as calendar",
			"valid_from",
			"valid_to",
			"successor",
		],
		order_by="lft asc, name asc",
		limit=0,
	)
	tree = {row.name: Unit(**{**row, "is_one_stop": bool(row.is_one_stop)}) for row in rows}
	for unit in tree.values():
		if unit.parent in tree:
			tree[unit.parent].children.append(unit.name)
	return tree


def _read_memberships() -> Memberships:
	enabled = set(frappe.get_all("User", filters={"enabled": 1}, pluck="name", limit=0))
	closed = {
		row.name: row.modified.date()
		for row in frappe.get_all("User", {"enabled": 0}, ["name", "modified"], limit=0)
	}
	rows = frappe.get_all(
		"Unit Member",
		fields=[
			"user",
			"unit",
			"duty",
			"from_date",
			"to_date",
			"delegate",
			"delegate_from",
			"delegate_to",
		],
		order_by="from_date asc, name asc",
		limit=0,
	)
	known = Memberships(defaultdict(list), defaultdict(list), defaultdict(list))
	for row in rows:
		if row.delegate not in enabled:
			row.delegate = None
		member = Membership(**row)
		if member.user in enabled:
			known.by_unit[member.unit].append(member)
			known.by_user[member.user].append(member)
			known.served[member.user].append(member)
		elif member.user in closed:
			# Where nobody has entered when a duty ended, it ended with the account.
			until = min(member.to_date or closed[member.user], closed[member.user])
			known.served[member.user].append(replace(member, to_date=until))
		if member.delegate:
			known.by_user[member.delegate].append(member)
	return known


TREE: Snapshot[dict[str, Unit]] = Snapshot("units", _read_tree)
MEMBERS: Snapshot[Memberships] = Snapshot("members", _read_memberships)


def forget_members(doc: Any = None, method: str | None = None) -> None:
	"""A person was enabled, disabled or removed (hook of User)."""
	MEMBERS.forget()


def get(unit: str) -> Unit | None:
	"""The unit of this code, from the snapshot."""
	return TREE.get().get(unit)


def unit_name(unit: str | None) -> str:
	found = TREE.get().get(unit or "")
	return found.unit_name if found else unit or ""


def ancestors(unit: str) -> list[str]:
	"""The unit itself, then what is above it up to the root; empty for an unknown unit."""
	tree = TREE.get()
	found: list[str] = []
	# A loop cannot be saved, but must not hang a reader either.
	while unit and unit in tree and unit not in found:
		found.append(unit)
		unit = tree[unit].parent or ""
	return found


def agency_of(unit: str) -> str:
	"""The department, commune or agency directly under the province that a unit belongs to, or the unit itself."""
	line = ancestors(unit)
	return line[-2] if len(line) > 1 else unit


def descendants(unit: str) -> list[str]:
	"""The unit itself, then everything below it, each after the one above it; empty for an unknown unit."""
	tree = TREE.get()
	found: list[str] = []
	seen: set[str] = set()
	waiting = [unit]
	while waiting:
		current = waiting.pop()
		if current in tree and current not in seen:
			seen.add(current)
			found.append(current)
			waiting.extend(reversed(tree[current].children))
	return found


def successor_on(unit: str, day: date) -> str:
	"""The unit that does a unit's tasks on a day: itself while it exists, else the last of its successors.

	A unit that ended without a successor stays: nobody has taken over.
	"""
	tree = TREE.get()
	name, passed = unit, set()
	while (found := tree.get(name)) and found.valid_to and found.valid_to < day and found.successor in tree:
		if name in passed:
			break
		passed.add(name)
		name = found.successor
	return name


def heir(unit: str, day: date) -> str:
	"""The unit that answers on a day for what a unit did: itself, or the one it, or a unit it was part of, was merged into."""
	for name in ancestors(unit):
		successor = successor_on(name, day)
		if successor != name:
			return successor
	return unit


_heirs: dict[tuple, dict[str, str]] = {}
MOST_DAYS = 100


def heirs(day: date) -> dict[str, str]:
	"""The heir of every unit that was merged into another one by a day; kept, since reports ask for each of their rows."""
	key = (frappe.local.site, TREE.token(), day)
	if key not in _heirs:
		if len(_heirs) >= MOST_DAYS:
			_heirs.clear()
		_heirs[key] = _heirs_of(day)
	return _heirs[key]


def _heirs_of(day: date) -> dict[str, str]:
	gone = {
		below
		for name, unit in TREE.get().items()
		if unit.successor and unit.valid_to and unit.valid_to < day
		for below in descendants(name)
	}
	return {name: found for name in gone if (found := heir(name, day)) != name}


def with_merged(own: Iterable[str], day: date) -> frozenset[str]:
	"""Units, and those that were merged into any of them by a day."""
	own = frozenset(own)
	return own | {name for name, found in heirs(day).items() if found in own}


def answering(unit: str, day: date) -> frozenset[str]:
	"""The units a unit answers for on a day: itself, all below it, and those merged into any of them by then."""
	return with_merged(descendants(unit), day)


def members(unit: str, duty: str, on: date) -> list[str]:
	"""The people who hold a duty in a unit on a day, delegates included, in the order they took it up."""
	day = getdate(on)
	found: list[str] = []
	for member in MEMBERS.get().by_unit.get(unit, ()):
		if member.duty == duty:
			found += [user for user, _for in member.holders(day) if user not in found]
	return found


def served(user: str) -> list[Membership]:
	"""A person's own duties ever, those of a closed account until it was closed at the latest."""
	return MEMBERS.get().served.get(user, [])


def memberships(user: str, on: date) -> list[dict[str, str | None]]:
	"""What a person does where on a day: `[{unit, duty, delegated_by}]`; `delegated_by` for stand-ins."""
	day = getdate(on)
	found: list[dict[str, str | None]] = []
	for member in MEMBERS.get().by_user.get(user, ()):
		for holder, absent in member.holders(day):
			row = {"unit": member.unit, "duty": member.duty, "delegated_by": absent}
			if holder == user and row not in found:
				found.append(row)
	return found


def one_stop_centres(unit: str, on: date) -> list[str]:
	"""The one-stop centres that receive for a unit: itself, those below it, or the one it is tied to."""
	tree, day = TREE.get(), getdate(on)
	start = tree.get(unit)
	if start is None:
		return []
	if start.is_one_stop:
		return [unit] if start.exists_on(day) else []
	below = [name for name in descendants(unit) if tree[name].is_one_stop and tree[name].exists_on(day)]
	if below:
		return below
	tied = tree.get(start.one_stop or "")
	return [tied.name] if tied and tied.exists_on(day) else []


def one_stops_offering(procedure: str, on: date | None = None) -> list[dict[str, str]]:
	"""The one-stop centres that receive a procedure on a day (today), each with who decides.

	An offer may name a one-stop centre, or a unit above several; the nearest offer of a centre counts.
	Where an offer names nobody to decide, the centre's own authority does: the unit above it.

	:returns: `[{receiving_unit, receiving_unit_name, deciding_unit, deciding_unit_name}]` in tree order of
		the offers; empty for a procedure without offers
	"""
	day, tree = getdate(on), TREE.get()
	offers = frappe.get_cached_doc("Administrative Procedure", procedure).offers
	found: dict[str, tuple[int, str]] = {}
	for offer in offers:
		if (offer.valid_from and getdate(offer.valid_from) > day) or (
			offer.valid_to and getdate(offer.valid_to) < day
		):
			continue
		depth = len(ancestors(offer.receiving_unit))
		for centre in one_stop_centres(offer.receiving_unit, day):
			if centre not in found or found[centre][0] < depth:
				found[centre] = (depth, offer.deciding_unit or tree[centre].parent or centre)
	return [
		{
			"receiving_unit": centre,
			"receiving_unit_name": unit_name(centre),
			"deciding_unit": deciding,
			"deciding_unit_name": unit_name(deciding),
		}
		for centre, (_depth, deciding) in found.items()
	]


def unit_of_step(
	rule: str, receiving_unit: str | None, deciding_unit: str | None, named: str | None = None
) -> str | None:
	"""The unit a step's unit rule means for a dossier; None for the applicant, or where there is no such unit."""
	if rule == "Receiving Unit":
		return receiving_unit
	if rule == "Deciding Unit":
		return deciding_unit
	if rule == "Parent Unit":
		above = TREE.get().get(deciding_unit or "")
		return above.parent if above else None
	return named if rule == "Named Unit" else None
