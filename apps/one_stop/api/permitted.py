"""Endpoints of Frappe that ask nobody for permission, answered here with what the caller may see."""

import frappe
from frappe.desk.form import linked_with
from frappe.utils import add_user_info, cint, global_search

from one_stop.compat import count_permitted
from one_stop.filters import among


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


@frappe.whitelist()
def viewers(users: str | list) -> dict[str, dict]:
	"""In place of `frappe.desk.form.load.get_user_info_for_viewers`: who of the desk has a form open. Of citizens it
	would tell the name."""
	colleagues = {"name": among(frappe.parse_json(users)), "user_type": "System User"}
	found: dict[str, dict] = {}
	for name in frappe.get_all("User", colleagues, pluck="name"):
		add_user_info(name, found)
	return found


@frappe.whitelist(allow_guest=True)
def can_subscribe_doc(doctype: str, docname: str) -> bool:
	"""In place of `frappe.realtime.can_subscribe_doc`, which answers otherwise where there is no such document.

	:raises frappe.PermissionError: the caller may not read it, or it is none
	"""
	there = frappe.db.exists("DocType", doctype) and frappe.db.exists(doctype, str(docname))
	if not there or not frappe.has_permission(doctype, "read", doc=str(docname)):
		raise frappe.PermissionError
	return True


def _listed(doctype: str, names: list[str]) -> set[str]:
	"""Those of some documents that the session's user may list."""
	if not frappe.has_permission(doctype, "read"):
		return set()
	return set(frappe.get_list(doctype, filters={"name": ["in", names]}, pluck="name", limit=0))
