"""Name the voters of proposals that were submitted before the council of the day was kept with them."""

import frappe


def execute() -> None:
	for proposal in frappe.get_all(
		"Award Proposal",
		{"status": ("!=", "Proposed"), "council": ("is", "set")},
		["name", "council", "officer"],
		limit=0,
	):
		if frappe.db.exists("Council Member", {"parent": proposal.name, "parenttype": "Award Proposal"}):
			continue
		members = frappe.get_doc("Emulation Council", proposal.council).members
		voters = [row for row in members if row.member != proposal.officer]
		for number, row in enumerate(voters, 1):
			frappe.get_doc(
				{
					"doctype": "Council Member",
					"parent": proposal.name,
					"parenttype": "Award Proposal",
					"parentfield": "voters",
					"idx": number,
					"member": row.member,
					"position": row.position,
				}
			).db_insert()
