"""What the desk asks of rule sets, evaluations and awards."""

import frappe

from one_stop.quality import rule_sets


@frappe.whitelist(methods=["POST"])
def new_version(rule_set: str) -> str:
	"""A draft that follows an approved rule set. Returns its name."""
	frappe.has_permission("Evaluation Rule Set", "create", throw=True)
	return rule_sets.new_version(rule_set).name


@frappe.whitelist(methods=["POST"])
def run_again(run: str) -> None:
	"""Compute a period again: what has been published stays."""
	frappe.has_permission("Evaluation Run", "create", throw=True)
	doc = frappe.get_doc("Evaluation Run", run)
	doc.check_permission("write")
	doc.db_set({"status": "Waiting", "progress": 0})
	doc.queue()
