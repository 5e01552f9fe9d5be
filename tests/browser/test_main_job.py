"""The main job, as people do it: a dossier goes from the counter to its result (NĐ 61/2018 art. 17-20)."""

import re

import pytest

pytestmark = pytest.mark.browser

BIRTH_REGISTRATION = "1.001193"
# V1V2V3.Z1Z2.Y1Y2.MX1X2-YYMMDD-XXXX (TT 01/2018/TT-VPCP art. 19.1)
LEGAL_CODE = re.compile(r"\d{3}\.\d{2}\.\d{2}\.H\d{2}-\d{6}-\d{4}")
SCAN = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def log_in(people, sample, username: str):
	person = people(username)
	person.log_in(sample[username]["user"], sample[username]["password"])
	return person
