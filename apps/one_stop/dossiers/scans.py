"""Scans of the papers of a dossier."""

import frappe


def attach_scans(doc, method: str | None = None) -> None:
	"""Tie the scans uploaded before the first save to their dossier, so that its readers can open them.

	Frappe does so for attach fields of the document itself, not for those of its rows. Only the private
	files that this very user uploaded and that hang on nothing are taken: nobody can reach for a file of
	somebody else by naming its address.
	"""
	urls = [row.file for row in doc.get("components") or [] if row.file]
	if not urls:
		return
	loose = frappe.get_all(
		"File",
		filters={
			"file_url": ["in", urls],
			"owner": frappe.session.user,
			"is_private": 1,
			"attached_to_name": ["is", "not set"],
		},
		pluck="name",
	)
	for name in loose:
		frappe.db.set_value(
			"File",
			name,
			{"attached_to_doctype": doc.doctype, "attached_to_name": doc.name},
			update_modified=False,
		)
