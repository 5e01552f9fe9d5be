"""Every figure of a report opens the list of what it counts: as many rows as the cell says, within its reader's units."""

import random
from datetime import date, timedelta

import frappe
import pytest
import small_province as province

from one_stop.api import board as api_board
from one_stop.organization import units
from one_stop.reporting import behind, board, cells, daily_facts, figures, form06, statutory, targets
from one_stop.reporting.exceptions import ReportRefused

FIRST, LAST = date(2026, 2, 1), date(2026, 3, 31)
PERIOD = {"from_date": str(FIRST), "to_date": str(LAST)}
TODAY = date(2026, 5, 10)
READERS = ("Administrator", "leader.ward", "monitor")


@pytest.fixture
def small(site):
	site.local.lang = "en"
	with province.standing():
		yield province


@pytest.fixture
def moved(small):
	"""Dossiers of all kinds, some put off, some late with a cause, some sent back with a reason."""
	names = small.random_dossiers(90, seed=41)
	dice = random.Random(42)
	for name in names:
		row = frappe.db.get_value("Dossier", name, ["received_at", "due_at", "ended_at"], as_dict=True)
		if dice.random() < 0.3:
			small.event(
				name,
				dice.choice(["supplement_requested", "stopped", "refused"]),
				row.received_at + timedelta(days=1),
				"In Process",
				"In Process",
			)
			frappe.db.set_value(
				"Dossier Event", {"dossier": name}, "reason", dice.choice(["Thiếu ảnh", "Sai tên", None])
			)
		elif row.due_at and not row.ended_at and dice.random() < 0.4:
			small.extended(
				name, (row.due_at + timedelta(days=3)).date(), (row.due_at + timedelta(days=9)).date()
			)
		if dice.random() < 0.4:
			frappe.get_doc(
				{
					"doctype": "Lateness Explanation",
					"name": frappe.generate_hash(length=10),
					"dossier": name,
					"cause": dice.choice(form06.CAUSES),
				}
			).db_insert()
	open_steps = frappe.get_all("Dossier Step", {"dossier": ("in", names), "status": "Open"}, pluck="name")
	for name in open_steps:
		frappe.db.set_value("Dossier Step", name, "is_open", 1)
	daily_facts.rebuild(TODAY)
	return names


def user(small, name: str) -> str:
	return name if name == "Administrator" else small.email(name)


def run(name: str, **filters):
	answer = frappe.get_doc("Report", name).execute_script_report(filters)
	return answer[0], answer[1]


def opened(opens: dict) -> list[dict]:
	given = dict(opens)
	return run(given.pop("report", "Dossiers behind a Figure"), **given)[1]


def cells_of(name: str, **filters):
	"""Row, column, value and what it opens, of every cell that opens a list."""
	columns, rows = run(name, **filters)
	for row in rows:
		for column in columns:
			value = row.get(column["fieldname"])
			if row.get("opens") is not None and "opens" in column and value:
				yield row, column["fieldname"], value, {**row["opens"], **column["opens"]}


# Reports whose cells count, and the shares among them by what they are shares of.
COUNTS = (
	*(("Statutory Form 06", {"grouping": grouping}) for grouping in statutory.GROUPINGS),
	("Statutory Form 06", {"measure": figures.PUBLIC, "grouping": statutory.BY_UNIT}),
	("Statutory Form 06", {"compare": figures.BY_DATE}),
	("Statutory Form 06", {"unit": "H99.40"}),
	("Statutory Form 07a", {}),
	("Statutory Form 07a", {"unit": "H99.40"}),
	("Statutory Form 07b", {}),
	("Monthly Use of the System", {}),
	("Bottlenecks", {}),
	("Workload", {}),
	("Land Dossiers by Commune", {}),
	("Supplement and Refusal Reasons", {}),
	("Awards Sheet", {"year": 2026, "subject": "Officer", "unit": "H99"}),
	("Awards Sheet", {"year": 2026, "subject": "Unit", "unit": "H99"}),
)
WHOLES = {
	"on_time_percent": ("resolved", "done", "handled"),
	"online_percent": ("handed_in",),
	"fully_online_percent": ("handed_in",),
	"digitised_percent": ("received",),
	"over_norm": ("completed",),
}
# Figures about times, which open the steps they are taken from.
TIMES = {
	"median": "completed",
	"ninetieth": "completed",
	"oldest": "queue",
	"weighted": "done",
	"workload": "handled",
	"workload_per_month": "handled",
}


def checked_cells(reader: str, name: str, **filters) -> int:
	"""How many cells of a report open as much as they count: all that open anything."""
	checked = 0
	for row, field, value, opens in cells_of(name, **PERIOD, **filters):
		listed = len(opened(opens))
		if field in TIMES:
			expected = row[TIMES[field]]
		elif field in WHOLES and not (name == "Workload"):
			whole = next(row[key] for key in WHOLES[field] if key in row)
			expected, listed = value, figures.share(listed, whole)
		elif name == "Workload" and field == "on_time_percent":
			expected = row["done"]
		else:
			expected = value
		assert listed == expected, (reader, row, field)
		checked += 1
	return checked


@pytest.mark.parametrize(("name", "filters"), COUNTS)
def test_every_cell_opens_as_much_as_it_counts(moved, small, name, filters):
	for reader in READERS:
		frappe.set_user(user(small, reader))
		checked = checked_cells(reader, name, **filters)
		# Land has a test of its own; the small ward offers no procedure.
		assert checked or name == "Land Dossiers by Commune" or reader == "leader.ward"


@pytest.fixture
def at_every_height(small):
	"""Dossiers decided, and received, by the province itself, by a ward that has units below it, and by one of these."""
	small._once(
		"Administrative Unit",
		"H99.40.02",
		unit_code="H99.40.02",
		unit_name="Tổ Thử nghiệm",
		level="Division",
		parent_administrative_unit="H99.40",
	)
	now = frappe.utils.now_datetime()
	for number, unit in enumerate(("H99", "H99.01", "H99.40", "H99.40.02", "H99.41"), 1):
		for count in range(number):
			channel = "Online" if count % 2 else "Counter"
			kept = {"unit": unit, "one_stop": unit, "channel": channel, "procedure": "9.900003"}
			small.dossier(FIRST, due=LAST, ended=date(2026, 3, 2), **kept)
			small.dossier(FIRST, due=date(2026, 2, 9), ended=date(2026, 3, 2), **kept)
			small.dossier(date(2026, 1, 5), due=now - timedelta(days=2), **kept)
			small.dossier(date(2026, 2, 5), due=now - timedelta(days=2), **kept)
	daily_facts.rebuild()
	yield
	frappe.db.rollback()
	units.TREE.forget()


AT_EVERY_HEIGHT = (
	*(
		("Statutory Form 06", {"grouping": grouping, "measure": measure})
		for grouping in (statutory.BY_UNIT, statutory.BY_UNIT_AND_FIELD)
		for measure in figures.MEASURES
	),
	*(
		(name, {"measure": measure})
		for name in ("Monthly Use of the System", "Land Dossiers by Commune")
		for measure in figures.MEASURES
	),
)


@pytest.mark.parametrize(("name", "filters"), AT_EVERY_HEIGHT)
@pytest.mark.parametrize("unit", [None, "H99", "H99.40", "H99.40.02"])
def test_the_row_of_a_unit_itself_opens_nothing_of_what_is_below_it(
	at_every_height, small, name, filters, unit
):
	"""The province beside its departments, a ward beside its own divisions: each row opens what it counts."""
	for reader in READERS:
		frappe.set_user(user(small, reader))
		checked = checked_cells(reader, name, **filters, **({"unit": unit} if unit else {}))
		assert checked or (reader == "leader.ward" and unit == "H99")


@pytest.mark.parametrize("unit", [None, "H99", "H99.40", "H99.40.02"])
def test_the_board_opens_what_a_unit_itself_is_overdue_with(at_every_height, small, unit):
	for reader in READERS:
		frappe.set_user(user(small, reader))
		shown = api_board.show(unit)
		for row in shown["overdue"]:
			assert len(opened(row["opens"])) == row["count"], (reader, row)
		if reader != "leader.ward":
			assert (
				any(row["unit"] in ("H99", unit or "H99") for row in shown["overdue"]) or unit == "H99.40.02"
			)


@pytest.mark.parametrize("unit", [None, "H99.40"])
def test_what_was_merged_into_a_unit_is_opened_with_what_it_decides_itself(at_every_height, small, unit):
	frappe.db.set_value(
		"Administrative Unit", "H99.41", {"valid_to": date(2026, 3, 15), "successor": "H99.40"}
	)
	units.TREE.forget()
	for name, filters in AT_EVERY_HEIGHT:
		assert checked_cells("Administrator", name, **filters, **({"unit": unit} if unit else {}))
	rows = api_board.show(unit)["overdue"]
	assert all(len(opened(row["opens"])) == row["count"] for row in rows)
	# Two of each of its five, beside those of the ward's own three and of its division's four.
	(ward,) = [row for row in rows if row["unit"] == "H99.40"]
	assert ward["count"] == 2 * (3 + 4 + 5)


def test_land_dossiers_are_opened_by_their_commune(small):
	for unit in ("H99.40", "H99.41"):
		small.dossier(FIRST, unit=unit, procedure="9.900003", due=LAST)
	daily_facts.rebuild(TODAY)
	checked = [
		(value, len(opened(opens)))
		for _row, _field, value, opens in cells_of("Land Dossiers by Commune", **PERIOD)
	]
	assert checked and all(value == listed == 1 for value, listed in checked)


def test_a_share_opens_the_dossiers_it_is_taken_from(small):
	"""Three received, one of them online, two with a fee of which one was paid online."""
	names = [small.dossier(date(2026, 3, 3), channel=channel) for channel in ("Online", "Counter", "Counter")]
	daily_facts.rebuild(TODAY)
	frappe.db.set_value("Dossier Fact", names[0], {"fee_bearing": 1, "paid_online": 1})
	frappe.db.set_value("Dossier Fact", names[1], "fee_bearing", 1)
	asked = statutory.Request(FIRST, LAST, frozenset({"H99.40"}))
	assert cells.dossiers(asked, "online") == cells.dossiers(asked, "paid_online") == [names[0]]
	assert set(cells.dossiers(asked, "fee_bearing")) == {names[0], names[1]}
	assert len(cells.dossiers(asked, "new")) == 3


@pytest.mark.parametrize("compare", [figures.BY_TIMESTAMP, figures.BY_DATE])
def test_asking_the_database_counts_what_the_pure_form_counts(moved, compare):
	"""Each column, each dossier: the criterion of the list and the arithmetic of the form agree."""
	asked = statutory.Request(FIRST, LAST, None, compare=compare)
	cases = figures.cases(FIRST, LAST, None, compare=compare)
	for column in form06.COLUMN_KEYS:
		expected = {name for name, case in cases if getattr(form06.figures_of(case, FIRST, LAST), column)}
		assert set(cells.dossiers(asked, column)) == expected, column


@pytest.mark.parametrize("metric", ["Online Share", "On Time", "Postal"])
def test_a_target_opens_what_counts_towards_it(moved, small, metric):
	frappe.get_doc(
		{
			"doctype": "Service Target",
			"year": 2026,
			"scope": "Agency",
			"unit": "H99.40",
			"metric": metric,
			"value": 60,
			"decision_number": "1/QĐ",
		}
	).insert()
	year = {"first": date(2026, 1, 1), "last": min(frappe.utils.getdate(), date(2026, 12, 31))}
	(row,) = [
		(value, opens)
		for row, field, value, opens in cells_of("Target Progress", year=2026)
		if field == "so_far" and row["subject"] == "Phường Thử nghiệm"
	]
	(counted,) = figures.sums(year["first"], year["last"], (), frozenset({"H99.40", "H99.40.01"}))
	whole = figures.figures(counted).resolved if metric == "On Time" else counted[targets.SHARES[metric][1]]
	assert figures.share(len(opened(row[1])), whole) == row[0]


def test_satisfaction_is_never_opened():
	assert "satisfaction" not in board.opens()
	target = frappe._dict(metric="Satisfaction", year=2026, scope="Province", unit=None, field=None)
	assert targets._opens(target, TODAY) is None


@pytest.mark.parametrize("reader", READERS)
def test_every_figure_of_the_board_opens_as_much_as_it_counts(small, reader):
	now = frappe.utils.now_datetime()
	for unit in ("H99.40", "H99.41", "H99.01"):
		small.dossier(now - timedelta(days=9), unit=unit, due=now - timedelta(days=2))
		small.dossier(now, unit=unit, channel="Online", due=now + timedelta(days=1))
		small.dossier(now - timedelta(days=9), unit=unit, due=now - timedelta(days=2), ended=now)
		small.dossier(now - timedelta(days=9), unit=unit, due=now + timedelta(days=2), ended=now)
	daily_facts.rebuild()
	frappe.set_user(user(small, reader))
	shown = api_board.show()
	for figure, opens in shown["opens"].items():
		listed, value = len(opened(opens)), shown["numbers"][figure]
		if figure == "on_time_month":
			listed = figures.share(listed, shown["numbers"]["resolved_month"])
		elif figure == "online_month":
			listed = figures.share(listed, shown["numbers"]["received_month"])
		assert listed == value, figure
	assert shown["overdue"] and shown["slowest"]
	for row in shown["overdue"]:
		assert len(opened(row["opens"])) == row["count"]
	for row in shown["slowest"]:
		assert len(opened(row["opens"])) == row["late"]
	card = api_board.number({"figure": "overdue_now"})
	assert len(opened(card["route_options"])) == card["value"]


def test_a_list_behind_a_figure_is_within_its_readers_units(moved, small):
	frappe.set_user(small.email("leader.ward"))
	foreign = {"unit": "H99.41", **PERIOD}
	for figure in (*cells.OF_FACTS, "overdue_now", "running_due"):
		assert opened({**foreign, "column": figure}) == []
	for figure in ("steps_done", "steps_waiting", "officer_done", "officer_open"):
		more = {"exact_unit": "H99.41", "officer": small.email("officer.a"), "procedure": "9.900001"}
		assert opened({**PERIOD, **more, "step": "Bước 1", "column": figure}) == []


def test_a_figure_nobody_counts_is_refused(small):
	for name in ("Dossiers behind a Figure", "Procedures behind a Figure"):
		with pytest.raises(ReportRefused):
			run(name, **PERIOD, column="secrets")


def test_a_long_list_says_how_many_it_leaves_out(small, monkeypatch):
	for _number in range(3):
		small.dossier(FIRST, due=LAST)
	daily_facts.rebuild(TODAY)
	monkeypatch.setattr(behind, "MOST_LISTED", 2)
	filters = {**PERIOD, "unit": "H99.40", "column": "received"}
	answer = frappe.get_doc("Report", "Dossiers behind a Figure").execute_script_report(filters)
	assert len(answer[1]) == 2 and "2 of 3" in answer[2]
