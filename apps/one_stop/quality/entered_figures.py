"""Figures of indicators this system has no data for, entered by the office that controls procedures with evidence.

Synchronisation with the national portal, papers taken from the national store and accounts verified by the
population data are counted elsewhere. An indicator is left out as long as its period is not covered to the day.
"""

from collections.abc import Collection, Iterator
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

	Shorter periods within it are added up. What was entered for a unit merged into this one is its own, and each of
	them must be covered on all days of the period on which it existed.

	:param answering: the unit, those below it, and those merged into any of them
	"""
	if not unit or not units.get(unit):
		return None
	own = {unit, *(name for name in answering if units.successor_on(name, last) == unit)}
	rows = frappe.get_all(
		"Entered Figure",
		{
			"measure": measure,
			"unit": ("in", list(own)),
			"docstatus": 1,
			"first_day": (">=", first),
			"last_day": ("<=", last),
		},
		["unit", "first_day", "last_day", "part", "whole"],
		limit=0,
	)
	covered = {(row.unit, day) for row in rows for day in _days(row.first_day, row.last_day)}
	lived = {(name, day) for name in own for day in _days(first, last) if units.get(name).exists_on(day)}
	if not lived or not lived <= covered:
		return None
	return sum(row.part for row in rows), sum(row.whole for row in rows)


def _days(first: date, last: date) -> Iterator[date]:
	return (first + timedelta(days=offset) for offset in range((last - first).days + 1))
