"""What the national database says about a procedure is taken over, and nothing is made up."""

import copy
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from one_stop.procedures import national_form

ANSWER = json.loads((Path(__file__).parents[1] / "data/lay_thu_tuc.json").read_text())


@pytest.fixture
def answer() -> dict:
	return copy.deepcopy(ANSWER)


@pytest.fixture
def form(answer) -> dict:
	return answer["result"][0]


def test_an_answer_and_a_procedure_out_of_it_are_recognised(answer, form):
	assert national_form.recognises(answer) and national_form.recognises(form)
	for other in (
		None,
		[],
		{},
		{"result": []},
		{"result": [form, form]},
		{"format": "one-stop-procedure"},
		"x",
	):
		assert not national_form.recognises(other)


def test_identity(answer):
	read = national_form.read_form(answer)
	assert read["procedure"] == {
		"procedure_code": "9.000777",
		"procedure_name": "Cấp giấy xác nhận thử nghiệm",
		"field": "Thử nghiệm nghiệp vụ",
		"level": "Commune",
		"authority": "Ủy ban nhân dân cấp xã",
		"keywords": "xác nhận, thử nghiệm",
		"source_note": "Cơ sở dữ liệu quốc gia về thủ tục hành chính (LayThuTuc).",
		"subject_citizen": 1,
		"subject_business": 1,
		"subject_state": 0,
		"subject_other": 0,
	}
	assert read["field_code"] == "G09-TP99"


def test_limits_by_channel_and_case(answer):
	limits = national_form.read_form(answer)["version"]["limits"]
	assert [
		(row.get("case_name", ""), row["channel"], row["kind"], row["value"], row["unit"]) for row in limits
	] == [
		("", "Counter", "Maximum", 5, "Working Day"),
		("Trường hợp phải xác minh", "Counter", "Fixed", 10, "Working Day"),
		("", "Online", "Fixed", 3, "Working Day"),
	]


def test_channels_that_say_the_same_are_said_once(answer, form):
	form["CACHTHUCTHUCHIEN"][1]["THOIGIAN"] = form["CACHTHUCTHUCHIEN"][0]["THOIGIAN"]
	version = national_form.read_form(answer)["version"]
	assert not any("channel" in row for row in version["limits"] + version["fees"])


def test_fees(answer):
	fees = national_form.read_form(answer)["version"]["fees"]
	assert [
		(row["fee_name"], row["kind"], row["amount"], row["per_unit"], row["channel"]) for row in fees
	] == [
		("Lệ phí xác nhận", "Charge", 8000, "bản", "Counter"),
		("Lệ phí xác nhận", "Charge", 0, "bản", "Online"),
	]


def test_a_fee_without_amount_is_set_by_another_document(answer, form):
	form["CACHTHUCTHUCHIEN"][0]["THOIGIAN"][0]["PHILEPHI"][0]["SOTIEN"] = ""
	assert national_form.read_form(answer)["version"]["fees"][0]["amount_unknown"] == 1


def test_papers(answer):
	one, other = national_form.read_form(answer)["version"]["components"]
	assert (one["component_name"], one["originals"], one["required"]) == ("Đơn đề nghị theo mẫu", 1, 1)
	assert one["note"] == "Mẫu: Mẫu 01.docx" and "sample_file" not in one
	assert (other["condition"], other["required"], other["copies"]) == ("Trường hợp ủy quyền", 0, 2)
	assert other["is_previous_result"] == 1


def test_results_and_legal_bases(answer):
	version = national_form.read_form(answer)["version"]
	assert version["results"] == [{"result_name": "Giấy xác nhận", "result_code": "KQ.G09.000002"}]
	assert version["legal_bases"] == [
		{"document_number": "99/2024/NĐ-CP", "title": "Nghị định thử nghiệm", "issued_on": "2024-07-29"}
	]
	assert "Bước 1: Nộp hồ sơ\nBước 2: Nhận kết quả" in version["source_note"]


@pytest.mark.parametrize(
	("time", "expected"),
	[
		({"THOIGIANGIAIQUYET": "", "DONVITINH": "", "MOTA": "Trong ngày làm việc"}, "Same Day"),
		({"THOIGIANGIAIQUYET": 0, "DONVITINH": "Ngày", "MOTA": "Ngay khi nhận đủ hồ sơ"}, "Same Day"),
		({"THOIGIANGIAIQUYET": "8", "DONVITINH": "Giờ làm việc", "MOTA": ""}, ("Working Hour", 8)),
		({"THOIGIANGIAIQUYET": "15", "DONVITINH": "Ngày", "MOTA": ""}, ("Calendar Day", 15)),
		({"THOIGIANGIAIQUYET": "1,5", "DONVITINH": "Tháng", "MOTA": ""}, ("Month", 1.5)),
		({"THOIGIANGIAIQUYET": "", "DONVITINH": "", "MOTA": "Theo quy định"}, None),
		({"THOIGIANGIAIQUYET": "-3", "DONVITINH": "Ngày", "MOTA": ""}, None),
	],
)
def test_ways_to_say_a_time(answer, form, time, expected):
	form["CACHTHUCTHUCHIEN"] = [{"KENH": "1", "THOIGIAN": [time]}]
	read = national_form.read_form(answer)
	if expected is None:
		assert read["version"]["limits"] == []
		assert any("enter it by hand" in template for template, _values in read["messages"])
	elif expected == "Same Day":
		assert read["version"]["limits"][0]["kind"] == "Same Day"
	else:
		(row,) = read["version"]["limits"]
		assert (row["unit"], row["value"]) == expected


@pytest.mark.parametrize("name", ["MATTHC", "TENTTHC", "LINHVUCTHUCHIEN"])
def test_what_a_procedure_cannot_be_without_is_named(answer, form, name):
	form[name] = "" if name != "TENTTHC" else "  "
	with pytest.raises(national_form.NationalFormError) as refused:
		national_form.read_form(answer)
	assert name in str(refused.value)


def test_a_list_that_is_none_is_refused(answer, form):
	form["THANHPHANHOSO"] = {"GIAYTO": 1}
	with pytest.raises(national_form.NationalFormError):
		national_form.read_form(answer)


JUNK = st.recursive(
	st.none() | st.booleans() | st.integers() | st.text(max_size=12),
	lambda inner: (
		st.lists(inner, max_size=3)
		| st.dictionaries(st.sampled_from(sorted(ANSWER["result"][0])), inner, max_size=3)
	),
	max_leaves=8,
)


@settings(max_examples=2000, deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(ANSWER["result"][0])), JUNK))
def test_whatever_the_form_holds_it_is_read_or_refused(junk):
	try:
		national_form.read_form({**ANSWER["result"][0], **junk})
	except national_form.NationalFormError:
		pass
