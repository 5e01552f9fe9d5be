"""The main job, as people do it: a dossier goes from the counter to its result (NĐ 61/2018 art. 17-20)."""

import io
import re

import pytest
from pypdf import PdfWriter

pytestmark = pytest.mark.browser

BIRTH_REGISTRATION = "1.001193"
# V1V2V3.Z1Z2.Y1Y2.MX1X2-YYMMDD-XXXX (TT 01/2018/TT-VPCP art. 19.1)
LEGAL_CODE = re.compile(r"\d{3}\.\d{2}\.\d{2}\.H\d{2}-\d{6}-\d{4}")


def scan() -> bytes:
	"""A page as a scanner makes it."""
	out = io.BytesIO()
	writer = PdfWriter()
	writer.add_blank_page(595, 842)
	writer.write(out)
	return out.getvalue()


SCAN = scan()


def log_in(people, sample, username: str):
	person = people(username)
	person.log_in(sample[username]["user"], sample[username]["password"])
	return person
