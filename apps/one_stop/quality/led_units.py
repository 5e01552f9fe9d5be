"""Who leads which unit, and what a head's rating depends on: the results of the units led in the period evaluated.

The head answers for the unit: its results go into the yearly judgement of both (NĐ 61/2018 art. 32.2).
"""

from typing import Any

import frappe
from frappe import _
from frappe.utils import cint, getdate

from one_stop.organization import units

LEADING = "Approval"


def leaders(unit: str, but: str = "") -> set[str]:
	"""Who leads a unit today, in their own right or standing in; without a person and whoever stands in for them."""
	found = set()
	for member in units.MEMBERS.get().by_unit.get(unit, ()):
		if member.duty == LEADING:
			found.update(
				holder for holder, absent in member.holders(getdate()) if but not in (holder, absent)
			)
	return found


def line_of(unit: str) -> list[str]:
	"""A unit, or the one that answers for it today, then what is above it up to the root."""
	return units.ancestors(units.heir(unit, getdate()))


def leads(unit: str, user: str) -> bool:
	"""Whether somebody leads a unit or one above it: who only works there, or leads elsewhere, does not."""
	return user == "Administrator" or any(user in leaders(name) for name in line_of(unit))


def superiors(officer: str, unit: str) -> set[str]:
	"""Who may judge an officer of a unit: whoever leads it or is above, but of the units the officer leads, only those
	strictly above. The head of an agency is judged by who manages them, not by their deputies (Luật Cán bộ, công chức 2008 art. 57).
	"""
	line = line_of(unit)
	led = [number for number, name in enumerate(line) if officer in leaders(name)]
	above = line[led[-1] + 1 :] if led else line
	return {leader for name in above for leader in leaders(name, but=officer)} - {officer}


def answers_for(user: str, unit: str, first: Any, last: Any) -> bool:
	"""Whether somebody's own judgement depends on a unit's results: they head or lead it, or did in the period."""
	return (
		frappe.get_cached_value("Administrative Unit", unit, "head") == user
		or user in leaders(unit)
		or unit in units_led(user, first, last)
	)


def units_led(officer: str, first: Any, last: Any) -> list[str]:
	"""The units somebody led on at least one day of a period, both days included, in the order of their codes."""
	return sorted(
		{
			member.unit
			for member in units.served(officer)
			if member.duty == LEADING and member.overlaps(first, last)
		}
	)


def results(evaluation: Any) -> list[dict[str, Any]]:
	"""The evaluations, of the same period, of the units an evaluated officer led, each with the indicators it is made
	of: those the session's user may see.
	"""
	led = units_led(evaluation.officer, evaluation.first_day, evaluation.last_day)
	if not led or not frappe.has_permission("Unit Evaluation", "read"):
		return []
	names = frappe.get_list(
		"Unit Evaluation",
		{
			"unit": ("in", led),
			"period": evaluation.period,
			"year": evaluation.year,
			"number": cint(evaluation.number),
		},
		pluck="name",
		order_by="unit asc, scheme asc",
		limit=0,
	)
	return [_result(frappe.get_doc("Unit Evaluation", name)) for name in names]


def _result(doc: Any) -> dict[str, Any]:
	verified = doc.status != "Computed"
	return {
		"name": doc.name,
		"unit_name": units.unit_name(doc.unit),
		"scheme": _(doc.scheme),
		"status": _(doc.status),
		"score": (doc.verified_score if verified else doc.score) if doc.has_score or verified else None,
		"grade": _((doc.verified_grade if verified else doc.grade) or ""),
		"scored_text": doc.scored_text,
		"lines": [
			{
				"title": row.title,
				"points": (row.verified_points if verified else row.computed_points)
				if row.has_data or row.entered
				else None,
				"most": row.most,
			}
			for row in doc.lines
			if row.counts
		],
	}
