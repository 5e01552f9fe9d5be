"""Who of the staff opened a dossier with personal data, and when (audit of reads; law on personal data).

Written after the answer, from what the edge resolved, so that no way of reading is forgotten.
"""

import frappe
from frappe.utils import now_datetime

from one_stop.citizen_portal.edge import Call, audience_of

# How a dossier is read, by the last part of the method.
READING = {
	"getdoc": "Form",
	"get": "Document",
	"get_value": "Value",
	"download_pdf": "Print",
	"pdf": "Print",
	"get_html_and_style": "Print",
	"known_applicant": "Look-up",
}
SILENT_MINUTES = 10


def note(response, request) -> None:
	"""Keep one row a person, dossier and way within ten minutes (hook `after_request`)."""
	call: Call | None = getattr(frappe.local, "one_stop_call", None)
	if response is None or call is None or response.status_code != 200 or "Dossier" not in call.doctypes:
		return
	how, name = _read(call, request)
	if not how or audience_of(frappe.session.user) != "staff":
		return
	key = f"portal-access:{frappe.session.user}:{name}:{how}"
	if frappe.cache.get_value(key, expires=True):
		return
	frappe.cache.set_value(key, 1, expires_in_sec=SILENT_MINUTES * 60)
	if not frappe.db.exists("Dossier", name):
		return
	frappe.get_doc(
		{
			"doctype": "Personal Data Access",
			"user": frappe.session.user,
			"dossier": name,
			"how": how,
			"address": frappe.local.request_ip,
			"creation": now_datetime(),
		}
	).insert(ignore_permissions=True)  # the record of what the session's user has just read
	frappe.db.commit()


def _read(call: Call, request) -> tuple[str, str]:
	if call.kind == "resource" and request.method == "GET" and call.name:
		return "Document", call.name
	how = READING.get((call.method or "").rsplit(".", 1)[-1], "")
	name = call.arguments.get("name") or call.arguments.get("dossier") or ""
	return (how, str(name)) if how and name else ("", "")
