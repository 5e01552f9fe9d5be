"""Answers to an electronic form are judged alike in the browser and on the server."""

import json
import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from one_stop.procedures import eform
from one_stop.procedures.findings import Severity

ROOT = Path(__file__).parents[2]
FORM = [
	{"fieldname": "phan_mot", "label": "Phần một", "field_type": "Heading"},
	{
		"fieldname": "married",
		"label": "Kết hôn",
		"field_type": "Select",
		"options": "Có\nKhông",
		"required": 1,
	},
	{
		"fieldname": "spouse",
		"label": "Vợ hoặc chồng",
		"field_type": "Text",
		"required": 1,
		"shown_when": 'married == "Có"',
	},
	{
		"fieldname": "spouse_phone",
		"label": "Điện thoại",
		"field_type": "Phone",
		"shown_when": "spouse",
	},
	{"fieldname": "agree", "label": "Đồng ý", "field_type": "Checkbox", "required": 1},
]


def field(kind: str = "Text", **values) -> dict:
	return {"fieldname": "a", "label": "A", "field_type": kind, **values}


def problems(answers: dict) -> set[str]:
	return {problem.fieldname for problem in eform.check_answers(FORM, answers).problems}


def test_a_full_form_has_no_problem():
	checked = eform.check_answers(FORM, {"married": "Có", "spouse": " Mẫu 01 ", "agree": 1})
	assert checked.problems == []
	assert checked.answers == {"married": "Có", "spouse": "Mẫu 01", "agree": 1}


def test_what_is_required_is_asked_for_only_where_it_is_shown():
	assert problems({"agree": 1}) == {"married"}
	assert problems({"married": "Có", "agree": 1}) == {"spouse"}
	assert problems({"married": "Không", "agree": 1}) == set()
	assert problems({"married": "Không"}) == {"agree"}


def test_answers_to_hidden_and_unknown_fields_are_dropped():
	given = {"married": "Không", "spouse": "ai đó", "spouse_phone": "x", "agree": "1", "is_admin": 1}
	checked = eform.check_answers(FORM, given)
	assert checked.problems == [] and checked.answers == {"married": "Không", "agree": 1}


def test_a_field_that_depends_on_a_hidden_field_is_hidden_too():
	shown = eform.shown_fields(FORM, {"married": "Không", "spouse": "ai đó"})
	assert not shown["spouse"] and not shown["spouse_phone"]


def test_a_problem_names_its_field_as_people_read_it():
	(problem,) = eform.check_answers(FORM, {"married": "Chưa", "agree": 1}).problems
	assert (problem.label, problem.message) == ("Kết hôn", "Please choose one of the options.")


@pytest.mark.parametrize(
	("kind", "good", "bad"),
	[
		("Phone", ["0905 123 456", "+84.905.123.456", "02363822333"], ["905123456", "0905", "abc"]),
		("Email", ["a@b.vn"], ["a@b", "a b@c.vn", "@b.vn"]),
		("ID Number", ["0" * 12, "1" * 9, "B1234567"], ["12345678", "0" * 11, "BB123456"]),
		("Number", ["3", "-2.5", 0], ["3,5", "ba", "1e5", "."]),
		("Date", ["2026-02-28", "2024-02-29"], ["2026-02-29", "28/02/2026", "2026-2-28", "0000-01-01"]),
		("Checkbox", [1, "1", True], []),
	],
)
def test_kinds_of_answers(kind: str, good: list, bad: list):
	assert [eform.message_for(field(kind), value) for value in good] == [""] * len(good)
	assert all(eform.message_for(field(kind), value) for value in bad)


def test_the_administrators_own_words_explain_a_pattern():
	row = field(pattern="^[0-9]{4}$", pattern_message="Năm gồm 4 chữ số.")
	assert eform.message_for(row, "199") == "Năm gồm 4 chữ số."
	assert eform.message_for(row, "1990") == ""
	assert eform.message_for(field(pattern="[0-9]+"), "x") == "This is not written in the expected form."


def test_an_unusable_pattern_stops_no_applicant():
	assert eform.message_for(field(pattern="("), "x") == ""


def test_answers_have_a_length():
	assert eform.message_for(field(), "x" * 1001) == "This is too long."
	assert eform.message_for(field("Long Text"), "x" * 10_000) == ""


SLOW = ["(a+)+", "(a*)*b", "(a|a)*", "([a-z]+)*", "(x+x+)+y", "((a{1,9})b?){2,}", "(a|ab)+c", "(?:a?){20}"]
UNLIKE = [r"\Aab", r"a\Z", r"(a)\1", "(?i)a", "(?P<n>a)", "(?<=a)b", "a*+", "[]a]", r"\p{L}", "(?=a)b"]
GOOD = [
	"^[0-9]{12}$",
	"^(19|20)[0-9]{2}$",
	r"\d{2}/\d{4}",
	"[A-Z]{2}-?[0-9]+",
	"(ab){3}",
	r"[^\]]+",
	"a|b",
	"a*?b",
]


@pytest.mark.parametrize("pattern", SLOW + UNLIKE + ["(", "a{2,1}", "*", "x" * 201])
def test_patterns_that_could_take_for_ever_or_are_read_differently_are_refused(pattern: str):
	with pytest.raises(eform.PatternError):
		eform.read_pattern(pattern)
	(finding,) = eform.check_form([field(pattern=pattern)])
	assert (finding.code, finding.severity) == ("pattern:a", Severity.ERROR)
	assert "“A”" in str(finding)


@pytest.mark.parametrize("pattern", GOOD)
def test_ordinary_patterns_are_taken(pattern: str):
	assert eform.read_pattern(pattern)


@settings(
	max_examples=2000,
	deadline=None,
	phases=[Phase.generate],
	suppress_health_check=[HealthCheck.filter_too_much],
)
@given(st.text("ab(|)*+?{}1,2", max_size=14))
def test_no_accepted_pattern_is_kept_busy_by_a_text(pattern: str):
	try:
		accepted = eform.read_pattern(pattern)
	except eform.PatternError:
		return
	started = time.perf_counter()
	for text in ("a" * 200 + "!", "ab" * 100 + "!"):
		accepted.fullmatch(text)
	assert time.perf_counter() - started < 1


def test_a_sound_form_has_no_finding():
	assert eform.check_form(FORM) == []


@pytest.mark.parametrize(
	("rows", "code", "severity"),
	[
		([field(shown_when="nobody == 1")], "condition-missing-field:a:nobody", Severity.ERROR),
		([field(shown_when="b ==")], "condition-unreadable:a", Severity.ERROR),
		([field("Select", options="Một")], "too-few-options:a", Severity.ERROR),
		([field("Select", options="Một\nMột")], "repeated-option:a", Severity.WARNING),
		([field(shown_when="a")], "circular-condition:a", Severity.ERROR),
		(
			[*FORM, field(shown_when='married == "Rồi"')],
			"condition-unknown-choice:a:married",
			Severity.WARNING,
		),
		([*FORM, field(shown_when="phan_mot")], "condition-missing-field:a:phan_mot", Severity.ERROR),
	],
)
def test_a_form_that_cannot_work_is_found(rows: list, code: str, severity: Severity):
	assert [(f.code, f.severity) for f in eform.check_form(rows)] == [(code, severity)]


def test_questions_that_wait_for_each_other_are_all_named_and_all_asked():
	rows = [field(shown_when="b"), {**field(shown_when="a"), "fieldname": "b"}]
	assert [f.code for f in eform.check_form(rows)] == ["circular-condition:a", "circular-condition:b"]
	assert any(eform.shown_fields(rows, {"a": 1, "b": 1}).values())


# What the browser says

SCRIPT = """
import { message_for, shown_fields } from %s;
let text = "";
for await (const part of process.stdin) text += part;
const answers = JSON.parse(text).map(({ fields, values }) => {
	const shown = shown_fields(fields, values);
	return fields.map((field) => [
		shown.get(field.fieldname),
		field.field_type === "Heading" ? "" : message_for(field, values[field.fieldname] ?? null),
	]);
});
console.log(JSON.stringify(answers));
"""
NAMES = ["a", "b", "c"]
VALUES = st.one_of(
	st.none(),
	st.booleans(),
	st.integers(-5, 2030),
	st.sampled_from(
		["", " ", "x", "Một", "0905123456", "a@b.vn", "2026-02-29", "2026-02-28", "12.5", "0", "false"]
	),
	st.text("0123456789 .-abc@\u00a0", max_size=13),
)
CONDITIONS = st.sampled_from(
	[
		"",
		"",
		"a",
		"not b",
		'c == "Một"',
		"a or b",
		"b != 3",
		'c in ["x", "Một"]',
		"a > 10",
		"((",
		"zzz",
		"b and c",
	]
)
FIELDS = st.builds(
	lambda kind, required, condition, pattern: {
		"label": "A",
		"field_type": kind,
		"required": required,
		"options": " Một \nHai\n\nx",
		"shown_when": condition,
		"pattern": pattern,
	},
	st.sampled_from(
		[
			"Text",
			"Long Text",
			"Number",
			"Date",
			"Select",
			"Checkbox",
			"Phone",
			"Email",
			"ID Number",
			"Heading",
		]
	),
	st.sampled_from([0, 1, "1"]),
	CONDITIONS,
	st.sampled_from(["", "", "[0-9]+", "^x$", "("]),
)


def test_browser_and_server_judge_alike(tmp_path: Path):
	node = shutil.which("node")
	if not node:
		pytest.skip("node is not installed")
	cases: list[dict] = []

	@settings(max_examples=2000, deadline=None, database=None, phases=[Phase.generate])
	@given(st.lists(FIELDS, min_size=3, max_size=3), st.fixed_dictionaries({name: VALUES for name in NAMES}))
	def collect(rows: list[dict], values: dict) -> None:
		fields = [{**row, "fieldname": name} for row, name in zip(rows, NAMES, strict=True)]
		cases.append({"fields": fields, "values": values})

	collect()
	copy = tmp_path / "eform.mjs"
	copy.write_text((ROOT / "apps/one_stop/public/js/eform.js").read_text())
	done = subprocess.run(
		[node, "--input-type=module", "-e", SCRIPT % json.dumps(copy.as_uri())],
		input=json.dumps(cases),
		capture_output=True,
		text=True,
		timeout=120,
	)
	assert done.returncode == 0, done.stderr
	answers = json.loads(done.stdout)
	assert len(answers) == len(cases) >= 1000
	for case, answer in zip(cases, answers, strict=True):
		shown = eform.shown_fields(case["fields"], case["values"])
		expected = [
			[
				shown[row["fieldname"]],
				""
				if row["field_type"] == "Heading"
				else eform.message_for(row, case["values"][row["fieldname"]]),
			]
			for row in case["fields"]
		]
		assert answer == expected, case


def test_names_of_fields_are_the_browsers():
	assert re.fullmatch(eform.NAME, "ho_ten_2") and not re.fullmatch(eform.NAME, "Họ tên")
