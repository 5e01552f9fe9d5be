"""What stands between a draft and its approval: a decision, an order in time, and the checks."""

from typing import Any

import frappe
from frappe import _
from frappe.utils import escape_html, formatdate, getdate

from one_stop.procedures import checks, versions
from one_stop.procedures.exceptions import (
	DecisionInFuture,
	DecisionMissing,
	EffectiveBeforeDecision,
	EffectiveBeforePredecessor,
	PublishedOutOfTime,
	VersionHasErrors,
	WarningWithoutReason,
)


def check_decision(doc: Any) -> None:
	for fieldname in ("decision_number", "decision_date", "effective_from"):
		if not doc.get(fieldname):
			frappe.throw(
				_("{0} is missing: a version is approved by a numbered and dated decision.").format(
					_(doc.meta.get_label(fieldname))
				),
				DecisionMissing,
			)
	decided, effective = getdate(doc.decision_date), getdate(doc.effective_from)
	if decided > getdate():
		frappe.throw(
			_("Decision Date: {0} lies in the future.").format(formatdate(decided)), DecisionInFuture
		)
	if effective < decided:
		frappe.throw(
			_("Effective From: {0} lies before the decision of {1}.").format(
				formatdate(effective), formatdate(decided)
			),
			EffectiveBeforeDecision,
		)


def set_publication(doc: Any) -> None:
	"""Approval publishes, unless the decision was published somewhere before (QĐ 766/QĐ-TTg, 1.2).

	:raises PublishedOutOfTime: before the decision, or in the future
	"""
	doc.published_on = published = getdate(doc.published_on)
	if not getdate(doc.decision_date) <= published <= getdate():
		frappe.throw(
			_("Published On: {0} must lie between the decision and today.").format(formatdate(published)),
			PublishedOutOfTime,
		)


def check_order(doc: Any) -> None:
	for other in versions.approved_versions(doc.procedure):
		if other.effective_from >= getdate(doc.effective_from):
			frappe.throw(
				_("Effective From: version {0} is in force from {1}; this one must begin later.").format(
					other.version_no, formatdate(other.effective_from)
				),
				EffectiveBeforePredecessor,
			)


def check_findings(doc: Any) -> None:
	"""No error is left, every warning has its reason; reasons for what is no longer found are dropped."""
	found = checks.check_version(doc)["findings"]
	errors = [finding["message"] for finding in found if finding["severity"] == "error"]
	if errors:
		frappe.throw(
			[_("These errors block the approval:"), *map(escape_html, errors)],
			VersionHasErrors,
			_("Not Yet"),
			as_list=True,
		)
	reasons = {row.code: row.reason for row in doc.warnings}
	if doc.flags.imported:
		reason = _("Imported as approved by decision {0}.").format(doc.decision_number)
		reasons = {finding["code"]: reasons.get(finding["code"]) or reason for finding in found}
	open_ones = [finding for finding in found if not (reasons.get(finding["code"]) or "").strip()]
	if open_ones:
		frappe.throw(
			[
				_("These warnings need a written reason:"),
				*(escape_html(finding["message"]) for finding in open_ones),
			],
			WarningWithoutReason,
			_("Not Yet"),
			as_list=True,
		)
	doc.set("warnings", [])
	for finding in found:
		doc.append(
			"warnings",
			{
				"code": finding["code"],
				"message": finding["message"],
				"reason": reasons[finding["code"]],
			},
		)
