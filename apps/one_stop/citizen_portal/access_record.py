"""Who of the staff read what of whom, and when (audit of reads; law on personal data).

Written after the answer, from what the edge resolved, so that no way of reading is forgotten: a form or document by any
name of an argument, a print, a scan, a look-up by an identity number, of which only a digest is kept.
"""

import json
from dataclasses import dataclass

import frappe
from frappe.utils import now_datetime

from one_stop.citizen_portal import throttle
from one_stop.citizen_portal.edge import DOCTYPE_ARGUMENTS, NAME_ARGUMENTS, Call, audience_of
from one_stop.keyed import keyed_digest

# Documents with facts about a person, and the field that leads to their dossier.
PERSONAL = {
	"Dossier": "name",
	"Dossier Letter": "dossier",
	"Dossier Opinion": "dossier",
	"Dossier Result": "dossier",
	"Dossier Event": "dossier",
	"Dossier Payment": "dossier",
	"Petition": "dossier",
}
# How a document is read, by the last part of the method.
READING = {
	"getdoc": "Form",
	"get": "Document",
	"get_doc": "Document",
	"get_value": "Value",
	"download_pdf": "Print",
	"download_multi_pdf": "Print",
	"get_html_and_style": "Print",
	"get_rendered_template": "Print",
	"pdf": "Print",
}
# Ours that show a dossier named by the argument `dossier`; all but prints are parts of its form.
OF_A_DOSSIER = "one_stop.api."
LOOKED_UP = "id_number"
PRINT_PAGE = "/printview"
SILENT_MINUTES = 10


@dataclass(frozen=True)
class Read:
	"""One document or number that was read. `digest` stands for an identity number."""

	how: str
	doctype: str = ""
	name: str = ""
	digest: str = ""


def note(response, request) -> None:
	"""Keep one row a person, document and way within ten minutes (hook `after_request`)."""
	call: Call | None = getattr(frappe.local, "one_stop_call", None)
	if response is None or call is None or response.status_code != 200:
		return
	found = reads(call, request)
	if not found or audience_of(frappe.session.user) != "staff":
		return
	written = [_write(read) for read in found]
	if any(written):
		frappe.db.commit()


def reads(call: Call, request) -> list[Read]:
	"""What an answered request has shown."""
	if call.kind == "file":
		return _files(call.path)
	if call.kind == "page":
		if call.path.rstrip("/") != PRINT_PAGE:
			return []
		return _documents("Print", request.args.get("doctype"), request.args.get("name"))
	if call.kind == "resource":
		if request.method != "GET" or not call.name:
			return []
		return _documents("Document", call.doctypes[0], call.name)
	if call.kind != "method" or not call.method:
		return []
	arguments = call.arguments
	if call.method.startswith(OF_A_DOSSIER):
		found = []
		if number := str(arguments.get(LOOKED_UP) or "").strip():
			found.append(Read("Look-up", "Dossier", str(arguments.get("dossier") or ""), digest_of(number)))
		elif dossier := arguments.get("dossier"):
			if request.method == "GET":
				found += _documents(READING.get(call.method.rsplit(".", 1)[-1], "Form"), "Dossier", dossier)
		if petition := arguments.get("petition"):
			found += _documents("Form", "Petition", petition)
		return found
	if url := str(arguments.get("file_url") or ""):
		return _files(url)
	if how := READING.get(call.method.rsplit(".", 1)[-1]):
		doctype = next((arguments[one] for one in DOCTYPE_ARGUMENTS if arguments.get(one)), None)
		name = next((arguments[one] for one in NAME_ARGUMENTS if arguments.get(one)), None)
		return _documents(how, doctype, name)
	return []


def digest_of(number: str) -> str:
	"""The same for the same number on this site, and no way back."""
	return keyed_digest(f"identity number:{number}").hex()


def _documents(how: str, doctype: object, name: object) -> list[Read]:
	"""Frappe takes one name, or a list of them as JSON, for prints of several at once."""
	if doctype not in PERSONAL or not name:
		return []
	names = [name]
	if isinstance(name, str) and name.startswith("["):
		try:
			names = json.loads(name)
		except ValueError:
			return []
	return [Read(how, str(doctype), str(one)) for one in names]


def _files(address: str) -> list[Read]:
	if not address.startswith("/private/files/"):
		return []
	rows = frappe.get_all(
		"File",
		filters={"file_url": address, "attached_to_doctype": ["in", list(PERSONAL)]},
		fields=["attached_to_doctype", "attached_to_name"],
	)
	return [Read("File", row.attached_to_doctype, row.attached_to_name) for row in rows]


def _write(read: Read) -> bool:
	what = f"{frappe.session.user}:{read.doctype}:{read.name}:{read.how}:{read.digest}"
	if not throttle.once("access", what, SILENT_MINUTES * 60):
		return False
	there = bool(read.name) and frappe.db.exists(read.doctype, read.name)
	if not there and not read.digest:
		return False
	dossier = frappe.db.get_value(read.doctype, read.name, PERSONAL[read.doctype]) if there else None
	frappe.get_doc(
		{
			"doctype": "Personal Data Access",
			"user": frappe.session.user,
			"dossier": dossier,
			"how": read.how,
			"document_type": read.doctype,
			"document": read.name if there else None,
			"number_digest": read.digest,
			"address": frappe.local.request_ip,
			"creation": now_datetime(),
		}
	).insert(
		ignore_permissions=True, ignore_links=True
	)  # the record of what the session's user has just read
	return True
