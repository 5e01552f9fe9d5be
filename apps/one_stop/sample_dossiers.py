"""Some two hundred dossiers of the sample province, in every state, spread over the last ninety days.

They are played, not inserted: each goes through the commands of `lifecycle` at past moments, given by the people
whose duty it is. `fixtures/dossiers.json` says how many take which course. Applicants are made up by number.
"""

import random
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

import frappe
from frappe.utils import now_datetime

from one_stop.dossiers import case as cases
from one_stop.dossiers import intake, ledger, lifecycle, linked
from one_stop.dossiers.case import Status
from one_stop.dossiers.command import as_of, on_behalf_of_system
from one_stop.organization import units, working_time
from one_stop.organization.calendar import WorkingCalendar
from one_stop.procedures import eform
from one_stop.procedures.terms import cases_of, channels_of, version_on
from one_stop.reporting import daily_facts

FAMILIES = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Phan", "Vũ", "Võ", "Đặng", "Bùi")
GIVEN = ("Văn Mẫu", "Thị Thử", "Văn Giả", "Thị Định", "Văn Thí", "Thị Nghiệm")
STREETS = ("đường Mẫu 1", "đường Mẫu 2", "đường Thử Nghiệm", "thôn Giả Định")
# What a question by words is answered with, by how its name ends; with a name where nothing fits.
WORDS = (
	("birth_place", "Bệnh viện Mẫu, thành phố Đà Nẵng"),
	("home_town", "Thành phố Đà Nẵng"),
	("address", "Số 1, đường Mẫu 1, phường Hải Châu"),
	("residence", "Số 1, đường Mẫu 1, phường Hải Châu"),
	("ethnicity", "Kinh"),
	("nationality", "Việt Nam"),
	("clinic", "Trạm Y tế phường Hải Châu"),
	("business_name", "Hộ kinh doanh Mẫu"),
	("business_line", "Bán lẻ hàng tạp hóa"),
	("document", "Số 01/MẪU ngày 02/01/2026"),
	("certificate", "Số 01/MẪU ngày 02/01/2026"),
	("licence_number", "01/MẪU"),
)
NO_SCAN = "Hồ sơ mẫu, không có bản quét"
REASONS = {
	"refused_at_intake": "Thủ tục không thuộc thẩm quyền giải quyết của cơ quan nhận hồ sơ.",
	"supplement": "Giấy tờ kê khai chưa đủ thông tin theo mẫu.",
	"refused": "Không đủ điều kiện theo quy định của pháp luật chuyên ngành.",
	"withdrawn": "Người nộp đề nghị rút hồ sơ để chuẩn bị lại.",
	"stopped": "Người nộp không bổ sung hồ sơ trong thời hạn.",
	"extended": "Cần thêm thời gian xác minh tại cơ sở.",
}
# Share of dossiers by channel, where the procedure takes it.
CHANNELS = (("Counter", 55), ("Online", 35), ("Post", 10))
ENDS_EARLY = frozenset({"registered", "received", "refused_at_intake", "supplement_at_intake"})


class Story:
	"""One dossier being played: who does what when."""

	def __init__(
		self, number: int, course: dict[str, Any], place: dict[str, Any], luck: random.Random
	) -> None:
		self.number, self.course, self.place, self.luck = number, course["course"], place, luck
		self.pace = luck.uniform(*course["pace"])
		self.now = now_datetime().replace(second=0, microsecond=0)
		self.procedure = place["procedure"]
		self.unit = luck.choice(place["receiving_units"])
		self.calendar = self._calendar()
		self.dossier = ""
		self.key = 0
		self.at = self._begin(course)

	def _calendar(self) -> WorkingCalendar:
		today = self.now.date()
		return working_time.calendar_for(self.unit, today - timedelta(days=200), today + timedelta(days=60))

	def _begin(self, course: dict[str, Any]) -> datetime:
		"""A moment within office hours, as many days ago as the course says."""
		if course["course"] == "due_today":
			return self._due_today()
		first, last = course["days"]
		if self.course in ("returned", "kept", "supplemented", "extended", "refused"):
			first, last = max(first, self.place["least_days"]), max(last, self.place["least_days"])
		day = self.now.date() - timedelta(days=self.luck.randint(first, last))
		return self._office_moment(day)

	def _office_moment(self, day: date) -> datetime:
		while not self.calendar.is_working_day(day):
			day -= timedelta(days=1)
		start = self.calendar.add_minutes(datetime.combine(day, time()), 1)
		moment = self.calendar.add_minutes(start, self.luck.randint(5, 380))
		if moment >= self.now:
			# Nothing has happened yet today: an earlier day then.
			return self._office_moment(day - timedelta(days=1))
		return moment

	def _due_today(self) -> datetime:
		"""A receipt whose dossier is due today (the next working day, on a day off)."""
		target = self.now.date()
		while not self.calendar.is_working_day(target):
			target += timedelta(days=1)
		for back in range(1, 60):
			moment = self._office_moment(self.now.date() - timedelta(days=back))
			due = self._due(moment)
			if due and due.date() == target:
				return moment
		return self._office_moment(self.now.date())

	def _due(self, moment: datetime) -> datetime | None:
		offer = next(
			(o for o in intake.offers_of(self.procedure, moment.date()) if o["receiving_unit"] == self.unit),
			None,
		)
		if offer is None:
			return None
		version = version_on(self.procedure, moment.date()).name
		channel = channels_of(version)[0]
		return intake.promise_at(version, self.unit, offer["deciding_unit"], "", channel, {}, moment).due

	# Doing

	def do(self, command: str, who: str | None, **facts) -> bool:
		"""Give a command as a person (None: the system) at the story's moment; False where the time has not come."""
		if self.at > self.now or (who is None and command not in ("register",)):
			return False
		self.key += 1
		key = f"sample:{self.number}:{self.key}"
		frappe.set_user(who or "Administrator")
		with as_of(self.at):
			if who is None:
				with on_behalf_of_system():
					getattr(lifecycle, command)(self.dossier, client_key=key, **facts)
			else:
				getattr(lifecycle, command)(self.dossier, client_key=key, **facts)
		return True

	def later(self, minutes: float, unit: str | None = None) -> None:
		"""Let working minutes pass."""
		self.at = self.calendar.add_minutes(self.at, max(1, round(minutes)))

	def someone(self, unit: str | None, duty: str) -> str | None:
		people = units.members(unit or "", duty, self.at.date())
		return self.luck.choice(people) if people else None

	@property
	def clerk(self) -> str | None:
		return self.someone(self.unit, "Reception")

	def draft(self) -> bool:
		"""Write the draft as the clerk does (online: as it arrives). False where nobody receives here."""
		clerk = self.clerk
		if not clerk:
			return False
		version = version_on(self.procedure, self.at.date()).name
		channel = self._channel(version)
		values = self._values(version, channel)
		frappe.set_user(clerk)
		doc = frappe.get_doc({"doctype": "Dossier", **values}).insert()
		self.dossier, self.channel = doc.name, channel
		frappe.db.set_value(
			"Dossier",
			doc.name,
			{"is_sample": 1, "creation": self.at},
			update_modified=False,
		)
		frappe.db.commit()
		return True

	def _channel(self, version: str) -> str:
		allowed = [row for row in CHANNELS if row[0] in channels_of(version)]
		if self.course in ("registered", "supplement_at_intake"):
			return "Online" if "Online" in channels_of(version) else "Counter"
		names, weights = zip(*allowed, strict=True)
		return self.luck.choices(names, weights)[0]

	def _values(self, version: str, channel: str) -> dict[str, Any]:
		number, luck = self.number, self.luck
		doc = frappe.get_cached_doc("Procedure Version", version)
		business = frappe.get_cached_value("Administrative Procedure", self.procedure, "subject_citizen") == 0
		name = f"{luck.choice(FAMILIES)} {luck.choice(GIVEN)} {number:03d}"
		answers = sample_answers(doc.eform_fields, name, number)
		case = luck.choice(cases_of(version)) if luck.random() < 0.2 else ""
		return {
			"procedure": self.procedure,
			"channel": channel,
			"case_name": case,
			"receiving_unit": self.unit,
			"applicant_kind": "Business" if business else "Citizen",
			"applicant_id_type": "CCCD",
			"applicant_id_number": id_number(number),
			"applicant_name": f"Công ty TNHH Mẫu {number:03d}" if business else name,
			"applicant_birth_date": date(1960 + number % 45, 1 + number % 12, 1 + number % 28),
			"applicant_phone": f"0900000{number:03d}",
			"applicant_email": f"nguoi.nop.{number:03d}@one-stop.example",
			"applicant_address": f"Số {number}, {luck.choice(STREETS)}",
			"consent": int(luck.random() < 0.8),
			"result_delivery": luck.choice(("Counter", "Counter", "Post", "Online")),
			"postal_address": f"Số {number}, {luck.choice(STREETS)}",
			"components": [
				{
					"component_name": row.component_name,
					"component_code": row.component_code,
					"required": row.required,
					"submitted": int(bool(row.required) or luck.random() < 0.3),
					"originals": row.originals,
					"copies": row.copies,
				}
				for row in intake.wanted_components(version, channel)
			],
			"answers": [
				{"fieldname": row.fieldname, "label": row.label, "value": str(answers[row.fieldname])}
				for row in doc.eform_fields
				if row.fieldname in answers
			],
			"fees": [
				{
					"fee_name": row.fee_name,
					"kind": row.kind,
					"quantity": 1,
					"rate": row.amount or 0,
					"paid": 1,
				}
				for row in intake.fees_of(version, case, channel)
				if not row.optional and not row.amount_unknown
			],
		}

	# Telling

	def tell(self) -> None:
		if not self.draft():
			return
		if self.channel == "Online":
			self.do("register", None)
			self.later(self.luck.randint(20, 200))
		if self.course == "registered":
			return
		if self.course == "refused_at_intake":
			self.do("refuse_at_intake", self.clerk, reason=REASONS["refused_at_intake"])
			return
		if self.course == "supplement_at_intake":
			self.do("request_supplement", self.clerk, reason=REASONS["supplement"], items=self._items())
			return
		if self.channel == "Post":
			self._hand_over_minutes()
		if not self.do("receive", self.clerk) or self.course == "received":
			return
		self._work()

	def _items(self) -> list[dict[str, str]]:
		name = frappe.db.get_value(
			"Dossier Component", {"parent": self.dossier, "required": 1}, "component_name"
		)
		return [{"component": name, "note": "Chưa đủ thông tin"}] if name else []

	def _hand_over_minutes(self) -> None:
		frappe.set_user(self.clerk)
		minutes = frappe.get_doc(
			{
				"doctype": "Postal Handover",
				"unit": self.unit,
				"signed_at": self.at,
				"carrier": "Bưu điện Mẫu",
				"postman": "Bưu tá Mẫu",
				"items": [{"dossier": self.dossier, "slip_number": f"EB{self.number:09d}VN", "complete": 1}],
			}
		)
		with as_of(self.at):
			minutes.insert()
			minutes.submit()
		frappe.db.commit()

	def _work(self) -> None:
		"""Do the open steps one after another until the course ends the dossier, or today is reached."""
		turned = False
		for _round in range(40):
			now = ledger.standing(self.dossier, min(self.at, self.now))
			if now.status is Status.AWAITING_PAYMENT:
				if self.course == "awaiting_payment":
					return
				self.later(self.luck.randint(200, 900))
				if not self.do(
					"confirm_payment", self.clerk, method="Transfer", reference=f"BL{self.number:06d}"
				):
					return
				continue
			if now.status is Status.FINISHED:
				self._return()
				return
			step = self._next(now)
			if step is None:
				return
			if not turned and now.kinds[step.key] != cases.RECEPTION:
				turned = True
				if self._turn(now, step):
					return
				continue
			if not self._complete(now, step):
				return

	def _next(self, now: ledger.Standing):
		for step in now.open_steps():
			if now.kinds[step.key] == cases.LINKED:
				if not now.case.linked.get(step.key) and self.at <= self.now:
					with as_of(self.at):
						frappe.set_user("Administrator")
						linked.open_linked(self.dossier, step.key)
				continue
			if step.unit and now.kinds[step.key] not in (cases.RETURN, cases.PAYMENT):
				return step
		return None

	def _officer(self, now: ledger.Standing, step) -> str | None:
		return now.case.officers.get(step.key) or self.someone(step.unit, now.term(step.key).duty)

	def _turn(self, now: ledger.Standing, step) -> bool:
		"""What the course does differently once work has begun. True where that ends the story."""
		leader = self.someone(now.case.deciding_unit, "Approval")
		if self.course in ("supplement_in_appraisal", "supplemented"):
			officer = self._officer(now, step)
			self.later(120)
			if not officer or not self.do(
				"request_supplement", officer, reason=REASONS["supplement"], items=self._items()
			):
				return True
			if self.course == "supplement_in_appraisal":
				return True
			self.later(self.luck.randint(400, 1500))
			return not self.do("take_in_supplement", self.clerk, note="Đã nhận đủ giấy tờ bổ sung")
		if self.course == "withdrawn":
			self.later(200)
			self.do("withdraw", self.clerk, reason=REASONS["withdrawn"])
			return True
		if self.course == "stopped":
			self.later(300)
			if leader:
				self.do("stop", leader, reason=REASONS["stopped"])
			return True
		if self.course == "extended" and leader and now.result.due:
			due = now.result.due
			self.at = max(self.at, self._days_before(due, 2))
			new_due = self.calendar.add_minutes(due, 3 * self.calendar.day_minutes)
			return not self.do("extend", leader, new_due=new_due, reason=REASONS["extended"])
		if self.course == "awaiting_payment" and not any(
			kind == cases.PAYMENT for kind in now.kinds.values()
		):
			officer = self._officer(now, step)
			self.later(200)
			if officer:
				self.do("claim", officer, step=step.key)
				self.do(
					"order_obligation",
					officer,
					step=step.key,
					amount=100000 * (1 + self.number % 9),
					reason="Phí thẩm định theo quy định",
				)
			return True
		return False

	def _days_before(self, due: datetime, days: int) -> datetime:
		day = due.date()
		for _day in range(days):
			day -= timedelta(days=1)
			while not self.calendar.is_working_day(day):
				day -= timedelta(days=1)
		return datetime.combine(day, time(9, 0))

	def _complete(self, now: ledger.Standing, step) -> bool:
		officer = self._officer(now, step)
		if not officer:
			return False
		kind = now.kinds[step.key]
		allowed = (step.due and self.calendar.elapsed(self.at, step.due)) or 60
		if kind != cases.RECEPTION and not now.case.officers.get(step.key):
			self.later(self.luck.randint(2, 15))
			if not self.do("claim", officer, step=step.key):
				return False
		minutes = max(5, abs(allowed) * self.pace)
		if self.pace <= 1 and now.result.due:
			# Who is in time keeps some of it for the steps to come.
			left = self.calendar.elapsed(self.at, now.result.due)
			minutes = max(1, min(minutes, left * 0.6)) if left > 0 else minutes
		self.later(minutes)
		if kind == cases.APPROVAL and self.course == "refused":
			return self.do("refuse", officer, step=step.key, reason=REASONS["refused"])
		if lifecycle.finishes(now, step.key):
			return self.do(
				"finish", officer, step=step.key, result_number=f"{self.number}/{self.at:%Y}/KQ-MẪU"
			)
		facts: dict[str, Any] = {"no_scan_reason": NO_SCAN} if kind == cases.RECEPTION else {}
		if lifecycle.next_payment(now, step.key):
			facts["amount"] = 1_000_000 + 50_000 * self.number
		return self.do("complete_step", officer, step=step.key, **facts)

	def _return(self) -> None:
		if self.course == "kept":
			return
		self.later(self.luck.randint(20, 300))
		way = frappe.db.get_value("Dossier", self.dossier, "result_delivery") or "Counter"
		# The results of the sample are papers: there is no file to return online.
		way = "Counter" if way == "Online" else way
		who = self.someone(self.unit, "Return")
		if who:
			self.do("return_result", who, way=way)


def id_number(number: int) -> str:
	"""An identity number that nobody has: the province's digits, then a year and sex that do not go together."""
	return f"048999{number:06d}"


def sample_answers(fields, name: str, number: int) -> dict[str, Any]:
	"""Answers that the form takes: by the kind of each field, those shown only."""
	by_kind = {
		"Long Text": "Nội dung mẫu để chạy thử.",
		"Number": "1",
		"Date": "2026-03-02",
		"Checkbox": 1,
		"Phone": f"0900000{number:03d}",
		"Email": f"nguoi.nop.{number:03d}@one-stop.example",
		"ID Number": id_number(number),
	}
	given = {}
	for row in fields:
		if row.field_type == "Select":
			given[row.fieldname] = eform.choices_of(row)[0]
		elif row.field_type == "Text":
			given[row.fieldname] = next((said for end, said in WORDS if row.fieldname.endswith(end)), name)
		elif row.field_type in by_kind:
			given[row.fieldname] = by_kind[row.field_type]
	checked = eform.check_answers(fields, given)
	wrong = {problem.fieldname for problem in checked.problems}
	return {key: value for key, value in checked.answers.items() if key not in wrong}


def stories(data: dict[str, Any]) -> Iterator[Story]:
	"""The dossiers of the sample, each with a course, a procedure and a unit drawn by a fixed seed."""
	luck = random.Random(data["seed"])
	places, weights = data["procedures"], [place["weight"] for place in data["procedures"]]
	number = 0
	for course in data["courses"]:
		for _one in range(course["count"]):
			number += 1
			fitting = places
			if course["course"] == "awaiting_payment":
				fitting = [place for place in places if place["procedure"] == "2.000889"] or places
			place = luck.choices(fitting, weights if fitting is places else None)[0]
			yield Story(number, course, place, random.Random(f"{data['seed']}:{number}"))


def load(data: dict[str, Any]) -> int:
	"""Play the dossiers that are not there yet. Returns how many there are."""
	known = set(frappe.get_all("Dossier", filters={"is_sample": 1}, pluck="applicant_id_number", limit=0))
	count = told = 0
	for story in stories(data):
		count += 1
		if id_number(story.number) in known:
			continue
		try:
			story.tell()
			told += 1
		finally:
			frappe.set_user("Administrator")
		if count % 50 == 0:
			print(f"  sample dossiers: {count}", flush=True)
	if told:
		# The jobs that follow each event come to it some minutes later; whoever looks at once sees figures, not noughts.
		daily_facts.rebuild_all()
	return count
