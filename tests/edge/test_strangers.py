"""What strangers and other citizens learn and reach: nothing (law.md I.10; security.md, leak matrix)."""

import re
import time
from urllib.parse import urlencode

import pytest

from tests import factories
from tests.edge.test_rate_limits import any_address, from_address


@pytest.fixture(scope="session")
def province(connection):
	from one_stop import sample

	sample.load(dossiers=False)
	connection.db.commit()


@pytest.fixture(scope="session")
def neighbours_dossier(province, connection):
	"""A received dossier of a citizen who is not the caller, with a file."""
	name = factories.received()
	file = connection.get_doc(
		{
			"doctype": "File",
			"file_name": "neighbour.txt",
			"content": "neighbour-secret",
			"is_private": 1,
			"attached_to_doctype": "Dossier",
			"attached_to_name": name,
		}
	).insert()
	connection.db.commit()
	return {
		"name": name,
		"file": file.name,
		"url": file.file_url,
		"code": factories.value(name, "code"),
		"check": factories.value(name, "access_code"),
	}


def test_code_and_check_value_tell_how_far_a_dossier_is_and_nothing_else(guest, neighbours_dossier):
	one = neighbours_dossier
	answer = guest.get("/tra-cuu?" + urlencode({"ma": one["code"], "kt": one["check"]}))
	assert answer.status_code == 200 and one["code"] in answer.text
	for secret in ("Người Thử", "048998", "0900000000", "Hải Châu", one["name"]):
		assert secret not in answer.text


def test_the_receipt_leads_to_the_rating_once_the_dossier_is_over(guest, province, connection):
	"""TT 01/2018 art. 12: also for who came to the counter and has no account."""
	dossier = factories.handed_over()
	words = {"ma": factories.value(dossier, "code"), "kt": factories.value(dossier, "access_code")}
	assert "/danh-gia/" not in guest.get("/tra-cuu", words).text
	factories.give("withdraw", dossier, factories.CLERK, reason="thôi")
	found = re.findall(r'href="(/danh-gia/[a-z2-7]+)"', guest.get("/tra-cuu", words).text)
	assert len(found) == 1 and guest.get("/tra-cuu", words).text.count(found[0]) == 1
	assert guest.post(found[0], {"q-overall": "0"}).status_code == 200
	assert "/danh-gia/" not in guest.get("/tra-cuu", words).text
	assert guest.get(found[0]).status_code == 404


def test_a_wrong_code_and_a_wrong_check_value_are_one_answer(guest, neighbours_dossier):
	known, unknown = neighbours_dossier["code"], "000.01.40.H17-200101-9998"

	def main_of(code: str) -> str:
		text = guest.get("/tra-cuu?" + urlencode({"ma": code, "kt": "AAAAAAAA"})).text
		return re.search(r"<main.*</main>", text, re.DOTALL)[0].replace(code, "")

	assert main_of(known) == main_of(unknown)


def test_guessing_check_values_of_a_code_ends_for_the_guesser_only(base_url, neighbours_dossier, connection):
	from one_stop.citizen_portal import tracking

	one, guest = neighbours_dossier, from_address(base_url, any_address())
	for number in range(tracking.WRONG_TRIES + 1):
		guest.get(
			"/tra-cuu?"
			+ urlencode({"ma": one["code"], "kt": f"BBBB{number:04d}".replace("0", "C").replace("1", "D")})
		)
	right = "/tra-cuu?" + urlencode({"ma": one["code"], "kt": one["check"]})
	assert guest.get(right).status_code == 429
	assert from_address(base_url, any_address()).get(right).status_code == 200


@pytest.mark.parametrize(
	"path",
	[
		"/ho-so/{name}",
		"/tai-ve/{file}",
		"{url}",
		"/api/resource/Dossier/{name}",
		"/nop-ho-so/{name}/xem-lai",
		"/printview?doctype=Dossier&name={name}",
	],
)
def test_a_citizen_reaches_nothing_of_anothers_dossier(citizen, guest, neighbours_dossier, path):
	address = path.format(**neighbours_dossier)
	for caller in (citizen, guest):
		answer = caller.get(address)
		assert answer.status_code in (303, 403, 404), answer.status_code
		assert "neighbour-secret" not in answer.text and "Người Thử" not in answer.text


@pytest.mark.parametrize("action", ["withdraw", "supplement", "pay"])
def test_a_citizen_does_nothing_to_anothers_dossier(citizen, neighbours_dossier, action):
	token = citizen.token("/tai-khoan")
	form = {"action": action, "key": "k", "reason": "x", "note": "x", "csrf_token": token}
	before = factories.value(neighbours_dossier["name"], "status")
	assert citizen.post(f"/ho-so/{neighbours_dossier['name']}", form).status_code == 404
	assert factories.value(neighbours_dossier["name"], "status") == before


def test_forms_of_citizens_need_the_token_of_their_session(citizen):
	citizen.token("/tai-khoan")
	answer = citizen.post("/tai-khoan", {"full_name": "Changed"}, headers={"Accept": "application/json"})
	assert answer.status_code == 400


@pytest.mark.parametrize("path", ["/dang-ky", "/quen-mat-khau"])
def test_nobody_learns_whether_an_address_has_an_account(guest, citizen, path):
	def answer(contact: str) -> str:
		text = guest.post(path, {"contact": contact, "consent": "1"}).text
		return re.sub(r'value="[^"]*"', "", text)

	assert answer("edge-citizen@example.com") == answer("nobody-here@example.com")


def test_a_wrong_password_and_an_unknown_name_are_one_answer(guest, citizen):
	def main_of(contact: str) -> str:
		text = guest.post("/dang-nhap", {"contact": contact, "password": "Wrong-Words-1"}).text
		return re.search(r"<main.*</main>", text, re.DOTALL)[0].replace(contact, "")

	assert main_of("edge-citizen@example.com") == main_of("nobody-here@example.com")


def test_staff_cannot_sign_in_on_the_citizens_page(guest, officer, password):
	answer = guest.post("/dang-nhap", {"contact": "edge-officer@example.com", "password": password})
	assert answer.status_code == 422


@pytest.mark.parametrize(
	"path",
	[
		"/",
		"/thu-tuc?q=<script>alert(1)</script>",
		"/tra-cuu?ma=%22%3E%3Cscript%3Ealert(1)%3C/script%3E&kt=A",
		"/khong-co",
	],
)
def test_pages_carry_no_inline_script_and_say_so(guest, province, path):
	answer = guest.get(path)
	assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)", answer.text)
	assert not re.search(r"\son\w+=", answer.text.split("<main", 1)[-1]) and "javascript:" not in answer.text
	policy = answer.headers["Content-Security-Policy"]
	assert "default-src 'none'" in policy and "script-src 'self'" in policy and "unsafe" not in policy
	assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_made_up_payment_notice_changes_nothing(guest, province):
	answer = guest.get("/thanh-toan/vnpay-ipn?vnp_TxnRef=x&vnp_Amount=100&vnp_SecureHash=00")
	assert answer.json()["RspCode"] in ("97", "01")


def test_public_pages_answer_fast(guest, province):
	for path in ("/", "/thu-tuc/1.001193", "/tra-cuu", "/so-lieu"):
		guest.get(path)
		started = time.perf_counter()
		guest.get(path)
		assert time.perf_counter() - started < 1.0, path
