"""Ratings by citizens and by other units, and what of them may be shown.

Raters are confidential (NĐ 61/2018 art. 27.3). A rating keeps the unit, the month and the answers; no dossier, no
account, no procedure, no day. What it says of the field of procedures is kept as a rating of its own, without the
unit and with the answer to one question: a small unit has few dossiers of a field in a month, and whose they were
is known. The one-time token that allows a rating is known here only as a hash and is gone once it has been used.
Nobody's role reads ratings: what managers see is released in lots (`confidentiality`).
"""

import hashlib
import random
import secrets
from collections import defaultdict
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import frappe
from frappe import _
from frappe.utils import cint, flt, get_last_day, getdate

from one_stop.dossiers.case import SETTLED
from one_stop.keyed import as_code, keyed_code, keyed_digest
from one_stop.organization import units
from one_stop.quality import rule_sets
from one_stop.quality.confidentiality import (
	LEAST,
	Lot,
	Tally,
	add_up,
	lots,
	with_five_left_out,
	without_traces,
)
from one_stop.quality.exceptions import (
	AlreadyRated,
	DossierNotRateable,
	NotWorkedWith,
	OwnUnitRated,
	RatingRefused,
	UnknownAnswer,
	UnknownRatingToken,
)

DAYS_TO_RATE = 60
COMMENT_LENGTH = 1000
RATEABLE = (
	"Not Received",
	"Awaiting Supplement",
	"Finished",
	"Returned",
	"Withdrawn",
	"Stopped",
	"Received",
	"In Process",
)
OVERALL = "overall"
PEER = "peer"
PEER_POINTS = (0, 1, 2)


def issue_token(dossier: str) -> str:
	"""The one-time token that lets the applicant of a dossier rate; handed out with forms 01, 02 and 03 (art. 12).

	The same dossier always gets the same token, so that it may be printed again; what is kept of it is a hash.
	The caller has checked that the dossier is theirs to print or to see.

	:raises DossierNotRateable: the dossier has not been handed in yet
	"""
	facts = frappe.db.get_value(
		"Dossier", dossier, ["status", "receiving_unit", "deciding_unit", "procedure", "field"], as_dict=True
	)
	if not facts or facts.status not in RATEABLE:
		frappe.throw(_("Only a dossier that was handed in can be rated."), DossierNotRateable)
	token = _token_of(dossier)
	if not frappe.db.exists("Rating Invitation", dossier):
		_insert({"doctype": "Rating Invitation", "dossier": dossier, "name": dossier})
		_keep_token(
			token,
			facts.deciding_unit or facts.receiving_unit,
			facts.procedure,
			facts.field,
			DAYS_TO_RATE,
		)
	return token


def token_after_the_end(dossier: str, status: str) -> str:
	"""The unused token of a dossier that is over, for its applicant or whoever holds its receipt; "" where none.

	The caller has checked whose it is, and commits.
	"""
	if status not in SETTLED:
		return ""
	try:
		token = issue_token(dossier)
		open_token(token)
	except RatingRefused:
		frappe.clear_messages()
		return ""
	return token


def kiosk_token(unit: str) -> str:
	"""A token for whoever stands at the device of a one-stop centre, valid today. :raises UnknownRatingToken:"""
	if not units.get(unit):
		frappe.throw(_("There is no unit {0}.").format(unit), UnknownRatingToken)
	token = as_code(secrets.token_bytes(20))
	_keep_token(token, unit, None, None, 0)
	return token


def open_token(token: str) -> dict[str, Any]:
	"""What a token asks about.

	:returns: `{"unit", "unit_name", "procedure", "procedure_name", "questions": [{"key", "question", "answers":
		[{"value", "label"}]}]}`; answers go from the best to the worst
	:raises UnknownRatingToken: never given out, used already, or expired
	"""
	facts = _facts_of(token)
	procedure_name = (
		frappe.get_cached_value("Administrative Procedure", facts.procedure, "procedure_name")
		if facts.procedure
		else ""
	)
	return {
		"unit": facts.unit,
		"unit_name": units.unit_name(facts.unit),
		"procedure": facts.procedure,
		"procedure_name": procedure_name,
		"questions": [
			{
				"key": question.key,
				"question": question.text,
				"answers": [
					{"value": str(number), "label": label}
					for number, (label, _points) in enumerate(question.answers)
				],
			}
			for question in rule_sets.questions(getdate())
		],
	}


def rate(token: str, answers: dict[str, str | int], comment: str = "") -> dict[str, str]:
	"""Give the rating a token allows; the token is gone afterwards.

	:param answers: question key -> value of the chosen answer; questions may be left out, but not all
	:returns: `{"thanks": …}` in the reader's language
	:raises UnknownRatingToken: UnknownAnswer: a question or an answer that was not asked, or no answer at all
	"""
	facts = _facts_of(token, lock=True)
	asked = {question.key: question for question in rule_sets.questions(getdate())}
	rows = []
	for key, value in (answers or {}).items():
		question = asked.get(key)
		chosen = cint(value) if str(value).isdigit() else -1
		if not question or not 0 <= chosen < len(question.answers):
			frappe.throw(_("Question {0} has no answer {1}.").format(key, value), UnknownAnswer)
		label, points = question.answers[chosen]
		rows.append(
			{"question_key": key, "answer": label, "points": float(points), "content": int(points > 0)}
		)
	if not rows:
		frappe.throw(_("Please answer at least one question."), UnknownAnswer)
	frappe.db.delete("Rating Token", {"name": _hash(token)})
	rating = {
		"doctype": "Citizen Rating",
		"unit": facts.unit,
		"month": _month(),
		"comment": (comment or "").strip()[:COMMENT_LENGTH],
	}
	_insert(rating, rows)
	of_the_field = [row for row in rows if row["question_key"] == OVERALL]
	if facts.field and of_the_field:
		_insert({"doctype": "Citizen Rating", "field": facts.field, "month": _month()}, of_the_field)
	return {"thanks": _("Thank you. Your rating is anonymous.")}


def rate_unit(unit: str, points: int, comment: str = "", *, user: str | None = None) -> None:
	"""A member of another unit rates how a unit cooperates in linked procedures, once a quarter.

	What is kept to prevent a second vote is a keyed hash; the rating itself names nobody.

	:param points: 2 good, 1 fair, 0 poor
	:raises OwnUnitRated: the unit is the rater's own, above it or below it; NotWorkedWith: the two units had no
		dossier in common this quarter; AlreadyRated: UnknownAnswer:
	"""
	user = user or frappe.session.user
	today = getdate()
	own = _own_units(user, today)
	if unit in _family(own):
		frappe.throw(_("Nobody rates their own unit, nor one above or below it."), OwnUnitRated)
	if points not in PEER_POINTS:
		frappe.throw(_("Question {0} has no answer {1}.").format(PEER, points), UnknownAnswer)
	if not own or not set(units.descendants(unit)) & _worked_with(user, own, today):
		frappe.throw(
			_("Only units that had a dossier in common this quarter rate each other."), NotWorkedWith
		)
	ballot = _ballot(user, unit, today)
	if frappe.db.exists("Peer Ballot", ballot):
		frappe.throw(_("You have rated this unit this quarter already."), AlreadyRated)
	_insert({"doctype": "Peer Ballot", "name": ballot, "ballot_hash": ballot, "period": _quarter(today)})
	_insert(
		{
			"doctype": "Peer Rating",
			"unit": unit,
			"month": _month(),
			"points": points,
			"comment": (comment or "").strip()[:COMMENT_LENGTH],
		}
	)


def units_to_rate(user: str | None = None) -> list[dict[str, str]]:
	"""The units somebody may rate now: they had a dossier in common this quarter, and were not rated in it yet."""
	user = user or frappe.session.user
	today = getdate()
	return [
		{"unit": unit, "unit_name": units.unit_name(unit)}
		for unit in sorted(_worked_with(user, _own_units(user, today), today))
		if not frappe.db.exists("Peer Ballot", _ballot(user, unit, today))
	]


def release(up_to: date | None = None) -> int:
	"""Release all lots of at least five ratings (of a field: ten) given up to a day (the end of last month). Returns how many lots.

	Runs monthly. What is too few waits; what is released never changes.
	"""
	up_to = getdate(up_to) if up_to else getdate().replace(day=1) - timedelta(days=1)
	released = 0
	for doctype in ("Citizen Rating", "Peer Rating"):
		citizens = doctype == "Citizen Rating"
		# Two releases at once would put one rating into two lots: the second waits for the first here.
		rows = (
			frappe.qb.from_(doctype).select("*").where(frappe.qb.DocType(doctype).lot.isnull()).for_update()
		)
		rows = rows.run(as_dict=True)
		waiting: dict[tuple, list] = defaultdict(list)
		for row in rows:
			waiting[(row.unit or None, row.get("field") or None)].append((row.name, row.month))
		points = {row.name: row.get("points") for row in rows}
		of_units = {cell: waiting[cell] for cell in waiting if cell[0]}
		of_fields = {cell: waiting[cell] for cell in waiting if not cell[0]}
		for lot in lots(of_units, up_to) + lots(of_fields, up_to, 2 * LEAST):
			unit, field = lot.cell
			counted = lot.ratings if unit else with_five_left_out(lot.ratings, random.SystemRandom().sample)
			if citizens:
				tallies = _tallies(counted)
			else:
				given = [Decimal(str(points[name])) for name in counted]
				tallies = {PEER: Tally(len(given), sum(given), sum(point > 0 for point in given))}
			_write_lot(doctype, unit, field, lot, min(get_last_day(lot.last), up_to), tallies)
			released += 1
	return released


def tally(
	question: str,
	of_units: frozenset[str] | list[str] | None,
	first: date,
	last: date,
	field: str | None = None,
) -> Tally | None:
	"""What lots released for a period say about a question; None where there is none.

	:param of_units: None: everywhere
	:param field: what was said of a field of procedures, everywhere: a unit's ratings know no field
	"""
	filters: list = [["question_key", "=", question], ["last_day", "between", [first, last]]]
	if field and of_units is not None:
		return None
	if field:
		filters.append(["field", "=", field])
	elif of_units is None:
		filters.append(["unit", "is", "set"])
	elif of_units:
		filters.append(["unit", "in", list(of_units)])
	else:
		return None
	# Whole lots only, each of at least five ratings; callers show no finer groups than these.
	rows = frappe.get_all("Rating Release", filters, ["ratings", "points", "content"], limit=0)
	return add_up(Tally(row.ratings, Decimal(str(row.points)), row.content) for row in rows)


def forget_expired() -> None:
	"""Daily: tokens nobody used in time."""
	frappe.db.delete("Rating Token", {"expires_on": ("<", getdate())})


def _tallies(names: tuple[str, ...]) -> dict[str, Tally]:
	found: dict[str, Tally] = {}
	rows = frappe.get_all(
		"Rating Answer",
		{"parent": ("in", names), "parenttype": "Citizen Rating"},
		["question_key", "points", "content"],
		limit=0,
	)
	for row in rows:
		own = Tally(1, Decimal(str(row.points)), cint(row.content))
		found[row.question_key] = found.get(row.question_key, Tally()) + own
	return found


def _write_lot(
	doctype: str, unit: str | None, field: str | None, lot: Lot, last_day: date, tallies: dict[str, Tally]
) -> None:
	name = frappe.generate_hash(length=12)
	for question, counted in tallies.items():
		if counted.count < LEAST:
			continue
		row = {
			"doctype": "Rating Release",
			"unit": unit,
			"field": field,
			"first_day": lot.first,
			"last_day": last_day,
			"question_key": question,
			"ratings": counted.count,
			"points": float(counted.points),
			"mean_points": flt(counted.points / counted.count, 2),
			"content": counted.content,
			"content_percent": flt(100 * counted.content / counted.count, 1),
			"lot": name,
		}
		frappe.get_doc(row).db_insert()
	if unit:
		_release_comments(doctype, unit, lot)
	frappe.db.set_value(doctype, {"name": ("in", lot.ratings)}, "lot", name, update_modified=False)


def _release_comments(doctype: str, unit: str, lot: Lot) -> None:
	"""Hand out what the raters of a lot wrote: apart from their ratings, shuffled, with the month of the lot only."""
	said = frappe.get_all(doctype, {"name": ("in", lot.ratings)}, ["comment"], order_by=None, limit=0)
	comments = [text for text in (without_traces(row.comment) for row in said) if text]
	random.SystemRandom().shuffle(comments)
	for comment in comments:
		_insert(
			{
				"doctype": "Rating Comment",
				"unit": unit,
				"raters": "Citizens" if doctype == "Citizen Rating" else "Other Units",
				"month": lot.last.replace(day=1),
				"comment": comment,
			}
		)
	# They stand in one place only: nobody puts a comment and the answers beside it together again.
	frappe.db.set_value(doctype, {"name": ("in", lot.ratings)}, "comment", None, update_modified=False)


def _own_units(user: str, today: date) -> set[str]:
	return {row["unit"] for row in units.memberships(user, today) if row["unit"]}


def _family(own: set[str]) -> set[str]:
	"""One's units, all above and all below them: whoever is in there rates themselves, or their superiors."""
	return {relative for unit in own for relative in (*units.ancestors(unit), *units.descendants(unit))}


def _worked_with(user: str, own: set[str], today: date) -> set[str]:
	"""The units outside one's own that did a step this quarter, by somebody else, of a dossier on which one's own units
	did one too."""
	if not own:
		return set()
	quarter = date(today.year, (today.month - 1) // 3 * 3 + 1, 1)
	theirs, ours = (
		frappe.qb.DocType("Dossier Step").as_("theirs"),
		frappe.qb.DocType("Dossier Step").as_("ours"),
	)
	family = list(_family(own))
	rows = (
		frappe.qb.from_(theirs)
		.join(ours)
		.on(theirs.dossier == ours.dossier)
		.select(theirs.unit)
		.distinct()
		.where(
			theirs.unit.notin(family)
			& (theirs.unit != "")
			& (theirs.officer.isnull() | (theirs.officer != user))
			& ours.unit.isin(list(own))
			& (theirs.opened_at >= quarter)
		)
		.run()
	)
	return {row[0] for row in rows}


def _ballot(user: str, unit: str, today: date) -> str:
	return keyed_digest(f"peer:{user}:{unit}:{_quarter(today)}").hex()


def _quarter(today: date) -> str:
	return f"{today.year}-{(today.month + 2) // 3}"


def _keep_token(token: str, unit: str | None, procedure: str | None, field: str | None, days: int) -> None:
	if not unit:
		frappe.throw(_("Only a dossier that was handed in can be rated."), DossierNotRateable)
	hashed = _hash(token)
	_insert(
		{
			"doctype": "Rating Token",
			"name": hashed,
			"token_hash": hashed,
			"unit": unit,
			"procedure": procedure,
			"field": field,
			# The end of a month: the day would tell the one on which the dossier was handed in.
			"expires_on": get_last_day(getdate() + timedelta(days=days)) if days else getdate(),
		}
	)


def _facts_of(token: str, lock: bool = False):
	facts = frappe.db.get_value(
		"Rating Token",
		{"name": _hash(token or ""), "expires_on": (">=", getdate())},
		["unit", "procedure", "field"],
		as_dict=True,
		for_update=lock,
	)
	if not facts:
		frappe.throw(_("This rating link has been used already, or its time is over."), UnknownRatingToken)
	return facts


def _insert(values: dict[str, Any], answers: list[dict] | None = None) -> None:
	"""Write a row that says nothing of who made it and when but the month.

	Nobody has a right to make these rows themselves, and the token or ballot is what was checked.
	"""
	begin = datetime.combine(_month(), time())
	traces = {"owner": "Guest", "modified_by": "Guest", "creation": begin, "modified": begin}
	doc = frappe.get_doc({**values, **traces})
	if not doc.name:
		doc.name = frappe.generate_hash(length=16)
	doc.db_insert()
	for number, answer in enumerate(answers or [], 1):
		child = {"parent": doc.name, "parenttype": doc.doctype, "parentfield": "answers", "idx": number}
		frappe.get_doc(
			{"doctype": "Rating Answer", "name": frappe.generate_hash(length=16), **traces, **child, **answer}
		).db_insert()


def _month() -> date:
	return getdate().replace(day=1)


def _token_of(dossier: str) -> str:
	return keyed_code(f"rating:{dossier}")


def _hash(token: str) -> str:
	return hashlib.sha256(token.encode()).hexdigest()
