"""Which procedures count on which day: by their versions, their repeal and their offers of that day."""

from datetime import date

import frappe
import pytest
import small_province as province

from one_stop.organization import units
from one_stop.procedures import in_force
from one_stop.quality import measures
from one_stop.quality.measures import Facts, Period
from one_stop.reporting import behind, printed, statutory

MARCH, MAY = date(2026, 3, 31), date(2026, 5, 31)
WARD = frozenset({"H99.40", "H99.40.01"})
FIRST, SECOND, THIRD = "9.900001", "9.900002", "9.900003"


@pytest.fixture
def small(site):
	site.local.lang = "en"
	with province.standing():
		yield province


def version(procedure: str, number: int, begins: str, steps: int = 0) -> str:
	"""An approved version, as approving leaves it."""
	name = f"{procedure}-{number}-test"
	province._row(
		"Procedure Version",
		name,
		procedure=procedure,
		version_no=number,
		effective_from=begins,
		docstatus=1,
		online_level="Full",
	)
	for place in range(steps):
		province._row(
			"Process Step",
			None,
			parent=name,
			parenttype="Procedure Version",
			parentfield="steps",
			docstatus=1,
			idx=place + 1,
		)
	return name


def offer(procedure: str, receiving: str, deciding: str | None = None, first=None, last=None) -> None:
	province._row(
		"Procedure Offer",
		None,
		parent=procedure,
		parenttype="Administrative Procedure",
		parentfield="offers",
		receiving_unit=receiving,
		deciding_unit=deciding,
		valid_from=first,
		valid_to=last,
	)


def counted(day: date, scope=WARD) -> dict[str, tuple[int, int]]:
	rows = statutory.procedures_of_07b(scope, day)
	return {row["name"]: (row["at_one_stop"], row["e_processes"]) for row in rows}


def test_a_procedure_counts_from_its_first_version_until_it_is_repealed(small):
	offer(FIRST, "H99.40.01")
	version(FIRST, 1, "2026-04-01")
	assert FIRST not in counted(MARCH) and FIRST in counted(MAY)
	offer(SECOND, "H99.40.01")
	frappe.db.set_value(
		"Administrative Procedure", SECOND, {"status": "Repealed", "repealed_on": "2026-05-01"}
	)
	assert SECOND in counted(date(2026, 4, 30)) and SECOND not in counted(date(2026, 5, 1))


def test_the_day_of_a_repeal_is_kept(small):
	doc = frappe.get_doc("Administrative Procedure", FIRST)
	doc.update({"status": "Repealed", "subject_citizen": 1})
	doc.keep_day_of_repeal()
	assert doc.repealed_on == frappe.utils.getdate()
	doc.repealed_on = "2026-01-01"
	doc.keep_day_of_repeal()
	assert doc.repealed_on == "2026-01-01"
	doc.status = "In Force"
	doc.keep_day_of_repeal()
	assert doc.repealed_on is None


def test_the_process_is_that_of_the_version_in_force_on_the_day(small):
	offer(FIRST, "H99.40.01")
	version(FIRST, 1, "2026-01-01")
	version(FIRST, 2, "2026-05-01", steps=1)
	assert counted(MARCH)[FIRST] == (1, 0)
	assert counted(MAY)[FIRST] == (1, 1)


def test_only_offers_of_the_day_count(small):
	offer(FIRST, "H99.40.01", last="2026-04-30")
	offer(SECOND, "H99.40.01", first="2026-05-01")
	assert set(counted(MARCH)) == {FIRST} and set(counted(MAY)) == {SECOND}
	everywhere = counted(MAY, None)
	# In force, but received nowhere any more.
	assert everywhere[FIRST][0] == 0 and everywhere[SECOND][0] == 1


def test_an_offer_at_a_unit_above_several_centres_is_one_at_each_of_them(small):
	offer(FIRST, "H99")
	offer(THIRD, "H99.01")
	frappe.db.set_value("Administrative Unit", "H99.01", "one_stop", "H99.20")
	units.TREE.forget()
	assert counted(MAY) == {FIRST: (1, 0)}
	assert counted(MAY, frozenset({"H99.01"})) == {THIRD: (1, 0)}
	(reception,) = in_force.receptions(MAY)[FIRST]
	assert set(reception.centres) == {"H99.20", "H99.40.01", "H99.41.01"}
	assert reception.deciding == {"H99", "H99.40", "H99.41"}
	facts = Facts(Period(date(2026, 4, 1), MAY), WARD, unit="H99.40")
	assert [(row["name"], row["one_stop"]) for row in facts.procedures] == [(FIRST, True)]
	units.TREE.forget()


def test_form_07b_is_of_the_day_asked_for_on_the_screen_in_print_and_behind_its_cells(small):
	offer(FIRST, "H99.40.01")
	version(FIRST, 1, "2026-04-01", steps=1)
	for day, number in ((MARCH, 0), (MAY, 1)):
		filters = {"to_date": str(day), "unit": "H99.40"}
		columns, rows = frappe.get_doc("Report", "Statutory Form 07b").execute_script_report(filters)[:2]
		assert (rows[-1]["procedures"] if rows else 0) == number
		for row in rows:
			for column in columns[1:]:
				behind_it = behind.procedures({**row["opens"], **column["opens"]})
				assert len(behind_it) == row[column["fieldname"]]
		html = printed.html("form_07b", statutory.request_of_day(filters))
		assert f"Tính đến ngày {day:%d/%m/%Y}" in html and (f"<td>{number}</td>" in html or not number)
	today = frappe.utils.getdate()
	# Nothing is known of a day to come.
	ahead = statutory.request_of_day({"to_date": "2099-12-31"})
	assert f"Tính đến ngày {today:%d/%m/%Y}" in printed.html("form_07b", ahead)


def test_an_evaluation_leaves_exempt_procedures_out_of_indicator_5(small):
	"""Art. 13.5: all non-exempt ones are received at the one-stop; the exempt one, received nowhere, does not spoil it."""
	offer(FIRST, "H99.40.01", "H99.40.01")
	offer(SECOND, "H99.02", "H99.40")
	period = Period(date(2026, 4, 1), MAY)
	points = [measures.art13_5(Facts(period, WARD, unit="H99.40"), {}).value]
	frappe.db.set_value("Administrative Procedure", SECOND, "exempt", 1)
	points.append(measures.art13_5(Facts(period, WARD, unit="H99.40"), {}).value)
	assert points == [0, 2]


def test_an_evaluation_takes_the_catalogue_of_its_period(small):
	offer(FIRST, "H99.40.01")
	version(FIRST, 1, "2026-01-01")
	version(FIRST, 2, "2026-05-01")
	offer(SECOND, "H99.40.01", last="2026-04-30")
	found = {
		last: {row["name"]: row["version"] and row["version"].name for row in facts.procedures}
		for last in (MARCH, MAY)
		if (facts := Facts(Period(date(2026, 1, 1), last), WARD, unit="H99.40"))
	}
	assert found == {
		MARCH: {FIRST: f"{FIRST}-1-test", SECOND: None},
		MAY: {FIRST: f"{FIRST}-2-test"},
	}
