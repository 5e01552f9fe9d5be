"""People at their desks: a browser session each, in Vietnamese, that fails on any error of the page."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Error

HERE = Path(__file__).resolve().parent
SCREENSHOTS = HERE.parents[1] / ".bench" / "screenshots"
# Sounds may not play before a click: the browser's rule, not an error of the page. Frappe's own page of a printed
# form looks for the footer that wkhtmltopdf wants, also where there is none; and it selects what a number field holds
# a moment after it was entered, when the focus may have moved on to a button.
HARMLESS = re.compile(
	r"play\(\) failed because the user didn't interact|AbortError|reading 'style'\)\s+at .*/printview\?"
	r"|document\.activeElement\.select is not a function"
)
PORTRAYED = pytest.StashKey[list]()
VIEWPORT = {"width": 1440, "height": 900}
SEEN = """() => {
	const shown = (selector) => [...document.querySelectorAll(selector)].filter((one) => one.checkVisibility());
	const text = (one) => one.innerText.replace(/\\s+/g, " ").slice(0, 600);
	const entries = (one) => [...one.querySelectorAll("input, textarea, select")].filter((entry) => entry.checkVisibility());
	return {
		address: location.href,
		frozen: Boolean(document.querySelector("#freeze")),
		focus: [document.activeElement?.tagName, document.activeElement?.closest("[data-fieldname]")?.dataset.fieldname],
		dialogs: shown(".modal").map((one) => [one.className, text(one), entries(one).map((entry) => entry.value)]),
		alerts: shown(".desk-alert").map(text),
		head: shown(".page-head").map(text),
	};
}"""


def pytest_collection_modifyitems(items):
	"""A browser on a busy machine sometimes loses a key or a click: such a test is played once more. The summary names
	it, with what was on the screen."""
	for item in items:
		if item.path.parent == HERE:
			item.add_marker(pytest.mark.flaky(reruns=1))


class Person:
	"""One browser session: `page` is Playwright's; errors of the page are collected as they happen."""

	def __init__(self, browser, base_url: str, name: str):
		self.name, self.base_url, self.errors = name, base_url, []
		self.context = browser.new_context(
			base_url=base_url, locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh", viewport=VIEWPORT
		)
		self.context.set_default_timeout(40_000)
		self.page = self.context.new_page()
		self.waiting: dict = {}
		self.page.on("request", lambda request: self.waiting.update({request: request.url}))
		self.page.on("requestfinished", lambda request: self.waiting.pop(request, None))
		self.page.on("requestfailed", lambda request: self.waiting.pop(request, None))
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

	def portrayed(self, test: str) -> str:
		"""Keep a picture; and say what the person has before them: address, dialogs, focus, what is still waited for."""
		SCREENSHOTS.mkdir(parents=True, exist_ok=True)
		try:
			self.page.screenshot(path=SCREENSHOTS / f"{test}-{self.name}.png", full_page=True)
			facts = self.page.evaluate(SEEN)
		except Error as failure:  # a page that is gone or hangs
			facts = {"failure": str(failure)}
		facts["errors"], facts["unanswered"] = self.errors, list(self.waiting.values())
		return f"{self.name}: {json.dumps(facts, ensure_ascii=False, indent=1)}"

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
def people(browser, base_url):
	"""`people("name")` opens one more browser session; a picture and a description of each are kept when the test
	fails."""
	opened: list[Person] = []

	def person(name: str) -> Person:
		opened.append(Person(browser, base_url, name))
		return opened[-1]

	person.opened = opened
	yield person
	errors = [f"{one.name}: {error}" for one in opened for error in one.errors]
	for one in opened:
		one.close()
	assert not errors, "errors in the browser:\n" + "\n".join(errors)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
	outcome = yield
	opened = getattr(item.funcargs.get("people"), "opened", [])
	if call.when != "call" or not (outcome.get_result().failed or any(one.errors for one in opened)):
		return
	said = [one.portrayed(item.name) for one in opened]
	if "connection" in item.funcargs:
		# A request that waits for another's lock looks like a page that does nothing.
		running = item.funcargs["connection"].db.sql("show full processlist", as_dict=True)
		said += [str(row) for row in running if row.get("Command") != "Sleep"]
	item.config.stash.setdefault(PORTRAYED, []).append((item.nodeid, said))


def pytest_terminal_summary(terminalreporter, config):
	"""What people had before them when a test failed, also one that passed when it was played again."""
	for test, said in config.stash.get(PORTRAYED, []):
		terminalreporter.section(test)
		for line in said:
			terminalreporter.write_line(line)
