"""Printed forms: which there are, issuing them, and fetching them as PDF."""

import frappe
from frappe import _

from one_stop import permissions
from one_stop.compat import require_permission
from one_stop.dossiers import dossier_lists, letter_texts, letters, print_forms, reminder_texts

ISSUERS = ("Reception Clerk", "Processing Officer", "Unit Leader")


def _printable(dossier: str):
	"""The dossier, if the session's user may print it. One answer for "no such" and "not yours"."""
	if not permissions.may_read_dossier(dossier):
		frappe.throw(_("There is no such dossier among those you may see."), frappe.PermissionError)
	document = frappe.get_doc("Dossier", dossier)
	document.check_permission("print")
	return document


def _only_for(*roles: str) -> None:
	if frappe.session.user != "Administrator" and not set(roles) & set(frappe.get_roles()):
		frappe.throw(
			_("Issuing forms is the work of counters, officers and leaders."), frappe.PermissionError
		)


@frappe.whitelist(methods=["GET"])
def forms(dossier: str) -> list[dict]:
	"""The print menu of a dossier.

	:returns: ``[{form, label, letter, number, issued_at, status, file, issued, is_letter, on_request, may_issue}]``
	"""
	found = letters.forms_of(_printable(dossier).name)
	may_issue = bool(set(ISSUERS) & set(frappe.get_roles()))
	return [
		{**row, "label": _(print_forms.LABELS.get(row["form"], row["form"])), "may_issue": may_issue}
		for row in found
	]


@frappe.whitelist(methods=["POST"])
def issue(dossier: str, form: str) -> dict:
	"""Draw up the letter of a form at once, where its event has happened and its job has not come to it.

	:returns: ``{letter, number}``; what was issued before is answered again
	:raises LetterNotIssued: nothing has called for this form
	"""
	_only_for(*ISSUERS)
	name = letters.issue_now(_printable(dossier).name, form)
	return {"letter": name, "number": frappe.db.get_value("Dossier Letter", name, "number")}


@frappe.whitelist(methods=["POST"])
def retry(doctype: str, name: str) -> None:
	"""Have the file of a letter or a list made once more. For whoever may issue one, and for administrators."""
	_only_for(*ISSUERS, "One-Stop Administrator")
	if doctype not in letters.WITH_FILES:
		frappe.throw(_("There is no such form: {0}").format(doctype), frappe.DoesNotExistError)
	owner = "dossier" if doctype == "Dossier Letter" else "unit"
	found = frappe.db.get_value(doctype, name, owner)
	seen = found and (
		permissions.may_read_dossier(found)
		if doctype == "Dossier Letter"
		else permissions.may_see_unit(found, frappe.session.user)
	)
	if not seen:
		frappe.throw(_("There is no such letter among those you may see."), frappe.PermissionError)
	letters.retry_file(doctype, name)


@frappe.whitelist(methods=["GET"])
def pdf(dossier: str, form: str = print_forms.RECEIPT) -> None:
	"""Answer with one printed form of a dossier as PDF.

	:param form: name of one of the app's print formats for Dossier
	:raises frappe.PermissionError: the caller may not read or print the dossier
	:raises frappe.DoesNotExistError: no such form
	"""
	_answer(_printable(dossier), form)


@frappe.whitelist(methods=["POST"])
def issue_list(
	form: str,
	dossiers: str | list,
	unit: str | None = None,
	to_unit: str | None = None,
	recipient: str | None = None,
	note: str | None = None,
) -> dict:
	"""Issue a list over dossiers; each of them is checked for reading.

	:param form: Receipt List, Result List or Handover List
	:param dossiers: JSON list of names, at most 300
	:returns: ``{name, number}`` of the Dossier List
	"""
	_only_for(*ISSUERS)
	try:
		names = frappe.parse_json(dossiers)
	except ValueError:
		names = None
	if not isinstance(names, list):
		frappe.throw(_("Dossiers: a list of names is expected."))
	name = dossier_lists.issue_list(
		form, names, unit=unit or None, to_unit=to_unit or None, recipient=recipient, note=note
	)
	return {"name": name, "number": frappe.db.get_value("Dossier List", name, "number")}


@frappe.whitelist(methods=["POST"])
def issue_register(unit: str, period_from: str, period_to: str) -> dict:
	"""Issue the register of a unit over a period.

	:returns: ``{name}`` of the Dossier List
	"""
	_only_for(*ISSUERS)
	return {"name": dossier_lists.issue_register(unit, period_from, period_to)}


@frappe.whitelist(methods=["GET"])
def text_values() -> dict[str, str]:
	"""What a text block may name, each with what it is, for whoever edits the texts."""
	require_permission("Letter Text", "write")
	return {name: _(what) for name, what in letter_texts.VALUES.items()}


@frappe.whitelist(methods=["GET"])
def reminder_values() -> dict[str, str]:
	"""What the texts of reminders may name, each with what it is, for whoever edits them."""
	require_permission("Reminder Text", "write")
	return {name: _(what) for name, what in reminder_texts.VALUES.items()}


@frappe.whitelist()
def download_pdf(
	doctype: str,
	name: str,
	format: str | None = None,
	doc: str | None = None,
	no_letterhead: int = 0,
	language: str | None = None,
	letterhead: str | None = None,
	**options,
) -> None:
	"""Frappe's PDF button: our forms go through WeasyPrint, everything else stays with Frappe.

	Takes the arguments of ``frappe.utils.print_format.download_pdf``; a document passed by the caller
	(``doc``) is never rendered with our forms, which are read from the database.
	"""
	# Opens a log of the site when it is imported.
	from frappe.utils import print_format as frappe_print_format

	form = format or frappe.get_meta(doctype).default_print_format
	if print_forms.is_ours(doctype, form):
		document = frappe.get_doc(doctype, name)
		document.check_permission("print")
		return _answer(document, form)
	arguments = {"doc": doc, "no_letterhead": no_letterhead, "language": language, "letterhead": letterhead}
	arguments |= options
	frappe.call(
		frappe_print_format.download_pdf,
		doctype=doctype,
		name=name,
		format=format,
		**{key: value for key, value in arguments.items() if value is not None},
	)


def _answer(document, form: str) -> None:
	if not print_forms.is_ours(document.doctype, form):
		frappe.throw(_("There is no such form: {0}").format(form), frappe.DoesNotExistError)
	if document.doctype == "Dossier List" and document.status == "Ready":
		# A register takes its time; the official copy is there already, for the same readers.
		content = frappe.get_doc("File", {"file_url": document.file}).get_content()
	else:
		content = print_forms.as_pdf(document, form)
	frappe.local.response.filename = f"{frappe.scrub(form)}-{document.get('code') or document.name}.pdf"
	frappe.local.response.filecontent = content
	frappe.local.response.type = "pdf"
