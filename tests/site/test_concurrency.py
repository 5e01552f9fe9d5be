"""Many at once: codes stay consecutive, one dossier loses nothing and doubles nothing, on real connections.

Fifty threads, each with a connection of its own, as the web server's threads have; a barrier lets all go at once.
"""

import contextlib
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import frappe
import pytest
from frappe.utils import now_datetime

from one_stop.dossiers import ledger, lifecycle
from one_stop.quality import awards, evaluations
from one_stop.quality.exceptions import QuotaUsedUp, RunRefused
from tests import factories as make
from tests.factories import give

pytestmark = pytest.mark.usefixtures("province")
AT_ONCE = 50


def connect() -> None:
	frappe.init(site="one-stop", sites_path=os.environ["SITES_PATH"], force=True)
	frappe.connect()
	frappe.flags.in_test = True


@pytest.fixture(scope="module")
def pool(connection):
	with ThreadPoolExecutor(AT_ONCE, initializer=connect) as threads:
		yield threads


@pytest.fixture(params=["OFF", "ON"])
def at_once(request, pool):
	"""`at_once(work, rows)` calls the work with each row at the same moment, and returns the answers in order.

	MariaDB's snapshot isolation is off (before 11.6.2) and on (from then): set on each connection, and looked at.
	"""
	if not frappe.db.sql("show variables like 'innodb_snapshot_isolation'"):
		pytest.skip("This MariaDB has no innodb_snapshot_isolation")

	def run(work: Callable[..., Any], rows: Sequence[tuple]) -> list[Any]:
		assert len(rows) <= AT_ONCE
		ready = threading.Barrier(len(rows), timeout=120)

		def one(row: tuple) -> Any:
			frappe.db.rollback()
			frappe.db.sql(f"set session innodb_snapshot_isolation = {request.param}")
			((kept,),) = frappe.db.sql("select @@session.innodb_snapshot_isolation")
			assert kept == int(request.param == "ON")
			ready.wait()
			return work(*row)

		answers = list(pool.map(one, rows))
		frappe.db.rollback()
		return answers

	return run


def carry_out(command: str, dossier: str, who: str, facts: dict) -> str:
	try:
		return give(command, dossier, who, **facts)["event"]
	except (frappe.ValidationError, frappe.PermissionError) as error:
		frappe.db.rollback()
		return f"refused: {type(error).__name__}"


def receive_at(dossier: str, moment) -> str:
	from one_stop.dossiers.command import as_of

	with as_of(moment):
		return give("receive", dossier, make.CLERK)["code"]


def save_draft(values: dict, who: str) -> str:
	with make.acting(who):
		name = frappe.get_doc(values).insert().name
	frappe.db.commit()
	return name


@pytest.mark.parametrize("isolation", ["READ-COMMITTED", "REPEATABLE-READ"])
def test_a_command_leaves_the_connection_as_isolated_as_it_found_it(isolation):
	frappe.db.sql("set session tx_isolation = %s", isolation)
	make.received()
	((kept,),) = frappe.db.sql("select @@session.tx_isolation")
	assert kept == isolation


def test_fifty_receptions_at_once_get_fifty_consecutive_codes(at_once):
	dossiers = [make.draft() for _number in range(50)]
	now = now_datetime()
	codes = at_once(receive_at, [(dossier, now) for dossier in dossiers])
	numbers = sorted(int(code[-4:]) for code in codes)
	assert len(set(codes)) == 50
	assert numbers == list(range(numbers[0], numbers[0] + 50))
	assert not [finding for dossier in dossiers[:5] for finding in ledger.verify(dossier)]


def test_drafts_saved_at_once_wait_for_no_other_and_note_no_actions(at_once):
	"""Frappe's Workflow Action would be written for each draft, where many at once end in a deadlock."""
	clerks = ((make.CLERK, make.CENTRE), (make.STRANGER, "H17.41.01.01"))
	rows = [(make.draft_values(unit=unit), who) for _number in range(25) for who, unit in clerks]
	names = at_once(save_draft, rows)
	assert len(set(names)) == 50
	assert frappe.db.count("Dossier", {"name": ["in", names]}) == 50
	assert not frappe.db.count("Workflow Action", {"reference_doctype": "Dossier"})


def test_the_serial_begins_anew_at_midnight(at_once):
	midnight = (now_datetime() - timedelta(days=400)).replace(hour=0, minute=0, second=0, microsecond=0)
	rows = [(make.draft(), midnight + timedelta(seconds=5 if number % 2 else -5)) for number in range(20)]
	codes = sorted(at_once(receive_at, rows))
	days = {code.split("-")[1] for code in codes}
	assert len(days) == 2
	for day in days:
		numbers = [int(code[-4:]) for code in codes if code.split("-")[1] == day]
		assert numbers == list(range(numbers[0], numbers[0] + 10))


def test_twenty_at_once_on_one_dossier_lose_nothing(at_once):
	"""Twenty commands that all are possible: each has its event and its paper in the end."""
	dossier = make.received()
	before = len(ledger.rows_of(dossier))
	with make.acting(make.CLERK):
		scans = [make.scan(dossier) for _number in range(20)]
	papers = [{"papers": [{"component": f"Giấy {number}", "file": url}]} for number, url in enumerate(scans)]
	answers = at_once(carry_out, [("add_papers", dossier, make.CLERK, facts) for facts in papers])
	assert not [answer for answer in answers if answer.startswith("refused")]
	rows = ledger.rows_of(dossier)
	assert [row.sequence for row in rows] == list(range(1, before + 21))
	kept = frappe.get_all(
		"Dossier Component", {"parent": dossier}, ["component_name", "file", "idx"], limit=0
	)
	assert sorted(row.file for row in kept if row.file) == sorted(scans)
	assert len({row.idx for row in kept}) == len(kept)
	assert ledger.verify(dossier) == []


def test_twenty_at_once_on_one_step_double_nothing(at_once):
	dossier = make.handed_over()
	before = len(ledger.rows_of(dossier))
	facts = [{"step": "2", "client_key": make.key()} for _number in range(20)]
	answers = at_once(carry_out, [("complete_step", dossier, make.OFFICER, one) for one in facts])
	done = [answer for answer in answers if not answer.startswith("refused")]
	assert len(done) == 1, answers
	assert len(ledger.rows_of(dossier)) == before + 1
	assert ledger.verify(dossier) == []


def test_fees_paid_at_once_are_paid_once(at_once):
	dossier = make.received("1.001612")
	(due,) = lifecycle.fees_due(dossier)
	rows = [("record_fee_payment", dossier, make.CLERK, {"payments": due.name})] * 20
	answers = at_once(carry_out, rows)
	assert len([answer for answer in answers if not answer.startswith("refused")]) == 1
	assert ledger.verify(dossier) == []


def test_one_command_sent_twenty_times_at_once_happens_once(at_once):
	dossier, key = make.handed_over(), make.key()
	facts = {"step": "2", "client_key": key}
	answers = set(at_once(carry_out, [("complete_step", dossier, make.OFFICER, facts)] * 20))
	assert len(answers) == 1 and not next(iter(answers)).startswith("refused")
	assert ledger.verify(dossier) == []


def send_draft(name: str, user: str) -> str:
	from one_stop.citizen_portal import drafts

	frappe.set_user(user)
	try:
		return drafts.hand_in(drafts.own(user, name))
	finally:
		frappe.set_user("Administrator")


def test_a_draft_sent_many_times_at_once_becomes_one_dossier(at_once):
	user = make.citizen()
	name = make.filled_in(user)
	answers = at_once(send_draft, [(name, user)] * 8)
	assert len(set(answers)) == 1
	assert frappe.get_all("Dossier", {"applicant_user": user}, pluck="name") == answers[:1]
	kinds = frappe.get_all("Dossier Event", {"dossier": answers[0]}, pluck="kind")
	assert kinds == ["registered"]


def test_a_handing_in_that_was_interrupted_is_finished_by_the_next_try(monkeypatch):
	from one_stop.citizen_portal import drafts

	class Interrupted(BaseException):
		pass

	def interrupt(*_given, **_named):
		raise Interrupted

	user = make.citizen()
	name = make.filled_in(user)
	with monkeypatch.context() as broken:
		broken.setattr(lifecycle, "register", interrupt)
		broken.setattr(drafts, "_take_back", lambda *_given: None)
		with pytest.raises(Interrupted):
			send_draft(name, user)
	dossier = frappe.db.get_value("Portal Draft", name, "dossier")
	assert dossier and not make.value(dossier, "submitted_at")
	assert send_draft(name, user) == dossier
	assert make.value(dossier, "submitted_at")


def test_what_the_lifecycle_refuses_leaves_the_draft_as_it_was(monkeypatch):
	from one_stop.citizen_portal import drafts
	from one_stop.citizen_portal.rendering import FormError

	def refuse(*_given, **_named):
		raise frappe.ValidationError("Không nhận")

	user = make.citizen()
	name = make.filled_in(user)
	monkeypatch.setattr(lifecycle, "register", refuse)
	with pytest.raises(FormError, match="Không nhận"):
		send_draft(name, user)
	assert not frappe.db.count("Dossier", {"applicant_user": user})
	assert not drafts.own(user, name).dossier


@pytest.fixture
def voted():
	"""Two proposals of one award that the council has voted for, and one place."""
	title = f"Giấy khen {make.key()}"
	council = {"council_name": title, "unit": "H17", "members": [{"member": make.user("giamsat")}]}
	frappe.get_doc({"doctype": "Emulation Council", **council}).insert()
	condition = {"fact": "on_time_percent", "comparison": "at least", "value": 1}
	rule = frappe.get_doc(
		{
			"doctype": "Award Rule",
			"title": title,
			"kind": "Commendation",
			"subject": "Officer",
			"effective_from": "2020-01-01",
			"quota_kind": "Number",
			"quota": 2,
			"votes_needed": 50,
			"conditions": [condition],
		}
	).insert()
	names = []
	for who in (make.OFFICER, make.CLERK):
		values = {"rule": rule.name, "year": now_datetime().year, "unit": make.COMMITTEE, "council": title}
		doc = frappe.get_doc(
			{
				"doctype": "Award Proposal",
				"officer": make.user(who),
				"deviation": "Thử",
				"decision_number": "1/QĐ",
				"decision_date": "2026-12-31",
				**values,
			}
		).insert()
		doc.status = "Submitted"
		doc.save()
		awards.vote(doc.name, "For", user=make.user("giamsat"))
		doc.reload()
		doc.status = "Voted"
		doc.save()
		names.append(doc.name)
	frappe.db.set_value("Award Rule", rule.name, "quota", 1)
	frappe.db.commit()
	yield names
	frappe.db.rollback()
	for name in names:
		frappe.delete_doc("Award Proposal", name, force=True, ignore_on_trash=True)
	frappe.delete_doc("Award Rule", rule.name, force=True)
	frappe.delete_doc("Emulation Council", title, force=True)
	frappe.db.commit()


def approve(proposal: str, begun: threading.Barrier, after: threading.Event, done: threading.Event) -> str:
	"""Approve in a transaction that has begun to read before the other one writes, once that one has committed."""
	frappe.db.sql("set session tx_isolation = 'REPEATABLE-READ'")
	frappe.db.rollback()
	frappe.db.count("Award Proposal")
	frappe.db.get_value("Award Rule", {}, "name")
	begun.wait()
	after.wait()
	try:
		doc = frappe.get_doc("Award Proposal", proposal)
		doc.status = "Approved"
		doc.save()
		frappe.db.commit()
		return doc.status
	except QuotaUsedUp as error:
		frappe.db.rollback()
		return type(error).__name__
	finally:
		done.set()


def test_two_approvals_at_once_do_not_exceed_the_quota(at_once, voted):
	begun, first, second = threading.Barrier(2, timeout=60), threading.Event(), threading.Event()
	first.set()
	rows = [(voted[0], begun, first, second), (voted[1], begun, second, threading.Event())]
	assert at_once(approve, rows) == ["Approved", "PlaceJustTaken"]
	assert at_once(approve, [(voted[1], threading.Barrier(1), first, second)]) == ["QuotaUsedUp"]
	frappe.db.rollback()
	assert frappe.db.count("Award Proposal", {"name": ("in", voted), "status": "Approved"}) == 1


def carry_out_run(name: str, computing: threading.Event, go_on: threading.Event, holds: bool) -> str:
	"""Carry out an evaluation run; the first waits amid its work until the second has been refused."""

	def compute(doc: Any) -> None:
		computing.set()
		go_on.wait(timeout=60)
		doc.db_set("status", "Done")
		frappe.db.commit()

	frappe.flags.in_test = False
	try:
		if not holds:
			computing.wait(timeout=60)
		with patch.object(evaluations, "_compute", compute) if holds else contextlib.nullcontext():
			evaluations.run(name)
		return "Done"
	except RunRefused as error:
		return str(error)
	finally:
		frappe.flags.in_test = True
		if not holds:
			go_on.set()


def test_two_runs_of_a_period_at_once_do_not_both_write(at_once):
	values = {"doctype": "Evaluation Run", "period": "Month", "year": 2019, "number": 1}
	first, second = (frappe.get_doc({**values, "name": make.key()}) for _number in range(2))
	for run in (first, second):
		run.db_insert()
	frappe.db.commit()
	computing, go_on = threading.Event(), threading.Event()
	rows = [(first.name, computing, go_on, True), (second.name, computing, go_on, False)]
	done, refused = at_once(carry_out_run, rows)
	assert done == "Done" and refused != "Done"
	status, message = frappe.db.get_value("Evaluation Run", second.name, ["status", "message"])
	assert status == "Failed" and message == refused
	frappe.db.delete("Evaluation Run", {"name": ("in", [first.name, second.name])})
	frappe.db.commit()
