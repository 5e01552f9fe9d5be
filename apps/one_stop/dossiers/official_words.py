"""The words of official papers (NĐ 30/2020, annex I): dates, moments, amounts, names of ways and outcomes.

Pure. These papers are Vietnamese by law, whatever language the reader's desk has, and so nothing is translated.
"""

import re
from datetime import date, datetime

CHANNELS = {"Counter": "trực tiếp", "Online": "trực tuyến", "Post": "qua dịch vụ bưu chính công ích"}
WAYS_OF_RETURN = {"Counter": "Trực tiếp", "Online": "Trực tuyến", "Post": "Qua bưu chính"}
OUTCOMES = {"Early": "Trước hạn", "On Time": "Đúng hạn", "Late": "Quá hạn"}
DELIVERIES = {
	"Counter": "Nhận trực tiếp tại {0}",
	"Post": "Nhận qua dịch vụ bưu chính công ích",
	"Online": "Nhận trực tuyến, bản điện tử",
}
LIMIT_UNITS = {
	"Working Hour": "giờ làm việc",
	"Working Day": "ngày làm việc",
	"Calendar Day": "ngày",
	"Month": "tháng",
}
PLACE = re.compile(
	r"^(?:Ủy ban nhân dân|UBND)\s+(?:thành phố|tỉnh|phường|xã|đặc khu|thị trấn|quận|huyện|thị xã)\s+", re.I
)


def day_in_words(day: date) -> str:
	"""As on official papers: days below ten and the first two months with two digits."""
	month = f"{day.month:02d}" if day.month < 3 else str(day.month)
	return f"ngày {day.day:02d} tháng {month} năm {day.year}"


def moment_in_words(moment: datetime | None) -> str:
	return f"{moment:%H} giờ {moment:%M} phút, ngày {moment:%d/%m/%Y}" if moment else ""


def moment_in_short(moment: datetime | None) -> str:
	return f"{moment:%H:%M} {moment:%d/%m/%Y}" if moment else ""


def day_in_short(day: date | None) -> str:
	return f"{day:%d/%m/%Y}" if day else ""


def dong(amount: float | None) -> str:
	"""An amount of money: `1.250.000 đồng`."""
	return f"{amount or 0:,.0f}".replace(",", ".") + " đồng"


def limit_in_words(kind: str, value: float | None, unit: str | None) -> str:
	"""A time limit of a procedure: `không quá 10 ngày làm việc`."""
	if kind == "Same Day":
		return "trong ngày làm việc"
	number = f"{value or 0:g}".replace(".", ",")
	return f"{'không quá ' if kind == 'Maximum' else ''}{number} {LIMIT_UNITS.get(unit or '', '')}".strip()


def agency_lines(upper: str, own: str) -> tuple[str, str]:
	"""The two lines above every form: the agency over the unit, and the unit.

	"Trung tâm Phục vụ hành chính công phường X" under "Ủy ban nhân dân phường X" needs no second X.
	"""
	locality = re.sub(r"^Ủy ban nhân dân\s+", "", upper)
	if locality and own.lower().endswith(locality.lower()):
		own = own[: -len(locality)].strip()
	return upper.upper(), own.upper()


def place_in(names: list[str]) -> str:
	"""The place before the date, from the names of a unit and those above it: the nearest commune or province."""
	return next((PLACE.sub("", name) for name in names if PLACE.match(name)), "")


def sign_of(unit_name: str, is_one_stop: bool) -> str:
	"""What stands behind the number of a letter where no other sign is set: `TTPVHCC`, `BPTNTKQ`, or the initials."""
	if is_one_stop:
		return "TTPVHCC" if "trung tâm" in unit_name.lower() else "BPTNTKQ"
	if unit_name.lower().startswith("ủy ban nhân dân"):
		return "UBND"
	return "".join(word[0] for word in re.findall(r"\w+", unit_name)).upper()[:10]
