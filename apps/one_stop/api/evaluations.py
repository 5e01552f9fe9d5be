"""What the desk asks of rule sets, evaluations and awards."""

import frappe

from one_stop.quality import rule_sets


@frappe.whitelist(methods=["POST"])
def new_version(rule_set: str) -> str:
	"""A draft that follows an approved rule set. Returns its name."""
	frappe.has_permission("Evaluation Rule Set", "create", throw=True)
	return rule_sets.new_version(rule_set).name
