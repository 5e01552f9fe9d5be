"""Frappe's own workflow endpoints, led to the commands of the lifecycle where the document is a dossier.

Actions that need an answer are told to use the form's buttons, whose dialogs ask for it.
"""

import json

import frappe
from frappe import _
from frappe.model import workflow as frappe_workflow
from frappe.utils import getdate

from one_stop import permissions
from one_stop.dossiers import authority, ledger, lifecycle
from one_stop.dossiers.case import COMMANDS
from one_stop.dossiers.exceptions import CommandRefused

DOSSIER = "Dossier"
MOST_AT_ONCE = 200
# Actions without anything to fill in; each with the command that carries it out.
PLAIN = {
	"Receive": "receive",
	"Take In Supplement": "take_in_supplement",
	"Confirm Payment": "confirm_payment",
}


def _document(doc: str | dict):
	values = frappe.parse_json(doc)
	return values.get("doctype"), values.get("name")


@frappe.whitelist()
def get_transitions(doc: str | dict, workflow=None, raise_exception: bool = False) -> list[dict]:
	"""The workflow's transitions that the session's user may take now; Frappe's own for other documents."""
	doctype, name = _document(doc)
	if doctype != DOSSIER:
		return frappe_workflow.get_transitions(frappe.parse_json(doc), raise_exception=raise_exception)
	return _transitions(name)


def _transitions(name: str | None) -> list[dict]:
	if not name or not frappe.db.exists(DOSSIER, name):
		return []
	if not permissions.may_read_dossier(name):
		raise frappe.PermissionError
	row = frappe.db.get_value(DOSSIER, name, "*", as_dict=True)
	now = ledger.standing(name)
	who = authority.person(frappe.session.user, getdate())
	open_keys = [step.key for step in now.open_steps()] or [None]
	allowed = {
		command.action
		for command in COMMANDS.values()
		if command.action and any(lifecycle.offered(command.name, who, row, now, key) for key in open_keys)
	}
	flow = frappe.get_cached_doc("Workflow", frappe.get_meta(DOSSIER).get_workflow())
	seen, found = set(), []
	for transition in flow.transitions:
		key = (transition.action, transition.next_state)
		if transition.state == row.status and transition.action in allowed and key not in seen:
			seen.add(key)
			found.append(transition.as_dict())
	return found


@frappe.whitelist(methods=["POST"])
def apply_workflow(doc: str | dict, action: str):
	"""A workflow action on a dossier, carried out as a command; Frappe's own for other documents."""
	doctype, name = _document(doc)
	if doctype != DOSSIER:
		return frappe_workflow.apply_workflow(frappe.parse_json(doc), action)
	_apply(name, action)
	return frappe.get_doc(DOSSIER, name)


def _apply(name: str, action: str) -> None:
	if not permissions.may_read_dossier(name):
		raise frappe.PermissionError
	command = PLAIN.get(action)
	if command is None:
		frappe.throw(
			_("“{0}” needs an answer: open the dossier and use its button.").format(_(action)), CommandRefused
		)
	key = f"workflow:{frappe.generate_hash(length=20)}"
	getattr(lifecycle, command)(name, client_key=key)


@frappe.whitelist(methods=["POST"])
def bulk_workflow_approval(docnames: str | list, doctype: str, action: str) -> None:
	"""One action on many documents; each dossier is a command of its own, so one refused holds up no other."""
	if doctype != DOSSIER:
		return frappe_workflow.bulk_workflow_approval(docnames, doctype, action)
	names = json.loads(docnames) if isinstance(docnames, str) else list(docnames)
	refused = []
	for name in names[:MOST_AT_ONCE]:
		try:
			_apply(name, action)
		except Exception as error:
			frappe.db.rollback()
			frappe.clear_messages()
			seen = permissions.may_read_dossier(name)
			code = frappe.db.get_value(DOSSIER, name, "code") if seen else None
			refused.append(f"{code or name}: {error or _('Not permitted')}")
	if refused:
		frappe.msgprint([frappe.utils.escape_html(line) for line in refused], _("Not done"), as_list=True)


@frappe.whitelist()
def get_common_transition_actions(docs: str | list, doctype: str) -> list[str]:
	"""The actions that every document of a selection allows."""
	if doctype != DOSSIER:
		return frappe_workflow.get_common_transition_actions(docs, doctype)
	rows = json.loads(docs) if isinstance(docs, str) else docs
	common: set[str] | None = None
	for row in rows[:MOST_AT_ONCE]:
		allowed = {transition["action"] for transition in _transitions(row.get("name"))} & PLAIN.keys()
		common = allowed if common is None else common & allowed
	return sorted(common or ())
