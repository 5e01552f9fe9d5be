"""Reports as managers use them: a figure opens its dossiers, and the guide's three examples can be played."""

import re

import pytest

pytestmark = pytest.mark.browser

PERIOD = "from_date=2020-01-01&to_date=2030-12-31"


@pytest.fixture(scope="module")
def booked(sample, connection):
	"""The daily facts of the sample's dossiers, without waiting for the jobs that follow each event."""
	from one_stop.reporting import daily_facts

	daily_facts.rebuild()
	connection.db.commit()
	return sample


@pytest.fixture
def manager(people, booked):
	person = people("giamsat")
	person.log_in(booked["giamsat"]["user"], booked["giamsat"]["password"])
	return person


def number(text: str) -> int:
	return int(re.sub(r"\D", "", text))


def test_a_cell_of_form_06_opens_the_dossiers_it_counts(manager):
	page = manager.page
	manager.open(f"/app/query-report/Statutory Form 06?{PERIOD}&grouping=Unit")
	cells = page.locator("a.one-stop-drill")
	cells.first.wait_for()
	counted = number(cells.first.inner_text())
	assert counted > 0
	cells.first.click()
	page.wait_for_function(
		"(counted) => frappe.query_report.report_name === 'Dossiers behind a Figure'"
		" && frappe.query_report.data?.length === counted && 'code' in frappe.query_report.data[0]",
		arg=counted,
	)


@pytest.mark.parametrize(
	"report",
	["Statutory Form 07a", "Statutory Form 07b", "Bottlenecks"],
)
def test_a_cell_of_every_managers_report_opens_what_it_counts(manager, report):
	"""A link is there as row and column say it, and its list is as long as the cell says."""
	page = manager.page
	manager.open(f"/app/query-report/{report}?{PERIOD}")
	page.locator("a.one-stop-drill").first.wait_for()
	field, counted, href = page.evaluate(
		"""() => {
			const data = frappe.query_report.data.filter((row) => row.opens);
			const column = frappe.query_report.columns.find((one) =>
				one.opens && one.fieldtype === "Int" && data.some((row) => row[one.fieldname]));
			const row = data.find((one) => one[column.fieldname]);
			return [column.fieldname, row[column.fieldname],
				one_stop.reports.list_behind({ ...row.opens, ...column.opens })];
		}"""
	)
	assert page.locator(f'a.one-stop-drill[href="{href}"]').count() >= 1, field
	manager.open(href)
	page.wait_for_function(
		"(counted) => frappe.query_report?.report_name.includes('behind a Figure')"
		" && frappe.query_report.data?.length === counted",
		arg=counted,
	)


def test_the_boards_figures_open_their_dossiers(manager):
	page = manager.page
	manager.open("/app/wall-board")
	tile = page.locator("a.board-tile.alarm").first
	tile.wait_for()
	counted = number(tile.locator("b").inner_text())
	tile.click()
	page.wait_for_function(
		"(counted) => frappe.query_report?.report_name === 'Dossiers behind a Figure'"
		" && frappe.query_report.data?.length === counted",
		arg=counted,
	)


@pytest.fixture
def award_rule(booked, connection):
	"""A commendation that everybody gets who has served; gone with its proposals afterwards."""
	import frappe

	rule = frappe.get_doc(
		{
			"doctype": "Award Rule",
			"title": "Giấy khen của bài thử",
			"kind": "Commendation",
			"subject": "Officer",
			"effective_from": "2020-01-01",
			"quota_kind": "None",
			"votes_needed": 50,
			"conditions": [{"fact": "months_served", "comparison": "at least", "value": 0}],
		}
	).insert()
	frappe.db.commit()
	yield rule.name
	connection.db.rollback()
	for name in frappe.get_all("Award Proposal", {"rule": rule.name}, pluck="name"):
		frappe.delete_doc("Award Proposal", name, force=True)
	frappe.delete_doc("Award Rule", rule.name, force=True)
	frappe.db.commit()


def test_the_head_of_a_unit_has_the_rules_propose_and_sees_the_reasons(people, booked, award_rule):
	person = people("chutich.haichau")
	person.log_in(booked["chutich.haichau"]["user"], booked["chutich.haichau"]["password"])
	page = person.page
	person.open("/app/award-proposal")
	page.get_by_role("button", name="Đề xuất theo quy định").click()
	dialog = page.locator(".modal.show")
	dialog.wait_for()
	page.wait_for_function("window.cur_dialog?.fields_dict.rule")
	page.evaluate(f"cur_dialog.set_value('rule', {award_rule!r})")
	with page.expect_response(re.compile("evaluations.propose")) as answered:
		dialog.get_by_role("button", name="Đề xuất", exact=True).click()
	made = answered.value.json()["message"]
	assert made
	page.wait_for_function("(made) => cur_list.data.some((row) => row.name === made)", arg=made[0])
	person.open(f"/app/award-proposal/{made[0]}")
	page.wait_for_function("(made) => cur_frm?.doc.name === made && !cur_frm.is_new()", arg=made[0])
	reasons, unit = page.evaluate("[cur_frm.doc.reasons, cur_frm.doc.unit]")
	assert unit.startswith("H17.40.01")
	assert reasons and all(row["met"] for row in reasons)


def test_the_printed_forms_are_downloaded_by_their_buttons(manager):
	page = manager.page
	manager.open(f"/app/query-report/Statutory Form 06?{PERIOD}")
	page.locator("a.one-stop-drill").first.wait_for()
	filters = page.evaluate("JSON.stringify(frappe.query_report.get_filter_values())")
	for label, kind, begins in (
		("Excel (theo biểu mẫu)", "excel", b"PK"),
		("PDF (theo biểu mẫu)", "pdf", b"%PDF"),
	):
		assert page.get_by_role("button", name=label).count() == 1
		answer = page.context.request.get(
			f"{manager.base_url}/api/method/one_stop.api.reports.download",
			params={"form": "form_06", "kind": kind, "filters": filters},
		)
		assert answer.ok and answer.body().startswith(begins)


def test_example_1_of_the_guide_filters_chooses_columns_and_saves(manager):
	page = manager.page
	manager.open("/app/dossier/view/report?channel=Online&status=In Process")
	page.wait_for_function(
		"window.cur_list?.view === 'Report' && cur_list.datatable && !cur_list.freeze_on_refresh"
	)
	open_menu(page, "Chọn cột")
	dialog = page.locator(".modal.show")
	for fieldname in ("channel", "deciding_unit", "due_at"):
		box = dialog.locator(f"input[type=checkbox][data-unit='{fieldname}']")
		if not box.is_checked():
			box.check()
	dialog.locator(".btn-primary:visible").click()
	page.wait_for_function("cur_list.datatable && cur_list.data.length && 'channel' in cur_list.data[0]")
	assert set(page.evaluate("cur_list.data.map((row) => `${row.channel} ${row.status}`)")) == {
		"Online In Process"
	}
	open_menu(page, "Lưu thành")
	name = "Trực tuyến đang giải quyết"
	page.locator(".modal.show input[data-fieldname='name']").fill(name)
	with page.expect_response(re.compile("reportview.save_report")) as saved:
		page.locator(".modal.show .btn-primary:visible").click()
	assert saved.value.ok
	assert (
		page.evaluate(
			f"frappe.xcall('frappe.client.get_count', {{doctype: 'Report', filters: {{name: '{name}'}}}})"
		)
		== 1
	)


def test_example_2_of_the_guide_counts_dossiers_by_unit(manager):
	page = manager.page
	manager.open("/app/dossier/view/report")
	page.wait_for_function("window.cur_list?.view === 'Report' && cur_list.datatable")
	page.locator(".group-by-button:visible").click()
	# The choices work once the popover has opened to its end.
	page.wait_for_function("cur_list.group_by_control.group_by_select?.is(':visible')")
	page.locator(".group-by-popover select.group-by").select_option("deciding_unit")
	page.wait_for_function("cur_list.data.length && '_aggregate_column' in cur_list.data[0]")
	page.evaluate("cur_list.page_length = 500; cur_list.refresh()")
	page.wait_for_load_state("networkidle")
	counts = page.evaluate("cur_list.data.map((row) => row._aggregate_column)")
	total = page.evaluate(
		"frappe.xcall('frappe.client.get_count', { doctype: 'Dossier', filters: cur_list.get_filters_for_args() })"
	)
	assert sum(counts) == total


def test_example_3_of_the_guide_shows_satisfaction_in_released_groups_only(manager):
	page = manager.page
	manager.open("/app/rating-release/view/report?question_key=overall")
	page.wait_for_function("window.cur_list && cur_list.view === 'Report'")
	page.wait_for_timeout(500)
	assert page.evaluate("cur_list.data.every((row) => row.ratings >= 5)")
	answer = page.evaluate(
		"fetch('/api/resource/Citizen Rating').then((response) => response.status)",
	)
	assert answer == 403
	manager.errors = [error for error in manager.errors if "403" not in error]


def test_the_board_shows_the_province_and_fits_a_phone(manager):
	page = manager.page
	manager.open("/app/wall-board")
	page.locator(".board-tile").first.wait_for()
	assert page.locator(".board-tile").count() == 8
	page.set_viewport_size({"width": 390, "height": 844})
	assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1")


def open_menu(page, label: str) -> None:
	page.locator(".menu-btn-group:visible > button").click()
	page.locator(
		".menu-btn-group .dropdown-menu.show .menu-item-label", has_text=re.compile(f"^{label}$")
	).click()
