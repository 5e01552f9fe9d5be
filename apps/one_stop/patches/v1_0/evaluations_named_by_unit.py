"""Evaluations of units are listed by the unit's name, which those computed before do not hold yet."""

import frappe

from one_stop.organization import units


def execute() -> None:
	for unit in frappe.get_all(
		"Unit Evaluation", {"unit_name": ["is", "not set"]}, pluck="unit", distinct=True
	):
		frappe.db.set_value("Unit Evaluation", {"unit": unit}, "unit_name", units.unit_name(unit))
