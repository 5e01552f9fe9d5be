"""Scans of the papers of a dossier."""

import frappe
from frappe import _

from one_stop import permissions
from one_stop.dossiers.exceptions import ResultNotTheirs


def may_attach(url: str, dossier: str | None) -> bool:
	"""Whether a file is the dossier's own, or was uploaded by this very user and hangs on nothing yet."""
	rows = frappe.get_all(
		"File",
		filters={"file_url": url, "is_private": 1},
		fields=["owner", "attached_to_doctype", "attached_to_name"],
		limit=50,
	)
	return any(
		(row.attached_to_doctype == "Dossier" and row.attached_to_name == dossier)
		if row.attached_to_name
		else row.owner == frappe.session.user
		for row in rows
	)


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
	attach_reused(doc)


def attach_reused(doc) -> None:
	"""Give this dossier its own link to the file of an earlier dossier that is used instead of a new scan.

	What a clerk names must be a result of the same person, in a dossier this clerk may read. Linked dossiers take
	the papers of the one above along. The citizens' portal stores copies of its own, so nothing is left to do.
	Raises ResultNotTheirs.
	"""
	if frappe.get_cached_value("User", frappe.session.user, "user_type") != "System User":
		return
	for row in doc.get("components") or []:
		if not row.reused_from or not row.file or _belongs_to(doc, row.file):
			continue
		if not doc.flags.ignore_permissions and not _is_theirs(doc, row):
			frappe.throw(
				_("{0}: {1} holds no result of this person that you may use.").format(
					row.component_name, row.reused_from
				),
				ResultNotTheirs,
			)
		kept = frappe.get_all("File", filters={"file_url": row.file}, pluck="file_name", limit=1)
		frappe.get_doc(
			{
				"doctype": "File",
				"file_url": row.file,
				"file_name": kept[0] if kept else None,
				"is_private": 1,
				"attached_to_doctype": doc.doctype,
				"attached_to_name": doc.name,
			}
		).insert(ignore_permissions=True)  # whose file it is was checked above


def _is_theirs(doc, row) -> bool:
	earlier = frappe.db.get_value(
		"Dossier", {"code": row.reused_from}, ["name", "applicant_id_number"], as_dict=True
	)
	if not earlier or not doc.applicant_id_number:
		return False
	return bool(
		earlier.applicant_id_number == doc.applicant_id_number
		and permissions.may_read_dossier(earlier.name)
		and frappe.db.exists("Dossier Result", {"dossier": earlier.name, "file": row.file, "refused": 0})
	)


def _belongs_to(doc, url: str) -> bool:
	return bool(
		frappe.db.exists(
			"File",
			{"file_url": url, "attached_to_doctype": doc.doctype, "attached_to_name": doc.name},
		)
	)
