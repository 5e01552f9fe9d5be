"""When a dossier would be due, for whoever may read procedures."""

from typing import Any

import frappe
from frappe import _

from one_stop.dossiers import deadlines


@frappe.whitelist(methods=["GET", "POST"])
def preview(
	procedure: str, received: str, channel: str = "Counter", case: str = "", unit: str | None = None
) -> dict[str, Any]:
	"""The due date and the steps of a dossier received at a moment, and how they are counted. Writes nothing.

	:param procedure: national or local code, such as 1.001193
	:param received: local time of receipt, ISO 8601
	:param channel: Counter, Online or Post, in any case of letters
	:param case: a case of the procedure; empty is the ordinary one
	:param unit: code of the one-stop centre that receives; empty is the first that does
	:returns: ``{due, steps: [{key, title, opens, due, unit, unit_name, duty, ...}], explanation: [str], rule,
		rules: [str], flags: [str], flag_texts: [str], ...}``; times are ISO 8601 local with offset, texts in the
		caller's language
	:raises DeadlineRefused: for a value that has no meaning, naming it and what it may be
	:raises NoVersionInForce: for a procedure nobody approved a version of
	"""
	code = deadlines.procedure_named(procedure)
	if not frappe.has_permission("Administrative Procedure", "read", code):
		frappe.throw(_("You may not read procedures."), frappe.PermissionError)
	found = deadlines.deadline_of(code, received, channel or "", case or "", unit or None)
	return deadlines.as_dict(found, deadlines.language_of(frappe.local.lang))
