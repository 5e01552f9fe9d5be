"""The citizens' portal as people use it: on a phone and on a large screen, from the first page to the rating."""

import email
import io
import re
import sys
from pathlib import Path

import pytest
from PIL import Image
from pypdf import PdfWriter

from tests import factories

pytestmark = pytest.mark.browser

PHONE, SCREEN = {"width": 360, "height": 740}, {"width": 1440, "height": 900}
AXE = Path(sys.prefix).parent / "node-app/node_modules/axe-core/axe.min.js"
PASSWORD = "Hoa-Phuong-Do-Ben-Song-7"
MOST_BYTES = 150 * 1024
PUBLIC = (
	"/",
	"/so-lieu",
	"/danh-gia-co-quan",
	"/huong-dan",
	"/du-lieu-ca-nhan",
	"/thu-tuc",
	"/thu-tuc?q=lam giay khai sinh",
	"/thu-tuc/1.001193",
	"/co-quan",
	"/tra-cuu",
	"/dang-ky",
	"/dang-nhap",
	"/quen-mat-khau",
	"/phan-anh",
	"/phan-anh/gui",
	"/phan-anh/theo-doi",
	"/khong-co-trang-nay",
)


def scan() -> bytes:
	out = io.BytesIO()
	writer = PdfWriter()
	writer.add_blank_page(595, 842)
	writer.write(out)
	return out.getvalue()


def photograph() -> bytes:
	out = io.BytesIO()
	Image.new("RGB", (800, 600), "white").save(out, "JPEG")
	return out.getvalue()


@pytest.fixture(scope="session")
def province(connection):
	"""The sample province with a mail account, the gateway for trials, and nothing else."""
	from one_stop import sample

	sample.load(dossiers=False)
	if not connection.db.exists("Email Account", {"default_outgoing": 1}):
		connection.get_doc(
			{
				"doctype": "Email Account",
				"name": "Portal tests",
				"email_account_name": "Portal tests",
				"email_id": "portal@one-stop.example",
				"smtp_server": "localhost",
				"enable_outgoing": 1,
				"default_outgoing": 1,
				"awaiting_password": 0,
			}
		).db_insert()
	connection.db.set_single_value("Citizen Portal Settings", "gateway", "Test")
	connection.clear_document_cache("Citizen Portal Settings", "Citizen Portal Settings")
	connection.db.commit()


def code_sent_to(connection, address: str) -> str:
	"""The code in the last letter to an address."""
	connection.db.rollback()
	names = connection.get_all(
		"Email Queue Recipient", {"recipient": address}, pluck="parent", order_by="creation desc"
	)
	letter = email.message_from_string(connection.db.get_value("Email Queue", names[0], "message"))
	body = next(part for part in letter.walk() if part.get_content_type() == "text/plain")
	return re.search(r"\b\d{6}\b", body.get_payload(decode=True).decode())[0]


class Visitor:
	"""A browser session on the portal; errors of the page are kept."""

	def __init__(self, browser, base_url: str, viewport: dict):
		self.errors: list[str] = []
		self.context = browser.new_context(base_url=base_url, locale="vi-VN", viewport=viewport)
		self.context.set_default_timeout(15_000)
		self.page = self.context.new_page()
		self.page.on("pageerror", lambda error: self.errors.append(str(error)))
		self.page.on("console", self._console)

	def _console(self, message) -> None:
		# 404 and 422 are answers here, not errors of the page.
		if message.type == "error" and "Failed to load resource" not in message.text:
			self.errors.append(message.text)

	def send(self, name: str) -> None:
		"""Press a button by its name and wait for the next page."""
		with self.page.expect_navigation():
			self.page.get_by_role("button", name=name, exact=True).first.click()

	def serious(self) -> list[str]:
		"""What axe-core finds serious or critical on the page (WCAG 2.2 AA)."""
		# The content policy forbids scripts that are not ours: axe runs in the test's own world.
		self.page.evaluate(AXE.read_text(encoding="utf-8"))
		found = self.page.evaluate(
			"""() => axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
				.then((found) => found.violations.filter((one) => ["serious", "critical"].includes(one.impact))
				.map((one) => `${one.id}: ${one.nodes.map((node) => node.html.slice(0, 120)).join(" | ")}`))"""
		)
		return [f"{self.page.url} {line}" for line in found]

	def loose_messages(self) -> list[str]:
		"""Messages that no field names as its own, and the fields of messages that are not marked as wrong."""
		return self.page.evaluate(
			"""() => [...document.querySelectorAll("p.error")].filter((message) => {
				const field = document.querySelector(`[aria-describedby~="${message.id}"]`);
				const marked = field && (field.tagName === "FIELDSET" || field.getAttribute("aria-invalid") === "true");
				return !message.id || /\\s/.test(message.id) || !marked;
			}).map((message) => message.outerHTML)"""
		)

	def is_in_order(self) -> bool:
		"""Accessible, not wider than the screen, and every message beside its field."""
		assert self.serious() == [] and self.loose_messages() == []
		assert not self.overflows(), self.page.url
		return True

	def tab_to(self, selector: str) -> None:
		"""Go on with the Tab key until an element has the focus, as somebody without a mouse does."""
		for _press in range(120):
			if self.page.evaluate("(wanted) => document.activeElement?.matches(wanted)", selector):
				return
			self.page.keyboard.press("Tab")
		raise AssertionError(f"{selector} is not reached by keyboard on {self.page.url}")

	def type_into(self, selector: str, text: str) -> None:
		self.tab_to(selector)
		self.page.keyboard.press("Control+A")
		self.page.keyboard.type(text)

	def press(self, selector: str, key: str = "Enter") -> None:
		"""Press a button by keyboard and wait for the next page."""
		self.tab_to(selector)
		with self.page.expect_navigation():
			self.page.keyboard.press(key)

	def overflows(self) -> bool:
		return self.page.evaluate(
			"document.documentElement.scrollWidth > document.documentElement.clientWidth"
		)


@pytest.fixture(params=[PHONE, SCREEN], ids=["phone", "screen"])
def visitor(request, browser, base_url):
	one = Visitor(browser, base_url, request.param)
	one.phone = request.param is PHONE
	yield one
	one.context.close()
	assert not one.errors


def test_no_public_page_is_inaccessible_too_wide_or_too_heavy(visitor, province):
	problems, answers = [], []
	visitor.page.on("response", lambda answer: answers.append(answer))
	for path in PUBLIC:
		answers.clear()
		visitor.page.goto(path)
		visitor.page.wait_for_load_state("networkidle")
		weight = sum(len(answer.body()) for answer in answers if answer.ok)
		problems += visitor.serious()
		if visitor.overflows():
			problems.append(f"{path} is wider than the screen")
		if weight > MOST_BYTES:
			problems.append(f"{path} weighs {weight} bytes before compression")
		assert visitor.page.locator("h1").count() == 1, path
	assert not problems


def test_figures_are_found_by_agency_with_the_share_on_time(visitor, province, connection):
	from one_stop.citizen_portal import figures

	page = visitor.page
	page.goto("/")
	page.select_option("#unit", factories.CENTRE)
	visitor.send("Xem thủ tục")
	assert page.get_by_text("Tiếp nhận tại").first.is_visible()
	assert page.locator(".results li").count() > 0
	factories.give("return_result", factories.finished(), factories.CLERK)
	figures.refresh()
	for path in ("/", "/so-lieu"):
		page.goto(path)
		assert page.locator("svg.shares text").first.is_visible(), path
		row = page.locator("table.agencies tbody tr", has_text="Hải Châu").first
		assert re.search(r"\d(,\d)?%", row.inner_text()), path
		assert "." not in re.search(r"\S+%", row.inner_text())[0]
		assert visitor.serious() == [] and not visitor.overflows(), path


def test_published_evaluations_are_read_by_period(visitor, province, connection):
	"""Rows as the workflow leaves them; they are taken away again."""
	from one_stop.citizen_portal import published_evaluations

	own = {"scheme": "Agencies", "status": "Published", "run": "portal-test"}
	for period, number, score, last in (("Quarter", 3, 14.5, "2025-09-30"), ("Year", 1, 9, "2025-12-31")):
		name = f"portal-test-{period}"
		kept = {"unit": factories.CENTRE, "unit_name": "Trung tâm Thử nghiệm công khai", "number": number}
		told = {"period": period, "year": 2025, "verified_score": score, "verified_grade": "Good"}
		connection.get_doc(
			{"doctype": "Unit Evaluation", "name": name, "last_day": last, **own, **kept, **told}
		).db_insert()
		for key in "123456789":
			line = {"parent": name, "parenttype": "Unit Evaluation", "parentfield": "lines", "counts": 1}
			connection.get_doc(
				{
					"doctype": "Evaluation Line",
					"name": f"{name}-{key}",
					"indicator_key": key,
					"most": 2,
					"has_data": int(key != "9"),
					**line,
				}
			).db_insert()
	connection.db.commit()
	try:
		published_evaluations.refresh()
		page = visitor.page
		page.goto("/so-lieu")
		page.get_by_role("link", name="Kết quả đánh giá cơ quan đã công bố, theo quý và năm").click()
		page.select_option("#ky", "2025-3")
		visitor.send("Xem")
		assert page.locator("table caption").inner_text() == "Kết quả: Quý 3/2025"
		row = page.locator("tbody tr", has_text="Trung tâm Thử nghiệm công khai")
		assert row.locator("td").all_inner_texts() == ["14,5/18", "8/9", "Tốt"]
		assert visitor.is_in_order()
		page.get_by_role("link", name="English").click()
		assert page.locator("table caption").inner_text() == "Results: Quarter 3/2025"
		assert row.locator("td").all_inner_texts() == ["14.5/18", "8/9", "Good"]
	finally:
		connection.db.delete("Evaluation Line", {"parent": ("like", "portal-test-%")})
		connection.db.delete("Unit Evaluation", own)
		connection.db.commit()
		published_evaluations.refresh()


def test_a_page_is_used_by_keyboard_alone(visitor, province):
	page = visitor.page
	page.goto("/")
	page.keyboard.press("Tab")
	assert page.evaluate("document.activeElement.className") == "skip"
	page.keyboard.press("Enter")
	page.keyboard.press("Tab")
	assert page.evaluate("document.activeElement.id") == "q"
	page.keyboard.type("giay khai sinh")
	with page.expect_navigation():
		page.keyboard.press("Enter")
	assert page.get_by_role("link", name="Đăng ký khai sinh", exact=True).count() == 1


def test_the_portal_speaks_english_too(visitor, province):
	page = visitor.page
	page.goto("/thu-tuc/1.001193")
	page.get_by_role("link", name="English").click()
	assert page.locator("html").get_attribute("lang") == "en"
	assert page.get_by_role("heading", level=1).inner_text() == "Birth registration"
	page.goto("/tra-cuu")
	assert page.get_by_role("heading", level=1).inner_text() == "Follow a dossier"


def open_account(visitor, connection, address: str, back: str) -> None:
	page = visitor.page
	page.goto(back)
	page.get_by_role("link", name="Đăng ký tài khoản").click()
	page.fill("#f-contact", address)
	page.check("#f-consent")
	visitor.send("Gửi mã cho tôi")
	assert visitor.is_in_order()
	page.fill("#f-code", code_sent_to(connection, address))
	page.fill("#f-full_name", "Nguyễn Thị Thử")
	page.fill("#f-password", PASSWORD)
	visitor.send("Mở tài khoản")


def fill_in(visitor) -> None:
	"""From the first step to the review, with a mistake on the way."""
	page = visitor.page
	assert visitor.is_in_order()
	assert page.locator("#f-receiving_unit").count(), page.locator("main").inner_text()
	page.select_option("#f-receiving_unit", factories.CENTRE)
	visitor.send("Lưu và tiếp tục")
	page.fill("#f-applicant_id_number", "12")
	page.locator("#f-applicant_id_number").blur()
	assert page.locator("#applicant_id_number-error").is_visible(), "before anything is sent"
	page.check('[name="on_behalf"][value="1"]')
	page.fill("#f-authorised_name", "Lê Văn Hộ")
	page.fill("#f-authorised_id_number", "34")
	page.fill("#f-authorised_phone", "56")
	visitor.send("Lưu và tiếp tục")
	for field in ("applicant_id_number", "authorised_id_number", "authorised_phone"):
		assert page.locator(f"#{field}-error").is_visible(), field
	assert visitor.is_in_order()
	page.check('[name="on_behalf"][value="0"]')
	assert page.locator(".when-behalf").is_hidden()
	page.fill("#f-applicant_id_number", "048998000777")
	page.fill("#f-applicant_phone", "0905 123 456")
	visitor.send("Lưu và tiếp tục")
	fill_form(visitor)
	papers(visitor)
	visitor.send("Lưu và tiếp tục")
	assert page.locator("#result_delivery-error").is_visible() and visitor.is_in_order()
	page.check('[name="result_delivery"][value="Online"]')
	visitor.send("Lưu và tiếp tục")


def fill_form(visitor) -> None:
	page = visitor.page
	assert visitor.is_in_order()
	# The evidence in place of the birth certificate is asked for only without one.
	assert page.locator('[data-fieldname="birth_evidence"]').is_visible()
	page.check("#f-birth_certified")
	assert page.locator('[data-fieldname="birth_evidence"]').is_hidden()
	for block in page.locator("[data-fieldname]").all():
		if not block.is_visible():
			continue
		if (field := block.locator("select")).count():
			if not field.input_value():
				field.select_option(index=1)
		elif (field := block.locator('input[type="date"]')).count():
			field.fill("2026-11-20")
		elif (field := block.locator("input[aria-required], textarea[aria-required]")).count():
			field.fill("048098000001" if "_id" in block.get_attribute("data-fieldname") else "Nội dung thử")
	visitor.send("Lưu và tiếp tục")
	assert "giay-to" in page.url, page.locator("#error-summary").inner_text()


def papers(visitor) -> None:
	page = visitor.page
	box = page.locator("fieldset.paper", has_text="Giấy chứng sinh").first
	box.locator('input[type="file"]').set_input_files(
		{"name": "xau.pdf", "mimeType": "application/pdf", "buffer": b"<script>alert(1)</script>"}
	)
	visitor.send("Tải lên và ở lại trang này")
	assert page.locator(".error").first.is_visible() and visitor.is_in_order()
	box.locator('input[type="file"]').set_input_files(
		[
			{"name": "giay.pdf", "mimeType": "application/pdf", "buffer": scan()},
			{"name": "anh.jpg", "mimeType": "image/jpeg", "buffer": photograph()},
		]
	)
	visitor.send("Tải lên và ở lại trang này")
	assert box.locator(".files li").count() == 2
	visitor.send("Lưu và tiếp tục")
	assert "nhan-ket-qua" in page.url, page.locator("#error-summary").inner_text()


def test_a_birth_is_registered_from_home(visitor, province, connection):
	page = visitor.page
	address = f"portal-{factories.key()[:8].lower()}@example.com"
	page.goto("/")
	page.fill("#q", "làm giấy khai sinh" if not visitor.phone else "giay khai sinh")
	visitor.send("Tìm kiếm")
	page.get_by_role("link", name="Đăng ký khai sinh", exact=True).click()
	page.get_by_role("link", name="Nộp trực tuyến").click()
	open_account(visitor, connection, address, page.url)
	fill_in(visitor)

	# Everything is still there after leaving.
	page.goto("/ho-so")
	page.get_by_role("link", name="Đăng ký khai sinh").first.click()
	assert page.get_by_text("Nguyễn Thị Thử").first.is_visible()
	assert visitor.is_in_order()
	page.check("#f-truth")
	visitor.send("Nộp hồ sơ")
	assert page.locator("#consent-error").is_visible(), "one tick does not stand for the other"
	page.check("#f-truth")
	page.check("#f-consent")
	visitor.send("Nộp hồ sơ")
	assert page.get_by_text("biên nhận tạm thời").is_visible()
	dossier = page.url.split("/ho-so/")[1].split("?")[0]
	connection.db.rollback()
	assert factories.value(dossier, "submitted_at")

	factories.give(
		"request_supplement",
		dossier,
		factories.CLERK,
		reason="Ảnh mờ",
		items=[
			{
				"component": "Giấy chứng sinh; không có thì văn bản của người làm chứng; không có nữa thì giấy cam đoan về việc sinh",
				"note": "chụp lại",
			}
		],
	)
	page.goto(f"/ho-so/{dossier}")
	assert page.get_by_text("Ảnh mờ").first.is_visible()
	assert visitor.serious() == []
	page.locator("#f-item-0").set_input_files(
		{"name": "xau.pdf", "mimeType": "application/pdf", "buffer": b"<script>alert(1)</script>"}
	)
	page.locator("#supplement").get_by_role("button", name="Gửi").click()
	page.locator("#item-0-error").wait_for()
	assert visitor.is_in_order()
	page.locator("#f-item-0").set_input_files(
		{"name": "ro.pdf", "mimeType": "application/pdf", "buffer": scan()}
	)
	page.locator("#supplement").get_by_role("button", name="Gửi").click()
	page.get_by_text("Đã gửi giấy tờ bổ sung").wait_for()

	factories.give("receive", dossier, factories.CLERK)
	factories.give("complete_step", dossier, factories.CLERK, step="1", no_scan_reason="đủ")
	factories.give("order_obligation", dossier, factories.OFFICER, step="2", amount=50000, reason="Lệ phí")
	page.goto(f"/ho-so/{dossier}")
	assert "50.000" in page.locator("#pay").inner_text()
	visitor.send("Thanh toán trực tuyến")
	assert "50.000" in page.locator("main").inner_text() and visitor.is_in_order()
	visitor.send("Thanh toán")
	page.get_by_text("đã nhận được khoản thanh toán").wait_for()
	connection.db.rollback()
	assert factories.value(dossier, "status") != "Awaiting Payment"

	factories.give(
		"extend", dossier, factories.CHAIRMAN, new_due=factories.working_moment(40), reason="Chờ xác minh"
	)
	page.goto(f"/ho-so/{dossier}")
	visitor.send("Tôi đồng ý ngày hẹn mới")
	assert page.get_by_text("Đã đồng ý lúc").is_visible()
	assert page.get_by_role("button", name="Tôi đồng ý ngày hẹn mới").count() == 0

	follow_as_a_stranger(visitor, dossier)
	factories.give("complete_step", dossier, factories.OFFICER, step="2")
	result = result_file(connection, dossier)
	factories.give("finish", dossier, factories.CHAIRMAN, step="3", result_number="01/KS", result_file=result)
	page.goto(f"/ho-so/{dossier}")
	with page.expect_download() as loading:
		page.locator("#files a", has_text="khai sinh").first.click()
	assert Path(loading.value.path()).read_bytes().startswith(b"%PDF-")
	page.goto(f"/ho-so/{dossier}")
	page.get_by_role("link", name="Đánh giá dịch vụ", exact=True).click()
	for question in page.locator("fieldset.rating").all():
		question.locator("input").first.check()
	assert visitor.serious() == []
	visitor.send("Gửi")
	assert page.locator(".notice").first.is_visible()
	page.goto(f"/ho-so/{dossier}")
	assert page.get_by_role("link", name="Đánh giá dịch vụ", exact=True).count() == 0
	for path in (
		"/ho-so",
		f"/ho-so/{dossier}",
		"/tai-khoan",
		"/thong-bao",
		"/kho-giay-to",
		"/tai-khoan/lien-he",
		"/tai-khoan/mat-khau",
		"/tai-khoan/hai-lop",
		"/tai-khoan/xoa",
		"/dang-xuat",
	):
		# An error page is accessible too.
		assert page.goto(path).status == 200, path
		assert visitor.serious() == []
		assert not visitor.overflows(), path


def result_file(connection, dossier: str) -> str:
	doc = connection.get_doc(
		{
			"doctype": "File",
			"file_name": f"ket-qua-{dossier}.pdf",
			"content": scan(),
			"is_private": 1,
			"attached_to_doctype": "Dossier",
			"attached_to_name": dossier,
		}
	).insert()
	connection.db.commit()
	return doc.file_url


def follow_as_a_stranger(visitor, dossier: str) -> None:
	"""By the address behind the QR code, without any account: how far it is, and nothing else."""
	from one_stop.citizen_portal import tracking

	code, check = factories.value(dossier, "code"), factories.value(dossier, "access_code")
	context = visitor.context.browser.new_context(locale="vi-VN", viewport=PHONE)
	page = context.new_page()
	page.goto(re.sub(r"^https?://[^/]+", visitor.page.url.split("/ho-so")[0], tracking.address(code, check)))
	text = page.locator("main").inner_text()
	assert code in text and "%" in text
	for secret in ("Nguyễn Thị Thử", "048998000777", "Hải Châu", "khai sinh"):
		assert secret not in text
	context.close()


def test_a_petition_is_sent_followed_and_answered_in_public(visitor, province, connection):
	from one_stop.quality import petitions

	page = visitor.page
	page.goto("/phan-anh/gui")
	page.fill("#f-sender_phone", "không có")
	visitor.send("Gửi")
	assert page.locator("#error-summary").is_visible()
	for field in ("kind", "subject", "content", "sender_name", "sender_address", "sender_phone"):
		assert page.locator(f"#{field}-error").is_visible(), field
	assert visitor.loose_messages() == []
	# The browser says so as well, before anything is sent.
	page.fill("#f-subject", "Chờ lâu")
	page.locator("#f-subject").blur()
	assert page.locator("#subject-error").count() == 0
	page.check('[name="kind"][value="Conduct"]')
	page.fill("#f-subject", "Chờ lâu tại quầy")
	page.fill("#f-content", "Sáng nay tôi chờ hai giờ tại quầy tiếp nhận mà không ai hướng dẫn.")
	page.fill("#f-sender_name", "Trần Văn Thử")
	page.fill("#f-sender_address", "12 đường Thử, phường Hải Châu")
	page.fill("#f-sender_phone", "0905123456")
	visitor.send("Gửi")
	code, check = page.locator("code").all_inner_texts()[:2]
	assert visitor.is_in_order()
	page.goto("/phan-anh/theo-doi")
	page.fill("#f-code", code)
	page.fill("#f-check", check)
	visitor.send("Tra cứu")
	assert page.get_by_text("Chờ lâu tại quầy").is_visible() and visitor.is_in_order()
	page.goto("/phan-anh/theo-doi")
	page.fill("#f-code", code)
	page.fill("#f-check", "AAAAAAAA")
	visitor.send("Tra cứu")
	assert page.locator("#error-summary").is_visible()

	connection.db.rollback()
	name = connection.db.get_value("Petition", {"code": code})
	petitions.answer(name, "Trả lời riêng cho người gửi", "Trung tâm đã bố trí thêm quầy.", "False")
	petitions.publish(name)
	connection.db.commit()
	page.goto("/phan-anh")
	(shown,) = page.locator("main .cards li", has_text=code).all_inner_texts()
	assert "Trung tâm đã bố trí thêm quầy." in shown
	for kept in ("Trả lời riêng", "Sáng nay tôi chờ", "Trần Văn Thử", "0905123456"):
		assert kept not in shown
	assert visitor.serious() == [] and not visitor.overflows()


def an_earlier_dossier(connection, user: str) -> str:
	"""A dossier of this account whose answers and paper may be used again. Returns the name of the paper's file."""
	dossier = factories.handed_over(consent=1)
	url = factories.scan(dossier)
	paper = connection.get_all("Dossier Component", {"parent": dossier, "required": 1}, pluck="name")[0]
	connection.db.set_value("Dossier Component", paper, "file", url)
	connection.db.set_value("Dossier", dossier, "applicant_user", user)
	connection.db.commit()
	return connection.db.get_value("File", {"file_url": url})


def test_an_agent_applies_for_a_business_by_keyboard_alone_reuses_a_paper_and_withdraws(
	browser, base_url, province, connection
):
	from one_stop.citizen_portal import accounts

	address = f"portal-{factories.key()[:8].lower()}@example.com"
	user = accounts.open_account("email", address, "Lê Thị Bàn Phím", PASSWORD)
	connection.db.set_value("User", user, "language", "vi")
	connection.db.commit()
	file = an_earlier_dossier(connection, user)
	visitor = Visitor(browser, base_url, SCREEN)
	page = visitor.page
	page.goto(f"/nop/{factories.BIRTH}")
	visitor.type_into("#f-contact", address)
	visitor.type_into("#f-password", PASSWORD)
	visitor.press('form[action="/dang-nhap"] button')

	# Where, and for whom: a business, by somebody it has authorised.
	visitor.tab_to("#f-receiving_unit")
	page.keyboard.type("Trung tâm Phục vụ hành chính công phường Hải Châu")
	visitor.press("form.guided .buttons button")
	visitor.tab_to('[name="on_behalf"]')
	page.keyboard.press("ArrowDown")
	visitor.tab_to("#f-applicant_kind")
	page.keyboard.press("ArrowDown")
	visitor.type_into("#f-applicant_name", "Công ty Ví Dụ")
	visitor.tab_to("#f-applicant_id_type")
	page.keyboard.type("Mã số")
	visitor.type_into("#f-applicant_id_number", "0400123456")
	visitor.type_into("#f-applicant_phone", "0905123456")
	visitor.type_into("#f-authorised_name", "Lê Thị Bàn Phím")
	visitor.type_into("#f-authorised_id_number", "048998000778")
	visitor.press("form.guided .buttons button")
	assert "to-khai" in page.url, page.locator("main").inner_text()
	# The answers of the earlier dossier stand there already.
	visitor.press("form.guided .buttons button")
	assert "giay-to" in page.url, page.locator("#error-summary").inner_text()
	visitor.tab_to("#reuse-1")
	page.keyboard.press("ArrowDown")
	assert page.locator("#reuse-1").input_value() == file
	visitor.press("form.guided .buttons button")
	assert "nhan-ket-qua" in page.url, page.locator("#error-summary").inner_text()

	# By post, which needs an address.
	visitor.tab_to('[name="result_delivery"]')
	page.keyboard.press("ArrowDown")
	page.keyboard.press("ArrowDown")
	visitor.type_into("#f-postal_address", " ")
	visitor.press("form.guided .buttons button")
	assert page.locator("#postal_address-error").is_visible() and visitor.is_in_order()
	visitor.type_into("#f-postal_address", "12 đường Ví Dụ")
	visitor.press("form.guided .buttons button")
	for tick in ("#f-truth", "#f-consent"):
		visitor.tab_to(tick)
		page.keyboard.press("Space")
	visitor.press("form.guided .buttons button")
	dossier = page.url.split("/ho-so/")[1].split("?")[0]
	connection.db.rollback()
	doc = connection.get_doc("Dossier", dossier)
	assert (doc.applicant_kind, doc.authorised_name, doc.result_delivery, doc.postal_address) == (
		"Business",
		"Lê Thị Bàn Phím",
		"Post",
		"12 đường Ví Dụ",
	)
	assert [row.reused_from for row in doc.components if row.file]

	visitor.tab_to("details summary")
	page.keyboard.press("Enter")
	visitor.type_into("#f-reason", "Nộp nhầm")
	visitor.press("details button")
	connection.db.rollback()
	assert factories.value(dossier, "status") == "Withdrawn"
	# A second one of the same procedure is offered its draft first.
	page.goto(f"/nop/{factories.BIRTH}")
	page.goto(f"/nop/{factories.BIRTH}")
	assert page.get_by_role("button", name="Bắt đầu hồ sơ mới").is_visible(), page.locator(
		"main"
	).inner_text()
	assert visitor.is_in_order()
	visitor.context.close()
	assert not visitor.errors


def test_the_device_at_the_counter_takes_one_rating_after_another(visitor, province):
	from one_stop.quality import rating_devices

	page = visitor.page
	key = rating_devices.address(factories.CENTRE).partition("?")[2]
	page.goto(f"/danh-gia-tai-quay/{factories.CENTRE}?{key}")
	assert not page.get_by_role("navigation").count(), "nothing leads away from the question"
	for _person in range(2):
		page.locator("fieldset.rating input").first.check()
		visitor.send("Gửi")
		assert page.locator(".notice").first.is_visible()
		page.get_by_role("link", name="Người tiếp theo").click()
	assert visitor.serious() == [] and not visitor.overflows()
	# Somebody who leaves in the middle leaves nothing on the screen for the next person.
	page.clock.install()
	page.reload()
	page.locator("fieldset.rating input").first.check()
	with page.expect_navigation():
		page.clock.run_for(61_000)
	assert not page.locator("fieldset.rating input:checked").count()
