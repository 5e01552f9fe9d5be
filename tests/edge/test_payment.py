"""Paying through the gateway: its notices decide, whatever comes twice, late, forged or wrong (NĐ 61/2018 art. 22)."""

import hashlib
import hmac
import json
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

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
	assert tell(guest, "vnp_SecureHash=%C3%A9") == "97"
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


# Notices that never come: the gateway is asked


class Gateway(ThreadingHTTPServer):
	"""The side of the gateway that answers questions, over HTTP; `says` is what it answers about any order."""

	def __init__(self):
		super().__init__(("127.0.0.1", 0), Answers)
		self.says: dict[str, str] = {}
		self.asked: list[dict] = []
		self.secret = "BI-MAT-CUA-CONG"
		Thread(target=self.serve_forever, daemon=True).start()


class Answers(BaseHTTPRequestHandler):
	def do_POST(self):
		asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
		self.server.asked.append(asked)
		said = {
			"vnp_ResponseId": "1",
			"vnp_Command": "querydr",
			"vnp_ResponseCode": "00",
			"vnp_Message": "OK",
			"vnp_TmnCode": asked["vnp_TmnCode"],
			"vnp_TxnRef": asked["vnp_TxnRef"],
			"vnp_Amount": "5000000",
			"vnp_BankCode": "NCB",
			"vnp_PayDate": datetime.now().strftime(gateway.MOMENT),
			"vnp_TransactionNo": "77",
			"vnp_TransactionType": "01",
			"vnp_TransactionStatus": "00",
			"vnp_OrderInfo": "Thanh toan",
			**self.server.says,
		}
		text = "|".join(said.values()) + "||"
		said["vnp_SecureHash"] = hmac.new(
			self.server.secret.encode(), text.encode(), hashlib.sha512
		).hexdigest()
		body = json.dumps(said).encode()
		self.send_response(200)
		self.send_header("Content-Length", str(len(body)))
		self.end_headers()
		self.wfile.write(body)

	def log_message(self, *_arguments):
		pass


@pytest.fixture
def asked_gateway(connection, order):
	"""The gateway in the settings, and the order begun half an hour ago there."""
	server = Gateway()
	settings = connection.get_doc("Citizen Portal Settings")
	settings.update(
		{
			"gateway": "VNPay",
			"query_address": f"http://127.0.0.1:{server.server_port}/merchant_webapi/api/transaction",
			"merchant_code": "ONESTOP1",
			"merchant_secret": server.secret,
		}
	)
	settings.save()
	connection.db.delete("Online Payment", {"status": "Started", "reference": ["!=", order["reference"]]})
	begun(connection, order, minutes=30, gateway="ONESTOP1")
	yield server
	server.shutdown()
	server.server_close()
	settings.reload()
	settings.update({"gateway": "Test", "query_address": ""})
	settings.save()
	connection.db.commit()


def begun(connection, order: dict, minutes: int, **facts) -> None:
	name = connection.db.get_value("Online Payment", {"reference": order["reference"]})
	then = now_datetime() - timedelta(minutes=minutes)
	connection.db.set_value("Online Payment", name, {"creation": then, **facts}, update_modified=False)
	connection.db.commit()


def note(connection, order: dict) -> str:
	return connection.db.get_value("Online Payment", {"reference": order["reference"]}, "note")


def test_a_payment_whose_notice_never_comes_is_found_by_asking(connection, order, asked_gateway):
	payments.ask_about_started()
	assert state(connection, order) == ("Paid", "In Process")
	[asked] = asked_gateway.asked
	begun_at = connection.db.get_value("Online Payment", {"reference": order["reference"]}, "started_at")
	assert asked["vnp_TransactionDate"] == begun_at.strftime(gateway.MOMENT)
	assert payments.ask_about_started() == 0, "what is settled is not asked about again"


def test_an_order_is_not_asked_about_while_it_can_still_be_paid(connection, order, asked_gateway):
	begun(connection, order, minutes=19)
	assert payments.ask_about_started() == 0 and not asked_gateway.asked


@pytest.mark.parametrize(
	"says", [{"vnp_TransactionStatus": "01"}, {"vnp_ResponseCode": "91", "vnp_TransactionStatus": "01"}]
)
def test_what_nobody_paid_in_time_is_over_and_a_late_notice_still_pays(
	guest, connection, order, asked_gateway, says
):
	asked_gateway.says = says
	payments.ask_about_started()
	assert state(connection, order) == ("Expired", "Awaiting Payment")
	assert tell(guest, notice(order)) == "00"
	assert state(connection, order) == ("Paid", "In Process")


def test_what_the_bank_refused_has_failed(connection, order, asked_gateway):
	asked_gateway.says = {"vnp_TransactionStatus": "02"}
	payments.ask_about_started()
	assert state(connection, order) == ("Failed", "Awaiting Payment")


@pytest.mark.parametrize("says", [{"vnp_TransactionStatus": "04"}, {"vnp_Amount": "100"}])
def test_money_that_cannot_be_booked_is_left_to_people(connection, order, asked_gateway, says):
	asked_gateway.says = says
	payments.ask_about_started()
	assert state(connection, order) == ("To Reconcile", "Awaiting Payment")
	assert "không thể ghi nhận" in note(connection, order)


def test_an_answer_that_somebody_else_signed_settles_nothing(guest, connection, order, asked_gateway):
	asked_gateway.secret = "bi-mat-khac"
	payments.ask_about_started()
	assert state(connection, order) == ("Started", "Awaiting Payment")
	begun(connection, order, minutes=25 * 60)
	payments.ask_about_started()
	assert state(connection, order)[0] == "To Reconcile" and "Hãy tra cứu" in note(connection, order)
	assert tell(guest, notice(order)) == "00", "what the gateway says at last is still taken in"
	assert state(connection, order) == ("Paid", "In Process")


def test_a_gateway_that_is_not_there_is_asked_again(connection, order, asked_gateway):
	asked_gateway.shutdown()
	asked_gateway.server_close()
	assert payments.ask_about_started() == 1
	assert state(connection, order) == ("Started", "Awaiting Payment")


def test_of_the_gateway_for_trials_an_unpaid_order_is_over(connection, order):
	begun(connection, order, minutes=30)
	payments.ask_about_started()
	assert state(connection, order) == ("Expired", "Awaiting Payment")


def test_the_gateway_is_spoken_to_encrypted(connection, order):
	settings = connection.get_doc("Citizen Portal Settings")
	settings.update({"gateway": "VNPay", "query_address": "http://gateway.example/api"})
	with pytest.raises(connection.ValidationError, match="https"):
		settings.save()
