"""What the counter asks while a dossier is being taken in."""

import frappe
from frappe import _
from frappe.utils import cint

from one_stop.api import procedures

REUSED = (
	"applicant_kind",
	"applicant_name",
	"applicant_id_type",
	"applicant_birth_date",
	"applicant_phone",
	"applicant_email",
	"applicant_address",
)
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

	:returns: ``{applicant: {fieldname: value}, open: [{name, code}]}``; `open` are running dossiers of the
		same person and procedure, for the duplicate warning
	"""
	frappe.only_for("Reception Clerk")
	id_number = id_number.strip()
	if len(id_number) < 8:
		frappe.throw(_("The ID number is too short to look a person up."))
	rows = frappe.get_list(
		"Dossier",
		filters={"applicant_id_number": id_number, "name": ["!=", dossier or ""]},
		fields=["name", "code", "status", "procedure", "consent", *REUSED],
		order_by="creation desc",
		limit=50,
	)
	agreed = next((row for row in rows if row.consent), {})
	return {
		"applicant": {fieldname: agreed.get(fieldname) for fieldname in REUSED if agreed.get(fieldname)},
		"open": [
			{"name": row.name, "code": row.code}
			for row in rows
			if procedure and row.procedure == procedure and row.code and row.status not in ENDED
		],
	}
