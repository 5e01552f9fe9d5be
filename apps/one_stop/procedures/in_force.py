"""Which procedures are in force on a day, by which version, and where they are received then.

Reports and evaluations ask for days gone by, for which neither today's catalogue nor today's offers will do.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

import frappe
from frappe.utils import getdate

from one_stop.organization import units


@dataclass(frozen=True, slots=True)
class Reception:
	"""An offer of a procedure: the one-stop centres that receive by it on a day, and who decides for each."""

	receiving_unit: str
	centres: tuple[str, ...]
	deciding: frozenset[str]

	@property
	def units(self) -> frozenset[str]:
		"""All units that have to do with it."""
		return self.deciding | {self.receiving_unit, *self.centres}

	@property
	def decided_there(self) -> bool:
		"""Whether a place that receives decides as well."""
		return bool(self.deciding & {self.receiving_unit, *self.centres})


def on(day: date) -> list[Any]:
	"""The procedures in force on a day in the order of their codes, each with its `version` of that day, if it has any.

	One that has approved versions is in force from the first of them on; one without as its status says.
	"""
	versions = {row.procedure: row.name for row in _begun(day)}
	all_approved = set(
		frappe.get_all("Procedure Version", {"docstatus": 1}, pluck="procedure", distinct=True, limit=0)
	)
	rows = frappe.get_all(
		"Administrative Procedure",
		{"status": ("in", ("In Force", "Repealed"))},
		[
			"name",
			"procedure_name",
			"field",
			"level",
			"authority",
			"status",
			"repealed_on",
			"exempt",
			"subject_citizen",
			"subject_business",
		],
		order_by="name asc",
		limit=0,
	)
	return [
		{**row, "version": versions.get(row.name)}
		for row in rows
		if (row.status == "In Force" or (row.repealed_on and row.repealed_on > day))
		and (row.name in versions or row.name not in all_approved)
	]


def _begun(day: date) -> list[Any]:
	"""Approved versions that have begun by a day, the last of each procedure last."""
	return frappe.get_all(
		"Procedure Version",
		{"docstatus": 1, "effective_from": ("<=", day)},
		["name", "procedure"],
		order_by="effective_from asc, version_no asc",
		limit=0,
	)


def receptions(day: date) -> dict[str, list[Reception]]:
	"""The offers of each procedure that hold on a day, with the centres below a unit that stands above several.

	Where an offer names nobody to decide, the authority of each centre does: the unit above it.
	"""
	tree = units.TREE.get()
	found: dict[str, list[Reception]] = defaultdict(list)
	centres_of: dict[str, tuple[str, ...]] = {}
	for offer in frappe.get_all(
		"Procedure Offer",
		{"parenttype": "Administrative Procedure"},
		["parent", "receiving_unit", "deciding_unit", "valid_from", "valid_to"],
		order_by="parent asc, idx asc",
		limit=0,
	):
		if (offer.valid_from and getdate(offer.valid_from) > day) or (
			offer.valid_to and getdate(offer.valid_to) < day
		):
			continue
		unit = offer.receiving_unit
		if unit not in centres_of:
			centres_of[unit] = tuple(units.one_stop_centres(unit, day))
		centres = centres_of[unit]
		deciding = (
			{offer.deciding_unit}
			if offer.deciding_unit
			else {tree[centre].parent or centre for centre in centres} or {unit}
		)
		found[offer.parent].append(Reception(unit, centres, frozenset(deciding)))
	return dict(found)
