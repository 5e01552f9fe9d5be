"""The line of a procedure's versions: which is in force when, the next draft, the approval."""

from datetime import timedelta
from itertools import zip_longest
from typing import Any

import frappe
from frappe import _
from frappe.utils import cint, getdate

from one_stop.procedures.exceptions import VersionNotApproved

DECISION = ("decision_number", "decision_date", "decided_by", "effective_from")


def approved_versions(procedure: str) -> list[Any]:
	"""The approved versions of a procedure, `[{name, version_no, effective_from, effective_to}]`, oldest first."""
	return frappe.get_all(
		"Procedure Version",
		filters={"procedure": procedure, "docstatus": 1},
		fields=["name", "version_no", "effective_from", "effective_to"],
		order_by="effective_from asc, version_no asc",
		limit=0,
	)


def next_number(procedure: str) -> int:
	"""The number of the next version: one more than any there was, cancelled ones included."""
	numbers = frappe.get_all("Procedure Version", {"procedure": procedure}, pluck="version_no", limit=0)
	return max(map(cint, numbers), default=0) + 1


def align_periods(procedure: str) -> None:
	"""Have every approved version end the day before the next begins, and the procedure name today's.

	Only these two derived facts of approved versions ever change; both are written past the document, which
	nobody may edit any more.
	"""
	versions = approved_versions(procedure)
	for version, following in zip_longest(versions, versions[1:]):
		ends = following.effective_from - timedelta(days=1) if following else None
		if version.effective_to != ends:
			frappe.db.set_value("Procedure Version", version.name, "effective_to", ends)
			frappe.clear_document_cache("Procedure Version", version.name)
	today = getdate()
	begun = [version.name for version in versions if version.effective_from <= today]
	current = begun[-1] if begun else None
	before = frappe.db.get_value(
		"Administrative Procedure", procedure, ["status", "current_version"], as_dict=True
	)
	changes = {"current_version": current} if before.current_version != current else {}
	if versions and before.status == "Draft":
		# What has an approved version is in the catalogue; taking it out again is the administrator's word.
		changes["status"] = "In Force"
	if changes:
		frappe.db.set_value("Administrative Procedure", procedure, changes)
		frappe.clear_document_cache("Administrative Procedure", procedure)


def follow_the_day() -> None:
	"""Daily: versions that begin today become the current ones of their procedures."""
	today = getdate()
	begun = frappe.get_all(
		"Procedure Version",
		filters={"docstatus": 1, "effective_from": today},
		pluck="procedure",
		distinct=True,
		limit=0,
	)
	for procedure in begun:
		align_periods(procedure)


def last_approved(procedure: str) -> str | None:
	"""The approved version that begins last, in force already or not."""
	found = approved_versions(procedure)
	return found[-1].name if found else None


def draft_of(procedure: str) -> str | None:
	"""The draft somebody works on, if there is one."""
	return frappe.db.get_value(
		"Procedure Version", {"procedure": procedure, "docstatus": 0}, order_by="version_no desc"
	)


def new_version(version: str) -> Any:
	"""The next draft: a copy of an approved version without its decision, or the draft that is there already.

	Frappe's Amend would ask for the old version to be cancelled first; it stays approved instead.
	"""
	source = frappe.get_doc("Procedure Version", version)
	if source.docstatus != 1:
		frappe.throw(
			_("Version {0} is not approved: change it itself instead of making another one.").format(
				source.version_no
			),
			VersionNotApproved,
		)
	if draft := draft_of(source.procedure):
		return frappe.get_doc("Procedure Version", draft)
	copy = frappe.copy_doc(source, ignore_no_copy=False)
	copy.update({"docstatus": 0, "supersedes": source.name, "amended_from": None, "warnings": []})
	return copy.insert()


def approve(version: str, decision: dict[str, Any]) -> Any:
	"""Approve a draft by a decision: `decision_number`, `decision_date`, `decided_by`, `effective_from`.

	Raises what the checks of the version refuse; then nothing is written.
	"""
	doc = frappe.get_doc("Procedure Version", version)
	doc.update({fieldname: decision.get(fieldname) for fieldname in DECISION})
	doc.submit()
	return doc
