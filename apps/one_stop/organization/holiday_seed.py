"""Public holidays of Viet Nam for one year, as a first draft that an administrator confirms.

The `holidays` library knows the Labour Code (2019, art. 112), the lunar dates and the substitutions that
the Government announced in the years it has been taught; a year ahead of those announcements is a guess.
Nothing here is confirmed: that is a person's decision with the document in hand. Pure: no Frappe.
"""

from __future__ import annotations

from datetime import date

import holidays

from one_stop.organization.calendar import CalendarError, CalendarException, ExceptionKind, Scope

LABOUR_CODE = "BLLĐ 2019 Điều 112"
OTHER_BASES = {"Ngày Văn hóa Việt Nam": "Nghị quyết 80-NQ/TW"}
FIRST_YEAR = 2013
LAST_YEAR = 2099
# Announced substitutions the library does not carry: day off, day worked for it, document.
ANNOUNCED_SWAPS: tuple[tuple[date, date, str], ...] = (
	(date(2026, 1, 2), date(2026, 1, 10), "Văn bản 12729/VPCP"),
)


class YearOutOfRange(CalendarError):
	field = "year"
	template = "Holidays can be suggested for the years {first} to {last}, not for {year}."


def seed_holidays(year: int) -> list[CalendarException]:
	"""Return the holidays, days off in exchange and days worked in exchange of a year, by date.

	All have national scope and are unconfirmed. Weekends next to a holiday are left out: they are off
	anyway. Raises YearOutOfRange where the library has no lunar dates worth trusting.
	"""
	if not FIRST_YEAR <= year <= LAST_YEAR:
		raise YearOutOfRange(first=FIRST_YEAR, last=LAST_YEAR, year=year)
	# A swap may reach into the neighbouring year, whose own announcement then names the worked day.
	known = holidays.country_holidays("VN", years=(year - 1, year, year + 1), language="vi")
	found: dict[date, CalendarException] = {}
	for day, name in known.items():
		if day.year != year:
			continue
		kind = ExceptionKind.SWAP_OFF if _is_substitution(name) else ExceptionKind.HOLIDAY
		source = OTHER_BASES.get(name, LABOUR_CODE)
		found[day] = CalendarException(day, kind, name, source, Scope.NATIONAL, confirmed=False)
	for day in known.weekend_workdays:
		if day.year == year:
			found[day] = _worked(day, "Làm bù ngày nghỉ hoán đổi", LABOUR_CODE)
	for off, worked, document in ANNOUNCED_SWAPS:
		if off.year == year:
			reason = f"Ngày nghỉ (thay cho ngày {worked:%d/%m/%Y})"
			found[off] = CalendarException(
				off, ExceptionKind.SWAP_OFF, reason, document, Scope.NATIONAL, confirmed=False
			)
		if worked.year == year:
			found[worked] = _worked(worked, f"Làm bù cho ngày nghỉ {off:%d/%m/%Y}", document)
	return [found[day] for day in sorted(found)]


def _worked(day: date, reason: str, document: str) -> CalendarException:
	return CalendarException(day, ExceptionKind.SWAP_WORK, reason, document, Scope.NATIONAL, confirmed=False)


def _is_substitution(name: str) -> bool:
	return name.startswith("Ngày nghỉ (thay cho")
