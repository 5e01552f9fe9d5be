"""The signing of VNPay's protocol 2.1.0, as its merchants and its gateway compute it."""

import hashlib
import hmac
from datetime import datetime
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from one_stop.citizen_portal.gateway import (
	Merchant,
	Order,
	WrongSignature,
	payment_address,
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
def test_no_made_up_notice_passes(parameters):
	with pytest.raises(WrongSignature):
		read_notice(MERCHANT, parameters)
