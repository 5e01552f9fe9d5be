"""Who may see a dossier follows who has to do with it: what has lost its cause is taken back, what ended is led on."""

import frappe
import pytest
from frappe.utils import add_days, getdate

from one_stop.dossiers import ledger, lifecycle, succession
from one_stop.dossiers.command import on_behalf_of_system
from one_stop.organization import units
from tests import factories as make
from tests.factories import give

pytestmark = pytest.mark.usefixtures("province")

ASKED = "H17.31.01"  # the police of Hải Châu


def seen_by(dossier: str) -> set[tuple[str, str]]:
	return set(frappe.get_all("Dossier Access", {"dossier": dossier}, ["unit", "why"], as_list=True))


def ask(dossier: str) -> None:
	give(
		"ask_opinion",
		dossier,
		make.OFFICER,
		step="2",
		unit=ASKED,
		question="Xin ý kiến",
		answer_due=f"{add_days(getdate(), 3)} 10:00:00",
	)


def test_an_opinion_asked_by_mistake_shows_the_dossier_to_nobody_any_more():
	dossier = make.handed_over()
	ask(dossier)
	assert (ASKED, "Opinion") in seen_by(dossier)
	give("undo", dossier, make.OFFICER, reason="Hỏi nhầm cơ quan")
	assert (ASKED, "Opinion") not in seen_by(dossier)


def test_a_unit_that_gave_its_opinion_keeps_seeing_what_it_answered_for():
	dossier = make.handed_over()
	ask(dossier)
	opinion = frappe.db.get_value("Dossier Opinion", {"dossier": dossier})
	give("answer_opinion", dossier, "truongcongan.haichau", opinion=opinion, answer="Thống nhất")
	assert ledger.rows_of(dossier)[-1].unit == ASKED
	assert (ASKED, "Opinion") in seen_by(dossier)


def test_the_centre_that_gave_a_draft_away_without_acting_on_it_sees_it_no_longer():
	dossier = make.draft(channel="Online")
	other = "H17.41.01.01"
	give("hand_over_to", dossier, make.CLERK, unit=other, reason="Đúng thẩm quyền")
	assert (other, "Received") in seen_by(dossier)
	# Handing over is itself an act: who gave it away can show where it went.
	assert (make.CENTRE, "Received") in seen_by(dossier)


@pytest.fixture
def ended_unit():
	"""The civil-status committee's unit ends yesterday and another ward takes over; put back afterwards."""
	unit, successor = make.COMMITTEE, "H17.40.02"
	before = frappe.db.get_value("Administrative Unit", unit, ["valid_to", "successor"], as_dict=True)
	yield unit, successor
	frappe.db.rollback()
	frappe.db.set_value("Administrative Unit", unit, before)
	frappe.db.commit()
	units.TREE.forget()


def end(unit: str, successor: str) -> None:
	values = {"valid_to": add_days(getdate(), -1), "successor": successor}
	frappe.db.set_value("Administrative Unit", unit, values)
	frappe.db.commit()
	units.TREE.forget()


def test_open_dossiers_of_a_merged_unit_are_led_on_to_its_successor_nd118(ended_unit):
	unit, successor = ended_unit
	dossier, done = make.handed_over(), make.finished()
	give("return_result", done, make.CLERK)
	decided = make.value(dossier, "deciding_unit")
	assert decided == unit
	end(unit, successor)
	assert dossier in succession.waiting(10_000) and done not in succession.waiting(10_000)
	with on_behalf_of_system():
		lifecycle.follow_successor(dossier, client_key=make.key())
	assert make.value(dossier, "deciding_unit") == successor
	assert (successor, "Deciding") in seen_by(dossier)
	open_ones = frappe.get_all("Dossier Step", {"dossier": dossier, "is_open": 1}, pluck="unit")
	assert unit not in open_ones
	assert frappe.db.get_value("Dossier Step", {"dossier": dossier, "step_key": "1"}, "unit") == make.CENTRE
	assert dossier not in succession.waiting(10_000)
	assert ledger.verify(dossier) == []


def test_a_dossier_whose_units_all_exist_is_not_moved():
	dossier = make.handed_over()
	with on_behalf_of_system(), pytest.raises(lifecycle.CommandRefused):
		lifecycle.follow_successor(dossier, client_key=make.key())


def test_a_chain_of_successors_ends_at_the_unit_that_exists(ended_unit):
	unit, successor = ended_unit
	end(unit, successor)
	assert units.successor_on(unit, getdate()) == successor
	assert units.successor_on(unit, getdate(add_days(getdate(), -2))) == unit
	assert units.successor_on(successor, getdate()) == successor


def test_the_successor_answers_for_what_a_merged_unit_has_ended_nd118(ended_unit):
	from one_stop import permissions

	unit, successor = ended_unit[0], "H17.40.21"
	done = make.finished()
	give("return_result", done, make.CLERK)
	heads = units.members(successor, "Approval", getdate())
	assert heads and not any(permissions.may_read_dossier(done, head) for head in heads)
	end(unit, successor)
	for head in heads:
		assert unit in permissions.units_in_scope(head) and unit in permissions.units_worked_in(head)
		assert permissions.may_read_dossier(done, head)
