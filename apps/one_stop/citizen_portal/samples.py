"""Samples of papers: filled in with invented people, and marked MẪU on every page before anybody gets them.

The mark is put on when a sample is served, whatever was attached; what cannot carry it is no sample.
"""

import base64
import hashlib
import html
import io
from typing import Any

import frappe
from frappe import _
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.errors import PyPdfError

MARK = "MẪU"
PICTURES = {"jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png"}
KINDS = ("pdf", *PICTURES)
# Marking costs a second of a processor, and anybody may ask: the marked copy is kept.
SECONDS_KEPT = 7 * 24 * 3600
MOST_PAGES = 20
MOST_BYTES_KEPT = 5 * 2**20
STYLE = """
	@page { size: WIDTHpt HEIGHTpt; margin: 0 }
	body { margin: 0; font-family: "Noto Sans", Arimo, "DejaVu Sans", sans-serif }
	img { position: absolute; left: 0; top: 0; width: WIDTHpt; height: HEIGHTpt }
	p { position: absolute; left: 0; right: 0; top: TOPpt; margin: 0; text-align: center; transform: rotate(-35deg);
		font-size: SIGNpt; font-weight: bold; letter-spacing: .1em; color: rgba(190, 0, 0, .28) }
"""


class SampleRefused(frappe.ValidationError):
	"""A sample that cannot be marked: neither PDF nor picture, or one that cannot be read."""


def extension(address: str) -> str:
	return (address or "").rsplit(".", 1)[-1].lower()


def can_be_marked(address: str | None) -> bool:
	"""Whether a file of this name may serve as a sample."""
	return extension(address or "") in KINDS


def marked(content: bytes, kind: str) -> bytes:
	"""The sample as PDF with MẪU across every page, from PDF, JPG or PNG.

	:raises SampleRefused: it cannot be read
	"""
	key = f"portal-sample:{hashlib.sha256(content).hexdigest()}"
	if kept := frappe.cache.get_value(key, expires=True):
		return base64.b64decode(kept)
	try:
		made = _marked_picture(content, PICTURES[kind]) if kind in PICTURES else _marked_pdf(content)
	except (PyPdfError, OSError, ValueError, KeyError, TypeError) as error:
		raise SampleRefused(_("The sample cannot be read.")) from error
	if len(made) <= MOST_BYTES_KEPT:
		frappe.cache.set_value(key, base64.b64encode(made).decode(), expires_in_sec=SECONDS_KEPT)
	return made


def _marked_pdf(content: bytes) -> bytes:
	reader, writer, overlays = PdfReader(io.BytesIO(content)), PdfWriter(), {}
	if not 0 < len(reader.pages) <= MOST_PAGES:
		raise ValueError("no pages, or too many")
	for page in reader.pages:
		page.transfer_rotation_to_content()
		size = (float(page.mediabox.width), float(page.mediabox.height))
		if size not in overlays:
			overlays[size] = PdfReader(io.BytesIO(_sheet(*size))).pages[0]
		page.merge_translated_page(overlays[size], float(page.mediabox.left), float(page.mediabox.bottom))
		writer.add_page(page)
	out = io.BytesIO()
	writer.write(out)
	return out.getvalue()


def _marked_picture(content: bytes, content_type: str) -> bytes:
	with Image.open(io.BytesIO(content)) as picture:
		width, height = picture.size
	# As wide as a sheet of A4.
	address = f"data:{content_type};base64,{base64.b64encode(content).decode()}"
	return _sheet(595, 595 * height / width, f'<img src="{address}" alt="">')


def _pdf(page: str) -> bytes:
	from one_stop.archival_pdf import archival_pdf  # heavy, and wanted by few of those who need this module

	return archival_pdf(page)


def _sheet(width: float, height: float, under: str = "") -> bytes:
	sign = min(width, height) / 3.2
	places = {"WIDTH": width, "HEIGHT": height, "TOP": height / 2 - sign * 0.7, "SIGN": sign}
	style = STYLE
	for name, value in places.items():
		style = style.replace(name, f"{value:.1f}")
	return _pdf(f"<style>{style}</style>{under}<p>{MARK}</p>")


def filled_in(title: str, agency: str, lines: list[list[str]]) -> bytes:
	"""A filled-in form as PDF, of `[question, answer]` lines: for the sample province."""
	rows = "".join(
		f"<tr><th>{html.escape(question)}</th><td>{html.escape(answer)}</td></tr>"
		for question, answer in lines
	)
	page = f"""<html lang="vi"><style>
		@page {{ size: A4; margin: 20mm }}
		body {{ font-family: Tinos, "Noto Serif", "DejaVu Serif", serif; font-size: 12pt }}
		h1 {{ text-align: center; font-size: 15pt; text-transform: uppercase }}
		header {{ text-align: center; font-weight: bold }}
		table {{ width: 100%; border-collapse: collapse }}
		th, td {{ border-bottom: .5pt dotted #555; padding: 2mm 1mm; text-align: left; vertical-align: top }}
		th {{ width: 42%; font-weight: normal }} td {{ font-style: italic }}
	</style><header>CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM<br>Độc lập - Tự do - Hạnh phúc</header>
	<h1>{html.escape(title)}</h1><p>Kính gửi: {html.escape(agency)}</p><table>{rows}</table></html>"""
	return _pdf(page)


def attach(version: str, row: str, content: bytes, filename: str) -> None:
	"""Hang a sample on a paper of a version, approved ones too: a sample decides nothing."""
	from one_stop.citizen_portal.drafts import store_file

	file: Any = store_file("Procedure Version", version, filename, content)
	frappe.db.set_value("Procedure Component", row, "sample_file", file.file_url, update_modified=False)
	frappe.clear_document_cache("Procedure Version", version)
