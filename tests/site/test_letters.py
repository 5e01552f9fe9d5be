"""Letters and printed forms: which event calls for which, their numbers, fields and files, and who may have them."""

import io
import json
from datetime import date

import frappe
import pytest
from frappe.utils import add_days, now_datetime
from pypdf import PdfReader

from one_stop.api import print_forms as endpoints
from one_stop.dossiers import (
	control_slip,
	dossier_lists,
	effects,
	form_data,
	ledger,
	letter_texts,
	letters,
	print_forms,
)
from one_stop.dossiers.exceptions import LetterNotIssued, ListRefused, OnlyByCommand
from tests import factories as make
from tests.factories import give

pytestmark = pytest.mark.usefixtures("province")

FACTS = {
	"applicant_address": "Tổ 12, phường Hải Châu, thành phố Đà Nẵng",
	"applicant_email": "nguoithu@example.vn",
	"summary": "Đăng ký khai sinh cho cháu Nguyễn Thị Mẫu",
}
MONITOR = "giamsat"
RESULTS = {"Early": "Trước hạn", "On Time": "Đúng hạn", "Late": "Quá hạn"}


@pytest.fixture
def no_jobs(monkeypatch):
	"""Files are made by the test alone, not by the site's workers."""
	queued: list[str] = []
	monkeypatch.setattr(letters, "_queue", lambda doctype, name: queued.append(name))
	return queued


def follow(dossier: str) -> None:
	"""Carry out what follows each event, as the jobs do."""
	for row in ledger.rows_of(dossier):
		effects.follow(dossier, row.name)


def letters_of(dossier: str, form: str | None = None) -> list:
	return frappe.get_all(
		"Dossier Letter",
		filters={"dossier": dossier, **({"form": form} if form else {})},
		fields=["*"],
		order_by="creation asc",
	)


def page_of(dossier: str, form: str, official: bool = True) -> str:
	"""The form as HTML."""
	document = frappe.get_doc("Dossier", dossier)
	document.flags.official_copy = official
	from frappe.www.printview import get_rendered_template

	return get_rendered_template(
		document, print_format=frappe.get_doc("Print Format", form), no_letterhead=True
	)


def text_of(pdf: bytes) -> str:
	return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def flat(text: str) -> str:
	return " ".join(text.split())


# Which event calls for which letter


def test_the_reception_gives_a_receipt_and_a_number_in_the_register_tt01_art_10():
	dossier = make.received(make.LAND, **FACTS)
	follow(dossier)
	(receipt,) = letters_of(dossier, "Receipt")
	assert (receipt.unit, receipt.addressee) == (make.CENTRE, make.value(dossier, "applicant_name"))
	assert receipt.signer == make.user(make.CLERK) and int(receipt.number) > 0
	assert make.value(dossier, "register_number") > 0


def test_a_same_day_procedure_gives_its_receipt_only_when_asked_nd61_art_17_4():
	dossier = make.received(**FACTS)
	follow(dossier)
	assert not letters_of(dossier)
	assert make.value(dossier, "register_number") > 0, "the register knows it all the same"
	name = letters.issue_now(dossier, "Receipt")
	assert [row.name for row in letters_of(dossier)] == [name]


def test_each_event_is_answered_by_its_letter_once_however_often_its_job_runs():
	dossier = make.received(make.LAND, **FACTS)
	follow(dossier)
	follow(dossier)
	assert letters.issue_now(dossier, "Receipt") == letters_of(dossier)[0].name
	assert len(letters_of(dossier)) == 1


def test_the_database_itself_keeps_a_second_letter_of_an_event_out():
	dossier = make.received(make.LAND)
	letter = frappe.get_doc("Dossier Letter", letters.issue_now(dossier, "Receipt"))
	letter.name = frappe.generate_hash(length=16)
	with pytest.raises((frappe.UniqueValidationError, frappe.DuplicateEntryError)):
		letter.db_insert()


def test_a_correction_issues_a_new_receipt_that_names_the_one_it_replaces():
	dossier = make.received(make.LAND, **FACTS)
	follow(dossier)
	give("correct", dossier, make.CLERK, reason="Sai tên", applicant_name="Người Thử Đã Sửa")
	follow(dossier)
	first, second = letters_of(dossier, "Receipt")
	assert int(second.number) > int(first.number)
	page = flat(page_of(dossier, "Receipt"))
	assert f"Thay thế Giấy tiếp nhận hồ sơ số {first.number} ngày" in page
	assert "Người Thử Đã Sửa" in page and f"Số: {second.number}/TTPVHCC" in page


def test_a_correction_of_a_same_day_dossier_without_receipt_issues_none():
	dossier = make.received()
	give("correct", dossier, make.CLERK, reason="Sai tên", applicant_name="Người Thử Đã Sửa")
	follow(dossier)
	assert not letters_of(dossier)


def test_what_is_refused_at_the_counter_has_its_letter_without_a_code():
	dossier = make.draft(**FACTS)
	give("refuse_at_intake", dossier, make.CLERK, reason="Không thuộc thẩm quyền của phường.")
	follow(dossier)
	(letter,) = letters_of(dossier)
	assert (letter.form, letter.unit, letter.reason) == (
		"Refusal",
		make.CENTRE,
		"Không thuộc thẩm quyền của phường.",
	)
	page = flat(page_of(dossier, "Refusal"))
	assert "không tiếp nhận, giải quyết hồ sơ này" in page and "NGƯỜI TIẾP NHẬN HỒ SƠ" in page


def test_a_refusal_after_appraisal_comes_from_who_decides_nd61_art_19_8():
	dossier = make.at_signature()
	give("refuse", dossier, make.CHAIRMAN, step="3", reason="Trẻ đã được đăng ký khai sinh.")
	follow(dossier)
	(letter,) = letters_of(dossier, "Refusal")
	assert letter.unit == make.COMMITTEE
	page = flat(page_of(dossier, "Refusal"))
	assert "thông báo không giải quyết hồ sơ này" in page and "THỦ TRƯỞNG CƠ QUAN, ĐƠN VỊ" in page


def test_an_end_before_the_result_gives_a_stop_notice_and_closes_the_control_slip_tt03_form_05():
	for command, who in (("withdraw", make.CLERK), ("stop", make.CHAIRMAN)):
		dossier = make.handed_over()
		give(command, dossier, who, reason="Người nộp đề nghị dừng giải quyết.")
		follow(dossier)
		assert {row.form for row in letters_of(dossier)} == {"Stop Notice", "Control Slip"}


def test_a_draft_withdrawn_before_reception_gives_no_letter():
	dossier = make.draft(channel="Online")
	give("register", dossier, make.CLERK)
	give("withdraw", dossier, make.CLERK, reason="Người nộp đổi ý")
	follow(dossier)
	assert not letters_of(dossier)
	with pytest.raises(LetterNotIssued):
		letters.issue_now(dossier, "Stop Notice")


def test_the_control_slip_is_issued_when_the_result_has_been_returned_and_printed_before():
	dossier = make.finished()
	assert "Chuyển" in page_of(dossier, "Control Slip") or "Thẩm tra" in page_of(dossier, "Control Slip")
	assert not letters_of(dossier, "Control Slip")
	give("return_result", dossier, make.CLERK, way="Counter", recipient="Người Thử")
	follow(dossier)
	assert len(letters_of(dossier, "Control Slip")) == 1


def test_a_form_that_nothing_called_for_is_refused_in_words():
	dossier = make.received()
	for form in ("Apology", "Supplement Request", "Refusal", "Stop Notice"):
		with pytest.raises(LetterNotIssued):
			letters.issue_now(dossier, form)


# Numbers


def test_numbers_run_without_gap_within_unit_form_and_year_tt01_art_10():
	for _time in range(3):
		letters.issue_now(make.received(), "Receipt")
	year = now_datetime().year
	rows = frappe.get_all(
		"Dossier Letter",
		filters={
			"unit": make.CENTRE,
			"form": "Receipt",
			"issued_at": ["between", [date(year, 1, 1), date(year, 12, 31)]],
		},
		pluck="number",
		limit=0,
	)
	assert sorted(map(int, rows)) == list(range(1, len(rows) + 1))


def test_each_form_and_each_year_counts_for_itself():
	unit = f"T{frappe.generate_hash(length=8)}"
	assert [letters.next_number(unit, "Receipt", 2026) for _time in range(2)] == ["1", "2"]
	assert letters.next_number(unit, "Refusal", 2026) == "1"
	assert letters.next_number(unit, "Receipt", 2027) == "1"


def test_the_register_counts_receptions_of_a_unit_in_their_order():
	first, second = make.received(), make.received()
	for dossier in (first, second):
		follow(dossier)
	assert make.value(second, "register_number") > make.value(first, "register_number")
	follow(first)
	assert make.value(second, "register_number") > make.value(first, "register_number")


# Fields of the forms (TT 01/2018, TT 03/2025)


def test_the_receipt_says_everything_of_form_01():
	dossier = make.received(
		make.LAND,
		authorised_name="Trần Thị Thay",
		result_delivery="Post",
		postal_address="Tổ 3, xã Hòa Vang",
		number_of_sets=2,
		**FACTS,
	)
	follow(dossier)
	doc = frappe.get_doc("Dossier", dossier)
	page = flat(page_of(dossier, "Receipt"))
	for said in (
		"ỦY BAN NHÂN DÂN PHƯỜNG HẢI CHÂU",
		"TRUNG TÂM PHỤC VỤ HÀNH CHÍNH CÔNG",
		f"Số: {letters_of(dossier)[0].number}/TTPVHCC",
		"Hải Châu, ngày",
		"CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
		"GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ",
		doc.code,
		"<svg",
		doc.applicant_name,
		"Trần Thị Thay",
		doc.applicant_id_number,
		doc.applicant_phone,
		FACTS["applicant_email"],
		FACTS["applicant_address"],
		FACTS["summary"],
		doc.components[0].component_name,
		"2. Số lượng hồ sơ: 02 (bộ)",
		"3. Thời gian giải quyết hồ sơ theo quy định: không quá 10 ngày làm việc",
		f"4. Thời gian nhận hồ sơ: {doc.received_at:%H} giờ {doc.received_at:%M} phút, ngày {doc.received_at:%d/%m/%Y}",
		f"{doc.due_at:%H} giờ {doc.due_at:%M} phút, ngày {doc.due_at:%d/%m/%Y}",
		"Nhận qua dịch vụ bưu chính công ích (địa chỉ: Tổ 3, xã Hòa Vang)",
		f"quyển số: {doc.received_at.year}; số thứ tự: {doc.register_number}",
		doc.access_code,
		"NGƯỜI NỘP HỒ SƠ",
		"NGƯỜI TIẾP NHẬN HỒ SƠ",
		"Mẫu số 01 (Thông tư 03/2025/TT-VPCP)",
	):
		assert said in page, said


def test_the_supplement_request_says_everything_of_form_02():
	dossier = make.draft(**FACTS)
	paper = frappe.db.get_value("Dossier Component", {"parent": dossier, "idx": 1}, "component_name")
	give(
		"request_supplement",
		dossier,
		make.CLERK,
		reason="Tờ khai chưa ghi nơi sinh.",
		items=[
			{"component": paper, "note": "Ghi đầy đủ nơi sinh"},
			{"component": "Văn bản thỏa thuận", "legal_basis": "Điều 26 Bộ luật Dân sự 2015"},
		],
	)
	follow(dossier)
	page = flat(page_of(dossier, "Supplement Request"))
	due = make.value(dossier, "applicant_due")
	for said in (
		"PHIẾU YÊU CẦU BỔ SUNG, HOÀN THIỆN HỒ SƠ",
		"Yêu cầu hoàn thiện hồ sơ gồm những nội dung sau:",
		paper,
		"Ghi đầy đủ nơi sinh",
		"Căn cứ: Điều 26 Bộ luật Dân sự 2015",
		"Lý do: Tờ khai chưa ghi nơi sinh.",
		f"trước {due:%H} giờ {due:%M} phút, ngày {due:%d/%m/%Y}",
		"liên hệ với Lê Văn Giả 03",
		"NGƯỜI HƯỚNG DẪN",
	):
		assert said in page, said


def test_the_apology_says_why_and_until_when_and_asks_for_the_extension_nd61_art_19_9():
	dossier = make.handed_over()
	old = make.value(dossier, "due_at")
	new = make.working_moment(7, 16)
	give("extend", dossier, make.CHAIRMAN, new_due=str(new), reason="Cần xác minh nơi cư trú của người mẹ.")
	follow(dossier)
	(letter,) = letters_of(dossier, "Apology")
	assert (letter.unit, letter.old_due_at, letter.new_due_at) == (make.COMMITTEE, old, new)
	page = flat(page_of(dossier, "Apology"))
	for said in (
		"VĂN BẢN XIN LỖI VÀ ĐỀ NGHỊ GIA HẠN",
		"ỦY BAN NHÂN DÂN THÀNH PHỐ ĐÀ NẴNG",
		f"Kính gửi: <b>{make.value(dossier, 'applicant_name')}",
		f"{old:%H} giờ {old:%M} phút, ngày {old:%d/%m/%Y}",
		"Lý do: Cần xác minh nơi cư trú của người mẹ.",
		"xin lỗi Ông/Bà/Tổ chức",
		f"16 giờ 00 phút, ngày {new:%d/%m/%Y}",
		"THỦ TRƯỞNG CƠ QUAN, ĐƠN VỊ",
		"Phan Thị Nghiệm 06",
	):
		assert said in page, said


def test_forms_follow_the_set_in_force_on_the_day_of_issue():
	before, after = date(2020, 4, 17), date(2026, 1, 5)
	titles = {day: " ".join(letter_texts.worded("Apology", day, {}).title) for day in (before, after)}
	assert titles[before] == "PHIẾU XIN LỖI VÀ HẸN LẠI NGÀY TRẢ KẾT QUẢ"
	assert titles[after] == "VĂN BẢN XIN LỖI VÀ ĐỀ NGHỊ GIA HẠN"
	assert letter_texts.text_on("Control Slip", before).form_number == "Mẫu số 05 (Thông tư 01/2018/TT-VPCP)"
	assert letter_texts.text_on("Control Slip", after).form_number == "Mẫu số 06 (Thông tư 03/2025/TT-VPCP)"


def test_the_control_slip_has_a_block_for_each_hand_over_with_the_givers_result():
	dossier = make.handed_over()
	give("claim", dossier, make.OFFICER, step="2")
	give("complete_step", dossier, make.OFFICER, step="2", note="Đủ điều kiện, trình ký")
	give("send_back", dossier, make.CHAIRMAN, step="3", to="2", reason="Sửa lỗi chính tả")
	give("complete_step", dossier, make.OFFICER, step="2")
	give("finish", dossier, make.CHAIRMAN, step="3", result_number="02/KS")
	give("return_result", dossier, make.CLERK, way="Counter")
	blocks = control_slip.handovers(dossier)
	assert [block.number for block in blocks] == list(range(1, 8))
	first, over, appraised, back, *_rest, returned = blocks
	assert (first.giver.unit, first.receivers[0].person) == ("Người nộp hồ sơ", "Lê Văn Giả 03")
	assert over.receivers[0].person == "Hoàng Văn Thí 05" and over.outcome in RESULTS
	assert (appraised.giver.person, appraised.note) == ("Hoàng Văn Thí 05", "Đủ điều kiện, trình ký")
	assert back.receivers[0].person == "Hoàng Văn Thí 05" and back.note == "Sửa lỗi chính tả"
	assert returned.receivers[0].unit == "Người nộp hồ sơ" and returned.outcome in RESULTS
	page = flat(page_of(dossier, "Control Slip"))
	moment = returned.at
	assert f"{moment:%H} giờ {moment:%M} phút, ngày {moment:%d/%m/%Y}" in page
	assert f"☒ {RESULTS[returned.outcome]}" in page


def test_what_was_undone_is_on_no_control_slip():
	dossier = make.handed_over()
	give("complete_step", dossier, make.OFFICER, step="2")
	before = len(control_slip.handovers(dossier))
	give("undo", dossier, make.OFFICER, reason="Nhầm hồ sơ")
	assert len(control_slip.handovers(dossier)) == before - 1


def test_the_process_print_tells_every_event_and_step():
	dossier = make.finished()
	page = flat(page_of(dossier, "Process History"))
	for name in frappe.get_all("Dossier Event", filters={"dossier": dossier}, pluck="actor_name"):
		assert name in page
	for title in frappe.get_all("Dossier Step", filters={"dossier": dossier}, pluck="title"):
		assert frappe.utils.escape_html(title) in page


def test_nothing_typed_in_anywhere_becomes_markup():
	attack = "<script>alert(1)</script>"
	dossier = make.received(result_delivery="Post")
	# Past the form's own cleaning, as an import or another program might leave it.
	facts = ("applicant_name", "applicant_address", "summary", "authorised_name", "postal_address")
	frappe.db.set_value("Dossier", dossier, dict.fromkeys(facts, attack))
	frappe.db.commit()
	give("complete_step", dossier, make.CLERK, step="1", no_scan_reason=attack, note=attack)
	give(
		"request_supplement",
		dossier,
		make.OFFICER,
		reason=attack,
		items=[{"component": attack, "note": attack, "legal_basis": attack}],
	)
	give("take_in_supplement", dossier, make.CLERK, note=attack)
	give("extend", dossier, make.CHAIRMAN, new_due=str(make.working_moment(9)), reason=attack)
	give("stop", dossier, make.CHAIRMAN, reason=attack)
	for form in ("Receipt", "Supplement Request", "Apology", "Stop Notice"):
		letters.issue_now(dossier, form)
	for form in (
		"Receipt",
		"Supplement Request",
		"Apology",
		"Stop Notice",
		"Control Slip",
		"Process History",
	):
		page = page_of(dossier, form)
		assert "<script>alert" not in page and "&lt;script&gt;alert" in page, form


# Files


def test_the_file_is_pdf_a_kept_privately_with_its_sha256(no_jobs):
	dossier = make.received(**FACTS)
	name = letters.issue_now(dossier, "Receipt")
	assert no_jobs == [name]
	letters.make_file(name)
	row = frappe.get_doc("Dossier Letter", name)
	assert row.status == "Ready" and len(row.sha256) == 64 and letters.verify_file(name)
	file = frappe.get_doc("File", {"file_url": row.file})
	assert file.is_private and (file.attached_to_doctype, file.attached_to_name) == ("Dossier Letter", name)
	content = file.get_content()
	reader = PdfReader(io.BytesIO(content))
	metadata = reader.trailer["/Root"]["/Metadata"].get_data().decode()
	assert 'pdfaid:part="2"' in metadata or "<pdfaid:part>2<" in metadata
	assert len(reader.pages) == 1, "form 01 is one A5 sheet"
	width, height = (float(side) / 72 * 25.4 for side in reader.pages[0].mediabox[2:])
	assert (round(width), round(height)) == (148, 210)
	text = flat(text_of(content))
	for said in (
		"GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ",
		make.value(dossier, "code"),
		FACTS["applicant_address"],
	):
		assert said in text
	fonts = {
		font.get_object()["/BaseFont"].split("+")[-1].split("-")[0]
		for page in reader.pages
		for font in page["/Resources"]["/Font"].values()
	}
	assert len(fonts) == 1, f"letters of one word must not change their type: {fonts}"


def test_a_file_made_twice_is_one_file(no_jobs):
	name = letters.issue_now(make.received(), "Receipt")
	letters.make_file(name)
	url = frappe.db.get_value("Dossier Letter", name, "file")
	letters.make_file(name)
	assert frappe.db.get_value("Dossier Letter", name, "file") == url
	assert frappe.db.count("File", {"attached_to_name": name}) == 1


def test_a_file_changed_afterwards_does_not_verify(no_jobs):
	name = letters.issue_now(make.received(), "Receipt")
	letters.make_file(name)
	file = frappe.get_doc("File", {"attached_to_name": name})
	with open(file.get_full_path(), "ab") as stored:
		stored.write(b"%")
	assert not letters.verify_file(name)


def test_what_failed_says_so_and_is_tried_again(no_jobs, monkeypatch):
	name = letters.issue_now(make.received(), "Receipt")

	def broken(document, letter):
		raise RuntimeError("Nguyễn Văn Mẫu 048998000001")

	with monkeypatch.context() as patched:
		patched.setattr(print_forms, "letter_pdf", broken)
		letters.make_file(name)
	row = frappe.db.get_value("Dossier Letter", name, ["status", "attempts", "error", "file"], as_dict=True)
	assert (row.status, row.attempts, row.file) == ("Failed", 1, None)
	assert row.error == "RuntimeError", "no personal facts in what is shown"
	no_jobs.clear()
	letters.retry_files()
	assert name in no_jobs
	letters.make_file(name)
	assert frappe.db.get_value("Dossier Letter", name, "status") == "Ready"
	no_jobs.clear()
	letters.retry_files()
	assert name not in no_jobs


def test_what_fails_for_ever_is_left_until_somebody_asks(no_jobs):
	name = letters.issue_now(make.received(), "Receipt")
	frappe.db.set_value("Dossier Letter", name, {"status": "Failed", "attempts": letters.MOST_ATTEMPTS})
	frappe.db.commit()
	no_jobs.clear()
	letters.retry_files()
	assert name not in no_jobs
	with make.acting(make.CLERK):
		endpoints.retry("Dossier Letter", name)
	assert name in no_jobs


def test_a_letter_whose_job_was_lost_is_made_by_the_scheduler(no_jobs):
	name = letters.issue_now(make.received(), "Receipt")
	frappe.db.set_value(
		"Dossier Letter", name, "creation", add_days(now_datetime(), -1), update_modified=False
	)
	frappe.db.commit()
	no_jobs.clear()
	letters.retry_files()
	assert name in no_jobs


# Who may have them


def test_letters_are_written_by_events_alone():
	with pytest.raises(OnlyByCommand):
		frappe.get_doc({"doctype": "Dossier Letter", "form": "Receipt", "dossier": make.received()}).insert()


def test_a_stranger_neither_lists_prints_nor_issues():
	dossier = make.received()
	with make.acting(make.STRANGER):
		for call in (
			lambda: endpoints.forms(dossier),
			lambda: endpoints.pdf(dossier),
			lambda: endpoints.issue(dossier, "Receipt"),
		):
			with pytest.raises(frappe.PermissionError):
				call()
	assert not letters_of(dossier)


def test_who_watches_sees_forms_with_masked_numbers_and_no_official_copy(no_jobs):
	dossier = make.received(**FACTS)
	name = letters.issue_now(dossier, "Receipt")
	letters.make_file(name)
	number = make.value(dossier, "applicant_id_number")
	file = frappe.get_doc("File", {"attached_to_name": name})
	with make.acting(MONITOR):
		page = page_of(dossier, "Receipt", official=False)
		assert number not in page and make.value(dossier, "id_number_masked") in page
		assert make.value(dossier, "access_code") not in page
		assert not file.has_permission("read")
		with pytest.raises(frappe.PermissionError):
			endpoints.issue(dossier, "Receipt")
	with make.acting(make.CLERK):
		assert number in page_of(dossier, "Receipt", official=False)
		assert frappe.get_doc("File", file.name).has_permission("read")
	with make.acting(make.STRANGER):
		assert not frappe.get_doc("File", file.name).has_permission("read")


def test_the_print_menu_offers_what_can_be_printed_now():
	dossier = make.received()
	with make.acting(make.CLERK):
		rows = {row["form"]: row for row in endpoints.forms(dossier)}
		assert set(rows) == {"Receipt", "Control Slip", "Process History"}
		assert rows["Receipt"]["on_request"] and not rows["Receipt"]["issued"]
		answer = endpoints.issue(dossier, "Receipt")
		row = next(row for row in endpoints.forms(dossier) if row["form"] == "Receipt")
		assert row["issued"] and row["number"] == answer["number"]


def test_every_form_has_its_print_format_and_words():
	for doctype, forms in print_forms.FORMS.items():
		for form in forms:
			assert print_forms.is_ours(doctype, form), form
			assert letter_texts.text_on(form, date(2026, 1, 1)).title


# The words of an administrator


@pytest.mark.parametrize("fieldname", letter_texts.BLOCKS)
def test_a_text_that_does_not_render_is_not_saved_and_the_field_is_named(fieldname: str):
	text = frappe.get_doc("Letter Text", frappe.get_all("Letter Text", {"form": "Apology"}, pluck="name")[0])
	text.set(fieldname, "{{ frappe.db.sql('select 1') }}")
	with pytest.raises(frappe.ValidationError, match=frappe._(text.meta.get_label(fieldname))):
		text.save()


def test_a_changed_text_stands_on_the_next_letter_and_migrating_leaves_it():
	text = letter_texts.text_on("Apology", now_datetime().date())
	words = "Kính mong {{ applicant }} lượng thứ."
	frappe.get_doc("Letter Text", text.name).update({"closing": words}).save()
	letter_texts.seed()
	assert frappe.db.get_value("Letter Text", text.name, "closing") == words
	worded = letter_texts.worded("Apology", now_datetime().date(), {"applicant": "Bà Mẫu"})
	assert worded.closing == ["Kính mong Bà Mẫu lượng thứ."]


def test_only_administrators_change_texts():
	name = frappe.get_all("Letter Text", pluck="name")[0]
	with make.acting(make.CLERK):
		with pytest.raises(frappe.PermissionError):
			frappe.get_doc("Letter Text", name).save()
		# Frappe's own check says it by one class or the other, by version.
		with pytest.raises((frappe.PermissionError, frappe.ValidationError)):
			endpoints.text_values()
	with make.acting("quantri"):
		assert set(endpoints.text_values()) == set(letter_texts.VALUES)


# Lists over many dossiers


def list_page(name: str, official: bool = True) -> str:
	from frappe.www.printview import get_rendered_template

	document = frappe.get_doc("Dossier List", name)
	document.flags.official_copy = official
	form = frappe.get_doc("Print Format", document.form)
	return flat(get_rendered_template(document, print_format=form, no_letterhead=True))


def test_one_receipt_for_many_dossiers_of_one_applicant_has_the_list_annexed(no_jobs):
	same = {"applicant_name": "Công ty Mẫu", "applicant_id_number": "0400000001"}
	dossiers = [make.received(**same), make.received(make.LAND, **same)]
	with make.acting(make.CLERK):
		answer = endpoints.issue_list("Receipt List", json.dumps(dossiers))
		page = list_page(answer["name"])
	assert "Công ty Mẫu" in page and f"Số: {answer['number']}/TTPVHCC" in page and "Số hồ sơ: 2" in page
	for dossier in dossiers:
		assert make.value(dossier, "code") in page
	assert no_jobs[-1] == answer["name"]
	letters.make_file(answer["name"], "Dossier List")
	assert letters.verify_file(answer["name"], "Dossier List")


def test_one_receipt_is_for_one_applicant():
	with make.acting(make.CLERK), pytest.raises(ListRefused):
		dossier_lists.issue_list("Receipt List", [make.received(), make.received()])


def test_the_result_list_says_code_content_result_owner_address_fee_and_post(no_jobs):
	dossiers = [
		make.finished(applicant_address="Tổ 3", result_delivery="Post", postal_address="Tổ 3"),
		make.finished(applicant_address="Tổ 4"),
	]
	with make.acting(make.CLERK):
		name = dossier_lists.issue_list("Result List", dossiers, recipient="Trần Văn Bưu")
	page = list_page(name)
	for dossier in dossiers:
		assert make.value(dossier, "code") in page and make.value(dossier, "applicant_name") in page
	assert "Giấy khai sinh số 01/KS" in page and "Tổ 4" in page and "Trần Văn Bưu" in page
	assert page.count('<td class="number">Có</td>') == 1


def test_a_dossier_without_result_is_on_no_result_list():
	with make.acting(make.CLERK), pytest.raises(ListRefused):
		dossier_lists.issue_list("Result List", [make.received()])


def test_the_hand_over_list_names_both_sides(no_jobs):
	dossiers = [make.handed_over(), make.handed_over()]
	with make.acting(make.CLERK):
		name = dossier_lists.issue_list("Handover List", dossiers)
	doc = frappe.get_doc("Dossier List", name)
	assert (doc.unit, doc.to_unit) == (make.CENTRE, make.COMMITTEE)
	page = list_page(name)
	assert "Bên nhận: Ủy ban nhân dân phường Hải Châu" in page and "Cộng: 2 hồ sơ" in page


def test_every_dossier_of_a_list_is_checked_for_reading():
	mine = make.handed_over()
	with make.acting(make.STRANGER), pytest.raises(frappe.PermissionError):
		dossier_lists.issue_list("Handover List", [mine])
	with make.acting(make.CLERK), pytest.raises(frappe.PermissionError):
		dossier_lists.issue_list("Handover List", [mine, "no-such-dossier"])
	assert not frappe.db.exists("Dossier List Row", {"dossier": mine})


def test_nobody_issues_a_list_for_a_unit_that_may_not_see_its_dossiers():
	with make.acting(make.STRANGER):
		stranger_unit = frappe.get_all(
			"Unit Member", {"user": frappe.session.user}, pluck="unit", order_by="creation asc"
		)[0]
	with make.acting(make.CLERK), pytest.raises(frappe.PermissionError):
		dossier_lists.issue_list("Handover List", [make.handed_over()], unit=stranger_unit)
	with pytest.raises(ListRefused):
		dossier_lists.issue_list("Handover List", [make.handed_over()], unit=stranger_unit)


def test_lists_are_seen_where_their_unit_is_seen_and_by_nobody_else(no_jobs):
	with make.acting(make.CLERK):
		name = dossier_lists.issue_list("Handover List", [make.handed_over()])
		assert frappe.get_list("Dossier List", {"name": name})
		assert frappe.get_doc("Dossier List", name).has_permission("print")
	for other in (make.STRANGER, MONITOR):
		with make.acting(other):
			if other == MONITOR:
				with pytest.raises(frappe.PermissionError):
					frappe.get_list("Dossier List", {"name": name})
			else:
				assert not frappe.get_list("Dossier List", {"name": name})
			assert not frappe.get_doc("Dossier List", name).has_permission("read")
			with pytest.raises(frappe.PermissionError):
				endpoints.download_pdf("Dossier List", name, "Handover List")


def test_the_register_lists_a_units_receptions_of_a_period_in_order(no_jobs):
	dossiers = [make.received(**FACTS), make.received(make.LAND, **FACTS)]
	today = now_datetime().date()
	with make.acting(make.CLERK):
		name = dossier_lists.issue_register(make.CENTRE, today, today)
		page = list_page(name)
	places = [page.index(make.value(dossier, "code")) for dossier in dossiers]
	assert places == sorted(places)
	for dossier in dossiers:
		assert make.value(dossier, "register_number") > 0
	assert "SỔ THEO DÕI HỒ SƠ" in page and f"Quyển số: {today.year}" in page


@pytest.mark.parametrize(
	("first", "last"), [("2026-03-02", "2026-03-01"), ("2025-12-01", "2026-01-31"), ("", "2026-01-31")]
)
def test_a_register_is_kept_by_the_year(first: str, last: str):
	with make.acting(make.CLERK), pytest.raises(ListRefused):
		dossier_lists.issue_register(make.CENTRE, first, last)


def test_a_clerk_prints_no_other_units_register():
	with make.acting(make.STRANGER), pytest.raises(frappe.PermissionError):
		dossier_lists.issue_register(make.CENTRE, "2026-01-01", "2026-01-31")


def test_the_minutes_of_a_hand_over_by_post_are_printed_qd45_art_7():
	dossier = make.draft(channel="Post")
	with make.acting(make.CLERK):
		minutes = frappe.get_doc(
			{
				"doctype": "Postal Handover",
				"unit": make.CENTRE,
				"signed_at": now_datetime(),
				"carrier": "Bưu điện thành phố",
				"postman": "Trần Văn Bưu",
				"items": [{"dossier": dossier, "slip_number": "PG-0001", "complete": 1}],
			}
		).insert()
		minutes.submit()
		text = flat(text_of(print_forms.as_pdf(minutes, "Postal Handover Minutes")))
	for said in ("BIÊN BẢN GIAO NHẬN HỒ SƠ", "PG-0001", "Trần Văn Bưu", "Đầy đủ", "Lê Văn Giả 03"):
		assert said in text


def test_the_time_limit_of_the_most_specific_row_is_printed():
	limits = [
		frappe._dict(case_name="", channel="", kind="Maximum"),
		frappe._dict(case_name="Miền núi", channel="", kind="Fixed"),
		frappe._dict(case_name="Miền núi", channel="Online", kind="Same Day"),
	]
	version = frappe._dict(limits=limits)
	with pytest.MonkeyPatch.context() as patched:
		patched.setattr(frappe, "get_cached_doc", lambda *_arguments: version)
		assert form_data.limit_row("v", "Miền núi", "Online").kind == "Same Day"
		assert form_data.limit_row("v", "Miền núi", "Counter").kind == "Fixed"
		assert form_data.limit_row("v", "", "Counter").kind == "Maximum"
