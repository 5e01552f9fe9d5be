"""Statutory forms to download in their printed layout."""

import frappe
from frappe import _

from one_stop.reporting import printed, statutory
from one_stop.reporting.exceptions import ReportRefused

REPORTS = {
	"form_06": "Statutory Form 06",
	"form_07a": "Statutory Form 07a",
	"form_07b": "Statutory Form 07b",
}
MAKERS = {"excel": printed.excel, "pdf": printed.pdf}


@frappe.whitelist(methods=["GET"])
def download(form: str, kind: str, filters: str = "{}") -> None:
	"""A form as Excel or PDF, within the units of whoever asks, who must be allowed its report."""
	if form not in REPORTS or kind not in MAKERS:
		frappe.throw(_("There is no form {0} as {1}.").format(form, kind), ReportRefused)
	report = frappe.get_cached_doc("Report", REPORTS[form])
	if not report.is_permitted() or not frappe.has_permission(report.ref_doctype, "report"):
		raise frappe.PermissionError
	given = frappe.parse_json(filters)
	if not isinstance(given, dict):
		frappe.throw(_("The filters are not readable."), ReportRefused)
	asked = (statutory.request_of_day if form == "form_07b" else statutory.request)(given)
	frappe.response.filename = printed.file_name(form, asked, kind)
	frappe.response.filecontent = MAKERS[kind](form, asked)
	frappe.response.type = "download"
