"""What a new site needs of an organization before anybody has set anything; later it belongs to its people."""

import frappe
from frappe import _
from frappe.utils import getdate

from one_stop.organization.calendar import DEFAULT_RULE_SETTINGS
from one_stop.organization.holiday_seed import LAST_YEAR, seed_holidays

NATIONAL_CALENDAR = "Lịch toàn quốc"
# Office hours of running systems (07:00-11:30, 13:30-17:00): eight hours from Monday to Friday.
OFFICE_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
OFFICE_HOURS = (("07:00:00", "11:30:00"), ("13:30:00", "17:00:00"))
# Dossiers in process may have been received in the year before last; results are promised into the next.
YEARS_BACK = 2
# Each duty with its role, and what it is.
DUTIES = (
	("Reception", "Reception Clerk", "Tiếp nhận hồ sơ tại bộ phận một cửa."),
	("Return", "Reception Clerk", "Trả kết quả tại bộ phận một cửa."),
	("Appraisal", "Processing Officer", "Thẩm định, giải quyết hồ sơ."),
	("Issuing", "Processing Officer", "Văn thư: vào sổ, đóng dấu, phát hành kết quả."),
	("Division Approval", "Unit Leader", "Lãnh đạo phòng duyệt kết quả thẩm định."),
	("Approval", "Unit Leader", "Lãnh đạo cơ quan phê duyệt, ký kết quả."),
	("Monitoring", "Monitoring Officer", "Theo dõi, đôn đốc đơn vị và các đơn vị trực thuộc."),
	("Administration", "One-Stop Administrator", "Quản trị đơn vị, lịch, thủ tục và quy tắc thời hạn."),
)


def seed_organization() -> None:
	"""Put what is missing: duties, a national calendar, the dated rules. Runs at install and migrate only."""
	seed_duties()
	seed_national_calendar()
	seed_rules()


def seed_duties() -> None:
	for duty, role, description in DUTIES:
		if not frappe.db.exists("Duty", duty):
			values = {"duty_name": duty, "role": role, "description": description}
			frappe.get_doc({"doctype": "Duty", **values}).insert()


def seed_national_calendar() -> None:
	"""A national calendar with office hours and the holidays of the years in use, none of them confirmed."""
	if frappe.db.exists("Working Calendar", {"scope": "National"}):
		return
	this_year = getdate().year
	doc = frappe.new_doc("Working Calendar", calendar_name=NATIONAL_CALENDAR, scope="National")
	for weekday in OFFICE_DAYS:
		for start, end in OFFICE_HOURS:
			doc.append("windows", {"weekday": weekday, "from_time": start, "to_time": end})
	for year in range(this_year - YEARS_BACK, this_year + 2):
		append_suggestions(doc, year)
	doc.insert()


def seed_rules() -> None:
	settings = frappe.get_single("One-Stop Settings")
	if settings.rules:
		return
	for rule in DEFAULT_RULE_SETTINGS:
		settings.append(
			"rules",
			{
				"rule": rule.rule,
				"value": rule.value,
				"effective_from": rule.effective_from,
				"article": rule.article,
			},
		)
	settings.save()


def suggestions(year: int) -> list[dict]:
	"""The holidays of a year as rows of a Working Calendar, by date, none confirmed. Raises YearOutOfRange."""
	return [
		{
			"exception_date": day.day.isoformat(),
			"kind": day.kind.value.replace("_", " ").title(),
			"reason": day.reason,
			"source_document": day.source,
			"confirmed": 0,
		}
		for day in seed_holidays(year)
	]


def append_suggestions(doc, year: int) -> int:
	"""Put the suggested holidays of a year, and the year as one to confirm, where a calendar lacks them."""
	known = {getdate(row.exception_date) for row in doc.exceptions}
	missing = [row for row in suggestions(year) if getdate(row["exception_date"]) not in known]
	for row in missing:
		doc.append("exceptions", row)
	if year not in {row.year for row in doc.years}:
		doc.append("years", {"year": year, "confirmed": 0})
	return len(missing)


def suggest_coming_years() -> None:
	"""Daily: put the holidays of this year and the next into the national calendar before they are needed.

	A year that has a row in the calendar's list of years was dealt with; what people removed stays removed.
	One-Stop Administrators are told once that there is a year to confirm.
	"""
	this_year = getdate().year
	name = frappe.db.get_value("Working Calendar", {"scope": "National"}, order_by="creation asc")
	if not name:
		return
	doc = frappe.get_doc("Working Calendar", name)
	listed = {row.year for row in doc.years}
	added = [year for year in (this_year, this_year + 1) if year not in listed and year <= LAST_YEAR]
	for year in added:
		append_suggestions(doc, year)
	if added:
		doc.save()
		tell_administrators(doc, added)


def tell_administrators(doc, years: list[int]) -> None:
	"""A notification in the desk of every One-Stop Administrator, in their own language."""
	from frappe.utils.user import get_users_with_role

	for user in get_users_with_role("One-Stop Administrator"):
		language = frappe.db.get_value("User", user, "language")
		frappe.get_doc(
			{
				"doctype": "Notification Log",
				"for_user": user,
				"type": "Alert",
				"document_type": doc.doctype,
				"document_name": doc.name,
				"subject": _(
					"Holidays of {0} were suggested: please correct and confirm them.", language
				).format(", ".join(map(str, years))),
			}
		).insert(ignore_permissions=True)  # in the scheduler, for somebody else's eyes
