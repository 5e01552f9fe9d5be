"""Numbers by which a person is found are hidden from whoever does not need them, also in free text."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from one_stop.dossiers.masking import masked, masked_answer, masked_text


@pytest.mark.parametrize(
	("text", "shown"),
	[
		("CCCD 048190777001 cấp năm 2021", "CCCD •••••••••001 cấp năm 2021"),
		("Gọi 0905 123 456 hoặc +84905123456.", "Gọi •••••••••456 hoặc •••••••••456."),
		("CMND cũ 201234567", "CMND cũ ••••••567"),
		("hộ chiếu C1234567", "hộ chiếu •••••567"),
		("thư: le.an@example.vn", "thư: l•••@example.vn"),
	],
)
def test_personal_numbers_in_free_text_are_hidden(text, shown):
	assert masked_text(text) == shown


@pytest.mark.parametrize(
	"text",
	[
		"sinh ngày 15/01/2020 lúc 08:30",
		"1.500.000.000 đồng",
		"thửa 125, tờ bản đồ 12",
		"Nghị định 61/2018/NĐ-CP",
		"",
	],
)
def test_days_sums_and_plots_stay_readable(text):
	assert masked_text(text) == text


@pytest.mark.parametrize(
	("value", "kind", "shown"),
	[
		("048190777001", "ID Number", "•••••••••001"),
		("0905123456", "Phone", "•••••••456"),
		("2020-01-15", "Date", "2020-01-15"),
		("123456789", "Number", "123456789"),
		("/private/files/giay.pdf", "File", ""),
		("số 048190777001", None, "số •••••••••001"),
	],
)
def test_an_answer_is_hidden_by_the_kind_of_its_question(value, kind, shown):
	assert masked_answer(value, kind) == shown


@given(st.from_regex(r"0[0-9]{9,11}", fullmatch=True), st.sampled_from(["", "Số: ", "a, ", "("]))
def test_no_telephone_or_identity_number_survives(number, before):
	shown = masked_text(f"{before}{number}")
	assert not re.search(r"\d{4}", shown)


@given(st.text(max_size=30))
def test_a_mask_never_shows_more_than_the_last_three_signs(value):
	plain = value.strip()
	shown = masked(value)
	assert len(shown) == len(plain)
	assert set(shown[: max(0, len(shown) - 3)]) <= {"•"}
