"""The desk in daily use: keyboard, many at once, dialogs, board, several dossiers of one person, a phone."""

import re
from random import randint

import pytest
from desk import SCAN, act, enter, escape, log_in, open_action, open_dossier, pick, scan, timeline

from tests import factories as make

pytestmark = pytest.mark.browser

LEGAL_CODE = re.compile(r"\d{3}\.\d{2}\.\d{2}\.H\d{2}-\d{6}-\d{4}")
FOCUSED = "() => document.activeElement?.closest('[data-fieldname]')?.dataset.fieldname"
PHONE = {"width": 390, "height": 844}


def tab_to(page, fieldname: str) -> None:
	"""Press Tab until a field has the focus, as fingers do that never leave the keyboard."""
	for _press in range(30):
		if page.evaluate(FOCUSED) == fieldname:
			return
		page.keyboard.press("Tab")
	raise AssertionError(f"{fieldname} is not reached by Tab")


def receive_now(page) -> str:
	"""Press Receive and close the receipt. Returns the code."""
	page.click(".page-head .primary-action:visible")
	return close_receipt(page)


def close_receipt(page) -> str:
	dialog = page.locator(".os-form-dialog:visible")
	dialog.wait_for()
	code = LEGAL_CODE.search(dialog.inner_text())[0]
	dialog.locator(".btn-modal-close").click()
	dialog.wait_for(state="hidden")
	page.locator(".os-code:visible", has_text=code).wait_for()
	return code


def whole_list(page) -> None:
	"""As many rows as a page of the list can hold, once they are there."""
	page.locator(".btn-paging[data-value='500']:visible").click()
	page.wait_for_load_state("networkidle")


def fresh(connection, dossier: str):
	connection.db.rollback()
	return connection.get_doc("Dossier", dossier)


def by_code(connection, code: str):
	connection.db.rollback()
	return connection.get_doc("Dossier", {"code": code})


# Counter


def test_a_dossier_is_received_without_a_mouse(people, sample, connection):
	clerk = log_in(people, sample, make.CLERK)
	page = clerk.page
	clerk.open("/app/dossier/new")
	page.wait_for_function(f"({FOCUSED})() === 'procedure'")
	page.keyboard.type("khai sinh", delay=20)
	page.locator("[data-fieldname=procedure] .awesomplete li", has_text=make.BIRTH).first.wait_for()
	page.keyboard.press("Enter")
	page.wait_for_selector(".os-due-moment")
	tab_to(page, "applicant_id_number")
	page.keyboard.type("048190777001")
	tab_to(page, "applicant_name")
	page.keyboard.type("Lê Thị Bàn Phím")
	page.keyboard.press("Alt+a")
	page.keyboard.press("Control+Enter")
	code = close_receipt(page)
	dossier = by_code(connection, code)
	assert (dossier.status, dossier.applicant_name) == ("Received", "Lê Thị Bàn Phím")
	assert all(row.submitted for row in dossier.components if row.required)


def test_ctrl_s_keeps_a_draft_and_receives_nothing(people, sample, connection):
	clerk = log_in(people, sample, make.CLERK)
	page = clerk.page
	clerk.open("/app/dossier/new")
	pick(page, "procedure", "khai sinh", make.BIRTH)
	page.wait_for_selector(".os-due-moment")
	page.fill("[data-fieldname=applicant_name] input", "Phan Văn Nháp")
	page.keyboard.press("Control+s")
	page.wait_for_url(re.compile(r"/app/dossier/(?!new)\w+"))
	dossier = fresh(connection, page.url.rsplit("/", 1)[1])
	assert (dossier.status, dossier.code, dossier.applicant_name) == ("Draft", None, "Phan Văn Nháp")


DROP = """(element, [name, bytes]) => {
	const data = new DataTransfer();
	data.items.add(new File([new Uint8Array(bytes)], name, { type: "application/pdf" }));
	for (const kind of ["dragover", "drop"]) {
		element.dispatchEvent(new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: data }));
	}
}"""


def test_a_scan_is_dropped_on_its_paper_or_taken_with_the_camera(people, sample, connection):
	clerk = log_in(people, sample, make.CLERK)
	page = clerk.page
	clerk.open("/app/dossier/new")
	pick(page, "procedure", "khai sinh", make.BIRTH)
	page.wait_for_selector(".os-due-moment")
	paper = page.locator(".os-paper", has_text="Giấy chứng sinh")
	assert paper.locator(".os-camera input").get_attribute("capture") == "environment"
	paper.evaluate(DROP, ["khong-phai.pdf", list(b"<script>alert(1)</script>")])
	refusal = page.locator(".modal.show", has_text="khong-phai.pdf")
	refusal.wait_for()
	escape(page, refusal)
	clerk.errors.clear()  # the refusal itself, 417
	paper.evaluate(DROP, ["giay-chung-sinh.pdf", list(scan())])
	paper.locator(".os-paper-scan a", has_text="giay-chung-sinh").wait_for()
	assert paper.locator("input[data-field=submitted]").is_checked()
	assert page.evaluate("cur_frm.doc.components.find((row) => row.file).file").startswith("/private/files/")


def test_several_dossiers_of_one_person_share_one_receipt(people, sample, connection):
	clerk = log_in(people, sample, make.CLERK)
	page = clerk.page
	clerk.open("/app/dossier/new")
	pick(page, "procedure", "khai sinh", make.BIRTH)
	page.wait_for_selector(".os-due-moment")
	page.fill("[data-fieldname=applicant_id_number] input", "048190777002")
	page.fill("[data-fieldname=applicant_name] input", "Vũ Thị Nhiều Việc")
	page.click(".os-papers [data-do=all]")
	codes = [receive_now(page)]
	page.locator(".page-head .btn:visible", has_text="Hồ sơ tiếp theo của người này").click()
	page.wait_for_function("cur_frm?.is_new() && cur_frm.doc.applicant_name === 'Vũ Thị Nhiều Việc'")
	pick(page, "procedure", "ban sao", "2.000908")
	page.wait_for_selector(".os-due-moment:visible")
	page.click(".os-papers [data-do=all]:visible")
	codes.append(receive_now(page))
	page.locator(".page-head .btn:visible", has_text="Một giấy tiếp nhận cho 2 hồ sơ").click()
	frame = page.frame_locator(".os-form-dialog:visible iframe")
	for code in codes:
		frame.get_by_text(code).first.wait_for()


def test_an_open_dossier_of_the_same_person_and_procedure_is_warned_of(people, sample, connection):
	earlier = make.received(applicant_id_number="048190777003")
	clerk = log_in(people, sample, make.CLERK)
	page = clerk.page
	clerk.open("/app/dossier/new")
	pick(page, "procedure", "khai sinh", make.BIRTH)
	page.wait_for_selector(".os-due-moment")
	page.fill("[data-fieldname=applicant_id_number] input", "048190777003")
	page.keyboard.press("Tab")
	warning = page.locator(".form-message", has_text=make.value(earlier, "code"))
	warning.wait_for()


def test_facts_are_offered_again_only_where_the_person_agreed(people, sample, connection):
	make.received(applicant_id_number="048190777004", applicant_email="co@example.test", consent=1)
	make.received(applicant_id_number="048190777005", applicant_email="khong@example.test", consent=0)
	clerk = log_in(people, sample, make.CLERK)
	page = clerk.page
	for id_number, expected in (("048190777004", "co@example.test"), ("048190777005", "")):
		clerk.open("/app/dossier/new")
		page.fill("[data-fieldname=applicant_id_number] input", id_number)
		page.keyboard.press("Tab")
		page.wait_for_load_state("networkidle")
		if expected:
			page.wait_for_function("cur_frm.doc.applicant_email")
		assert page.evaluate("cur_frm.doc.applicant_email || ''") == expected


def test_a_dossier_by_post_is_received_when_its_minutes_are_signed_qd45_art_7(people, sample, connection):
	clerk = log_in(people, sample, make.CLERK)
	page = clerk.page
	clerk.open("/app/dossier/new")
	pick(page, "procedure", "khai sinh", make.BIRTH)
	page.wait_for_selector(".os-due-moment")
	page.select_option("[data-fieldname=channel] select", "Post")
	page.wait_for_load_state("networkidle")
	page.fill("[data-fieldname=applicant_name] input", "Trần Thị Bưu Chính")
	page.click(".os-papers [data-do=all]")
	page.click(".page-head .primary-action:visible")
	dialog = page.locator(".modal.show", has_text="Biên bản giao nhận hồ sơ bưu chính")
	dialog.wait_for()
	dialog.locator("[data-fieldname=postman] input").fill("Ngô Văn Giao Thư")
	dialog.locator("[data-fieldname^=slip_] input").fill("EA123456789VN")
	dialog.locator(".btn-modal-primary").click()
	code = close_receipt(page)
	dossier = by_code(connection, code)
	item = connection.get_doc("Postal Handover Item", {"dossier": dossier.name})
	minutes = connection.get_doc("Postal Handover", item.parent)
	assert (minutes.docstatus, item.slip_number) == (1, "EA123456789VN")
	assert dossier.received_at == minutes.signed_at.replace(microsecond=0)


def test_a_dossier_that_came_by_post_is_noted_and_waits_for_its_reception(people, sample, connection):
	dossier = make.draft(channel="Post")
	clerk = log_in(people, sample, make.CLERK)
	page = clerk.page
	clerk.open(f"/app/dossier/{dossier}")
	open_action(page, "Ghi nhận đã đến")
	page.locator(".modal.show .btn-modal-primary:visible").click()
	dialog = page.locator(".modal.show", has_text="Biên bản giao nhận hồ sơ bưu chính").last
	dialog.wait_for()
	dialog.locator("[data-fieldname=postman] input").fill("Ngô Văn Giao Thư")
	dialog.locator("[data-fieldname^=slip_] input").fill("EA123456790VN")
	dialog.locator(".btn-modal-primary").click()
	page.locator(".desk-alert", has_text="Đã thực hiện").wait_for()
	doc = fresh(connection, dossier)
	assert (doc.status, bool(doc.submitted_at), doc.code) == ("Draft", True, None)


def test_a_correction_shows_the_receipt_issued_anew_nd61_art_21(people, sample, connection):
	dossier = make.received(make.LAND, applicant_name="Trần Thị Sai Tên")
	clerk = log_in(people, sample, make.CLERK)
	page = clerk.page
	clerk.open(f"/app/dossier/{dossier}")
	open_dossier(page, make.value(dossier, "code"))
	open_action(page, "Đính chính")
	dialog = page.locator(".modal.show").first
	dialog.locator("[data-fieldname=reason] textarea").fill("Ghi nhầm tên.")
	dialog.locator(".btn-modal-primary:visible").click()
	page.locator(".msgprint-dialog", has_text="hãy sửa ít nhất một thông tin").wait_for()
	page.locator(".msgprint-dialog .btn-modal-close").click()
	dialog.locator("[data-fieldname=applicant_name] input").fill("Trần Thị Đúng Tên")
	dialog.locator(".btn-modal-primary:visible").click()
	receipt = page.locator(".os-form-dialog:visible")
	receipt.wait_for()
	page.frame_locator(".os-form-dialog:visible iframe").get_by_text("Trần Thị Đúng Tên").first.wait_for()
	page.locator(".os-event", has_text="Đã đính chính: Họ và tên").first.wait_for()
	event = connection.get_last_doc("Dossier Event", {"dossier": dossier, "kind": "corrected"})
	assert connection.parse_json(event.personal)["after"] == {"applicant_name": "Trần Thị Đúng Tên"}


def test_a_dialog_answered_while_it_comes_in_goes_away(people, sample):
	clerk = log_in(people, sample, make.CLERK)
	clerk.page.evaluate(
		"""() => {
			const dialog = new frappe.ui.Dialog({ title: "Nhanh tay" });
			dialog.show();
			dialog.hide();
		}"""
	)
	clerk.page.locator(".modal.show", has_text="Nhanh tay").wait_for(state="hidden")
	clerk.page.locator(".modal-backdrop").wait_for(state="detached")


def test_an_earlier_result_stands_for_a_scan(people, sample, connection):
	"""NĐ 61/2018 art. 20.5: results are stored to be used again."""
	id_number = f"048190{randint(0, 999_999):06d}"
	earlier = make.at_signature(applicant_id_number=id_number)
	with make.acting(make.CHAIRMAN):
		file = connection.get_doc(
			{"doctype": "File", "file_name": "ket-qua-cu.pdf", "content": scan(), "is_private": 1}
		).insert()
		connection.db.commit()
	make.give("finish", earlier, make.CHAIRMAN, step="3", result_number="09/KQ", result_file=file.file_url)
	clerk = log_in(people, sample, make.CLERK)
	page = clerk.page
	clerk.open("/app/dossier/new")
	pick(page, "procedure", make.LAND, make.LAND)
	page.wait_for_selector(".os-due-moment")
	page.fill("[data-fieldname=applicant_id_number] input", id_number)
	page.fill("[data-fieldname=applicant_name] input", "Đỗ Thị Dùng Lại")
	row = page.locator(".os-paper", has=page.locator("[data-do=reuse]")).first
	row.locator("[data-do=reuse]").click()
	dialog = page.locator(".modal.show")
	dialog.locator(".btn-modal-primary").click()
	dialog.wait_for(state="hidden")
	page.get_by_text(f"từ {make.value(earlier, 'code')}").first.wait_for()
	page.keyboard.press("Control+s")
	page.wait_for_url(re.compile(r"/app/dossier/(?!new)\w+"))
	dossier = fresh(connection, page.url.rsplit("/", 1)[1])
	[reused] = [row for row in dossier.components if row.reused_from]
	assert reused.file == file.file_url and reused.reused_from == make.value(earlier, "code")
	link = page.locator(".os-paper-scan a").first.get_attribute("href")
	assert clerk.context.request.get(link).status == 200


# Inbox


def test_steps_chosen_in_the_inbox_are_completed_at_once(people, sample, connection):
	dossiers = [make.handed_over() for _number in range(3)]
	codes = [make.value(dossier, "code") for dossier in dossiers]
	officer = log_in(people, sample, make.OFFICER)
	page = officer.page
	officer.open("/app/dossier-step")
	page.locator("[data-queue=unclaimed]").click()
	whole_list(page)
	for code in codes:
		page.locator(".list-row", has_text=code).locator(".list-row-checkbox").check()
	page.locator(".actions-btn-group > button:visible").click()
	page.locator(".actions-btn-group .dropdown-item:visible", has_text="Hoàn thành").first.click()
	page.locator(".modal.show textarea").fill("Đủ điều kiện.")
	page.locator(".modal.show .btn-modal-primary").click()
	page.locator(".desk-alert", has_text="3 trên 3").wait_for()
	for dossier in dossiers:
		assert make_step(connection, dossier, "2") == ("Completed", make.user(make.OFFICER))


def make_step(connection, dossier: str, key: str) -> tuple[str, str]:
	connection.db.rollback()
	step = make.step(dossier, key)
	return step.status, step.officer


def test_what_is_refused_among_many_is_named_and_holds_up_no_other(people, sample, connection):
	good, taken = make.handed_over(), make.handed_over()
	make.give("claim", taken, make.OFFICER, step="2")
	make.give("complete_step", taken, make.OFFICER, step="2")
	officer = log_in(people, sample, make.OFFICER)
	officer.open("/app/dossier-step")
	names = [make.step(dossier, "2").name for dossier in (taken, good)]
	connection.db.rollback()
	answer = officer.page.evaluate(
		"""async (names) => (await frappe.call({
			method: "one_stop.api.inbox.many",
			args: { command: "complete_step", steps: JSON.stringify(names), client_key: "once" },
		})).message""",
		names,
	)
	assert answer["done"] == [names[1]]
	assert [row["code"] for row in answer["refused"]] == [make.value(taken, "code")]


COUNT_BEHIND = """async () => (await frappe.call({
	method: "frappe.desk.reportview.get_count",
	args: { doctype: cur_list.doctype, filters: cur_list.get_filters_for_args(), distinct: false },
})).message"""


@pytest.mark.parametrize("username", [make.CLERK, make.OFFICER, make.CHAIRMAN])
def test_each_inbox_counts_what_its_list_shows(people, sample, connection, username):
	person = log_in(people, sample, username)
	page = person.page
	person.open("/app/dossier-step")
	page.locator("[data-queue]:visible").first.wait_for()
	for queue in page.locator("[data-queue]:visible").evaluate_all(
		"all => all.map(one => one.dataset.queue)"
	):
		chip = page.locator(f"[data-queue={queue}]:visible")
		count = chip.locator("b").inner_text().replace(".", "")
		chip.click()
		page.locator(f"[data-queue={queue}].active:visible").wait_for()
		page.wait_for_load_state("networkidle")
		assert str(page.evaluate(COUNT_BEHIND)) == count, queue


def test_the_inbox_follows_what_others_do(people, sample, connection):
	officer = log_in(people, sample, make.OFFICER)
	officer.open("/app/dossier")
	officer.page.evaluate("frappe.set_route('List', 'Dossier Step', 'List')")
	officer.page.locator(".title-text:visible", has_text="Hộp việc").wait_for()
	officer.page.evaluate("frappe.set_route('List', 'Dossier', 'List')")
	officer.page.locator(".title-text:visible", has_text="Hồ sơ").wait_for()
	officer.page.evaluate("frappe.set_route('List', 'Dossier Step', 'List')")
	chip = officer.page.locator("[data-queue=unclaimed]:visible")
	chip.click()
	whole_list(officer.page)
	before = int(chip.locator("b").inner_text())
	dossier = make.handed_over()
	officer.page.locator(".list-row", has_text=make.value(dossier, "code")).wait_for(timeout=30_000)
	chip.locator("b").get_by_text(str(before + 1), exact=True).wait_for()


def test_the_board_only_shows(people, sample, connection):
	dossier = make.received(applicant_name="Hồ Thị Bảng")
	clerk = log_in(people, sample, make.CLERK)
	page = clerk.page
	clerk.open("/app/dossier/view/kanban/Dossiers by Status")
	card = page.locator(".kanban-card", has_text="Hồ Thị Bảng").first
	card.wait_for()
	card.scroll_into_view_if_needed()
	goal = page.locator(".kanban-column[data-column-value='In Process'] .kanban-cards")
	start, end = card.bounding_box(), goal.bounding_box()
	page.mouse.move(start["x"] + 20, start["y"] + 20)
	page.mouse.down()
	page.mouse.move(end["x"] + 60, end["y"] + 60, steps=12)
	page.mouse.up()
	page.wait_for_timeout(500)
	# News of other dossiers have the board drawn anew.
	page.locator(
		".kanban-column[data-column-value='Received'] .kanban-card", has_text="Hồ Thị Bảng"
	).first.wait_for()
	assert not page.locator(".kanban-column .add-card:visible").count()
	assert fresh(connection, dossier).status == "Received"


def test_the_calendar_shows_when_results_are_due(people, sample, connection):
	make.received(applicant_name="Mai Thị Lịch")
	clerk = log_in(people, sample, make.CLERK)
	clerk.open("/app/dossier/view/calendar/default")
	clerk.page.locator(".fc-event, .fc-more").first.wait_for()
	assert clerk.page.locator(".fc-event.fc-draggable, .fc-event.fc-resizable").count() == 0


# The page of a dossier


def test_a_supplement_is_asked_for_paper_by_paper(people, sample, connection):
	dossier = make.handed_over()
	officer = log_in(people, sample, make.OFFICER)
	page = officer.page
	officer.open(f"/app/dossier/{dossier}")
	open_dossier(page, make.value(dossier, "code"))
	open_action(page, "Yêu cầu bổ sung")
	dialog = page.locator(".modal.show")
	dialog.wait_for()
	escape(page, dialog)
	assert not page.locator("#freeze").count(), "cancelling leaves the page as it was"
	open_action(page, "Yêu cầu bổ sung")
	dialog.locator(".grid-add-row").click()
	dialog.locator(".grid-body .grid-row [data-fieldname=component]").first.click()
	dialog.locator(".grid-body .grid-row [data-fieldname=component] input").fill("Giấy chứng sinh")
	dialog.locator(".awesomplete li", has_text="Giấy chứng sinh").first.click()
	page.wait_for_function("cur_dialog.get_value('items')[0]?.component?.startsWith('Giấy chứng sinh')")
	enter(dialog.locator("[data-fieldname=reason] textarea"), "Giấy chứng sinh thiếu chữ ký.")
	dialog.locator(".btn-modal-primary:visible").click()
	page.locator(".page-head .indicator-pill", has_text="Chờ bổ sung").wait_for()
	page.locator(".os-event", has_text="Giấy chứng sinh").first.wait_for()
	assert timeline(page)[-1] == "Yêu cầu bổ sung"
	event = connection.get_last_doc("Dossier Event", {"dossier": dossier})
	[item] = connection.parse_json(event.data)["items"]
	assert item["component"].startswith("Giấy chứng sinh")


def test_a_refusal_of_the_server_leaves_the_dialog_to_be_put_right(people, sample, connection):
	dossier = make.handed_over()
	officer = log_in(people, sample, make.OFFICER)
	page = officer.page
	officer.open(f"/app/dossier/{dossier}")
	open_dossier(page, make.value(dossier, "code"))
	open_action(page, "Lấy ý kiến")
	dialog = page.locator(".modal.show").first
	pick_in(dialog, "unit", "Sở Tư pháp", "H17.03")
	page.wait_for_function("cur_dialog.get_value('unit') === 'H17.03'")
	said = dialog.locator(".os-field-error:visible")
	dialog.locator("[data-fieldname=question] textarea").fill("Đề nghị cho ý kiến. " * 120)
	dialog.locator("[data-fieldname=answer_due] input").fill("01-01-2020 08:00:00")
	dialog.locator(".btn-modal-primary:visible").click()
	said.get_by_text("đã qua").wait_for()
	dialog.locator("[data-fieldname=answer_due] input").fill("01-01-2099 08:00:00")
	dialog.locator(".btn-modal-primary:visible").click()
	said.get_by_text("tối đa 2000").wait_for()
	officer.errors.clear()  # the refusal itself, 417
	assert not page.locator("#freeze").count()
	connection.db.rollback()
	assert not connection.db.exists("Dossier Opinion", {"dossier": dossier})


def pick_in(dialog, fieldname: str, typed: str, chosen: str) -> None:
	entry = dialog.locator(f"[data-fieldname={fieldname}] input")
	entry.click()
	entry.press_sequentially(typed, delay=20)
	dialog.page.wait_for_load_state("networkidle")
	dialog.locator(f"[data-fieldname={fieldname}] .awesomplete li", has_text=chosen).first.click()


def test_a_result_file_is_private_and_belongs_to_the_dossier(people, sample, connection):
	dossier = make.at_signature()
	chairman = log_in(people, sample, make.CHAIRMAN)
	page = chairman.page
	chairman.open(f"/app/dossier/{dossier}")
	open_dossier(page, make.value(dossier, "code"))
	open_action(page, "Phê duyệt và kết thúc")
	dialog = page.locator(".modal.show", has_text="Số kết quả").first
	dialog.locator("[data-fieldname=result_file] .btn-attach").click()
	uploader = page.locator(".modal.show", has=page.locator(".file-uploader, .file-upload-area")).last
	uploader.locator("input[type=file]").first.set_input_files(
		{"name": "khai-sinh.pdf", "mimeType": "application/pdf", "buffer": SCAN}
	)
	uploader.locator(".btn-modal-primary:visible").click()
	dialog.locator(
		"[data-fieldname=result_file] .attached-file-link, [data-fieldname=result_file] a"
	).first.wait_for()
	dialog.locator(".btn-modal-primary:visible").click()
	page.locator(".page-head .indicator-pill", has_text="Đã xử lý xong").wait_for()
	connection.db.rollback()
	result = connection.get_doc("Dossier Result", {"dossier": dossier})
	assert result.file.startswith("/private/files/")
	assert len(result.sha256) == 64
	assert connection.db.exists(
		"File", {"file_url": result.file, "attached_to_name": dossier, "is_private": 1}
	)
	page.locator(".os-part a[href*='private']").first.wait_for()


def test_the_page_of_a_dossier_fits_a_phone(people, sample, connection):
	dossier = make.handed_over()
	officer = log_in(people, sample, make.OFFICER)
	page = officer.page
	page.set_viewport_size(PHONE)
	officer.open(f"/app/dossier/{dossier}")
	open_dossier(page, make.value(dossier, "code"))
	page.locator(".os-step.current:visible").wait_for()
	assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
	for part in (".os-head", ".os-process", ".os-timeline"):
		box = page.locator(f"{part}:visible").bounding_box()
		assert box["x"] >= 0 and box["x"] + box["width"] <= PHONE["width"]
	act(page, "Hoàn thành bước")
	page.locator(".os-step.done:visible").nth(1).wait_for()


def test_colleagues_write_notes_under_a_form(people, sample, connection):
	officer = log_in(people, sample, "quantri")
	page = officer.page
	officer.open(f"/app/administrative-procedure/{make.BIRTH}")
	words = f"Đã hỏi lại Sở {make.key()[:6]}"
	box = page.locator(".comment-box:visible")
	box.locator(".ql-editor").click()
	page.keyboard.type(words)
	box.locator(".btn-comment").click()
	note = page.locator(".timeline-message-box:visible", has_text=words)
	note.wait_for()
	page.reload()
	note.wait_for()
	# No button that its user may not press.
	assert not page.locator(".timeline-actions .action-btn:visible", has_text="Email mới").count()
	connection.db.delete("Comment", {"content": ["like", f"%{words}%"]})
	connection.db.commit()


@pytest.mark.parametrize(
	("username", "workspace", "leads_to"),
	[
		("tiepnhan.haichau", "reception", "/app/dossier"),
		("giamsat", "management-board", "/app/query-report/Dossiers%20behind%20a%20Figure"),
	],
)
def test_a_number_card_opens_what_it_counts(people, sample, username, workspace, leads_to):
	person = log_in(people, sample, username)
	page = person.page
	person.open(f"/app/{workspace}")
	card = page.locator(".number-widget-box:visible", has=page.locator(".number")).first
	card.wait_for()
	page.wait_for_load_state("networkidle")
	card.locator(".widget-body").click()
	page.wait_for_function("(part) => location.pathname.startsWith(part)", arg=leads_to)


def test_events_are_named_in_words_wherever_frappe_shows_them(people, sample, connection):
	make.received()
	connection.db.commit()
	administrator = log_in(people, sample, "quantri")
	page = administrator.page
	administrator.open("/app/dossier-event")
	subject = page.locator(".list-row a[data-name]")
	subject.first.wait_for()
	raw = re.compile(r"\b[a-z]+_[a-z]+\b|\breceived\b")
	assert not raw.search(page.locator(".frappe-list .result").inner_text())
	subject.first.click()
	page.locator(".page-head .title-text:visible", has_text=re.compile(r"^[A-ZĐ]")).wait_for()
	administrator.open("/app/dossier-event/view/report")
	page.locator(".dt-cell__content", has_text="Hoàn thành bước").first.wait_for()
	assert not raw.search(page.locator(".datatable").inner_text())
	administrator.open("/app/notice-template")
	page.locator(".list-row a[data-name]").first.click()
	event = page.locator("[data-fieldname=event] input:visible")
	event.wait_for()
	page.wait_for_function("document.querySelector('[data-fieldname=event] input')?.value.match(/^[A-ZĐ]/)")
	enter(event, "Xin lỗi")
	page.locator("[data-fieldname=event] .awesomplete li", has_text="Xin lỗi").first.click()
	page.wait_for_function("cur_frm.doc.event === 'extended'")


def test_a_list_behind_a_figure_says_something_without_its_figure_too(people, sample, connection):
	overseer = log_in(people, sample, "giamsat")
	page = overseer.page
	overseer.open("/app/query-report/Counted in an Evaluation")
	page.get_by_text("được mở từ một số liệu").wait_for()
	for name in ("Dossiers behind a Figure", "Procedures behind a Figure"):
		overseer.open(f"/app/query-report/{name}")
		page.locator(".datatable .dt-row[data-row-index]").first.wait_for()
