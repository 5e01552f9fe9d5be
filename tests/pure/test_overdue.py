"""Days on which a dossier was overdue, by the due dates in force then."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from one_stop.reporting import form06, overdue
from one_stop.reporting.form06 import Case
from one_stop.reporting.overdue import Entry, InForce, Spell

DAY = date(2026, 3, 1)


def day(number: int) -> date:
	return DAY + timedelta(days=number)


def never(_count: int) -> date:
	raise AssertionError("the clock was asked although an entry says it")


def test_an_extension_after_the_due_date_leaves_the_days_before_it_overdue():
	history = overdue.in_force(
		[Entry(day(0), "received", due=day(5)), Entry(day(8), "extended", due=day(20), before=day(5))],
		day(20),
		never,
	)
	assert history == [InForce(day(0), day(5)), InForce(day(8), day(20))]
	assert overdue.past_spells(history, day(0)) == [Spell(day(5), day(8))]


def test_an_extension_in_time_leaves_no_overdue_day():
	history = overdue.in_force(
		[Entry(day(0), "received", due=day(5)), Entry(day(5), "extended", due=day(20))], day(20), never
	)
	assert overdue.past_spells(history, day(0)) == []


def test_a_supplement_asked_too_late_does_not_undo_the_days_before_it():
	entries = [
		Entry(day(0), "received", due=day(5)),
		Entry(day(7), "supplement_requested", rests=True),
		Entry(day(12), "supplement_received", rested=True),
	]
	history = overdue.in_force(entries, day(15), never)
	assert history == [InForce(day(0), day(5)), InForce(day(7), None), InForce(day(12), day(15))]
	assert overdue.past_spells(history, day(0)) == [Spell(day(5), day(7))]


def test_a_due_date_no_entry_states_is_asked_of_the_clock():
	entries = [
		Entry(day(0), "received", due=day(5)),
		Entry(day(2), "supplement_requested", rests=True),
		Entry(day(3), "supplement_received", rested=True),
		Entry(day(9), "obligation_ordered", rests=True),
	]
	history = overdue.in_force(entries, None, {3: day(6)}.__getitem__)
	assert overdue.past_spells(history, day(0)) == [Spell(day(6), day(9))]


def test_what_a_later_entry_says_of_the_due_date_before_it_is_believed():
	entries = [
		Entry(day(0), "received", due=day(5)),
		Entry(day(2), "supplement_requested", rests=True),
		Entry(day(3), "supplement_received", rested=True),
		Entry(day(9), "calendar_changed", due=day(11), before=day(7)),
	]
	history = overdue.in_force(entries, day(11), never)
	assert overdue.past_spells(history, day(0)) == [Spell(day(7), day(9))]


def test_a_due_date_brought_forward_into_the_past_makes_overdue_from_that_day():
	history = [InForce(day(0), day(20)), InForce(day(10), day(8))]
	assert overdue.past_spells(history, day(0)) == []
	assert overdue.overdue_from(history, day(8)) == day(10)


def test_a_spell_ends_with_the_dossier():
	history = [InForce(day(0), day(5)), InForce(day(12), day(20))]
	assert overdue.past_spells(history, day(0), day(9)) == [Spell(day(5), day(9))]


def test_form_06_of_a_past_day_goes_by_the_due_date_in_force_then():
	case = Case(day(0), due=day(20), spells=(Spell(day(5), day(8)),))
	found = [form06.figures_of(case, day(0), day(number)).overdue for number in (4, 5, 7, 8, 19, 20)]
	assert found == [0, 1, 1, 0, 0, 1]


@given(
	st.lists(st.tuples(st.integers(0, 6), st.one_of(st.none(), st.integers(0, 40))), min_size=1, max_size=6),
	st.one_of(st.none(), st.integers(0, 40)),
)
def test_spells_are_exactly_the_days_the_due_date_of_the_day_had_passed(moves, lasted):
	"""Walking day by day through the due dates gives the same days as the spells and the present date do."""
	at, history = 0, []
	for number, (wait, due) in enumerate(moves):
		at += wait if number else 0
		history.append(InForce(day(at), None if due is None else day(due)))
	ended = None if lasted is None else day(at + lasted)
	spells = overdue.past_spells(history, day(0), ended)
	case = Case(day(0), due=overdue.overdue_from(history, history[-1].due), ended=ended, spells=tuple(spells))
	for number in range(at + 45):
		now = day(number)
		standing = [one for one in history if one.day <= now]
		due = standing[-1].due if standing else None
		open_then = ended is None or ended > now
		assert form06.overdue_at(case, now) == (open_then and due is not None and due <= now)
