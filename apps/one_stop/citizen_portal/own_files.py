"""A citizen's file store: the papers and results of their own dossiers, to be fetched and used again
(NĐ 61/2018 art. 20.5; NĐ 107/2021)."""

from typing import Any

import frappe

from one_stop.citizen_portal.rendering import PageMissing


def list_of(user: str) -> list[dict[str, Any]]:
	"""`{file, name, label, kind: "Result"|"Paper", source, code, date}`, newest first."""
	dossiers = {
		row.name: row
		for row in frappe.get_all(
			"Dossier",
			filters={"applicant_user": user},
			fields=["name", "code", "procedure_name", "creation"],
			order_by="creation desc",
			limit=200,
		)
	}
	if not dossiers:
		return []
	results = frappe.get_all(
		"Dossier Result",
		filters={"dossier": ["in", list(dossiers)], "file": ["is", "set"]},
		fields=["dossier", "result_name as label", "file as url", "creation"],
	)
	papers = frappe.get_all(
		"Dossier Component",
		filters={"parent": ["in", list(dossiers)], "parenttype": "Dossier", "file": ["is", "set"]},
		fields=["parent as dossier", "component_name as label", "file as url", "creation"],
	)
	letters = frappe.get_all(
		"Dossier Letter",
		filters={"dossier": ["in", list(dossiers)], "file": ["is", "set"], "form": ["in", list(LETTERS)]},
		fields=["dossier", "form as label", "file as url", "creation"],
	)
	urls = {row.url for row in (*results, *papers, *letters)}
	files: dict[tuple, Any] = {}
	for row in frappe.get_all(
		"File",
		filters={"file_url": ["in", list(urls) or [""]]},
		fields=["name", "file_url", "file_name", "attached_to_doctype", "attached_to_name"],
		order_by="creation asc",
		limit=0,
	):
		files.setdefault(row.file_url, row)
	found = []
	for kind, rows in (("Result", results), ("Paper", papers), ("Letter", letters)):
		for row in rows:
			file, dossier = files.get(row.url), dossiers[row.dossier]
			if file:
				found.append(
					{
						"file": file.name,
						"name": file.file_name,
						"label": row.label,
						"kind": kind,
						"source": dossier.code or dossier.name,
						"dossier": dossier.name,
						"procedure_name": dossier.procedure_name,
						"date": row.creation,
					}
				)
	return sorted(found, key=lambda row: row["date"], reverse=True)


# Letters that go to the applicant; the others are the authority's own (TT 01/2018 art. 9).
LETTERS = ("Receipt", "Supplement Request", "Refusal", "Apology", "Stop Notice")


def find(user: str, file: str) -> dict[str, Any]:
	"""One file of the citizen's own. :raises PageMissing: it is not theirs, or is not there"""
	for row in list_of(user):
		if row["file"] == file:
			return row
	raise PageMissing
