"""Reminders: who is told what, when, and only once; in the desk and by real e-mail."""

from datetime import date, datetime, timedelta

import frappe
import pytest
from frappe.utils import get_datetime, now_datetime
from mail_catcher import ACCOUNT, send_queue

from one_stop.dossiers import reminders
from one_stop.organization import units, working_time
from tests import factories as make
from tests.factories import give, user

pytestmark = pytest.mark.usefixtures("province")

OFFICERS = {user(make.OFFICER)}
LEADERS = {user(make.CHAIRMAN), user(make.VICE_CHAIRMAN)}


def clerks() -> set[str]:
	"""Whoever receives at the counter."""
	return set(units.members(make.CENTRE, "Reception", date.today()))


def calendar():
	today = now_datetime().date()
	return working_time.calendar_for(make.CENTRE, today - timedelta(days=60), today + timedelta(days=200))


def after(moment: datetime, hours: float = 1) -> datetime:
	"""A moment in working time, so many working hours after another."""
	return calendar().add_minutes(get_datetime(moment), round(hours * 60))


def before(moment: datetime, hours: float) -> datetime:
	return reminders.moment_before(calendar(), get_datetime(moment), round(hours * 60))


def noted(dossier: str, kind: str | None = None) -> set[tuple[str, str]]:
	rows = frappe.get_all(
		"Dossier Reminder",
		filters={"dossier": dossier, **({"kind": kind} if kind else {})},
		fields=["kind", "level"],
		limit=0,
	)
	return {(row.kind, row.level) for row in rows}


def told(dossier: str, words: str = "") -> list[str]:
	"""Who has a notice about a dossier in the desk, one entry a notice."""
	rows = frappe.get_all(
		"Notification Log",
		filters={"document_name": dossier, "type": "Alert", "subject": ["like", f"%{words}%"]},
		pluck="for_user",
		limit=0,
	)
	return sorted(rows)


@pytest.fixture
def text():
	"""Change reminder texts, put back afterwards."""
	kept: dict[str, dict] = {}

	def change(kind: str, **values) -> None:
		doc = frappe.get_doc("Reminder Text", kind)
		kept.setdefault(kind, {key: doc.get(key) for key in values})
		doc.update(values).save()
		frappe.db.commit()

	yield change
	for kind, values in kept.items():
		frappe.get_doc("Reminder Text", kind).update(values).save()
	frappe.db.commit()


@pytest.fixture(autouse=True)
def readable(text):
	"""Every dossier with a notice of its own, however many other tests have left behind."""
	most, reminders.MOST_NOTICES = reminders.MOST_NOTICES, 10_000
	listed, reminders.MOST_LISTED = reminders.MOST_LISTED, 10_000
	yield
	reminders.MOST_NOTICES, reminders.MOST_LISTED = most, listed


# Near due and overdue


def test_the_officer_is_told_first_and_the_leader_when_nothing_happens():
	dossier = make.handed_over()
	give("claim", dossier, make.OFFICER, step="2")
	due = make.value(dossier, "due_at")
	reminders.remind(after(due))
	assert noted(dossier, "Overdue") == {("Overdue", "Officer")}
	assert set(told(dossier, "quá hạn trả kết quả")) == OFFICERS
	reminders.remind(after(due, 4.25))
	assert noted(dossier, "Overdue") == {("Overdue", "Officer"), ("Overdue", "Leader")}
	assert set(told(dossier, "quá hạn trả kết quả")) == OFFICERS | LEADERS


def test_each_is_told_once_however_often_the_scheduler_runs():
	dossier = make.handed_over()
	give("claim", dossier, make.OFFICER, step="2")
	moment = after(make.value(dossier, "due_at"))
	for minutes in (0, 15, 30, 45):
		reminders.remind(after(moment, minutes / 60) if minutes else moment)
	assert len(told(dossier, "quá hạn trả kết quả")) == 1


def test_what_nobody_has_claimed_is_told_to_all_who_hold_the_duty():
	dossier = make.received()
	frappe.db.rollback()
	reminders.remind(after(make.value(dossier, "due_at")))
	step = make.step(dossier, "1")
	expected = {step.officer} if step.officer else clerks()
	assert set(told(dossier, "quá hạn trả kết quả")) == expected


def test_an_officer_who_lost_the_duty_is_told_nothing_more_and_the_others_are():
	dossier = make.handed_over()
	give("claim", dossier, make.OFFICER, step="2")
	row = frappe.get_doc(
		"Unit Member", {"user": user(make.OFFICER), "unit": make.COMMITTEE, "duty": "Appraisal"}
	)
	kept = row.to_date
	moment = after(make.value(dossier, "due_at"))
	try:
		row.update({"to_date": moment.date() - timedelta(days=1)})
		row.db_update()
		frappe.db.commit()
		units.MEMBERS.forget()
		# Nobody else appraises there, unless another test has let somebody.
		expected = set(units.members(make.COMMITTEE, "Appraisal", moment.date())) or LEADERS
		reminders.remind(moment)
	finally:
		row.update({"to_date": kept})
		row.db_update()
		frappe.db.commit()
		units.MEMBERS.forget()
	assert user(make.OFFICER) not in told(dossier)
	assert set(told(dossier, "quá hạn trả kết quả")) == expected


def test_a_same_day_dossier_is_near_due_when_half_of_its_time_has_gone():
	dossier = make.handed_over()
	received, due = (get_datetime(make.value(dossier, name)) for name in ("received_at", "due_at"))
	early = after(received, 0.25)
	if early - received < (due - received) / 2:
		reminders.remind(early)
		assert not noted(dossier, "Near Due")
	reminders.remind(before(due, 0.5))
	assert ("Near Due", "Officer") in noted(dossier, "Near Due")
	assert set(told(dossier, "sắp đến hạn")) >= OFFICERS


def test_an_extension_is_a_new_due_date_and_reminded_of_anew_nd61_art_19_9():
	dossier = make.handed_over()
	give("claim", dossier, make.OFFICER, step="2")
	moment = after(make.value(dossier, "due_at"))
	reminders.remind(moment)
	new = after(moment, 24)
	give("extend", dossier, make.CHAIRMAN, new_due=str(new), reason="Cần xác minh thêm")
	reminders.remind(after(new))
	assert len(told(dossier, "quá hạn trả kết quả")) == 2
	rows = frappe.get_all("Dossier Reminder", {"dossier": dossier, "kind": "Overdue", "level": "Officer"})
	assert len(rows) == 2


def test_a_late_step_of_a_dossier_in_time_is_told_as_such():
	dossier = make.received(make.LAND)
	give("complete_step", dossier, make.CLERK, step="1", no_scan_reason="Máy quét hỏng")
	step = make.step(dossier, "2")
	reminders.remind(after(step.due_at))
	assert noted(dossier, "Step Overdue") == {("Step Overdue", "Officer")}
	assert not noted(dossier, "Overdue")
	assert told(dossier, frappe.utils.escape_html(step.title))


@pytest.mark.parametrize("state", ["returned", "withdrawn", "awaiting supplement"])
def test_what_has_ended_or_waits_for_the_applicant_is_nobodys_delay(state: str):
	if state == "returned":
		dossier = make.finished()
		give("return_result", dossier, make.CLERK, way="Counter")
	elif state == "withdrawn":
		dossier = make.handed_over()
		give("withdraw", dossier, make.CLERK, reason="Người nộp rút hồ sơ")
	else:
		dossier = make.handed_over()
		give("request_supplement", dossier, make.OFFICER, reason="Thiếu thông tin")
	reminders.remind(after(make.value(dossier, "due_at"), 8))
	assert not noted(dossier) & {("Overdue", "Officer"), ("Overdue", "Leader"), ("Step Overdue", "Officer")}


# Apology


def test_the_apology_is_asked_for_while_it_can_go_out_a_day_before_nd61_art_19_9():
	dossier = make.received(make.LAND)
	give("complete_step", dossier, make.CLERK, step="1", no_scan_reason="Máy quét hỏng")
	due = get_datetime(make.value(dossier, "due_at"))
	reminders.remind(before(due, 24))
	assert not noted(dossier, "Apology Due")
	moment = before(due, 15)
	assert moment.date() < due.date(), "an apology sent then is a day before"
	reminders.remind(moment)
	assert noted(dossier, "Apology Due") == {("Apology Due", "Officer"), ("Apology Due", "Leader")}
	assert told(dossier, "văn bản xin lỗi")


def test_what_was_extended_already_needs_no_apology_any_more():
	dossier = make.received(make.LAND)
	give("complete_step", dossier, make.CLERK, step="1", no_scan_reason="Máy quét hỏng")
	led = make.step(dossier, "2").unit
	(leader,) = reminders.People(now_datetime()).leaders(led)[:1]
	new = after(make.value(dossier, "due_at"), 40)
	give("extend", dossier, leader.split("@")[0], new_due=str(new), reason="Cần đo đạc lại")
	reminders.remind(before(make.value(dossier, "due_at"), 15))
	assert not noted(dossier, "Apology Due")


# The counter


def test_a_supplement_that_does_not_come_is_told_to_the_counter():
	dossier = make.draft()
	give("request_supplement", dossier, make.CLERK, reason="Thiếu giấy chứng sinh")
	expires = make.value(dossier, "applicant_due")
	reminders.remind(before(expires, 2))
	assert not noted(dossier, "Supplement Expired")
	reminders.remind(after(expires, 0.5))
	assert set(told(dossier, "hết thời hạn bổ sung")) == clerks()


def test_an_online_dossier_left_unanswered_is_told_to_the_counter_then_its_head_nd45():
	dossier = make.draft(channel="Online")
	give("register", dossier, make.CLERK)
	due = make.value(dossier, "acknowledgement_due")
	reminders.remind(after(due, 0.5))
	assert set(told(dossier, "quá thời hạn tiếp nhận")) == clerks()
	reminders.remind(after(due, 5))
	assert set(told(dossier, "quá thời hạn tiếp nhận")) == clerks() | LEADERS


def test_an_acknowledged_online_dossier_is_not_reminded_of():
	dossier = make.draft(channel="Online")
	give("register", dossier, make.CLERK)
	give("acknowledge", dossier, make.CLERK)
	reminders.remind(after(make.value(dossier, "acknowledgement_due"), 5))
	assert not noted(dossier)


# Opinions


def test_the_head_of_the_one_stop_hears_of_an_opinion_that_does_not_come_nd61_art_19_5():
	dossier = make.handed_over()
	due = after(now_datetime(), 6)
	give(
		"ask_opinion",
		dossier,
		make.OFFICER,
		step="2",
		unit="H17.31.01",
		question="Trẻ đã được đăng ký khai sinh ở xã chưa?",
		answer_due=str(due),
	)
	due = frappe.db.get_value("Dossier Opinion", {"dossier": dossier}, "due_at")
	reminders.remind(before(due, 0.5))
	assert not noted(dossier, "Opinion Overdue")
	reminders.remind(after(due, 0.5))
	assert set(told(dossier, "chưa trả lời ý kiến")) == OFFICERS | set(
		reminders.People(now_datetime()).leaders(make.CENTRE)
	)
	asked = frappe.db.get_value(
		"Notification Log", {"document_name": dossier, "subject": ["like", "%ý kiến%"]}, "subject"
	)
	assert units.unit_name("H17.31.01") in asked


def test_the_head_named_with_a_unit_is_its_leader_else_who_leads_there_or_above():
	people = reminders.People(now_datetime())
	assert set(people.leaders(make.CENTRE)) == LEADERS, "the centre has no leader of its own: the ward's"
	frappe.db.set_value("Administrative Unit", make.CENTRE, "head", user(make.OTHER_CLERK))
	frappe.clear_document_cache("Administrative Unit", make.CENTRE)
	try:
		assert reminders.People(now_datetime()).leaders(make.CENTRE) == [user(make.OTHER_CLERK)]
	finally:
		frappe.db.rollback()
		frappe.clear_document_cache("Administrative Unit", make.CENTRE)


# Working time


def test_nobody_is_told_at_night_on_days_off_or_at_noon():
	dossier = make.handed_over()
	due = get_datetime(make.value(dossier, "due_at"))
	day = after(due, 8).date()
	off = next(
		day + timedelta(days=n)
		for n in range(1, 15)
		if not calendar().is_working_day(day + timedelta(days=n))
	)
	for moment in (
		datetime.combine(day, datetime.min.time()).replace(hour=22),
		datetime.combine(day, datetime.min.time()).replace(hour=12),
		datetime.combine(off, datetime.min.time()).replace(hour=9),
	):
		assert reminders.remind(moment)["noted"] == 0
	assert not noted(dossier, "Overdue")
	reminders.remind(datetime.combine(calendar().next_working_day(day), datetime.min.time()).replace(hour=9))
	assert noted(dossier, "Overdue")


@pytest.mark.parametrize("minutes", [1, 30, 240, 480, 481, 2400])
def test_working_time_is_counted_back_to_the_minute(minutes: int):
	for hour in (7, 9, 14, 22):
		now = datetime.combine(now_datetime().date(), datetime.min.time()).replace(hour=hour, minute=20)
		moment = reminders.moment_before(calendar(), now, minutes)
		assert calendar().elapsed(moment, now) == minutes
		assert calendar().elapsed(moment + timedelta(minutes=1), now) < minutes


# Settings


def test_a_reminder_switched_off_tells_nobody(text):
	text("Overdue", enabled=0)
	dossier = make.handed_over()
	reminders.remind(after(make.value(dossier, "due_at"), 8))
	assert not noted(dossier, "Overdue")


def test_hours_and_words_are_the_administrators(text):
	text("Overdue", officer_hours=3, notice="Trễ rồi: {{ code }}", tell_leader=0)
	dossier = make.handed_over()
	due = make.value(dossier, "due_at")
	reminders.remind(after(due, 2))
	assert not noted(dossier, "Overdue")
	reminders.remind(after(due, 3))
	assert told(dossier, f"Trễ rồi: {make.value(dossier, 'code')}")
	reminders.remind(after(due, 16))
	assert noted(dossier, "Overdue") == {("Overdue", "Officer")}


@pytest.mark.parametrize(
	("fieldname", "value"),
	[
		("notice", "{{ applicant }}"),
		("subject", "{% for x in code %}{% endfor %}"),
		("message", "{{ frappe.db }}"),
		("officer_hours", 401),
	],
)
def test_settings_that_do_not_work_are_not_saved(fieldname: str, value):
	doc = frappe.get_doc("Reminder Text", "Overdue").update({fieldname: value})
	with pytest.raises(frappe.ValidationError):
		doc.save()


def test_who_wants_no_notices_gets_none():
	dossier = make.handed_over()
	give("claim", dossier, make.OFFICER, step="2")
	name = user(make.OFFICER)
	if not frappe.db.exists("Notification Settings", name):
		frappe.get_doc({"doctype": "Notification Settings", "name": name, "user": name}).insert()
	frappe.db.set_value("Notification Settings", name, "enabled", 0)
	frappe.db.commit()
	try:
		reminders.remind(after(make.value(dossier, "due_at")))
	finally:
		frappe.db.set_value("Notification Settings", name, "enabled", 1)
		frappe.db.commit()
	assert noted(dossier, "Overdue") and not told(dossier, "quá hạn")


def test_many_at_once_become_one_notice():
	reminders.MOST_NOTICES = 2
	dossiers = [make.handed_over() for _number in range(3)]
	for dossier in dossiers:
		give("claim", dossier, make.OFFICER, step="2")
	moment = after(max(make.value(dossier, "due_at") for dossier in dossiers))
	reminders.remind(moment)
	assert all(noted(dossier, "Overdue") for dossier in dossiers)
	assert sum(len(told(dossier)) for dossier in dossiers) <= 1
	rows = frappe.get_all(
		"Notification Log",
		{"for_user": user(make.OFFICER), "subject": ["like", "%hồ sơ quá hạn trả kết quả"]},
	)
	assert rows


# Crashes, and what is touched


def test_what_was_noted_but_not_told_is_told_by_the_next_run(monkeypatch):
	dossier = make.handed_over()
	give("claim", dossier, make.OFFICER, step="2")
	moment = after(make.value(dossier, "due_at"))
	with monkeypatch.context() as patched:
		patched.setattr(reminders, "_tell", lambda *_arguments: 1 / 0)
		with pytest.raises(ZeroDivisionError):
			reminders.remind(moment)
	assert noted(dossier, "Overdue") and not told(dossier)
	reminders.remind(moment)
	assert len(told(dossier, "quá hạn trả kết quả")) == 1


def test_a_run_in_which_nothing_changed_writes_nothing():
	dossier = make.handed_over()
	moment = after(make.value(dossier, "due_at"))
	reminders.remind(moment)
	before_run = frappe.db.get_value("Dossier", dossier, ["modified", "last_hash"])
	logs = frappe.db.count("Notification Log")
	assert reminders.remind(moment) == {"noted": 0, "told": 0}
	assert frappe.db.count("Notification Log") == logs
	assert frappe.db.get_value("Dossier", dossier, ["modified", "last_hash"]) == before_run


def test_reminders_are_written_by_the_system_and_seen_where_the_dossier_is_seen():
	dossier = make.handed_over()
	reminders.remind(after(make.value(dossier, "due_at")))
	with make.acting(make.CHAIRMAN):
		assert frappe.get_list("Dossier Reminder", {"dossier": dossier})
	other = frappe.get_all("Unit Member", {"duty": "Approval", "unit": "H17.41.01"}, pluck="user")
	assert other
	with make.acting(other[0].split("@")[0]):
		assert not frappe.get_list("Dossier Reminder", {"dossier": dossier})
	with pytest.raises(frappe.ValidationError):
		frappe.get_doc({"doctype": "Dossier Reminder", "dossier": dossier, "kind": "Overdue"}).insert()


def test_old_reminders_are_forgotten():
	dossier = make.handed_over()
	reminders.remind(after(make.value(dossier, "due_at")))
	long_ago = now_datetime() - timedelta(days=reminders.KEPT_DAYS + 1)
	table = frappe.qb.DocType("Dossier Reminder")
	frappe.qb.update(table).set(table.creation, str(long_ago)).where(table.dossier == dossier).run()
	reminders.forget_old()
	assert noted(dossier), "what is still open is not to be told of again"
	frappe.db.set_value("Dossier", dossier, "ended_at", str(long_ago))
	reminders.forget_old()
	assert not noted(dossier)
	frappe.db.rollback()


# By e-mail


def test_the_officer_has_one_e_mail_about_all_dossiers_of_a_kind(box):
	dossiers = [make.handed_over(applicant_name="Người Không Nêu Tên") for _number in range(2)]
	for dossier in dossiers:
		give("claim", dossier, make.OFFICER, step="2")
	moment = after(max(make.value(dossier, "due_at") for dossier in dossiers))
	reminders.remind(moment)
	reminders.remind(moment)
	send_queue()
	codes = [make.value(dossier, "code") for dossier in dossiers]
	mine = [
		mail
		for receivers, mail in box.mails
		if receivers == [user(make.OFFICER)] and codes[0] in mail.get_body(("html",)).get_content()
	]
	overdue = [mail for mail in mine if "quá hạn trả kết quả" in mail["Subject"]]
	assert len(overdue) == 1, [mail["Subject"] for mail in mine]
	body = overdue[0].get_body(("html",)).get_content()
	for code, dossier in zip(codes, dossiers, strict=True):
		assert code in body and f"/dossier/{dossier}" in body
	assert "Kính gửi Hoàng Văn Thí 05" in body
	assert "Người Không Nêu Tên" not in str(overdue[0]), "mails travel further than dossiers do"


def test_the_words_of_the_e_mail_are_the_administrators(box, text):
	text("Overdue", subject="Đôn đốc {{ count }} hồ sơ", message="Đề nghị {{ recipient }} xử lý.")
	dossier = make.handed_over()
	give("claim", dossier, make.OFFICER, step="2")
	reminders.remind(after(make.value(dossier, "due_at")))
	send_queue()
	mails = [mail for _receivers, mail in box.mails if mail["Subject"].startswith("Đôn đốc")]
	assert mails and "Đề nghị Hoàng Văn Thí 05 xử lý." in mails[0].get_body(("html",)).get_content()


def test_without_e_mail_the_desk_still_tells(box, text):
	text("Overdue", by_email=0)
	dossier = make.handed_over()
	reminders.remind(after(make.value(dossier, "due_at")))
	send_queue()
	code = make.value(dossier, "code")
	overdue = [m for _to, m in box.mails if "quá hạn trả kết quả" in m["Subject"] and code in str(m)]
	assert not overdue and told(dossier, "quá hạn trả kết quả")


def test_without_a_mail_account_the_desk_still_tells():
	assert not frappe.get_all("Email Account", {"name": ACCOUNT})
	dossier = make.handed_over()
	reminders.remind(after(make.value(dossier, "due_at")))
	assert told(dossier, "quá hạn trả kết quả")


def test_notices_show_text_and_never_markup(text):
	text("Overdue", notice="<b>{{ code }}</b>")
	dossier = make.handed_over()
	reminders.remind(after(make.value(dossier, "due_at")))
	(subject,) = set(
		frappe.get_all(
			"Notification Log", {"document_name": dossier, "subject": ["like", "%b%"]}, pluck="subject"
		)
	)
	assert "<b>" not in subject and "&lt;b&gt;" in subject
