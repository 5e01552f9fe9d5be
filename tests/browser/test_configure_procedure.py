"""An administrator configures a procedure from nothing, in the browser alone, and the counter receives it at once."""

import re

import pytest
from desk import SCAN, act, field, log_in, open_dossier, pick

pytestmark = pytest.mark.browser

CODE, NAME = "9.700001", "Xác nhận việc thử nghiệm tại phường"
CENTRE = "Trung tâm Phục vụ hành chính công phường Hải Châu"
COMMITTEE = "Ủy ban nhân dân phường Hải Châu"
LEGAL_CODE = re.compile(r"\d{3}\.\d{2}\.\d{2}\.H\d{2}-\d{6}-\d{4}")
OPEN_ROW = ".grid-row-open .form-in-grid"


def save(page) -> None:
	page.locator(".page-head .primary-action:visible").click()
	page.locator(".page-head .indicator-pill:visible", has_text="Chưa lưu").wait_for(state="detached")
	page.wait_for_load_state("networkidle")


def tab(page, label: str) -> None:
	page.locator(".form-tabs .nav-link:visible", has_text=label).click()


def add_row(page, table: str, links: dict[str, str] | None = None, **values: str) -> None:
	"""A row of a table, filled in its own form; `links` are chosen from the offers, the others typed or picked."""
	grid = page.locator(f".frappe-control[data-fieldname={table}]:visible")
	# A table that must not be empty has its first row from the beginning.
	if table != "limits":
		grid.locator(".grid-add-row").click()
	grid.locator(".grid-body .grid-row").last.locator(".btn-open-row").click()
	page.locator(OPEN_ROW).wait_for()
	for fieldname, shown in (links or {}).items():
		choose(page, fieldname, shown, OPEN_ROW)
	for fieldname, value in values.items():
		fill(page, fieldname, value, OPEN_ROW)
	page.locator(
		f"{OPEN_ROW} .grid-collapse-row:visible, .grid-row-open .grid-collapse-row:visible"
	).first.click()
	page.locator(OPEN_ROW).wait_for(state="detached")


def fill(page, fieldname: str, value: str, within: str) -> None:
	control = field(page, fieldname, within)
	kind = control.evaluate("(element) => element.type")
	if kind == "checkbox":
		control.set_checked(value == "1")
	elif kind.startswith("select"):
		control.select_option(value)
	else:
		control.fill(value)
		control.press("Tab")


def choose(page, fieldname: str, shown: str, within: str) -> None:
	control = field(page, fieldname, within)
	control.click()
	control.fill("")
	page.keyboard.type(shown, delay=5)
	offer = page.locator(f"{within} [data-fieldname={fieldname}] .awesomplete li", has_text=shown).first
	offer.wait_for()
	offer.click()


def add_step(page, action: str, title: str, kind: str, hours: str) -> None:
	"""A step by the buttons over the drawing: at the end, next to the selected one, or beside it."""
	page.locator(f".process-editor [data-action={action}]").click()
	dialog = opened(page)
	fill(page, "title", title, dialog)
	fill(page, "kind", kind, dialog)
	fill(page, "duration", hours, dialog)
	page.locator(f"{dialog} .btn-modal-primary").click()
	page.locator(dialog).wait_for(state="hidden")
	step(page, title).wait_for()


def opened(page) -> str:
	"""Wait until a dialog stands still and has taken the focus; before, it takes it from whoever types."""
	page.wait_for_function("window.cur_dialog && cur_dialog.display")
	return ".modal.show"


def close(page) -> None:
	page.locator(f"{opened(page)} .btn-modal-close:visible").click()
	page.locator(".modal.show").wait_for(state="hidden")


def step(page, title: str):
	"""A step in the drawing."""
	return page.locator(".process-editor .djs-shape", has_text=title).first


def select_step(page, title: str) -> None:
	"""A click on the drawing opens the row of the step; closed again, the step stays selected."""
	step(page, title).click()
	page.locator(OPEN_ROW).wait_for()
	assert field(page, "title", OPEN_ROW).input_value() == title
	page.locator(".grid-row-open .grid-collapse-row:visible").first.click()
	page.locator(OPEN_ROW).wait_for(state="detached")


def findings(page) -> list[str]:
	tab(page, "Kiểm tra")
	page.locator(".check-panel [data-action=check]:visible").click()
	page.wait_for_load_state("networkidle")
	return page.locator(".check-finding:visible .check-text > span").all_inner_texts()


def new_procedure(page) -> None:
	page.locator(".page-head .primary-action:visible").click()
	field(page, "procedure_code").fill(CODE)
	field(page, "procedure_name").fill(NAME)
	pick(page, "field", "Hộ tịch", "Hộ tịch")
	field(page, "level").select_option("Commune")
	add_row(page, "offers", {"receiving_unit": CENTRE, "deciding_unit": COMMITTEE})
	save(page)


def first_version(page) -> None:
	page.get_by_role("button", name="Tạo phiên bản đầu tiên").click()
	page.locator(".form-tabs .nav-link:visible", has_text="Quy trình").wait_for()
	tab(page, "Thời hạn và lệ phí")
	add_row(page, "limits", kind="Fixed", value="2", unit="Working Day")
	add_row(page, "fees", fee_name="Lệ phí xác nhận", kind="Charge", amount="8000")
	tab(page, "Thành phần hồ sơ và biểu mẫu")
	add_row(page, "components", component_name="Đơn đề nghị xác nhận", form="Any", originals="1")
	add_row(page, "results", result_name="Giấy xác nhận")
	add_row(
		page, "eform_fields", label="Mục đích", field_type="Select", required="1", options="Vay vốn\nKhác"
	)
	# Wrong at first: the checks are to find it.
	add_row(page, "eform_fields", label="Nêu rõ mục đích", required="1", shown_when='muc_dinh == "Khác"')
	tab(page, "Quy trình")
	add_step(page, "add", "Tiếp nhận đơn", "Reception", "1")
	add_step(page, "add", "Thẩm định nhân thân", "Processing", "4")
	add_step(page, "add", "Ký giấy xác nhận", "Approval", "2")
	add_step(page, "add", "Trả giấy xác nhận", "Return", "1")
	select_step(page, "Thẩm định nhân thân")
	add_step(page, "parallel", "Thẩm định nơi ở", "Processing", "6")
	save(page)


def test_a_procedure_is_configured_without_code_and_received_the_same_minute(people, sample, connection):
	connection.db.rollback()
	roles = set(connection.get_roles(sample["quantri"]["user"])) - {"All", "Guest", "Desk User"}
	assert roles == {"One-Stop Administrator"}
	admin = log_in(people, sample, "quantri")
	page = admin.page
	admin.open("/app/administrative-procedure")
	new_procedure(page)
	first_version(page)

	# The drawing branches and joins, and its rows say so.
	assert page.locator(".process-editor .djs-shape[data-element-id^=Split_]").count() == 1
	assert page.locator(".process-editor .djs-shape[data-element-id^=Join_]").count() == 1
	connection.db.rollback()
	(version,) = connection.get_all("Procedure Version", {"procedure": CODE}, pluck="name")
	after = {row.title: row.after for row in connection.get_doc("Procedure Version", version).steps}
	assert len(after["Ký giấy xác nhận"].split(",")) == 2
	assert after["Thẩm định nơi ở"] == after["Thẩm định nhân thân"]

	# An error blocks the approval until it is put right.
	assert [text for text in findings(page) if "muc_dinh" in text]
	page.locator(".page-head .primary-action:visible", has_text="Phê duyệt").click()
	page.locator(".modal.show", has_text="muc_dinh").wait_for()
	close(page)
	page.locator(".check-finding button", has_text="Xem").first.click()
	page.locator(OPEN_ROW).wait_for()
	fill(page, "shown_when", 'muc_dich == "Khác"', OPEN_ROW)
	page.locator(".grid-row-open .grid-collapse-row:visible").first.click()
	save(page)
	assert findings(page) == []

	try_it(page)
	assert connection.db.count("Dossier", {"procedure": CODE}) == 0

	approve(page)
	connection.db.rollback()
	assert connection.db.get_value("Administrative Procedure", CODE, ["status", "current_version"]) == (
		"In Force",
		version,
	)
	receive(people, sample, connection)


def try_it(page) -> None:
	"""The dry run tells dates and people, and shows the form as applicants see it."""
	page.get_by_role("button", name="Chạy thử").click()
	trial = page.locator(".modal.show .trial")
	trial.wait_for()
	steps = trial.locator(".trial-steps tbody tr")
	assert steps.count() == 5
	assert "Hoàng Văn Thí 05" in steps.filter(has_text="Thẩm định nơi ở").inner_text()
	form = trial.locator(".one-stop-eform")
	assert form.locator("[name=neu_ro_muc_dich]").is_hidden()
	form.locator("[name=muc_dich]").select_option("Khác")
	form.locator("[name=neu_ro_muc_dich]").wait_for()
	form.locator("[name=muc_dich]").select_option("Vay vốn")
	assert form.locator("[name=neu_ro_muc_dich]").is_hidden()
	close(page)


def approve(page) -> None:
	page.locator(".page-head .primary-action:visible", has_text="Phê duyệt").click()
	dialog = opened(page)
	# In this order, lest the focus end in a date, whose calendar would lie over the button.
	fill(page, "decided_by", "Chủ tịch (giả định)", dialog)
	fill(page, "decision_number", "MẪU-700/QĐ-UBND", dialog)
	page.locator(f"{dialog} .btn-modal-primary").click()
	page.locator(dialog).wait_for(state="hidden")
	page.locator(".page-head .indicator-pill:visible", has_text="Đang áp dụng").wait_for()


def receive(people, sample, connection) -> None:
	"""A clerk finds the new procedure without diacritics, and receives a dossier of it."""
	clerk = log_in(people, sample, "tiepnhan.haichau")
	page = clerk.page
	clerk.open("/app/dossier/new")
	pick(page, "procedure", "xac nhan viec thu", CODE)
	page.wait_for_selector(".os-due-moment")
	field(page, "applicant_name").fill("Nguyễn Thị Hồ Sơ Thử")
	field(page, "applicant_id_number").fill("048190000700")
	field(page, "applicant_phone").fill("0905000700")
	paper = page.locator(".os-paper", has_text="Đơn đề nghị xác nhận").first
	paper.locator("input[type=checkbox]").first.check()
	paper.locator(".os-drop input").set_input_files(
		{"name": "don.pdf", "mimeType": "application/pdf", "buffer": SCAN}
	)
	paper.locator(".os-paper-scan a").wait_for()
	form = page.locator(".page-container:visible .one-stop-eform")
	form.locator("[name=muc_dich]").select_option("Khác")
	form.locator("[name=neu_ro_muc_dich]").fill("Bổ sung hồ sơ du học")
	page.click(".page-head .primary-action:visible")
	dialog = page.locator(".os-form-dialog:visible")
	dialog.wait_for()
	code = LEGAL_CODE.search(dialog.inner_text())
	assert code, dialog.inner_text()
	close(page)
	open_dossier(page, code[0])
	act(page, "Chuyển xử lý")

	connection.db.rollback()
	dossier = connection.get_doc("Dossier", {"code": code[0]})
	assert (dossier.procedure, dossier.status) == (CODE, "In Process")
	assert {row.fieldname: row.value for row in dossier.answers} == {
		"muc_dich": "Khác",
		"neu_ro_muc_dich": "Bổ sung hồ sơ du học",
	}
	opened = connection.get_all(
		"Dossier Step", {"dossier": dossier.name, "status": ["in", ["Open", "In Progress"]]}, pluck="title"
	)
	assert sorted(opened) == ["Thẩm định nhân thân", "Thẩm định nơi ở"], "both branches are open at once"
