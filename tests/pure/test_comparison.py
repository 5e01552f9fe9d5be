"""The difference of two versions names what was added, removed and changed, and nothing else."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from one_stop.procedures.comparison import Change, differences, row_title

PROCEDURES = sorted((Path(__file__).parents[2] / "fixtures/procedures").glob("*.json"))


def summary(changes: list[Change]) -> list[tuple]:
	return [(change.kind, change.table, change.fieldname, change.before, change.after) for change in changes]


@pytest.mark.parametrize("path", PROCEDURES, ids=lambda path: path.stem)
def test_a_version_does_not_differ_from_itself(path):
	for version in json.loads(path.read_text())["versions"]:
		assert differences(version, version) == []


def test_own_fields():
	assert summary(differences({"cutoff": "15:00"}, {"cutoff": "16:00", "due_time": "End of Day"})) == [
		("changed", "", "cutoff", "15:00", "16:00"),
		("changed", "", "due_time", None, "End of Day"),
	]


def test_rows_are_known_by_their_key_wherever_they_stand():
	one = {"step_key": "1", "title": "Nhận"}
	two = {"step_key": "2", "title": "Xét", "duration": 2}
	three = {"step_key": "3", "title": "Trả"}
	found = differences({"steps": [one, two]}, {"steps": [three, {**two, "duration": 3}, one]})
	assert summary(found) == [
		("added", "steps", "", None, three),
		("changed", "steps", "duration", 2, 3),
	]
	assert summary(differences({"steps": [one, two]}, {"steps": [two]})) == [
		("removed", "steps", "", one, None)
	]


def test_a_code_tells_a_row_that_was_renamed():
	old = {"components": [{"component_code": "GT01", "component_name": "Đơn"}]}
	new = {"components": [{"component_code": "GT01", "component_name": "Đơn đề nghị"}]}
	assert summary(differences(old, new)) == [
		("changed", "components", "component_name", "Đơn", "Đơn đề nghị")
	]


def test_equal_rows_are_counted():
	row = {"fee_name": "Lệ phí"}
	assert summary(differences({"fees": [row]}, {"fees": [row, row]})) == [("added", "fees", "", None, row)]


def test_what_is_left_out_is_not_compared():
	assert differences({"version_no": 1}, {"version_no": 2}, leave_out=("version_no",)) == []


def test_a_row_is_called_by_its_name_and_choices():
	assert row_title("limits", {"case_name": "Khó", "channel": "Post"}, str.upper) == "KHÓ, POST"
	assert row_title("limits", {}) == ""


ROWS = st.lists(
	st.fixed_dictionaries({"step_key": st.sampled_from("abcdef"), "title": st.sampled_from("xyz")}),
	max_size=6,
	unique_by=lambda row: row["step_key"],
)


@settings(max_examples=2000, deadline=None)
@given(ROWS, ROWS)
def test_the_changes_lead_from_one_version_to_the_other(old, new):
	rows = {row["step_key"]: dict(row) for row in old}
	for change in differences({"steps": old}, {"steps": new}):
		key = change.row["step_key"]
		if change.kind == "removed":
			del rows[key]
		elif change.kind == "added":
			rows[key] = dict(change.after)
		else:
			rows[key][change.fieldname] = change.after
	assert rows == {row["step_key"]: row for row in new}
