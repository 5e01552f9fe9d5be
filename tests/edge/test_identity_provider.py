"""Signing in by an identity provider (OpenID Connect): what is believed, and what is not."""

import time
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa

from one_stop.citizen_portal import accounts
from tests import factories
from tests.edge.conftest import Caller
from tests.edge.openid_provider import CLIENT, CLIENT_SECRET, OpenIdProvider

NAME = "dinh_danh_thu"


def number() -> str:
	return f"0480{time.time_ns() % 10**8:08d}"


@pytest.fixture(scope="module")
def provider(connection):
	running = OpenIdProvider()
	connection.set_user("Administrator")
	connection.delete_doc_if_exists("Social Login Key", NAME, force=1)
	connection.get_doc(
		{
			"doctype": "Social Login Key",
			"provider_name": "Dinh Danh Thu",
			"social_login_provider": "Custom",
			"enable_social_login": 1,
			"custom_base_url": 1,
			"base_url": running.issuer,
			"client_id": CLIENT,
			"client_secret": CLIENT_SECRET,
			"authorize_url": "/authorize",
			"access_token_url": "/token",
			"api_endpoint": "/userinfo",
			"redirect_url": f"/dang-nhap/{NAME}/ve",
		}
	).insert()
	connection.db.commit()
	yield running
	running.close()
	connection.db.rollback()
	connection.delete_doc_if_exists("Social Login Key", NAME, force=1)
	connection.db.commit()


@pytest.fixture(autouse=True)
def honest(provider):
	"""An honest provider, and somebody it has never seen before."""
	provider.signed_with, provider.algorithm = provider.key, "RS256"
	provider.claims, provider.userinfo = {}, {}
	provider.person = {
		"sub": factories.key(),
		"identity_number": number(),
		"name": "Đinh Thị Danh",
		"birthdate": "1990-02-03",
	}


def set_settings(connection, **values) -> None:
	for name, value in values.items():
		connection.db.set_single_value("Citizen Portal Settings", name, value)
	connection.clear_document_cache("Citizen Portal Settings", "Citizen Portal Settings")
	connection.db.commit()


def go_out(guest, next_page: str = "/ho-so") -> str:
	"""Begin here and sign in there. Returns the path and query with which the browser comes back."""
	begun = guest.get(f"/dang-nhap/{NAME}", {"next": next_page})
	assert begun.status_code == 303, begun.text
	there = requests.get(begun.headers["Location"], allow_redirects=False, timeout=10)
	back = urlsplit(there.headers["Location"])
	return f"{back.path}?{back.query}"


def sign_in(guest, **more) -> requests.Response:
	return guest.get(go_out(guest, **more))


def profile(connection, provider) -> dict | None:
	connection.db.rollback()
	fields = ["user", "full_name", "id_number", "id_confirmed", "birth_date", "email", "email_confirmed"]
	return connection.db.get_value(
		"Citizen Profile", {"id_number": provider.person["identity_number"]}, fields, as_dict=True
	)


def refused(guest, answer) -> bool:
	return answer.status_code == 422 and guest.get("/ho-so").status_code == 303


def test_who_is_vouched_for_has_an_account_with_a_confirmed_number(guest, provider, connection):
	answer = sign_in(guest, next_page="/kho-giay-to")
	assert (answer.status_code, answer.headers["Location"]) == (303, "/kho-giay-to")
	assert guest.get("/ho-so").status_code == 200
	made = profile(connection, provider)
	assert made.id_confirmed and made.full_name == "Đinh Thị Danh" and str(made.birth_date) == "1990-02-03"
	assert connection.db.get_value("User", made.user, "user_type") == "Website User"
	assert not connection.get_all("Has Role", {"parent": made.user, "role": ["not in", ["All", "Guest"]]})


def test_the_sign_in_page_offers_the_provider(guest, provider):
	assert f'href="/dang-nhap/{NAME}?next=' in guest.get("/dang-nhap").text


def test_the_same_person_comes_back_to_the_same_account(base_url, provider, connection):
	sign_in(Caller(base_url))
	first = profile(connection, provider)
	provider.person["name"] = "Đinh Thị Danh Mới"
	sign_in(Caller(base_url))
	connection.db.rollback()
	rows = connection.get_all(
		"Citizen Profile", {"id_number": provider.person["identity_number"]}, ["user", "full_name"]
	)
	assert rows == [{"user": first.user, "full_name": "Đinh Thị Danh Mới"}]


def test_what_is_confirmed_is_not_changed_by_its_owner(guest, provider, connection):
	sign_in(guest)
	form = {
		"full_name": "Kẻ Khác",
		"id_number": "001000000001",
		"address": "Số 1",
		"csrf_token": guest.token("/tai-khoan"),
	}
	assert guest.post("/tai-khoan", form).status_code == 303
	kept = profile(connection, provider)
	assert kept and kept.full_name == "Đinh Thị Danh"


def test_a_number_that_somebody_only_claimed_opens_nothing_of_theirs(guest, provider, connection):
	"""Else whoever types a stranger's number into their account would get that stranger's dossiers."""
	other = accounts.open_account(
		"email", f"{factories.key()[:8].lower()}@example.com", "Kẻ Giả", "Hoa-Phuong-Do-7-Song"
	)
	connection.db.set_value(
		"Citizen Profile", {"user": other}, "id_number", provider.person["identity_number"]
	)
	connection.db.commit()
	sign_in(guest)
	connection.db.rollback()
	rows = connection.get_all(
		"Citizen Profile", {"id_number": provider.person["identity_number"], "id_confirmed": 1}, pluck="user"
	)
	assert len(rows) == 1 and rows[0] != other


def test_an_email_of_the_staff_opens_no_account_of_the_staff(guest, provider, officer, connection):
	provider.person |= {"email": "edge-officer@example.com", "email_verified": True}
	sign_in(guest)
	assert guest.get("/app").status_code in (301, 302, 303, 403)
	made = profile(connection, provider)
	assert made.user != "edge-officer@example.com"


def test_an_address_another_account_signs_in_by_stays_that_ones(guest, provider, connection):
	address = f"{factories.key()[:8].lower()}@example.com"
	owner = accounts.open_account("email", address, "Người Trước", "Hoa-Phuong-Do-7-Song")
	connection.db.commit()
	provider.person |= {"email": address, "email_verified": True}
	sign_in(guest)
	made = profile(connection, provider)
	assert made.user != owner and not made.email_confirmed
	assert accounts.user_of("email", address) == owner


@pytest.mark.parametrize("claim", ["1950", "0000-05-12", "03/02/1990", "2999-01-01", "x"])
def test_a_birthdate_that_is_no_whole_day_is_left_out(guest, provider, connection, claim):
	provider.person["birthdate"] = claim
	assert sign_in(guest).status_code == 303
	assert profile(connection, provider).birth_date is None


@pytest.mark.parametrize(
	"lie",
	[
		{"nonce": "another"},
		{"nonce": None},
		{"aud": "another-client"},
		{"iss": "https://evil.example"},
		{"exp": 1_000_000_000},
		{"exp": None},
		{"identity_number": None},
		{"identity_number": "12345"},
		{"sub": None},
	],
	ids=str,
)
def test_a_token_that_is_not_for_this_sign_in_is_refused(guest, provider, connection, lie):
	provider.claims = lie
	assert refused(guest, sign_in(guest))
	assert profile(connection, provider) is None


def test_a_token_signed_by_another_is_refused(guest, provider):
	provider.signed_with = rsa.generate_private_key(public_exponent=65537, key_size=2048)
	assert refused(guest, sign_in(guest))


@pytest.mark.parametrize(("algorithm", "key"), [("none", None), ("HS256", CLIENT_SECRET)])
def test_a_token_signed_by_nobody_or_by_a_shared_word_is_refused(guest, provider, algorithm, key):
	provider.algorithm, provider.signed_with = algorithm, key
	assert refused(guest, sign_in(guest))


def test_facts_about_somebody_else_are_refused(guest, provider):
	provider.userinfo = {"sub": "somebody-else"}
	assert refused(guest, sign_in(guest))


def test_a_return_of_another_browser_signs_nobody_in(base_url, guest, provider):
	"""Who is tricked into following a stranger's link would else write into the stranger's account."""
	back = go_out(Caller(base_url))
	assert refused(guest, guest.get(back))


def test_a_return_serves_once(base_url, guest, provider):
	back = go_out(guest)
	cookies = guest.session.cookies.copy()
	assert guest.get(back).status_code == 303
	again = Caller(base_url)
	again.session.cookies.set("identity_return", cookies["identity_return"])
	assert refused(again, again.get(back))


@pytest.mark.parametrize("query", ["", "?state=x&code=y", "?error=access_denied&state=x"])
def test_a_made_up_return_is_refused(guest, provider, query):
	assert refused(guest, guest.get(f"/dang-nhap/{NAME}/ve{query}"))


def test_the_page_to_go_on_to_is_one_of_this_site(guest, provider):
	assert guest.get(f"/dang-nhap/{NAME}", {"next": "https://evil.example/"}).status_code == 400
	state = parse_qs(urlsplit(go_out(guest)).query)["state"][0]
	assert "evil" not in state


def test_the_return_address_of_frappe_is_closed(guest, provider):
	back = go_out(guest).partition("?")[2]
	assert guest.get(f"/api/method/frappe.integrations.oauth2_logins.custom/{NAME}?{back}").status_code == 403


def test_a_provider_nobody_connected_is_no_page(guest, provider):
	assert guest.get("/dang-nhap/khong-co").status_code == 404


def test_from_its_day_only_the_national_provider_signs_in(base_url, guest, provider, connection):
	try:
		set_settings(connection, national_only_from="2026-01-01", national_provider=None)
		assert guest.get(f"/dang-nhap/{NAME}").status_code == 404
		set_settings(connection, national_provider=NAME)
		assert sign_in(guest).status_code == 303
		assert guest.get("/ho-so").status_code == 200
	finally:
		set_settings(connection, national_only_from=None, national_provider=None)


def test_an_address_that_is_not_encrypted_is_not_asked(guest, provider, connection):
	connection.db.set_value("Social Login Key", NAME, "base_url", "http://id.example")
	connection.clear_document_cache("Social Login Key", NAME)
	connection.db.commit()
	try:
		assert guest.get(f"/dang-nhap/{NAME}").status_code == 422
	finally:
		connection.db.set_value("Social Login Key", NAME, "base_url", provider.issuer)
		connection.clear_document_cache("Social Login Key", NAME)
		connection.db.commit()
