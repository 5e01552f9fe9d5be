"""Reports that travel: saved, shared, charted, scheduled, and really sent, each within its recipient's own units."""

import json
from datetime import date, timedelta
from io import BytesIO
from unittest.mock import patch

import frappe
import pytest
from frappe.desk.reportview import save_report
from mail_catcher import send_queue
from openpyxl import load_workbook

from one_stop.reporting import daily_facts, figures, mailing
from one_stop.reporting.exceptions import ReportOfSomebodyElse
from tests import factories as make
from tests.factories import acting, user

pytestmark = pytest.mark.usefixtures("province")

LEADER, OTHER_LEADER, MONITOR, OFFICER = "chutich.haichau", "giamdoc.snnmt", "giamsat", make.OFFICER
NEXT_MONTH = (date.today().replace(day=1) + timedelta(days=32)).replace(day=1)


@pytest.fixture
def received(drop_jobs):
	"""A dossier of the ward, in the figures of this month, which nobody else adds to meanwhile."""
	drop_jobs()
	name = make.received()
	daily_facts.follow_all([name])
	return name


def mails_to(box, name: str) -> list:
	return [mail for receivers, mail in box.mails if receivers == [user(name)]]


@pytest.fixture
def recipients():
	for name in (LEADER, OTHER_LEADER, OFFICER):
		frappe.db.delete("Monthly Report Recipient", {"user": user(name)})
		frappe.get_doc({"doctype": "Monthly Report Recipient", "user": user(name), "enabled": 1}).insert()
	frappe.db.commit()
	yield
	for name in (LEADER, OTHER_LEADER, OFFICER):
		frappe.db.delete("Monthly Report Recipient", {"user": user(name)})
	frappe.db.commit()


def test_the_monthly_job_sends_each_recipient_the_report_of_their_own_units(box, recipients, received):
	"""The job as the scheduler starts it, through the queue of e-mails and a real mail server."""

	def run(method, user, **_queue):
		frappe.get_attr(method)(user=user, day=NEXT_MONTH)

	with patch.object(frappe, "enqueue", run):
		mailing.queue_monthly_reports()
		mailing.queue_monthly_reports()
	frappe.db.commit()
	send_queue()
	first, last = mailing.last_month(NEXT_MONTH)
	for name, unit in ((LEADER, "phường Hải Châu"), (OTHER_LEADER, "Sở Nông nghiệp và Môi trường")):
		(mail,) = mails_to(box, name)
		assert mail["Subject"] == f"Báo cáo tháng {first:%m/%Y}: tình hình giải quyết thủ tục hành chính"
		(attachment,) = mail.iter_attachments()
		page = load_workbook(BytesIO(attachment.get_content())).active
		total = next(row for row in page.iter_rows(values_only=True) if row[1] == "Tổng cộng")
		counted = figures.sums(first, last, (), figures.scope_of(user(name)))
		assert total[2] == (figures.figures(counted[0]).received if counted else 0)
		body = mail.get_body(("html",)).get_content()
		others = {"phường Hải Châu", "Sở Nông nghiệp và Môi trường"} - {unit}
		assert not [other for other in others if other in body]
	assert "phường Hải Châu" in mails_to(box, LEADER)[0].get_body(("html",)).get_content()
	assert mails_to(box, OFFICER) == [], "officers have no managers' reports"


def scheduled(report: str, **values):
	return frappe.get_doc(
		{
			"doctype": "Auto Email Report",
			"report": report,
			"user": frappe.session.user,
			"email_to": frappe.session.user,
			"format": "HTML",
			"frequency": "Weekly",
			"day_of_week": "Monday",
			"enabled": 1,
			"no_of_rows": 500,
			"filters": "{}",
			"send_if_data": 0,
			**values,
		}
	)


@pytest.fixture
def built():
	"""A report a leader has built, with a chart in it, as the desk saves it."""
	name = "Hồ sơ theo kênh của bài kiểm thử"
	settings = {
		"filters": [["Dossier", "status", "!=", "Draft"]],
		"fields": [["code", "Dossier"], ["channel", "Dossier"], ["deciding_unit", "Dossier"]],
		"order_by": "`tabDossier`.`creation` desc",
		"add_totals_row": 0,
		"page_length": 20,
		"column_widths": {},
		"group_by": None,
		"chart_args": {"chart_name": name, "chart_type": "Bar", "x_field": "channel", "y_axes": ["name"]},
	}
	with acting(LEADER):
		save_report(name, "Dossier", json.dumps(settings))
	frappe.db.commit()
	yield name
	frappe.set_user("Administrator")
	for doctype in ("Auto Email Report", "Dashboard Chart"):
		for row in frappe.get_all(doctype, {"owner": ("in", [user(LEADER), user(MONITOR)])}, pluck="name"):
			frappe.delete_doc(doctype, row, force=True)
	frappe.delete_doc("Report", name, force=True)
	frappe.db.commit()


def test_a_built_report_is_saved_with_its_chart_and_seen_by_other_managers(built):
	with acting(MONITOR):
		saved = frappe.get_doc("Report", built)
		assert saved.has_permission("read") and saved.is_permitted()
		assert json.loads(saved.json)["chart_args"]["x_field"] == "channel"
		assert not saved.has_permission("write"), "shared is not given away"
	with acting(LEADER):
		chart = frappe.get_doc(
			{
				"doctype": "Dashboard Chart",
				"chart_name": f"{built} (biểu đồ)",
				"chart_type": "Group By",
				"document_type": "Dossier",
				"group_by_based_on": "channel",
				"group_by_type": "Count",
				"filters_json": "[]",
				"type": "Bar",
			}
		).insert()
	assert chart.owner == user(LEADER)


def test_a_scheduled_report_is_sent_with_the_rows_of_whoever_scheduled_it(box, built, received):
	"""The same saved report: a leader is sent their ward's dossiers, the monitoring office those of all."""
	make.received(unit="H17.41.01.01", clerk=make.STRANGER)
	seen = {}
	for name in (LEADER, MONITOR):
		with acting(name):
			schedule = scheduled(built).insert()
			rows = frappe.get_list(
				"Dossier", {"status": ("!=", "Draft"), "code": ("is", "set")}, ["code"], limit=0
			)
			seen[name] = {row.code for row in rows}
		frappe.db.commit()
		# As the scheduler does, which runs as Administrator.
		schedule.send()
		frappe.db.commit()
	send_queue()
	code = make.value(received, "code")
	foreign = seen[MONITOR] - seen[LEADER]
	for name in (LEADER, MONITOR):
		(mail,) = mails_to(box, name)
		body = mail.get_body(("html",)).get_content()
		assert code in body
		found = {one for one in seen[MONITOR] if one in body}
		assert found <= seen[name]
	assert foreign
	assert not [one for one in foreign if one in mails_to(box, LEADER)[0].get_body(("html",)).get_content()]


@pytest.mark.parametrize(
	"wrong",
	[
		{"user": user(MONITOR)},
		{"user": "Administrator"},
		{"email_to": "nguoi.la@ngoai.example"},
		{"email_to": f"{user(LEADER)}\nnguoi.la@ngoai.example"},
	],
)
def test_a_manager_schedules_neither_with_anothers_eyes_nor_to_strangers(built, wrong):
	with acting(LEADER), pytest.raises(ReportOfSomebodyElse):
		scheduled(built, **wrong).insert()


def test_officers_schedule_nothing_and_managers_see_their_own_only(built):
	with acting(OFFICER), pytest.raises(frappe.PermissionError):
		scheduled(built).insert()
	with acting(LEADER):
		own = scheduled(built).insert()
		assert [row.name for row in frappe.get_list("Auto Email Report")] == [own.name]
	with acting(MONITOR):
		assert frappe.get_list("Auto Email Report") == []
		assert not own.has_permission("read")
