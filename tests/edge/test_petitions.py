"""What strangers learn by sending a petition: nothing of anybody's dossier."""

import re

import pytest

from tests import factories

FORM = {
	"kind": "Conduct",
	"subject": "Chờ lâu",
	"content": "Tôi chờ hai giờ tại quầy.",
	"sender_name": "Người Hỏi Thử",
	"sender_address": "12 đường Thử",
	"sender_phone": "0905000111",
}


@pytest.fixture(scope="module")
def dossier(connection) -> str:
	from one_stop import sample

	sample.load(dossiers=False)
	return factories.received()


def send(caller, **values: str) -> tuple[str, str]:
	"""Code and check code of a petition just sent."""
	if caller.session.cookies.get("sid", "Guest") != "Guest":
		values["csrf_token"] = caller.token("/phan-anh/gui")
	answer = caller.post("/phan-anh/gui", {**FORM, **values})
	assert answer.status_code == 200, answer.text
	return tuple(re.findall(r"<code>([^<]+)</code>", answer.text)[:2])


def seen(caller, code: str, check: str) -> str:
	answer = caller.get("/phan-anh/theo-doi", {"code": code, "check": check})
	assert answer.status_code == 200
	found = re.search(r"<section.*?</section>", answer.text, re.S)[0]
	return re.sub(r"PAKN-\S+", "", found)


def test_a_petition_says_of_no_code_whether_there_is_such_a_dossier(guest, connection, dossier):
	known = send(guest, dossier_code=factories.value(dossier, "code"))
	unknown = send(guest, dossier_code="000.00.00.H17-990101-9999")
	assert seen(guest, *known) == seen(guest, *unknown)
	connection.db.rollback()
	kept = connection.db.get_value(
		"Petition", {"code": known[0]}, ["dossier", "procedure", "unit_concerned", "dossier_code"]
	)
	assert kept == (None, None, None, factories.value(dossier, "code"))


def test_the_petition_of_an_applicant_is_linked_to_their_own_dossier(citizen, connection, dossier):
	connection.db.set_value("Dossier", dossier, "applicant_user", "edge-citizen@example.com")
	connection.db.commit()
	code, _check = send(citizen, dossier_code=factories.value(dossier, "code"))
	connection.db.rollback()
	assert connection.db.get_value("Petition", {"code": code}, "dossier") == dossier


def test_who_handles_a_petition_links_the_dossier_it_names(guest, connection, dossier):
	from one_stop.api import petitions
	from one_stop.quality.exceptions import PetitionIncomplete

	code, _check = send(guest, dossier_code=factories.value(dossier, "code"), unit=factories.CENTRE)
	connection.db.rollback()
	name = connection.db.get_value("Petition", {"code": code})
	with factories.acting(factories.CLERK), pytest.raises(connection.PermissionError):
		petitions.link_dossier(name, factories.value(dossier, "code"))
	with factories.acting("giamsat"):
		with pytest.raises(PetitionIncomplete):
			petitions.link_dossier(name, "000.00.00.H17-990101-9999")
		petitions.link_dossier(name, factories.value(dossier, "code"))
	doc = connection.get_doc("Petition", name)
	assert (doc.dossier, doc.procedure) == (dossier, factories.BIRTH)
	assert doc.unit == factories.CENTRE
