"""Printed forms as PDF.

The forms are ordinary Print Formats of Frappe in `print_format/`, filled by `form_data`. The same page serves the
screen, the browser's printer and the PDF, which WeasyPrint makes: it is alive, archives as PDF/A and knows `@page`.
"""

import html
from collections.abc import Mapping

import frappe
from frappe.www.printview import get_rendered_template

from one_stop.archival_pdf import archival_pdf

RECEIPT = "Receipt"
# The forms of each DocType, in the order of the print menu.
FORMS: Mapping[str, tuple[str, ...]] = {
	"Dossier": (
		RECEIPT,
		"Supplement Request",
		"Refusal",
		"Apology",
		"Stop Notice",
		"Control Slip",
		"Process History",
	),
	"Dossier List": ("Receipt List", "Result List", "Handover List", "Dossier Register"),
	"Postal Handover": ("Postal Handover Minutes",),
}
# English names of forms, the sources of their translations, where the name of the print format says less.
LABELS: Mapping[str, str] = {RECEIPT: "Receipt and Appointment to Return the Result"}


def is_ours(doctype: str, form: str | None) -> bool:
	"""Whether this form is one of the app's own pages, made for WeasyPrint."""
	if not form or form == "Standard" or not frappe.db.exists("Print Format", form):
		return False
	facts = frappe.get_cached_value("Print Format", form, ["doc_type", "module", "standard", "disabled"])
	doc_type, module, standard, disabled = facts
	return (
		doc_type == doctype
		and standard == "Yes"
		and not disabled
		and frappe.local.module_app.get(frappe.scrub(module or "")) == "one_stop"
	)


def as_pdf(document, form: str) -> bytes:
	"""The form as PDF/A. The caller has checked who asks; Frappe checks printing once more."""
	print_format = frappe.get_doc("Print Format", form)
	body = get_rendered_template(document, print_format=print_format, meta=document.meta, no_letterhead=True)
	title = html.escape(" ".join(filter(None, (form, document.get("code") or document.name))))
	page = f'<!doctype html><html lang="vi"><head><meta charset="utf-8"><title>{title}</title></head>'
	page += f"<body>{body}</body></html>"
	return archival_pdf(page)


def letter_pdf(document, letter: str) -> bytes:
	"""The official copy of a letter about a dossier, with the applicant's facts in full. For jobs of the system."""
	row = frappe.db.get_value("Dossier Letter", letter, "*", as_dict=True)
	document.flags.letter = row
	return _official_copy(document, row.form)


def list_pdf(document) -> bytes:
	"""The official copy of a list of dossiers. For jobs of the system."""
	return _official_copy(document, document.form)


def _official_copy(document, form: str) -> bytes:
	document.flags.official_copy = True
	before = frappe.flags.ignore_print_permissions
	# A job draws up what a checked command or request has called for, whoever's name the job runs under.
	frappe.flags.ignore_print_permissions = True
	try:
		return as_pdf(document, form)
	finally:
		frappe.flags.ignore_print_permissions = before
