"""The statutory forms as they are printed: Excel in the layout of TT 01/2020/TT-VPCP, and PDF.

Their words are Vietnamese by law, whatever language the reader's desk has, and so not wrapped.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from io import BytesIO

import frappe
from frappe.utils import getdate
from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from one_stop.archival_pdf import archival_pdf
from one_stop.reporting import figures, form06, statutory
from one_stop.reporting.statutory import Request

FONT = "Times New Roman"
THIN = Side(style="thin")
BOX = Border(left=THIN, right=THIN, top=THIN, bottom=THIN)
CENTER = Alignment(horizontal="center", vertical="center", wrap_text=True)
LEFT = Alignment(vertical="center", wrap_text=True)
DECREE = "Ban hành theo Thông tư số 01/2020/TT-VPCP ngày 21/10/2020"
# Cells of the heading: text, first row, first column, last row, last column (all counted from the heading's start).
HEADING_06 = (
	("STT", 1, 1, 3, 1),
	("Lĩnh vực, công việc giải quyết theo cấp", 1, 2, 3, 2),
	("Số lượng hồ sơ tiếp nhận", 1, 3, 1, 6),
	("Tổng số", 2, 3, 3, 3),
	("Trong kỳ", 2, 4, 2, 5),
	("Trực tuyến", 3, 4, 3, 4),
	("Trực tiếp, dịch vụ bưu chính", 3, 5, 3, 5),
	("Từ kỳ trước", 2, 6, 3, 6),
	("Số lượng hồ sơ đã giải quyết", 1, 7, 1, 10),
	("Tổng số", 2, 7, 3, 7),
	("Trước hạn", 2, 8, 3, 8),
	("Đúng hạn", 2, 9, 3, 9),
	("Quá hạn", 2, 10, 3, 10),
	("Số lượng hồ sơ đang giải quyết", 1, 11, 1, 13),
	("Tổng số", 2, 11, 3, 11),
	("Trong hạn", 2, 12, 3, 12),
	("Quá hạn", 2, 13, 3, 13),
)
NUMBERING_06 = (
	"(1)",
	"(2)",
	"(3)=(4)+(5)+(6)",
	"(4)",
	"(5)",
	"(6)",
	"(7)=(8)+(9)+(10)",
	"(8)",
	"(9)",
	"(10)",
	"(11)=(12)+(13)",
	"(12)",
	"(13)",
)
CAUSES_VI = {
	"Complex Dossier": "Hồ sơ phức tạp",
	"Lack of Coordination": "Thiếu phối hợp",
	"Regulations Unclear or Changed": "Quy định chưa rõ hoặc thay đổi",
	"Staff": "Do cán bộ, công chức",
	"System or Equipment": "Do hệ thống, trang thiết bị",
	"Applicant": "Do người nộp",
	"Other Cause": "Nguyên nhân khác",
	form06.UNKNOWN_CAUSE: "Chưa nêu nguyên nhân",
}
NOT_STATED_VI = "Không ghi"
LEVELS_VI = {
	"Province": "Cấp tỉnh",
	"District": "Cấp huyện",
	"Commune": "Cấp xã",
	"Vertical Agency": "Cơ quan ngành dọc",
	"": NOT_STATED_VI,
}


@dataclass(frozen=True, slots=True)
class Sheet:
	"""A printed form: its titles, the heading's cells, the row that numbers the columns, and the body."""

	form: str
	title: str
	unit_line: str
	period: str
	# What is measured, and how, and what it is narrowed to.
	measured: str
	heading: Sequence[tuple[str, int, int, int, int]]
	numbering: Sequence[str]
	body: Sequence[tuple[bool, Sequence[str | int]]]
	widths: Sequence[int]

	@property
	def depth(self) -> int:
		return max(cell[3] for cell in self.heading)

	@property
	def columns(self) -> int:
		return len(self.widths)


def sheet_of(form: str, asked: Request) -> Sheet:
	"""The printed form of a request. `form` is form_06, form_07a or form_07b."""
	return {"form_06": _form_06, "form_07a": _form_07a, "form_07b": _form_07b}[form](asked)


def _period(first: date, last: date) -> str:
	now = figures.moment_of(last)
	until = f". Số liệu tính đến {now:%H:%M} ngày {now:%d/%m/%Y}" if now else ""
	return f"Kỳ báo cáo: từ ngày {first:%d/%m/%Y} đến ngày {last:%d/%m/%Y}{until}"


def _measured(asked: Request) -> str:
	measure = {figures.HANDLED: "theo đơn vị giải quyết", figures.PUBLIC: "theo người dân nộp"}[asked.measure]
	compare = {figures.BY_TIMESTAMP: "theo giờ", figures.BY_DATE: "theo ngày"}[asked.compare]
	procedure = asked.procedure and frappe.db.get_value(
		"Administrative Procedure", asked.procedure, "procedure_name"
	)
	narrowed = (
		("Cấp thực hiện", asked.level and LEVELS_VI.get(asked.level, asked.level)),
		("Lĩnh vực", asked.field),
		("Thủ tục", procedure or asked.procedure),
	)
	return ". ".join(
		[
			f"Cách đo: {measure}; so hạn trả {compare}",
			*(f"{label}: {text}" for label, text in narrowed if text),
		]
	)


def _form_06(asked: Request) -> Sheet:
	letter = {statutory.BY_LEVEL_AND_FIELD: "06a", statutory.BY_FIELD_AND_PROCEDURE: "06b"}.get(
		asked.grouping, "06"
	)
	kinds = statutory.PATHS[asked.grouping]
	body = []
	for row in statutory.form_06(asked):
		label = row.label or "Tổng cộng"
		if row.keys and kinds[row.depth] == "level":
			label = LEVELS_VI.get(row.keys[-1], row.keys[-1])
		elif row.keys and not row.keys[-1]:
			label = NOT_STATED_VI
		top = not row.keys or (row.depth == 0 and len(kinds) > 1)
		body.append((top, (row.number, label, *row.figures.columns())))
	return Sheet(
		f"Biểu số {letter}/VPCP/KSTT",
		"TÌNH HÌNH, KẾT QUẢ GIẢI QUYẾT THỦ TỤC HÀNH CHÍNH TẠI CƠ QUAN, ĐƠN VỊ TRỰC TIẾP GIẢI QUYẾT THỦ TỤC HÀNH CHÍNH",
		"Đơn vị tính: số hồ sơ TTHC",
		_period(asked.first, asked.last),
		_measured(asked),
		HEADING_06,
		NUMBERING_06,
		body,
		(6, 38, *[11] * 11),
	)


def _form_07a(asked: Request) -> Sheet:
	causes = (*form06.CAUSES, form06.UNKNOWN_CAUSE)
	rows = form06.form_07a(statutory.late_cases(asked))
	body = [
		(
			False,
			(
				number,
				row.group or NOT_STATED_VI,
				row.total,
				row.still_open,
				*(row.by_cause[cause] for cause in causes),
			),
		)
		for number, row in enumerate(rows, 1)
	]
	totals = [sum(line[column] for _top, line in body) for column in range(2, 4 + len(causes))]
	body.append((True, ("", "Tổng cộng", *totals)))
	heading = (
		("STT", 1, 1, 2, 1),
		("Lĩnh vực", 1, 2, 2, 2),
		("Tổng số hồ sơ quá hạn", 1, 3, 2, 3),
		("Trong đó: đang giải quyết", 1, 4, 2, 4),
		("Nguyên nhân quá hạn", 1, 5, 1, 4 + len(causes)),
		*((CAUSES_VI[cause], 2, 5 + number, 2, 5 + number) for number, cause in enumerate(causes)),
	)
	return Sheet(
		"Biểu số 07a/VPCP/KSTT",
		"NGUYÊN NHÂN QUÁ HẠN ĐỐI VỚI CÁC HỒ SƠ TỒN ĐỌNG",
		"Đơn vị tính: số hồ sơ TTHC",
		_period(asked.first, asked.last),
		_measured(asked),
		heading,
		[f"({number})" for number in range(1, 5 + len(causes))],
		body,
		(6, 34, 12, 12, *[14] * len(causes)),
	)


def _form_07b(asked: Request) -> Sheet:
	_columns, rows = statutory.form_07b(asked)
	body = [
		(
			bool(row.get("bold")),
			(
				"" if row.get("bold") else number,
				"Tổng cộng" if row.get("bold") else LEVELS_VI.get(row["level"], row["level"]),
				row["procedures"],
				row["at_one_stop"],
				row["e_processes"],
			),
		)
		for number, row in enumerate(rows, 1)
	]
	heading = (
		("STT", 1, 1, 1, 1),
		("Cấp thực hiện", 1, 2, 1, 2),
		("Số thủ tục hành chính", 1, 3, 1, 3),
		("Số thủ tục tiếp nhận tại Bộ phận Một cửa", 1, 4, 1, 4),
		("Số quy trình điện tử", 1, 5, 1, 5),
	)
	return Sheet(
		"Biểu số 07b/VPCP/KSTT",
		"SỐ LƯỢNG THỦ TỤC HÀNH CHÍNH, THỦ TỤC TẠI BỘ PHẬN MỘT CỬA VÀ QUY TRÌNH ĐIỆN TỬ",
		"Đơn vị tính: thủ tục hành chính",
		f"Tính đến ngày {min(asked.last, getdate()):%d/%m/%Y}",
		"",
		heading,
		[f"({number})" for number in range(1, 6)],
		body,
		(6, 34, 20, 24, 20),
	)


TOP = 6


def excel(form: str, asked: Request) -> bytes:
	"""The form as a workbook in the printed layout: numbers stay numbers, sums are checked before."""
	sheet = sheet_of(form, asked)
	book = Workbook()
	page = book.active
	page.title = sheet.form.split("/")[0].replace("Biểu số ", "Bieu ")
	_write_titles(page, sheet, asked)
	for text, first_row, first_column, last_row, last_column in sheet.heading:
		_merged(page, text, TOP + first_row, first_column, TOP + last_row, last_column, bold=True)
	row = TOP + sheet.depth + 1
	for column, text in enumerate(sheet.numbering, 1):
		_cell(page, row, column, text, italic=True)
	for bold, values in sheet.body:
		row += 1
		for column, value in enumerate(values, 1):
			_cell(page, row, column, value, bold=bold, left=column == 2)
	_write_signatures(page, sheet, row + 2)
	for column, width in enumerate(sheet.widths, 1):
		page.column_dimensions[get_column_letter(column)].width = width
	page.page_setup.orientation, page.page_setup.paperSize = "landscape", page.PAPERSIZE_A4
	page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
	page.sheet_properties.pageSetUpPr.fitToPage = True
	page.print_title_rows = f"{TOP + 1}:{TOP + sheet.depth + 1}"
	out = BytesIO()
	book.save(out)
	return out.getvalue()


def _write_titles(page: Worksheet, sheet: Sheet, asked: Request) -> None:
	wide = sheet.columns
	split = max(2, wide // 3)
	for row, text in enumerate((sheet.form, DECREE), 1):
		_merged(page, text, row, 1, row, split, bold=row == 1, boxed=False)
	for row, text in enumerate((f"Đơn vị báo cáo: {figures.name_of(asked.scope)}", sheet.unit_line), 1):
		_merged(page, text, row, split + 1, row, wide, bold=row == 1, boxed=False)
	_merged(page, sheet.title, 4, 1, 4, wide, bold=True, boxed=False)
	_merged(page, sheet.period, 5, 1, 5, wide, italic=True, boxed=False)
	_merged(page, sheet.measured, 6, 1, 6, wide, italic=True, boxed=False)
	page.row_dimensions[4].height = 34
	page.row_dimensions[2].height = 30


def _write_signatures(page: Worksheet, sheet: Sheet, row: int) -> None:
	half = sheet.columns // 2
	for column, last, text in ((1, half, "NGƯỜI LẬP BIỂU"), (half + 1, sheet.columns, "THỦ TRƯỞNG ĐƠN VỊ")):
		_merged(page, text, row, column, row, last, bold=True, boxed=False)
		_merged(page, "(Ký, ghi rõ họ tên)", row + 1, column, row + 1, last, italic=True, boxed=False)


def _merged(
	page: Worksheet,
	text: str,
	first_row: int,
	first_column: int,
	last_row: int,
	last_column: int,
	bold: bool = False,
	italic: bool = False,
	boxed: bool = True,
) -> None:
	for row in range(first_row, last_row + 1):
		for column in range(first_column, last_column + 1):
			_cell(page, row, column, None, bold, italic, boxed=boxed)
	page.cell(first_row, first_column).value = text
	if (first_row, first_column) != (last_row, last_column):
		page.merge_cells(
			start_row=first_row, start_column=first_column, end_row=last_row, end_column=last_column
		)


def _cell(
	page: Worksheet,
	row: int,
	column: int,
	value: str | int | None,
	bold: bool = False,
	italic: bool = False,
	left: bool = False,
	boxed: bool = True,
) -> None:
	cell = page.cell(row, column)
	if isinstance(value, str) and value[:1] in ("=", "+", "-", "@"):
		# A name typed by somebody must not become a formula in whoever opens the file.
		value = f"'{value}"
	cell.value, cell.font = value, Font(name=FONT, size=10, bold=bold, italic=italic)
	cell.alignment = LEFT if left else CENTER
	if boxed:
		cell.border = BOX


STYLE = """
	@page { size: A4 landscape; margin: 15mm 12mm; @bottom-right { content: counter(page) "/" counter(pages); font: 9pt serif } }
	body { font: 10pt "Times New Roman", "Liberation Serif", "Noto Serif", serif; }
	.top { display: flex; justify-content: space-between; } .top div { width: 45%; text-align: center; }
	h1 { font-size: 12pt; text-align: center; margin: 5mm 0 1mm; } .period { text-align: center; font-style: italic; margin: 0 0 3mm; }
	table { width: 100%; border-collapse: collapse; } th, td { border: 0.4pt solid #000; padding: 1mm; text-align: center; }
	th { font-weight: bold; } td:nth-child(2) { text-align: left; } tr.sum td { font-weight: bold; } tr.numbers td { font-style: italic; font-size: 8pt; }
	thead { display: table-header-group; } tr { break-inside: avoid; }
	.signed { display: flex; margin-top: 6mm; break-inside: avoid; } .signed div { width: 50%; text-align: center; height: 28mm; }
"""


def html(form: str, asked: Request) -> str:
	"""The form as a page for the PDF."""
	sheet = sheet_of(form, asked)
	lines = []
	for row in range(1, sheet.depth + 1):
		cells = "".join(
			f'<th rowspan="{last_row - first_row + 1}" colspan="{last_column - first_column + 1}">{escape(text)}</th>'
			for text, first_row, first_column, last_row, last_column in sorted(
				sheet.heading, key=lambda cell: cell[2]
			)
			if first_row == row
		)
		lines.append(f"<tr>{cells}</tr>")
	numbers = "".join(f"<td>{escape(text)}</td>" for text in sheet.numbering)
	body = "".join(
		f'<tr class="{"sum" if bold else ""}">{"".join(f"<td>{escape(str(value))}</td>" for value in values)}</tr>'
		for bold, values in sheet.body
	)
	return f"""<!doctype html><html lang="vi"><head><meta charset="utf-8"><title>{escape(sheet.form)}</title>
		<style>{STYLE}</style></head><body>
		<div class="top"><div><b>{escape(sheet.form)}</b><br>{DECREE}</div>
		<div><b>Đơn vị báo cáo: {escape(figures.name_of(asked.scope))}</b><br>{escape(sheet.unit_line)}</div></div>
		<h1>{escape(sheet.title)}</h1><p class="period">{escape(sheet.period)}{"<br>" if sheet.measured else ""}{escape(sheet.measured)}</p>
		<table><thead>{"".join(lines)}<tr class="numbers">{numbers}</tr></thead><tbody>{body}</tbody></table>
		<div class="signed"><div><b>NGƯỜI LẬP BIỂU</b><br><i>(Ký, ghi rõ họ tên)</i></div>
		<div><b>THỦ TRƯỞNG ĐƠN VỊ</b><br><i>(Ký, ghi rõ họ tên)</i></div></div></body></html>"""


def pdf(form: str, asked: Request) -> bytes:
	"""The form as PDF/A."""
	return archival_pdf(html(form, asked))


def file_name(form: str, asked: Request, kind: str) -> str:
	ending = {"excel": "xlsx", "pdf": "pdf"}[kind]
	measure = "" if asked.measure == figures.HANDLED else "-nguoi-dan-nop"
	return f"{form.replace('form_', 'bieu-')}{measure}-{asked.first:%Y%m%d}-{asked.last:%Y%m%d}.{ending}"
