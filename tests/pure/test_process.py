"""The checks of a process graph say what an administrator has to know before it is approved."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from one_stop.dossiers.clock import ClockEffect, Limit, LimitKind
from one_stop.organization.calendar import CalendarError, ClockRules, Duration
from one_stop.procedures import process
from one_stop.procedures.findings import Severity
from one_stop.procedures.process import Step, applicable, check_process, circles, critical_path, without

RULES = ClockRules()


def step(key: str, after: str = "", hours: float = 1, **values) -> Step:
	given = {"title": f"Bước {key}", "duty": "Appraisal", **values}
	unit = given.pop("duration_unit", "Working Hour")
	return Step(
		key=key,
		after=process.predecessors(after),
		duration=Duration(hours, unit) if hours else None,
		**given,
	)


def reception(key: str = "1", **values) -> Step:
	return step(key, kind="Reception", duty="Reception", unit_rule="Receiving Unit", **values)


def giving_back(key: str, after: str, **values) -> Step:
	return step(key, after, kind="Return", duty="Return", unit_rule="Receiving Unit", **values)


def codes(steps: list[Step]) -> dict[str, Severity]:
	return {finding.code: finding.severity for finding in check_process(steps)}


def days(value: float, case: str = "", channel: str = "", unit: str = "Working Day") -> Limit:
	return Limit(LimitKind.FIXED, Duration(value, unit), case, channel)


GOOD = [reception(), step("2", "1"), step("3", "1"), giving_back("4", "2, 3")]


def test_a_process_with_a_branch_and_a_join_is_in_order():
	assert check_process(GOOD) == []


def test_an_empty_process_is_an_error():
	assert codes([]) == {"no-steps": Severity.ERROR}


def test_what_goes_along_to_a_part_is_read_line_by_line():
	text = "ho_ten = child_name\n\n Giấy khai sinh = Trích lục khai sinh "
	assert process.carried_over(text) == {"ho_ten": "child_name", "Giấy khai sinh": "Trích lục khai sinh"}
	assert process.carried_over(None) == {}


@pytest.mark.parametrize("line", ["ho_ten", "= child_name", "ho_ten =", "a = b\na = c"])
def test_a_line_that_says_nothing_is_named(line):
	with pytest.raises(process.CarriedOverUnreadable) as refused:
		process.carried_over(line)
	assert refused.value.line == line.splitlines()[-1]


def payment(key: str, after: str) -> Step:
	return step(key, after, hours=0, kind="Payment", duty="", unit_rule="Applicant")


def test_no_payment_comes_right_before_the_return():
	"""It would end the dossier with nothing to hand out."""
	steps = [reception(), step("2", "1"), payment("3", "2"), giving_back("4", "3")]
	assert codes(steps) == {"payment-before-return:3": Severity.ERROR}
	issuing = [*steps[:3], step("4", "3", kind="Issuing"), giving_back("5", "4")]
	assert codes(issuing) == {}
	beside = [*steps[:3], step("4", "2", kind="Issuing"), giving_back("5", "3, 4")]
	assert codes(beside) == {}


def test_a_predecessor_that_does_not_exist_is_named():
	(finding,) = (f for f in check_process([*GOOD[:3], giving_back("4", "2, 3, 9")]))
	assert (finding.code, finding.severity, finding.step_key) == (
		"missing-predecessor:4:9",
		Severity.ERROR,
		"4",
	)
	assert str(finding) == "Step “Bước 4” follows step “9”, which does not exist."


def test_steps_that_wait_for_each_other_are_named_in_order():
	steps = [reception(), step("2", "1, 3"), step("3", "2"), giving_back("4", "3")]
	found = check_process(steps)
	assert [f.code for f in found] == ["circular-steps:2", "unreachable:4"]
	assert "Bước 2 → Bước 3 → Bước 2" in str(found[0])


def test_a_step_that_waits_for_itself_is_a_circle():
	assert "circular-steps:2" in codes([reception(), step("2", "1, 2"), giving_back("3", "2")])


def test_two_circles_are_told_apart():
	steps = [step("1", "2"), step("2", "1"), step("3", "4"), step("4", "3")]
	assert circles(steps) == [["1", "2"], ["3", "4"]]


def test_what_stands_behind_a_circle_can_never_begin():
	steps = [reception(), step("2", "1, 3"), step("3", "2"), step("4", "3"), giving_back("5", "4")]
	found = codes(steps)
	assert {"unreachable:4", "unreachable:5"} <= set(found) and "unreachable:1" not in found


def test_a_process_where_everything_is_followed_has_no_end():
	assert codes([step("1", "2", kind="Reception"), step("2", "1")])["no-end"] is Severity.ERROR


def test_a_process_that_returns_nothing_has_no_end_for_the_applicant():
	assert codes([reception(), step("2", "1")]) == {"no-return": Severity.ERROR}


def test_a_branch_that_joins_nothing_needs_a_reason():
	steps = [reception(), step("2", "1"), step("3", "1"), giving_back("4", "2")]
	assert codes(steps) == {"loose-end:3": Severity.WARNING}


def test_a_process_without_reception_needs_a_reason():
	assert codes([step("1"), giving_back("2", "1")]) == {"no-reception": Severity.WARNING}


def test_a_step_beside_the_reception_needs_a_reason():
	assert codes([reception(), step("2"), giving_back("3", "1, 2")]) == {
		"begins-at-receipt:2": Severity.WARNING
	}


@pytest.mark.parametrize(
	("values", "code"),
	[
		({"kind": "Linked", "duty": ""}, "linked-without-target:2"),
		({"duty": ""}, "step-without-duty:2"),
		({"unit_rule": "Named Unit"}, "step-without-unit:2"),
		({"title": ""}, "untitled:2"),
	],
)
def test_a_step_that_nobody_could_do_is_an_error(values: dict, code: str):
	found = codes([reception(), step("2", "1", **values), giving_back("3", "2")])
	assert found == {code: Severity.ERROR}


def test_a_linked_step_with_its_procedure_and_the_applicants_own_step_need_no_duty():
	steps = [
		reception(),
		step(
			"2",
			"1",
			kind="Linked",
			duty="",
			linked_procedure="1.004194",
			unit_rule="Named Unit",
			unit="H17.31",
		),
		step("3", "1", kind="Payment", duty="", unit_rule="Applicant", clock_effect=ClockEffect.PAUSE),
		giving_back("4", "2, 3"),
	]
	assert codes(steps) == {}


def test_a_pause_while_the_authority_works_needs_a_reason():
	steps = [reception(), step("2", "1", clock_effect=ClockEffect.PAUSE), giving_back("3", "2")]
	assert codes(steps) == {"pause-without-ground:2": Severity.WARNING}


def test_work_without_a_time_needs_a_reason():
	steps = [reception(hours=0), step("2", "1", hours=0), giving_back("3", "2", hours=0)]
	assert codes(steps) == {"no-time:2": Severity.WARNING}


def test_keys_tell_steps_apart():
	assert "duplicate-key:2" in codes([reception(), step("2", "1"), step("2", "1"), giving_back("3", "2")])


def test_codes_of_findings_are_distinct_so_that_reasons_fit():
	steps = [
		step("1", "9"),
		step("2", "9, 8"),
		step("3", kind="Linked", duty=""),
		step("4", kind="Linked", duty=""),
	]
	found = [finding.code for finding in check_process(steps)]
	assert len(found) == len(set(found))


@st.composite
def processes(draw) -> list[Step]:
	"""Steps that follow only earlier ones: never a circle."""
	count = draw(st.integers(2, 12))
	steps = [reception("1")]
	for number in range(2, count):
		before = draw(st.sets(st.integers(1, number - 1), max_size=3))
		steps.append(step(str(number), ", ".join(map(str, sorted(before))), draw(st.integers(0, 16)) / 2))
	followed = {key for one in steps for key in one.after}
	ends = [one.key for one in steps if one.key not in followed]
	return [*steps, giving_back(str(count), ", ".join(ends))]


@settings(max_examples=2000, deadline=None)
@given(processes())
def test_steps_that_follow_only_earlier_ones_have_no_error(steps):
	assert not [f for f in check_process(steps) if f.severity is Severity.ERROR]
	assert circles(steps) == []


@settings(max_examples=2000, deadline=None)
@given(processes(), st.data())
def test_any_way_back_is_found_as_a_circle(steps, data):
	later = data.draw(st.sampled_from(steps[1:]))
	ancestors: set[str] = set()
	waiting = list(later.after)
	by_key = {one.key: one for one in steps}
	while waiting:
		key = waiting.pop()
		if key not in ancestors:
			ancestors.add(key)
			waiting += by_key[key].after
	if not ancestors:
		return
	earlier = data.draw(st.sampled_from(sorted(ancestors)))
	closed = [
		process.replace(one, after=(*one.after, later.key)) if one.key == earlier else one for one in steps
	]
	groups = circles(closed)
	assert any({earlier, later.key} <= set(group) for group in groups)
	assert any(f.code.startswith("circular-steps") for f in check_process(closed))


@settings(max_examples=2000, deadline=None)
@given(processes(), st.data())
def test_without_some_steps_the_others_keep_their_order(steps, data):
	dropped = data.draw(st.sets(st.sampled_from([one.key for one in steps[1:-1]] or ["none"])))
	left = without(steps, dropped)
	keys = {one.key for one in left}
	assert keys == {one.key for one in steps} - dropped
	before, after = order_of(steps), order_of(left)
	for one in keys:
		assert after[one] == before[one] & keys, "what came before still does, and nothing else"


def order_of(steps: list[Step]) -> dict[str, set[str]]:
	"""For each key all keys before it, directly or not."""
	found: dict[str, set[str]] = {}
	for one in steps:
		found[one.key] = set(one.after).union(*(found[key] for key in one.after))
	return found


def test_a_conditional_step_is_left_out_and_its_followers_follow_what_it_followed():
	steps = [reception(), step("2", "1", condition='noi == "xa"'), giving_back("3", "2")]
	assert [one.key for one in applicable(steps, answers={"noi": "gan"})] == ["1", "3"]
	assert applicable(steps, answers={"noi": "gan"})[1].after == ("1",)
	assert [one.key for one in applicable(steps, answers={"noi": "xa"})] == ["1", "2", "3"]


def test_a_step_that_depends_on_answers_is_in_as_long_as_they_are_not_known():
	steps = [reception(), step("2", "1", condition="xa_xoi"), giving_back("3", "2")]
	assert len(applicable(steps)) == 3
	assert len(applicable(steps, answers={})) == 2


def test_case_and_channel_decide_even_without_answers():
	steps = [
		reception(),
		step("2", "1", condition='case_name == "Phải xác minh"'),
		step("3", "1", condition='channel == "Post"'),
		giving_back("4", "2, 3"),
	]
	assert [one.key for one in applicable(steps, channel="Counter")] == ["1", "4"]
	assert [one.key for one in applicable(steps, case="Phải xác minh", channel="Post")] == [
		"1",
		"2",
		"3",
		"4",
	]


def test_an_unreadable_condition_leaves_the_step_in():
	assert len(applicable([reception(), step("2", "1", condition="==")], answers={})) == 2


def test_conditions_of_steps_may_ask_for_the_form_the_case_and_the_channel():
	steps = [step("2", condition='a == "x" and case_name == "Xa" and channel == "Post"')]
	assert process.check_conditions(steps, ["", "Xa"], {"a": ["x", "y"]}) == []


@pytest.mark.parametrize(
	("condition", "code", "severity"),
	[
		("b == 1", "condition-missing-field:step:2:b", Severity.ERROR),
		("a ==", "condition-unreadable:step:2", Severity.ERROR),
		('a == "z"', "condition-unknown-choice:step:2:a", Severity.WARNING),
		('case_name in ["Gan"]', "condition-unknown-choice:step:2:case_name", Severity.WARNING),
		('channel == "Web"', "condition-unknown-choice:step:2:channel", Severity.WARNING),
	],
)
def test_a_condition_that_cannot_hold_is_found(condition: str, code: str, severity: Severity):
	(finding,) = process.check_conditions([step("2", condition=condition)], ["", "Xa"], {"a": ["x", "y"]})
	assert (finding.code, finding.severity, finding.step_key) == (code, severity, "2")


def test_steps_of_just_the_limit_fit_into_it():
	steps = [reception(hours=8), step("2", "1", hours=14), giving_back("3", "2", hours=2)]
	assert critical_path(steps, [days(3)], RULES).exceeded == ()
	assert critical_path(steps, [days(2)], RULES).exceeded == (days(2),)


def test_eight_hours_of_steps_fit_into_the_same_day_and_not_a_minute_more():
	same_day = Limit(LimitKind.SAME_DAY)
	fits = [reception(hours=1), step("2", "1", hours=6), giving_back("3", "2", hours=1)]
	longer = [*fits[:2], giving_back("3", "2", hours=1.02)]
	assert critical_path(fits, [same_day], RULES).exceeded == ()
	assert critical_path(longer, [same_day], RULES).exceeded == (same_day,)


def test_parallel_branches_take_as_long_as_the_longest():
	steps = [
		reception(hours=8),
		step("2", "1", 2, duration_unit="Working Day"),
		step("3", "1", 1, duration_unit="Working Day"),
		giving_back("4", "2, 3", hours=0),
	]
	found = critical_path(steps, [days(3)], RULES)
	assert found.exceeded == ()
	assert found.keys[:2] == ("1", "2")


def test_each_case_and_channel_is_held_against_its_own_limit_and_steps():
	steps = [
		reception(hours=1),
		step("2", "1", 40, condition='case_name == "Khó"'),
		giving_back("3", "2", hours=1),
	]
	limits = [days(1), days(3, "Khó"), days(6, "Khó", "Post")]
	assert critical_path(steps, limits, RULES).exceeded == (days(3, "Khó"),)


def test_a_pause_takes_no_time_of_the_limit():
	waiting = step(
		"2", "1", 30, duration_unit="Calendar Day", unit_rule="Applicant", clock_effect=ClockEffect.PAUSE
	)
	steps = [reception(hours=4), waiting, giving_back("3", "2", hours=4)]
	assert critical_path(steps, [days(1)], RULES).exceeded == ()


def test_calendar_days_hold_fewer_working_days():
	steps = [
		reception(hours=0),
		step("2", "1", 11, duration_unit="Working Day"),
		giving_back("3", "2", hours=0),
	]
	assert critical_path(steps, [days(15, unit="Calendar Day")], RULES).exceeded == ()
	longer = [steps[0], step("2", "1", 12, duration_unit="Working Day"), steps[2]]
	assert critical_path(longer, [days(15, unit="Calendar Day")], RULES).exceeded


def test_a_process_beyond_any_calendar_is_longer_than_its_limit():
	steps = [reception(), step("2", "1", 99_999, duration_unit="Working Day"), giving_back("3", "2")]
	assert critical_path(steps, [days(3)], RULES).exceeded == (days(3),)


def test_a_circle_has_no_longest_way():
	assert critical_path([step("1", "2"), step("2", "1")], [days(3)], RULES) == process.CriticalPath()


def test_the_longest_way_is_said_in_words():
	steps = [
		reception(hours=4),
		step("2", "1", 1.5, duration_unit="Working Day"),
		giving_back("3", "2", hours=0),
	]
	assert process.total_text(steps, ["1", "2", "3"]) == "2 ngày làm việc"
	assert process.total_text(steps, ["1"]) == "4 giờ làm việc"
	mixed = [*steps, step("4", "2", 3, duration_unit="Calendar Day")]
	assert process.total_text(mixed, ["1", "2", "4"], "en") == "2 working days + 3 calendar days"


def test_a_duration_below_zero_is_refused():
	with pytest.raises(CalendarError):
		process.step_of({"step_key": "1", "duration": -1})
