"""What was found for each indicator of a unit or an officer in a period: facts read, counted by `scoring`.

The dossiers of a period are those whose clock ended in it. What is late because another unit was slow is
attributed to the step that was late: a unit or officer whose own steps were all in time is not scored late.
"""

import json
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

import frappe
from frappe.query_builder.functions import Count
from frappe.utils import getdate, now_datetime
from pypika.terms import ExistsCriterion

from one_stop.filters import among
from one_stop.organization import units, working_time
from one_stop.procedures import in_force
from one_stop.quality import entered_figures, progress, ratings, rule_sets, scoring
from one_stop.quality.ratings import OVERALL
from one_stop.quality.scoring import Complaint, Measured, Timing
from one_stop.reporting import cells, figures, statutory

UPHELD = ("Upheld", "Partly Upheld")
FINDINGS = (*UPHELD, "False")
TIERS = ("Commune", "District", "Department", "Province")
# Calendars are read this much beyond the days asked about, so that some working days lie on either side.
MARGIN = timedelta(days=60)


@dataclass(slots=True)
class Handled:
	"""A dossier that ended in the period, as far as scoring goes. `own` and `others` are timings of ended steps.

	A province has two million of them in a year: what they hold is small, and shared where it is the same.
	"""

	name: str
	field: str | None
	channel: str
	timing: Timing | None
	supplements: int
	own: tuple[Timing, ...] = ()
	others: tuple[Timing, ...] = ()
	decided_here: bool = True

	def attributed(self) -> Timing | None:
		"""The dossier's timing, unless it is late through somebody else's step alone: then it counts as on time, since
		one's own steps were and early it was not.
		"""
		if (
			self.timing is Timing.LATE
			and Timing.LATE in self.others
			and Timing.LATE not in self.own
			and self.own
		):
			return Timing.ON_TIME
		return self.timing


@dataclass(frozen=True, slots=True)
class Period:
	"""Both days included."""

	first: date
	last: date

	@property
	def begins(self) -> datetime:
		return datetime.combine(self.first, time())

	@property
	def ends(self) -> datetime:
		return datetime.combine(self.last + timedelta(days=1), time())

	@property
	def kind(self) -> str:
		"""What evaluations call a period of this length."""
		days = (self.last - self.first).days
		return "Month" if days < 31 else "Quarter" if days < 92 else "Year"


class Facts:
	"""Facts of one subject in one period; each group is read once and only when an indicator asks for it."""

	def __init__(
		self, period: Period, scope: frozenset[str], officer: str | None = None, unit: str | None = None
	):
		self.period, self.scope, self.officer, self.unit = period, scope, officer, unit

	@cached_property
	def dossiers(self) -> list[Handled]:
		"""Dossiers that ended in the period and that the subject decided or took part in."""
		# What an officer took part in counts as decided, and beside the whole province nobody has.
		if self.officer or self._everything:
			return self._read(self._decided())
		# Two questions: MariaDB reads all dossiers of the period for one with an "or" between its indexes.
		return self._read(self._decided(), self._ended().where(self._took_part()))

	@property
	def _everything(self) -> bool:
		"""Whether the subject is the whole province: then there is nobody else."""
		return not self.officer and self.scope.issuperset(units.TREE.get())

	def _ended(self) -> Any:
		"""A query of the dossiers that ended in the period."""
		dossier = frappe.qb.DocType("Dossier")
		return frappe.qb.from_(dossier).where(
			(dossier.ended_at >= self.period.begins)
			& (dossier.ended_at < self.period.ends)
			& dossier.status.notin(list(progress.NEVER_COUNTED))
		)

	def _by_whom(self, step: Any) -> tuple[Any, Any]:
		"""The column that says whose a step is, and the condition that it is the subject's own."""
		if self.officer:
			return step.officer, step.officer == self.officer
		return step.unit, step.unit.isin(list(self.scope))

	def _took_part(self) -> Any:
		dossier, step = frappe.qb.DocType("Dossier"), frappe.qb.DocType("Dossier Step")
		_who, mine = self._by_whom(step)
		return dossier.name.isin(frappe.qb.from_(step).select(step.dossier).where(mine))

	def _decided(self) -> Any:
		"""A query of the dossiers that ended in the period and that the subject decided; an officer has decided what they
		took part in."""
		if self.officer:
			return self._ended().where(self._took_part())
		if self._everything:
			return self._ended()
		return self._ended().where(frappe.qb.DocType("Dossier").deciding_unit.isin(list(self.scope)))

	def _read(self, *queries: Any) -> list[Handled]:
		dossier, step = frappe.qb.DocType("Dossier"), frappe.qb.DocType("Dossier Step")
		columns = (
			dossier.name,
			dossier.field,
			dossier.channel,
			dossier.outcome,
			dossier.supplement_count,
			dossier.deciding_unit,
		)
		found: dict[str, Handled] = {}
		for query in queries:
			for name, about, channel, outcome, supplements, unit in query.select(*columns).run():
				found[name] = Handled(
					name,
					about and sys.intern(about),
					channel and sys.intern(channel),
					Timing.read(outcome),
					int(supplements or 0),
					decided_here=bool(self.officer) or unit in self.scope,
				)
		self._add_steps(found, step.outcome.isin([one.value for one in Timing]))
		return list(found.values())

	@cached_property
	def handled_by_procedure(self) -> dict[str, int]:
		"""How many dossiers of `decided` there are of each procedure: counted where they are, a year's may be many."""
		dossier = frappe.qb.DocType("Dossier")
		query = self._decided().select(dossier.procedure, Count("*")).groupby(dossier.procedure)
		return {procedure: int(count) for procedure, count in query.run()}

	@cached_property
	def decided_names(self) -> list[str]:
		"""Names of `decided`, where nothing else of them is asked for."""
		query = self._decided().select(frappe.qb.DocType("Dossier").name)
		return [row[0] for row in query.run()]

	@cached_property
	def late(self) -> list[str]:
		"""Names of those of `decided` that were late, unless through somebody else's step alone.

		Only those that were late in a step of somebody else are looked at closely: with the others it is plain.
		"""
		dossier, step = frappe.qb.DocType("Dossier"), frappe.qb.DocType("Dossier Step")
		late = self._decided().where(dossier.outcome == Timing.LATE.value)
		names = [row[0] for row in late.select(dossier.name).run()]
		if self._everything:
			return names
		who, mine = self._by_whom(step)
		of_others = (
			frappe.qb.from_(step)
			.select(step.name)
			.where((step.dossier == dossier.name) & (step.outcome == Timing.LATE.value))
			.where(who.isnull() | mine.negate())
		)
		elsewhere = self._read(late.where(ExistsCriterion(of_others)))
		excused = {one.name for one in elsewhere if one.attributed() is not Timing.LATE}
		return [name for name in names if name not in excused]

	def late_by_us(self, overdue: Iterable[str]) -> int:
		"""How many of these dossiers, in progress past their due date, are not late through somebody else's step alone."""
		found = {name: Handled(name, None, "", Timing.LATE, 0) for name in overdue}
		step = frappe.qb.DocType("Dossier Step")
		self._add_steps(found, step.outcome.isin([one.value for one in Timing]) | (step.is_open == 1))
		return sum(handled.attributed() is Timing.LATE for handled in found.values())

	def _add_steps(self, found: dict[str, Handled], which: Any) -> None:
		"""Put the timings of steps with their dossiers; an open one is late once its own due date has passed."""
		step = frappe.qb.DocType("Dossier Step")
		passed = min(self.period.ends, now_datetime())
		names = list(found)
		for start in range(0, len(names), 1000):
			rows = (
				frappe.qb.from_(step)
				.select(step.dossier, step.unit, step.officer, step.outcome, step.due_at < passed)
				.where(step.dossier.isin(names[start : start + 1000]) & which)
			).run()
			for dossier, unit, officer, outcome, over in rows:
				timing = Timing.read(outcome) or (Timing.LATE if over else Timing.ON_TIME)
				handled = found[dossier]
				if officer == self.officer if self.officer else unit in self.scope:
					handled.own += (timing,)
				else:
					handled.others += (timing,)

	@cached_property
	def decided(self) -> list[Handled]:
		return [handled for handled in self.dossiers if handled.decided_here]

	@cached_property
	def applicants_fault(self) -> frozenset[str]:
		"""Dossiers asked about more than once whose every request after the first has the applicant's fault on record."""
		names = [handled.name for handled in self.dossiers if handled.supplements > 1]
		faults: dict[str, list[bool]] = defaultdict(list)
		for start in range(0, len(names), 1000):
			for row in frappe.get_all(
				"Dossier Event",
				{"dossier": ("in", names[start : start + 1000]), "kind": "supplement_requested"},
				["dossier", "data"],
				order_by="dossier asc, sequence asc",
				limit=0,
			):
				faults[row.dossier].append(bool(json.loads(row.data or "{}").get("applicants_fault")))
		return frozenset(name for name, known in faults.items() if len(known) > 1 and all(known[1:]))

	@cached_property
	def petitions(self) -> list[dict]:
		"""Petitions whose time to resolve fell into the period, or that were settled in it."""
		filters: dict[str, Any] = {"received_at": ("<", self.period.ends)}
		if self.officer:
			filters["officer_concerned"] = self.officer
		else:
			filters["unit"] = among(self.scope)
		rows = frappe.get_all(
			"Petition",
			filters,
			[
				"name",
				"kind",
				"status",
				"dossier",
				"finding",
				"received_at",
				"resolve_by",
				"answered_at",
				"on_time",
				"prolonged",
				"sender_content",
			],
			limit=0,
		)
		return [
			row
			for row in rows
			if self.period.first <= getdate(row.answered_at or row.resolve_by) <= self.period.last
		]

	@cached_property
	def complaints(self) -> dict[str | None, list[Complaint]]:
		"""Findings of petitions about conduct, by dossier; those that stand by themselves under None."""
		found: dict[str | None, list[Complaint]] = defaultdict(list)
		for _petition, dossier, complaint in self._findings:
			found[dossier].append(complaint)
		return found

	@cached_property
	def upheld(self) -> list[str]:
		"""Names of the petitions that were upheld, wherever they count."""
		return [name for name, _dossier, complaint in self._findings if complaint is Complaint.UPHELD]

	@cached_property
	def upheld_by_themselves(self) -> list[str]:
		return [
			name
			for name, dossier, complaint in self._findings
			if complaint is Complaint.UPHELD and dossier is None
		]

	@cached_property
	def _findings(self) -> list[tuple[str, str | None, Complaint]]:
		"""Findings of petitions about conduct of the official or the unit concerned (art. 13.7): petition, dossier, finding.

		A finding counts with its dossier, in the period in which that ended, however much later it was made; once
		that period has been published, in the period of the finding. What counts with no dossier of this subject and
		period stands under None: it is about none, or about one that somebody else decided or that was published.
		"""
		petition, dossier = frappe.qb.DocType("Petition"), frappe.qb.DocType("Dossier")
		begins, ends = self.period.begins, self.period.ends
		query = (
			frappe.qb.from_(petition)
			.left_join(dossier)
			.on(dossier.name == petition.dossier)
			.select(
				petition.name.as_("petition"),
				petition.finding,
				petition.unit_concerned,
				petition.answered_at,
				dossier.name.as_("dossier"),
				dossier.status,
				dossier.deciding_unit,
				dossier.ended_at,
			)
			.where(
				(petition.kind == "Conduct")
				& petition.finding.isin(FINDINGS)
				& (
					((petition.answered_at >= begins) & (petition.answered_at < ends))
					| ((dossier.ended_at >= begins) & (dossier.ended_at < ends))
				)
			)
		)
		if self.officer:
			query = query.where(petition.officer_concerned == self.officer)
		found: list[tuple[str, str | None, Complaint]] = []
		rows = query.run(as_dict=True)
		own = self._decided_of({row.dossier for row in rows if row.dossier})
		for row in rows:
			if not self.officer and (row.unit_concerned or row.deciding_unit) not in self.scope:
				continue
			by_itself = not row.dossier or row.status in progress.NEVER_COUNTED
			if by_itself or (row.ended_at and self._published(row.ended_at, row.answered_at)):
				counts_at = row.answered_at
			else:
				counts_at = row.ended_at
			if counts_at and begins <= counts_at < ends:
				complaint = Complaint.UPHELD if row.finding in UPHELD else Complaint.FALSE
				found.append((row.petition, row.dossier if row.dossier in own else None, complaint))
		return found

	def _decided_of(self, names: set[str]) -> set[str]:
		"""Which of some dossiers are among `decided`."""
		dossier = frappe.qb.DocType("Dossier")
		query = self._decided().select(dossier.name).where(dossier.name.isin(list(names)))
		return {row[0] for row in query.run()} if names else set()

	def _published(self, ended: datetime, before: datetime) -> bool:
		"""Whether the subject's period of this kind in which a dossier ended was published before a moment."""
		return any(
			row.first_day <= ended.date() <= row.last_day and row.published_at < before
			for row in self._publications
		)

	@cached_property
	def _publications(self) -> list[dict]:
		doctype, subject = (
			("Officer Evaluation", {"officer": self.officer})
			if self.officer
			else ("Unit Evaluation", {"unit": self.unit, "scheme": rule_sets.AGENCIES})
		)
		return frappe.get_all(
			doctype,
			{
				**subject,
				"period": self.period.kind,
				"status": "Published",
				"published_at": ("is", "set"),
			},
			["first_day", "last_day", "published_at"],
			limit=0,
		)

	@cached_property
	def procedures(self) -> list[dict]:
		"""Procedures in force at the period's end that the unit decides, with their version of that day and where they are received."""
		day = min(self.period.last, getdate())
		found: dict[str, dict] = {}
		for procedure, receptions in in_force.receptions(day).items():
			own = [reception for reception in receptions if reception.units & self.scope]
			if own:
				found[procedure] = {
					"one_stop": all(reception.centres for reception in own),
					"decided_there": any(reception.decided_there for reception in own),
				}
		rows = [frappe._dict(row) for row in in_force.on(day) if row["name"] in found]
		versions = {
			row.name: row
			for row in frappe.get_all(
				"Procedure Version",
				{"name": among(row.version for row in rows if row.version)},
				["name", "online_level", "channel_counter", "channel_online", "channel_post"],
				limit=0,
			)
		}
		for row in rows:
			row.update(found[row.name])
			row["version"] = versions.get(row.version)
		return rows

	def parts(self) -> dict[str, dict[str, int]]:
		"""Early, on time and late dossiers by field, attributed (art. 15: aggregated by field)."""
		found: dict[str, dict[str, int]] = {}
		for handled in self.decided:
			own = found.setdefault(handled.field or "", {"dossiers": 0, "early": 0, "on_time": 0, "late": 0})
			own["dossiers"] += 1
			timing = handled.attributed()
			own["early" if timing is Timing.EARLY else "late" if timing is Timing.LATE else "on_time"] += 1
		return found

	@cached_property
	def sums(self) -> dict[str, int] | None:
		rows = figures.sums(self.period.first, self.period.last, (), self.scope)
		return rows[0] if rows and (rows[0]["received"] or rows[0]["carried"]) else None


def _mean(points: Iterable[int | None]) -> Measured:
	known = [point for point in points if point is not None]
	return Measured(scoring.art15_2_indicator_score(known), len(known))


def _one(points: int | None, count: int = 1) -> Measured:
	return Measured(None if points is None else Decimal(points), count if points is not None else 0)


def _worst(complaints: Iterable[Complaint]) -> Complaint:
	known = list(complaints)
	return Complaint.UPHELD if Complaint.UPHELD in known else Complaint.FALSE if known else Complaint.NONE


def art13_1(facts: Facts, limits: dict[str, Decimal]) -> Measured:
	return _mean(scoring.art13_1_total_time(handled.attributed()) for handled in facts.decided)


def art13_2(facts: Facts, limits: dict[str, Decimal]) -> Measured:
	return _mean(scoring.art13_2_time_of_each_unit(handled.own) for handled in facts.dossiers)


def art13_3(facts: Facts, limits: dict[str, Decimal]) -> Measured:
	return _mean(
		scoring.art13_3_contacts(handled.supplements, handled.name in facts.applicants_fault)
		for handled in facts.decided
	)


def art13_5(facts: Facts, limits: dict[str, Decimal]) -> Measured:
	listed = [row for row in facts.procedures if not row["exempt"]]
	decided_there = sum(bool(row["decided_there"]) for row in listed)
	reception = scoring.ReceptionFacts(
		len(listed), sum(bool(row["one_stop"]) for row in listed), decided_there, _tier_of(facts.unit)
	)
	shares = {
		"": limits.get("decided_there", Decimal(20)),
		"District": limits.get("decided_there_district", Decimal(50)),
		"Commune": limits.get("decided_there_commune", Decimal(100)),
	}
	return _one(scoring.art13_5_whole_process_at_one_stop(reception, shares), len(listed))


def _tier_of(unit: str | None) -> str:
	"""The level of administration a unit belongs to: a one-stop or division of a commune is the commune's (art. 13.5)."""
	levels = [units.get(name).level for name in units.ancestors(unit or "")]
	return next((level for level in levels if level in TIERS), levels[0] if levels else "")


def checks(facts: Facts) -> list[Any]:
	"""Checks of what the units publish, made in the period."""
	return frappe.get_all(
		"Publication Check",
		{
			"unit": among(facts.scope),
			"checked_on": ("between", [facts.period.first, facts.period.last]),
		},
		["name", "posted", "electronic"],
		limit=0,
	)


def art13_6(facts: Facts, limits: dict[str, Decimal]) -> Measured:
	return _mean(scoring.art13_6_publication(bool(row.posted), bool(row.electronic)) for row in checks(facts))


def art13_7(facts: Facts, limits: dict[str, Decimal]) -> Measured:
	points = [
		scoring.art13_7_attitude(handled.attributed(), _worst(facts.complaints.get(handled.name, ())))
		for handled in facts.decided
	]
	# A complaint that belongs to none of these dossiers stands for the contact it is about.
	points += [0 for complaint in facts.complaints.get(None, ()) if complaint is Complaint.UPHELD]
	return _mean(points)


def art13_8(facts: Facts, limits: dict[str, Decimal]) -> Measured:
	settled = facts.petitions
	feedback = scoring.FeedbackFacts(
		len(settled), sum(bool(row.on_time) for row in settled), sum(bool(row.prolonged) for row in settled)
	)
	points = scoring.art13_8_feedback(feedback, limits.get("feedback_fair_share", Decimal(90)))
	return _one(points, len(settled))


def art13_9(facts: Facts, limits: dict[str, Decimal]) -> Measured:
	sums = facts.sums
	ended_late = sum(
		handled.channel == "Online" and handled.attributed() is Timing.LATE for handled in facts.decided
	)
	# Asked of the database: a province has millions of facts, few of them overdue.
	period = statutory.Request(facts.period.first, facts.period.last, facts.scope)
	fact, query = cells.facts_behind(period, "overdue")
	overdue = [row[0] for row in query.where(fact.channel == "Online").select(fact.name).run()]
	online = scoring.OnlineFacts(
		eligible=len(facts.procedures),
		offered=sum(_online_level(row) != "None" for row in facts.procedures),
		# What the system opened for another dossier came through no channel.
		dossiers=sums["handed_in"] if sums else 0,
		online=sums["online"] if sums else 0,
		late=ended_late + facts.late_by_us(overdue),
	)
	shares = (limits.get(key) for key in ("offered_share", "full_share", "fair_share"))
	defaults = (Decimal(20), Decimal(30), Decimal(15))
	chosen = [
		share if share is not None else default for share, default in zip(shares, defaults, strict=True)
	]
	return _one(scoring.art13_9_online_service(online, *chosen), online.dossiers)


def offered_online(row: dict) -> bool:
	"""Whether a procedure is offered online, partly or fully."""
	return _online_level(row) != "None"


def _online_level(row: dict) -> str:
	return (row["version"].online_level if row["version"] else None) or "None"


def asked(question: str) -> Callable[[Facts, dict[str, Decimal]], Measured]:
	"""The measure of a question to raters: the mean of released lots; officers get that of their unit."""

	def measure(facts: Facts, limits: dict[str, Decimal]) -> Measured:
		found = ratings.tally(question, facts.scope, facts.period.first, facts.period.last)
		return (
			Measured(scoring.mean_score(found.points, found.count), found.count) if found else Measured(None)
		)

	return measure


def _share(value: Decimal | None, count: int) -> Measured:
	return Measured(value, count if value is not None else 0)


def qd766_1_3(facts: Facts, limits: dict[str, Decimal]) -> Measured:
	present = []
	for row in facts.procedures:
		version = row["version"]
		parts = {
			"name": row.procedure_name,
			"agency": row.authority,
			"subject": row.subject_citizen or row.subject_business,
			"ways": version and (version.channel_counter or version.channel_online or version.channel_post),
			"steps": _has_rows("Process Step", version),
			"components": _has_rows("Procedure Component", version),
			"time_limit": _has_rows("Procedure Time Limit", version),
		}
		present.append([key for key, there in parts.items() if there])
	return _share(scoring.qd766_1_3_complete_parts(present), len(present))


def _has_rows(table: str, version: Any) -> bool:
	return bool(
		version and frappe.db.exists(table, {"parent": version.name, "parenttype": "Procedure Version"})
	)


def qd766_2_1(facts: Facts, limits: dict[str, Decimal]) -> Measured:
	found, end = progress.of_period(facts.scope, facts.period.begins, facts.period.ends)
	return _share(scoring.qd766_2_1_on_time(found.values(), end), len(found))


def qd766_3_1(facts: Facts, limits: dict[str, Decimal]) -> Measured:
	levels = [_online_level(row) for row in facts.procedures]
	value = scoring.qd766_3_1_procedures_online(levels.count("Partial"), levels.count("Full"), len(levels))
	return _share(value, len(levels))


def qd766_3_2(facts: Facts, limits: dict[str, Decimal]) -> Measured:
	services = {row.name for row in facts.procedures if _online_level(row) != "None"}
	rows = figures.sums(facts.period.first, facts.period.last, ("procedure",), facts.scope)
	used = {row["procedure"] for row in rows if row["online"]} & services
	return _share(scoring.qd766_3_2_services_used(len(used), len(services)), len(services))


def qd766_3_3(facts: Facts, limits: dict[str, Decimal]) -> Measured:
	"""Online dossiers count once their e-result is there, where the procedure gives a document (3.3)."""
	if not facts.sums:
		return Measured(None)
	fact = frappe.qb.DocType("Dossier Fact")
	((counted,),) = (
		frappe.qb.from_(fact)
		.select(Count("*"))
		.where(
			fact.deciding_unit.isin(list(facts.scope))
			& (fact.received_on >= facts.period.first)
			& (fact.received_on <= min(facts.period.last, getdate()))
			& (fact.channel == "Online")
			& ((fact.gives_document == 0) | (fact.e_result == 1))
		)
	).run()
	received = facts.sums["received"]
	return _share(scoring.qd766_3_3_online_share(counted, received), received)


def with_fee(facts: Facts) -> set[str]:
	"""The versions of the unit's procedures that ask for a fee."""
	versions = [row["version"].name for row in facts.procedures if row["version"]]
	return set(
		frappe.get_all(
			"Procedure Fee",
			{"parent": among(versions), "amount": (">", 0)},
			pluck="parent",
			limit=0,
		)
	)


def qd766_3_5(facts: Facts, limits: dict[str, Decimal]) -> Measured:
	known = with_fee(facts)
	payable = sum(
		row["version"].name in known and bool(row["version"].channel_online)
		for row in facts.procedures
		if row["version"]
	)
	return _share(scoring.qd766_3_5_payable_online(payable, len(known)), len(known))


def _of_sums(formula: Callable[..., Decimal | None], part: str, whole: str):
	def measure(facts: Facts, limits: dict[str, Decimal]) -> Measured:
		if not facts.sums:
			return Measured(None)
		return _share(formula(facts.sums[part], facts.sums[whole]), facts.sums[whole])

	return measure


def qd766_5_2(facts: Facts, limits: dict[str, Decimal]) -> Measured:
	on_time = sum(bool(row.on_time) for row in facts.petitions)
	return _share(scoring.qd766_5_2_feedback_on_time(on_time, len(facts.petitions)), len(facts.petitions))


def qd766_5_3(facts: Facts, limits: dict[str, Decimal]) -> Measured:
	late = sum(not row.on_time for row in facts.petitions)
	disliked = sum(bool(row.on_time) and row.sender_content == "Dissatisfied" for row in facts.petitions)
	value = scoring.qd766_5_3_satisfied_with_feedback(len(facts.petitions), disliked, late)
	return _share(value, len(facts.petitions))


def qd766_5_4(facts: Facts, limits: dict[str, Decimal]) -> Measured:
	ended = [handled.attributed() for handled in facts.decided if handled.timing is not None]
	late = scoring.rate(sum(timing is Timing.LATE for timing in ended), len(ended))
	found = ratings.tally(OVERALL, facts.scope, facts.period.first, facts.period.last)
	disliked = scoring.rate(found.count - found.content, found.count) if found else None
	return _share(scoring.qd766_5_4_satisfied_with_processing(late, disliked), len(ended))


def announced(facts: Facts) -> list[Any]:
	"""Approved versions of the unit's procedures whose decision fell into the period."""
	return frappe.get_all(
		"Procedure Version",
		{
			"procedure": among(row.name for row in facts.procedures),
			"docstatus": 1,
			"decision_date": ("between", [facts.period.first, facts.period.last]),
		},
		["name", "procedure", "decision_date", "effective_from", "published_on"],
		limit=0,
	)


def _calendar_of(facts: Facts, rows: list[Any]) -> Any:
	days = [day for row in rows for day in (row.decision_date, row.effective_from, row.published_on) if day]
	return working_time.calendar_for(facts.unit, min(days) - MARGIN, max(days) + MARGIN)


def qd766_1_1(facts: Facts, limits: dict[str, Decimal]) -> Measured:
	rows = announced(facts)
	if not rows:
		return Measured(None)
	calendar, days = _calendar_of(facts, rows), int(limits.get("announce_days", 5))
	on_time = sum(row.decision_date <= calendar.shift_working_days(row.effective_from, -days) for row in rows)
	return _share(scoring.qd766_1_1_announced_on_time(on_time, len(rows)), len(rows))


def qd766_1_2(facts: Facts, limits: dict[str, Decimal]) -> Measured:
	# Versions approved before their day of publication was kept say nothing.
	rows = [row for row in announced(facts) if row.published_on]
	if not rows:
		return Measured(None)
	calendar = _calendar_of(facts, rows)
	taken: dict[str, list[int]] = defaultdict(list)
	for row in rows:
		taken[row.procedure].append(calendar.working_days_between(row.decision_date, row.published_on))
	value = scoring.qd766_1_2_published_on_time(taken, int(limits.get("publish_days", 5)))
	return _share(value, len(taken))


def entered(
	key: str, formula: Callable[[int, int], Decimal | None], otherwise: Callable | None = None
) -> Callable[[Facts, dict[str, Decimal]], Measured]:
	"""The measure of an indicator counted elsewhere: what the controlling office has entered, with its evidence.

	Without that: what `otherwise` finds in this system's own data, or nothing, and the indicator is left out.
	"""

	def measure(facts: Facts, limits: dict[str, Decimal]) -> Measured:
		found = entered_figures.counted(key, facts.unit, facts.scope, facts.period.first, facts.period.last)
		if found:
			return _share(formula(*found), found[1])
		return otherwise(facts, limits) if otherwise else Measured(None)

	return measure


def no_source(facts: Facts, limits: dict[str, Decimal]) -> Measured:
	"""Nothing in this system knows it: left out, until the head enters it with evidence."""
	return Measured(None)


MEASURES: dict[str, Callable[[Facts, dict[str, Decimal]], Measured]] = {
	"art13_1": art13_1,
	"art13_2": art13_2,
	"art13_3": art13_3,
	"art13_5": art13_5,
	"art13_6": art13_6,
	"art13_7": art13_7,
	"art13_8": art13_8,
	"art13_9": art13_9,
	"qd766_1_1": entered("qd766_1_1", scoring.qd766_1_1_announced_on_time, qd766_1_1),
	"qd766_1_2": entered("qd766_1_2", scoring.rate, qd766_1_2),
	"qd766_1_3": qd766_1_3,
	"qd766_1_4": entered("qd766_1_4", scoring.qd766_1_4_synchronised),
	"qd766_2_1": qd766_2_1,
	"qd766_3_1": qd766_3_1,
	"qd766_3_2": qd766_3_2,
	"qd766_3_3": qd766_3_3,
	"qd766_3_5": qd766_3_5,
	"qd766_3_6": _of_sums(scoring.qd766_3_6_paid_online, "paid_online", "fee_bearing"),
	"qd766_4_1": _of_sums(scoring.qd766_4_1_e_result, "e_result", "gives_document"),
	"qd766_4_2": _of_sums(scoring.qd766_4_2_digitised, "digitised", "received"),
	"qd766_4_3": _of_sums(scoring.qd766_4_3_reuse, "reused", "received"),
	"qd766_4_4": entered("qd766_4_4", scoring.qd766_4_4_shared),
	"qd766_4_5": entered("qd766_4_5", scoring.qd766_4_5_population_data),
	"qd766_5_2": qd766_5_2,
	"qd766_5_3": qd766_5_3,
	"qd766_5_4": qd766_5_4,
}


def measure(indicator: Any, facts: Facts, limits: dict[str, Decimal]) -> Measured:
	"""What was found for a row of a rule set. Indicators 3 and 4 may come from the ledger or from ratings."""
	if indicator.source == "Ratings":
		return asked(ratings.PEER if indicator.measure == "peer" else indicator.indicator_key)(facts, limits)
	return MEASURES.get(indicator.measure, no_source)(facts, limits)
