"""Paying through the gateway: its notices decide, whatever comes twice, late, forged or wrong (NĐ 61/2018 art. 22)."""

from datetime import datetime, timedelta

import pytest
from frappe.utils import now_datetime

from one_stop.citizen_portal import gateway, payments
from tests import factories


@pytest.fixture
def order(connection, citizen):
	"""A dossier of the citizen's that owes 50,000 đồng, with an order just started."""
	from one_stop import sample

	sample.load(dossiers=False)
	settings = connection.get_doc("Citizen Portal Settings")
	settings.gateway = "Test"
	settings.save()
	dossier = factories.handed_over()
	connection.db.set_value("Dossier", dossier, "applicant_user", "edge-citizen@example.com")
	connection.db.commit()
	factories.give("order_obligation", dossier, factories.OFFICER, step="2", amount=50000, reason="Lệ phí")
	address = payments.start(dossier, "edge-citizen@example.com", "203.0.113.1", "vi")
	connection.db.commit()
	reference = connection.db.get_value("Online Payment", {"dossier": dossier}, "reference")
	assert f"vnp_TxnRef={reference}" in address and "vnp_Amount=5000000" in address
	return {"dossier": dossier, "reference": reference}


def notice(order: dict, **changes: str) -> str:
	"""The query of a notice signed by the gateway."""
	through = payments.merchant()
	parameters = {
		"vnp_TmnCode": through.code,
		"vnp_TxnRef": order["reference"],
		"vnp_Amount": "5000000",
		"vnp_ResponseCode": "00",
		"vnp_TransactionStatus": "00",
		"vnp_TransactionNo": "1",
		"vnp_BankCode": "NCB",
		"vnp_PayDate": datetime.now().strftime(gateway.MOMENT),
		**changes,
	}
	signed = gateway.signed_answer(through.secret, parameters)
	return f"{gateway.signed_text(signed)}&vnp_SecureHash={signed['vnp_SecureHash']}"


def tell(guest, query: str) -> str:
	return guest.get(f"/thanh-toan/vnpay-ipn?{query}").json()["RspCode"]


def state(connection, order: dict) -> tuple[str, str]:
	connection.db.rollback()
	return (
		connection.db.get_value("Online Payment", {"reference": order["reference"]}, "status"),
		factories.value(order["dossier"], "status"),
	)


def test_a_notice_pays_once_however_often_it_comes(guest, connection, order):
	query = notice(order)
	assert [tell(guest, query) for _time in range(3)] == ["00", "02", "02"]
	assert state(connection, order) == ("Paid", "In Process")
	events = connection.get_all("Dossier Event", {"dossier": order["dossier"], "kind": "obligation_paid"})
	assert len(events) == 1


def test_a_forged_notice_is_refused(guest, connection, order):
	query = notice(order)
	assert tell(guest, query[:-4] + "0000") == "97"
	assert tell(guest, query.replace("vnp_Amount=5000000", "vnp_Amount=100")) == "97"
	assert state(connection, order) == ("Started", "Awaiting Payment")


def test_another_amount_is_refused_even_when_signed(guest, connection, order):
	assert tell(guest, notice(order, vnp_Amount="100")) == "04"
	assert state(connection, order) == ("Started", "Awaiting Payment")


def test_an_unknown_order_is_named_so(guest, order):
	assert tell(guest, notice({**order, "reference": "none"})) == "01"


def test_a_late_notice_after_a_failure_still_pays(guest, connection, order):
	assert tell(guest, notice(order, vnp_ResponseCode="24", vnp_TransactionStatus="02")) == "00"
	assert state(connection, order) == ("Failed", "Awaiting Payment")
	assert tell(guest, notice(order)) == "00"
	assert state(connection, order) == ("Paid", "In Process")


def test_money_for_what_was_paid_at_the_counter_is_left_to_people(guest, connection, order):
	factories.give("confirm_payment", order["dossier"], factories.CLERK, method="Counter")
	assert tell(guest, notice(order)) == "00"
	assert state(connection, order)[0] == "To Reconcile"


def test_the_payers_return_decides_nothing(citizen, connection, order):
	answer = citizen.get(f"/thanh-toan/ket-qua?{notice(order)}")
	assert answer.headers["Location"].endswith("tb=cho-tra")
	assert state(connection, order) == ("Started", "Awaiting Payment")


def test_nobody_sees_the_payment_of_another(guest, order):
	answer = guest.get(f"/thanh-toan/ket-qua?{notice(order)}")
	assert answer.status_code == 200 and order["dossier"] not in answer.text


def test_a_fee_paid_online_stands_in_the_ledger(guest, connection, citizen):
	from one_stop import sample

	sample.load(dossiers=False)
	settings = connection.get_doc("Citizen Portal Settings")
	settings.gateway = "Test"
	settings.save()
	dossier = factories.received("1.001612")  # a procedure with a fee
	amount = sum(row.amount for row in payments.owed(dossier))
	connection.db.set_value("Dossier", dossier, "applicant_user", "edge-citizen@example.com")
	connection.db.commit()
	payments.start(dossier, "edge-citizen@example.com", "203.0.113.1", "vi")
	connection.db.commit()
	reference = connection.db.get_value("Online Payment", {"dossier": dossier}, "reference")
	paid = {"dossier": dossier, "reference": reference}
	query = notice(paid, vnp_Amount=f"{amount * 100:.0f}")
	assert [tell(guest, query) for _time in range(2)] == ["00", "02"]
	assert state(connection, paid) == ("Paid", "Received")
	event = connection.get_last_doc("Dossier Event", {"dossier": dossier})
	told = connection.parse_json(event.data)
	assert (event.actor, told["reference"], told["amount"]) == ("Administrator", reference, amount)
	rows = connection.get_all(
		"Dossier Payment", {"dossier": dossier, "amount": [">", 0]}, ["status", "method", "reference"]
	)
	assert {(row.status, row.method, row.reference) for row in rows} == {("Paid", "Online", reference)}


def interrupted(connection, order: dict, **values) -> str:
	"""An order as it stands where the process died right after its notice had been kept."""
	name = connection.db.get_value("Online Payment", {"reference": order["reference"]})
	connection.db.set_value(
		"Online Payment",
		name,
		{"status": "Paid", "notified_at": now_datetime(), "settled_at": None, **values},
	)
	connection.db.commit()
	return name


def test_a_repeated_notice_settles_what_was_interrupted(guest, connection, order):
	interrupted(connection, order)
	assert state(connection, order) == ("Paid", "Awaiting Payment")
	assert tell(guest, notice(order)) == "02"
	assert state(connection, order) == ("Paid", "In Process")


def test_the_sweep_settles_what_was_interrupted_and_leaves_what_is_just_being_settled(connection, order):
	name = interrupted(connection, order)
	payments.sweep()
	assert state(connection, order) == ("Paid", "Awaiting Payment")
	interrupted(connection, order, notified_at=now_datetime() - timedelta(minutes=payments.LEFT_BEHIND + 1))
	payments.sweep()
	assert state(connection, order) == ("Paid", "In Process")
	assert connection.db.get_value("Online Payment", name, "settled_at")


def test_what_was_settled_before_the_interruption_is_no_double_payment(guest, connection, order):
	assert tell(guest, notice(order)) == "00"
	name = interrupted(connection, order)
	payments.settle(name)
	assert state(connection, order) == ("Paid", "In Process")
	assert connection.db.get_value("Online Payment", name, "settled_at")


def test_a_payment_left_to_people_is_closed_by_an_administrator_with_a_reason(guest, connection, order):
	from one_stop.api import online_payments

	factories.give("confirm_payment", order["dossier"], factories.CLERK, method="Counter")
	assert tell(guest, notice(order)) == "00"
	name = connection.db.get_value("Online Payment", {"reference": order["reference"]})
	connection.db.rollback()
	with factories.acting(factories.CLERK), pytest.raises(connection.PermissionError):
		online_payments.reconcile(name, "Đã hoàn tiền")
	with factories.acting("quantri"):
		with pytest.raises(payments.ReasonMissing):
			online_payments.reconcile(name, "  ")
		online_payments.reconcile(name, "Đã hoàn tiền cho người nộp ngày 25/11")
		with pytest.raises(payments.NothingToReconcile):
			online_payments.reconcile(name, "Lần nữa")
	connection.db.commit()
	doc = connection.get_doc("Online Payment", name)
	assert (doc.status, doc.reconciled_by, doc.reconciliation) == (
		"Reconciled",
		factories.user("quantri"),
		"Đã hoàn tiền cho người nộp ngày 25/11",
	)
	assert tell(guest, notice(order)) == "02"
