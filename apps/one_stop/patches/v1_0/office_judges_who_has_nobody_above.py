"""Let the office that controls procedures verify the evaluation of an officer above whom there is nobody."""

import frappe


def execute() -> None:
	if not frappe.db.exists("Workflow", "Officer Evaluation"):
		return
	flow = frappe.get_doc("Workflow", "Officer Evaluation")
	known = {(row.state, row.action, row.allowed) for row in flow.transitions}
	for action, state in (("Verify", "Verified"), ("Send Back", "Computed")):
		if ("Self-Assessed", action, "Monitoring Officer") in known:
			continue
		flow.append(
			"transitions",
			{
				"state": "Self-Assessed",
				"action": action,
				"next_state": state,
				"allowed": "Monitoring Officer",
				"allow_self_approval": 1,
			},
		)
	flow.save()
