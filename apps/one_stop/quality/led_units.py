"""What a head's rating depends on: the results of the units they lead in the period of their evaluation.

The head answers for the unit: its results go into the yearly judgement of both (NĐ 61/2018 art. 32.2).
"""

from typing import Any

import frappe
from frappe import _
from frappe.utils import cint

from one_stop.organization import units

LEADING = "Approval"


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
