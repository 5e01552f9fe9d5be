"""The signing of VNPay's protocol 2.1.0, as its merchants and its gateway compute it."""

import hashlib
import hmac
from datetime import datetime
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from one_stop.citizen_portal.gateway import (
	Merchant,
	NoAnswer,
	Order,
	WrongSignature,
	payment_address,
	question,
	read_answer,
	read_notice,
	signature,
	signed_answer,
)

MERCHANT = Merchant("https://gateway.example/pay", "ONESTOP1", "SECRETSECRET")
ORDER = Order(
	"R1", 50000, "Thanh toan ho so 1", "https://here.example/back", "203.0.113.7", datetime(2026, 11, 25, 8)
)
NOTICE = {
	"vnp_TmnCode": "ONESTOP1",
	"vnp_TxnRef": "R1",
	"vnp_Amount": "5000000",
	"vnp_ResponseCode": "00",
	"vnp_TransactionStatus": "00",
	"vnp_TransactionNo": "14226112",
	"vnp_BankCode": "NCB",
	"vnp_PayDate": "20261125080500",
}


def test_the_signature_covers_the_sorted_and_encoded_parameters():
	text = "vnp_Amount=100&vnp_OrderInfo=a+b%26c"
	wanted = hmac.new(b"key", text.encode(), hashlib.sha512).hexdigest()
	parameters = {
		"vnp_OrderInfo": "a b&c",
		"vnp_Amount": "100",
		"vnp_SecureHash": "x",
		"other": "y",
		"vnp_Empty": "",
	}
	assert signature("key", parameters) == wanted


def test_the_payer_is_sent_with_the_amount_in_hundredths_and_a_signature_that_fits():
	sent = dict(parse_qsl(urlsplit(payment_address(MERCHANT, ORDER)).query))
	assert sent["vnp_Amount"] == "5000000"
	assert sent["vnp_CreateDate"] == "20261125080000" and sent["vnp_ExpireDate"] == "20261125081500"
	assert sent["vnp_SecureHash"] == signature(MERCHANT.secret, sent)


def test_a_notice_signed_by_the_gateway_is_read():
	notice = read_notice(MERCHANT, signed_answer(MERCHANT.secret, NOTICE))
	assert (notice.reference, notice.amount, notice.paid) == ("R1", 50000, True)
	assert notice.paid_at == datetime(2026, 11, 25, 8, 5)


@pytest.mark.parametrize("name", sorted(NOTICE))
def test_no_parameter_of_a_notice_can_be_changed(name: str):
	answer = signed_answer(MERCHANT.secret, NOTICE) | {name: "1"}
	with pytest.raises(WrongSignature):
		read_notice(MERCHANT, answer)


def test_a_notice_for_another_merchant_or_without_signature_is_refused():
	with pytest.raises(WrongSignature):
		read_notice(MERCHANT, signed_answer(MERCHANT.secret, NOTICE | {"vnp_TmnCode": "OTHER"}))
	with pytest.raises(WrongSignature):
		read_notice(MERCHANT, NOTICE)


@pytest.mark.parametrize(("answer", "state"), [("24", "02"), ("00", "02"), ("07", "00")])
def test_only_two_zeros_mean_paid(answer: str, state: str):
	notice = NOTICE | {"vnp_ResponseCode": answer, "vnp_TransactionStatus": state}
	assert not read_notice(MERCHANT, signed_answer(MERCHANT.secret, notice)).paid


@given(st.dictionaries(st.text(), st.text()))
@example({"vnp_SecureHash": "é"})
def test_no_made_up_notice_passes(parameters):
	with pytest.raises(WrongSignature):
		read_notice(MERCHANT, parameters)


# Questions


def sealed(text: str) -> str:
	return hmac.new(b"SECRETSECRET", text.encode(), hashlib.sha512).hexdigest()


ANSWER = {
	"vnp_ResponseId": "a1",
	"vnp_Command": "querydr",
	"vnp_ResponseCode": "00",
	"vnp_Message": "Truy van thanh cong",
	"vnp_TmnCode": "ONESTOP1",
	"vnp_TxnRef": "R1",
	"vnp_Amount": "5000000",
	"vnp_OrderInfo": "Thanh toan ho so 1",
	"vnp_BankCode": "NCB",
	"vnp_PayDate": "20261125080500",
	"vnp_TransactionNo": "14226112",
	"vnp_TransactionType": "01",
	"vnp_TransactionStatus": "00",
}
# Written out: what is not in the answer is signed as nothing, so two bars end it.
TEXT = "a1|querydr|00|Truy van thanh cong|ONESTOP1|R1|5000000|NCB|20261125080500|14226112|01|{}|Thanh toan ho so 1||"


def test_a_question_is_signed_over_its_values_in_the_order_of_the_protocol():
	asked = question(
		MERCHANT,
		reference="R1",
		begun=datetime(2026, 11, 25, 8),
		number="q1",
		now=datetime(2026, 11, 25, 8, 20),
		address="127.0.0.1",
	)
	text = "q1|2.1.0|querydr|ONESTOP1|R1|20261125080000|20261125082000|127.0.0.1|Truy van R1"
	assert asked["vnp_SecureHash"] == sealed(text)


@pytest.mark.parametrize(("state", "paid"), [("00", True), ("01", False), ("02", False), ("04", False)])
def test_the_state_of_the_transaction_says_whether_it_was_paid(state, paid):
	given = {**ANSWER, "vnp_TransactionStatus": state, "vnp_SecureHash": sealed(TEXT.format(state))}
	notice = read_answer(MERCHANT, "R1", given)
	assert (notice.amount, notice.state, notice.paid) == (50000, state, paid)


def test_an_order_the_gateway_has_never_heard_of_is_no_error():
	given = {
		"vnp_ResponseId": "a2",
		"vnp_Command": "querydr",
		"vnp_ResponseCode": "91",
		"vnp_Message": "Khong tim thay",
	}
	assert (
		read_answer(
			MERCHANT, "R1", {**given, "vnp_SecureHash": sealed("a2|querydr|91|Khong tim thay" + "|" * 11)}
		)
		is None
	)


def test_other_answers_say_nothing_of_the_order():
	given = {"vnp_ResponseCode": "97", "vnp_Message": "Sai", "vnp_SecureHash": sealed("||97|Sai" + "|" * 11)}
	with pytest.raises(NoAnswer):
		read_answer(MERCHANT, "R1", given)


@pytest.mark.parametrize(
	"changed",
	[
		{"vnp_TransactionStatus": "00"},
		{"vnp_Amount": "1"},
		{"vnp_TxnRef": "R2"},
		{"vnp_SecureHash": ""},
		{"vnp_ResponseCode": "91"},
	],
)
def test_an_answer_changed_on_its_way_is_refused(changed):
	given = {**ANSWER, "vnp_TransactionStatus": "01", "vnp_SecureHash": sealed(TEXT.format("01"))}
	with pytest.raises(WrongSignature):
		read_answer(MERCHANT, "R1", {**given, **changed})


def test_an_answer_about_another_order_is_refused():
	given = {**ANSWER, "vnp_SecureHash": sealed(TEXT.format("00"))}
	with pytest.raises(WrongSignature):
		read_answer(MERCHANT, "R2", given)
