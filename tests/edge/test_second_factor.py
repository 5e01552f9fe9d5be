"""The second factor of the staff: one switch, Frappe's own two-factor sign-in behind it, citizens as they wish."""

import re
from concurrent.futures import ThreadPoolExecutor

import pyotp
import pytest

from one_stop.citizen_portal import accounts
from one_stop.citizen_portal.rendering import FormError
from one_stop.organization.exceptions import MailMissing
from tests import factories
from tests.edge.conftest import PASSWORD, Caller, account

NAME = "second-factor@example.com"


def set_switch(connection, on: int) -> None:
	settings = connection.get_doc("One-Stop Settings")
	settings.staff_second_factor = on
	settings.save()
	connection.db.commit()


@pytest.fixture
def mail(connection):
	"""A site that can send mail; the account is taken away again where the test made it."""
	made = not connection.db.exists("Email Account", {"default_outgoing": 1})
	if made:
		connection.get_doc(
			{
				"doctype": "Email Account",
				"name": "second factor",
				"email_account_name": "second factor",
				"email_id": "second@one-stop.example",
				"smtp_server": "localhost",
				"enable_outgoing": 1,
				"default_outgoing": 1,
			}
		).db_insert()
		connection.db.commit()
	yield
	connection.db.rollback()
	if made:
		connection.db.delete("Email Account", {"name": "second factor"})
		connection.db.commit()


@pytest.fixture
def switched_on(mail, connection):
	user = account(connection, NAME, "System User", ("Processing Officer",))
	set_switch(connection, 1)
	yield user
	connection.db.rollback()
	set_switch(connection, 0)


@pytest.fixture
def app(switched_on, connection) -> pyotp.TOTP:
	"""The officer's authenticator app, set up by the picture of an earlier sign-in."""
	from frappe import twofactor

	connection.cache.delete_keys("portal-once:second-factor")  # codes that another test has used
	secret = twofactor.get_otpsecret_for_(switched_on)
	twofactor.set_default(f"{switched_on}_otplogin", 1)
	connection.db.commit()
	return pyotp.TOTP(secret)


def sign_in(caller: Caller, **more: str):
	return caller.post("/api/method/login", {"usr": NAME, "pwd": PASSWORD, **more})


def inside(caller: Caller) -> bool:
	return caller.get("/api/method/frappe.auth.get_logged_user").status_code == 200


def test_a_password_alone_lets_no_staff_in(guest, app):
	answer = sign_in(guest)
	assert answer.json()["verification"]["method"] == "OTP App" and not inside(guest)


def test_a_wrong_code_lets_nobody_in(guest, app):
	ticket = sign_in(guest).json()["tmp_id"]
	wrong = f"{(int(app.now()) + 1) % 10**6:06d}"
	answer = guest.post("/api/method/login", {"otp": wrong, "tmp_id": ticket})
	assert answer.status_code == 401 and not inside(guest)


def test_password_and_code_let_in(guest, app):
	ticket = sign_in(guest).json()["tmp_id"]
	answer = guest.post("/api/method/login", {"otp": app.now(), "tmp_id": ticket})
	assert answer.status_code == 200 and inside(guest)


def test_a_code_of_the_staff_lets_in_once(guest, app):
	code = app.now()
	ticket = sign_in(guest).json()["tmp_id"]
	assert guest.post("/api/method/login", {"otp": code, "tmp_id": ticket}).status_code == 200
	again = Caller(guest.base_url)
	ticket = sign_in(again).json()["tmp_id"]
	assert again.post("/api/method/login", {"otp": code, "tmp_id": ticket}).status_code == 401
	assert not inside(again)


UPDATE = "/api/method/frappe.core.doctype.user.user.update_password"


def key_of_a_letter(connection, name: str) -> str:
	link = connection.get_doc("User", name).reset_password(send_email=False)
	connection.db.commit()
	return re.search(r"key=(\w+)", link)[1]


def test_the_link_to_a_new_password_does_not_pass_the_second_factor_by(guest, app, connection):
	key = key_of_a_letter(connection, NAME)
	form = {"new_password": PASSWORD + "-2", "key": key}
	answer = guest.post(UPDATE, form)
	assert answer.json()["message"] == "/login" and not inside(guest)
	assert guest.post(UPDATE, form).status_code == 410
	asked = guest.post("/api/method/login", {"usr": NAME, "pwd": PASSWORD + "-2"}).json()
	assert asked["verification"]["method"] == "OTP App" and not inside(guest)
	answer = guest.post("/api/method/login", {"otp": app.now(), "tmp_id": asked["tmp_id"]})
	assert answer.status_code == 200 and inside(guest)
	form = {"new_password": PASSWORD, "old_password": PASSWORD + "-2"}
	answer = guest.post(UPDATE, form, headers={"X-Frappe-CSRF-Token": guest.token("/app")})
	assert answer.status_code == 200 and inside(guest)


def test_without_a_second_factor_the_link_signs_in(guest, connection):
	name = account(connection, "edge-link@example.com", "System User", ("Processing Officer",))
	form = {"new_password": PASSWORD, "key": key_of_a_letter(connection, name)}
	assert guest.post(UPDATE, form).json()["message"] == "/app" and inside(guest)


def test_a_citizen_comes_in_by_the_portal_only(guest, connection):
	address = f"{factories.key()[:8].lower()}@example.com"
	user = accounts.open_account("email", address, "Lê Thị Cửa", "Hoa-Phuong-Do-7-Song")
	profile = accounts.profile_of(user)
	profile.update({"otp_secret": pyotp.random_base32(), "otp_on": 1})
	profile.save()
	connection.db.commit()
	answer = guest.post("/api/method/login", {"usr": user, "pwd": "Hoa-Phuong-Do-7-Song"})
	assert answer.status_code == 401 and not inside(guest)
	form = {"new_password": "Hoa-Phuong-Do-8-Song", "key": key_of_a_letter(connection, user)}
	assert guest.post(UPDATE, form).json()["message"] == "/dang-nhap" and not inside(guest)


def test_a_code_of_a_citizen_lets_in_once(guest, connection):
	address = f"{factories.key()[:8].lower()}@example.com"
	user = accounts.open_account("email", address, "Lê Thị Một", "Hoa-Phuong-Do-7-Song")
	app = pyotp.TOTP(pyotp.random_base32())
	accounts.turn_on_second_factor(user, app.secret, app.now())
	connection.db.commit()
	words = {"contact": address, "password": "Hoa-Phuong-Do-7-Song", "second": app.now()}
	assert guest.post("/dang-nhap", words).status_code == 303
	assert Caller(guest.base_url).post("/dang-nhap", words).status_code == 422


def test_codes_sent_at_once_are_counted_one_by_one(base_url, connection, monkeypatch):
	told = []
	monkeypatch.setattr(accounts.messages, "send", lambda *given: told.append(given[3]))
	address = f"{factories.key()[:8].lower()}@example.com"
	key = accounts.send_code("register", "email", address)
	code = re.search(r"\d{6}", told[0])[0]
	wrong = {"key": key, "contact": address, "full_name": "Lê Thị Nhanh", "password": "Hoa-Phuong-Do-7-Song"}

	def guess(_each) -> int:
		return Caller(base_url).post("/dang-ky", {**wrong, "code": "xxxxxx"}).status_code

	with ThreadPoolExecutor(8) as at_once:
		assert set(at_once.map(guess, range(8))) == {422}
	assert accounts._kept(key) is None
	with pytest.raises(FormError):
		accounts.confirm_code("register", key, code)


def test_the_first_sign_in_brings_the_picture_by_mail(guest, switched_on, connection):
	from frappe import twofactor

	twofactor.clear_default(f"{switched_on}_otplogin")
	connection.db.commit()
	assert sign_in(guest).json()["verification"]["method"] == "Email"
	assert not inside(guest)


def test_citizens_are_asked_only_if_they_wish(guest, switched_on, connection):
	address = f"{factories.key()[:8].lower()}@example.com"
	accounts.open_account("email", address, "Lê Thị Tự", "Hoa-Phuong-Do-7-Song")
	connection.db.commit()
	answer = guest.post("/dang-nhap", {"contact": address, "password": "Hoa-Phuong-Do-7-Song"})
	assert answer.status_code == 303 and guest.get("/ho-so").status_code == 200


def test_a_citizen_turns_it_on_with_the_code_of_their_app(guest, connection):
	address = f"{factories.key()[:8].lower()}@example.com"
	accounts.open_account("email", address, "Lê Thị Tự", "Hoa-Phuong-Do-7-Song")
	connection.db.commit()
	words = {"contact": address, "password": "Hoa-Phuong-Do-7-Song"}
	guest.post("/dang-nhap", words)
	page = guest.get("/tai-khoan/hai-lop").text
	assert "data:image/svg+xml" in page
	app = pyotp.TOTP(re.search(r"\b[A-Z2-7]{32}\b", page)[0])
	form = {"second": app.now(), "csrf_token": guest.token("/tai-khoan")}
	assert guest.post("/tai-khoan/hai-lop", form).status_code == 303
	again = Caller(guest.base_url)
	assert again.post("/dang-nhap", words).status_code == 422
	assert again.post("/dang-nhap", {**words, "second": app.now()}).status_code == 303


def test_off_again_asks_nobody(guest, app, connection):
	set_switch(connection, 0)
	assert sign_in(guest).status_code == 200 and inside(guest)


def test_it_is_not_turned_on_while_nobody_can_get_the_picture(connection):
	connection.db.set_value("Email Account", {"default_outgoing": 1}, "default_outgoing", 0)
	settings = connection.get_doc("One-Stop Settings")
	settings.staff_second_factor = 1
	with pytest.raises(MailMissing):
		settings.save()
