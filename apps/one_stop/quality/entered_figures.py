"""Figures of indicators this system has no data for, entered by the office that controls procedures with evidence.

Synchronisation with the national portal, papers taken from the national store and accounts verified by the
population data are counted elsewhere. An indicator is left out as long as its period is not covered to the day.
"""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any

import frappe

from one_stop.organization import units

MEASURES = ("qd766_1_1", "qd766_1_2", "qd766_1_4", "qd766_4_4", "qd766_4_5")


def overlapping(figure: Any) -> Any:
	"""Another submitted figure of the same indicator and unit whose days overlap; None where there is none."""
	return frappe.db.get_value(
		"Entered Figure",
		{
			"measure": figure.measure,
			"unit": figure.unit,
			"docstatus": 1,
			"name": ("!=", figure.name or ""),
			"first_day": ("<=", figure.last_day),
			"last_day": (">=", figure.first_day),
		},
		["name", "first_day", "last_day"],
		as_dict=True,
	)


def counted(
	measure: str, unit: str | None, answering: Collection[str], first: date, last: date
) -> tuple[int, int] | None:
	"""Part and whole of an indicator for a unit, both days included; None unless they cover the period.

	Shorter periods within it are added up. What was entered for a unit merged into this one is its own.

	:param answering: the unit, those below it, and those merged into any of them
	"""
	if not unit:
		return None
	own = {unit, *(set(answering) - set(units.descendants(unit)))}
	rows = frappe.get_all(
		"Entered Figure",
		{
			"measure": measure,
			"unit": ("in", list(own)),
			"docstatus": 1,
			"first_day": (">=", first),
			"last_day": ("<=", last),
		},
		["first_day", "last_day", "part", "whole"],
		limit=0,
	)
	covered = {
		row.first_day + timedelta(days=offset)
		for row in rows
		for offset in range((row.last_day - row.first_day).days + 1)
	}
	if len(covered) < (last - first).days + 1:
		return None
	return sum(row.part for row in rows), sum(row.whole for row in rows)
