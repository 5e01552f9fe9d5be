"""Take applicants' names out of the table of Frappe's search, which dossiers no longer go into."""

import frappe


def execute() -> None:
	frappe.db.delete("__global_search", {"doctype": "Dossier"})
