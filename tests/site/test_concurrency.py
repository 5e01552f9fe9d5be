"""Many at once: codes stay consecutive, one dossier loses nothing and doubles nothing, on real connections."""

import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta

import frappe
import pytest
from frappe.utils import now_datetime

from one_stop.dossiers import ledger
from tests import factories as make
from tests.factories import give

pytestmark = pytest.mark.usefixtures("province")


def connect() -> None:
	"""A worker process with a connection of its own."""
	os.chdir(os.environ["SITES_PATH"])
	frappe.init(site="one-stop", sites_path=".", force=True)
	frappe.connect()
	frappe.flags.in_test = True


def carry_out(command: str, dossier: str, who: str, facts: dict) -> str:
	try:
		return give(command, dossier, who, **facts)["event"]
	except frappe.ValidationError as error:
		frappe.db.rollback()
		return f"refused: {type(error).__name__}"
	except frappe.PermissionError as error:
		frappe.db.rollback()
		return f"refused: {type(error).__name__}"


def receive_at(dossier: str, who: str, moment) -> str:
	from one_stop.dossiers.command import as_of

	with as_of(moment):
		return give("receive", dossier, who)["code"]


def save_draft(values: dict, who: str) -> str:
	with make.acting(who):
		name = frappe.get_doc(values).insert().name
	frappe.db.commit()
	return name


@pytest.fixture(scope="module")
def workers():
	with ProcessPoolExecutor(
		10, mp_context=multiprocessing.get_context("spawn"), initializer=connect
	) as pool:
		yield pool


@pytest.fixture(params=["OFF", "ON"])
def snapshot_isolation(request, connection):
	"""MariaDB's snapshot isolation, off (before 11.6.2) and on (from then), where the server knows it."""
	known = frappe.db.sql("show global variables like 'innodb_snapshot_isolation'")
	if not known:
		pytest.skip("This MariaDB has no innodb_snapshot_isolation")
	root(f"set global innodb_snapshot_isolation = {request.param}")
	yield request.param
	root(f"set global innodb_snapshot_isolation = {known[0][1]}")


def root(statement: str) -> None:
	"""A statement as the server's root, by the socket of the running instance."""
	import json
	from pathlib import Path

	import pymysql

	config = Path(os.environ["FRAPPE_BENCH_ROOT"]) / "config" / "secrets.json"
	password = json.loads(config.read_text())["mariadb"]
	with (
		pymysql.connect(
			host="127.0.0.1", port=int(frappe.conf.db_port), user="root", password=password
		) as connected,
		connected.cursor() as cursor,
	):
		cursor.execute(statement)


def test_fifty_receptions_at_once_get_fifty_consecutive_codes(workers, snapshot_isolation):
	dossiers = [make.draft() for _number in range(50)]
	codes = list(workers.map(receive_at, dossiers, [make.CLERK] * 50, [now_datetime()] * 50))
	numbers = sorted(int(code[-4:]) for code in codes)
	assert len(set(codes)) == 50
	assert numbers == list(range(numbers[0], numbers[0] + 50))
	assert not [finding for dossier in dossiers[:5] for finding in ledger.verify(dossier)]


def test_drafts_saved_at_once_wait_for_no_other_and_note_no_actions(workers, snapshot_isolation):
	"""Frappe's Workflow Action would be written for each draft, where many at once end in a deadlock."""
	clerks = ((make.CLERK, make.CENTRE), (make.STRANGER, "H17.41.01.01"))
	rows = [(make.draft_values(unit=unit), who) for _number in range(40) for who, unit in clerks]
	names = list(workers.map(save_draft, *zip(*rows, strict=True)))
	assert len(set(names)) == 80
	frappe.db.rollback()
	assert frappe.db.count("Dossier", {"name": ["in", names]}) == 80
	assert not frappe.db.count("Workflow Action", {"reference_doctype": "Dossier"})


def test_the_serial_begins_anew_at_midnight(workers, snapshot_isolation):
	midnight = (now_datetime() - timedelta(days=400)).replace(hour=0, minute=0, second=0, microsecond=0)
	dossiers = [make.draft() for _number in range(20)]
	moments = [midnight + timedelta(seconds=5 if number % 2 else -5) for number in range(20)]
	codes = sorted(workers.map(receive_at, dossiers, [make.CLERK] * 20, moments))
	days = {code.split("-")[1] for code in codes}
	assert len(days) == 2
	for day in days:
		numbers = [int(code[-4:]) for code in codes if code.split("-")[1] == day]
		assert numbers == list(range(numbers[0], numbers[0] + 10))


def test_twenty_at_once_on_one_dossier_lose_nothing_and_double_nothing(workers, snapshot_isolation):
	dossier = make.handed_over()
	before = len(ledger.rows_of(dossier))
	people = [make.OFFICER] * 20
	facts = [{"step": "2", "client_key": make.key()} for _number in range(20)]
	answers = list(workers.map(carry_out, ["complete_step"] * 20, [dossier] * 20, people, facts))
	done = [answer for answer in answers if not answer.startswith("refused")]
	assert len(done) == 1, answers
	assert len(ledger.rows_of(dossier)) == before + 1
	assert ledger.verify(dossier) == []


def test_one_command_sent_twenty_times_at_once_happens_once(workers):
	dossier, key = make.handed_over(), make.key()
	facts = [{"step": "2", "client_key": key}] * 20
	answers = set(workers.map(carry_out, ["complete_step"] * 20, [dossier] * 20, [make.OFFICER] * 20, facts))
	assert len(answers) == 1 and not next(iter(answers)).startswith("refused")
	assert ledger.verify(dossier) == []
