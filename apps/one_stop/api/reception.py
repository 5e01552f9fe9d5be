"""What the counter asks while a dossier is being taken in."""

import frappe
from frappe import _
from frappe.utils import cint, get_datetime

from one_stop.api import procedures
from one_stop.dossiers import intake

REUSED = (
	"applicant_kind",
	"applicant_name",
	"applicant_id_type",
	"applicant_birth_date",
	"applicant_phone",
	"applicant_email",
	"applicant_address",
)
MOST_AT_ONCE = 100
ENDED = ("Not Received", "Withdrawn", "Stopped", "Finished", "Returned")


@frappe.whitelist()
@frappe.validate_and_sanitize_search_inputs
def find_procedures(
	doctype: str, txt: str, searchfield: str, start: int, page_len: int, filters: dict | None = None
) -> list[tuple]:
	"""Procedures for the link field: by code or by name, with or without diacritics."""
	found = procedures.search(txt, limit=cint(start) + cint(page_len))[cint(start) :]
	return [(row["procedure"], row["procedure_name"], row.get("field_name") or "") for row in found]


@frappe.whitelist(methods=["GET"])
def known_applicant(id_number: str, procedure: str | None = None, dossier: str | None = None) -> dict:
	"""What earlier dossiers say about the person with this ID number.

	Only clerks may ask, only dossiers they may read answer, and facts about the person come only from
	dossiers whose applicant agreed to their reuse (NĐ 61/2018 art. 26).

	:returns: ``{applicant: {fieldname: value}, open: [{name, code}]}``; `open` are dossiers of the same person and
		procedure that run or wait for their reception, for the duplicate warning; these have no code yet
	"""
	frappe.only_for("Reception Clerk")
	id_number = id_number.strip()
	if len(id_number) < 8:
		frappe.throw(_("The ID number is too short to look a person up."))
	rows = frappe.get_list(
		"Dossier",
		filters={"applicant_id_number": id_number, "name": ["!=", dossier or ""]},
		fields=["name", "code", "status", "submitted_at", "procedure", "consent", *REUSED],
		order_by="creation desc",
		limit=50,
	)
	agreed = next((row for row in rows if row.consent), {})
	return {
		"applicant": {fieldname: agreed.get(fieldname) for fieldname in REUSED if agreed.get(fieldname)},
		"open": [
			{"name": row.name, "code": row.code}
			for row in rows
			if procedure
			and row.procedure == procedure
			and row.status not in ENDED
			and (row.status != "Draft" or row.submitted_at)
		],
	}


@frappe.whitelist(methods=["GET"])
def earlier_results(id_number: str) -> list[dict]:
	"""Electronic results of the person with this ID number, newest first, among dossiers the clerk may see.

	They may be used instead of a new scan (NĐ 61/2018 art. 20.5, 26; NĐ 107/2021).

	:returns: ``[{name, result_name, number, issued_on, file, code}]``
	"""
	frappe.only_for("Reception Clerk")
	id_number = id_number.strip()
	if len(id_number) < 8:
		frappe.throw(_("The ID number is too short to look a person up."))
	dossiers = {
		row.name: row.code
		for row in frappe.get_list(
			"Dossier",
			filters={"applicant_id_number": id_number, "status": ["in", ["Finished", "Returned"]]},
			fields=["name", "code"],
			limit=200,
		)
	}
	if not dossiers:
		return []
	results = frappe.get_list(
		"Dossier Result",
		filters={"dossier": ["in", list(dossiers)], "refused": 0, "file": ["is", "set"]},
		fields=["name", "dossier", "result_name", "number", "issued_on", "file"],
		order_by="issued_on desc",
		limit=50,
	)
	return [{**row, "code": dossiers[row.pop("dossier")]} for row in results]


def _postal_drafts(dossiers: str) -> list:
	"""The drafts named in a JSON list, as far as the session's user may see them, in the order given."""
	names = frappe.parse_json(dossiers)
	if not isinstance(names, list) or not 0 < len(names) <= MOST_AT_ONCE:
		frappe.throw(_("Choose between 1 and {0} dossiers.").format(MOST_AT_ONCE))
	rows = {
		row.name: row
		for row in frappe.get_list(
			"Dossier",
			filters={"name": ["in", names]},
			fields=["name", "applicant_name", "procedure_name", "receiving_unit", "channel"],
			limit=MOST_AT_ONCE,
		)
	}
	return [rows[name] for name in names if name in rows]


@frappe.whitelist(methods=["GET"])
def without_handover(dossiers: str) -> list[dict]:
	"""Those of some dossiers by post that no signed hand-over minutes list.

	:param dossiers: JSON list of names, at most 100
	:returns: ``[{name, applicant_name, procedure_name}]``
	"""
	frappe.only_for("Reception Clerk")
	return [
		{"name": row.name, "applicant_name": row.applicant_name, "procedure_name": row.procedure_name}
		for row in _postal_drafts(dossiers)
		if row.channel == "Post" and not intake.handover_moment(row.name)
	]


@frappe.whitelist(methods=["POST"])
def sign_handover(
	dossiers: str, signed_at: str, carrier: str, postman: str, slips: str | None = None
) -> dict:
	"""Enter the signed hand-over minutes of drafts that came by post (QĐ 45/2016/QĐ-TTg art. 7.3, 7.4).

	:param dossiers: JSON list of names, all of one counter
	:param slips: JSON list of the slips' numbers, in the same order
	:returns: ``{name}`` of the Postal Handover
	Raises NotYourDuty, HandoverMissing, MomentRefused.
	"""
	frappe.only_for("Reception Clerk")
	rows = _postal_drafts(dossiers)
	numbers = frappe.parse_json(slips or "[]")
	minutes = frappe.get_doc(
		{
			"doctype": "Postal Handover",
			"unit": rows[0].receiving_unit if rows else None,
			"signed_at": get_datetime(signed_at),
			"carrier": carrier,
			"postman": postman,
			"items": [
				{
					"dossier": row.name,
					"slip_number": str(numbers[at])[:140] if at < len(numbers) else None,
					"complete": 1,
				}
				for at, row in enumerate(rows)
			],
		}
	)
	minutes.insert()
	minutes.submit()
	return {"name": minutes.name}
