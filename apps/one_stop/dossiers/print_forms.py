"""What is printed about a dossier: the data of the forms, and the forms as PDF.

The forms are ordinary Print Formats of Frappe in `print_format/`. The same page serves the screen, the
browser's printer and the PDF, which WeasyPrint makes: it is alive, archives as PDF/A and knows `@page`.
Their words are Vietnamese by law, whatever language the reader's desk has, and so not wrapped.
"""

import re
from datetime import datetime

import frappe
import segno
import weasyprint
from frappe import _
from frappe.query_builder.functions import Count
from frappe.utils import get_datetime
from frappe.www.printview import get_rendered_template

RECEIPT = "Receipt"

CHANNELS = {"Counter": "trực tiếp", "Online": "trực tuyến", "Post": "qua dịch vụ bưu chính công ích"}
DELIVERIES = {
	"Counter": "Nhận trực tiếp tại {0}",
	"Post": "Nhận qua dịch vụ bưu chính công ích",
	"Online": "Nhận trực tuyến, bản điện tử",
}
LIMIT_UNITS = {
	"Working Hour": "giờ làm việc",
	"Working Day": "ngày làm việc",
	"Calendar Day": "ngày",
	"Month": "tháng",
}
PLACE = re.compile(
	r"^(?:Ủy ban nhân dân|UBND)\s+(?:thành phố|tỉnh|phường|xã|đặc khu|thị trấn|quận|huyện|thị xã)\s+", re.I
)


class ResourceRefused(ValueError):
	"""A form asked for a file or an address; only what lies in the page itself is printed."""


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
	"""The form as PDF/A-2u. The caller has checked who asks; Frappe checks printing once more."""
	print_format = frappe.get_doc("Print Format", form)
	body = get_rendered_template(document, print_format=print_format, meta=document.meta, no_letterhead=True)
	page = f'<!doctype html><html lang="vi"><head><meta charset="utf-8"><title>{_(form)}</title></head>'
	page += f"<body>{body}</body></html>"
	return weasyprint.HTML(string=page, url_fetcher=_inline_only()).write_pdf(pdf_variant="pdf/a-2u")


def _inline_only():
	"""A fetcher that reads nothing from outside the page, in the shape this WeasyPrint wants."""
	if hasattr(weasyprint.urls, "URLFetcher"):
		return weasyprint.urls.URLFetcher(allowed_protocols={"data"}, fail_on_errors=True)

	def fetch(url: str, *arguments, **options):
		if not url.startswith("data:"):
			raise ResourceRefused(url)
		return weasyprint.default_url_fetcher(url, *arguments, **options)

	return fetch


def receipt_form(doc) -> dict:
	"""Everything form 01 shows: receipt of a dossier and appointment (TT 01/2018/TT-VPCP art. 9.1a).

	:param doc: a received Dossier
	:raises frappe.ValidationError: the dossier has not been received, so there is nothing to confirm
	"""
	if not doc.get("code"):
		frappe.throw(_("The receipt is printed when the dossier has been received."))
	received = get_datetime(doc.received_at)
	unit, header = agency_of(doc.receiving_unit)
	may_see = 1 in doc.get_permlevel_access("read")
	serial = serial_of_year(doc)
	return {
		"header": header,
		"number": f"{serial}/{'TTPVHCC' if 'trung tâm' in unit.unit_name.lower() else 'BPTNTKQ'}",
		"place_and_date": f"{place_of(doc.receiving_unit)}, {day_in_words(received)}",
		"qr": qr_of(doc.code),
		"unit_name": unit.unit_name,
		"unit_phone": unit.phone,
		"id_number": doc.applicant_id_number if may_see else doc.id_number_masked,
		"phone": doc.applicant_phone if may_see else doc.phone_masked,
		"email": doc.applicant_email if may_see else "",
		"content": doc.summary or doc.procedure_name,
		"components": [row for row in doc.components if row.submitted],
		"missing": [row for row in doc.components if row.required and not row.submitted],
		"sets": doc.number_of_sets or 1,
		"limit": limit_in_words(doc),
		"received_at": moment_in_words(received),
		"due_at": moment_in_words(get_datetime(doc.due_at)) if doc.due_at else "",
		"channel": CHANNELS.get(doc.channel, ""),
		"delivery": delivery_in_words(doc, unit.unit_name),
		"fees": [row for row in doc.fees if row.amount],
		"book": received.year,
		"serial": serial,
		"submitter": doc.authorised_name or doc.applicant_name,
		"receiver": frappe.get_cached_value("User", doc.receiver, "full_name") if doc.receiver else "",
		"tracking": frappe.get_cached_value("One-Stop Settings", "One-Stop Settings", "tracking_address"),
	}


def agency_of(receiving_unit: str):
	"""The receiving unit and the two lines above every form: the agency over it, and itself."""
	unit = frappe.get_cached_doc("Administrative Unit", receiving_unit)
	above = unit.parent_administrative_unit
	upper = frappe.get_cached_value("Administrative Unit", above, "unit_name") if above else ""
	own = unit.unit_name
	# "Trung tâm Phục vụ hành chính công phường X" under "Ủy ban nhân dân phường X" needs no second X.
	locality = re.sub(r"^Ủy ban nhân dân\s+", "", upper)
	if locality and own.lower().endswith(locality.lower()):
		own = own[: -len(locality)].strip()
	return unit, (upper.upper(), own.upper())


def place_of(receiving_unit: str) -> str:
	"""Place name before the date: that of the commune or the province which the unit belongs to."""
	unit = receiving_unit
	while unit:
		name, above = frappe.get_cached_value(
			"Administrative Unit", unit, ["unit_name", "parent_administrative_unit"]
		)
		if PLACE.match(name):
			return PLACE.sub("", name)
		unit = above
	return ""


def qr_of(code: str) -> str:
	"""QR code as inline SVG: the public page of the dossier, or the bare code where none is set."""
	address = frappe.get_cached_value("One-Stop Settings", "One-Stop Settings", "tracking_address")
	text = f"{address.rstrip('/')}/?code={code}" if address else code
	return segno.make(text, error="m").svg_inline(scale=4, border=0, omitsize=True, title=text)


def serial_of_year(doc) -> int:
	"""Running number of the dossier in its unit's register of the year (TT 01/2018/TT-VPCP art. 10)."""
	received = get_datetime(doc.received_at)
	dossier = frappe.qb.DocType("Dossier")
	earlier = (
		frappe.qb.from_(dossier)
		.select(Count("*"))
		.where(
			(dossier.receiving_unit == doc.receiving_unit)
			& (dossier.received_at >= datetime(received.year, 1, 1))
			& (
				(dossier.received_at < received)
				| ((dossier.received_at == received) & (dossier.code < doc.code))
			)
			& (dossier.code.isnotnull())
		)
	).run()[0][0]
	return earlier + 1


def limit_in_words(doc) -> str:
	"""The time limit of the pinned version for this case and channel, in words; blank when it has none."""
	version = frappe.get_cached_doc("Procedure Version", doc.procedure_version)
	fitting = [
		row
		for row in version.limits
		if (row.case_name or "") in ("", doc.case_name or "") and (row.channel or "") in ("", doc.channel)
	]
	if not fitting:
		return ""
	row = max(fitting, key=lambda row: (bool(row.case_name), bool(row.channel)))
	if row.kind == "Same Day":
		return "trong ngày làm việc"
	value = f"{row.value:g}".replace(".", ",")
	return f"{'không quá ' if row.kind == 'Maximum' else ''}{value} {LIMIT_UNITS[row.unit]}"


def delivery_in_words(doc, unit_name: str) -> str:
	text = DELIVERIES.get(doc.result_delivery or "Counter", "").format(unit_name)
	if doc.result_delivery == "Post" and doc.postal_address:
		text += f" (địa chỉ: {doc.postal_address})"
	return text


def day_in_words(moment: datetime) -> str:
	"""As on official papers: days and the first two months with two digits (NĐ 30/2020, annex I)."""
	month = f"{moment.month:02d}" if moment.month < 3 else str(moment.month)
	return f"ngày {moment.day:02d} tháng {month} năm {moment.year}"


def moment_in_words(moment: datetime) -> str:
	return f"{moment:%H} giờ {moment:%M} phút, ngày {moment:%d/%m/%Y}"
