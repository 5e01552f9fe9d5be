"""Notices to applicants: at once, with what the law wants told, in the language they chose (NĐ 224/2026 art. 15.1g)."""

import time

import frappe
import pytest

from one_stop import desk
from one_stop.citizen_portal import notices
from tests import factories as make

pytestmark = pytest.mark.usefixtures("province")
SECONDS = 30


@pytest.fixture(autouse=True, scope="module")
def _workers_are_idle(drop_jobs):
	drop_jobs()


def told(dossier: str, kind: str) -> frappe._dict:
	"""The notice of an event of a dossier, written by the site's worker."""
	end = time.monotonic() + SECONDS
	while time.monotonic() < end:
		frappe.db.rollback()
		event = frappe.db.get_value("Dossier Event", {"dossier": dossier, "kind": kind})
		if found := frappe.db.get_value("Portal Notice", {"event": event}, ["title", "body"], as_dict=True):
			return found
		time.sleep(0.2)
	raise AssertionError("no notice")


def of_a_citizen(language: str = "vi") -> str:
	user = make.citizen()
	frappe.db.set_value("User", user, "language", language)
	dossier = make.draft(applicant_email="nguoi-dan@example.com")
	frappe.db.set_value("Dossier", dossier, "applicant_user", user)
	frappe.db.commit()
	make.give("receive", dossier, make.CLERK)
	return dossier


def test_a_notice_says_who_received_when_who_handles_it_and_until_when_nd224_art_15_1g():
	from one_stop.citizen_portal.rendering import moment_text

	dossier = of_a_citizen()
	doc = frappe.get_doc("Dossier", dossier)
	body = told(dossier, "received").body
	for fact in (
		moment_text(doc.received_at),
		moment_text(doc.due_at),
		frappe.utils.get_fullname(make.user(make.CLERK)),
		frappe.db.get_value("Administrative Unit", make.CENTRE, "unit_name"),
		frappe.db.get_value("Administrative Unit", make.COMMITTEE, "unit_name"),
		"Thời gian giải quyết",
	):
		assert fact in body, fact


def test_every_notice_of_a_received_dossier_says_so():
	dossier = of_a_citizen()
	make.give("complete_step", dossier, make.CLERK, step="1", no_scan_reason="Máy quét hỏng")
	make.give("extend", dossier, make.CHAIRMAN, new_due=make.working_moment(40), reason="Chờ xác minh")
	body = told(dossier, "extended").body
	for fact in ("Thời điểm tiếp nhận", "Người tiếp nhận", "Đang xử lý", "Hẹn trả kết quả"):
		assert fact in body, fact


def test_a_citizen_who_chose_english_is_told_in_english():
	dossier = of_a_citizen("en")
	notice = told(dossier, "received")
	assert notice.title.startswith("Received: dossier") and "Received by" in notice.body


def test_a_letter_leaves_at_once_and_does_not_wait_for_the_queue_s_round(box, drop_jobs):
	drop_jobs()
	dossier = make.draft(applicant_email="ngay-lap-tuc@example.com")
	begun = time.monotonic()
	make.give("receive", dossier, make.CLERK)
	while not (mine := [mail for to, mail in box.mails if to == ["ngay-lap-tuc@example.com"]]):
		assert time.monotonic() - begun < SECONDS, "no letter"
		time.sleep(0.2)
	time.sleep(1)
	assert len(mine) == 1


def test_many_letters_at_once_are_sent_by_one_job(monkeypatch):
	queued = []
	monkeypatch.setattr(frappe, "enqueue", lambda method, **_given: queued.append(method))
	frappe.cache.delete_value(notices.SENDING)
	for _letter in range(5):
		notices.send_soon()
	frappe.db.commit()
	assert queued == ["one_stop.citizen_portal.notices.send_letters"]
	frappe.cache.delete_value(notices.SENDING)


def test_wording_that_nobody_changed_is_renewed_and_an_administrator_s_own_is_kept():
	own = frappe.get_doc("Notice Template", {"event": "received", "language": "vi"})
	own.body = "Lời của địa phương {{ code }}"
	own.save()
	other = frappe.db.get_value("Notice Template", {"event": "received", "language": "en"})
	frappe.db.sql("update `tabNotice Template` set body = 'old', modified = creation where name = %s", other)
	notices.renew_untouched()
	assert frappe.db.get_value("Notice Template", own.name, "body") == "Lời của địa phương {{ code }}"
	assert frappe.db.get_value("Notice Template", other, "body") != "old"


def test_a_template_is_for_an_event_that_has_a_name():
	"""So that whoever words one chooses from names; a misspelt event would never be told."""
	boot = frappe._dict()
	desk.extend_bootinfo(boot)
	named = boot.one_stop["event_kinds"]
	assert {row["event"] for row in notices.seeds()} <= set(named)
	wrong = {"doctype": "Notice Template", "event": "recieved", "language": "vi", "subject": "A", "body": "B"}
	with pytest.raises(frappe.ValidationError, match="Loại sự kiện"):
		frappe.get_doc(wrong).insert()
	assert {kind: frappe._(name) for kind, name in named.items() if frappe._(name) == name} == {}


def test_every_event_of_the_ledger_has_a_name():
	from one_stop.dossiers.case import COMMANDS
	from one_stop.dossiers.pages import EVENT_LABELS

	assert {command.event for command in COMMANDS.values()} <= set(EVENT_LABELS)
