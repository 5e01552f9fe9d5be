"""People who come to the edge of the running site: a stranger, a citizen and an ordinary desk user."""

import re

import pytest
import requests

PASSWORD = "Chuyen-Di-Bien-2026!"


class Caller:
	"""One person's HTTP session against the running nginx."""

	def __init__(self, base_url: str):
		self.base_url, self.session = base_url, requests.Session()

	def get(self, path: str, params: dict | None = None, **options) -> requests.Response:
		return self.session.get(
			self.base_url + path, params=params, timeout=30, allow_redirects=False, **options
		)

	def post(self, path: str, data=None, **options) -> requests.Response:
		return self.session.post(
			self.base_url + path, data=data, timeout=60, allow_redirects=False, **options
		)

	def sign_in(self, user: str) -> "Caller":
		answer = self.post("/api/method/login", {"usr": user, "pwd": PASSWORD})
		assert answer.status_code == 200, answer.text
		return self

	def sign_in_on_portal(self, address: str) -> "Caller":
		answer = self.post("/dang-nhap", {"contact": address, "password": PASSWORD})
		assert answer.status_code == 303, answer.text
		return self

	def token(self, path: str) -> str:
		"""The token that forms and scripts of a page send along."""
		found = re.search(r'csrf_token(?:" value="| = ")(\w+)"', self.get(path).text)
		assert found, f"no token on {path}"
		return found[1]


def account(connection, email: str, kind: str, roles: tuple[str, ...] = ()) -> str:
	"""A user of the site with PASSWORD; made once and kept for the session."""
	connection.set_user("Administrator")
	if not connection.db.exists("User", email):
		user = connection.get_doc(
			{
				"doctype": "User",
				"email": email,
				"first_name": email.split("@")[0],
				"user_type": kind,
				"send_welcome_email": 0,
				"new_password": PASSWORD,
				"roles": [{"role": role} for role in roles],
			}
		)
		user.flags.no_welcome_mail = True
		user.insert()
		connection.db.commit()
	return email


@pytest.fixture(scope="session", autouse=True)
def _workers_are_idle(drop_jobs):
	"""People are answered at once."""
	drop_jobs()


@pytest.fixture
def guest(base_url) -> Caller:
	return Caller(base_url)


@pytest.fixture(scope="session")
def citizen(base_url, connection) -> Caller:
	name = account(connection, "edge-citizen@example.com", "Website User")
	return Caller(base_url).sign_in_on_portal(name)


@pytest.fixture(scope="session")
def officer(base_url, connection) -> Caller:
	# Frappe makes the first desk user of a site a System Manager.
	account(connection, "edge-manager@example.com", "System User", ("System Manager",))
	name = account(connection, "edge-officer@example.com", "System User", ("Processing Officer",))
	return Caller(base_url).sign_in(name)


@pytest.fixture(params=["guest", "citizen"])
def outsider(request) -> Caller:
	"""Whoever does not work here: signed in or not."""
	return request.getfixturevalue(request.param)


@pytest.fixture(scope="session")
def password() -> str:
	return PASSWORD
