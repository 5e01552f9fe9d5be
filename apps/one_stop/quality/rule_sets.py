"""Which rule set is in force when, and its data as the pure module takes them."""

import json
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import frappe
from frappe import _
from frappe.utils import getdate

from one_stop.quality.exceptions import IndicatorRefused, NoRuleSetInForce, RatingsNotOpen
from one_stop.quality.scoring import ONE_DECIMAL, TWO_DECIMALS, Band, Indicator

SEED = Path(__file__).parent / "seed" / "rule_sets.json"
AGENCIES, OFFICERS, SERVICE_INDEX = "Agencies", "Officers", "Service Index"
SCHEMES = (AGENCIES, OFFICERS, SERVICE_INDEX)
# To what a scheme rounds (TT 01/2018 art. 15.2; QĐ 766).
STEPS = {AGENCIES: ONE_DECIMAL, OFFICERS: ONE_DECIMAL, SERVICE_INDEX: TWO_DECIMALS}


@dataclass(frozen=True, slots=True)
class Question:
	"""A question to raters: its indicator's key, words, and answers with points, from the best to the worst."""

	key: str
	text: str
	answers: tuple[tuple[str, Decimal], ...]


def in_force(scheme: str, day: date) -> str:
	"""The approved rule set of a scheme on a day. :raises NoRuleSetInForce:"""
	day = getdate(day)
	for row in frappe.get_all(
		"Evaluation Rule Set",
		{"scheme": scheme, "docstatus": 1, "effective_from": ("<=", day)},
		["name", "effective_to"],
		order_by="effective_from desc",
		limit=0,
	):
		if not row.effective_to or row.effective_to >= day:
			return row.name
	frappe.throw(
		_("No evaluation rule set for {0} is in force on {1}: approve one first.").format(
			_(scheme), frappe.format(day, "Date")
		),
		NoRuleSetInForce,
	)


def indicators(doc: Any) -> list[Indicator]:
	"""The indicators of a rule set for `scoring.evaluate`."""
	return [
		Indicator(
			row.indicator_key,
			Decimal(str(row.most)),
			Decimal(str(row.full_marks_at)) if row.full_marks_at else None,
		)
		for row in doc.indicators
		if row.counts
	]


def bands(doc: Any) -> list[Band]:
	return [Band(Decimal(str(row.at_least or 0)), row.title) for row in doc.bands]


def thresholds(doc: Any) -> dict[str, Decimal]:
	return {row.threshold: Decimal(str(row.value)) for row in doc.thresholds}


def questions(day: date) -> list[Question]:
	"""What raters are asked on a day: the indicators of the agencies' rule set that take their data from ratings.

	:raises RatingsNotOpen: no rule set is in force, so there is nothing to ask
	"""
	try:
		name = in_force(AGENCIES, day)
	except NoRuleSetInForce:
		frappe.clear_messages()
		frappe.throw(_("Ratings cannot be given at present. Please try again later."), RatingsNotOpen)
	rows = frappe.get_cached_doc("Evaluation Rule Set", name).indicators
	return [
		Question(row.indicator_key, row.question, tuple(read_answers(row.answers)))
		for row in rows
		if row.source == "Ratings" and row.question
	]


def read_answers(text: str | None) -> list[tuple[str, Decimal]]:
	"""Answers written one a line as `text = points`. :raises IndicatorRefused: a line without points"""
	found = []
	for line in (text or "").splitlines():
		if line.strip():
			label, _equals, points = line.rpartition("=")
			try:
				found.append((label.strip(), Decimal(points.strip())))
			except InvalidOperation:
				label = ""
			if not label:
				frappe.throw(
					_("An answer is written as: text = points. This is not: {0}").format(line),
					IndicatorRefused,
				)
	return found


def new_version(name: str) -> Any:
	"""A draft that follows an approved rule set; unsaved dates are for whoever approves it.

	The session's user must be allowed to create rule sets; Frappe checks.
	"""
	old = frappe.get_doc("Evaluation Rule Set", name)
	draft = frappe.copy_doc(old)
	# Frappe leaves the state of submission in place while tests run.
	for row in (draft, *draft.get_all_children()):
		row.docstatus = 0
	draft.update(
		{
			"supersedes": old.name,
			"version_no": next_version(old.scheme),
			"effective_to": None,
			"decision_number": None,
			"decision_date": None,
			"effective_from": max(getdate(), getdate(old.effective_from) + timedelta(days=1)),
		}
	)
	return draft.insert()


def next_version(scheme: str) -> int:
	return (
		max(frappe.get_all("Evaluation Rule Set", {"scheme": scheme}, pluck="version_no", limit=0), default=0)
		+ 1
	)


def seed() -> None:
	"""Bring the rule sets of the law where a scheme has none yet (after_migrate)."""
	for values in json.loads(SEED.read_text(encoding="utf-8")):
		if frappe.db.exists("Evaluation Rule Set", {"scheme": values["scheme"]}):
			continue
		doc = frappe.get_doc({"doctype": "Evaluation Rule Set", **values})
		# after_migrate only, as Administrator and without a request.
		doc.insert(ignore_permissions=True)
		doc.flags.ignore_permissions = True
		doc.submit()
