"""Connects the tests to a site. `./one-stop test` starts one and says in the environment where it is.

Tests in tests/pure need none and run with plain pytest. All others are given Frappe, connected as Administrator; what
a test leaves uncommitted is rolled back after it. Classes deriving from Frappe's FrappeTestCase roll back by themselves.
"""

import os
import sys
import unittest
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parent
# pytest puts this file's folder first on the path; the app is to come from apps/, not through the root's link.
sys.path.insert(0, str(REPO / "apps"))
# Fast ones first; what stops or inspects the whole bench comes last.
ORDER = ("tests/pure", "apps", "tests/site", "tests", "tests/browser", "tests/runtime")


def place(path: Path) -> str:
	"""The entry of ORDER a test file belongs to."""
	relative = path.relative_to(REPO).as_posix()
	return max((part for part in ORDER if relative.startswith(part)), key=len, default="tests")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
	items.sort(
		key=lambda item: (item.get_closest_marker("destructive") is not None, ORDER.index(place(item.path)))
	)


@pytest.fixture(scope="session")
def base_url() -> str:
	"""The address of the running site."""
	if "ONE_STOP_URL" not in os.environ:
		pytest.fail("This test needs a running site: ./one-stop test", pytrace=False)
	return os.environ["ONE_STOP_URL"]


@pytest.fixture(scope="session")
def running(base_url: str):
	"""The running instance, to look at its files and processes."""
	from runtime.instance import Instance

	root = Path(os.environ["FRAPPE_BENCH_ROOT"])
	return Instance(root.parent.parent, root.name)


@pytest.fixture(scope="session")
def drop_jobs(connection):
	"""`drop_jobs()` drops what tests have left to the workers: nobody reads the letters of their dossiers, and who
	waits for an answer of the running site would wait behind hundreds of them."""
	import time

	from frappe.utils.background_jobs import get_queue, get_workers

	def drop() -> None:
		# The workers write beside it.
		connection.db.sql("set session transaction isolation level read committed")
		connection.db.rollback()
		for queue in ("short", "default", "long"):
			get_queue(queue).empty()
		until = time.monotonic() + 60
		while time.monotonic() < until and any(worker.get_state() == "busy" for worker in get_workers()):
			time.sleep(0.1)
		connection.db.delete("Dossier Effect")
		for doctype in ("Dossier Letter", "Dossier List"):
			connection.db.set_value(doctype, {"status": "Queued"}, {"status": "Failed", "attempts": 99})
		connection.db.commit()

	return drop


@pytest.fixture
def administrator(base_url: str, running):
	"""A web session of the Administrator."""
	import requests

	session = requests.Session()
	words = {"usr": "Administrator", "pwd": running.recall("secrets")["administrator"]}
	assert session.post(f"{base_url}/api/method/login", data=words, timeout=30).status_code == 200
	return session


@pytest.fixture(scope="session")
def connection(base_url: str):
	"""Frappe, connected to the site for the whole session."""
	import frappe

	os.chdir(os.environ["SITES_PATH"])
	frappe.init(site="one-stop", sites_path=".")
	frappe.connect()
	frappe.flags.in_test = True
	# Frappe lets sixty users be made in an hour; the tests need more.
	frappe.local.conf["throttle_user_limit"] = 100_000
	yield frappe
	frappe.destroy()


@pytest.fixture(autouse=True)
def site(request: pytest.FixtureRequest):
	"""Frappe as Administrator, with a transaction that ends in a rollback."""
	if place(request.path) in ("tests/pure", "tests/runtime"):
		yield None
		return
	frappe = request.getfixturevalue("connection")
	frappe.set_user("Administrator")
	frappe.local.lang = "vi"
	# A test's transaction lasts longer than any request's, while the site's workers write beside it: under
	# snapshot isolation it would be undone for reading what they have changed since.
	frappe.db.sql("set session transaction isolation level read committed")
	frappe.db.rollback()
	yield frappe
	if not (request.cls and issubclass(request.cls, unittest.TestCase)):
		frappe.db.rollback()
		frappe.set_user("Administrator")


@pytest.fixture(scope="session")
def browser():
	"""The system's Chromium, driven by Playwright."""
	from playwright.sync_api import sync_playwright

	from runtime.system import browser as find

	if not (path := find()):
		pytest.fail("No Chromium found: install it, or name one in ONE_STOP_BROWSER", pytrace=False)
	with sync_playwright() as playwright:
		started = playwright.chromium.launch(
			executable_path=path, args=["--no-sandbox"] if os.geteuid() == 0 else []
		)
		yield started
		started.close()
