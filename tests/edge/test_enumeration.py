"""From outside nobody finds out who has an account, neither by words nor by time."""

import frappe
import pytest
from frappe.utils import password as frappe_passwords

from one_stop.api import passwords
from tests import factories
from tests.edge.conftest import Caller, account

RESET = "/api/method/frappe.core.doctype.user.user.reset_password"


@pytest.fixture
def clerk(connection) -> str:
	return account(connection, "edge-reset@example.com", "System User", ("Reception Clerk",))


@pytest.fixture
def closed(connection) -> str:
	name = account(connection, "edge-closed@example.com", "System User", ("Reception Clerk",))
	connection.db.set_value("User", name, "enabled", 0)
	connection.db.commit()
	return name


def test_asking_for_a_new_password_tells_nothing_about_the_account(base_url, clerk, closed, connection):
	connection.cache.delete_keys("portal-throttle:reset-")
	asked = [clerk, closed, "nobody@example.com", "Administrator", "edge-citizen@example.com"]
	answers = [Caller(base_url).post(RESET, {"user": name}) for name in asked]
	assert {answer.status_code for answer in answers} == {200}
	assert len({answer.text for answer in answers}) == 1


@pytest.mark.parametrize("path", [RESET, "/api/method/one_stop.api.passwords.reset_password"])
def test_it_is_asked_by_a_form_only(guest, path, clerk):
	assert guest.get(path, {"user": clerk}).status_code == 403


def test_nor_by_any_other_address(guest, connection, clerk):
	connection.cache.delete_keys("portal-throttle:reset-")
	guest.get("/", {"cmd": RESET.rsplit("/", 1)[-1], "user": clerk})
	assert not connection.cache.get(connection.cache.make_key(f"portal-throttle:reset-user:{clerk}"))


def test_only_staff_in_service_get_the_letter(site, clerk, closed, monkeypatch):
	sent = []
	monkeypatch.setattr(passwords, "send_reset_letter", lambda user: sent.append(user.name))
	for name in (clerk, closed, "nobody@example.com", "Administrator", "Guest", "edge-citizen@example.com"):
		passwords.reset_by_mail(name)
	assert sent == [clerk]


def test_an_account_gets_three_letters_an_hour_and_nobody_is_told(base_url, clerk, connection):
	connection.cache.delete_keys("portal-throttle:reset-")
	answers = [Caller(base_url).post(RESET, {"user": clerk}) for _each in range(5)]
	assert len({(answer.status_code, answer.text) for answer in answers}) == 1
	assert int(connection.cache.get(connection.cache.make_key(f"portal-throttle:reset-user:{clerk}"))) == 5


def test_an_address_asks_twenty_times_an_hour(base_url, connection):
	connection.cache.delete_keys("portal-throttle:reset-")
	answers = [Caller(base_url).post(RESET, {"user": f"{n}@example.com"}).status_code for n in range(22)]
	connection.cache.delete_keys("portal-throttle:reset-")
	assert answers == [200] * 20 + [429] * 2


@pytest.mark.parametrize("kind", ["unknown", "without a password"])
def test_a_name_without_a_password_costs_the_time_of_one(site, connection, monkeypatch, kind):
	monkeypatch.setitem(frappe.local.conf, "throttle_user_limit", 100_000)
	name = f"{factories.key()[:8].lower()}@example.com"
	if kind == "without a password":
		frappe.get_doc(
			{"doctype": "User", "email": name, "first_name": "Không", "send_welcome_email": 0}
		).insert()
	tried = []
	verify = frappe_passwords.passlibctx.verify
	monkeypatch.setattr(
		type(frappe_passwords.passlibctx), "verify", lambda self, *given: tried.append(1) or verify(*given)
	)
	frappe.get_doc(
		{"doctype": "Activity Log", "user": name, "status": "Failed", "subject": "x", "operation": "Login"}
	).insert(ignore_links=True)
	assert tried == [1]


def test_a_name_with_a_password_is_not_tried_twice(site, clerk, monkeypatch):
	tried = []
	monkeypatch.setattr(
		type(frappe_passwords.passlibctx), "verify", lambda self, *given: tried.append(1) or True
	)
	frappe.get_doc(
		{"doctype": "Activity Log", "user": clerk, "status": "Failed", "subject": "x", "operation": "Login"}
	).insert(ignore_links=True)
	assert tried == []
