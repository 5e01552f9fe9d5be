"""The monthly report by e-mail: to each recipient what lies within their own units, and nothing beyond."""

from datetime import date, timedelta
from html import escape
from typing import Any

import frappe
from frappe import _
from frappe.permissions import add_permission, update_permission_property
from frappe.utils import getdate, now_datetime

from one_stop.filters import among
from one_stop.reporting import figures, managerial, printed, statutory, targets
from one_stop.reporting.exceptions import ReportOfSomebodyElse, ScopedReportNotMailed

OURS = ("Reporting", "Quality")
SCHEDULE = "Auto Email Report"
MAY_RECEIVE = frozenset({"Unit Leader", "Monitoring Officer", "One-Stop Administrator"})


def refuse_scoped_reports(doc: Any, method: str | None = None) -> None:
	"""Hook of Auto Email Report: Frappe runs script reports as the scheduler, who sees every unit.

	Managers mail reports of the Report Builder, which Frappe runs under their own permissions.
	"""
	report = frappe.db.get_value("Report", doc.report, ["report_type", "module"], as_dict=True)
	if report and report.report_type == "Script Report" and report.module in OURS:
		frappe.throw(
			_(
				"This report is mailed to its recipients each month under their own units: see Monthly Report Recipient."
			),
			ScopedReportNotMailed,
		)


def check_schedule(doc: Any, method: str | None = None) -> None:
	"""Hook of Auto Email Report: Frappe runs it as the user it names, and sends it to any address.

	Managers therefore schedule under their own name, to people with an account; administrators of the site are free.

	:raises ReportOfSomebodyElse:
	"""
	if "System Manager" in frappe.get_roles():
		return
	if doc.user != frappe.session.user:
		frappe.throw(
			_("Based on Permissions For User: a report is scheduled under one's own rights: {0}.").format(
				frappe.session.user
			),
			ReportOfSomebodyElse,
		)
	wanted = {address.strip() for address in (doc.email_to or "").replace(",", "\n").splitlines()} - {""}
	known = set(
		frappe.get_all(
			"User",
			{"email": among(wanted), "enabled": 1, "user_type": "System User"},
			pluck="email",
			limit=0,
		)
	)
	if wanted - known:
		frappe.throw(
			_("Email To: {0} has no account in this system. Reports go to its people only.").format(
				", ".join(sorted(wanted - known))
			),
			ReportOfSomebodyElse,
		)


def let_managers_schedule() -> None:
	"""Give managers their own Auto Email Reports (after_migrate); what an administrator has set there stays."""
	for role in sorted(MAY_RECEIVE):
		if not frappe.db.exists("Custom DocPerm", {"parent": SCHEDULE, "role": role}):
			add_permission(SCHEDULE, role)
			for right in ("write", "create", "delete", "if_owner"):
				update_permission_property(SCHEDULE, role, 0, right, 1)


def queue_monthly_reports() -> None:
	"""Monthly: a job for each recipient, so that one that fails does not hold up the others."""
	for user in frappe.get_all("Monthly Report Recipient", {"enabled": 1}, pluck="user", limit=0):
		frappe.enqueue(
			"one_stop.reporting.mailing.send_monthly_report",
			queue="long",
			job_id=f"monthly-report-{user}-{getdate():%Y-%m}",
			deduplicate=True,
			user=user,
		)


def last_month(day: date | None = None) -> tuple[date, date]:
	"""First and last day of the month before a day's."""
	last = getdate(day).replace(day=1) - timedelta(days=1)
	return last.replace(day=1), last


def send_monthly_report(user: str, day: date | None = None) -> bool:
	"""Send last month's report to a recipient, once. Returns whether it was sent.

	A person who has lost the role, is disabled, or has no units any more gets nothing.
	"""
	first, last = last_month(day)
	month = f"{first:%Y-%m}"
	known = frappe.db.get_value(
		"Monthly Report Recipient", {"user": user, "enabled": 1}, ["name", "last_month"]
	)
	if not known or known[1] == month:
		return False
	scope = figures.scope_of(user, on=last)
	allowed = frappe.db.get_value("User", user, "enabled") and MAY_RECEIVE & set(frappe.get_roles(user))
	if not allowed or (scope is not None and not scope):
		return False
	form = statutory.Request(first, last, scope, grouping=statutory.BY_UNIT)
	frappe.sendmail(
		recipients=[frappe.db.get_value("User", user, "email")],
		subject=f"Báo cáo tháng {first:%m/%Y}: tình hình giải quyết thủ tục hành chính",
		message=message(user, scope, first, last),
		attachments=[
			{"fname": printed.file_name("form_06", form, "excel"), "fcontent": printed.excel("form_06", form)}
		],
		reference_doctype="Monthly Report Recipient",
		reference_name=known[0],
	)
	frappe.db.set_value(
		"Monthly Report Recipient", known[0], {"last_month": month, "last_sent": now_datetime()}
	)
	return True


def message(user: str, scope: figures.Scope, first: date, last: date) -> str:
	"""The body: use of the system by department and locality, those behind, and the directive's implementation.

	In Vietnamese, as official reports are.
	"""
	rows = managerial.use_of_the_system(first, last, scope)
	behind = [row for row in rows if row["behind"]]
	states = [row for row in targets.rows(first.year, user, last) if row["behind"]]
	parts = [
		f"<p>Số liệu từ ngày {first:%d/%m/%Y} đến ngày {last:%d/%m/%Y}, trong phạm vi đơn vị của người nhận.</p>",
		"<p>Hồ sơ tính theo đơn vị giải quyết, kể cả hồ sơ liên thông phát sinh; tỷ lệ trực tuyến tính trên hồ sơ do"
		" người dân nộp.</p>",
		"<h3>1. Tình hình sử dụng hệ thống</h3>",
		_table(
			(
				"Đơn vị",
				"Tiếp nhận",
				"Giải quyết",
				"Đúng hạn",
				"Đang quá hạn",
				"Trực tuyến",
				"Tháng trước",
				"Chỉ tiêu",
			),
			[
				(
					row["unit_name"],
					row["received"],
					row["resolved"],
					_percent(row["on_time_percent"]),
					row["overdue"],
					_percent(row["online_percent"]),
					_percent(row["online_before"]),
					_percent(row["target"]),
				)
				for row in rows
			],
		),
		"<h3>2. Đơn vị chưa đạt chỉ tiêu hồ sơ trực tuyến</h3>",
		_table(
			("Đơn vị", "Đạt", "Chỉ tiêu"),
			[(row["unit_name"], _percent(row["online_percent"]), _percent(row["target"])) for row in behind],
		),
		"<h3>3. Thực hiện Chỉ thị: chỉ tiêu dự kiến không đạt cuối năm</h3>",
		_table(
			("Chỉ tiêu của", "Nội dung", "Chỉ tiêu", "Từ đầu năm", "Dự kiến cuối năm"),
			[
				(
					row["subject"],
					_(row["metric"], "vi"),
					_percent(row["value"]),
					_percent(row["so_far"]),
					_percent(row["projected"]),
				)
				for row in states
			],
		),
		"<h3>4. Số hóa, thanh toán, kết quả điện tử</h3>",
		_table(
			("Đơn vị", "Toàn trình", "Số hóa", "Thanh toán trực tuyến", "Kết quả điện tử"),
			[
				(
					row["unit_name"],
					_percent(row["fully_online_percent"]),
					_percent(row["digitised_percent"]),
					_percent(row["paid_online_percent"]),
					_percent(row["e_result_percent"]),
				)
				for row in rows
			],
		),
	]
	return "".join(parts)


def _percent(value: float | None) -> str:
	return "–" if value is None else f"{value:.1f}%".replace(".", ",")


def _table(heads: tuple[str, ...], rows: list[tuple]) -> str:
	if not rows:
		return "<p>Không có.</p>"
	head = "".join(f"<th>{escape(text)}</th>" for text in heads)
	body = "".join(f"<tr>{''.join(f'<td>{escape(str(cell))}</td>' for cell in row)}</tr>" for row in rows)
	return (
		f'<table border="1" cellpadding="4" style="border-collapse: collapse"><tr>{head}</tr>{body}</table>'
	)
