"""The due date of any procedure, as the endpoint and the command answer it."""

import contextlib
import json

import frappe
import pytest
from click.testing import CliRunner

from one_stop import commands
from one_stop.api import deadlines as api
from one_stop.dossiers.exceptions import DeadlineRefused
from one_stop.procedures.exceptions import NoVersionInForce
from one_stop.procedures.procedure_file import import_procedure

OFFICE = [
	{"weekday": day, "from_time": start, "to_time": end}
	for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
	for start, end in (("07:00:00", "11:30:00"), ("13:30:00", "17:00:00"))
]
UNITS = {
	"H98": ("Tỉnh thử hạn", "Province", None, 0),
	"H98.40": ("Phường thử hạn", "Commune", "H98", 0),
	"H98.40.01": ("Bộ phận một cửa phường thử hạn", "Division", "H98.40", 1),
	"H98.41": ("Xã thử hạn", "Commune", "H98", 0),
	"H98.41.01": ("Bộ phận một cửa xã thử hạn", "Division", "H98.41", 1),
}


def step(key: str, title: str, kind: str, duty: str, rule: str, hours: float, after: str = "") -> dict:
	return {
		"step_key": key,
		"title": title,
		"kind": kind,
		"duty": duty,
		"unit_rule": rule,
		"duration": hours,
		"duration_unit": "Working Hour",
		"after": after,
	}


def version(number: int, effective: str, days: int, **values) -> dict:
	return {
		"version_no": number,
		"approved": True,
		"decision_number": f"{number:02d}/QĐ-THỬ",
		"decision_date": effective,
		"decided_by": "Chủ tịch thử",
		"effective_from": effective,
		"channel_counter": 1,
		"channel_online": 1,
		"online_level": "Full",
		"limits": [
			{"kind": "Fixed", "value": days, "unit": "Working Day"},
			{"kind": "Maximum", "value": 1, "unit": "Month", "case_name": "Phải xác minh"},
			{"kind": "Same Day", "channel": "Online"},
		],
		"components": [{"component_name": "Đơn", "originals": 1, "required": 1, "form": "Any"}],
		"results": [{"result_name": "Giấy xác nhận", "paper": 1}],
		"steps": [
			step("1", "Tiếp nhận", "Reception", "Reception", "Receiving Unit", 4),
			step("2", "Thẩm định", "Processing", "Appraisal", "Deciding Unit", 12, "1"),
			step("3", "Trả kết quả", "Return", "Return", "Receiving Unit", 4, "2"),
		],
		"warnings": [],
		**values,
	}


@pytest.fixture
def procedure(site, monkeypatch):
	"""A procedure of the year 2025 with two versions, received in two communes; the caller reads Vietnamese."""
	monkeypatch.setattr(frappe.local, "lang", "vi")
	national = frappe.db.get_value("Working Calendar", {"scope": "National"}, order_by="creation asc")
	calendar = frappe.get_doc("Working Calendar", national)
	for year in calendar.years:
		year.confirmed = int(year.year in (2025, 2026))
	calendar.save()
	frappe.get_doc(
		{
			"doctype": "Working Calendar",
			"calendar_name": "Lịch thử hạn",
			"scope": "Province",
			"windows": OFFICE,
		}
	).insert()
	for code, (name, level, parent, one_stop) in UNITS.items():
		frappe.get_doc(
			{
				"doctype": "Administrative Unit",
				"unit_code": code,
				"unit_name": name,
				"level": level,
				"parent_administrative_unit": parent,
				"is_group": int(not one_stop),
				"is_one_stop": one_stop,
				"working_calendar": None if parent else "Lịch thử hạn",
			}
		).insert()
	frappe.get_doc({"doctype": "Procedure Field", "field_name": "Lĩnh vực thử hạn"}).insert()
	import_procedure(
		{
			"format": "one-stop-procedure",
			"format_version": 1,
			"procedure": {
				"procedure_code": "9.980001",
				"procedure_name": "Xác nhận thử hạn",
				"field": "Lĩnh vực thử hạn",
				"level": "Commune",
				"status": "In Force",
				"local_code": "9.980001.H98",
				"subject_citizen": 1,
				"offers": [
					{"receiving_unit": "H98.40.01", "valid_from": "2025-07-01"},
					{"receiving_unit": "H98.41.01", "deciding_unit": "H98", "valid_from": "2025-07-01"},
				],
			},
			"versions": [version(1, "2025-07-01", 5), version(2, "2026-01-01", 3)],
		}
	)
	return "9.980001"


@pytest.fixture
def command(procedure, monkeypatch):
	"""The `due` command on the connection of the test, whose procedure is not committed."""
	monkeypatch.setattr(frappe, "init_site", lambda site: contextlib.nullcontext())
	monkeypatch.setattr(frappe, "connect", lambda *args, **kwargs: None)

	def run(*words: str):
		return CliRunner().invoke(commands.due, words, obj=frappe._dict(sites=["one-stop"], profile=False))

	return run


def test_three_working_days_over_tet_end_on_24_february(procedure):
	answer = api.preview(procedure, "2026-02-12 10:00")
	assert answer["due"] == "2026-02-24T10:00:00+07:00"
	assert (answer["unit"], answer["deciding_unit"]) == ("H98.40.01", "H98.40")
	assert answer["flags"] == []
	counted = [line for line in answer["explanation"] if "ngày làm việc thứ" in line]
	assert [line[:20] for line in counted] == [
		"Thứ Sáu 13/02/2026: ",
		"Thứ Hai 23/02/2026: ",
		"Thứ Ba 24/02/2026: n",
	]
	skipped = [line for line in answer["explanation"] if "không tính" in line]
	assert len(skipped) == 1 + 9, "the day of receipt, and 14 to 22 February"
	assert any("Mùng hai Tết" in line for line in skipped)


def test_steps_say_when_they_open_and_are_due_and_whose_they_are(procedure):
	steps = api.preview(procedure, "2026-02-12 10:00")["steps"]
	assert [(row["unit"], row["duty"]) for row in steps] == [
		("H98.40.01", "Reception"),
		("H98.40", "Appraisal"),
		("H98.40.01", "Return"),
	]
	assert steps[0]["opens"] == "2026-02-12T10:00:00+07:00"
	assert steps[0]["due"] == steps[1]["opens"] == "2026-02-12T16:00:00+07:00"
	assert steps[1]["due"] == "2026-02-23T10:00:00+07:00"
	assert all(row["due"] <= "2026-02-24T10:00:00+07:00" for row in steps)


@pytest.mark.parametrize(
	("asked", "due", "limit"),
	[
		({}, "2026-03-05T10:00:00+07:00", "3 ngày làm việc"),
		({"channel": "ONLINE"}, "2026-03-02T17:00:00+07:00", "trong ngày làm việc"),
		({"channel": "trực tuyến"}, "2026-03-02T17:00:00+07:00", "trong ngày làm việc"),
		({"case": "phải  xác minh"}, "2026-04-02T10:00:00+07:00", "1 tháng"),
		({"case": "Phải xác minh", "channel": "online"}, "2026-04-02T10:00:00+07:00", "1 tháng"),
	],
)
def test_channel_and_case_choose_the_limit(procedure, asked, due, limit):
	answer = api.preview(procedure, "2026-03-02 10:00", **asked)
	assert (answer["due"], answer["limit"]) == (due, limit)


def test_the_version_of_the_day_of_receipt_is_the_one_that_counts(procedure):
	answer = api.preview(procedure, "2025-12-01 10:00")
	assert (answer["version_no"], answer["limit"]) == (1, "5 ngày làm việc")
	assert answer["rule"].startswith("5 ngày làm việc") and "01/QĐ-THỬ" in answer["rule"]
	assert api.preview(procedure, "2026-01-05 10:00")["version_no"] == 2


def test_a_date_before_the_first_version_is_answered_by_it_and_flagged(procedure):
	answer = api.preview(procedure, "2018-01-10 10:00")
	assert answer["version_no"] == 1
	assert answer["due"] == "2018-01-17T10:00:00+07:00"
	assert answer["flags"] == ["unconfirmed_year", "before_first_version", "units_of_today", "assumed_rules"]
	assert answer["unconfirmed_years"] == [2018]
	assert len(answer["flag_texts"]) == 4


def test_an_unconfirmed_year_is_answered_and_flagged(procedure):
	answer = api.preview(procedure, "2026-12-30 10:00")
	assert answer["due"].startswith("2027-01-0")
	assert answer["flags"] == ["unconfirmed_year"]
	assert "2027" in answer["flag_texts"][0]
	assert any("chưa được xác nhận" in line for line in answer["explanation"])


def test_the_unit_asked_for_receives_and_its_offer_says_who_decides(procedure):
	answer = api.preview(procedure, "2026-03-02 10:00", unit="H98.41.01")
	assert (answer["unit"], answer["deciding_unit"]) == ("H98.41.01", "H98")
	assert answer["steps"][1]["unit"] == "H98"


def test_the_hours_of_the_receiving_unit_count(procedure):
	frappe.get_doc(
		{
			"doctype": "Working Calendar",
			"calendar_name": "Lịch buổi sáng",
			"scope": "Unit",
			"windows": [row for row in OFFICE if row["from_time"] == "07:00:00"],
		}
	).insert()
	unit = frappe.get_doc("Administrative Unit", "H98.41.01")
	unit.working_calendar = "Lịch buổi sáng"
	unit.save()
	answer = api.preview(procedure, "2026-03-02 15:00", unit="H98.41.01")
	assert answer["due"] == "2026-03-05T11:30:00+07:00"


def test_the_local_code_and_an_offset_are_understood(procedure):
	answer = api.preview("9.980001.H98", "2026-02-12T03:00:00+00:00")
	assert (answer["procedure"], answer["received"]) == (procedure, "2026-02-12T10:00:00+07:00")


def test_a_procedure_that_nobody_receives_yet_is_answered_and_flagged(procedure):
	doc = frappe.get_doc("Administrative Procedure", procedure)
	doc.offers = []
	doc.save()
	answer = api.preview(procedure, "2026-02-12 10:00")
	assert answer["due"] == "2026-02-24T10:00:00+07:00"
	assert "no_receiving_unit" in answer["flags"]


@pytest.mark.parametrize(
	("asked", "words"),
	[
		({"procedure": "9.999999"}, "9.999999"),
		({"procedure": ""}, "—"),
		({"received": "hôm qua"}, "hôm qua"),
		({"received": "2026-02-30 10:00"}, "2026-02-30"),
		({"received": "1066-10-14 09:00"}, "1066"),
		({"channel": "bồ câu"}, "bồ câu"),
		({"case": "lưu động"}, "Phải xác minh"),
		({"unit": "H98.40"}, r"H98\.40\.01"),
		({"unit": "H99.77"}, r"H99\.77"),
	],
)
def test_a_question_without_meaning_is_refused_and_says_what_may_be(procedure, asked, words):
	facts = {"procedure": procedure, "received": "2026-02-12 10:00", **asked}
	with pytest.raises(DeadlineRefused, match=words):
		api.preview(**facts)


def test_a_procedure_without_an_approved_version_has_no_due_date(procedure):
	frappe.get_doc(
		{
			"doctype": "Administrative Procedure",
			"procedure_code": "9.980002",
			"procedure_name": "Chưa có phiên bản",
			"field": "Lĩnh vực thử hạn",
			"level": "Commune",
			"subject_citizen": 1,
		}
	).insert()
	with pytest.raises(NoVersionInForce):
		api.preview("9.980002", "2026-02-12 10:00")


def test_only_who_may_read_procedures_may_ask(procedure):
	frappe.set_user("Guest")
	with pytest.raises(frappe.PermissionError):
		api.preview(procedure, "2026-02-12 10:00")


@pytest.mark.parametrize(
	"asked",
	[
		{"received": "2026-02-12 10:00"},
		{"received": "2026-01-09 15:01", "channel": "online"},
		{"received": "2018-01-10 10:00", "case": "Phải xác minh"},
		{"received": "2026-12-30 16:00", "unit": "H98.41.01"},
	],
)
def test_the_command_and_the_endpoint_give_the_same_answer(command, asked):
	words = [word for key, value in asked.items() for word in (f"--{key}", value)]
	done = command("--procedure", "9.980001", *words, "--json")
	assert done.exit_code == 0, done.output
	assert json.loads(done.output) == api.preview("9.980001", **asked)


def test_the_command_reads_well_in_vietnamese(command):
	done = command("--procedure", "9.980001", "--received", "2026-02-12 10:00")
	assert done.exit_code == 0, done.output
	for words in (
		"Xác nhận thử hạn",
		"10:00 Thứ Ba 24/02/2026",
		"Thứ Hai 16/02/2026: không tính, nghỉ lễ",
		"2. Thẩm định (Thẩm định · Phường thử hạn)",
		"16:00 Thứ Năm 12/02/2026 → 10:00 Thứ Hai 23/02/2026",
		"phiên bản 2, quyết định 02/QĐ-THỬ, hiệu lực từ 01/01/2026",
	):
		assert words in done.output
	assert not [word for word in ("Due", "Steps", "Rule", "version") if word in done.output]


def test_the_command_names_what_is_wrong_and_fails(command):
	done = command("--procedure", "9.999999", "--received", "2026-02-12 10:00")
	assert (done.exit_code, "9.999999" in done.output) == (1, True)
	assert command("--received", "2026-02-12 10:00").exit_code == 2


def test_who_reads_english_is_answered_in_english(procedure, monkeypatch):
	monkeypatch.setattr(frappe.local, "lang", "en")
	answer = api.preview(procedure, "2026-12-30 10:00")
	assert answer["limit"] == "3 working days"
	assert "day of receipt, not counted" in answer["explanation"][0]
	assert answer["rule"].startswith("3 working days, version 2, decision")


def test_the_rules_of_the_day_of_receipt_are_the_ones_used(procedure):
	settings = frappe.get_doc("One-Stop Settings")
	for rule, value in (("due_time", "end_of_day"), ("cutoff", "10:00")):
		settings.append(
			"rules", {"rule": rule, "value": value, "effective_from": "2026-03-10", "article": "thử"}
		)
	settings.save()
	assert api.preview(procedure, "2026-03-09 10:30")["due"] == "2026-03-12T10:30:00+07:00"
	answer = api.preview(procedure, "2026-03-10 10:30")
	assert answer["due"] == "2026-03-13T17:00:00+07:00"
	assert any("cuối ngày làm việc (thử, từ 10/03/2026)" in line for line in answer["rules"])
	assert api.preview(procedure, "2026-03-09 10:30", "online")["due"] == "2026-03-09T17:00:00+07:00"
	assert api.preview(procedure, "2026-03-10 10:30", "online")["due"] == "2026-03-11T17:00:00+07:00"
