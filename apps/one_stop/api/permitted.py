"""Endpoints of Frappe that ask nobody for permission, answered here with what the caller may see."""

import frappe
from frappe.desk.form import linked_with

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
		if not frappe.has_permission(linked, "read"):
			continue
		names = [row["name"] for row in rows]
		seen = set(frappe.get_list(linked, filters={"name": ["in", names]}, pluck="name", limit=0))
		if kept := [row for row in rows if row["name"] in seen]:
			found[linked] = kept
	return found
