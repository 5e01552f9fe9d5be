"""Printed forms as PDF."""

import frappe
from frappe import _
from frappe.utils import print_format as frappe_print_format

from one_stop.dossiers import print_forms


@frappe.whitelist(methods=["GET"])
def pdf(dossier: str, form: str = print_forms.RECEIPT) -> None:
	"""Answer with one printed form of a dossier as PDF.

	:param form: name of one of the app's print formats for Dossier
	:raises frappe.PermissionError: the caller may not read or print the dossier
	:raises frappe.DoesNotExistError: no such form
	"""
	document = frappe.get_doc("Dossier", dossier)
	document.check_permission("print")
	_answer(document, form)


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
	frappe.local.response.filename = f"{frappe.scrub(form)}-{document.get('code') or document.name}.pdf"
	frappe.local.response.filecontent = print_forms.as_pdf(document, form)
	frappe.local.response.type = "pdf"
