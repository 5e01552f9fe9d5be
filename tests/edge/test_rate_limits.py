"""How often somebody may guess: by address in nginx and in the app, by account wherever the tries come from.

Each test comes from a random loopback address, so that no other test finds its address used up.
"""

from concurrent.futures import ThreadPoolExecutor
from random import randrange

import pytest
from requests.adapters import HTTPAdapter

from one_stop.citizen_portal import accounts
from tests import factories
from tests.edge.conftest import PASSWORD, Caller, account

BURST = 120  # runtime/config/nginx.conf
OF_NGINX = "Máy của bạn gửi quá nhiều yêu cầu"  # runtime/pages/too-many.html


def any_address() -> str:
	return f"127.{randrange(1, 255)}.{randrange(256)}.{randrange(1, 255)}"


class FromAddress(HTTPAdapter):
	"""Calls from one address of this machine."""

	def __init__(self, address: str):
		self.address = address
		super().__init__(pool_maxsize=8)

	def init_poolmanager(self, *arguments, **options):
		super().init_poolmanager(*arguments, source_address=(self.address, 0), **options)


def from_address(base_url: str, address: str) -> Caller:
	caller = Caller(base_url)
	caller.session.mount("http://", FromAddress(address))
	return caller


@pytest.fixture
def address() -> str:
	return any_address()


@pytest.fixture
def stranger(base_url, address) -> Caller:
	return from_address(base_url, address)


def use_up(caller: Caller) -> int:
	"""Send forms until nginx answers in place of the site. Returns how many the site took."""
	taken = 0
	with ThreadPoolExecutor(8) as at_once:
		for _batch in range(12):
			answers = list(at_once.map(lambda _each: caller.post("/quen-mat-khau", {}), range(40)))
			stopped = [answer for answer in answers if answer.status_code == 429]
			taken += len(answers) - len(stopped)
			if stopped:
				assert all(OF_NGINX in answer.text for answer in stopped)
				return taken
	raise AssertionError("nginx never stopped them")


def test_nginx_stops_an_address_that_sends_forms_without_end(base_url, stranger):
	assert use_up(stranger) >= BURST
	# All forms by which a stranger could guess are one count.
	for path in (
		"/api/method/login",
		"/login",
		"/dang-ky",
		"/dang-nhap",
		"/tai-khoan/mat-khau",
		"/tai-khoan/xoa",
		"/tra-cuu",
		"/phan-anh/gui",
		"/phan-anh/theo-doi",
		"/danh-gia/abc",
		"/danh-gia-tai-quay/abc",
		"/api/method/frappe.core.doctype.user.user.reset_password",
		"/api/method/frappe.core.doctype.user.user.update_password",
		"/api/v1/method/login",
	):
		assert 429 in {stranger.post(path, {}).status_code for _try in range(3)}, path
	# Looking is never limited, and other addresses go on.
	assert stranger.get("/dang-nhap").status_code == 200
	other = from_address(base_url, any_address())
	assert other.post("/quen-mat-khau", {}).status_code == 422


def test_a_claimed_address_changes_nothing(stranger, address, connection):
	"""Who could name an address at will would have as many tries as there are addresses."""
	key = connection.cache.make_key(f"portal-throttle:sign-in:{address}")
	for number in range(3):
		headers = {"X-Forwarded-For": f"203.0.113.{number}", "X-Real-IP": "203.0.113.9"}
		stranger.post("/dang-nhap", {"contact": "a@example.com", "password": "x"}, headers=headers)
	assert int(connection.cache.get(key)) == 3


def test_the_app_stops_an_address_that_tries_many_accounts(stranger, address, connection):
	key = connection.cache.make_key(f"portal-throttle:sign-in:{address}")
	connection.cache.set(key, 200)
	connection.cache.expire(key, 60)
	answer = stranger.post("/dang-nhap", {"contact": "a@example.com", "password": "x"})
	assert answer.status_code == 429 and OF_NGINX not in answer.text


def test_wrong_passwords_from_many_addresses_lock_a_citizens_account(base_url, connection):
	address = f"{factories.key()[:8].lower()}@example.com"
	accounts.open_account("email", address, "Lê Thị Khóa", "Hoa-Phuong-Do-7-Song")
	connection.db.commit()
	for _time in range(6):
		caller = from_address(base_url, any_address())
		caller.post("/dang-nhap", {"contact": address, "password": "Wrong-Words-1"})
	right = {"contact": address, "password": "Hoa-Phuong-Do-7-Song"}
	assert from_address(base_url, any_address()).post("/dang-nhap", right).status_code == 422


def test_wrong_passwords_lock_an_account_of_the_staff(base_url, connection):
	name = account(
		connection, f"khoa-{factories.key()[:8].lower()}@example.com", "System User", ("Processing Officer",)
	)
	for _time in range(6):
		caller = from_address(base_url, any_address())
		assert caller.post("/api/method/login", {"usr": name, "pwd": "Wrong-Words-1"}).status_code in (
			401,
			417,
		)
	last = from_address(base_url, any_address())
	assert last.post("/api/method/login", {"usr": name, "pwd": PASSWORD}).status_code != 200
	assert last.get("/api/method/frappe.auth.get_logged_user").status_code == 403
