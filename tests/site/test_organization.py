"""Units, members, calendars and dated rules on a real site: what is refused, what follows, what is inherited."""

from datetime import date, datetime, timedelta

import frappe
import pytest
from frappe.utils import add_days, getdate, today

from one_stop.api import organization as api
from one_stop.organization import exceptions as rules
from one_stop.organization import memberships, recomputation, seeding, units, working_time
from one_stop.organization.calendar import Scope

OFFICE = [
	{"weekday": day, "from_time": start, "to_time": end}
	for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
	for start, end in (("07:00:00", "11:30:00"), ("13:30:00", "17:00:00"))
]
MORNINGS = [{"weekday": "Monday", "from_time": "08:00:00", "to_time": "11:00:00"}]


def unit(code: str, parent: str | None = None, **values):
	return frappe.get_doc(
		{
			"doctype": "Administrative Unit",
			"unit_code": code,
			"unit_name": f"Đơn vị {code}",
			"level": "Division" if parent else "Province",
			"parent_administrative_unit": parent,
			"is_group": 1,
			**values,
		}
	).insert()


def calendar(name: str, scope: str = "Unit", windows=(), exceptions=(), **values):
	return frappe.get_doc(
		{
			"doctype": "Working Calendar",
			"calendar_name": name,
			"scope": scope,
			"windows": [dict(row) for row in windows],
			"exceptions": [{"reason": "thử", **row} for row in exceptions],
			**values,
		}
	)


def person(name: str) -> str:
	email = f"{name}@h98.example"
	if not frappe.db.exists("User", email):
		user = frappe.get_doc(
			{"doctype": "User", "email": email, "first_name": name, "send_welcome_email": 0, "language": "vi"}
		)
		user.insert()
	return email


def member(user: str, at: str, duty: str, **values):
	return frappe.get_doc(
		{
			"doctype": "Unit Member",
			"user": user,
			"unit": at,
			"duty": duty,
			"from_date": "2024-01-01",
			**values,
		}
	)


def national():
	name = frappe.db.get_value("Working Calendar", {"scope": "National"}, order_by="creation asc")
	return frappe.get_doc("Working Calendar", name)


def free_saturday() -> date:
	"""A Saturday that no calendar of this site says anything about."""
	known = {getdate(row) for row in frappe.get_all("Calendar Exception", pluck="exception_date")}
	day = date(2031, 3, 1)
	while day.weekday() != 5 or day in known:
		day += timedelta(days=1)
	return day


# Units


@pytest.mark.parametrize("code", ["17.H", "H17.1", "H17..01", "h17", "H17.16.05.01.02.03", "000.5.16.H17"])
def test_a_unit_code_has_one_of_the_two_forms(site, code):
	with pytest.raises(rules.InvalidUnitCode):
		unit(code)


def test_the_older_code_is_worked_out_from_the_new_one(site):
	assert unit("H98").legacy_code == "000.00.00.H98"
	assert unit("H98.40", "H98").legacy_code == "000.00.40.H98"
	assert unit("H98.40.01", "H98.40").legacy_code == "000.01.40.H98"


def test_units_cannot_lie_below_themselves(site):
	top, middle, _low = unit("H98"), unit("H98.01", "H98"), unit("H98.01.01", "H98.01")
	top.reload()
	top.parent_administrative_unit = "H98.01.01"
	with pytest.raises(rules.CircularUnits, match=r"H98.*H98\.01\.01"):
		top.save()
	middle.reload()
	middle.parent_administrative_unit = "H98.01"
	with pytest.raises(rules.CircularUnits):
		middle.save()
	assert frappe.db.get_value("Administrative Unit", "H98", "parent_administrative_unit") is None


def test_a_parent_is_marked_as_having_units_below_it(site):
	unit("H98")
	unit("H98.01", "H98", is_group=0)
	with pytest.raises(rules.ParentIsNoGroup, match=r"H98\.01"):
		unit("H98.01.01", "H98.01")


def test_successors_do_not_run_in_a_loop(site):
	unit("H98")
	one, two = unit("H98.01", "H98"), unit("H98.02", "H98", successor="H98.01")
	unit("H98.03", "H98", successor=two.name)
	one.reload()
	one.successor = "H98.03"
	with pytest.raises(rules.SuccessorLoop, match=r"H98\.02"):
		one.save()
	one.reload()
	one.successor = one.name
	with pytest.raises(rules.SuccessorLoop):
		one.save()


def test_a_unit_does_not_end_before_it_begins(site):
	with pytest.raises(rules.InvalidPeriod):
		unit("H98", valid_from="2025-07-01", valid_to="2025-06-30")


def test_a_unit_is_tied_to_a_one_stop_centre_only(site):
	unit("H98")
	unit("H98.01", "H98")
	with pytest.raises(rules.NotAOneStopCentre):
		unit("H98.02", "H98", one_stop="H98.01")


def test_look_ups_see_a_change_in_its_own_transaction_and_forget_it_with_a_rollback(site):
	before = set(units.TREE.get())
	unit("H98")
	unit("H98.01", "H98", is_one_stop=1)
	assert units.ancestors("H98.01") == ["H98.01", "H98"]
	assert units.descendants("H98") == ["H98", "H98.01"]
	assert units.one_stop_centres("H98", getdate()) == ["H98.01"]
	frappe.get_doc("Administrative Unit", "H98.01").delete()
	assert units.descendants("H98") == ["H98"]
	frappe.db.rollback()
	assert set(units.TREE.get()) == before


# Members, duties and roles


def roles_of(user: str) -> set[str]:
	frappe.clear_cache(user=user)
	return set(frappe.get_roles(user))


def test_roles_follow_duties(site):
	unit("H98")
	user = person("canbo")
	row = member(user, "H98", "Appraisal").insert()
	other = member(user, "H98", "Issuing").insert()
	assert "Processing Officer" in roles_of(user)
	assert "Unit Leader" not in roles_of(user)
	row.delete()
	assert "Processing Officer" in roles_of(user), "the second duty has the same role"
	other.reload()
	other.to_date = add_days(today(), -1)
	other.save()
	assert "Processing Officer" not in roles_of(user)


def test_changing_the_duty_of_a_row_changes_the_role(site):
	unit("H98")
	user = person("canbo")
	row = member(user, "H98", "Appraisal").insert()
	row.duty = "Approval"
	row.save()
	assert roles_of(user) & set(memberships.ROLES) == {"Unit Leader"}


def test_a_role_given_for_another_reason_stays(site):
	unit("H98")
	user = person("canbo")
	frappe.get_doc("User", user).add_roles("Monitoring Officer")
	row = member(user, "H98", "Reception").insert()
	row.delete()
	assert roles_of(user) & set(memberships.ROLES) == {"Monitoring Officer"}


def test_a_duty_gives_no_role_that_administers_the_site(site):
	duty = frappe.get_doc({"doctype": "Duty", "duty_name": "Quản trị máy chủ", "role": "System Manager"})
	with pytest.raises(rules.RoleNotForDuties):
		duty.insert()


def test_a_delegate_has_the_role_and_the_duty_for_the_time_of_the_delegation(site):
	unit("H98")
	leader, stand_in = person("lanhdao"), person("capho")
	member(
		leader, "H98", "Approval", delegate=stand_in, delegate_from=today(), delegate_to=add_days(today(), 5)
	).insert()
	assert "Unit Leader" in roles_of(stand_in)
	assert units.members("H98", "Approval", getdate()) == [leader, stand_in]
	assert units.members("H98", "Approval", getdate(add_days(today(), 6))) == [leader]
	assert units.memberships(stand_in, getdate()) == [
		{"unit": "H98", "duty": "Approval", "delegated_by": leader}
	]


def test_the_day_after_a_duty_or_delegation_ends_its_role_is_taken_back(site):
	unit("H98")
	leader, stand_in = person("lanhdao"), person("capho")
	row = member(
		leader, "H98", "Approval", delegate=stand_in, delegate_from=today(), delegate_to=today()
	).insert()
	assert "Unit Leader" in roles_of(stand_in)
	# Yesterday it was today: time passes without anybody saving anything.
	row.db_set(
		{"from_date": "2020-01-01", "delegate_from": "2020-01-01", "delegate_to": add_days(today(), -1)}
	)
	memberships.take_back_ended_roles()
	assert "Unit Leader" not in roles_of(stand_in)
	assert "Unit Leader" in roles_of(leader)
	row.db_set({"to_date": add_days(today(), -1)})
	memberships.take_back_ended_roles()
	assert "Unit Leader" not in roles_of(leader)


@pytest.mark.parametrize(
	("values", "rule"),
	[
		({"to_date": "2023-12-31"}, rules.InvalidPeriod),
		({"delegate_from": "2025-01-01"}, rules.DelegateRequired),
		({"delegate": "lanhdao@h98.example"}, rules.DelegateIsTheMember),
		({"delegate": "capho@h98.example"}, rules.DelegateRequired),
		(
			{"delegate": "capho@h98.example", "delegate_from": "2025-02-01", "delegate_to": "2025-01-01"},
			rules.InvalidPeriod,
		),
		(
			{"delegate": "capho@h98.example", "delegate_from": "2023-12-31", "delegate_to": "2024-02-01"},
			rules.DelegationOutsideMembership,
		),
		(
			{
				"to_date": "2024-12-31",
				"delegate": "capho@h98.example",
				"delegate_from": "2024-12-01",
				"delegate_to": "2025-01-01",
			},
			rules.DelegationOutsideMembership,
		),
	],
)
def test_a_membership_with_a_wrong_period_or_delegation_is_refused(site, values, rule):
	unit("H98")
	leader = person("lanhdao")
	person("capho")
	with pytest.raises(rule):
		member(leader, "H98", "Approval", **values).insert()
	assert not frappe.db.exists("Unit Member", {"user": leader})


def test_nobody_holds_the_same_duty_of_a_unit_twice_at_a_time(site):
	unit("H98")
	user = person("canbo")
	member(user, "H98", "Appraisal", to_date="2025-06-30").insert()
	with pytest.raises(rules.DuplicateMembership):
		member(user, "H98", "Appraisal", from_date="2025-06-30").insert()
	member(user, "H98", "Appraisal", from_date="2025-07-01").insert()


def test_a_membership_does_not_outlast_its_unit(site):
	unit("H98", valid_to="2025-06-30")
	with pytest.raises(rules.UnitIsClosed):
		member(person("canbo"), "H98", "Appraisal").insert()
	member(person("canbo"), "H98", "Appraisal", to_date="2025-06-30").insert()


def test_a_person_who_is_disabled_holds_nothing(site):
	unit("H98")
	user = person("canbo")
	member(user, "H98", "Appraisal").insert()
	assert units.members("H98", "Appraisal", getdate()) == [user]
	doc = frappe.get_doc("User", user)
	doc.enabled = 0
	doc.save()
	assert units.members("H98", "Appraisal", getdate()) == []


# Calendars: bad input


@pytest.mark.parametrize(
	("windows", "rule", "words"),
	[
		([("Monday", "08:00", "11:00"), ("Monday", "10:59", "12:00")], rules.WindowsOverlap, "1.*2"),
		([("Monday", "11:00", "08:00")], rules.WindowEndsBeforeItStarts, "08:00"),
		([("Monday", "08:00", "08:00")], rules.WindowEndsBeforeItStarts, "08:00"),
	],
)
def test_windows_that_overlap_or_end_before_they_start_are_refused_by_row(site, windows, rule, words):
	rows = [{"weekday": day, "from_time": start, "to_time": end} for day, start, end in windows]
	with pytest.raises(rule, match=words):
		calendar("Lịch thử", windows=rows).insert()
	assert not frappe.db.exists("Working Calendar", "Lịch thử")


def test_windows_may_touch_and_another_week_may_begin(site):
	rows = [
		{"weekday": "Monday", "from_time": "08:00", "to_time": "11:00"},
		{"weekday": "Monday", "from_time": "11:00", "to_time": "12:00"},
		{"weekday": "Monday", "from_time": "07:00", "to_time": "11:30", "valid_from": "2027-01-01"},
	]
	assert calendar("Lịch thử", windows=rows).insert().revision == 1


def test_a_day_of_exception_is_entered_once(site):
	twice = [{"exception_date": "2027-05-04", "kind": kind} for kind in ("Holiday", "Swap Off")]
	with pytest.raises(rules.ExceptionEnteredTwice, match=r"1.*2"):
		calendar("Lịch thử", exceptions=twice).insert()


def test_a_working_day_cannot_be_worked_in_exchange(site):
	with pytest.raises(rules.SwapWorkNeedsADayOff):
		calendar("Lịch thử", exceptions=[{"exception_date": "2027-05-04", "kind": "Swap Work"}]).insert()
	calendar("Lịch thử", exceptions=[{"exception_date": str(free_saturday()), "kind": "Swap Work"}]).insert()


def test_hours_cannot_turn_a_swapped_day_of_a_calendar_below_into_a_working_day(site):
	saturday = free_saturday()
	calendar("Lịch thử", exceptions=[{"exception_date": str(saturday), "kind": "Swap Work"}]).insert()
	unit("H98", working_calendar="Lịch thử")
	above = national()
	six_days = [*OFFICE, {"weekday": "Saturday", "from_time": "08:00", "to_time": "11:00"}]
	above.extend("windows", [{**row, "valid_from": "2030-01-01"} for row in six_days])
	with pytest.raises(rules.CalendarsContradict):
		above.save()
	frappe.db.rollback()
	assert not [row for row in national().windows if row.weekday == "Saturday"]


def test_a_unit_does_not_take_a_calendar_that_contradicts_its_place(site):
	saturday = free_saturday()
	calendar("Lịch thử", exceptions=[{"exception_date": str(saturday), "kind": "Swap Work"}]).insert()
	six_days = [*OFFICE, {"weekday": "Saturday", "from_time": "08:00", "to_time": "11:00"}]
	calendar("Lịch tỉnh thử", "Province", six_days).insert()
	unit("H98", working_calendar="Lịch tỉnh thử")
	doc = unit("H98.01", "H98")
	doc.working_calendar = "Lịch thử"
	with pytest.raises(rules.CalendarsContradict):
		doc.save()


def test_a_calendar_without_counting_hours_is_refused(site):
	with pytest.raises(rules.NoWorkingHours):
		calendar("Lịch thử", "National").insert()
	only_reception = [{**row, "receives_only": 1} for row in MORNINGS]
	with pytest.raises(rules.NoWorkingHours):
		calendar("Lịch thử", windows=only_reception).insert()


@pytest.mark.parametrize("years", [[2027, 2027], [1969], [20266]])
def test_a_year_is_a_year_and_entered_once(site, years):
	with pytest.raises(rules.CalendarYearRefused):
		calendar("Lịch thử", years=[{"year": year} for year in years]).insert()


def test_the_last_national_calendar_stays(site):
	names = frappe.get_all("Working Calendar", {"scope": "National"}, pluck="name")
	assert len(names) == 1
	with pytest.raises(rules.LastNationalCalendar):
		frappe.get_doc("Working Calendar", names[0]).delete()
	doc = national()
	doc.scope = "Province"
	with pytest.raises(rules.LastNationalCalendar):
		doc.save()


# Calendars: inheritance


def windows_of(unit_code: str | None, day: date):
	return working_time.calendar_for(unit_code, day, day).windows_on(day)


def test_calendars_inherit_down_the_tree_and_the_nearest_wins(site):
	monday, tuesday = date(2027, 5, 10), date(2027, 5, 11)
	off = [{"exception_date": str(tuesday), "kind": "Holiday"}]
	calendar("Lịch tỉnh thử", "Province", MORNINGS, off).insert()
	calendar("Lịch đơn vị thử", "Unit", [], [{"exception_date": str(monday), "kind": "Holiday"}]).insert()
	unit("H98", working_calendar="Lịch tỉnh thử")
	unit("H98.01", "H98")
	unit("H98.02", "H98", working_calendar="Lịch đơn vị thử")
	unit("H98.02.01", "H98.02")
	assert windows_of("H98.01", monday) == ((480, 660),), "the hours of the province"
	assert windows_of("H98.02.01", monday) == (), "the day off of the unit, two levels up"
	assert windows_of("H98.02.01", tuesday) == (), "the day off of the province"
	assert windows_of(None, tuesday) != (), "the country knows nothing of it"
	assert working_time.revision_for("H98.02.01").endswith("Lịch tỉnh thử:1; Lịch đơn vị thử:1")


def test_a_unit_may_take_back_a_day_off_of_those_above(site):
	holiday = getdate(national().exceptions[0].exception_date)
	assert windows_of(None, holiday) == ()
	calendar("Lịch trực", exceptions=[{"exception_date": str(holiday), "kind": "Half Day Morning"}]).insert()
	unit("H98", working_calendar="Lịch trực")
	assert len(windows_of("H98", holiday)) == 1


def test_saturday_mornings_that_only_receive_do_not_count(site):
	saturday = free_saturday()
	police = [*OFFICE, {"weekday": "Saturday", "from_time": "07:30", "to_time": "11:30", "receives_only": 1}]
	calendar("Lịch Công an thử", windows=police).insert()
	unit("H98", working_calendar="Lịch Công an thử")
	found = working_time.calendar_for("H98", saturday, saturday)
	assert (found.windows_on(saturday), found.reception_windows_on(saturday)) == ((), ((450, 690),))


def test_a_year_that_no_calendar_lists_has_the_holidays_of_the_law_unconfirmed(site):
	year = getdate().year + 4
	assert year not in {row.year for row in national().years}
	found = working_time.calendar_for(None, date(year, 1, 1), date(year, 12, 31))
	assert found.windows_on(date(year, 1, 1)) == ()
	assert found.windows_on(date(year, 9, 2)) == ()
	assert found.unconfirmed_years(date(year, 1, 1), date(year, 1, 2)) == (year,)


def test_a_year_confirmed_without_a_single_day_keeps_the_holidays_of_the_law(site):
	year = getdate().year + 4
	doc = national()
	doc.append("years", {"year": year, "confirmed": 1})
	doc.save()
	assert (
		working_time.calendar_for(None, date(year, 9, 2), date(year, 9, 2)).windows_on(date(year, 9, 2)) == ()
	)


# Confirming a year, and the year view


def test_a_new_site_has_a_national_calendar_with_unconfirmed_holidays(site):
	for name in frappe.get_all("Working Calendar", {"scope": "National"}, pluck="name"):
		frappe.db.delete("Working Calendar", {"name": name})
		for table in ("Working Window", "Calendar Exception", "Calendar Year"):
			frappe.db.delete(table, {"parent": name})
	seeding.seed_national_calendar()
	doc, year = national(), getdate().year
	assert {row.year for row in doc.years} >= {year, year + 1}
	assert not any(row.confirmed for row in doc.exceptions)
	seeding.seed_national_calendar()
	assert frappe.db.count("Working Calendar", {"scope": "National"}) == 1


def test_the_system_writes_who_confirmed_a_year(site):
	doc = calendar("Lịch thử", years=[{"year": 2027, "confirmed": 1, "confirmed_by": "Guest"}]).insert()
	assert doc.years[0].confirmed_by == "Administrator"
	first = doc.years[0].confirmed_on
	doc.years[0].confirmed_by = "Guest"
	doc.append("years", {"year": 2028})
	doc.save()
	assert (doc.years[0].confirmed_by, doc.years[0].confirmed_on) == ("Administrator", first)
	assert doc.years[1].confirmed_by is None


def test_only_what_counts_makes_a_new_revision(site):
	doc = calendar("Lịch thử", windows=MORNINGS).insert()
	doc.save()
	assert doc.revision == 1
	doc.append("years", {"year": 2027, "confirmed": 1})
	doc.save()
	assert doc.revision == 2
	doc.revision = 77
	doc.save()
	assert doc.revision == 2


def test_coming_years_are_suggested_once_and_administrators_are_told(site):
	doc = national()
	next_year = getdate().year + 1
	doc.years = [row for row in doc.years if row.year != next_year]
	doc.exceptions = [row for row in doc.exceptions if getdate(row.exception_date).year != next_year]
	doc.save()
	user = person("quantri")
	unit("H98")
	member(user, "H98", "Administration").insert()
	seeding.suggest_coming_years()
	days = [row for row in national().exceptions if getdate(row.exception_date).year == next_year]
	assert len(days) > 8 and not any(row.confirmed for row in days)
	assert frappe.db.count("Notification Log", {"for_user": user, "document_type": "Working Calendar"}) == 1
	seeding.suggest_coming_years()
	assert frappe.db.count("Notification Log", {"for_user": user, "document_type": "Working Calendar"}) == 1


def test_the_year_view_is_told_what_a_calendar_inherits(site):
	year = getdate().year
	doc = calendar("Lịch thử", windows=MORNINGS).insert()
	seen = api.calendar_year(doc.name, year)
	new_year = next(row for row in seen["inherited"] if row["exception_date"] == f"{year}-01-01")
	assert (new_year["kind"], new_year["calendar"], new_year["forecast"]) == ("Holiday", national().name, 0)
	assert {row["weekday"] for row in seen["inherited_windows"]} == {row["weekday"] for row in OFFICE}
	far = api.calendar_year(doc.name, year + 6)["inherited"]
	assert far and all(row["forecast"] and not row["confirmed"] for row in far)
	assert api.calendar_year("new-working-calendar-1", year)["inherited"]
	with pytest.raises(rules.CalendarYearRefused):
		api.calendar_year(doc.name, 1800)


def test_holidays_of_a_year_are_suggested_to_whoever_may_write_calendars(site):
	rows = api.suggest_year(2026)
	assert {"exception_date": "2026-01-10", "kind": "Swap Work"}.items() <= rows[2].items()
	assert all(row["confirmed"] == 0 for row in rows)
	with pytest.raises(rules.CalendarYearRefused):
		api.suggest_year(2010)
	unit("H98")
	user = person("canbo")
	member(user, "H98", "Reception").insert()
	frappe.set_user(user)
	with pytest.raises(frappe.PermissionError):
		api.suggest_year(2026)
	assert api.calendar_year("Lịch toàn quốc", 2026)["inherited_years"] is not None


# Dated rules


@pytest.mark.parametrize(
	("rule", "value"), [("cutoff", "25:00"), ("max_extensions", "-1"), ("due_time", "sometime")]
)
def test_a_dated_rule_has_a_value_with_a_meaning(site, rule, value):
	settings = frappe.get_doc("One-Stop Settings")
	settings.append("rules", {"rule": rule, "value": value, "effective_from": "2030-01-01", "article": "thử"})
	with pytest.raises(rules.RuleRefused, match=str(len(settings.rules))):
		settings.save()


def test_a_rule_has_one_value_from_a_day_and_the_latest_begun_counts(site):
	settings = frappe.get_doc("One-Stop Settings")
	settings.append(
		"rules", {"rule": "cutoff", "value": "16:00", "effective_from": "2030-01-01", "article": "thử"}
	)
	settings.save()
	assert working_time.rules_on(date(2029, 12, 31)).cutoff.hour == 15
	assert working_time.rules_on(date(2030, 1, 1)).cutoff.hour == 16
	settings.append(
		"rules", {"rule": "cutoff", "value": "14:00", "effective_from": "2030-01-01", "article": "thử"}
	)
	with pytest.raises(rules.RuleRefused):
		settings.save()


def test_new_sites_get_the_rules_of_the_law_and_keep_what_people_set(site):
	settings = frappe.get_doc("One-Stop Settings")
	settings.rules = []
	settings.save()
	assert "due_time" in working_time.rules_on(getdate()).assumed
	seeding.seed_rules()
	assert working_time.rules_on(getdate()).max_extensions == 1
	count = len(frappe.get_doc("One-Stop Settings").rules)
	seeding.seed_rules()
	assert len(frappe.get_doc("One-Stop Settings").rules) == count


# Recomputation


class Ledger:
	"""Stands where dossiers' commands stand, so that these tests need no procedure and commit nothing."""

	def __init__(self, monkeypatch):
		self.followed: list[tuple[str, str]] = []
		self.broken: set[str] = set()
		monkeypatch.setattr("one_stop.dossiers.lifecycle.follow_calendar", self.follow)
		monkeypatch.setattr("one_stop.dossiers.ledger.result_of", self.result_of)
		monkeypatch.setattr(frappe.db, "rollback", lambda *args, **kwargs: None)
		monkeypatch.setattr(frappe.db, "commit", lambda *args, **kwargs: None)

	def follow(self, dossier: str, *, client_key: str) -> dict:
		if dossier in self.broken:
			frappe.throw("broken")
		self.followed.append((dossier, client_key))
		due = self.due(dossier, working_time.calendar_for)
		frappe.db.set_value("Dossier", dossier, "due_at", due)
		return {"dossier": dossier}

	def due(self, dossier: str, calendar_for) -> datetime:
		"""Three working days after the receipt."""
		row = frappe.db.get_value("Dossier", dossier, ["receiving_unit", "received_at"], as_dict=True)
		day = row.received_at.date()
		found = calendar_for(row.receiving_unit, day, day)
		return datetime.combine(found.shift_working_days(day, 3), row.received_at.time())

	def result_of(self, dossier: str, at: datetime, calendar_for):
		return frappe._dict(due=self.due(dossier, calendar_for))


@pytest.fixture
def ledger(site, monkeypatch):
	return Ledger(monkeypatch)


def dossier(receiving: str, received: str, due: str, status: str = "In Process") -> str:
	name = frappe.generate_hash(length=10)
	doc = frappe.get_doc(
		{
			"doctype": "Dossier",
			"name": name,
			"code": f"{receiving}-{name}",
			"applicant_name": "Nguyễn Văn Thử",
			"receiving_unit": receiving,
			"status": status,
			"clock_state": "Running",
			"received_at": received,
			"due_at": due,
			"original_due_at": due,
		}
	)
	doc.db_insert()
	return name


@pytest.fixture
def two_places(ledger):
	"""Two units with calendars of their own, each with one dossier received on Monday 10 May 2027."""
	for code in ("Lịch một", "Lịch hai"):
		calendar(code, windows=OFFICE).insert()
	unit("H98")
	unit("H98.01", "H98", working_calendar="Lịch một")
	unit("H98.02", "H98", working_calendar="Lịch hai")
	return [dossier(code, "2027-05-10 10:00:00", "2027-05-13 10:00:00") for code in ("H98.01", "H98.02")]


def with_day_off(name: str, day: str):
	doc = frappe.get_doc("Working Calendar", name)
	doc.append("exceptions", {"exception_date": day, "kind": "Holiday", "reason": "Nghỉ"})
	return doc


def test_before_saving_it_is_told_how_many_due_dates_would_change(two_places):
	doc = with_day_off("Lịch một", "2027-05-12")
	seen = api.preview_calendar_change(doc.as_dict())
	assert (seen["running"], seen["changed"], seen["later"], seen["earlier"]) == (1, 1, 1, 0)
	(example,) = seen["examples"]
	assert (example["old_due"], example["new_due"]) == (datetime(2027, 5, 13, 10), datetime(2027, 5, 14, 10))
	assert frappe.db.get_value("Dossier", two_places[0], "due_at") == datetime(2027, 5, 13, 10)
	assert len(frappe.get_doc("Working Calendar", "Lịch một").exceptions) == 0


def test_a_change_that_touches_no_running_time_changes_nothing(two_places):
	assert api.preview_calendar_change(with_day_off("Lịch một", "2027-05-14").as_dict())["changed"] == 0
	assert api.preview_calendar_change(with_day_off("Lịch một", "2027-05-07").as_dict())["changed"] == 0
	assert (
		api.preview_calendar_change(frappe.get_doc("Working Calendar", "Lịch một").as_dict())["changed"] == 0
	)


def test_a_national_change_reaches_every_unit(two_places, monkeypatch):
	# Other tests' dossiers are affected too.
	monkeypatch.setattr(recomputation, "SHOWN_EXAMPLES", 10_000)
	monkeypatch.setattr(recomputation, "MOST_SECONDS", 120)
	seen = api.preview_calendar_change(with_day_off(national().name, "2027-05-12").as_dict())
	mine = [row for row in seen["examples"] if row["code"].startswith("H98")]
	assert len(mine) == 2


def test_the_preview_refuses_what_saving_would_refuse(two_places):
	doc = with_day_off("Lịch một", "2027-05-12")
	doc.append("exceptions", {"exception_date": "2027-05-12", "kind": "Swap Off", "reason": "Nghỉ"})
	with pytest.raises(rules.ExceptionEnteredTwice):
		api.preview_calendar_change(doc.as_dict())


def test_the_preview_is_for_whoever_may_write_the_calendar(two_places):
	user = person("canbo")
	member(user, "H98.01", "Approval").insert()
	doc = with_day_off("Lịch một", "2027-05-12").as_dict()
	frappe.set_user(user)
	with pytest.raises(frappe.PermissionError):
		api.preview_calendar_change(doc)


def test_recomputing_follows_the_calendar_and_keeps_the_original_due_date(two_places, ledger):
	with_day_off("Lịch một", "2027-05-12").save()
	counts = recomputation.recompute(calendar="Lịch một", mark="thu")
	assert counts == {"total": 1, "changed": 1, "failed": 0}
	row = frappe.db.get_value("Dossier", two_places[0], ["due_at", "original_due_at"], as_dict=True)
	assert (row.due_at, row.original_due_at) == (datetime(2027, 5, 14, 10), datetime(2027, 5, 13, 10))
	assert frappe.db.get_value("Dossier", two_places[1], "due_at") == datetime(2027, 5, 13, 10)
	assert ledger.followed == [(two_places[0], f"calendar:thu:{two_places[0]}")]


def test_one_dossier_that_cannot_be_recomputed_does_not_hold_up_the_others(two_places, ledger):
	ledger.broken.add(two_places[0])
	counts = recomputation.recompute(unit="H98", mark="thu")
	assert counts == {"total": 2, "changed": 0, "failed": 1}
	assert [name for name, _key in ledger.followed] == [two_places[1]]
	assert frappe.db.exists("Error Log", {"reference_name": two_places[0]})


def test_ended_dossiers_are_left_alone(two_places):
	ended = dossier("H98.01", "2027-05-10 10:00:00", "2027-05-13 10:00:00", status="Returned")
	rows = recomputation.running_dossiers(["H98.01"])
	assert [row.name for row in rows] == [two_places[0]] != [ended]


def test_saving_a_calendar_queues_the_recomputation_and_progress_is_told(two_places, monkeypatch):
	queued, told = [], []
	monkeypatch.setattr(frappe, "enqueue", lambda method, **kwargs: queued.append((method, kwargs)))
	with_day_off("Lịch một", "2027-05-12").save()
	((method, facts),) = [one for one in queued if "recomputation" in str(one[0])]
	assert facts["enqueue_after_commit"] and facts["queue"] == "long"
	assert (facts["calendar"], facts["national"]) == ("Lịch một", False)
	for _ in range(3):
		dossier("H98.01", "2027-05-10 10:00:00", "2027-05-13 10:00:00")
	monkeypatch.setattr(frappe, "publish_progress", lambda percent, **kwargs: told.append(percent))
	monkeypatch.setattr(
		frappe, "publish_realtime", lambda event, message=None, **kwargs: told.append(message)
	)
	frappe.get_attr(method)(calendar=facts["calendar"], mark=facts["mark"])
	assert told[:4] == [25, 50, 75, 100]
	assert told[4] == {"calendar": "Lịch một", "total": 4, "changed": 4, "failed": 0}


def test_moving_a_unit_under_other_calendars_queues_its_recomputation(two_places, monkeypatch):
	queued = []
	monkeypatch.setattr(frappe, "enqueue", lambda method, **kwargs: queued.append((method, kwargs)))
	doc = frappe.get_doc("Administrative Unit", "H98.01")
	doc.opening_hours = "Thứ Hai"
	doc.save()
	assert not queued
	doc.working_calendar = "Lịch hai"
	doc.save()
	assert [facts["unit"] for _method, facts in queued] == ["H98.01"]


def test_what_a_killed_job_left_behind_is_recomputed_the_next_day(two_places, ledger):
	current = working_time.revision_for("H98.01")
	frappe.db.set_value("Dossier", two_places[0], "calendar_revision", current)
	recomputation.recompute_outdated()
	followed = {name for name, _key in ledger.followed}
	assert two_places[1] in followed and two_places[0] not in followed


def test_units_following_a_calendar_are_those_that_inherit_it(two_places):
	unit("H98.01.01", "H98.01")
	assert working_time.units_following("Lịch một", Scope.UNIT) == ["H98.01", "H98.01.01"]
	assert set(working_time.units_following("Lịch một", Scope.NATIONAL)) == set(units.TREE.get())
