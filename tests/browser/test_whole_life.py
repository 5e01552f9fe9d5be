"""A land dossier with all that can happen to it, and one that three agencies share (NĐ 61/2018 art. 19)."""

import time
from datetime import timedelta

import pytest
from desk import act, log_in, open_action, open_dossier, timeline

from tests import factories as make

pytestmark = pytest.mark.browser

LEADER_OF_LAND = "lanhdao.cnhaichau"
LINKED = "2.002621"
POLICE, CHIEF = "congan.cutru.haichau", "truongcongan.haichau"
INSURANCE = "canbo.bhxh"


def at(person, connection, dossier: str):
	"""The page of a dossier, drawn for a person."""
	connection.db.rollback()
	person.open(f"/app/dossier/{dossier}")
	open_dossier(person.page, make.value(dossier, "code"))
	return person.page


def shows_status(page, status: str) -> None:
	page.locator(".page-head .indicator-pill:visible", has_text=status).wait_for()


def shows(page, text: str) -> None:
	"""The head of the page says something of where, who and until when."""
	page.locator(".os-head:visible", has_text=text).wait_for()


def wait_for(what, seconds: float = 60):
	"""What a job of the background brings about."""
	until = time.monotonic() + seconds
	while time.monotonic() < until:
		if found := what():
			return found
		time.sleep(0.3)
	raise AssertionError("the background job did not get there")


def test_a_land_dossier_with_supplement_tax_and_extension_is_returned_late(people, sample, connection):
	from one_stop.dossiers.command import as_of

	dossier = make.handed_over(make.LAND)
	promised = make.value(dossier, "due_at")
	officer = log_in(people, sample, make.OFFICER_OF_LAND)
	page = at(officer, connection, dossier)
	act(page, "Nhận việc")

	# Back to the applicant once, with every paper named; afterwards the time limit begins anew (art. 19.4).
	open_action(page, "Yêu cầu bổ sung")
	dialog = page.locator(".modal.show")
	dialog.locator(".grid-add-row").click()
	dialog.locator(".grid-body .grid-row [data-fieldname=component]").first.click()
	dialog.locator(".grid-body .grid-row [data-fieldname=component] input").fill("Hợp đồng")
	dialog.locator(".awesomplete li", has_text="Hợp đồng chuyển quyền").first.click()
	dialog.locator("[data-fieldname=reason] textarea").fill("Hợp đồng thiếu trang có chữ ký.")
	dialog.locator(".btn-modal-primary:visible").click()
	shows_status(page, "Chờ bổ sung")
	shows(page, "Tạm dừng")

	clerk = log_in(people, sample, make.CLERK)
	page = at(clerk, connection, dossier)
	act(page, "Nhận bổ sung", {"note": "Đã nộp hợp đồng đầy đủ."})
	shows_status(page, "Đang xử lý")

	# The tax office says what is owed; until it is paid the clock stands still.
	act(at(officer, connection, dossier), "Hoàn thành bước")
	tax = log_in(people, sample, make.TAX_OFFICER)
	page = at(tax, connection, dossier)
	act(page, "Yêu cầu nghĩa vụ tài chính", {"amount": "12500000"})
	shows_status(page, "Chờ thực hiện nghĩa vụ tài chính")
	page.locator(".os-part", has_text="12.500.000 đ").wait_for()
	shows(page, "Tạm dừng")

	page = at(clerk, connection, dossier)
	act(page, "Xác nhận đã nộp tiền", {"reference": "BL-0042"})
	page.locator(".os-part", has_text="BL-0042").wait_for()
	shows_status(page, "Đang xử lý")

	# Whoever answers for it puts the date off once, with an apology (art. 19.9).
	leader = log_in(people, sample, LEADER_OF_LAND)
	page = at(leader, connection, dossier)
	later = make.value(dossier, "due_at") + timedelta(days=7)
	open_action(page, "Xin lỗi và gia hạn")
	dialog = page.locator(".modal.show")
	dialog.locator("[data-fieldname=new_due] input").fill(f"{later:%d-%m-%Y %H:%M}")
	dialog.locator("[data-fieldname=reason] textarea").fill("Cần xác minh ranh giới thửa đất.")
	dialog.locator(".btn-modal-primary:visible").click()
	page.locator(".os-event", has_text="Cần xác minh ranh giới").wait_for()
	shows(page, "hẹn ban đầu")
	page.locator(".page-head .btn:visible", has_text="Phê duyệt và kết thúc").wait_for()
	assert not page.locator(".page-head", has_text="Xin lỗi và gia hạn").count(), "once is enough"

	# A day after the new due date at last: the delay is late, excused or not (TT 01/2018 form 06).
	connection.db.rollback()
	with as_of(later + timedelta(days=1)):
		make.give("finish", dossier, LEADER_OF_LAND, step="5", result_number="CS 01234")
	page = at(clerk, connection, dossier)
	shows_status(page, "Đã xử lý xong")
	page.locator(".os-head:visible .os-light", has_text="Quá hạn").wait_for()
	act(page, "Trả kết quả", {"recipient": "Người Nhận Thay"})
	shows_status(page, "Đã trả kết quả")
	assert timeline(page) == [
		"Tiếp nhận",
		"Hoàn thành bước",
		"Nhận xử lý",
		"Yêu cầu bổ sung",
		"Nhận bổ sung",
		"Hoàn thành bước",
		"Hoàn thành bước",
		"Hoàn thành bước",
		"Xin lỗi và gia hạn trả kết quả",
		"Kết thúc với kết quả",
		"Trả kết quả",
	]

	from one_stop.dossiers import ledger

	connection.db.rollback()
	doc = connection.get_doc("Dossier", dossier)
	assert (doc.status, doc.supplement_count, doc.extension_count) == ("Returned", 1, 1)
	assert doc.original_due_at == promised, "the first promise is kept for statistics"
	assert doc.due_at.date() == later.date()
	assert doc.outcome == "Late"
	payment = connection.get_doc("Dossier Payment", {"dossier": dossier, "amount": 12_500_000})
	assert (payment.status, payment.reference) == ("Paid", "BL-0042")

	def letters() -> bool:
		connection.db.rollback()
		forms = set(connection.get_all("Dossier Letter", {"dossier": dossier}, pluck="form"))
		return {"Receipt", "Supplement Request", "Apology"} <= forms

	wait_for(letters)
	assert ledger.verify(dossier) == []


def test_a_late_result_is_returned_and_says_so(people, sample, connection):
	from frappe.utils import now_datetime

	from one_stop.dossiers.command import as_of

	begun = (now_datetime() - timedelta(days=40)).replace(hour=9, minute=0, second=0, microsecond=0)
	dossier = make.draft()
	steps = (
		(begun, "receive", make.CLERK, {}),
		(begun, "complete_step", make.CLERK, {"step": "1", "no_scan_reason": "Máy quét hỏng"}),
		(begun, "complete_step", make.OFFICER, {"step": "2"}),
		(begun + timedelta(days=20), "finish", make.CHAIRMAN, {"step": "3", "result_number": "02/KS"}),
	)
	for moment, command, who, facts in steps:
		with as_of(moment):
			make.give(command, dossier, who, **facts)
	clerk = log_in(people, sample, make.CLERK)
	page = at(clerk, connection, dossier)
	page.locator(".os-head:visible .os-light", has_text="Quá hạn").wait_for()
	act(page, "Trả kết quả")
	shows_status(page, "Đã trả kết quả")
	connection.db.rollback()
	assert make.value(dossier, "outcome") == "Late"


def test_a_linked_dossier_shows_its_parts_and_follows_them(people, sample, connection):
	parent = make.handed_over(LINKED)
	make.give("complete_step", parent, make.OFFICER, step="2")

	def parts() -> dict:
		connection.db.rollback()
		rows = connection.get_all(
			"Dossier", {"parent_dossier": parent, "code": ["is", "set"]}, ["parent_step", "name"]
		)
		return {row.parent_step: row.name for row in rows} if len(rows) == 2 else {}

	opened = wait_for(parts)
	residence, card = opened["3"], opened["4"]
	clerk = log_in(people, sample, make.CLERK)
	page = at(clerk, connection, parent)
	page.locator(".os-part:visible", has_text=make.value(residence, "code")).wait_for()
	assert page.locator(".os-step.current:visible").count() == 2

	# The police see and do their part; the parent's step follows by itself.
	police = log_in(people, sample, POLICE)
	act(at(police, connection, residence), "Hoàn thành bước")
	chief = log_in(people, sample, CHIEF)
	act(at(chief, connection, residence), "Phê duyệt và kết thúc", {"result_number": "01/CT"})

	def is_now(dossier: str, status: str):
		def reached() -> bool:
			connection.db.rollback()
			return make.value(dossier, "status") == status

		return reached

	def done() -> bool:
		connection.db.rollback()
		return make.step(parent, "3").status == "Completed"

	wait_for(done)
	page = at(clerk, connection, parent)
	page.locator(".os-part:visible", has_text="Đã trả kết quả").wait_for()
	assert page.locator(".os-step.current:visible").count() == 1
	page.locator(".os-part:visible a", has_text=make.value(residence, "code")).click()
	open_dossier(page, make.value(residence, "code"))
	page.locator(".os-part:visible", has_text="thuộc hồ sơ").wait_for()

	# Beside it the insurance; with the last part the whole is settled, and one counter returns it (art. 19.7).
	insurance = log_in(people, sample, INSURANCE)
	page = at(insurance, connection, card)
	act(page, "Hoàn thành bước")
	act(page, "Phê duyệt và kết thúc", {"result_number": "TE 1 48"})
	wait_for(is_now(parent, "Finished"))
	page = at(clerk, connection, parent)
	shows_status(page, "Đã xử lý xong")
	for number in ("01/CT", "TE 1 48"):
		page.locator(".os-part:visible", has_text=number).first.wait_for()
	act(page, "Trả kết quả", {"recipient": "Mẹ của trẻ"})
	shows_status(page, "Đã trả kết quả")
	assert page.locator(".os-part:visible", has_text="Đã trả kết quả").count() == 2
