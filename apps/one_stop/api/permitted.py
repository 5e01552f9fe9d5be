"""Endpoints of Frappe that ask nobody for permission, answered here with what the caller may see."""

import frappe
from frappe.desk.form import linked_with
from frappe.utils import cint, global_search

from one_stop.compat import count_permitted


@frappe.whitelist()
def get_count(doctype: str, filters: str | dict | list | None = None, **options) -> int:
	"""In place of `frappe.client.get_count`, which counts every document, whoever asks: with filters that is an
	answer to any question about documents of others.

	:raises frappe.PermissionError: the session's user may not list the DocType
	"""
	return count_permitted(doctype, frappe.parse_json(filters) or {})


@frappe.whitelist()
def linked_documents(doctype: str, docname: str) -> dict[str, list[dict]]:
	"""In place of `frappe.desk.form.linked_with.get`: the documents that link to one, as far as the caller may list
	them.

	:raises frappe.PermissionError: the caller may not read the document itself
	"""
	frappe.get_doc(doctype, docname).check_permission("read")
	found = {}
	for linked, rows in linked_with.get(doctype, docname).items():
		seen = _listed(linked, [row["name"] for row in rows])
		if kept := [row for row in rows if row["name"] in seen]:
			found[linked] = kept
	return found


@frappe.whitelist()
def search(text: str, start: int | str = 0, limit: int | str = 20, doctype: str = "") -> list[dict]:
	"""In place of `frappe.utils.global_search.search`, which shows what was found of documents to everybody: what the
	caller may read of it."""
	found = global_search.search(text, cint(start), min(cint(limit) or 20, 100), doctype)
	names: dict[str, list[str]] = {}
	for row in found:
		names.setdefault(row.doctype, []).append(row.name)
	seen = {kind: _listed(kind, own) for kind, own in names.items()}
	return [row for row in found if row.name in seen[row.doctype]]


def _listed(doctype: str, names: list[str]) -> set[str]:
	"""Those of some documents that the session's user may list."""
	if not frappe.has_permission(doctype, "read"):
		return set()
	return set(frappe.get_list(doctype, filters={"name": ["in", names]}, pluck="name", limit=0))
