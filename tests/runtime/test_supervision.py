"""Any process may die: it comes back, and the site with it."""

import os
import re
import signal
import time

import pytest
import requests

from runtime.instance import DATABASES, SERVICES, wait_until

pytestmark = pytest.mark.destructive


@pytest.fixture(autouse=True)
def settled(running, base_url: str):
	"""Starts from a site on which everything runs."""

	def all_run() -> bool:
		return all(state["statename"] == "RUNNING" for state in running.states())

	wait_until(all_run, 60, "not all processes run")
	wait_until(lambda: running.fetch("/api/method/ping") == 200, 60, "the site does not answer")


@pytest.mark.parametrize("name", [*DATABASES, *SERVICES])
def test_a_killed_process_comes_back_and_the_site_answers(running, name: str):
	before = {state["name"]: state["pid"] for state in running.states()}
	os.kill(before[name], signal.SIGKILL)

	def is_back() -> bool:
		state = running.call("getProcessInfo", name)
		return state["statename"] == "RUNNING" and state["pid"] != before[name]

	wait_until(is_back, 60, f"{name} did not come back")
	wait_until(lambda: running.fetch("/login") == 200, 60, "the site does not answer")
	others = {state["name"]: state["pid"] for state in running.states() if state["name"] != name}
	assert others.items() <= before.items(), "nothing else was restarted"


def test_while_the_web_process_is_away_visitors_are_asked_to_wait(running, base_url: str):
	running.call("stopProcess", "web")
	try:
		answer = requests.get(f"{base_url}/login", timeout=30)
		assert answer.status_code == 503
		assert answer.headers["Retry-After"] == "5"
		assert "Hệ thống đang khởi động lại" in answer.content.decode()
		assert re.search(r'http-equiv="refresh"', answer.text)
	finally:
		running.call("startProcess", "web")


def test_a_job_queued_while_the_worker_was_away_is_done_when_it_is_back(running, connection):
	from frappe.utils.background_jobs import get_job

	running.call("stopProcess", "worker_short")
	job = connection.enqueue("frappe.utils.now", queue="short", job_id=f"supervision-{time.time()}")
	running.call("startProcess", "worker_short")
	wait_until(lambda: job.get_status(refresh=True) == "finished", 60, "the job was not done")
	assert get_job(job.id.split("::")[1]).is_finished
