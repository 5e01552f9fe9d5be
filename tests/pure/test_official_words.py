"""The words of official papers (NĐ 30/2020, annex I)."""

from datetime import date, datetime

import pytest

from one_stop.dossiers import official_words as words


@pytest.mark.parametrize(
	("day", "said"),
	[
		(date(2026, 11, 25), "ngày 25 tháng 11 năm 2026"),
		(date(2026, 2, 5), "ngày 05 tháng 02 năm 2026"),
		(date(2026, 1, 31), "ngày 31 tháng 01 năm 2026"),
		(date(2026, 3, 9), "ngày 09 tháng 3 năm 2026"),
	],
)
def test_days_below_ten_and_the_first_two_months_have_two_digits(day: date, said: str):
	assert words.day_in_words(day) == said


def test_moments_are_said_with_hour_and_minute():
	assert words.moment_in_words(datetime(2026, 11, 25, 9, 5)) == "09 giờ 05 phút, ngày 25/11/2026"
	assert words.moment_in_words(None) == words.moment_in_short(None) == ""


def test_amounts_are_grouped_by_points():
	assert words.dong(1250000.0) == "1.250.000 đồng"


@pytest.mark.parametrize(
	("limit", "said"),
	[
		(("Same Day", 0, "Working Day"), "trong ngày làm việc"),
		(("Maximum", 10, "Working Day"), "không quá 10 ngày làm việc"),
		(("Fixed", 1.5, "Working Day"), "1,5 ngày làm việc"),
		(("Fixed", 3, "Month"), "3 tháng"),
	],
)
def test_limits_are_said_as_procedures_publish_them(limit: tuple, said: str):
	assert words.limit_in_words(*limit) == said


def test_the_header_does_not_repeat_the_locality():
	assert words.agency_lines(
		"Ủy ban nhân dân phường Hải Châu", "Trung tâm Phục vụ hành chính công phường Hải Châu"
	) == ("ỦY BAN NHÂN DÂN PHƯỜNG HẢI CHÂU", "TRUNG TÂM PHỤC VỤ HÀNH CHÍNH CÔNG")


def test_the_place_is_that_of_the_nearest_commune_or_province():
	chain = ["Phòng Kinh tế", "Ủy ban nhân dân phường Hải Châu", "Ủy ban nhân dân thành phố Đà Nẵng"]
	assert words.place_in(chain) == "Hải Châu"
	assert words.place_in(["Sở Tư pháp", "Ủy ban nhân dân thành phố Đà Nẵng"]) == "Đà Nẵng"
	assert words.place_in(["Sở Tư pháp"]) == ""


@pytest.mark.parametrize(
	("unit", "one_stop", "sign"),
	[
		("Trung tâm Phục vụ hành chính công phường Hải Châu", True, "TTPVHCC"),
		("Bộ phận Tiếp nhận và Trả kết quả Sở Tư pháp", True, "BPTNTKQ"),
		("Ủy ban nhân dân phường Hải Châu", False, "UBND"),
		("Sở Tư pháp", False, "STP"),
	],
)
def test_a_number_carries_the_sign_of_its_unit(unit: str, one_stop: bool, sign: str):
	assert words.sign_of(unit, one_stop) == sign
