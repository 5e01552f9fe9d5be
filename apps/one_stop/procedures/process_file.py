"""A BPMN file as rows of a version: what it names is looked up among the units, duties and procedures here."""

from typing import Any

import frappe
from frappe import _
from frappe.utils import escape_html

from one_stop.organization import units
from one_stop.procedures import bpmn
from one_stop.procedures.catalogue import plain
from one_stop.procedures.exceptions import ProcessFileRefused

LINKS = {"duty": "Duty", "unit": "Administrative Unit", "linked_procedure": "Administrative Procedure"}


def read_file(xml: str) -> dict[str, Any]:
	"""The steps of a BPMN 2.0 file: `{steps: [Process Step rows], messages}`. Nothing is written.

	Raises ProcessFileRefused.
	"""
	try:
		found = bpmn.read_process(xml)
	except bpmn.BpmnError as refused:
		values = {name: escape_html(str(value)) for name, value in refused.values.items()}
		frappe.throw(_(refused.template).format(**values), ProcessFileRefused)
	messages = [_(message.template).format(**message.values) for message in found.messages]
	for row in found.steps:
		_place_by_lane(row, found.lanes.get(row["step_key"], ""), messages)
		for fieldname, doctype in LINKS.items():
			if row[fieldname] and not frappe.db.exists(doctype, row[fieldname]):
				messages.append(
					_("Step “{0}”: {1} {2} does not exist here and was left out.").format(
						row["title"], _(doctype), row[fieldname]
					)
				)
				row[fieldname] = ""
	return {"steps": found.steps, "messages": messages}


def _place_by_lane(row: dict[str, Any], lane: str, messages: list[str]) -> None:
	"""The unit of a step that the file of another tool only says by the name of its lane."""
	if not lane:
		return
	asked = plain(lane)
	for rule in bpmn.CHOICES["unit_rule"]:
		if asked in (plain(rule), plain(_(rule))):
			row["unit_rule"] = rule
			return
	for unit in units.TREE.get().values():
		if asked in (plain(unit.unit_name), plain(unit.name)):
			row["unit_rule"], row["unit"] = "Named Unit", unit.name
			return
	message = _("The lane “{0}” is no unit here; check which unit does its steps.").format(lane)
	if message not in messages:
		messages.append(message)
