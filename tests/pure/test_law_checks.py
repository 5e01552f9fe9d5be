"""The checks that the law asks of due dates and of the clock, each named after its article."""

from dataclasses import replace
from datetime import date

import pytest
from sample_calendar import RULES, at, calendar_days, days, event, hours, off, office

from one_stop.dossiers.clock import (
	Calendars,
	ClockState,
	ExtensionNotLater,
	ExtensionRefused,
	Flag,
	Limit,
	LimitKind,
	Outcome,
	SecondIntakeSupplement,
	StepTerms,
	Terms,
	acknowledgement_due,
	compute,
	handover_due,
	latest_apology_day,
	plan,
	same_day_due,
)
from one_stop.organization.calendar import (
	CalendarLayer,
	DueTime,
	ExceptionKind,
	Scope,
	StoppedCounts,
	SupplementClock,
	WeekPattern,
	Window,
	explanation_text,
)

# The Tết of 2026 as announced: off from Saturday 14 to Sunday 22 February.
TET = [off(date(2026, 2, n), reason="Tết Nguyên đán") for n in range(14, 23)]
CALENDAR = office(*TET)
FIVE_DAYS = Terms((Limit(LimitKind.FIXED, days(5)),))
SAME_DAY = Terms((Limit(LimitKind.SAME_DAY),))
RECEIVED = event("received", at(3, 2, "10:00"))  # Monday; five working days: Monday 9, 10:00


def clock(*events, terms=FIVE_DAYS, now=None, rules=RULES, calendars=CALENDAR, **options):
	now = now or max(e.at for e in events)
	return compute(events, terms, calendars, rules, now, **options)


# I.1 The cut-off hour, the eve of a holiday, the Saturday worked in exchange, Tết


@pytest.mark.parametrize(
	("received", "by"),
	[
		(at(3, 6, "14:59"), at(3, 6, "17:00")),  # Friday
		(at(3, 6, "15:00"), at(3, 6, "17:00")),  # 15:00 itself is not after 15:00
		(at(3, 6, "15:01"), at(3, 9, "07:00")),  # first thing on Monday
		(at(3, 4, "15:01"), at(3, 5, "07:00")),
		(at(4, 29, "14:59"), at(4, 29, "17:00")),  # eve of 30 April and 1 May
		(at(4, 29, "15:01"), at(5, 4, "07:00")),
		(at(1, 9, "15:01"), at(1, 10, "07:00")),  # to the Saturday worked in exchange
		(at(1, 10, "14:59"), at(1, 10, "17:00")),
		(at(1, 10, "15:01"), at(1, 12, "07:00")),
		(at(2, 13, "14:59"), at(2, 13, "17:00")),  # eve of Tết
		(at(2, 13, "15:01"), at(2, 23, "07:00")),
		(at(2, 18, "09:00"), at(2, 23, "07:00")),  # in Tết
		(at(3, 7, "09:00"), at(3, 9, "07:00")),  # an ordinary Saturday
		(at(3, 6, "17:30"), at(3, 9, "07:00")),
	],
)
def test_nd_61_art_18_2_paper_is_handed_on_the_same_day_or_first_thing_next_working_day(received, by):
	assert handover_due(CALENDAR, received, RULES) == by


@pytest.mark.parametrize(
	("received", "due"),
	[
		(at(3, 6, "08:00"), at(3, 6, "17:00")),
		(at(3, 6, "14:59"), at(3, 6, "17:00")),
		(at(3, 6, "15:00"), at(3, 6, "17:00")),
		(at(3, 6, "15:01"), at(3, 9, "17:00")),
		(at(4, 29, "15:01"), at(5, 4, "17:00")),
		(at(1, 9, "15:01"), at(1, 10, "17:00")),
		(at(1, 10, "14:59"), at(1, 10, "17:00")),
		(at(1, 10, "15:01"), at(1, 12, "17:00")),
		(at(2, 13, "14:59"), at(2, 13, "17:00")),
		(at(2, 13, "15:01"), at(2, 23, "17:00")),
		(at(2, 20, "10:00"), at(2, 23, "17:00")),
	],
)
def test_nd_61_art_17_4_same_day_procedures_end_that_day_or_after_15_00_the_next_working_day(received, due):
	assert same_day_due(CALENDAR, received, RULES) == due
	answer = plan(received, SAME_DAY, CALENDAR, RULES)
	assert (answer.due, answer.same_day) == (due, True)
	assert answer.explanation[-1].end == due


def test_nd_61_art_17_4_a_version_may_set_its_own_cut_off_hour():
	early = replace(SAME_DAY, cutoff=at(1, 1, "10:00").time())
	assert plan(at(3, 6, "10:01"), early, CALENDAR, RULES).due == at(3, 9, "17:00")
	# The hour of the hand-over is the law's, not the version's.
	assert handover_due(CALENDAR, at(3, 6, "10:01"), RULES) == at(3, 6, "17:00")


@pytest.mark.parametrize(
	("received", "length", "due"),
	[
		(at(1, 9, "09:00"), 1, at(1, 10, "09:00")),  # Saturday 10 January is worked
		(at(1, 9, "09:00"), 2, at(1, 12, "09:00")),
		(at(12, 31, "09:00", 2025), 1, at(1, 5, "09:00")),  # 1 to 4 January are off
		(at(2, 13, "09:00"), 1, at(2, 23, "09:00")),  # over Tết
		(at(2, 16, "09:00"), 1, at(2, 23, "09:00")),
		(at(8, 21, "09:00"), 1, at(8, 22, "09:00")),  # the other Saturday worked in exchange
		(at(8, 28, "09:00"), 1, at(9, 3, "09:00")),
	],
)
def test_bl_l_d_art_112_holidays_and_days_worked_in_exchange_are_counted_as_announced(received, length, due):
	assert CALENDAR.add(received, days(length), RULES) == due


# I.2


def test_bl_ds_art_147_three_working_days_from_12_february_2026_end_on_the_24th():
	answer = plan(at(2, 12, "10:00"), Terms((Limit(LimitKind.FIXED, days(3)),)), CALENDAR, RULES)
	assert answer.due == at(2, 24, "10:00")
	assert [line.day.day for line in answer.explanation if line.kind == "counted_day"] == [13, 23, 24]
	assert [line.day.day for line in answer.explanation if line.kind == "skipped"] == list(range(14, 23))
	end_of_day = replace(RULES, due_time=DueTime.END_OF_DAY)
	assert CALENDAR.add(at(2, 12, "10:00"), days(3), end_of_day) == at(2, 24, "17:00")


# I.3


def test_nd_61_art_19_9_a_second_extension_is_refused():
	first = event("extended", at(3, 4, "09:00"), new_due=at(3, 12, "10:00"), reason="Chờ xác minh")
	second = event("extended", at(3, 5, "09:00"), new_due=at(3, 16, "10:00"))
	once = clock(RECEIVED, first)
	assert (once.due, once.extension_count) == (at(3, 12, "10:00"), 1)
	with pytest.raises(ExtensionRefused) as refused:
		clock(RECEIVED, first, second)
	assert refused.value.field == "new_due"


def test_nd_61_art_19_9_the_original_due_date_is_kept():
	extended = clock(
		RECEIVED, event("extended", at(3, 4, "09:00"), new_due="2026-03-12T10:00:00", reason="Chờ xác minh")
	)
	assert extended.original_due == at(3, 9, "10:00")
	assert extended.due == at(3, 12, "10:00")
	assert any("Chờ xác minh" in explanation_text(line) for line in extended.explanation)


def test_nd_61_art_19_9_the_original_due_date_survives_a_later_holiday_decision():
	promised = event("received", at(3, 2, "10:00"), due="2026-03-09T10:00:00+07:00")
	later = office(*TET, off(date(2026, 3, 5), ExceptionKind.SWAP_OFF, "Nghỉ hoán đổi"))
	changed = clock(promised, event("calendar_changed", at(3, 3, "08:00"), revision="8"), calendars=later)
	assert (changed.original_due, changed.due) == (at(3, 9, "10:00"), at(3, 10, "10:00"))


@pytest.mark.parametrize(
	("asked", "late"),
	[
		(at(3, 5, "09:00"), False),
		(at(3, 6, "17:00"), False),  # Friday: one working day before Monday 9
		(at(3, 7, "09:00"), True),  # Saturday is no day before expiry to speak of
		(at(3, 9, "08:00"), True),
		(at(3, 10, "08:00"), True),  # after the due date: allowed, and flagged
	],
)
def test_nd_61_art_19_9_the_apology_comes_at_least_a_working_day_before_expiry(asked, late):
	result = clock(RECEIVED, event("extended", asked, new_due=at(3, 13, "10:00")))
	assert (Flag.LATE_APOLOGY in result.flags) is late
	assert result.due == at(3, 13, "10:00")


def test_nd_61_art_19_9_the_last_day_for_the_apology_is_told_beforehand():
	assert latest_apology_day(CALENDAR, at(3, 9, "10:00"), RULES) == date(2026, 3, 6)
	assert latest_apology_day(CALENDAR, at(2, 23, "10:00"), RULES) == date(2026, 2, 13)
	assert clock(RECEIVED).latest_apology_day == date(2026, 3, 6)


def test_nd_61_art_19_9_a_new_date_must_be_later_than_the_present_one():
	with pytest.raises(ExtensionNotLater):
		clock(RECEIVED, event("extended", at(3, 4, "09:00"), new_due=at(3, 9, "10:00")))


# I.4


def test_nd_61_art_15_3_a_second_supplement_at_intake_is_refused():
	registered = event("registered", at(3, 2, "08:00"), channel="Online")
	ask = event("supplement_requested", at(3, 2, "09:00"), stage="intake")
	answered = event("supplement_received", at(3, 3, "09:00"))
	again = event("supplement_requested", at(3, 3, "10:00"), stage="intake")
	assert clock(registered, ask, answered).intake_supplements == 1
	with pytest.raises(SecondIntakeSupplement):
		clock(registered, ask, answered, again)


def test_nd_61_art_15_3_a_second_supplement_at_intake_needs_a_recorded_override():
	events = [
		event("supplement_requested", at(3, 2, "09:00"), stage="intake"),
		event("supplement_received", at(3, 3, "09:00")),
		event("supplement_requested", at(3, 3, "10:00"), stage="intake", override="Giấy tờ bị mờ"),
	]
	result = clock(*events)
	assert result.intake_supplements == 2
	assert Flag.INTAKE_RULE_OVERRIDDEN in result.flags


def test_qd_766_ind_2_1_one_supplement_is_subtracted_and_a_second_makes_the_dossier_overdue():
	once = [
		RECEIVED,
		event("supplement_requested", at(3, 3, "09:00"), stage="appraisal"),
		event("supplement_received", at(3, 4, "09:00")),
	]
	twice = [
		*once,
		event("supplement_requested", at(3, 5, "09:00"), stage="appraisal"),
		event("supplement_received", at(3, 6, "09:00")),
	]
	done = event("finished", at(3, 9, "09:00"))
	assert clock(*once, done).by_timestamp is Outcome.ON_TIME
	assert clock(*twice).by_timestamp is Outcome.OVERDUE
	result = clock(*twice, done)
	assert result.by_timestamp is Outcome.LATE
	assert Flag.REPEATED_SUPPLEMENT in result.flags
	assert result.by_date is Outcome.EARLY  # form 06 only looks at the dates


def test_qd_766_ind_2_1_while_a_supplement_is_awaited_the_request_is_the_end():
	asked = event("supplement_requested", at(3, 9, "09:00"), stage="appraisal")
	assert clock(RECEIVED, asked, now=at(3, 20, "09:00")).by_timestamp is Outcome.IN_TIME
	too_late = event("supplement_requested", at(3, 9, "10:01"), stage="appraisal")
	assert clock(RECEIVED, too_late, now=at(3, 20, "09:00")).by_timestamp is Outcome.OVERDUE


# I.5


def test_nd_61_art_19_4_after_a_supplement_the_limit_starts_again_from_zero():
	result = clock(
		RECEIVED,
		event("supplement_requested", at(3, 4, "10:00"), stage="appraisal"),
		event("supplement_received", at(3, 11, "08:30")),
	)
	assert result.state is ClockState.RUNNING
	assert result.base_start == at(3, 11, "08:30")
	assert result.due == CALENDAR.add(at(3, 11, "08:30"), days(5), RULES) == at(3, 18, "08:30")
	assert result.original_due == at(3, 9, "10:00")


def test_nd_61_art_19_4_where_the_rule_is_to_extend_the_due_date_moves_by_the_pause():
	extend = replace(FIVE_DAYS, supplement_clock=SupplementClock.EXTEND)
	result = clock(
		RECEIVED,
		event("supplement_requested", at(3, 4, "10:00"), stage="appraisal"),
		event("supplement_received", at(3, 5, "11:00")),  # nine working hours later
		terms=extend,
	)
	assert result.due == CALENDAR.add_minutes(at(3, 9, "10:00"), 9 * 60) == at(3, 10, "11:00")
	assert result.base_start == at(3, 2, "10:00")
	assert result.pauses[0].minutes == 9 * 60


def test_nd_61_art_19_4_the_dated_rule_decides_where_the_version_does_not():
	extend = replace(RULES, supplement_clock=SupplementClock.EXTEND)
	events = [
		RECEIVED,
		event("supplement_requested", at(3, 4, "10:00"), stage="appraisal"),
		event("supplement_received", at(3, 5, "10:00")),
	]
	assert clock(*events, rules=extend).due == at(3, 10, "10:00")
	restart = replace(FIVE_DAYS, supplement_clock=SupplementClock.RESTART)
	assert clock(*events, rules=extend, terms=restart).due == at(3, 12, "10:00")


@pytest.mark.parametrize(
	("asked", "late"),
	[(at(3, 3, "09:00"), False), (at(3, 5, "17:00"), False), (at(3, 6, "07:30"), True)],  # the fourth day
)
def test_nd_61_art_19_4_a_supplement_is_asked_for_within_three_working_days(asked, late):
	result = clock(RECEIVED, event("supplement_requested", asked, stage="appraisal"))
	assert (Flag.LATE_SUPPLEMENT_REQUEST in result.flags) is late
	assert clock(RECEIVED).supplement_request_due == at(3, 5, "17:00")


def test_nd_61_art_19_4_the_three_days_count_over_tet_and_from_a_restart():
	before_tet = event("received", at(2, 12, "10:00"))
	on_time = event("supplement_requested", at(2, 24, "16:00"), stage="appraisal")
	late = event("supplement_requested", at(2, 25, "08:00"), stage="appraisal")
	assert Flag.LATE_SUPPLEMENT_REQUEST not in clock(before_tet, on_time).flags
	assert Flag.LATE_SUPPLEMENT_REQUEST in clock(before_tet, late).flags
	restarted = clock(before_tet, on_time, event("supplement_received", at(3, 2, "09:00")))
	assert restarted.supplement_request_due == at(3, 5, "17:00")


def test_land_rules_waiting_for_a_financial_obligation_is_not_counted():
	result = clock(
		RECEIVED,
		event("obligation_ordered", at(3, 4, "10:00")),
		event("obligation_paid", at(3, 18, "10:00")),
	)
	assert result.due == at(3, 23, "10:00")  # ten working days later
	waiting = clock(RECEIVED, event("obligation_ordered", at(3, 4, "10:00")), now=at(3, 30, "10:00"))
	assert waiting.state is ClockState.PAUSED
	assert waiting.remaining_minutes == 3 * 480
	assert (waiting.by_timestamp, waiting.by_date) == (Outcome.IN_TIME, Outcome.IN_TIME)


# I.6


def test_nd_61_art_19_6_of_linked_parallel_branches_the_longest_is_the_total():
	steps = (
		StepTerms("a", "Tiếp nhận", hours(4)),
		StepTerms("b", "Tư pháp", days(3), ("a",), target="1.001193"),
		StepTerms("c", "Công an", days(5), ("a",), unit="ca", target="1.004194"),
		StepTerms("d", "Bảo hiểm xã hội", days(2), ("a",), target="2.000889"),
		StepTerms("e", "Trả kết quả", None, ("b", "c", "d")),
	)
	answer = plan(at(3, 2, "08:00"), Terms(steps=steps), CALENDAR, RULES)
	# 08:00 + 4 hours = 13:30 (half past one, after lunch) less the end of the morning: 14:00.
	first = CALENDAR.add(at(3, 2, "08:00"), hours(4))
	branches = [CALENDAR.add(first, days(n)) for n in (3, 5, 2)]
	by_key = {step.key: step for step in answer.steps}
	assert [by_key[k].due for k in "bcd"] == branches
	assert by_key["e"].opens == max(branches)
	assert answer.due == max(branches) == answer.steps_end
	assert answer.critical_path[:2] == ("a", "c")
	assert Flag.NO_LIMIT in answer.flags


def test_nd_61_art_19_6_a_branch_runs_on_the_calendar_of_its_own_agency():
	mornings = CalendarLayer(
		"Chỉ buổi sáng",
		Scope.UNIT,
		(WeekPattern({d: (Window.parse("07:00", "11:00"),) for d in range(5)}),),
	)
	calendars = Calendars(CALENDAR, {"ca": office(*TET, layers=(mornings,))})
	steps = (StepTerms("b", "Tư pháp", hours(8)), StepTerms("c", "Công an", hours(8), unit="ca"))
	answer = plan(at(3, 2, "07:00"), Terms(steps=steps), calendars, RULES)
	assert [step.due for step in answer.steps] == [at(3, 2, "17:00"), at(3, 3, "11:00")]
	assert answer.due == at(3, 3, "11:00")


def test_nd_61_art_19_steps_never_extend_the_legal_limit():
	"""Nine days of appraisal in a procedure of five: the step is cut at the legal due, and flagged."""
	terms = replace(
		FIVE_DAYS,
		steps=(
			StepTerms("1", "", hours(4)),
			StepTerms("2", "", days(9), ("1",)),
			StepTerms("3", "", hours(2), ("2",)),
		),
	)
	answer = plan(at(3, 2, "10:00"), terms, CALENDAR, RULES)
	assert answer.due == at(3, 9, "10:00")
	assert max(step.due for step in answer.steps) == answer.due
	assert [step.clipped for step in answer.steps] == [False, True, True]
	assert answer.steps_end > answer.due
	assert Flag.STEPS_EXCEED_LIMIT in answer.flags


# The end of a dossier


@pytest.mark.parametrize("kind", ["finished", "refused", "withdrawn", "stopped"])
def test_qd_766_ind_2_1_finishing_refusing_withdrawing_and_stopping_end_the_clock(kind):
	result = clock(RECEIVED, event(kind, at(3, 9, "10:00")), now=at(4, 1, "10:00"))
	assert (result.state, result.ended_at) == (ClockState.ENDED, at(3, 9, "10:00"))
	assert (result.by_timestamp, result.by_date) == (Outcome.ON_TIME, Outcome.ON_TIME)
	late = clock(RECEIVED, event(kind, at(3, 9, "10:01")), now=at(4, 1, "10:00"))
	assert (late.by_timestamp, late.by_date) == (Outcome.LATE, Outcome.ON_TIME)


def test_qd_766_ind_2_1_the_end_is_when_it_was_finished_not_when_the_citizen_came():
	result = clock(RECEIVED, event("finished", at(3, 6, "09:00")), event("returned", at(3, 20, "09:00")))
	assert (result.ended_at, result.returned_at) == (at(3, 6, "09:00"), at(3, 20, "09:00"))
	assert result.by_timestamp is Outcome.ON_TIME


@pytest.mark.parametrize(
	("end", "outcome"),
	[
		(at(3, 8, "23:00"), Outcome.EARLY),
		(at(3, 9, "07:00"), Outcome.ON_TIME),
		(at(3, 9, "16:59"), Outcome.ON_TIME),
		(at(3, 10, "07:00"), Outcome.LATE),
	],
)
def test_tt_01_2020_form_06_compares_dates(end, outcome):
	assert clock(RECEIVED, event("finished", end)).by_date is outcome


def test_tt_01_2020_form_06_a_stopped_dossier_counts_as_the_dated_rule_says():
	stopped = [RECEIVED, event("stopped", at(3, 12, "10:00"))]
	in_progress = replace(RULES, stopped_counts_as=StoppedCounts.IN_PROGRESS)
	assert clock(*stopped).by_date is Outcome.LATE
	assert clock(*stopped, rules=in_progress).by_date is Outcome.IN_TIME


# Online dossiers


def test_nd_45_2020_an_online_dossier_is_answered_within_eight_working_hours():
	assert acknowledgement_due(CALENDAR, at(3, 6, "16:00"), RULES) == at(3, 9, "16:00")
	sent = event("registered", at(3, 6, "16:00"), channel="Online")
	assert Flag.LATE_ACKNOWLEDGEMENT not in clock(sent, now=at(3, 9, "16:00")).flags
	assert Flag.LATE_ACKNOWLEDGEMENT in clock(sent, now=at(3, 9, "16:01")).flags
	late = clock(sent, event("received", at(3, 9, "16:30")))
	assert Flag.LATE_ACKNOWLEDGEMENT in late.flags
	answered = clock(sent, event("supplement_requested", at(3, 9, "15:00"), stage="intake"), now=at(3, 30))
	assert Flag.LATE_ACKNOWLEDGEMENT not in answered.flags


def test_applicants_have_a_time_of_their_own_for_the_supplement():
	asked = event("supplement_requested", at(3, 4, "10:00"), stage="appraisal")
	waiting = clock(RECEIVED, asked, now=at(4, 3, "10:00"))
	assert waiting.applicant_due == CALENDAR.add(at(3, 4, "10:00"), calendar_days(30), RULES)
	assert Flag.APPLICANT_OVERDUE not in waiting.flags
	assert Flag.APPLICANT_OVERDUE in clock(RECEIVED, asked, now=at(4, 3, "10:01")).flags
