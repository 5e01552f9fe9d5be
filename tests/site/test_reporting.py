"""Daily facts and statutory reports on a site: sums equal what the dossiers say, and nobody sees beyond their scope."""

import random
from datetime import date, timedelta

import frappe
import pytest
import small_province as province

from one_stop.reporting import daily_facts, figures, form06

FIRST, LAST = date(2026, 2, 1), date(2026, 3, 31)
TODAY = date(2026, 5, 10)


@pytest.fixture
def small(site):
	province.build()
	yield province


def booked() -> dict[str, tuple]:
	columns = ["name", "opening", "day", *daily_facts.DIMENSIONS, *daily_facts.COUNTERS]
	rows = frappe.get_all("Dossier Daily Fact", fields=columns, as_list=True, limit=0)
	start = columns.index(daily_facts.COUNTERS[0])
	return {row[0]: tuple(row[1:]) for row in rows if any(row[start:])}


def test_a_report_over_daily_facts_equals_the_same_report_over_the_dossiers(small):
	small.random_dossiers(150, seed=1)
	daily_facts.rebuild(TODAY)
	for measure in figures.MEASURES:
		for first, last in (
			(FIRST, LAST),
			(date(2026, 2, 10), date(2026, 2, 20)),
			(date(2025, 1, 1), date(2026, 12, 31)),
		):
			for compare in (figures.BY_TIMESTAMP, figures.BY_DATE):
				(row,) = figures.sums(first, last, (), None, measure)
				behind = figures.cases(first, last, None, measure, compare=compare)
				expected = form06.total(form06.figures_of(case, first, last) for _name, case in behind)
				assert figures.figures(row, compare).check() == expected
				assert expected.received


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
	daily_facts.rebuild(TODAY)
	dice = random.Random(4)
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


def test_a_month_that_begins_carries_over_what_is_open(small):
	small.random_dossiers(60, seed=6)
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
