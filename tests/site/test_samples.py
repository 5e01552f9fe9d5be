"""Samples of papers: filled in for the sample province, and marked MẪU on every page for whoever gets one."""

import io

import frappe
import pytest
import requests
from PIL import Image
from pypdf import PdfReader, PdfWriter

from one_stop import sample
from one_stop.citizen_portal import samples
from one_stop.procedures import versions
from one_stop.procedures.exceptions import VersionRowRefused
from tests import factories as make

pytestmark = pytest.mark.usefixtures("province")


def pages(content: bytes) -> list[str]:
	return [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]


def attached() -> list:
	return frappe.get_all(
		"Procedure Component",
		{"sample_file": ["is", "set"]},
		["name", "parent", "idx", "sample_file"],
		order_by="name",
		limit=0,
	)


def test_every_page_of_a_pdf_is_marked_turned_ones_too():
	writer, out = PdfWriter(), io.BytesIO()
	for width, height in ((595, 842), (842, 595), (595, 842)):
		writer.add_blank_page(width, height)
	writer.pages[2].rotate(90)
	writer.write(out)
	assert [samples.MARK in text for text in pages(samples.marked(out.getvalue(), "pdf"))] == [True] * 3


@pytest.mark.parametrize(("kind", "name"), [("jpg", "JPEG"), ("png", "PNG")])
def test_a_picture_is_marked(kind, name):
	out = io.BytesIO()
	Image.new("RGB", (900, 300), "white").save(out, name)
	(text,) = pages(samples.marked(out.getvalue(), kind))
	assert samples.MARK in text


@pytest.mark.parametrize(("kind", "content"), [("pdf", b"no"), ("png", b"no"), ("pdf", b"")])
def test_what_cannot_be_marked_is_served_to_nobody(kind, content):
	with pytest.raises(samples.SampleRefused):
		samples.marked(content, kind)


def test_a_version_takes_no_sample_that_cannot_be_marked():
	doc = frappe.get_doc("Procedure Version", versions.last_approved(make.BIRTH))
	doc.components[0].sample_file = "/private/files/mau.docx"
	with pytest.raises(VersionRowRefused):
		doc.check_samples()


def test_the_sample_province_has_filled_in_forms_that_anybody_gets_marked(base_url):
	served: dict[str, list[int]] = {}
	for row in attached():
		procedure = frappe.db.get_value("Procedure Version", row.parent, "procedure")
		served.setdefault(procedure, []).append(row.idx)
	assert len(served) >= 3
	for procedure, numbers in served.items():
		for number in numbers:
			answer = requests.get(f"{base_url}/thu-tuc/{procedure}/mau/{number}", timeout=30)
			assert answer.status_code == 200 and answer.headers["Content-Type"] == "application/pdf"
			(text,) = pages(answer.content)
			assert samples.MARK in text and "người không có thật" in text
		# A paper that is wanted at the counter and by post alike stands there once.
		page = requests.get(f"{base_url}/thu-tuc/{procedure}", timeout=30).text
		assert any(f"/thu-tuc/{procedure}/mau/{number}" in page for number in numbers)


def test_loading_the_province_again_changes_no_sample():
	before = attached()
	sample.load_procedures()
	sample.load_samples()
	assert attached() == before
