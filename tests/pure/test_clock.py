"""How the clock replays a dossier: pauses, steps, corrections, and what it refuses."""

import json
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_calendar import RULES, at, days, event, hours, office

from one_stop.dossiers import clock as clock_module
from one_stop.dossiers.clock import (
	ClockEffect,
	ClockState,
	EventKind,
	Flag,
	Limit,
	LimitKind,
	Outcome,
	StepStatus,
	StepTerms,
	Terms,
	compute,
	flag_text,
	order_steps,
	plan,
	remaining_text,
)
from one_stop.organization.calendar import DueTime, SupplementClock, explanation_text

CALENDAR = office()
STEPS = (
	StepTerms("1", "Tiếp nhận", hours(4), duty="Reception"),
	StepTerms("2", "Thẩm định", days(2), ("1",), duty="Appraisal"),
	StepTerms("3", "Lấy ý kiến", days(1), ("1",), unit="phong", duty="Appraisal"),
	StepTerms("4", "Ký", hours(4), ("2", "3"), duty="Approval"),
	StepTerms("5", "Trả kết quả", hours(0), ("4",), duty="Return"),
)
TERMS = Terms((Limit(LimitKind.FIXED, days(5)),), STEPS, version="PV-1")
RECEIVED = event("received", at(3, 2, "10:00"), id=1)  # due Monday 9 March, 10:00


def clock(*events, terms=TERMS, now=None, rules=RULES, **options):
	return compute(events, terms, CALENDAR, rules, now or max(e.at for e in events), **options)


def steps_of(result):
	return {step.key: step for step in result.steps}


# Before and while it runs


def test_before_receipt_nothing_runs():
	result = clock(event("registered", at(3, 2, "08:00")))
	assert result.state is ClockState.NOT_STARTED
	assert (result.due, result.by_timestamp, result.by_date, result.steps) == (None, None, None, ())
	assert result.urgency == "none"


def test_a_dossier_refused_at_intake_ends_without_an_outcome():
	result = clock(event("registered", at(3, 2, "08:00")), event("refused", at(3, 2, "09:00")))
	assert (result.state, result.by_timestamp, result.end_kind) == (ClockState.ENDED, None, EventKind.REFUSED)


def test_remaining_and_exceeded_time_are_working_minutes():
	assert clock(RECEIVED).remaining_minutes == 5 * 480
	assert clock(RECEIVED, now=at(3, 6, "17:00")).remaining_minutes == 180
	late = clock(RECEIVED, now=at(3, 10, "10:00"))
	assert (late.remaining_minutes, late.exceeded_minutes, late.remaining) == (0, 480, -480)
	assert (late.by_timestamp, late.by_date, late.urgency) == (Outcome.OVERDUE, Outcome.OVERDUE, "late")
	same_date = clock(RECEIVED, now=at(3, 9, "10:01"))
	assert (same_date.by_timestamp, same_date.by_date) == (Outcome.OVERDUE, Outcome.IN_TIME)


def test_urgency_turns_soon_a_day_ahead():
	assert clock(RECEIVED, now=at(3, 8, "09:59")).urgency == "ok"
	assert clock(RECEIVED, now=at(3, 8, "10:00")).urgency == "soon"
	assert clock(RECEIVED, now=at(3, 9, "10:00")).urgency == "soon"
	assert clock(RECEIVED, now=at(3, 9, "10:01")).urgency == "late"


def test_the_most_specific_limit_is_taken():
	terms = Terms(
		(
			Limit(LimitKind.FIXED, days(5)),
			Limit(LimitKind.FIXED, days(4), channel="Online"),
			Limit(LimitKind.FIXED, days(10), case="Đặc biệt"),
			Limit(LimitKind.FIXED, days(8), case="Đặc biệt", channel="Online"),
		)
	)
	found = {
		(case, channel): plan(at(3, 2, "10:00"), terms, CALENDAR, RULES, channel, case).limit.duration.whole
		for case in ("", "Đặc biệt", "Khác")
		for channel in ("Counter", "Online")
	}
	assert found == {
		("", "Counter"): 5,
		("", "Online"): 4,
		("Đặc biệt", "Counter"): 10,
		("Đặc biệt", "Online"): 8,
		("Khác", "Counter"): 5,
		("Khác", "Online"): 4,
	}


def test_the_version_overrides_the_dated_rules():
	terms = replace(TERMS, due_time=DueTime.END_OF_DAY)
	assert plan(at(3, 2, "10:00"), terms, CALENDAR, RULES).due == at(3, 9, "17:00")
	assert clock(RECEIVED, terms=terms).due == at(3, 9, "17:00")


def test_preview_and_clock_agree_on_the_due_date_and_on_every_step():
	planned = plan(at(3, 2, "10:00"), TERMS, CALENDAR, RULES)
	running = clock(RECEIVED)
	assert planned.due == running.due == running.original_due
	for step in planned.steps[:4]:
		assert (steps_of(running)[step.key].opens, steps_of(running)[step.key].due) == (step.opens, step.due)


# Pauses


def test_two_pauses_at_once_count_once():
	result = clock(
		RECEIVED,
		event("obligation_ordered", at(3, 3, "10:00")),
		event("paused", at(3, 3, "14:00"), cause="vi phạm"),
		event("obligation_paid", at(3, 4, "10:00")),
		event("resumed", at(3, 5, "10:00"), cause="vi phạm"),
	)
	assert [(p.start, p.end, p.minutes) for p in result.pauses] == [
		(at(3, 3, "10:00"), at(3, 5, "10:00"), 960)
	]
	assert result.due == at(3, 11, "10:00")


def test_a_restart_inside_another_pause_moves_the_new_date_only_by_what_follows():
	result = clock(
		RECEIVED,
		event("obligation_ordered", at(3, 3, "10:00")),
		event("supplement_requested", at(3, 3, "11:00"), stage="appraisal"),
		event("supplement_received", at(3, 5, "10:00")),
		event("obligation_paid", at(3, 6, "10:00")),
	)
	assert result.due == at(3, 13, "10:00")  # from 5 March 12 March, and one day more


def test_the_end_of_day_policy_holds_after_a_pause():
	terms = replace(TERMS, due_time=DueTime.END_OF_DAY)
	result = clock(
		RECEIVED,
		event("obligation_ordered", at(3, 3, "10:00")),
		event("obligation_paid", at(3, 3, "11:00")),
		terms=terms,
	)
	assert result.due == at(3, 10, "17:00")


def test_a_pause_over_days_off_moves_nothing():
	result = clock(
		RECEIVED,
		event("obligation_ordered", at(3, 6, "17:00")),
		event("obligation_paid", at(3, 9, "07:00")),
	)
	assert result.due == at(3, 9, "10:00")
	assert result.pauses[0].minutes == 0


def test_withdrawing_while_paused_closes_the_pause():
	result = clock(
		RECEIVED,
		event("obligation_ordered", at(3, 4, "10:00")),
		event("withdrawn", at(3, 5, "10:00")),
		now=at(4, 1),
	)
	assert result.state is ClockState.ENDED
	assert (result.pauses[0].end, result.worked_minutes) == (at(3, 5, "10:00"), 2 * 480)


@settings(max_examples=2000, deadline=None)
@given(
	st.lists(st.integers(0, 20000), min_size=2, max_size=8, unique=True),
	st.integers(0, 4000),
)
def test_pauses_and_worked_time_add_up_and_the_due_date_moves_by_the_pauses(offsets, after):
	"""Remaining time is what was left at the start, less the work, however the pauses lie."""
	start = at(3, 2, "10:00")
	marks = [start + timedelta(minutes=m) for m in sorted(offsets)]
	marks = marks[: len(marks) // 2 * 2]
	events = [RECEIVED]
	for begin, end in zip(marks[::2], marks[1::2], strict=True):
		events += [event("obligation_ordered", begin), event("obligation_paid", end)]
	now = marks[-1] + timedelta(minutes=after)
	result = clock(*events, now=now)
	paused = sum(p.minutes for p in result.pauses)
	assert result.worked_minutes + paused == CALENDAR.elapsed(start, now)
	assert result.due == CALENDAR.add_minutes(at(3, 9, "10:00"), paused)
	assert result.remaining == 5 * 480 - result.worked_minutes


# Steps


def test_steps_open_when_all_before_them_have_ended():
	result = clock(
		RECEIVED,
		event("step_completed", at(3, 2, "15:00"), "1"),
		event("step_completed", at(3, 3, "15:00"), "3"),
	)
	steps = steps_of(result)
	assert (steps["1"].status, steps["1"].outcome) == (StepStatus.COMPLETED, Outcome.ON_TIME)
	assert (steps["2"].status, steps["2"].opens) == (StepStatus.OPEN, at(3, 2, "15:00"))
	assert steps["4"].status is StepStatus.WAITING
	assert steps["4"].opens == steps["2"].due == at(3, 4, "15:00")
	both = steps_of(
		clock(
			RECEIVED,
			event("step_completed", at(3, 2, "15:00"), "1"),
			event("step_completed", at(3, 3, "15:00"), "3"),
			event("step_completed", at(3, 4, "16:00"), "2"),
		)
	)
	assert (both["4"].status, both["4"].opens) == (StepStatus.OPEN, at(3, 4, "16:00"))
	assert (both["2"].outcome, both["2"].exceeded_minutes) == (Outcome.LATE, 60)


def test_a_step_finished_on_an_earlier_day_is_early():
	steps = steps_of(
		clock(
			RECEIVED,
			event("step_completed", at(3, 2, "11:00"), "1"),
			event("step_completed", at(3, 3, "09:00"), "2"),
		)
	)
	assert steps["2"].outcome is Outcome.EARLY
	assert steps["2"].remaining_minutes == 480 + 120


def test_a_late_step_keeps_those_behind_it_waiting():
	steps = steps_of(clock(RECEIVED, now=at(3, 5, "09:00")))
	assert steps["1"].outcome is Outcome.OVERDUE
	assert steps["2"].opens == at(3, 5, "09:00")


def test_a_pause_moves_an_open_step_and_not_a_completed_one():
	steps = steps_of(
		clock(
			RECEIVED,
			event("step_completed", at(3, 2, "15:00"), "1"),
			event("obligation_ordered", at(3, 3, "10:00")),
			event("obligation_paid", at(3, 4, "10:00")),
		)
	)
	assert steps["1"].due == at(3, 2, "16:00")
	assert steps["2"].due == at(3, 5, "15:00")


def test_an_open_step_starts_again_with_the_limit():
	steps = steps_of(
		clock(
			RECEIVED,
			event("step_completed", at(3, 2, "15:00"), "1"),
			event("supplement_requested", at(3, 3, "10:00"), stage="appraisal"),
			event("supplement_received", at(3, 10, "09:00")),
		)
	)
	assert (steps["2"].opens, steps["2"].due) == (at(3, 2, "15:00"), at(3, 12, "09:00"))
	assert steps["1"].due == at(3, 2, "16:00")


def test_sending_back_opens_the_step_again_and_those_after_it_wait():
	result = clock(
		RECEIVED,
		event("step_completed", at(3, 2, "15:00"), "1"),
		event("step_completed", at(3, 3, "15:00"), "3"),
		event("step_completed", at(3, 4, "09:00"), "2"),
		event("sent_back", at(3, 4, "14:00"), "4", to="2"),
	)
	steps = steps_of(result)
	assert (steps["2"].status, steps["2"].round, steps["2"].opens) == (StepStatus.OPEN, 2, at(3, 4, "14:00"))
	assert steps["4"].status is StepStatus.WAITING
	assert steps["3"].status is StepStatus.COMPLETED
	again = steps_of(
		clock(
			RECEIVED,
			event("step_completed", at(3, 2, "15:00"), "1"),
			event("step_completed", at(3, 3, "15:00"), "3"),
			event("step_completed", at(3, 4, "09:00"), "2"),
			event("sent_back", at(3, 4, "14:00"), "4", to="2"),
			event("step_opened", at(3, 4, "14:00"), "2"),
			event("step_completed", at(3, 5, "09:00"), "2"),
		)
	)
	assert (again["4"].status, again["4"].round, again["2"].round) == (StepStatus.OPEN, 2, 2)


def test_a_skipped_step_lets_the_next_one_open():
	steps = steps_of(
		clock(
			RECEIVED,
			event("step_completed", at(3, 2, "15:00"), "1"),
			event("step_skipped", at(3, 2, "15:00"), "3"),
			event("step_completed", at(3, 3, "15:00"), "2"),
		)
	)
	assert (steps["3"].status, steps["3"].outcome) == (StepStatus.SKIPPED, None)
	assert steps["4"].status is StepStatus.OPEN


def test_a_pausing_step_pauses_the_dossier_from_its_opening_to_its_end():
	terms = replace(
		TERMS,
		steps=(
			StepTerms("1", "Tiếp nhận", hours(4)),
			StepTerms("2", "Nộp tiền", days(3), ("1",), clock_effect=ClockEffect.read("Pauses")),
			StepTerms("3", "Ký", hours(4), ("2",)),
		),
	)
	waiting = clock(RECEIVED, event("step_completed", at(3, 3, "10:00"), "1"), terms=terms, now=at(3, 20))
	assert waiting.state is ClockState.PAUSED
	assert steps_of(waiting)["2"].outcome is Outcome.OVERDUE  # its own time passes all the same
	paid = clock(
		RECEIVED,
		event("step_completed", at(3, 3, "10:00"), "1"),
		event("step_completed", at(3, 10, "10:00"), "2"),
		terms=terms,
	)
	assert (paid.state, paid.due) == (ClockState.RUNNING, at(3, 16, "10:00"))
	assert paid.pauses[0].cause == "step:2"
	assert any("một bước không tính" in explanation_text(line) for line in paid.explanation)


def test_a_planned_pause_moves_the_bound_of_the_steps_behind_it():
	steps = (
		StepTerms("1", "", days(2)),
		StepTerms("2", "Nộp tiền", days(30), ("1",), clock_effect=ClockEffect.PAUSE),
		StepTerms("3", "", days(2), ("2",)),
	)
	answer = plan(at(3, 2, "10:00"), replace(TERMS, steps=steps), CALENDAR, RULES)
	assert not any(step.clipped for step in answer.steps)
	assert Flag.STEPS_EXCEED_LIMIT not in answer.flags
	assert answer.due == at(3, 9, "10:00")


def test_after_the_end_open_steps_are_cancelled_and_returning_has_no_deadline():
	stopped = steps_of(clock(RECEIVED, event("stopped", at(3, 3, "10:00"))))
	assert {step.status for step in stopped.values()} == {StepStatus.CANCELLED}
	done = [
		RECEIVED,
		*(event("step_completed", at(3, 3, f"{9 + n:02d}:00"), str(n + 1)) for n in range(3)),
		event("finished", at(3, 4, "09:00")),
		event("step_completed", at(3, 4, "09:00"), "4"),
	]
	last = steps_of(clock(*done, now=at(4, 20)))["5"]
	assert (last.status, last.due, last.outcome) == (StepStatus.OPEN, None, None)


def test_a_step_cut_at_the_legal_due_is_late_after_it():
	terms = replace(TERMS, steps=(StepTerms("1", "", days(9)),))
	done = clock(RECEIVED, event("step_completed", at(3, 10, "10:00"), "1"), terms=terms)
	assert steps_of(done)["1"].clipped
	assert steps_of(done)["1"].outcome is Outcome.LATE


def test_steps_that_wait_for_each_other_are_refused_by_key():
	circle = (
		StepTerms("a", after=("c",)),
		StepTerms("b", after=("a",)),
		StepTerms("c", after=("b",)),
		StepTerms("d"),
	)
	with pytest.raises(clock_module.CircularSteps, match="a, b, c"):
		order_steps(circle)
	with pytest.raises(clock_module.UnknownPredecessor, match="x"):
		order_steps((StepTerms("a", after=("x",)),))
	with pytest.raises(clock_module.DuplicateStep):
		order_steps((StepTerms("a"), StepTerms("a")))


def test_steps_may_be_listed_in_any_order():
	shuffled = replace(TERMS, steps=STEPS[::-1])
	dates = {s.key: (s.opens, s.due) for s in plan(at(3, 2, "10:00"), TERMS, CALENDAR, RULES).steps}
	assert {
		s.key: (s.opens, s.due) for s in plan(at(3, 2, "10:00"), shuffled, CALENDAR, RULES).steps
	} == dates


@st.composite
def processes(draw):
	"""Up to seven steps in any order of listing, each after some of those before it; some run elsewhere."""
	count = draw(st.integers(1, 7))
	steps = []
	for number in range(count):
		before = draw(st.sets(st.integers(0, number - 1), max_size=3)) if number else set()
		unit = draw(st.sampled_from(["hours", "days", None]))
		length = draw(st.integers(0, 12))
		steps.append(
			StepTerms(
				str(number),
				duration=None if unit is None else hours(length) if unit == "hours" else days(length),
				after=tuple(str(key) for key in sorted(before)),
			)
		)
	return tuple(draw(st.permutations(steps)))


@settings(max_examples=2000, deadline=None)
@given(processes(), st.integers(0, 40 * 1440), st.integers(0, 15) | st.none())
def test_of_any_process_preview_and_clock_agree_and_no_step_outlasts_the_limit(steps, offset, limit):
	terms = Terms((Limit(LimitKind.FIXED, days(limit)),) if limit is not None else (), steps)
	start = at(3, 2) + timedelta(minutes=offset)
	planned = plan(start, terms, CALENDAR, RULES, explain=False)
	running = clock(event("received", start), terms=terms, explain=False)
	if limit is not None:
		assert planned.due == running.due == CALENDAR.add(start, days(limit), RULES)
		assert all(step.due <= max(planned.due, start) for step in planned.steps)
		assert any(step.clipped for step in planned.steps) == (Flag.STEPS_EXCEED_LIMIT in planned.flags)
	else:
		assert planned.due == planned.steps_end == max(step.due for step in planned.steps)
	by_key = {step.key: step for step in planned.steps}
	for step in planned.steps:
		before = [by_key[key].due for key in step.after]
		assert step.opens == max(before, default=start) <= step.due
		if step.duration and step.duration.value:
			assert steps_of(running)[step.key].due == step.due
	path = planned.critical_path
	assert all(first in by_key[second].after for first, second in pairwise(path))
	assert by_key[path[0]].after == ()


# Hand-over, corrections, undoing


def test_a_late_hand_over_is_flagged_and_the_first_hour_is_first_thing():
	friday = event("received", at(3, 6, "15:01"))
	assert Flag.LATE_HANDOVER not in clock(friday, event("handed_over", at(3, 9, "08:00"))).flags
	assert Flag.LATE_HANDOVER in clock(friday, event("handed_over", at(3, 9, "08:01"))).flags
	morning = event("received", at(3, 6, "14:59"))
	assert Flag.LATE_HANDOVER not in clock(morning, event("handed_over", at(3, 6, "17:00"))).flags
	assert Flag.LATE_HANDOVER in clock(morning, event("handed_over", at(3, 9, "07:00"))).flags


def test_what_is_undone_never_happened_and_an_undo_can_be_undone():
	order = event("obligation_ordered", at(3, 3, "10:00"), id=2)
	undo = event("undone", at(3, 3, "10:05"), id=3, of=2)
	redo = event("undone", at(3, 3, "10:10"), id=4, of=3)
	assert clock(RECEIVED, order).state is ClockState.PAUSED
	assert clock(RECEIVED, order, undo).state is ClockState.RUNNING
	assert clock(RECEIVED, order, undo, redo).state is ClockState.PAUSED


def test_a_correction_changes_the_event_it_names():
	wrong = clock(RECEIVED, event("corrected", at(3, 3, "09:00"), id=2, of=1, at="2026-03-02T08:15:00"))
	assert (wrong.received, wrong.due) == (at(3, 2, "08:15"), at(3, 9, "08:15"))
	twice = clock(
		RECEIVED,
		event("corrected", at(3, 3, "09:00"), id=2, of=1, at="2026-03-02T08:15:00"),
		event("corrected", at(3, 3, "09:05"), id=3, of=1, at="2026-03-02T09:15:00"),
	)
	assert twice.received == at(3, 2, "09:15")


def test_events_that_have_nothing_to_do_with_time_are_passed_over():
	assert EventKind.known("letter_sent") is EventKind.OTHER
	assert clock(RECEIVED, event("other", at(3, 3)), event("corrected", at(3, 3))).due == at(3, 9, "10:00")


@pytest.mark.parametrize(
	"events",
	[
		[event("obligation_ordered", at(3, 2))],
		[RECEIVED, RECEIVED],
		[RECEIVED, event("obligation_paid", at(3, 3))],
		[RECEIVED, event("supplement_received", at(3, 3))],
		[RECEIVED, *[event("supplement_requested", at(3, 3), stage="appraisal")] * 2],
		[event("supplement_requested", at(3, 3), stage="appraisal")],
		[RECEIVED, event("resumed", at(3, 3))],
		[RECEIVED, event("finished", at(3, 3)), event("stopped", at(3, 4))],
		[RECEIVED, event("finished", at(3, 3)), event("extended", at(3, 4), new_due=at(3, 30))],
		[event("finished", at(3, 3))],
		[event("returned", at(3, 3))],
		[RECEIVED, event("undone", at(3, 3), of=99)],
	],
)
def test_events_that_do_not_fit_the_state_are_refused(events):
	with pytest.raises(clock_module.UnexpectedEvent):
		clock(*events)


def test_events_without_their_facts_are_refused():
	with pytest.raises(clock_module.InvalidEvent, match="new_due"):
		clock(RECEIVED, event("extended", at(3, 3)))
	with pytest.raises(clock_module.InvalidEvent):
		clock(RECEIVED, event("extended", at(3, 3), new_due="thứ Hai"))
	with pytest.raises(clock_module.UnknownStep):
		clock(RECEIVED, event("step_completed", at(3, 3), "99"))
	with pytest.raises(clock_module.InvalidEvent):
		Limit(LimitKind.FIXED)


# Answers in words and for machines


@pytest.mark.parametrize(
	("minutes", "text"),
	[
		(2 * 480 + 3 * 60, "còn 2 ngày 3 giờ"),
		(2 * 480 + 3 * 60 + 59, "còn 2 ngày 3 giờ"),
		(-(480 + 4 * 60), "quá 1 ngày 4 giờ"),
		(480, "còn 1 ngày"),
		(480 + 20, "còn 1 ngày"),
		(200, "còn 3 giờ 20 phút"),
		(60, "còn 1 giờ"),
		(-20, "quá 20 phút"),
		(0, "đến hạn"),
	],
)
def test_remaining_time_in_words(minutes, text):
	assert remaining_text(minutes) == text


def test_remaining_time_in_words_follows_the_length_of_the_day():
	assert remaining_text(480, 450) == "còn 1 ngày"
	assert remaining_text(480 + 240, 240, "en") == "3 d left"


def test_every_flag_has_words():
	assert all(flag_text(flag, language) for flag in Flag for language in ("vi", "en"))


def test_answers_are_ready_for_json_with_local_time_and_offset():
	planned = json.loads(json.dumps(plan(at(3, 2, "10:00"), TERMS, CALENDAR, RULES).as_dict()))
	assert planned["due"] == "2026-03-09T10:00:00+07:00"
	assert planned["steps"][0]["opens"] == "2026-03-02T10:00:00+07:00"
	assert planned["explanation"][-1] == "Hạn trả kết quả: 10:00 Thứ Hai 09/03/2026"
	assert planned["calendar_revision"] == "7"
	running = json.loads(json.dumps(clock(RECEIVED, now=at(3, 6, "14:00")).as_dict()))
	assert running["remaining_text"] == "còn 6 giờ"
	assert running["steps"][0]["status"] == "open"


def test_an_unconfirmed_year_is_flagged_in_plan_and_clock():
	assert Flag.UNCONFIRMED_YEAR not in plan(at(3, 2, "10:00"), TERMS, CALENDAR, RULES).flags
	answer = plan(at(12, 30, "10:00"), TERMS, CALENDAR, RULES)
	assert Flag.UNCONFIRMED_YEAR in answer.flags
	assert answer.unconfirmed_years == (2027,)
	running = clock(event("received", at(12, 30, "10:00")))
	assert Flag.UNCONFIRMED_YEAR in running.flags


def test_the_story_of_a_dossier_is_told_in_order():
	extend = replace(TERMS, supplement_clock=SupplementClock.EXTEND)
	result = clock(
		RECEIVED,
		event("supplement_requested", at(3, 4, "10:00"), stage="appraisal"),
		event("supplement_received", at(3, 5, "10:00")),
		event("extended", at(3, 6, "10:00"), new_due=at(3, 12, "10:00"), reason="Hồ sơ phức tạp"),
		event("finished", at(3, 11, "16:00")),
		terms=extend,
	)
	texts = [explanation_text(line) for line in result.explanation]
	story = texts[texts.index("Hạn trả kết quả: 10:00 Thứ Hai 09/03/2026") + 1 :]
	assert story == [
		"Tạm dừng từ 10:00 Thứ Tư 04/03/2026 đến 10:00 Thứ Năm 05/03/2026: chờ bổ sung hồ sơ, không tính 8 giờ",
		"Thứ Năm 05/03/2026: thời hạn lùi 8 giờ bằng thời gian tạm dừng (chờ bổ sung hồ sơ)",
		"Hạn trả kết quả: 10:00 Thứ Ba 10/03/2026",
		"10:00 Thứ Sáu 06/03/2026: gia hạn một lần đến 10:00 Thứ Năm 12/03/2026: Hồ sơ phức tạp "
		"(NĐ 61/2018 Điều 19.9)",
		"16:00 Thứ Tư 11/03/2026: kết thúc, đã xử lý xong",
	]
	silent = clock(RECEIVED, explain=False)
	assert silent.explanation == ()
