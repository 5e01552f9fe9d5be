"""A citizen's file store: the papers and results of their own dossiers, to be fetched and used again
(NĐ 61/2018 art. 20.5; NĐ 107/2021)."""

from typing import Any

import frappe

from one_stop.citizen_portal.rendering import PageMissing
from one_stop.filters import among

FIELDS = ["name", "code", "procedure_name", "creation"]
ORDER = {"order_by": "creation desc, name desc"}

# Letters that go to the applicant; the others are the authority's own (TT 01/2018 art. 9).
LETTERS = ("Receipt", "Supplement Request", "Refusal", "Apology", "Stop Notice")


def list_of(user: str, start: int = 0, most: int = 50) -> list[dict[str, Any]]:
	"""`{file, name, label, kind: "Result"|"Paper"|"Letter", source, dossier, procedure_name, date}`, newest first.

	:param start: how many of the newest dossiers to pass over
	:param most: of how many dossiers the files are
	"""
	return _of(frappe.get_all("Dossier", {"applicant_user": user}, FIELDS, **ORDER, start=start, limit=most))


def of_dossier(user: str, dossier: str) -> list[dict[str, Any]]:
	"""The files of one dossier, where it is the citizen's own."""
	return _of(frappe.get_all("Dossier", {"applicant_user": user, "name": dossier}, FIELDS))


def find(user: str, file: str) -> dict[str, Any]:
	"""One file of the citizen's own. :raises PageMissing: it is not theirs, or is not there"""
	url = frappe.db.get_value("File", file, "file_url")
	holders = {
		name
		for doctype, fieldname in (
			("Dossier Result", "dossier"),
			("Dossier Component", "parent"),
			("Dossier Letter", "dossier"),
		)
		for name in (frappe.get_all(doctype, {"file": url}, pluck=fieldname, limit=0) if url else ())
	}
	mine = {"applicant_user": user, "name": among(holders)}
	for row in _of(frappe.get_all("Dossier", mine, FIELDS, limit=0)):
		if row["file"] == file:
			return row
	raise PageMissing


def _of(rows: list[Any]) -> list[dict[str, Any]]:
	dossiers = {row.name: row for row in rows}
	if not dossiers:
		return []
	results = frappe.get_all(
		"Dossier Result",
		filters={"dossier": ["in", list(dossiers)], "file": ["is", "set"]},
		fields=["name", "dossier", "result_name as label", "file as url", "creation"],
	)
	papers = frappe.get_all(
		"Dossier Component",
		filters={"parent": ["in", list(dossiers)], "parenttype": "Dossier", "file": ["is", "set"]},
		fields=["name", "parent as dossier", "component_name as label", "file as url", "creation"],
	)
	letters = frappe.get_all(
		"Dossier Letter",
		filters={"dossier": ["in", list(dossiers)], "file": ["is", "set"], "form": ["in", list(LETTERS)]},
		fields=["name", "dossier", "form as label", "file as url", "creation"],
	)
	urls = {row.url for row in (*results, *papers, *letters)}
	# The same content is kept once, whoever sent it: another person's copy of the file has a name of theirs.
	files: dict[tuple[str, str | None], Any] = {}
	any_of: dict[str, Any] = {}
	for row in frappe.get_all(
		"File",
		filters={"file_url": among(urls)},
		fields=["name", "file_url", "file_name", "attached_to_doctype", "attached_to_name"],
		order_by="creation asc",
		limit=0,
	):
		files.setdefault((row.file_url, row.attached_to_name), row)
		any_of.setdefault(row.file_url, row)
	found = []
	for kind, rows in (("Result", results), ("Paper", papers), ("Letter", letters)):
		for row in rows:
			dossier = dossiers[row.dossier]
			file = files.get((row.url, dossier.name)) or files.get((row.url, row.name))
			name = file and file.file_name
			if not file and (file := any_of.get(row.url)):
				name = f"{row.label}.{row.url.rsplit('.', 1)[-1]}"
			if file:
				found.append(
					{
						"file": file.name,
						"name": name,
						"label": row.label,
						"kind": kind,
						"source": dossier.code or dossier.name,
						"dossier": dossier.name,
						"procedure_name": dossier.procedure_name,
						"date": row.creation,
					}
				)
	return sorted(found, key=lambda row: row["date"], reverse=True)
