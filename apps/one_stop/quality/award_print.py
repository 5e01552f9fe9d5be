"""Papers of awards: the submission list (tờ trình) as PDF, and what the certificate shows.

Their words are Vietnamese by law, whatever language the reader's desk has, and so not wrapped.
"""

from html import escape

import frappe
from frappe import _
from frappe.utils import getdate

from one_stop.archival_pdf import archival_pdf
from one_stop.dossiers.official_words import day_in_words, place_in
from one_stop.organization import units
from one_stop.quality.exceptions import AwardRefused

STYLE = """
	@page { size: A4; margin: 20mm 15mm 20mm 30mm; @bottom-center { content: counter(page); font: 10pt serif } }
	body { font: 13pt "Times New Roman", "Liberation Serif", "Noto Serif", serif; line-height: 1.35; }
	.top { display: flex; } .top div { width: 50%; text-align: center; font-size: 12pt; } h1 { font-size: 14pt; text-align: center; margin: 8mm 0 1mm; }
	.about { text-align: center; font-weight: bold; margin: 0 0 5mm; } table { width: 100%; border-collapse: collapse; font-size: 11pt; }
	th, td { border: 0.5pt solid #000; padding: 1.2mm; vertical-align: top; } th { text-align: center; } td:first-child { text-align: center; }
	tr { break-inside: avoid; } .signed { margin: 8mm 0 0 50%; text-align: center; height: 35mm; break-inside: avoid; }
"""
STATUS_VI = {
	"Proposed": "Đã đề xuất",
	"Submitted": "Đã trình Hội đồng",
	"Voted": "Đã biểu quyết",
	"Approved": "Được quyết định",
	"Rejected": "Không được chấp nhận",
}
KIND_VI = {
	"Title": "tặng danh hiệu",
	"Commendation": "tặng",
	"Replacement": "thay thế, điều chuyển",
	"Discipline": "xử lý",
}


def submission_list(rule: str, year: int) -> bytes:
	"""The submission list of an award and year as PDF/A, over the proposals the session's user may see.

	:raises AwardRefused: there are none
	"""
	return archival_pdf(submission_list_page(rule, year))


def submission_list_page(rule: str, year: int) -> str:
	"""The same as a page, everything from people's hands escaped."""
	names = frappe.get_list(
		"Award Proposal",
		{"rule": rule, "year": year, "status": ("!=", "Rejected")},
		pluck="name",
		order_by="nominee asc",
		limit=0,
	)
	if not names:
		frappe.throw(_("There are no proposals of {0} for {1} to print.").format(rule, year), AwardRefused)
	award = frappe.get_doc("Award Rule", rule)
	province = frappe.db.get_single_value("One-Stop Settings", "province_unit")
	rows = "".join(
		_row(number, frappe.get_doc("Award Proposal", name)) for number, name in enumerate(names, 1)
	)
	place = _place(province)
	return f"""<!doctype html><html lang="vi"><head><meta charset="utf-8"><title>Tờ trình</title><style>{STYLE}</style></head><body>
		<div class="top"><div><b>{escape(units.unit_name(province).upper())}</b><br>Số: ……/TTr-……</div>
		<div><b>CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM</b><br><b>Độc lập - Tự do - Hạnh phúc</b><br>
		<i>{escape(place)}{", " if place else ""}{day_in_words(getdate())}</i></div></div>
		<h1>TỜ TRÌNH</h1><p class="about">Về việc đề nghị {KIND_VI.get(award.kind, "")} “{escape(award.title)}” năm {year}</p>
		<p>Căn cứ {escape(award.legal_basis or "quy định của pháp luật về thi đua, khen thưởng")};</p>
		<p>Căn cứ kết quả đánh giá việc giải quyết thủ tục hành chính năm {year};</p>
		<p>Trình xem xét, quyết định đối với {len(names):02d} {"cá nhân" if award.subject == "Officer" else "tập thể"} có tên sau:</p>
		<table><thead><tr><th>STT</th><th>Họ tên, tên đơn vị</th><th>Đơn vị</th><th>Căn cứ đề nghị</th><th>Phiếu đồng ý</th>
		<th>Trạng thái</th></tr></thead><tbody>{rows}</tbody></table>
		<div class="signed"><b>THỦ TRƯỞNG ĐƠN VỊ</b><br><i>(Ký, đóng dấu)</i></div></body></html>"""


def _place(province: str | None) -> str:
	return place_in([units.unit_name(unit) for unit in units.ancestors(province or "")])


def _row(number: int, doc) -> str:
	reasons = "; ".join(
		f"{row.fact}: {row.found} ({row.required}){'' if row.met else ' – chưa đạt'}" for row in doc.reasons
	)
	if doc.deviation:
		reasons += f". Lý do đề nghị: {doc.deviation}"
	votes = f"{doc.votes_for}/{len(doc.voters)}" if doc.votes else ""
	cells = (number, doc.nominee, units.unit_name(doc.unit), reasons, votes, STATUS_VI.get(doc.status, ""))
	return f"<tr>{''.join(f'<td>{escape(str(cell))}</td>' for cell in cells)}</tr>"


def award_certificate(doc) -> dict:
	"""What the certificate of an approved award shows. :raises AwardRefused: it has not been decided"""
	rule = frappe.get_cached_doc("Award Rule", doc.rule)
	if doc.status != "Approved" or rule.kind not in ("Title", "Commendation"):
		frappe.throw(_("A certificate is printed for an approved title or commendation only."), AwardRefused)
	decided = getdate(doc.decision_date)
	province = frappe.db.get_single_value("One-Stop Settings", "province_unit")
	return {
		"agency": units.unit_name(province).upper(),
		"award": rule.title,
		"nominee": doc.nominee,
		"unit": units.unit_name(doc.unit) if doc.officer else "",
		"wording": rule.wording
		or f"Đã có thành tích trong tiếp nhận, giải quyết thủ tục hành chính năm {doc.year}",
		"decision": doc.decision_number,
		"place_and_date": f"{_place(province)}, {day_in_words(decided)}".lstrip(", "),
	}
