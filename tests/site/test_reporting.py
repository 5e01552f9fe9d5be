"""Daily facts and statutory reports on a site: sums equal what the dossiers say, and nobody sees beyond their scope."""

import random
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from io import BytesIO
from unittest.mock import patch

import frappe
import pytest
import small_province as province
from frappe import _
from openpyxl import load_workbook

from one_stop.api import board as api_board
from one_stop.organization import units, working_time
from one_stop.organization.exceptions import ReportCutoffRefused
from one_stop.quality import awards, measures
from one_stop.quality.exceptions import TargetEnteredTwice, TargetOutOfRange, TargetScopeMissing
from one_stop.quality.measures import Facts, Period
from one_stop.reporting import (
	board,
	cells,
	daily_facts,
	figures,
	form06,
	mailing,
	managerial,
	printed,
	statutory,
	targets,
)
from one_stop.reporting.exceptions import ReportRefused, ScopedReportNotMailed

FIRST, LAST = date(2026, 2, 1), date(2026, 3, 31)
TODAY = date(2026, 5, 10)


@pytest.fixture(autouse=True)
def english(site):
	"""A test that acted as somebody else may have left their language behind."""
	site.local.lang = "en"


@pytest.fixture
def small(site):
	with province.standing():
		yield province


def extend_some(small, names: list[str], seed: int) -> None:
	"""Put off the due dates of about a third, some of them after they had passed."""
	dice = random.Random(seed)
	for name in names:
		row = frappe.db.get_value("Dossier", name, ["received_at", "due_at", "ended_at"], as_dict=True)
		if row.due_at and dice.random() < 0.35:
			on = (row.due_at + timedelta(days=dice.randrange(-3, 9))).date()
			if on >= row.received_at.date() and not (row.ended_at and row.ended_at.date() < on):
				small.extended(name, on, max(on, row.due_at.date()) + timedelta(days=dice.randrange(1, 20)))


def booked() -> dict[str, tuple]:
	columns = ["name", "grain", "span", "day", *daily_facts.DIMENSIONS, *daily_facts.COUNTERS]
	rows = frappe.get_all("Dossier Daily Fact", fields=columns, as_list=True, limit=0)
	start = columns.index(daily_facts.COUNTERS[0])
	return {row[0]: tuple(row[1:]) for row in rows if any(row[start:])}


def test_a_report_over_daily_facts_equals_the_same_report_over_the_dossiers(small):
	extend_some(small, small.random_dossiers(150, seed=1), seed=11)
	daily_facts.rebuild(TODAY)
	assert frappe.db.count("Dossier Overdue Spell")
	for measure in figures.MEASURES:
		for first, last in (
			(FIRST, LAST),
			(date(2026, 2, 10), date(2026, 2, 20)),
			(date(2025, 1, 1), date(2026, 12, 31)),
			(date(2026, 1, 15), date(2026, 4, 14)),
			(date(2026, 2, 15), date(2026, 3, 14)),
		):
			for compare in (figures.BY_TIMESTAMP, figures.BY_DATE):
				(row,) = figures.sums(first, last, (), None, measure)
				behind = figures.cases(first, last, None, measure, compare=compare)
				expected = form06.total(
					form06.figures_of(case, first, last, frappe.utils.getdate()) for _name, case in behind
				)
				assert figures.figures(row, compare).check() == expected
				assert expected.received


def test_each_grain_gives_the_figures_of_the_dossiers_themselves(small):
	"""Whatever a report is narrowed to and grouped by, sums of months and of days agree with counting."""
	extend_some(small, small.random_dossiers(120, seed=21), seed=22)
	daily_facts.rebuild(TODAY)
	first, last = date(2026, 1, 15), date(2026, 4, 14)
	scopes = (None, frozenset({"H99.40"}), frozenset({"H99.40", "H99.41", "H99.40.01"}))
	for scope in scopes:
		for narrowed in ({}, {"field": "Hộ tịch thử"}, {"procedure": "9.900002"}):
			behind = [case for _name, case in figures.cases(first, last, scope, **narrowed)]
			expected = form06.total(form06.figures_of(case, first, last) for case in behind)
			for group in ((), ("deciding_unit",), ("procedure",), ("deciding_unit", "procedure"), ("field",)):
				parts = figures.sums(first, last, group, scope, **narrowed)
				assert form06.total(map(figures.figures, parts)) == expected, (scope, narrowed, group)
			assert expected.received


@pytest.mark.parametrize(
	("first", "last", "months"),
	[
		(date(2026, 1, 1), date(2026, 12, 31), (date(2026, 1, 1), date(2027, 1, 1))),
		(date(2025, 12, 15), date(2026, 12, 14), (date(2026, 1, 1), date(2026, 12, 1))),
		(date(2026, 2, 1), date(2026, 2, 28), (date(2026, 2, 1), date(2026, 3, 1))),
		(date(2026, 2, 2), date(2026, 3, 30), (date(2026, 3, 31), date(2026, 3, 31))),
		(date(2026, 2, 5), date(2026, 2, 5), (date(2026, 2, 6), date(2026, 2, 6))),
	],
)
def test_months_are_summed_only_where_they_lie_wholly_in_the_period(first, last, months):
	assert figures.whole_months(first, last) == months


def test_what_was_overdue_on_a_past_day_stays_so_after_an_extension(small):
	"""Received on the 2nd, due on the 6th, put off on the 11th until the 25th: overdue on the 10th for good."""
	name = small.dossier(date(2026, 2, 2), due=date(2026, 2, 6))
	small.extended(name, date(2026, 2, 11), date(2026, 2, 25))
	daily_facts.rebuild(TODAY)
	scope = frozenset({"H99.40"})
	for day, overdue in ((5, 0), (6, 1), (10, 1), (11, 0), (24, 0), (25, 1)):
		last = date(2026, 2, day)
		(row,) = figures.sums(FIRST, last, (), scope)
		assert figures.figures(row).overdue == overdue, day
		request = statutory.Request(FIRST, last, scope)
		assert statutory.dossiers_behind(request, "overdue") == [name] * overdue
		assert [late.name for late in managerial.late_list(FIRST, last, scope)] == [name] * overdue
	# A period that begins while it is overdue carries it over as such.
	(row,) = figures.sums(date(2026, 2, 9), date(2026, 2, 10), (), scope)
	assert (row["carried"], row["carried_overdue"]) == (1, 1)


def test_a_supplement_asked_after_the_due_date_does_not_undo_the_days_before_it(small):
	name = small.dossier(
		date(2026, 2, 2), due=date(2026, 2, 6), status="Awaiting Supplement", supplement_count=1
	)
	small.event(name, "received", date(2026, 2, 2), "Draft", "Received", due=datetime(2026, 2, 6, 17))
	small.event(name, "supplement_requested", date(2026, 2, 9), "In Process", "Awaiting Supplement")
	daily_facts.book([name])
	scope = frozenset({"H99.40"})
	for day, overdue in ((5, 0), (8, 1), (9, 0), (20, 0)):
		(row,) = figures.sums(FIRST, date(2026, 2, day), (), scope)
		assert figures.figures(row).overdue == overdue, day


def test_children_add_up_to_the_province_for_each_measure(small):
	small.random_dossiers(120, seed=2)
	daily_facts.rebuild(TODAY)
	for measure in figures.MEASURES:
		(whole,) = map(figures.figures, figures.sums(FIRST, LAST, (), None, measure))
		for group in ("field", "procedure", figures.UNIT_OF[measure], "channel"):
			parts = figures.sums(FIRST, LAST, (group,), None, measure)
			assert form06.total(map(figures.figures, parts)) == whole


def test_booking_each_change_gives_the_same_rows_as_rebuilding(small):
	names = small.random_dossiers(60, seed=3)
	extend_some(small, names[:20], seed=31)
	daily_facts.rebuild(TODAY)
	dice = random.Random(4)
	extend_some(small, names[20:], seed=32)
	daily_facts.book(names[20:])
	for name in dice.sample(names, 40):
		received = frappe.db.get_value("Dossier", name, "received_at")
		ended = received + timedelta(days=dice.randrange(60)) if dice.random() < 0.6 else None
		change = {
			"due_at": received + timedelta(days=dice.randrange(40)),
			"ended_at": ended,
			"outcome": dice.choice(["Early", "On Time", "Late"]) if ended else None,
			"outcome_by_date": dice.choice(["Early", "On Time", "Late"]) if ended else None,
			"status": "Finished" if ended else dice.choice(["In Process", "Awaiting Supplement"]),
			"deciding_unit": dice.choice(["H99.40", "H99.41"]),
		}
		frappe.db.set_value("Dossier", name, change)
		daily_facts.book([name])
	new = small.random_dossiers(10, seed=5)
	daily_facts.book(new)
	incremental = booked()
	daily_facts.rebuild(TODAY)
	assert incremental == booked()


def rule_of_stopping(value: str, begins: date) -> None:
	"""From a day on, stopped dossiers count as `in_progress` or as `ended`."""
	province._row(
		"Dated Rule",
		None,
		parent="One-Stop Settings",
		parenttype="One-Stop Settings",
		parentfield="rules",
		rule="stopped_counts_as",
		value=value,
		effective_from=begins,
		article="thử",
	)
	working_time.forget_rules()


@pytest.fixture
def rules_of_stopping(small):
	"""Ended by default, in progress from 1 February, ended again from 10 March, in progress from 1 April."""
	frappe.db.delete("Dated Rule", {"rule": "stopped_counts_as"})
	for value, begins in (
		("in_progress", date(2026, 2, 1)),
		("ended", date(2026, 3, 10)),
		("in_progress", date(2026, 4, 1)),
	):
		rule_of_stopping(value, begins)
	yield
	frappe.db.rollback()
	working_time.forget_rules()


def stopped(small, on: date, due: date) -> str:
	name = small.dossier(date(2026, 1, 12), due=due, ended=on, status="Stopped")
	small.event(name, "received", date(2026, 1, 12), "Draft", "Received", due=datetime.combine(due, time(17)))
	small.event(name, "stopped", on, "In Process", "Stopped")
	return name


def test_a_stopped_dossier_counts_as_the_rule_of_each_day_says(small, rules_of_stopping):
	"""Stopped under one rule, it ends when the rule of the day says so; what was counted on days before stays."""
	before = stopped(small, date(2026, 1, 20), date(2026, 1, 30))
	overdue = stopped(small, date(2026, 2, 10), date(2026, 2, 5))
	between = stopped(small, date(2026, 3, 20), date(2026, 3, 27))
	after = stopped(small, date(2026, 4, 2), date(2026, 4, 9))
	names = [before, overdue, between, after]
	scope = frozenset({"H99.40"})
	daily_facts.rebuild(TODAY)
	for way in ("rebuilt", "booked"):
		if way == "booked":
			frappe.db.delete("Dossier Fact")
			frappe.db.delete("Dossier Overdue Spell")
			frappe.db.delete("Dossier Daily Fact")
			daily_facts.book(names)
			daily_facts.open_months_until(TODAY)
		for day, ended, late in (
			(date(2026, 1, 19), set(), set()),
			(date(2026, 1, 25), {before}, set()),
			(date(2026, 2, 9), {before}, {overdue}),
			(date(2026, 2, 10), {before}, set()),
			(date(2026, 3, 9), {before}, set()),
			(date(2026, 3, 10), {before, overdue}, set()),
			(date(2026, 3, 31), {before, overdue, between}, set()),
			(date(2026, 5, 9), {before, overdue, between}, set()),
		):
			request = statutory.Request(date(2026, 1, 1), day, scope)
			assert set(statutory.dossiers_behind(request, "resolved")) == ended, (way, day)
			assert set(statutory.dossiers_behind(request, "overdue")) == late, (way, day)
			(row,) = figures.sums(request.first, day, (), scope)
			counted = figures.figures(row).check()
			assert (counted.resolved, counted.overdue) == (len(ended), len(late)), (way, day)


def test_a_new_rule_of_stopping_is_booked_for_what_is_stopped_already(small, rules_of_stopping):
	stopped(small, date(2026, 4, 2), date(2026, 4, 9))
	daily_facts.rebuild(TODAY)
	rule_of_stopping("ended", date(2026, 4, 20))
	with patch.object(frappe, "enqueue") as queued:
		daily_facts.follow_rules()
	assert queued.call_args.args == ("one_stop.reporting.daily_facts.follow_stopped",)
	with patch.object(frappe.db, "commit"):
		daily_facts.follow_stopped()
	incremental = booked()
	daily_facts.rebuild(TODAY)
	assert incremental == booked()
	assert frappe.get_hooks("doc_events")["One-Stop Settings"]["on_update"]


def test_the_facts_are_rebuilt_while_dossiers_are_written(site):
	"""Under a snapshot MariaDB would refuse to copy what somebody has written meanwhile; the isolation comes back."""
	before = site.db.sql("select @@session.tx_isolation")[0][0]
	with daily_facts.alone():
		assert site.db.sql("select @@session.tx_isolation")[0][0] == "READ-COMMITTED"
	assert site.db.sql("select @@session.tx_isolation")[0][0] == before
	with pytest.raises(ZeroDivisionError), daily_facts.alone():
		raise ZeroDivisionError
	assert site.db.sql("select @@session.tx_isolation")[0][0] == before


def test_what_a_lost_job_left_behind_is_booked_within_the_day(small):
	daily_facts.rebuild(TODAY)
	name = small.dossier(FIRST, due=LAST)
	frappe.db.set_value("Dossier", name, "modified", frappe.utils.now_datetime(), update_modified=False)
	with patch.object(frappe.db, "commit"):
		daily_facts.catch_up()
	assert frappe.db.exists("Dossier Fact", name)


def test_after_an_update_facts_that_lack_a_grain_are_summed_up_anew(small):
	small.dossier(FIRST, due=LAST)
	daily_facts.rebuild(TODAY)
	with patch.object(frappe, "enqueue") as queued:
		daily_facts.complete()
		assert not queued.called
		frappe.db.delete("Dossier Daily Fact", {"grain": daily_facts.UNITS_ALONE})
		daily_facts.complete()
	assert queued.call_args.args == ("one_stop.reporting.daily_facts.rebuild_all",)


def test_a_month_that_begins_carries_over_what_is_open(small):
	extend_some(small, small.random_dossiers(60, seed=6), seed=61)
	daily_facts.rebuild(date(2026, 3, 15))
	daily_facts.open_months_until(TODAY)
	later = booked()
	daily_facts.rebuild(TODAY)
	assert later == booked()


def test_a_dossier_that_is_taken_away_leaves_no_figures(small):
	name = small.dossier(FIRST, due=LAST)
	daily_facts.rebuild(TODAY)
	assert booked()
	frappe.db.set_value("Dossier", name, "status", "Draft")
	daily_facts.book([name])
	others = {row[0] for row in frappe.get_all("Dossier Fact", as_list=True)}
	assert name not in others


def test_waiting_for_the_applicant_is_in_progress_in_time(small):
	small.dossier(FIRST, due=FIRST + timedelta(days=2), status="Awaiting Supplement")
	small.dossier(FIRST, due=FIRST + timedelta(days=2), status="In Process")
	daily_facts.rebuild(TODAY)
	(row,) = figures.sums(FIRST, LAST, (), frozenset({"H99.40"}))
	assert (figures.figures(row).in_time, figures.figures(row).overdue) == (1, 1)


def test_a_leader_is_shown_the_figures_of_their_own_units_only(small):
	assert figures.scope_of(small.email("leader.ward")) == {"H99.40", "H99.40.01"}
	assert figures.scope_of(small.email("leader.ward"), "H99.41") == frozenset()
	assert figures.scope_of(small.email("monitor"), "H99.41") == {"H99.41", "H99.41.01"}
	small.dossier(FIRST, unit="H99.41")
	daily_facts.rebuild(TODAY)
	assert figures.sums(FIRST, LAST, (), figures.scope_of(small.email("leader.ward"), "H99.41")) == []


def at_nine_and_at_six(monkeypatch, day: date):
	"""The same day twice: before the hour of what is due on it, and after."""
	for hour in (9, 18):
		monkeypatch.setattr(figures, "now_datetime", lambda hour=hour: datetime.combine(day, time(hour)))
		yield hour


@pytest.mark.parametrize("last", [date(2026, 3, 10), date(2026, 3, 31)])
def test_what_is_due_later_than_now_is_not_overdue(small, monkeypatch, last):
	"""A period that is not over, or ends today: yesterday's is overdue, today's once its hour has passed."""
	today = date(2026, 3, 10)
	yesterday, this, tomorrow = (small.dossier(FIRST, due=datetime(2026, 3, day, 17)) for day in (9, 10, 11))
	put_off = small.dossier(FIRST, due=date(2026, 3, 4))
	small.extended(put_off, date(2026, 3, 10), date(2026, 3, 20))
	daily_facts.rebuild(today)
	scope = frozenset({"H99.40"})
	for hour in at_nine_and_at_six(monkeypatch, today):
		overdue = {yesterday} | ({this} if hour == 18 else set())
		for group in ((), ("deciding_unit",), ("procedure",), ("field", "channel")):
			rows = figures.sums(FIRST, last, group, scope)
			counted = form06.total(map(figures.figures, rows)).check()
			assert (counted.overdue, counted.in_time) == (len(overdue), 4 - len(overdue)), (hour, group)
		request = statutory.Request(FIRST, last, scope)
		assert set(statutory.dossiers_behind(request, "overdue")) == overdue
		assert (
			set(statutory.dossiers_behind(request, "in_time"))
			== {yesterday, this, tomorrow, put_off} - overdue
		)
		assert {late.dossier for late in statutory.late_cases(request)} == overdue
		assert {row.name for row in managerial.late_list(FIRST, last, scope)} == overdue
		(use,) = managerial.use_of_the_system(FIRST, last, scope)
		assert use["overdue"] == len(overdue)
		# By date, a dossier is late only when its day is over.
		(row,) = figures.sums(FIRST, last, (), scope)
		assert figures.figures(row, figures.BY_DATE).overdue == 1
		by_date = statutory.Request(FIRST, last, scope, compare=figures.BY_DATE)
		assert statutory.dossiers_behind(by_date, "overdue") == [yesterday]
		for compare in (figures.BY_TIMESTAMP, figures.BY_DATE):
			cases = figures.cases(FIRST, last, scope, compare=compare)
			expected = form06.total(form06.figures_of(case, FIRST, last, today) for _name, case in cases)
			assert figures.figures(row, compare) == expected


def test_nothing_of_the_future_is_counted_before_it_comes(small, monkeypatch):
	"""A period that has not begun carries over what is open now, with what is overdue now and no more."""
	small.dossier(FIRST, due=date(2026, 3, 9))
	small.dossier(FIRST, due=date(2026, 3, 20))
	daily_facts.rebuild(date(2026, 3, 10))
	monkeypatch.setattr(figures, "now_datetime", lambda: datetime(2026, 3, 10, 9))
	scope = frozenset({"H99.40"})
	for first, last in ((date(2026, 4, 1), date(2026, 4, 30)), (date(2026, 3, 10), date(2026, 3, 10))):
		(row,) = figures.sums(first, last, (), scope)
		assert figures.figures(row).columns() == (2, 0, 0, 2, 0, 0, 0, 0, 2, 1, 1)


# What is counted of a dossier, by hand


VERSIONS = {
	"full": ("Full", True),
	"partly": ("Partial", True),
	"silent": ("Full", False),
	None: (None, False),
}
NO_FACT = ("Draft", "Not Received")


def dossiers_of_all_kinds(small, count: int, seed: int) -> dict[str, dict]:
	"""Random dossiers in every status, with papers, fees, payments, results and extensions; what is known of each."""
	dice = random.Random(seed)
	for key, (level, document) in VERSIONS.items():
		if key:
			small._row(
				"Procedure Version", f"{key}-c1", procedure="9.900001", online_level=level, docstatus=1
			)
			if document:
				small._row("Procedure Result", None, parent=f"{key}-c1", parenttype="Procedure Version")
	known: dict[str, dict] = {}
	for _number in range(count):
		received = date(2026, 1, 5) + timedelta(days=dice.randrange(90))
		ended = received + timedelta(days=dice.randrange(30)) if dice.random() < 0.6 else None
		due = received + timedelta(days=dice.randrange(1, 20)) if dice.random() < 0.9 else None
		status = (
			dice.choice(["Returned", "Finished", "Withdrawn", "Stopped"])
			if ended
			else dice.choice(
				["Draft", "Not Received", "Received", "In Process", "Awaiting Supplement", "Awaiting Payment"]
			)
		)
		kind = dice.choice(list(VERSIONS))
		own = {
			"received": received,
			"ended": ended,
			"due": due,
			"status": status,
			"version": kind,
			"channel": dice.choice(["Counter", "Online", "Post"]),
			"delivery": dice.choice(["Counter", "Post", None]),
			"outcome": dice.choice(["Early", "On Time", "Late"]) if ended else None,
			"by_date": dice.choice(["Early", "On Time", "Late"]) if ended else None,
			"unit": dice.choice(["H99.40", "H99.41", "H99.01"]),
			"linked": bool(known) and dice.random() < 0.15,
			"papers": [
				(dice.random() < 0.8, dice.random() < 0.8, dice.random() < 0.2)
				for _paper in range(dice.randrange(3))
			],
			"fees": [
				(dice.choice(["Fee", "Charge", "Financial Obligation"]), dice.choice([0, 5000]))
				for _fee in range(dice.randrange(4))
			],
			"payments": [
				(
					dice.choice(["Fee", "Financial Obligation"]),
					dice.choice(["Due", "Paid"]),
					dice.choice(["Counter", "Online"]),
				)
				for _payment in range(dice.randrange(4))
			],
			"results": [
				(dice.random() < 0.8, int(dice.random() < 0.2))
				for _result in range(dice.randrange(3) if ended else 0)
			],
			"extended": None,
		}
		name = small.dossier(
			received,
			unit=own["unit"],
			channel=own["channel"],
			due=due,
			ended=ended,
			status=status,
			outcome=own["outcome"],
			result_delivery=own["delivery"],
			procedure_version=f"{kind}-c1" if kind else None,
			parent_dossier=next(iter(known)) if own["linked"] else None,
		)
		frappe.db.set_value("Dossier", name, "outcome_by_date", own["by_date"])
		if due and dice.random() < 0.3:
			on = due + timedelta(days=dice.randrange(-2, 6))
			if on >= received and not (ended and ended < on):
				own["extended"] = (on, max(on, due) + timedelta(days=dice.randrange(1, 10)))
				small.extended(name, *own["extended"])
		if status == "Stopped":
			if not own["extended"]:
				small.event(name, "received", received, "Draft", "Received", due=due or "")
			small.event(name, "stopped", ended, "In Process", "Stopped")
		for table, rows in (
			(
				"Dossier Component",
				[
					{
						"component_name": "x",
						"submitted": int(submitted),
						"file": "/private/files/x.pdf" if file else None,
						"reused_from": "Kho" if reused else None,
					}
					for submitted, file, reused in own["papers"]
				],
			),
			("Dossier Fee", [{"kind": kind, "amount": amount} for kind, amount in own["fees"]]),
		):
			for row in rows:
				small._row(table, None, parent=name, parenttype="Dossier", **row)
		for kind, paid, method in own["payments"]:
			small._row("Dossier Payment", None, dossier=name, kind=kind, status=paid, method=method, amount=1)
		for file, refused in own["results"]:
			file = "/private/files/r.pdf" if file else None
			small._row("Dossier Result", None, dossier=name, file=file, refused=refused)
		known[name] = own
	return known


def open_since(own: dict) -> date | None:
	"""Until which day a stopped dossier stays in progress, by the rules of the fixture; the day it ended for others."""
	ended = own["ended"]
	if own["status"] != "Stopped":
		return ended
	if date(2026, 2, 1) <= ended < date(2026, 3, 10):
		return date(2026, 3, 10)
	return None if ended >= date(2026, 4, 1) else ended


def due_in_force(own: dict, day: date) -> date | None:
	"""The due date a dossier had at the end of a day, None while it rested."""
	if own["extended"] and day < own["extended"][0]:
		return own["due"]
	if own["status"] in ("Awaiting Supplement", "Awaiting Payment"):
		return None
	if own["status"] == "Stopped" and open_since(own) != own["ended"] and day >= own["ended"]:
		return None
	return own["extended"][1] if own["extended"] else own["due"]


def flags_by_hand(own: dict) -> dict[str, int]:
	level, document = VERSIONS[own["version"]]
	refused = any(refused for _file, refused in own["results"])
	handed_in = [(file, submitted) for submitted, file, _reused in own["papers"] if submitted]
	fee = sum(amount for kind, amount in own["fees"] if kind != "Financial Obligation") > 0
	found = {
		"fully_online": own["channel"] == "Online" and level == "Full",
		"gives_document": document and not refused,
		"e_result": document and not refused and any(file for file, _refused in own["results"]),
		"digitised": any(file for file, _refused in own["results"])
		and bool(handed_in)
		and all(file for file, _submitted in handed_in),
		"reused": any(reused for _submitted, _file, reused in own["papers"]),
		"fee_bearing": fee,
		"paid_online": fee
		and any(
			(paid, method) == ("Paid", "Online") and kind != "Financial Obligation"
			for kind, paid, method in own["payments"]
		),
		"postal": own["channel"] == "Post" or own["delivery"] == "Post",
	}
	return {name: int(bool(value)) for name, value in found.items()}


@pytest.fixture
def all_kinds(small, rules_of_stopping):
	known = dossiers_of_all_kinds(small, 160, seed=77)
	daily_facts.rebuild(TODAY)
	return known


def test_the_facts_of_a_dossier_are_those_of_its_rows(all_kinds):
	"""Each column of each fact, against what was put in: nothing of how facts are made is used."""
	facts = {
		row.name: row
		for row in frappe.get_all("Dossier Fact", {"name": ("in", list(all_kinds))}, ["*"], limit=0)
	}
	assert set(facts) == {name for name, own in all_kinds.items() if own["status"] not in NO_FACT}
	for name, fact in facts.items():
		own = all_kinds[name]
		ended = open_since(own)
		rests = due_in_force(own, date(2026, 12, 31)) is None
		withdrawn = own["status"] == "Withdrawn"
		expected = {
			"received_on": own["received"],
			"ended_on": ended,
			"due_on": None if rests else due_in_force(own, date(2026, 12, 31)),
			"outcome": "On Time" if withdrawn else own["outcome"] or "",
			"outcome_by_date": "On Time" if withdrawn else own["by_date"] or "",
			"linked": int(own["linked"]),
			"channel": own["channel"],
			"deciding_unit": own["unit"],
			"receiving_unit": f"{own['unit']}.01" if own["unit"] != "H99.01" else "H99.20",
			**flags_by_hand(own),
		}
		assert {key: fact[key] for key in expected} == expected, own
	# Each kind of flag is there with and without.
	for flag in daily_facts.FLAGS:
		assert {fact[flag] for fact in facts.values()} == {0, 1}, flag


def by_hand(known: dict[str, dict], first: date, last: date, measure: str, compare: str) -> dict[str, int]:
	"""The columns of form 06 and the flags of a period, dossier by dossier."""
	found = dict.fromkeys((*form06.COUNTED, *daily_facts.FLAGS), 0)
	for own in known.values():
		ended = open_since(own)
		left_out = own["status"] in NO_FACT or (measure == figures.PUBLIC and own["linked"])
		if left_out or own["received"] > last or (ended and ended < first):
			continue
		new = own["received"] >= first
		found["carried" if not new else "online" if own["channel"] == "Online" else "direct"] += 1
		if new:
			for flag, value in flags_by_hand(own).items():
				found[flag] += value
		if ended and ended <= last:
			outcome = own["by_date"] if compare == figures.BY_DATE else own["outcome"]
			outcome = "On Time" if own["status"] == "Withdrawn" else outcome
			found[{"Early": "early", "Late": "late"}.get(outcome, "on_time")] += 1
		else:
			due = due_in_force(own, last)
			found["overdue" if due and due <= last else "in_time"] += 1
	return found


def test_form_06_equals_counting_the_dossiers_one_by_one(all_kinds):
	for measure in figures.MEASURES:
		for compare in (figures.BY_TIMESTAMP, figures.BY_DATE):
			for first, last in (
				(FIRST, LAST),
				(date(2026, 1, 1), date(2026, 1, 31)),
				(date(2026, 2, 15), date(2026, 3, 14)),
				(date(2026, 3, 9), date(2026, 3, 10)),
				(date(2026, 4, 1), TODAY),
				(date(2025, 1, 1), date(2026, 7, 31)),
			):
				ours = frozenset(province.UNITS)
				(row,) = figures.sums(first, last, (), ours, measure)
				counted = figures.figures(row, compare).check()
				found = {name: getattr(counted, name) for name in form06.COUNTED}
				found.update({flag: row[flag] for flag in daily_facts.FLAGS})
				expected = by_hand(all_kinds, first, last, measure, compare)
				assert found == expected, (measure, compare, first, last)
				assert sum(expected.values())


# Statutory forms


def asked(**filters):
	given = {"from_date": str(FIRST), "to_date": str(LAST), "unit": "H99", **filters}
	return statutory.request(given)


def six_dossiers(small) -> None:
	"""Two carried over (one ends late, one stays overdue), four new: online early, counter on time, post, waiting."""
	before = date(2026, 1, 20)
	small.dossier(before, due=date(2026, 2, 3), ended=date(2026, 2, 9))
	small.dossier(before, due=date(2026, 2, 3), procedure="9.900003", unit="H99.01")
	small.dossier(date(2026, 2, 5), due=date(2026, 2, 20), ended=date(2026, 2, 10), channel="Online")
	small.dossier(date(2026, 2, 5), due=date(2026, 2, 20), ended=date(2026, 2, 20))
	small.dossier(date(2026, 3, 5), due=date(2026, 4, 20), channel="Post", unit="H99.41")
	small.dossier(date(2026, 3, 5), due=date(2026, 3, 6), channel="Online", status="Awaiting Payment")
	daily_facts.rebuild(TODAY)


def test_form_06_equals_a_hand_count_in_every_column(small):
	six_dossiers(small)
	rows = statutory.form_06(asked())
	assert [(row.label, row.figures.columns()) for row in rows if row.depth == 0] == [
		(_("Commune"), (5, 2, 2, 1, 3, 1, 1, 1, 2, 2, 0)),
		(_("Province"), (1, 0, 0, 1, 0, 0, 0, 0, 1, 0, 1)),
		("", (6, 2, 2, 2, 3, 1, 1, 1, 3, 2, 1)),
	]


@pytest.mark.parametrize("grouping", statutory.GROUPINGS)
@pytest.mark.parametrize("measure", figures.MEASURES)
def test_every_grouping_ends_in_the_same_total(small, grouping, measure):
	small.random_dossiers(60, seed=8)
	daily_facts.rebuild(TODAY)
	rows = statutory.form_06(asked(grouping=grouping, measure=measure))
	top = [row for row in rows if row.depth == 0 and row.keys]
	assert form06.total(row.figures for row in top) == rows[-1].figures
	assert rows[-1].figures == statutory.form_06(asked(measure=measure))[-1].figures


@pytest.mark.parametrize("grouping", statutory.GROUPINGS)
def test_every_cell_opens_as_many_dossiers_as_it_counts(small, grouping):
	small.random_dossiers(50, seed=9)
	daily_facts.rebuild(TODAY)
	request = asked(grouping=grouping)
	kinds = statutory.PATHS[grouping]
	for row in statutory.form_06(request):
		keys = dict(zip(kinds, row.keys, strict=False))
		if "" in keys.values():
			continue
		behind = asked(**{**keys, "unit": keys.get("unit") or "H99"})
		for column in form06.COLUMN_KEYS:
			assert len(statutory.dossiers_behind(behind, column)) == getattr(row.figures, column), (
				row,
				column,
			)


def test_a_linked_dossier_counts_once_for_the_public_and_twice_where_it_is_handled(small):
	root = small.dossier(FIRST, due=LAST)
	small.dossier(FIRST, due=LAST, unit="H99.01", parent_dossier=root, root_dossier=root)
	daily_facts.rebuild(TODAY)
	assert statutory.form_06(asked())[-1].figures.received == 2
	assert statutory.form_06(asked(measure=figures.PUBLIC))[-1].figures.received == 1


@pytest.mark.parametrize(
	"wrong",
	[
		{"grouping": "x"},
		{"measure": "x"},
		{"compare": "x"},
		{"unit": "none"},
		{"to_date": ""},
		{"from_date": "2026-05-01", "to_date": "2026-04-01"},
		{"from_date": "", "to_date": "", "quarter": "7"},
		{"from_date": "", "to_date": "", "quarter": "1", "cutoff_day": 31},
	],
)
def test_a_report_refuses_filters_it_does_not_have(small, wrong):
	with pytest.raises(ReportRefused):
		asked(**wrong)


DATED = [
	"Statutory Form 06",
	"Statutory Form 07a",
	"Dossiers behind a Figure",
	"Dossier Register",
	"Late Dossiers",
	"Carried-Over Dossiers",
	"Bottlenecks",
	"Workload",
	"Land Dossiers by Commune",
	"Monthly Use of the System",
	"Supplement and Refusal Reasons",
]


@pytest.mark.parametrize("name", DATED)
def test_a_report_refuses_days_out_of_reach_and_names_their_field(small, name):
	for wrong, field in (
		({"from_date": "0001-01-01"}, "From Date"),
		({"to_date": "9999-12-31"}, "To Date"),
		({"from_date": "1999-12-31"}, "From Date"),
		({"to_date": "yesterday"}, "To Date"),
	):
		with pytest.raises(ReportRefused, match=field):
			run_report(name, **wrong)
	run_report(name, from_date="2000-01-01", to_date="2000-01-31")


@pytest.mark.parametrize("year", [20260, 0, 1, -5, "0", "year", 1999, 2101])
def test_a_year_out_of_reach_is_refused_and_names_its_field(small, year):
	for name, filters in (
		("Statutory Form 06", {"from_date": "", "to_date": "", "quarter": "1"}),
		("Monthly Use of the System", {"from_date": "", "to_date": ""}),
		("Target Progress", {}),
		("Awards Sheet", {}),
		("Counted in an Evaluation", {"fact": "handled", "unit": "H99.40"}),
	):
		with pytest.raises(ReportRefused, match="Year"):
			run_report(name, **{**filters, "year": year})
	with pytest.raises(ReportRefused, match="Year"):
		targets.last_day(frappe.utils.cint(year))


def test_a_report_of_a_day_refuses_one_out_of_reach(small):
	for day in ("0001-01-01", "9999-12-31", "today"):
		with pytest.raises(ReportRefused, match="Day"):
			run_report("Daily Reception List", day=day)
		for name in ("Statutory Form 07b", "Procedures behind a Figure"):
			with pytest.raises(ReportRefused, match="As Of"):
				run_report(name, to_date=day, column="procedures")


def test_the_excel_has_the_printed_heading_and_the_reports_numbers(small):
	six_dossiers(small)
	page = load_workbook(BytesIO(printed.excel("form_06", asked()))).active
	values = [[cell.value for cell in row] for row in page.iter_rows()]
	assert values[0][0] == "Biểu số 06a/VPCP/KSTT"
	numbering = next(number for number, row in enumerate(values) if row[0] == "(1)")
	assert values[numbering][2] == "(3)=(4)+(5)+(6)" and values[numbering][10] == "(11)=(12)+(13)"
	total = next(row for row in values if row[1] == "Tổng cộng")
	assert tuple(total[2:]) == (6, 2, 2, 2, 3, 1, 1, 1, 3, 2, 1)
	assert {"C7:F7", "G7:J7", "K7:M7", "A7:A9"} <= {str(area) for area in page.merged_cells.ranges}


@pytest.mark.parametrize("form", ["form_06", "form_07a", "form_07b"])
def test_every_form_prints_as_excel_and_pdf(small, form):
	six_dossiers(small)
	assert printed.pdf(form, asked()).startswith(b"%PDF")
	assert load_workbook(BytesIO(printed.excel(form, asked()))).active.max_row > 8


def test_a_name_that_looks_like_a_formula_stays_text(small):
	frappe.db.set_value("Administrative Procedure", "9.900001", "procedure_name", '=HYPERLINK("x")')
	six_dossiers(small)
	page = load_workbook(
		BytesIO(printed.excel("form_06", asked(grouping=statutory.BY_FIELD_AND_PROCEDURE)))
	).active
	assert not [cell for row in page.iter_rows() for cell in row if cell.data_type == "f"]


def test_a_printed_form_names_the_units_of_its_reader_whatever_was_asked_for(small):
	"""A leader's form, asked for the province or for nothing, is one of their own unit."""
	six_dossiers(small)
	ward, other = "Phường Thử nghiệm", "Xã Kiểm thử"
	for reader, unit, named in (
		("leader.ward", None, ward),
		("leader.ward", "H99", ward),
		("leader.ward", "H99.40.01", "Bộ phận Một cửa phường Thử nghiệm"),
		("monitor", "H99.41", other),
		("monitor", "H99", "Tỉnh thử nghiệm"),
	):
		frappe.set_user(small.email(reader))
		request = asked(unit=unit)
		assert f"Đơn vị báo cáo: {named}</b>" in printed.html("form_06", request)
		page = load_workbook(BytesIO(printed.excel("form_06", request))).active
		assert any(cell.value == f"Đơn vị báo cáo: {named}" for row in page.iter_rows() for cell in row)
		assert api_board.show(unit)["title"] == named
	two = figures.name_of(frozenset({"H99.40", "H99.40.01", "H99.41", "H99.41.01"}))
	assert two == f"{ward}, {other}"
	province_unit = frappe.db.get_single_value("One-Stop Settings", "province_unit")
	assert figures.name_of(None) == frappe.db.get_value("Administrative Unit", province_unit, "unit_name")


def test_a_printed_form_says_what_it_measures_and_what_it_is_narrowed_to(small):
	six_dossiers(small)
	plain = printed.html("form_06", asked())
	assert "Cách đo: theo đơn vị giải quyết; so hạn trả theo giờ" in plain
	chosen = asked(measure=figures.PUBLIC, compare=figures.BY_DATE, field="Hộ tịch thử", level="Commune")
	for text in (
		printed.html("form_06", chosen),
		" ".join(
			str(cell.value)
			for row in load_workbook(BytesIO(printed.excel("form_06", chosen))).active.iter_rows()
			for cell in row
		),
	):
		assert "Cách đo: theo người dân nộp; so hạn trả theo ngày" in text
		assert "Lĩnh vực: Hộ tịch thử" in text and "Cấp thực hiện: Cấp xã" in text
	assert "Cách đo" not in printed.html("form_07b", asked())


@pytest.mark.parametrize("language", ["en", "vi"])
def test_a_printed_form_is_vietnamese_whatever_the_language_of_the_desk(small, site, language):
	site.local.lang = language
	small.dossier(FIRST, due=LAST)
	daily_facts.rebuild(TODAY)
	for table in ("Dossier Fact", "Dossier Daily Fact"):
		frappe.db.set_value(table, {"field": "Hộ tịch thử", "deciding_unit": "H99.40"}, "field", "")
	texts = [
		str(value)
		for form, grouping in (
			("form_06", statutory.BY_LEVEL_AND_FIELD),
			("form_06", statutory.BY_FIELD_AND_PROCEDURE),
			("form_06", statutory.BY_UNIT_AND_FIELD),
			("form_07a", statutory.BY_LEVEL_AND_FIELD),
			("form_07b", statutory.BY_LEVEL_AND_FIELD),
		)
		for _bold, line in printed.sheet_of(form, asked(unit=None, grouping=grouping)).body
		for value in line
	]
	assert {"Không ghi", "Cấp xã", "Cấp tỉnh", "Tổng cộng"} <= set(texts)
	assert not {_("Not stated", "en"), "Total", *form06.LEVELS} & set(texts)


def test_07a_adds_up_causes_and_names_those_nobody_stated(small):
	six_dossiers(small)
	late = statutory.late_cases(asked())
	assert len(late) == 2
	frappe.get_doc(
		{
			"doctype": "Lateness Explanation",
			"dossier": late[0].dossier,
			"cause": "Staff",
			"explanation": "Do cán bộ",
		}
	).insert()
	_columns, rows = statutory.form_07a(asked())
	assert rows[-1]["total"] == 2 and rows[-1]["still_open"] == 1
	assert rows[-1]["cause_3"] == 1 and rows[-1]["cause_7"] == 1


def run_report(name: str, **filters):
	return frappe.get_doc("Report", name).execute_script_report(
		{
			"from_date": str(FIRST),
			"to_date": str(LAST),
			"year": 2026,
			"day": str(FIRST),
			"column": "received",
			**filters,
		}
	)


ALL_REPORTS = (
	"Statutory Form 06",
	"Statutory Form 07a",
	"Statutory Form 07b",
	"Dossiers behind a Figure",
	"Dossier Register",
	"Daily Reception List",
	"Late Dossiers",
	"Carried-Over Dossiers",
	"Supplement and Refusal Reasons",
	"Bottlenecks",
	"Workload",
	"Land Dossiers by Commune",
	"Monthly Use of the System",
	"Target Progress",
	"Awards Sheet",
)


@pytest.mark.parametrize("name", ALL_REPORTS)
def test_every_report_runs_and_shows_a_leader_nothing_of_other_units(small, name):
	code = frappe.db.get_value(
		"Dossier", small.dossier(FIRST, due=FIRST + timedelta(days=1), unit="H99.41"), "code"
	)
	own = small.dossier(FIRST, due=FIRST + timedelta(days=1), officer=small.email("officer.a"))
	own = frappe.db.get_value("Dossier", own, "code")
	daily_facts.rebuild(TODAY)
	frappe.set_user(small.email("leader.ward"))
	columns, rows = run_report(name)[:2]
	assert columns
	text = frappe.as_json(rows)
	assert code not in text and "xã Kiểm thử" not in text.replace("Xã", "xã")
	if any(column["fieldname"] == "code" for column in columns) and name != "Carried-Over Dossiers":
		assert own in text


@pytest.mark.parametrize("name", ALL_REPORTS)
def test_officers_have_no_managers_reports(small, name):
	frappe.set_user(small.email("officer.a"))
	assert not frappe.get_doc("Report", name).is_permitted()


def test_a_script_report_is_not_mailed_by_frappe_beyond_its_readers_scope(small):
	with pytest.raises(ScopedReportNotMailed):
		frappe.get_doc(
			{
				"doctype": "Auto Email Report",
				"report": "Statutory Form 06",
				"user": "Administrator",
				"email_to": "a@b.example",
				"format": "HTML",
			}
		).insert()


def test_a_form_of_a_period_that_is_not_over_says_until_when_it_counts(small, monkeypatch):
	six_dossiers(small)
	monkeypatch.setattr(figures, "now_datetime", lambda: datetime(2026, 3, 10, 9, 5))
	assert "Số liệu tính đến 09:05 ngày 10/03/2026" in printed.html("form_06", asked())
	page = load_workbook(BytesIO(printed.excel("form_07a", asked()))).active
	assert any("09:05 ngày 10/03/2026" in str(cell.value) for row in page.iter_rows() for cell in row)
	for name in ("Statutory Form 06", "Statutory Form 07a", "Monthly Use of the System", "Late Dossiers"):
		assert "09:05 10/03/2026" in run_report(name)[2]
		assert not run_report(name, to_date="2026-03-09")[2]
	over = asked(to_date="2026-03-09")
	assert "Số liệu tính đến" not in printed.html("form_06", over)


# Managers' lists


def test_the_late_list_names_the_late_step_and_its_officer(small):
	name = small.dossier(
		date(2026, 2, 2),
		due=date(2026, 2, 5),
		ended=date(2026, 2, 9),
		officer=small.email("officer.a"),
		step_outcomes=("Early", "Late"),
	)
	daily_facts.rebuild(TODAY)
	(row,) = managerial.late_list(FIRST, LAST, frozenset({"H99.40"}))
	assert (row.name, row["late_step"], row["officer_name"], row["days_late"]) == (
		name,
		"Bước 2",
		"Mẫu officer.a",
		4,
	)


def test_a_list_as_long_as_lists_get_says_so(small, monkeypatch):
	for _number in range(3):
		small.dossier(FIRST, due=FIRST + timedelta(days=1))
	daily_facts.rebuild(TODAY)
	report = frappe.get_doc("Report", "Late Dossiers")
	filters = {"from_date": str(FIRST), "to_date": str(LAST), "unit": "H99.40"}
	assert report.execute_script_report(filters)[2] is None
	monkeypatch.setattr(managerial, "MOST_ROWS", 2)
	answer = report.execute_script_report(filters)
	assert len(answer[1]) == 2 and "2" in answer[2]


def test_quantiles_take_the_nearest_rank():
	values = [10, 1, 9, 2, 8, 3, 7, 4, 6, 5]
	assert (managerial.quantile(values, 0.5), managerial.quantile(values, 0.9)) == (5, 9)
	assert (managerial.quantile([7], 0.9), managerial.quantile([], 0.5)) == (7, None)


def test_bottlenecks_compare_working_hours_with_the_norm(small):
	for hours in (1, 2, 9):
		start = datetime(2026, 2, 2, 8, 0)
		name = small.dossier(start, ended=start + timedelta(hours=hours), officer=small.email("officer.a"))
		frappe.db.set_value("Dossier Step", {"dossier": name}, {"planned_minutes": 90, "is_open": 0})
	(row,) = [row for row in managerial.bottlenecks(FIRST, LAST, frozenset({"H99.40"}))]
	assert (row["completed"], row["norm"], row["median"], row["over_norm"]) == (3, 1.5, 2.0, 66.7)


def test_a_step_is_not_charged_with_what_the_applicant_took(small):
	"""Opened Monday at 8, papers asked for from 9 to 11, completed at 12: two working hours of the unit, not four."""
	start = datetime(2026, 2, 2, 8, 0)
	name = small.dossier(start, ended=start + timedelta(hours=4), officer=small.email("officer.a"))
	frappe.db.set_value("Dossier Step", {"dossier": name}, {"planned_minutes": 150, "is_open": 0})
	hour = timedelta(hours=1)
	small.event(name, "supplement_requested", start + hour, "In Process", "Awaiting Supplement")
	small.event(name, "supplement_received", start + 3 * hour, "Awaiting Supplement", "In Process")
	(row,) = managerial.bottlenecks(FIRST, LAST, frozenset({"H99.40"}))
	taken = (row["median"], row["over_norm"])
	frappe.db.delete("Dossier Event", {"dossier": name})
	(row,) = managerial.bottlenecks(FIRST, LAST, frozenset({"H99.40"}))
	assert taken == (row["median"] - 2, 0) and row["over_norm"] == 100


def test_a_steps_norm_is_the_time_from_its_opening_until_it_was_due(small):
	"""Opened Monday at 8, due at 10 the same day: two working hours; three hours taken are over it, one is not."""
	for hours in (1, 3):
		start = datetime(2026, 2, 2, 8, 0)
		name = small.dossier(start, ended=start + timedelta(hours=hours), officer=small.email("officer.a"))
		due = start + timedelta(hours=2)
		frappe.db.set_value("Dossier Step", {"dossier": name}, {"planned_minutes": 0, "due_at": due})
	(row,) = managerial.bottlenecks(FIRST, LAST, frozenset({"H99.40"}))
	assert (row["norm"], row["over_norm"]) == (2.0, 50.0)


@pytest.mark.usefixtures("province")
def test_a_procedure_weighs_as_its_process_plans():
	"""The time of all steps against the mean of all procedures; without any they have no weight of their own."""
	weights = managerial.difficulty()
	assert weights and all(weight > 0 for weight in weights.values())
	mean = sum(weights.values()) / len(weights)
	assert abs(mean - 1) < 0.05


def test_use_of_the_system_compares_with_the_month_before_and_the_target(small):
	for day, channel in (
		(date(2026, 2, 3), "Counter"),
		(date(2026, 3, 3), "Online"),
		(date(2026, 3, 3), "Counter"),
	):
		small.dossier(day, channel=channel)
	daily_facts.rebuild(TODAY)
	frappe.get_doc(
		{
			"doctype": "Service Target",
			"year": 2026,
			"scope": "Locality",
			"unit": "H99.40",
			"metric": "Online Share",
			"value": 70,
			"decision_number": "1/QĐ",
		}
	).insert()
	(row,) = managerial.use_of_the_system(date(2026, 3, 1), date(2026, 3, 31), frozenset({"H99.40"}))
	assert (row["online_percent"], row["online_before"], row["online_change"], row["behind"]) == (
		50.0,
		0.0,
		50.0,
		1,
	)


# Targets


def test_a_target_is_projected_from_the_last_complete_months(small):
	for day, channel in ((date(2026, 1, 5), "Online"), (date(2026, 2, 5), "Counter")):
		small.dossier(day, channel=channel)
	daily_facts.rebuild(TODAY)
	target = frappe.get_doc(
		{
			"doctype": "Service Target",
			"year": 2026,
			"scope": "Agency",
			"unit": "H99.40",
			"metric": "Online Share",
			"value": 60,
			"decision_number": "1/QĐ",
		}
	).insert()
	state = targets.progress(target, date(2026, 3, 15))
	assert (state.so_far, state.this_month, state.projected, state.behind) == (50.0, None, 50.0, True)
	assert targets.by_month(target, date(2026, 3, 15)) == [100.0, 0.0, None]
	assert targets.progress(target, date(2025, 5, 1)).projected is None


def test_a_share_just_below_its_target_is_behind_though_it_reads_the_same(small):
	target = new_target(unit="H99.40", value=70)
	with patch.object(targets, "counts", return_value=(6996, 10000)):
		state = targets.progress(target, date(2026, 12, 31))
		(row,) = targets.rows(2026, "Administrator", date(2026, 12, 31), only=target.name)
		assert awards.facts_of_unit("H99.40", awards.year_of(2026), {})["targets_met_percent"] == 0
	assert state.behind and state.so_far == Decimal("69.96")
	assert (row["so_far"], row["projected"], row["behind"]) == (70.0, 70.0, 1)
	with patch.object(targets, "counts", return_value=(7, 10)):
		assert not targets.progress(target, date(2026, 12, 31)).behind


@pytest.mark.parametrize(
	("wrong", "error"),
	[
		({"value": 101}, TargetOutOfRange),
		({"value": 0}, TargetOutOfRange),
		({"year": 26}, TargetOutOfRange),
		({"unit": None}, TargetScopeMissing),
		({"scope": "Field"}, TargetScopeMissing),
	],
)
def test_impossible_targets_are_refused(small, wrong, error):
	values = {
		"year": 2026,
		"scope": "Agency",
		"unit": "H99.40",
		"metric": "On Time",
		"value": 90,
		"decision_number": "1",
	}
	with pytest.raises(error):
		frappe.get_doc({"doctype": "Service Target", **values, **wrong}).insert()
	frappe.get_doc({"doctype": "Service Target", **values}).insert()
	with pytest.raises(TargetEnteredTwice):
		frappe.get_doc({"doctype": "Service Target", **values}).insert()


def new_target(scope: str = "Agency", metric: str = "Online Share", value: float = 60, **values):
	return frappe.get_doc(
		{
			"doctype": "Service Target",
			"year": 2026,
			"scope": scope,
			"metric": metric,
			"value": value,
			"decision_number": "1/QĐ",
			**values,
		}
	).insert()


def test_a_target_opens_its_dossiers_only_for_whoever_may_see_all_of_them(small):
	"""The province's figure is everybody's business; its dossiers behind it would be those of one ward only."""
	for unit in ("H99.40", "H99.41"):
		small.dossier(date(2026, 1, 5), unit=unit, channel="Online")
	daily_facts.rebuild(TODAY)
	new_target("Province")
	new_target("Field", field="Hộ tịch thử")
	new_target("Agency", unit="H99.40")
	new_target("Locality", unit="H99")
	for reader, expected in (
		("leader.ward", {"Tỉnh": False, "Hộ tịch thử": False, "Phường Thử nghiệm": True}),
		(
			"monitor",
			{"Tỉnh": True, "Hộ tịch thử": True, "Phường Thử nghiệm": True, "Tỉnh thử nghiệm": True},
		),
	):
		found = {
			row["subject"].replace(_("Whole Province"), "Tỉnh"): bool(row["opens"])
			for row in targets.rows(2026, small.email(reader), TODAY)
			if row["value"] == 60
		}
		assert expected.items() <= found.items() and len(found) >= len(expected), reader


def test_the_board_of_a_unit_shows_the_targets_of_that_unit(small):
	"""Behind are both units and the province; the board of one shows its own."""
	for unit in ("H99.40", "H99.41"):
		small.dossier(frappe.utils.getdate().replace(month=1, day=5), unit=unit, channel="Counter")
	daily_facts.rebuild()
	frappe.db.delete("Service Target")
	year = frappe.utils.getdate().year
	new_target("Province", year=year)
	new_target("Agency", unit="H99.40", year=year)
	new_target("Agency", unit="H99.41", year=year)
	frappe.set_user(small.email("monitor"))
	ward, other = "Phường Thử nghiệm", "Xã Kiểm thử"
	assert {row["subject"] for row in api_board.show()["targets"]} == {ward, other, _("Whole Province")}
	assert {row["subject"] for row in api_board.show("H99.40")["targets"]} == {ward}
	frappe.set_user(small.email("leader.ward"))
	assert {row["subject"] for row in api_board.show()["targets"]} == {ward, _("Whole Province")}


def test_progress_is_shown_month_by_month_and_drawn_against_the_target(small):
	"""January all online, February none, March nothing to measure; each month opens its own dossiers."""
	for day, channel in (
		(date(2026, 1, 5), "Online"),
		(date(2026, 2, 5), "Counter"),
		(date(2026, 3, 5), "Online"),
	):
		small.dossier(day, channel=channel, unit="H99.41" if day.month == 3 else "H99.40")
	daily_facts.rebuild(TODAY)
	frappe.db.delete("Service Target")
	of_ward, of_field = (
		new_target("Agency", unit="H99.40"),
		new_target("Field", field="Hộ tịch thử", value=70),
	)
	on_time = new_target("Agency", unit="H99.40", metric="On Time")
	columns, rows = run_report("Target Progress", by_month=1)[:2]
	months = [column for column in columns if column["fieldname"].startswith("month_")]
	assert [column["label"] for column in months][:3] == ["01", "02", "03"]
	assert len(months) == targets.last_day(2026).month
	by_name = {row["target"]: [row[column["fieldname"]] for column in months] for row in rows}
	assert by_name[of_ward.name][:4] == [100.0, 0.0, None, None]
	assert by_name[of_field.name][:4] == [100.0, 0.0, 100.0, None]
	assert set(by_name[on_time.name]) == {None}
	for target in (of_ward, of_field, on_time):
		assert by_name[target.name] == targets.by_month(target)
	row = next(row for row in rows if row["target"] == of_ward.name)
	opened = run_report("Dossiers behind a Figure", **{**row["opens"], **months[0]["opens"]})[1]
	assert [found["channel"] for found in opened] == ["Online"]
	assert not run_report("Dossiers behind a Figure", **{**row["opens"], **months[1]["opens"]})[1]
	# One target alone is drawn with the line it is to reach.
	chart = run_report("Target Progress", by_month=1, target=of_ward.name)[3]
	assert chart["data"]["labels"] == [column["label"] for column in months]
	drawn = {line["name"]: line["values"] for line in chart["data"]["datasets"]}
	assert drawn[_("Target (%)")] == [60.0] * len(months)
	assert next(values for name, values in drawn.items() if name != _("Target (%)"))[:2] == [100.0, 0.0]
	plain = run_report("Target Progress")
	assert not [column for column in plain[0] if column["fieldname"].startswith("month_")] and not plain[3]


def test_the_months_of_a_target_are_those_of_its_readers(small):
	small.dossier(date(2026, 1, 5), unit="H99.41")
	daily_facts.rebuild(TODAY)
	foreign = new_target("Agency", unit="H99.41")
	frappe.set_user(small.email("leader.ward"))
	assert run_report("Target Progress", by_month=1, target=foreign.name)[1] == []


def linked_pair(small) -> tuple[str, str]:
	"""An online dossier received by the ward's one-stop and its part at a department, which the system opened."""
	root = small.dossier(date(2026, 3, 3), channel="Online", due=LAST)
	part = small.dossier(
		date(2026, 3, 3), due=LAST, unit="H99.40", one_stop="H99.20", parent_dossier=root, root_dossier=root
	)
	return root, part


def test_what_the_system_opened_lowers_no_share_of_online_dossiers(small):
	"""One dossier handed in online and its linked part: all that people handed in was online."""
	root, _part = linked_pair(small)
	daily_facts.rebuild(TODAY)
	scope = frozenset({"H99.40"})
	(row,) = managerial.use_of_the_system(date(2026, 3, 1), LAST, scope)
	assert (row["received"], row["handed_in"], row["online_percent"]) == (2, 1, 100.0)
	target = new_target("Agency", unit="H99.40")
	assert targets.progress(target, date(2026, 3, 31)).so_far == 100.0
	assert targets.by_month(target, date(2026, 3, 31)) == [None, None, 100.0]
	(summed,) = figures.sums(FIRST, LAST, (), scope)
	assert (summed["received"], summed["handed_in"]) == (2, 1)
	assert cells.dossiers(statutory.Request(FIRST, LAST, scope), "handed_in") == [root]


@pytest.mark.parametrize("name", ["Monthly Use of the System", "Land Dossiers by Commune"])
def test_reports_offer_both_measures_and_open_the_dossiers_of_the_one_chosen(small, name):
	"""The part counts where it is handled, and not at all among what the public handed in."""
	land = {"procedure": "9.900003"}
	root = small.dossier(date(2026, 3, 3), channel="Online", due=LAST, **land)
	small.dossier(date(2026, 3, 3), due=LAST, unit="H99.41", parent_dossier=root, root_dossier=root, **land)
	daily_facts.rebuild(TODAY)
	for measure, expected in ((figures.HANDLED, {"H99.40", "H99.41"}), (figures.PUBLIC, {"H99.40"})):
		columns, rows = run_report(name, measure=measure, unit="H99")[:2]
		assert {row["unit"] for row in rows} == expected
		for row in rows:
			for column in columns:
				if "opens" in column and isinstance(row[column["fieldname"]], int):
					opened = run_report("Dossiers behind a Figure", **{**row["opens"], **column["opens"]})[1]
					assert len(opened) == row[column["fieldname"]], column
	with pytest.raises(ReportRefused):
		run_report(name, measure="x")


def test_the_board_counts_as_received_what_people_handed_in(small):
	today = frappe.utils.getdate()
	root = small.dossier(today, channel="Online")
	small.dossier(today, parent_dossier=root, root_dossier=root)
	daily_facts.rebuild()
	frappe.set_user(small.email("leader.ward"))
	shown = api_board.show()
	numbers = shown["numbers"]
	assert (numbers["received_today"], numbers["received_month"], numbers["online_month"]) == (1, 1, 100.0)
	assert shown["opens"]["received_month"]["column"] == "handed_in"
	assert "hand" in shown["measured"]


def test_targets_and_the_monthly_mail_name_their_measure(small):
	assert _(targets.MEASURED) in run_report("Target Progress")[2]
	user = small.email("leader.ward")
	body = mailing.message(user, figures.scope_of(user), FIRST, LAST)
	assert "theo đơn vị giải quyết" in body and "người dân nộp" in body


# The board


def test_the_board_counts_what_is_overdue_and_due_tomorrow_within_the_readers_units(small):
	now = frappe.utils.now_datetime()
	for unit in ("H99.40", "H99.41"):
		small.dossier(now - timedelta(days=9), unit=unit, due=now - timedelta(days=2))
		small.dossier(now - timedelta(days=9), unit=unit, due=now + timedelta(days=1))
		small.dossier(
			now - timedelta(days=9), unit=unit, due=now - timedelta(days=2), status="Awaiting Supplement"
		)
	daily_facts.rebuild()
	frappe.set_user(small.email("leader.ward"))
	shown = api_board.show()
	assert (shown["numbers"]["overdue_now"], shown["numbers"]["due_tomorrow"]) == (1, 1)
	assert [row["unit"] for row in shown["overdue"]] == ["H99.40"]
	assert len(shown["tomorrow"]) == 1
	assert api_board.number({"figure": "overdue_now"})["value"] == 1
	assert api_board.show("H99.41")["numbers"]["overdue_now"] == 0
	with pytest.raises(ReportRefused):
		api_board.number({"figure": "x"})


@pytest.mark.parametrize("who", ["officer.a"])
def test_the_board_is_for_leaders_and_the_office(small, who):
	frappe.set_user(small.email(who))
	with pytest.raises(frappe.PermissionError):
		api_board.show()


def test_a_number_card_shows_a_dash_where_nothing_is_known(small):
	"""No dossier this month and no rating: no share of them, while none overdue is a count of its own."""
	daily_facts.rebuild()
	frappe.set_user(small.email("leader.ward"))
	for figure in ("on_time_month", "online_month", "satisfaction"):
		# Frappe's card shows what is no object as it stands.
		assert api_board.number({"figure": figure}) == "–"
	assert api_board.number({"figure": "overdue_now"})["value"] == 0
	small.dossier(frappe.utils.getdate(), channel="Counter")
	daily_facts.rebuild()
	assert api_board.number({"figure": "online_month"})["value"] == 0


def test_charts_are_within_the_readers_units(small):
	from one_stop.reporting.dashboard_chart_source.overdue_by_unit import overdue_by_unit
	from one_stop.reporting.dashboard_chart_source.received_and_resolved_by_month import (
		received_and_resolved_by_month as by_month,
	)

	now = frappe.utils.now_datetime()
	small.dossier(now - timedelta(days=1), unit="H99.41", due=now - timedelta(hours=1))
	daily_facts.rebuild()
	frappe.set_user(small.email("leader.ward"))
	assert overdue_by_unit.get()["labels"] == []
	assert not any(by_month.get()["datasets"][0]["values"])
	frappe.set_user(small.email("leader.commune"))
	assert overdue_by_unit.get()["datasets"][0]["values"] == [1]
	assert sum(by_month.get()["datasets"][0]["values"]) == 1


# Merged units


@pytest.fixture
def merged(small):
	"""The commune went into the ward on 1 March: each has an ended and an open dossier from before."""
	names = {}
	for unit in ("H99.40", "H99.41"):
		names[unit] = [
			small.dossier(date(2026, 2, 3), unit=unit, due=date(2026, 2, 20), ended=date(2026, 2, 10)),
			small.dossier(date(2026, 2, 4), unit=unit, due=date(2026, 2, 20), channel="Online"),
		]
	for unit in ("H99.41", "H99.41.01"):
		frappe.db.set_value("Administrative Unit", unit, "valid_to", "2026-02-28")
	frappe.db.set_value("Administrative Unit", "H99.41", "successor", "H99.40")
	units.TREE.forget()
	daily_facts.rebuild(TODAY)
	yield names
	frappe.db.rollback()
	units.TREE.forget()


def test_who_answers_for_a_unit_that_is_gone(merged):
	march = date(2026, 3, 1)
	assert units.heir("H99.41", march) == units.heir("H99.41.01", march) == "H99.40"
	assert units.heir("H99.41", date(2026, 2, 28)) == "H99.41"
	assert units.heir("H99.40.01", march) == "H99.40.01"
	assert units.answering("H99.40", march) == {"H99.40", "H99.40.01", "H99.41", "H99.41.01"}
	assert units.answering("H99.40", date(2026, 2, 28)) == {"H99.40", "H99.40.01"}
	assert units.answering("H99.41", march) == {"H99.41", "H99.41.01"}
	frappe.db.set_value("Administrative Unit", "H99.41.01", "successor", "H99.20")
	units.TREE.forget()
	assert units.answering("H99.40", march) == {"H99.40", "H99.40.01", "H99.41"}


@pytest.mark.parametrize("measure", figures.MEASURES)
@pytest.mark.parametrize("reader", ["leader.ward", "monitor"])
def test_the_form_of_a_successor_holds_what_was_decided_before_the_merger(small, merged, measure, reader):
	frappe.set_user(small.email(reader))
	for grouping in (statutory.BY_UNIT, statutory.BY_LEVEL_AND_FIELD):
		request = asked(unit="H99.40", measure=measure, grouping=grouping)
		rows = statutory.form_06(request)
		assert rows[-1].figures.columns() == (4, 2, 2, 0, 2, 2, 0, 0, 2, 0, 2)
		assert len(statutory.dossiers_behind(request, "received")) == 4
	named = printed.html("form_06", request)
	assert "Phường Thử nghiệm" in named and "Xã Kiểm thử" not in named
	# Before the merger each stands for itself.
	assert statutory.form_06(asked(unit="H99.40", to_date="2026-02-28"))[-1].figures.received == 2
	# What the one that is gone did can still be asked for.
	gone = statutory.form_06(asked(unit="H99.41", grouping=statutory.BY_UNIT))
	assert gone[-1].figures.received == 2


def test_what_a_merged_unit_did_stands_in_its_successors_row(small, merged):
	frappe.set_user(small.email("monitor"))
	columns, rows = run_report("Statutory Form 06", grouping=statutory.BY_UNIT, unit="H99")[:2]
	by_unit = {row["label"]: row["received"] for row in rows}
	assert by_unit["Phường Thử nghiệm"] == 4 and "Xã Kiểm thử" not in by_unit
	for report, key in (("Statutory Form 06", "label"), ("Monthly Use of the System", "unit_name")):
		columns, rows = run_report(report, grouping=statutory.BY_UNIT, unit="H99")[:2]
		(row,) = [row for row in rows if row[key] == "Phường Thử nghiệm"]
		for column in columns:
			if isinstance(row.get(column["fieldname"]), int) and "opens" in column:
				opened = run_report("Dossiers behind a Figure", **{**row["opens"], **column["opens"]})[1]
				assert len(opened) == row[column["fieldname"]], (report, column)


def test_targets_lists_and_the_board_of_a_successor_count_what_was_merged(small, merged):
	target = new_target("Locality", unit="H99.40")
	assert targets.progress(target, date(2026, 2, 28)).so_far == 50.0
	frappe.db.set_value("Dossier", merged["H99.41"][0], "channel", "Online")
	daily_facts.rebuild(TODAY)
	assert targets.progress(target, date(2026, 3, 31)).so_far == 75.0
	frappe.set_user(small.email("leader.ward"))
	found = {row["name"] for row in run_report("Late Dossiers", unit="H99.40")[1]}
	assert found == {merged["H99.40"][1], merged["H99.41"][1]}
	found = {row["name"] for row in run_report("Dossier Register")[1]}
	assert found == {*merged["H99.40"], *merged["H99.41"]}
	shown = api_board.show()
	assert shown["numbers"]["overdue_now"] == 2
	assert [(row["unit"], row["count"]) for row in shown["overdue"]] == [("H99.40", 2)]
	assert len(run_report("Dossiers behind a Figure", **shown["overdue"][0]["opens"])[1]) == 2


def test_the_leader_of_a_merged_unit_sees_nothing_of_its_successor(small, merged):
	frappe.set_user(small.email("leader.commune"))
	for unit in ("H99.40", None):
		assert set(statutory.dossiers_behind(asked(unit=unit), "received")) == set(merged["H99.41"])
		assert statutory.form_06(asked(unit=unit))[-1].figures.received == 2


# Evaluations


def test_indicator_9_reads_only_the_online_dossiers_that_are_overdue(small, monkeypatch):
	"""One overdue since yesterday, one due later today: by the hour, and without a fact of the others."""
	today = date(2026, 3, 10)
	late = small.dossier(FIRST, due=datetime(2026, 3, 9, 17), channel="Online")
	small.dossier(FIRST, due=datetime(2026, 3, 10, 17), channel="Online")
	small.dossier(FIRST, due=date(2026, 3, 2))
	daily_facts.rebuild(today)
	monkeypatch.setattr(figures, "now_datetime", lambda: datetime(2026, 3, 10, 9))
	monkeypatch.setattr(figures, "facts", None)
	asked_for = []
	monkeypatch.setattr(Facts, "late_by_us", lambda self, names: asked_for.append(list(names)) or 0)
	scope = frozenset({"H99.40", "H99.40.01"})
	measures.art13_9(Facts(Period(FIRST, LAST), scope, unit="H99.40"), {})
	assert asked_for == [[late]]


def test_the_board_says_how_many_units_its_ranking_leaves_out(small, monkeypatch):
	now = frappe.utils.now_datetime()
	for unit, count in (("H99.40", 3), ("H99.41", 2), ("H99.01", 1)):
		for _number in range(count):
			small.dossier(now - timedelta(days=9), unit=unit, due=now - timedelta(days=2))
	monkeypatch.setattr(board, "MOST_UNITS", 2)
	frappe.set_user(small.email("monitor"))
	shown = api_board.show("H99")
	assert [row["unit"] for row in shown["overdue"]] == ["H99.40", "H99.41"]
	assert shown["overdue_left_out"] == 1
	monkeypatch.setattr(board, "MOST_UNITS", 3)
	assert api_board.show("H99")["overdue_left_out"] == 0


def test_the_cut_off_day_is_a_setting_that_a_filter_may_set_aside(small):
	days = {"from_date": "", "to_date": "", "year": 2026, "quarter": "1"}
	assert asked(**days).first == date(2025, 12, 15)
	frappe.db.set_single_value("One-Stop Settings", "report_cutoff_day", 20)
	assert (asked(**days).first, asked(**days).last) == (date(2025, 12, 20), date(2026, 3, 19))
	assert asked(**days, cutoff_day=1).first == date(2026, 1, 1)
	settings = frappe.get_doc("One-Stop Settings")
	settings.report_cutoff_day = 29
	with pytest.raises(ReportCutoffRefused):
		settings.check_report_cutoff()


def test_use_of_the_system_tells_the_month_before_of_more_than_online_shares(small):
	small.dossier(date(2026, 2, 3), due=date(2026, 2, 9), ended=date(2026, 2, 20))
	small.dossier(date(2026, 3, 3), due=date(2026, 3, 9), ended=date(2026, 3, 5))
	small.dossier(date(2026, 3, 3))
	daily_facts.rebuild(TODAY)
	(row,) = managerial.use_of_the_system(date(2026, 3, 1), LAST, frozenset({"H99.40"}))
	assert (row["received"], row["received_before"]) == (2, 1)
	assert (row["resolved"], row["resolved_before"]) == (1, 1)
	assert (row["on_time_percent"], row["on_time_before"]) == (100.0, 0.0)
	fields = [column["fieldname"] for column in run_report("Monthly Use of the System")[0]]
	assert {"received_before", "resolved_before", "on_time_before"} <= set(fields)


# The monthly e-mail


def test_the_monthly_report_is_within_the_recipients_units_and_sent_once(small):
	small.dossier(date(2026, 3, 3), unit="H99.41")
	small.dossier(date(2026, 3, 4), unit="H99.40")
	daily_facts.rebuild(TODAY)
	user = small.email("leader.ward")
	frappe.get_doc({"doctype": "Monthly Report Recipient", "user": user, "enabled": 1}).insert()
	assert mailing.last_month(date(2026, 4, 2)) == (date(2026, 3, 1), date(2026, 3, 31))
	body = mailing.message(user, figures.scope_of(user), date(2026, 3, 1), date(2026, 3, 31))
	assert "Phường Thử nghiệm" in body and "Xã Kiểm thử" not in body
	sent = []
	with patch.object(frappe, "sendmail", lambda **mail: sent.append(mail)):
		assert mailing.send_monthly_report(user, date(2026, 4, 2))
		assert not mailing.send_monthly_report(user, date(2026, 4, 2))
		assert not mailing.send_monthly_report(small.email("officer.a"), date(2026, 4, 2))
	(mail,) = sent
	assert mail["recipients"] == [user] and mail["attachments"][0]["fcontent"][:2] == b"PK"
	page = load_workbook(BytesIO(mail["attachments"][0]["fcontent"])).active
	assert page.cell(1, 5).value == "Đơn vị báo cáo: Phường Thử nghiệm"


def test_somebody_without_the_role_or_units_gets_no_report(small):
	user = small.email("officer.a")
	frappe.get_doc({"doctype": "Monthly Report Recipient", "user": user, "enabled": 1}).insert()
	with patch.object(frappe, "sendmail", side_effect=AssertionError):
		assert not mailing.send_monthly_report(user, date(2026, 4, 2))
