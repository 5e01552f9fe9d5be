"""At the counter after the reception: scans come in, fees are paid."""

import pytest
from desk import act, log_in, open_action, open_dossier, scan

from tests import factories as make

pytestmark = pytest.mark.browser


def test_scans_are_added_after_the_reception_each_to_its_paper(people, sample, connection):
	dossier = make.received()
	clerk = log_in(people, sample, make.CLERK)
	page = clerk.page
	clerk.open(f"/app/dossier/{dossier}")
	open_dossier(page, make.value(dossier, "code"))
	open_action(page, "Bổ sung giấy tờ vào hồ sơ")
	dialog = page.locator(".modal.show")
	dialog.locator(".grid-add-row").click()
	row = dialog.locator(".grid-body .grid-row").first
	row.locator("[data-fieldname=component]").first.click()
	row.locator("[data-fieldname=component] input").fill("Giấy chứng sinh")
	dialog.locator(".awesomplete li", has_text="Giấy chứng sinh").first.click()
	row.locator("[data-fieldname=file]").first.click()
	with page.expect_file_chooser() as chosen:
		row.locator("[data-fieldname=file] .btn-attach").click()
		page.locator(".modal.show .file-uploader .btn-file-upload").first.click()
	chosen.value.set_files([{"name": "chung-sinh.pdf", "mimeType": "application/pdf", "buffer": scan()}])
	page.locator(".modal.show", has=page.locator(".file-uploader")).locator(".btn-modal-primary").click()
	row.locator("[data-fieldname=file]", has_text="chung-sinh").first.wait_for()
	dialog.locator(".btn-modal-primary:visible").last.click()
	page.locator(".os-event", has_text="Đã thêm giấy tờ").filter(has_text="Giấy chứng sinh").wait_for()
	page.locator(".form-tabs .nav-link:visible", has_text="Nội dung hồ sơ").click()
	page.locator(".os-paper-scan a:visible", has_text="chung-sinh").wait_for()
	connection.db.rollback()
	kept = connection.get_all(
		"Dossier Component", {"parent": dossier, "file": ["is", "set"]}, ["component_name"]
	)
	assert [row.component_name[:15] for row in kept] == ["Giấy chứng sinh"]


def test_a_fee_left_open_is_taken_later_and_stands_in_the_story(people, sample, connection):
	dossier = make.received("1.001612")
	clerk = log_in(people, sample, make.CLERK)
	page = clerk.page
	clerk.open(f"/app/dossier/{dossier}")
	open_dossier(page, make.value(dossier, "code"))
	act(page, "Ghi nhận đã nộp phí lệ phí", {"reference": "BL 12"})
	page.locator(".os-event", has_text="Đã nộp phí lệ phí").wait_for()
	connection.db.rollback()
	paid = connection.get_all("Dossier Payment", {"dossier": dossier}, ["status", "reference"])
	assert [(row.status, row.reference) for row in paid] == [("Paid", "BL 12")]
