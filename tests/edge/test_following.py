"""What applicants see of their dossiers, and what strangers do not."""

import io

import frappe
import pytest
from pypdf import PdfReader

from one_stop.citizen_portal import own_files
from one_stop.citizen_portal.pages import dossiers
from tests import factories

USER = "edge-citizen@example.com"


@pytest.fixture(scope="module", autouse=True)
def province(connection):
	from one_stop import sample

	sample.load(dossiers=False)


def of_the_citizen(dossier: str) -> str:
	frappe.db.set_value("Dossier", dossier, "applicant_user", USER)
	frappe.db.commit()
	return dossier


def test_milestones_to_come_have_the_day_they_are_expected(citizen):
	dossier = of_the_citizen(factories.handed_over())
	rows = dossiers.milestones(dossiers.own(USER, dossier))
	later = [row for row in rows if row["state"] == "later"]
	assert later and all(row["expected"] for row in later)
	assert "dự kiến từ" in citizen.get(f"/ho-so/{dossier}").text


def test_a_stranger_with_the_code_learns_how_far_it_is_and_not_its_status(guest):
	dossier = factories.handed_over()
	query = {"ma": factories.value(dossier, "code"), "kt": factories.value(dossier, "access_code")}
	text = guest.get("/tra-cuu", query).text
	main = text[text.index("<main") : text.index("</main>")]
	assert query["ma"] in main and "%" in main
	for status in frappe.get_meta("Dossier").get_field("status").options.split("\n"):
		assert frappe._(status, "vi") not in main, status


def test_everybody_s_dossiers_and_papers_are_all_reached(citizen, connection):
	first = of_the_citizen(factories.handed_over())
	url = factories.scan(first)
	paper = connection.get_all("Dossier Component", {"parent": first}, pluck="name", limit=1)[0]
	connection.db.set_value("Dossier Component", paper, "file", url)
	for _number in range(dossiers.PAGE):
		of_the_citizen(factories.draft())
	file = connection.db.get_value("File", {"file_url": url})
	assert own_files.find(USER, file)["dossier"] == first
	for path, wanted in (("/ho-so", f"/ho-so/{first}"), ("/kho-giay-to", f"/tai-ve/{file}")):
		assert wanted not in citizen.get(path).text
		pages = [citizen.get(path, {"tu": start}).text for start in range(0, 200, dossiers.PAGE)]
		assert sum(wanted in page for page in pages) == 1, path
		assert 'tu=20"' in pages[0]
	assert citizen.get(f"/tai-ve/{file}").status_code == 200


def test_a_payment_has_its_printable_confirmation_for_the_applicant_alone(citizen, guest, officer):
	dossier = of_the_citizen(factories.received("1.001612"))  # a procedure with a fee
	factories.give("record_fee_payment", dossier, factories.CLERK, method="Counter", reference="BL-7788")
	name = frappe.db.get_value("Dossier Payment", {"dossier": dossier, "status": "Paid", "amount": [">", 0]})
	path = f"/ho-so/{dossier}/xac-nhan-nop-tien/{name}"
	assert path in citizen.get(f"/ho-so/{dossier}").text
	answer = citizen.get(path)
	assert answer.headers["Content-Type"] == "application/pdf"
	text = PdfReader(io.BytesIO(answer.content)).pages[0].extract_text()
	for fact in (factories.value(dossier, "code"), "BL-7788", factories.value(dossier, "applicant_name")):
		assert fact in text, fact
	other = of_the_citizen(factories.received())
	assert citizen.get(f"/ho-so/{other}/xac-nhan-nop-tien/{name}").status_code == 404
	for caller in (guest, officer):
		assert caller.get(path).status_code in (303, 403, 404)
