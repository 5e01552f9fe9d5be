"""Money of a dossier: fees by the version, obligations asked for once, all of it on record (NĐ 61/2018 art. 22)."""

import frappe
import pytest

from one_stop.dossiers import exceptions as refused
from one_stop.dossiers import ledger, lifecycle
from one_stop.organization import units
from tests import factories as make

pytestmark = pytest.mark.usefixtures("province")

WITH_A_FEE = "1.001612"


# Fees (NĐ 61/2018 art. 22)


def fees_by_rule(procedure: str, channel: str = "Counter") -> list:
	from one_stop.dossiers import intake
	from one_stop.procedures.terms import version_on

	version = version_on(procedure, frappe.utils.getdate()).name
	return [
		row
		for row in intake.fees_of(version, "", channel)
		if row.amount and not row.optional and not row.amount_unknown
	]


def test_the_fees_of_the_version_are_owed_even_where_the_draft_left_them_out_nd61_art_22():
	(rule, *_more) = fees_by_rule(WITH_A_FEE)
	dossier = make.received(WITH_A_FEE)
	owed = lifecycle.fees_due(dossier)
	assert (rule.fee_name, rule.amount) in [(row.title, row.amount) for row in owed]
	assert [rule.fee_name, rule.kind, rule.amount] in ledger.event_of(ledger.rows_of(dossier)[0]).data["fees"]


@pytest.mark.parametrize(
	"line", [{"fee_name": "Lệ phí tự đặt", "rate": 1000}, {"rate": 10**9}, {"rate": 1}, {"quantity": 0}]
)
def test_no_other_fee_is_taken_than_the_version_asks_nd61_art_22(line):
	(rule, *_more) = fees_by_rule(WITH_A_FEE)
	row = {"fee_name": rule.fee_name, "kind": rule.kind, "quantity": 1, "rate": rule.amount, **line}
	dossier = make.draft(WITH_A_FEE, fees=[row])
	with pytest.raises(refused.FeesRefused):
		make.give("receive", dossier, make.CLERK)


def test_a_reduced_fee_states_its_grounds():
	(rule, *_more) = fees_by_rule(WITH_A_FEE)
	row = {
		"fee_name": rule.fee_name,
		"kind": rule.kind,
		"quantity": 0,
		"rate": rule.amount,
		"note": "Hộ nghèo",
	}
	dossier = make.draft(WITH_A_FEE, fees=[row])
	make.give("receive", dossier, make.CLERK)
	assert rule.fee_name not in [row.title for row in lifecycle.fees_due(dossier)]


def test_a_fee_paid_later_is_on_record_with_its_proof_nd61_art_22():
	dossier = make.received(WITH_A_FEE)
	due = lifecycle.fees_due(dossier)
	make.give("record_fee_payment", dossier, make.CLERK, payments=due[0].name, reference="BL 07")
	paid = frappe.get_doc("Dossier Payment", due[0].name)
	assert (paid.status, paid.method, paid.reference) == ("Paid", "Counter", "BL 07")
	assert ledger.rows_of(dossier)[-1].kind == "fee_paid"
	assert make.value(dossier, "status") == "Received"
	with pytest.raises(refused.NothingDue):
		make.give("record_fee_payment", dossier, make.CLERK, payments=due[0].name)
	assert ledger.verify(dossier) == []


def test_only_the_counter_takes_fees():
	dossier = make.received(WITH_A_FEE)
	with pytest.raises(refused.NotYourDuty):
		make.give("record_fee_payment", dossier, make.OFFICER)


# What was paid is not asked for twice


def at_the_order() -> tuple[str, str, str]:
	"""A land dossier, its open step that orders the payment, and the payment step that follows."""
	dossier = make.handed_over(make.LAND)
	make.give("complete_step", dossier, make.OFFICER_OF_LAND, step="2")
	payment = frappe.db.get_value("Dossier Step", {"dossier": dossier, "kind": "Payment"}, "step_key")
	return dossier, open_step(dossier), payment


def open_step(dossier: str) -> str:
	return frappe.db.get_value("Dossier Step", {"dossier": dossier, "is_open": 1}, "step_key")


def officer_of(dossier: str, step: str) -> str:
	"""Somebody who may work on a step, as the factories name people."""
	row = make.step(dossier, step)
	user = row.officer or sorted(units.members(row.unit, row.duty, frappe.utils.getdate()))[0]
	return user.partition("@")[0]


def test_nothing_owed_leaves_the_payment_out():
	dossier, before, payment = at_the_order()
	make.give("complete_step", dossier, officer_of(dossier, before), step=before, amount=0)
	assert make.value(dossier, "status") == "In Process"
	assert make.step(dossier, payment).status == "Skipped"
	assert not frappe.db.exists("Dossier Payment", {"dossier": dossier, "step": payment})
	assert ledger.verify(dossier) == []


def test_a_payment_made_is_not_asked_for_again_when_the_dossier_was_sent_back():
	dossier, before, payment = at_the_order()
	officer = officer_of(dossier, before)
	make.give("complete_step", dossier, officer, step=before, amount=500_000)
	make.give("confirm_payment", dossier, make.CLERK, reference="BL 01")
	after = open_step(dossier)
	make.give("send_back", dossier, officer_of(dossier, after), step=after, to=before, reason="Tính lại")
	make.give("complete_step", dossier, officer_of(dossier, before), step=before, amount=500_000)
	assert make.value(dossier, "status") == "In Process"
	assert open_step(dossier) == after
	again = frappe.get_all("Dossier Payment", {"dossier": dossier, "step": payment}, ["status", "amount"])
	assert [(row.status, row.amount) for row in again] == [("Paid", 500_000)]
	assert ledger.verify(dossier) == []


def test_only_the_difference_is_asked_for_when_more_is_owed_after_a_send_back():
	dossier, before, _payment = at_the_order()
	make.give("complete_step", dossier, officer_of(dossier, before), step=before, amount=500_000)
	make.give("confirm_payment", dossier, make.CLERK, reference="BL 01")
	after = open_step(dossier)
	make.give("send_back", dossier, officer_of(dossier, after), step=after, to=before, reason="Tính lại")
	make.give("complete_step", dossier, officer_of(dossier, before), step=before, amount=700_000)
	assert make.value(dossier, "status") == "Awaiting Payment"
	due = frappe.get_all("Dossier Payment", {"dossier": dossier, "status": "Due"}, pluck="amount")
	assert due == [200_000]


def test_a_corrected_case_asks_for_its_own_fees_nd61_art_21(monkeypatch):
	from one_stop.dossiers import intake

	def fees_of(_version, case, _channel):
		amount = 30_000 if case else 15_000
		rule = {"kind": "Charge", "amount_unknown": 0, "optional": 0}
		return [
			frappe._dict(rule, fee_name="Lệ phí theo trường hợp", amount=amount),
			*([] if case else [frappe._dict(rule, fee_name="Chỉ trường hợp thường", amount=5_000)]),
		]

	monkeypatch.setattr(intake, "fees_of", fees_of)
	dossier = make.received("1.004194")
	make.give("correct", dossier, make.CLERK, reason="Nhầm trường hợp", case_name="Đăng ký theo danh sách")
	rows = frappe.get_all("Dossier Payment", {"dossier": dossier}, ["title", "amount", "status"])
	standing = {(row.title, row.amount) for row in rows if row.status == "Due"}
	# 30,000 is asked instead of 15,000, and what only the ordinary case asks is not owed any more.
	assert standing == {("Lệ phí theo trường hợp", 30_000)}
	assert ledger.verify(dossier) == []


def test_no_sum_that_is_none_settles_a_payment():
	dossier, before, _payment = at_the_order()
	for amount in ("nan", "inf", "-1", "", None, "x"):
		with pytest.raises(refused.AmountRefused):
			make.give("complete_step", dossier, officer_of(dossier, before), step=before, amount=amount)


def test_leaving_the_order_out_leaves_its_payment_out():
	dossier, before, payment = at_the_order()
	make.give("skip_step", dossier, officer_of(dossier, before), step=before, reason="Được miễn thuế")
	assert make.value(dossier, "status") == "In Process"
	assert make.step(dossier, payment).status == "Skipped"
	assert ledger.verify(dossier) == []


@pytest.mark.parametrize("twice", [True, False])
def test_a_flat_fee_is_asked_once(twice):
	(rule, *_more) = fees_by_rule(WITH_A_FEE)
	row = {"fee_name": rule.fee_name, "kind": rule.kind, "quantity": 1, "rate": rule.amount}
	lines = [row, {**row}] if twice else [{**row, "quantity": 5}]
	dossier = make.draft(WITH_A_FEE, fees=lines)
	with pytest.raises(refused.FeesRefused):
		make.give("receive", dossier, make.CLERK)


def test_an_order_beside_the_steps_stands_when_the_dossier_is_sent_back():
	dossier = make.handed_over()
	make.give("complete_step", dossier, make.OFFICER, step="2")
	make.give("order_obligation", dossier, make.CHAIRMAN, step="3", amount=90_000, reason="Phí thẩm định")
	make.give("send_back", dossier, make.CHAIRMAN, step="3", to="2", reason="Thẩm định lại")
	assert make.value(dossier, "status") == "Awaiting Payment"
	assert frappe.get_all("Dossier Payment", {"dossier": dossier, "status": "Due"}, pluck="amount") == [
		90_000
	]
