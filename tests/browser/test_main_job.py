"""The main job, as people do it: a dossier goes from the counter to its result (NĐ 61/2018 art. 17-20)."""

import re

import pytest
from desk import SCAN, act, log_in, open_dossier, pick, timeline

pytestmark = pytest.mark.browser

BIRTH_REGISTRATION = "1.001193"
# V1V2V3.Z1Z2.Y1Y2.MX1X2-YYMMDD-XXXX (TT 01/2018/TT-VPCP art. 19.1)
LEGAL_CODE = re.compile(r"\d{3}\.\d{2}\.\d{2}\.H\d{2}-\d{6}-\d{4}")
APPLICANT = "Nguyễn Thị Hồ Sơ Thử"


def receive_birth_registration(clerk) -> str:
	"""Fill in the reception form as for a walk-in applicant, and receive. Returns the code."""
	page = clerk.page
	clerk.open("/app/dossier/new")
	pick(page, "procedure", "khai sinh", BIRTH_REGISTRATION)
	page.wait_for_selector(".os-due-moment")
	page.fill("[data-fieldname=applicant_name] input", APPLICANT)
	page.fill("[data-fieldname=applicant_id_number] input", "048190000123")
	page.fill("[data-fieldname=applicant_phone] input", "0905000123")
	page.click(".os-papers [data-do=all]")
	for paper in ("Tờ khai đăng ký khai sinh theo mẫu", "Giấy chứng sinh"):
		row = page.locator(".os-paper", has_text=paper).first
		row.locator(".os-drop input").set_input_files(
			{"name": f"{paper}.pdf", "mimeType": "application/pdf", "buffer": SCAN}
		)
		row.locator(".os-paper-scan a").wait_for()
	page.click(".page-head .primary-action:visible")
	dialog = page.locator(".os-form-dialog:visible")
	dialog.wait_for()
	code = LEGAL_CODE.search(dialog.inner_text())
	assert code, dialog.inner_text()
	return code[0]


def print_receipt(clerk, code: str) -> None:
	"""The receipt is on the screen: it says what the law wants, and its button prints exactly that page."""
	page = clerk.page
	page.locator(".os-form-dialog iframe").wait_for()
	form = page.frame_locator(".os-form-dialog iframe")
	form.get_by_text("GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ").first.wait_for()
	text = form.locator("body").inner_text()
	for said in (code, APPLICANT, "Đăng ký khai sinh"):
		assert said in text
	page.evaluate(
		"""() => {
			const frame = document.querySelector(".os-form-dialog iframe");
			frame.contentWindow.print = () => { window.printed = frame.contentDocument.body.innerText; };
		}"""
	)
	page.click(".os-form-dialog .btn-modal-primary")
	# A same-day procedure gives its receipt because it is printed: it is issued first.
	assert code in page.wait_for_function("window.printed").json_value()
	page.click(".os-form-dialog .btn-modal-close")
	page.locator(".os-form-dialog").wait_for(state="hidden")


def test_a_birth_registration_goes_from_the_counter_to_its_result(people, sample, connection):
	clerk = log_in(people, sample, "tiepnhan.haichau")
	code = receive_birth_registration(clerk)
	print_receipt(clerk, code)
	act(clerk.page, "Chuyển xử lý")

	officer = log_in(people, sample, "hotich.haichau")
	# As people do where much waits: the inbox, searched for the code on the paper.
	officer.open(f"/app/dossier-step?is_open=1&dossier_code={code}")
	row = officer.page.locator(".list-row", has_text=code)
	row.wait_for()
	assert "Thẩm tra" in row.inner_text()
	row.locator(".list-subject a").first.click()
	open_dossier(officer.page, code)
	act(officer.page, "Hoàn thành bước", {"note": "Đủ điều kiện đăng ký."})

	chairman = log_in(people, sample, "chutich.haichau")
	chairman.open(f"/app/dossier-step?kind=Approval&is_open=1&dossier_code={code}")
	chairman.page.locator("[data-queue=to_sign]").wait_for()
	row = chairman.page.locator(".list-row", has_text=code)
	row.wait_for()
	row.locator(".list-subject a").first.click()
	open_dossier(chairman.page, code)
	act(chairman.page, "Phê duyệt và kết thúc", {"result_number": "123/2026"})
	assert "Đã xử lý xong" in chairman.page.locator(".page-head .indicator-pill:visible").inner_text()

	clerk.page.reload()
	open_dossier(clerk.page, code)
	act(clerk.page, "Trả kết quả")
	clerk.page.locator(".page-head .indicator-pill", has_text="Đã trả kết quả").wait_for()
	# The clerk's own claim of the first step goes with the reception; each later act stands for itself.
	assert timeline(clerk.page) == [
		"Tiếp nhận",
		"Hoàn thành bước",
		"Hoàn thành bước",
		"Kết thúc với kết quả",
		"Trả kết quả",
	]

	connection.db.rollback()
	dossier = connection.get_doc("Dossier", {"code": code})
	assert (dossier.status, dossier.national_status, dossier.applicant_name) == ("Returned", 10, APPLICANT)
	scans = [row.file for row in dossier.components if row.file]
	assert len(scans) == 2 and all(url.startswith("/private/files/") for url in scans)
	for url in scans:
		# Scans of the same content share an address; each dossier has a file of its own.
		place = {"file_url": url, "attached_to_doctype": "Dossier", "attached_to_name": dossier.name}
		assert connection.db.exists("File", place)
