"""People at their desks: a browser session each, in Vietnamese, that fails on any error of the page."""

import re
from pathlib import Path

import pytest

SCREENSHOTS = Path(__file__).resolve().parents[2] / ".bench" / "screenshots"
# Sounds may not play before a click: the browser's rule, not an error of the page. Frappe's own page of a printed
# form looks for the footer that wkhtmltopdf wants, also where there is none; and it selects what a number field holds
# a moment after it was entered, when the focus may have moved on to a button.
HARMLESS = re.compile(
	r"play\(\) failed because the user didn't interact|AbortError|reading 'style'\)\s+at .*/printview\?"
	r"|document\.activeElement\.select is not a function"
)
VIEWPORT = {"width": 1440, "height": 900}


class Person:
	"""One browser session: `page` is Playwright's; errors of the page are collected as they happen."""

	def __init__(self, browser, base_url: str, name: str):
		self.name, self.base_url, self.errors = name, base_url, []
		self.context = browser.new_context(
			base_url=base_url, locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh", viewport=VIEWPORT
		)
		self.context.set_default_timeout(40_000)
		self.page = self.context.new_page()
		self.page.on("console", self._console)
		self.page.on("pageerror", lambda error: self._note(error.stack or error.message))
		self.page.on("response", self._response)

	def _console(self, message) -> None:
		if message.type == "error":
			self._note(message.text)

	def _response(self, response) -> None:
		if response.status >= 400:
			self._note(f"{response.status} {response.url}")

	def _note(self, text: str) -> None:
		if not HARMLESS.search(text):
			self.errors.append(text)

	def log_in(self, user: str, password: str) -> None:
		"""Log in through the login page, as people do, and wait for the desk."""
		self.page.goto("/login")
		self.page.fill("#login_email", user)
		self.page.fill("#login_password", password)
		self.page.click(".btn-login")
		self.page.wait_for_url(re.compile("/app"))
		self.page.wait_for_selector(".page-head .title-text:visible, .page-container:visible")

	def open(self, path: str) -> None:
		"""Go to a page of the desk and wait until its requests have been answered."""
		self.page.goto(path)
		self.page.wait_for_load_state("networkidle")

	def close(self) -> None:
		self.context.close()


@pytest.fixture(scope="session", autouse=True)
def _workers_are_idle(drop_jobs):
	"""People are answered at once."""
	drop_jobs()


@pytest.fixture(scope="session")
def sample(connection):
	"""The sample province, loaded once for all browser tests, with one login a role."""
	from one_stop import sample

	loaded = sample.load()
	connection.db.commit()
	return {row["user"].split("@")[0]: row for row in loaded["logins"]}


@pytest.fixture
def people(request, browser, base_url):
	"""`people("name")` opens one more browser session; pictures of all are kept when the test fails."""
	opened: list[Person] = []

	def person(name: str) -> Person:
		opened.append(Person(browser, base_url, name))
		return opened[-1]

	yield person
	failed = getattr(request.node, "failed_in_call", False)
	errors = [f"{one.name}: {error}" for one in opened for error in one.errors]
	for one in opened:
		if failed or one.errors:
			SCREENSHOTS.mkdir(parents=True, exist_ok=True)
			one.page.screenshot(path=SCREENSHOTS / f"{request.node.name}-{one.name}.png", full_page=True)
		one.close()
	assert not errors, "errors in the browser:\n" + "\n".join(errors)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
	outcome = yield
	if call.when == "call":
		item.failed_in_call = outcome.get_result().failed
