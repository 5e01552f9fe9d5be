"""Award rules say "No Limit" where they said "None", which means something else in Vietnamese."""

import frappe


def execute() -> None:
	frappe.db.set_value("Award Rule", {"quota_kind": "None"}, "quota_kind", "No Limit")
