"""Evaluations of units and officers: computed, self-assessed, verified, published.

A run computes every unit and officer of a period. What is published is frozen; what is not is computed again
with each run, and the difference stays visible on the document.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any

import frappe
from frappe import _
from frappe.utils import cint, flt, getdate, now_datetime

from one_stop.isolation import locked, read_committed
from one_stop.organization import units
from one_stop.quality import measures, ratings, rule_sets, scoring
from one_stop.quality.exceptions import NoRuleSetInForce, NotEvaluated, RunRefused
from one_stop.quality.measures import Facts, Period
from one_stop.quality.scoring import Line, Posting
from one_stop.reporting import form06, years

UNIT, OFFICER = "Unit Evaluation", "Officer Evaluation"
OF_UNITS = (rule_sets.AGENCIES, rule_sets.SERVICE_INDEX)


def period_of(period: str, year: int, number: int) -> Period:
	"""The days of a period. :raises RunRefused: there is none of that number, or it has not begun"""
	try:
		found = Period(
			*form06.calendar_period(period, years.checked(year, error=RunRefused), cint(number) or 1)
		)
	except form06.InvalidPeriod:
		frappe.throw(_("There is no {0} number {1} in {2}.").format(_(period), number, year), RunRefused)
	if found.first > getdate():
		frappe.throw(_("This period has not begun yet."), RunRefused)
	return found


def subjects(period: Period, below: str | None = None) -> tuple[list[str], list[str]]:
	"""The units and officers to evaluate: units that exist at the period's end, people who served in it, whether or
	not they still do."""
	wanted = units.descendants(below) if below else list(units.TREE.get())
	tree = units.TREE.get()
	alive = [name for name in wanted if tree[name].exists_on(period.last)]
	inside = set(wanted)
	officers = {
		user
		for user, members in units.MEMBERS.get().served.items()
		for member in members
		if member.unit in inside and member.overlaps(period.first, period.last)
	}
	return alive, sorted(officers)


def run(name: str) -> None:
	"""Carry out an Evaluation Run, as a job (see `_run`), beside people who work on evaluations and other jobs."""
	with read_committed("isolation_before_evaluation"):
		# What was begun before stands under the isolation it began with.
		if not frappe.flags.in_test:
			frappe.db.commit()
		_run(name)


def _run(name: str) -> None:
	"""Carry out an Evaluation Run, as a job, with progress.

	Who cannot be evaluated is named on the run with the reason, and the others are evaluated all the same. Any other
	failure is noted on the run and raised, for the Error Log to keep.
	"""
	doc = frappe.get_doc("Evaluation Run", name)
	try:
		with _alone(doc):
			_compute(doc)
	except Exception as error:
		frappe.db.rollback()
		# What was said to people is for them; anything else is for who mends it.
		said = isinstance(error, frappe.ValidationError) and str(error)
		message = said or _("The computation stopped; run it again. ({0})").format(type(error).__name__)
		doc.db_set({"status": "Failed", "message": message[:500]})
		frappe.db.commit()
		raise


def _compute(doc: Any) -> None:
	counts = {"written": 0, "changed": 0, "frozen": 0}
	problems: list[str] = []
	doc.db_set({"status": "Running", "message": None})
	period = period_of(doc.period, doc.year, doc.number)
	alive, officers = subjects(period, doc.unit)
	work = [*((UNIT, unit) for unit in alive), *((OFFICER, officer) for officer in officers)]
	for done, (doctype, subject) in enumerate(work, 1):
		try:
			for outcome in _evaluate(doctype, subject, doc, period):
				counts[outcome] += 1
		except NotEvaluated as problem:
			problems.append(str(problem))
		if done % 20 == 0 or done == len(work):
			_show_progress(doc, done, len(work), counts)
	doc.db_set(
		{
			"status": "Done with Problems" if problems else "Done",
			"progress": 100,
			"message": "\n".join(problems) or None,
			**_told(counts),
		}
	)
	frappe.db.commit()


@contextmanager
def _alone(doc: Any) -> Iterator[None]:
	"""One run of a period at a time: what two at once do not find, both would write.

	:raises RunRefused: another one is being carried out
	"""
	# Names of locks are one server's, whose other sites have periods of their own.
	lock = f"{frappe.conf.db_name}.evaluation.{doc.period}.{cint(doc.year)}.{cint(doc.number) or 1}"[-64:]
	with locked(lock) as got:
		if not got:
			message = _(
				"Another run of this period is being carried out: run this one again when that one is done."
			)
			frappe.throw(message, RunRefused)
		yield


def _evaluate(doctype: str, subject: str, run: Any, period: Period) -> list[str]:
	"""Evaluate a unit or officer wholly or not at all. :raises NotEvaluated: says whom and why"""
	frappe.db.savepoint("one_evaluation")
	try:
		if doctype == UNIT:
			return list(evaluate_unit(subject, run, period))
		return list(evaluate_officer(subject, run, period))
	except Exception as error:
		# Whatever was wrong with one is no reason to leave out the rest; the traceback is for who mends it.
		frappe.db.rollback(save_point="one_evaluation")
		frappe.log_error(title="Evaluation Run", message=frappe.get_traceback())
		name = (
			units.unit_name(subject)
			if doctype == UNIT
			else frappe.get_cached_value("User", subject, "full_name")
		)
		raise NotEvaluated(f"{name}: {type(error).__name__}: {str(error)[:200]}") from error


def _told(counts: dict[str, int]) -> dict[str, int]:
	return {**counts, "written": counts["written"] + counts["changed"]}


def _show_progress(doc: Any, done: int, total: int, counts: dict[str, int]) -> None:
	doc.db_set({"progress": flt(100 * done / total, 1), **_told(counts)}, update_modified=False)
	# Each unit is complete in itself: what is written so far stays if a later one fails.
	if not frappe.flags.in_test:
		frappe.db.commit()
	frappe.publish_progress(
		100 * done / total, title=_("Evaluation Run"), doctype=doc.doctype, docname=doc.name
	)


def evaluate_unit(unit: str, run: Any, period: Period) -> Iterator[str]:
	"""Compute a unit under the rule sets in force at the period's end. Yields "written", "changed" or "frozen"."""
	facts = Facts(period, units.answering(unit, period.last), unit=unit)
	for scheme in OF_UNITS:
		rules = _rules(scheme, period.last)
		if rules:
			named = {"unit_name": units.unit_name(unit)}
			yield _write(UNIT, {"unit": unit}, rules, facts, run, period, named)


def postings_of(officer: str) -> list[Posting]:
	"""Where an officer served, and when."""
	return [Posting(member.unit, member.from_date, member.to_date) for member in units.served(officer)]


def evaluate_officer(officer: str, run: Any, period: Period) -> Iterator[str]:
	"""Compute an officer: all their dossiers, wherever they served; their unit is where they served longest."""
	postings = postings_of(officer)
	shares = scoring.shares_of_period(postings, period.first, period.last)
	home = scoring.home_unit(shares)
	rules = _rules(rule_sets.OFFICERS, period.last)
	if not home or not rules:
		return
	facts = Facts(period, units.answering(home, period.last), officer=officer, unit=home)
	handled = _steps_by_unit(officer, period)
	rows = [
		{"unit": unit, "share": flt(share * 100, 1), "steps": handled.get(unit, 0)}
		for unit, share in sorted(shares.items())
	]
	identity = {"officer": officer}
	extra = {
		"unit": home,
		"officer_name": frappe.get_cached_value("User", officer, "full_name"),
		"postings": rows,
	}
	yield _write(OFFICER, identity, rules, facts, run, period, extra)


def _rules(scheme: str, day: date) -> Any:
	try:
		return frappe.get_cached_doc("Evaluation Rule Set", rule_sets.in_force(scheme, day))
	except NoRuleSetInForce:
		frappe.clear_messages()
		return None


def _steps_by_unit(officer: str, period: Period) -> dict[str, int]:
	rows = frappe.get_all(
		"Dossier Step",
		[
			["officer", "=", officer],
			["completed_at", ">=", period.begins],
			["completed_at", "<", period.ends],
		],
		["unit"],
		limit=0,
	)
	counts: dict[str, int] = {}
	for row in rows:
		counts[row.unit] = counts.get(row.unit, 0) + 1
	return counts


def compute(rules: Any, facts: Facts) -> tuple[scoring.Evaluation, dict[str, scoring.Measured]]:
	"""Points, total and class under a rule set, and what was found, questions for information included."""
	limits = rule_sets.thresholds(rules)
	found = {row.indicator_key: measures.measure(row, facts, limits) for row in rules.indicators}
	return scoring.evaluate(rule_sets.indicators(rules), found, rule_sets.bands(rules)), found


def _write(
	doctype: str,
	identity: dict[str, str],
	rules: Any,
	facts: Facts,
	run: Any,
	period: Period,
	extra: dict[str, Any] | None = None,
) -> str:
	key = {
		**identity,
		"scheme": rules.scheme,
		"period": run.period,
		"year": run.year,
		"number": cint(run.number) or 1,
	}
	existing = frappe.db.get_value(doctype, key, ["name", "status"], as_dict=True, for_update=True)
	if existing and existing.status == "Published":
		return "frozen"
	evaluation, found = compute(rules, facts)
	doc = frappe.get_doc(doctype, existing.name) if existing else frappe.get_doc({"doctype": doctype, **key})
	before = _lines_of(doc)
	_set_lines(doc, rules, evaluation, found, facts)
	doc.update(
		{
			"rule_set": rules.name,
			"first_day": period.first,
			"last_day": period.last,
			"run": run.name,
			**(extra or {}),
		}
	)
	doc.set("parts", [{"field": key or None, **counts} for key, counts in sorted(facts.parts().items())])
	changed = False
	if existing:
		for difference in scoring.differences(before, evaluation.lines):
			changed = True
			doc.append(
				"differences",
				{
					"computed_at": now_datetime(),
					"indicator_key": difference.key,
					"before": _shown(difference.before),
					"after": _shown(difference.after),
					"cause": run.name,
				},
			)
	doc.flags.by_run = True
	# The run was started by somebody allowed to; what it writes is computed, not entered.
	doc.save(ignore_permissions=True)
	return "changed" if changed else "written"


def _shown(points: Decimal | None) -> str:
	return _("no data") if points is None else f"{points:f}"


def _lines_of(doc: Any) -> list[Line]:
	return [
		Line(row.indicator_key, None, Decimal(str(row.computed_points)) if row.has_data else None)
		for row in doc.lines
		if row.counts
	]


def _set_lines(
	doc: Any, rules: Any, evaluation: scoring.Evaluation, found: dict[str, scoring.Measured], facts: Facts
) -> None:
	"""Write computed points; what people have assessed otherwise is kept, the rest follows the computation."""
	old = {row.indicator_key: row for row in doc.lines}
	points = {line.key: line.points for line in evaluation.lines}
	rows = []
	for indicator in rules.indicators:
		measured = found[indicator.indicator_key]
		computed = points.get(indicator.indicator_key, measured.value)
		row = {
			"indicator_key": indicator.indicator_key,
			"title": indicator.title,
			"most": indicator.most,
			"counts": indicator.counts,
			"facts": measured.count,
			"has_data": int(computed is not None),
			"value": float(measured.value or 0),
			"computed_points": float(computed or 0),
		}
		row["self_points"] = row["verified_points"] = row["computed_points"]
		before = old.get(indicator.indicator_key)
		if before:
			row.update({"reason": before.reason, "evidence": before.evidence, "entered": before.entered})
			if flt(before.self_points, 2) != flt(before.computed_points, 2):
				row["self_points"] = row["verified_points"] = before.self_points
			if flt(before.verified_points, 2) != flt(before.self_points, 2):
				row["verified_points"] = before.verified_points
		rows.append(row)
	doc.set("lines", rows)


def add_up(doc: Any) -> None:
	"""Scores and classes of a document from its lines: computed, self-assessed and verified.

	An indicator without data counts only once somebody has entered points for it, with evidence.
	"""
	rules = frappe.get_cached_doc("Evaluation Rule Set", doc.rule_set)
	bands = rule_sets.bands(rules)
	lines = [row for row in doc.lines if row.counts]

	def total(column: str) -> scoring.Evaluation:
		known = column != "computed_points"
		return scoring.sum_up(
			[
				Line(
					row.indicator_key,
					None,
					Decimal(str(flt(row.get(column), 2)))
					if row.has_data or (known and row.entered)
					else None,
				)
				for row in lines
			],
			bands,
		)

	computed, own, verified = (
		total(column) for column in ("computed_points", "self_points", "verified_points")
	)
	shown = computed if doc.status == "Computed" else verified
	doc.update(
		{
			"has_score": int(computed.total.score is not None),
			"score": float(computed.total.score or 0),
			"grade": computed.grade,
			"scored_text": _("{0} of {1}").format(shown.total.scored, shown.total.of),
			"self_score": float(own.total.score or 0),
			"verified_score": float(verified.total.score or 0),
			"verified_grade": verified.grade,
		}
	)


def start(period: str, year: int, number: int, unit: str | None = None) -> str:
	"""Make a run and queue it. Returns its name. The caller's right was checked by inserting it."""
	return (
		frappe.get_doc(
			{"doctype": "Evaluation Run", "period": period, "year": year, "number": number, "unit": unit}
		)
		.insert()
		.name
	)


def close_month() -> None:
	"""Monthly: release the ratings of the month that has ended, and only then compute what rests on them."""
	ratings.release()
	start_due_runs()


def start_due_runs(day: date | None = None) -> list[str]:
	"""Start runs of the month that has ended, and of its quarter and year when these have ended with it."""
	today = getdate(day)
	year, month = (today.year, today.month - 1) if today.month > 1 else (today.year - 1, 12)
	wanted = [("Month", month)]
	if month % 3 == 0:
		wanted.append(("Quarter", month // 3))
	if month == 12:
		wanted.append(("Year", 1))
	return [start(period, year, number) for period, number in wanted]
