"""Loads the workflow and the board of dossiers, which Frappe does not sync from module folders."""

import json
from pathlib import Path

import frappe

FOLDER = Path(__file__).parent / "workflow"


def load_workflow() -> None:
	"""Create the workflow of dossiers with its states and actions, and the board, where they are missing.

	What exists is left alone: its wording, colours and roles belong to the administrators. Only the
	workflow's e-mails and notes of action are switched off again, since they would go round the ledger.
	"Editable by All" on the states after Draft gives nobody any right (permissions and the ledger decide);
	it only keeps Frappe from telling every reader that the workflow makes the form read-only.
	"""
	for row in _read("workflow_state"):
		_insert_missing("Workflow State", row["workflow_state_name"], row)
	for row in _read("workflow_action_master"):
		_insert_missing("Workflow Action Master", row["workflow_action_name"], row)
	workflow = _read("dossier_lifecycle")
	_insert_missing("Workflow", workflow["workflow_name"], workflow)
	board = _read("kanban_board")
	_insert_missing("Kanban Board", board["kanban_board_name"], board)
	if frappe.db.get_value("Workflow", workflow["workflow_name"], "send_email_alert"):
		frappe.db.set_value("Workflow", workflow["workflow_name"], "send_email_alert", 0)
		frappe.clear_cache(doctype=workflow["document_type"])
	note_no_actions(workflow["workflow_name"], workflow["document_type"])


def note_no_actions(workflow: str, doctype: str) -> None:
	"""Keep Frappe from noting for every role that may act on every draft saved what could be done with it.

	Who must act is what the inboxes say, by duty and unit; and in the table of the notes, drafts of all counters would
	wait for one another, to the deadlock. "Optional" is Frappe's own switch for it, and changes nothing else.
	"""
	noted = frappe.get_all(
		"Workflow Document State", filters={"parent": workflow, "is_optional_state": 0}, pluck="name"
	)
	for name in noted:
		frappe.db.set_value("Workflow Document State", name, "is_optional_state", 1)
	if not noted:
		return
	frappe.clear_cache(doctype=doctype)
	action, role = frappe.qb.DocType("Workflow Action"), frappe.qb.DocType("Workflow Action Permitted Role")
	old = frappe.qb.from_(action).select(action.name).where(action.reference_doctype == doctype)
	frappe.qb.from_(role).delete().where(role.parent.isin(old)).run()
	frappe.qb.from_(action).delete().where(action.reference_doctype == doctype).run()


def _read(name: str) -> list | dict:
	return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def _insert_missing(doctype: str, name: str, values: dict) -> None:
	if not frappe.db.exists(doctype, name):
		# Runs in after_migrate only, as Administrator and without a request.
		frappe.get_doc({"doctype": doctype, **values}).insert(ignore_permissions=True)
