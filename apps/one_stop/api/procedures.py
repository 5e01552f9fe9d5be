"""Procedures for the desk: found, checked, tried out, approved, and carried in and out as files.

Reading is for everyone who may read procedures; changing asks for the right to change the document itself,
which only the One-Stop Administrator and the System Manager have.
"""

from datetime import date
from typing import Any

import frappe
from frappe import _
from frappe.utils import get_datetime

from one_stop.organization import units
from one_stop.procedures import (
	catalogue,
	checks,
	procedure_file,
	process_file,
	side_by_side,
	trial,
	versions,
)
from one_stop.procedures.exceptions import TrialRefused

PROCEDURE, VERSION = "Administrative Procedure", "Procedure Version"


def search(text: str | None, limit: int = 20) -> list[dict]:
	"""Procedures in force by code or name; see `catalogue.search`."""
	return catalogue.search(text, limit)


@frappe.whitelist()
def receiving_units(procedure: str) -> list[dict[str, str]]:
	"""Where a procedure is received today, and who decides; see `units.one_stops_offering`."""
	_readable(PROCEDURE, procedure)
	return units.one_stops_offering(procedure)


@frappe.whitelist(methods=["POST"])
def check_version(doc: dict | str) -> dict[str, Any]:
	"""What the checks say about a version as it stands in the form, saved or not; see `checks.check_version`."""
	version = _in_form(doc)
	return checks.check_version(version, accepted_only=version.docstatus == 1)


@frappe.whitelist(methods=["POST"])
def try_version(
	doc: dict | str, receiving_unit: str, channel: str, received: str, case_name: str | None = None
) -> dict[str, Any]:
	"""What a dossier received by a version as it stands in the form would get; see `trial.try_version`."""
	version = _in_form(doc)
	try:
		moment = get_datetime(received)
	except (ValueError, TypeError, OverflowError):
		moment = None
	if moment is None:
		frappe.throw(_("Received At: please give a date and a time."), TrialRefused)
	return trial.try_version(version, receiving_unit, channel, moment, case_name or "")


@frappe.whitelist(methods=["POST"])
def read_bpmn(xml: str) -> dict[str, Any]:
	"""The steps of a BPMN 2.0 file, for the form to take over; see `process_file.read_file`."""
	_allowed(VERSION, "write")
	return process_file.read_file(xml)


@frappe.whitelist()
def compare_versions(older: str, newer: str) -> dict[str, Any]:
	"""Two versions side by side; see `side_by_side.compare`."""
	_readable(VERSION, older)
	_readable(VERSION, newer)
	return side_by_side.compare(older, newer)


@frappe.whitelist(methods=["POST"])
def new_version(version: str) -> dict[str, Any]:
	"""Make the next draft of an approved version; `{name, version_no}` of it, or of the draft there is."""
	_changeable(VERSION, version)
	_allowed(VERSION, "create")
	draft = versions.new_version(version)
	return {"name": draft.name, "version_no": draft.version_no}


@frappe.whitelist(methods=["POST"])
def approve_version(
	version: str,
	decision_number: str,
	decision_date: date,
	effective_from: date,
	decided_by: str | None = None,
) -> dict[str, Any]:
	"""Approve a draft by a decision; raises what its checks refuse. `{name, version_no, effective_from}`"""
	doc = _changeable(VERSION, version)
	doc.check_permission("submit")
	decision = {
		"decision_number": (decision_number or "").strip(),
		"decision_date": decision_date,
		"effective_from": effective_from,
		"decided_by": (decided_by or "").strip(),
	}
	approved = versions.approve(version, decision)
	return {
		"name": approved.name,
		"version_no": approved.version_no,
		"effective_from": str(approved.effective_from),
	}


@frappe.whitelist()
def export_procedure(procedure: str) -> dict[str, Any]:
	"""The whole procedure as one file."""
	_readable(PROCEDURE, procedure)
	_allowed(VERSION, "read")
	return procedure_file.export_procedure(procedure)


@frappe.whitelist(methods=["POST"])
def import_procedure(data: dict | str) -> dict[str, Any]:
	"""Take over a procedure from a file of this system or of the national database; all of it or nothing."""
	for doctype in (PROCEDURE, VERSION):
		_allowed(doctype, "create")
		_allowed(doctype, "write")
	_allowed(VERSION, "submit")
	return procedure_file.import_procedure(data)


def _in_form(doc: dict | str) -> Any:
	"""A version as the form holds it, in memory only: it is looked at and never saved."""
	values = frappe.parse_json(doc)
	if not isinstance(values, dict) or values.get("doctype") != VERSION:
		frappe.throw(_("This is not a version of a procedure."), frappe.ValidationError)
	_allowed(VERSION, "read")
	tables = {field.fieldname: field.options for field in frappe.get_meta(VERSION).get_table_fields()}
	for fieldname, child in tables.items():
		rows = values.get(fieldname) or []
		if (
			not isinstance(rows, list)
			or len(rows) > procedure_file.MOST_ROWS
			or any(not isinstance(row, dict) or row.get("doctype", child) != child for row in rows)
		):
			frappe.throw(_("This is not a version of a procedure."), frappe.ValidationError)
	return frappe.get_doc(values)


def _allowed(doctype: str, what: str) -> None:
	if not frappe.has_permission(doctype, what):
		frappe.throw(_("You may not do this with procedures."), frappe.PermissionError)


def _readable(doctype: str, name: str) -> Any:
	doc = frappe.get_cached_doc(doctype, name)
	doc.check_permission("read")
	return doc


def _changeable(doctype: str, name: str) -> Any:
	doc = frappe.get_doc(doctype, name)
	doc.check_permission("write")
	return doc
