"""Five hundred dossiers walked at random, by what is offered and by what is not: no illegal state is reached, and
every ledger verifies."""

import frappe
import pytest
from frappe.utils import add_days, getdate, now_datetime
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from one_stop.dossiers import effects, ledger, lifecycle, pages
from one_stop.dossiers.case import COMMANDS, Status
from one_stop.dossiers.command import as_of
from one_stop.organization import units
from tests import factories as make

WALKS, WITH_EFFECTS, LONGEST = 500, 40, 6
PEOPLE = [
	make.CLERK,
	make.OTHER_CLERK,
	make.OFFICER,
	make.CHAIRMAN,
	make.VICE_CHAIRMAN,
	make.OFFICER_OF_LAND,
	"lanhdao.cnhaichau",
	make.TAX_OFFICER,
	make.STRANGER,
]
# The national statuses that may follow one another (TrangThaiHoSo); asking for papers before reception too.
FOLLOWS = {
	Status.DRAFT: {Status.RECEIVED, Status.NOT_RECEIVED, Status.AWAITING_SUPPLEMENT, Status.WITHDRAWN},
	Status.RECEIVED: {
		Status.IN_PROCESS,
		Status.AWAITING_SUPPLEMENT,
		Status.AWAITING_PAYMENT,
		Status.WITHDRAWN,
		Status.STOPPED,
		Status.FINISHED,
	},
	Status.IN_PROCESS: {
		Status.AWAITING_SUPPLEMENT,
		Status.AWAITING_PAYMENT,
		Status.WITHDRAWN,
		Status.STOPPED,
		Status.FINISHED,
	},
	Status.AWAITING_SUPPLEMENT: {
		Status.DRAFT,
		Status.NOT_RECEIVED,
		Status.IN_PROCESS,
		Status.AWAITING_PAYMENT,
		Status.WITHDRAWN,
		Status.STOPPED,
	},
	Status.AWAITING_PAYMENT: {Status.IN_PROCESS, Status.WITHDRAWN, Status.STOPPED},
	Status.FINISHED: {Status.RETURNED},
}
FACTS = {
	"reason": "Lý do thử",
	"note": "Ghi chú thử",
	"no_scan_reason": "Máy quét hỏng",
	"amount": 120_000,
	"question": "Xin ý kiến về hồ sơ",
	"answer": "Thống nhất",
	"unit": make.CENTRE,
	"result_number": "01/THỬ",
	"way": "Counter",
	"recipient": "Người nhận thử",
	"method": "Counter",
	"reference": "BL01",
	"applicant_name": "Người Thử Đã Sửa",
	"override": "Phải hỏi lại",
}
TYPED = {
	"assign": ("step", "officer"),
	"claim": ("step",),
	"delegate": ("step", "officer"),
	"complete_step": ("step", "no_scan_reason", "amount"),
	"skip_step": ("step", "reason"),
	"send_back": ("step", "to", "reason"),
	"ask_opinion": ("step", "unit", "question", "answer_due"),
	"order_obligation": ("step", "amount", "reason"),
	"extend": ("new_due", "reason"),
	"finish": ("step",),
	"refuse": ("step", "reason"),
	"hand_over_to": ("unit", "reason"),
	"refuse_at_intake": ("reason",),
	"request_supplement": ("reason",),
	"stop": ("reason",),
	"withdraw": ("reason",),
	"undo": ("reason",),
	"answer_opinion": ("opinion", "answer"),
	"correct": ("reason", "applicant_name"),
	"add_papers": ("papers",),
}
ENDING = ("withdraw", "stop", "refuse_at_intake", "refuse")


class Walk(RuleBasedStateMachine):
	@initialize(
		procedure=st.sampled_from([make.BIRTH, make.LAND, "1.000894", "2.002621"]), done=st.integers(0, 3)
	)
	def begin(self, procedure: str, done: int) -> None:
		"""A dossier as it is after none, one or more of the ordinary commands."""
		self.dossier = make.draft(procedure)
		self.status = Status.DRAFT
		ordinary = [
			("receive", make.CLERK, {}),
			("complete_step", make.CLERK, {"step": "1", "no_scan_reason": "Máy quét hỏng"}),
			(
				"complete_step",
				make.OFFICER_OF_LAND if procedure == make.LAND else make.OFFICER,
				{"step": "2"},
			),
		]
		for command, who, facts in ordinary[:done]:
			assert self.try_it(command, who, facts), command
			self.status = Status(make.value(self.dossier, "status"))

	def facts(self, command: str, data) -> dict:
		draw = data.draw
		found = {name: FACTS[name] for name in TYPED.get(command, ()) if name in FACTS}
		for name in TYPED.get(command, ()):
			if name in ("step", "to"):
				found[name] = draw(st.sampled_from(["1", "2", "3", "4", "5", "9"]))
			elif name == "officer":
				found[name] = make.user(draw(st.sampled_from(PEOPLE)))
			elif name in ("new_due", "answer_due"):
				found[name] = f"{add_days(getdate(), draw(st.integers(1, 60)))} 10:00:00"
			elif name == "papers":
				with make.acting(make.CLERK):
					found[name] = [{"component": "Giấy tờ thử", "file": make.scan(self.dossier)}]
			elif name == "opinion":
				found[name] = frappe.db.get_value("Dossier Opinion", {"dossier": self.dossier}, "name") or "x"
		return found

	def whose_turn(self) -> list[str]:
		"""Who has an open step, or could claim it; the clerk where nobody has."""
		rows = frappe.get_all(
			"Dossier Step",
			filters={"dossier": self.dossier, "is_open": 1},
			fields=["unit", "duty", "officer"],
		)
		users = [
			user
			for row in rows
			for user in ([row.officer] if row.officer else units.members(row.unit, row.duty, getdate()))
		]
		return [user.partition("@")[0] for user in dict.fromkeys(users)] or [make.CLERK]

	def try_it(self, command: str, who: str, facts: dict) -> bool:
		before = len(ledger.rows_of(self.dossier))
		try:
			# As of now, but without the jobs that follow: letters would take longer than the walk.
			with as_of(now_datetime()):
				make.give(command, self.dossier, who, **facts)
		except (frappe.ValidationError, frappe.PermissionError):
			frappe.db.rollback()
			assert len(ledger.rows_of(self.dossier)) == before
			return False
		return True

	@rule(data=st.data())
	def do_what_is_offered(self, data) -> None:
		who = data.draw(st.sampled_from(self.whose_turn()))
		with make.acting(who):
			offered = pages.actions(self.dossier)
		if not offered:
			return
		# Ends are drawn seldom, or no walk would be long.
		going_on = [action for action in offered if action["command"] not in ENDING]
		forward = [action for action in going_on if action["style"] == "primary"]
		ends = [action for action in offered if action["command"] in ENDING]
		# Mostly forward, or no walk would be long; ends and detours often enough to meet them all.
		luck = data.draw(st.integers(0, 9))
		chosen = data.draw(
			st.sampled_from((luck > 3 and forward) or (luck > 0 and going_on) or ends or offered)
		)
		facts = dict(chosen["args"])
		for field in chosen["fields"]:
			name = field.get("fieldname")  # breaks of the dialog have none
			if name in FACTS:
				facts[name] = FACTS[name]
			if field["fieldtype"] == "Select" and field.get("options"):
				facts[name] = data.draw(st.sampled_from([option["value"] for option in field["options"]]))
			elif name == "papers":
				with make.acting(who):
					facts[name] = [{"component": "Giấy tờ thử", "file": make.scan(self.dossier)}]
			elif name in ("new_due", "answer_due"):
				facts[name] = f"{add_days(getdate(), data.draw(st.integers(15, 60)))} 10:00:00"
		if chosen["command"] in ("receive", "claim", "acknowledge"):
			facts.pop("reason", None)
		if not self.try_it(chosen["command"], who, facts):
			# What is offered may still be refused by the clock (a second extension, an opinion open), by no one else.
			assert chosen["command"] in (
				"extend",
				"complete_step",
				"finish",
				"request_supplement",
				"hand_over_to",
				"correct",
				"add_papers",
			), chosen

	@rule(data=st.data(), who=st.sampled_from(PEOPLE), command=st.sampled_from(sorted(COMMANDS)))
	def provoke(self, data, who, command) -> None:
		if command in ("follow_calendar", "follow_linked", "follow_successor"):
			with pytest.raises(
				frappe.PermissionError if self.status in COMMANDS[command].sources else frappe.ValidationError
			):
				with make.acting(who):
					facts = (
						{"step": "2", "linked": "x", "kind": "finished"} if command == "follow_linked" else {}
					)
					getattr(lifecycle, command)(self.dossier, client_key=make.key(), **facts)
			frappe.db.rollback()
			return
		if command in ENDING and data.draw(st.integers(0, 4)):
			return
		self.try_it(command, who, self.facts(command, data))

	@invariant()
	def the_status_followed_legally(self) -> None:
		if not hasattr(self, "dossier"):
			return
		row = frappe.db.get_value(
			"Dossier",
			self.dossier,
			["status", "code", "received_at", "due_at", "ended_at", "clock_state"],
			as_dict=True,
		)
		now = Status(row.status)
		assert now is self.status or now in FOLLOWS.get(self.status, set()), (self.status, now)
		self.status = now
		assert bool(row.code) == bool(row.received_at)
		met.add(now)
		if now in (Status.RECEIVED, Status.IN_PROCESS):
			assert row.due_at and not row.ended_at
		if now is Status.AWAITING_PAYMENT:
			# Nobody waits for money that is not owed.
			assert frappe.db.exists("Dossier Payment", {"dossier": self.dossier, "status": "Due"})
		if now in (Status.FINISHED, Status.RETURNED, Status.WITHDRAWN, Status.STOPPED, Status.NOT_RECEIVED):
			assert row.ended_at
			assert not frappe.db.exists("Dossier Step", {"dossier": self.dossier, "is_open": 1})

	def teardown(self) -> None:
		if hasattr(self, "dossier"):
			assert ledger.verify(self.dossier) == []
			walked.append(self.status)


class WalkWithEffects(Walk):
	"""The same with all that follows each event done at once: letters, linked parts, figures; parts walk as well."""

	@initialize(done=st.integers(1, 3), linked=st.integers(0, 2))
	def begin(self, done: int, linked: int) -> None:
		self.followed: set[str] = set()
		self.root = None
		super().begin("2.002621" if linked else make.BIRTH, done)
		self.root = self.dossier
		self.follow()

	def family(self) -> list[str]:
		parts = frappe.get_all("Dossier", {"root_dossier": self.root}, pluck="name", order_by="creation asc")
		return [self.root, *parts]

	def follow(self) -> None:
		again = True
		while again:
			again = False
			for name in self.family():
				for row in ledger.rows_of(name):
					if row.name not in self.followed:
						self.followed.add(row.name)
						frappe.set_user("Administrator")
						with as_of(now_datetime()):
							effects.follow(name, row.name)
						again = True

	def try_it(self, command: str, who: str, facts: dict) -> bool:
		done = super().try_it(command, who, facts)
		if done and self.root:
			self.follow()
		return done

	@rule(data=st.data())
	def turn_to_another_part(self, data) -> None:
		self.dossier = data.draw(st.sampled_from(self.family()))

	@invariant()
	def the_status_followed_legally(self) -> None:
		"""By the events themselves: what follows one command may move a dossier more than once."""
		for name in self.family() if getattr(self, "root", None) else ():
			status = Status.DRAFT
			for row in ledger.rows_of(name):
				before, after = Status(row.from_status), Status(row.to_status)
				assert before is status, (name, row.sequence)
				assert after is before or after in FOLLOWS.get(before, set()), (before, after)
				status = after
			assert Status(make.value(name, "status")) is status
		if getattr(self, "root", None):
			self.status = Status(make.value(self.dossier, "status"))

	def teardown(self) -> None:
		if getattr(self, "root", None):
			for name in self.family():
				assert ledger.verify(name) == []
			walked_with_effects.append(len(self.family()))


walked: list[Status] = []
met: set[Status] = set()
walked_with_effects: list[int] = []


def walk(machine: type, walks: int) -> None:
	run_state_machine_as_test(
		machine,
		settings=settings(
			max_examples=walks,
			stateful_step_count=LONGEST,
			deadline=None,
			derandomize=True,
			database=None,
			phases=(Phase.generate,),
			suppress_health_check=list(HealthCheck),
		),
	)


def test_walks_with_all_that_follows_reach_no_illegal_state(province):
	walk(WalkWithEffects, WITH_EFFECTS)
	assert len(walked_with_effects) >= WITH_EFFECTS
	assert max(walked_with_effects) >= 3, "some walks have opened both parts"


def test_random_walks_reach_no_illegal_state(province):
	walk(Walk, WALKS)
	assert len(walked) >= WALKS
	# The walk is worth something only if it goes everywhere.
	assert met == set(Status)
