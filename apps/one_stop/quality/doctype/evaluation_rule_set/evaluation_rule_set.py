from datetime import timedelta
from decimal import Decimal

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import getdate

from one_stop.quality import rule_sets, scoring
from one_stop.quality.exceptions import BandRefused, IndicatorRefused, RuleSetInUse, RuleSetsOverlap

OF_RATINGS = ("art13_3", "art13_4", "question", "peer")


class EvaluationRuleSet(Document):
	"""Bộ chỉ số đánh giá: dated, versioned, never changed in place; submitting it is its approval."""

	def before_insert(self) -> None:
		self.version_no = rule_sets.next_version(self.scheme)
		self.effective_to = None

	def validate(self) -> None:
		self.check_indicators()
		self.check_bands()
		self.check_dates()

	def before_submit(self) -> None:
		self.end_the_version_before()

	def before_cancel(self) -> None:
		self.refuse_while_in_use()

	def on_cancel(self) -> None:
		self.give_its_days_to_the_version_before()

	def check_indicators(self) -> None:
		seen = set()
		for row in self.indicators:
			if row.indicator_key in seen:
				self.refuse(row, _("the indicator is there twice"))
			seen.add(row.indicator_key)
			if row.most <= 0:
				self.refuse(row, _("it needs more than 0 points"))
			if not 0 <= (row.full_marks_at or 0) <= 100:
				self.refuse(row, _("full marks are reached between 0 and 100 %"))
			if row.measure.startswith("qd766") and not row.full_marks_at:
				self.refuse(row, _("a rate needs the percentage that gives full marks"))
			if row.source == "Ratings" and row.measure != "peer":
				self.check_question(row)

	def check_question(self, row) -> None:
		if row.measure not in OF_RATINGS or not row.question:
			self.refuse(row, _("ratings need a question and a measure that takes answers"))
		answers = rule_sets.read_answers(row.answers)
		most = Decimal(str(row.most))
		if len(answers) < 2 or any(not 0 <= points <= most for _label, points in answers):
			self.refuse(row, _("two or more answers are needed, each from 0 to the most points"))

	def refuse(self, row, why: str) -> None:
		frappe.throw(
			_("Indicator {0} (row {1}): {2}.").format(row.indicator_key, row.idx, why), IndicatorRefused
		)

	def check_bands(self) -> None:
		try:
			scoring.check_bands(rule_sets.bands(self))
		except scoring.BandsHaveGaps:
			frappe.throw(
				_("The bands must start at 0, and each at a number of points of its own."), BandRefused
			)

	def check_dates(self) -> None:
		"""No two approved rule sets of a scheme may be in force on one day; the open one is ended by its follower."""
		start = getdate(self.effective_from)
		for other in frappe.get_all(
			"Evaluation Rule Set",
			{"scheme": self.scheme, "docstatus": 1, "name": ("!=", self.name or "")},
			["name", "effective_from", "effective_to"],
			limit=0,
		):
			if other.effective_from >= start or (other.effective_to and other.effective_to >= start):
				frappe.throw(
					_("{0} is in force from {1}; a new rule set must begin after that.").format(
						other.name, frappe.format(other.effective_from, "Date")
					),
					RuleSetsOverlap,
				)

	def end_the_version_before(self) -> None:
		for name in frappe.get_all(
			"Evaluation Rule Set",
			{
				"scheme": self.scheme,
				"docstatus": 1,
				"effective_to": ("is", "not set"),
				"name": ("!=", self.name),
			},
			pluck="name",
		):
			frappe.db.set_value(
				"Evaluation Rule Set", name, "effective_to", getdate(self.effective_from) - timedelta(days=1)
			)

	def refuse_while_in_use(self) -> None:
		for doctype in ("Unit Evaluation", "Officer Evaluation"):
			if frappe.db.exists(doctype, {"rule_set": self.name}):
				frappe.throw(_("Evaluations were made under this rule set, so it stays."), RuleSetInUse)

	def give_its_days_to_the_version_before(self) -> None:
		"""No day is left without a rule set: the one that was ended for this one goes on until this one ended."""
		for name in frappe.get_all(
			"Evaluation Rule Set",
			{
				"scheme": self.scheme,
				"docstatus": 1,
				"effective_to": getdate(self.effective_from) - timedelta(days=1),
			},
			pluck="name",
		):
			frappe.db.set_value("Evaluation Rule Set", name, "effective_to", self.effective_to)
