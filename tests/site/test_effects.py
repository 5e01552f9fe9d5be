"""What follows an event: once, again where a job was lost, and never in the way of the command."""

import frappe
import pytest

from one_stop.dossiers import effects, ledger
from tests import factories as make

pytestmark = pytest.mark.usefixtures("province")


def pending(dossier: str) -> list[str]:
	frappe.db.rollback()
	return frappe.get_all("Dossier Effect", filters={"dossier": dossier}, pluck="name")


@pytest.fixture
def no_queue(monkeypatch):
	"""Jobs are noted instead of queued, as if Redis had lost them."""
	queued = []
	monkeypatch.setattr(frappe, "enqueue", lambda method, **options: queued.append((method, options)))
	return queued


def test_what_follows_is_written_with_the_event_and_gone_when_done(no_queue):
	dossier = make.received()
	(event,) = [row.name for row in ledger.rows_of(dossier)]
	assert pending(dossier) == [event]
	effects.follow(dossier, event)
	assert pending(dossier) == []


def test_a_lost_job_is_run_by_the_sweep(no_queue):
	dossier = make.received()
	(event,) = pending(dossier)
	frappe.db.set_value("Dossier Effect", event, "creation", "2026-01-01 00:00:00", update_modified=False)
	frappe.db.commit()
	no_queue.clear()
	assert effects.sweep() >= 1
	names = [options.get("event_name") for _method, options in no_queue]
	assert event in names


def test_a_failure_is_counted_and_given_up_after_some_attempts(no_queue, monkeypatch):
	dossier = make.received()
	(event,) = pending(dossier)
	monkeypatch.setattr(effects.letters, "issue_for", lambda *_arguments: 1 / 0)
	for _attempt in range(effects.GIVEN_UP):
		with pytest.raises(ZeroDivisionError):
			effects.follow(dossier, event)
	row = frappe.db.get_value("Dossier Effect", event, ["attempts", "error"], as_dict=True)
	assert (row.attempts, row.error) == (effects.GIVEN_UP, "ZeroDivisionError")
	frappe.db.set_value("Dossier Effect", event, "creation", "2026-01-01 00:00:00", update_modified=False)
	frappe.db.commit()
	no_queue.clear()
	effects.sweep()
	assert event not in [options.get("event_name") for _method, options in no_queue]


def test_running_twice_draws_up_one_letter(no_queue):
	dossier = make.draft()
	make.give("refuse_at_intake", dossier, make.CLERK, reason="Không đúng thẩm quyền")
	event = ledger.rows_of(dossier)[-1].name
	effects.follow(dossier, event)
	effects.follow(dossier, event)
	assert frappe.db.count("Dossier Letter", {"dossier": dossier}) == 1


def test_a_listener_that_fails_is_called_again_and_the_others_only_once(no_queue, monkeypatch):
	calls, broken = [], [True]

	def good(_dossier, _event):
		calls.append("good")

	def bad(_dossier, _event):
		calls.append("bad")
		if broken:
			raise RuntimeError("mail server away")

	monkeypatch.setattr(effects, "listeners", lambda: {"good": good, "bad": bad})
	dossier = make.received()
	(event,) = pending(dossier)
	with pytest.raises(RuntimeError):
		effects.follow(dossier, event)
	assert pending(dossier) == [event]
	broken.clear()
	effects.follow(dossier, event)
	assert calls == ["good", "bad", "bad"]
	assert pending(dossier) == []
