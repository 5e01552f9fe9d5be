"""Loads the workflows of evaluations and awards, which Frappe does not sync from module folders."""

import json
from pathlib import Path

import frappe

from one_stop.dossiers.workflow_loader import note_no_actions

FOLDER = Path(__file__).parent / "workflow"


def load_workflows() -> None:
	"""Create the workflows with their states and actions where they are missing (after_migrate).

	What exists is left alone: wording, colours and roles belong to the administrators. E-mails of the workflow
	are off. "Editable by All" gives nobody a right: permissions and the controllers decide who changes what.
	"""
	for path in sorted(FOLDER.glob("*.json")):
		workflow = json.loads(path.read_text(encoding="utf-8"))
		for state in workflow.pop("state_styles"):
			_insert_missing("Workflow State", state["workflow_state_name"], state)
		for action in {row["action"] for row in workflow["transitions"]}:
			_insert_missing("Workflow Action Master", action, {"workflow_action_name": action})
		_insert_missing("Workflow", workflow["workflow_name"], workflow)
		# Frappe would show every leader the evaluations of all units as theirs to do.
		note_no_actions(workflow["workflow_name"], workflow["document_type"])


def _insert_missing(doctype: str, name: str, values: dict) -> None:
	if not frappe.db.exists(doctype, name):
		# Runs in after_migrate only, as Administrator and without a request.
		frappe.get_doc({"doctype": doctype, **values}).insert(ignore_permissions=True)
