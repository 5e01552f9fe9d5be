"""Who may change what on an evaluation, and when: the invariants both kinds of evaluation share."""

import frappe
from frappe import _
from frappe.model import no_value_fields, table_fields
from frappe.model.document import Document
from frappe.utils import flt, formatdate, getdate, now_datetime

from one_stop.quality import counted, evaluations
from one_stop.quality.exceptions import (
	DeductionNeedsReason,
	EvaluationFrozen,
	EvaluationRefused,
	NotYoursToScore,
	PointsRefused,
)

COMPUTED, SELF_ASSESSED, VERIFIED, PUBLISHED = "Computed", "Self-Assessed", "Verified", "Published"
OFFICE = frozenset({"Monitoring Officer", "One-Stop Administrator"})
# All else comes from a run; the state is what the workflow and `check_who_scores` allow.
WRITTEN_BY_PEOPLE = frozenset({"status", "lines", "explanation"})
WRITTEN_ON_LINES = frozenset({"self_points", "verified_points", "entered", "reason", "evidence"})


class Evaluation(Document):
	"""What Unit Evaluation and Officer Evaluation have in common. Subclasses say who assesses and who verifies."""

	def validate(self) -> None:
		self.refuse_changes_after_publication()
		if not self.flags.by_run:
			self.refuse_by_hand_creation()
			self.keep_computed_values()
			self.check_who_scores()
			self.take_over_self_assessment()
			self.check_points()
		evaluations.add_up(self)
		self.stamp_publication()

	def onload(self) -> None:
		self.set_onload("counted", counted.listable(self.rule_set))

	def on_trash(self) -> None:
		if self.status == PUBLISHED:
			frappe.throw(_("A published evaluation stays as it is."), EvaluationFrozen)

	def refuse_changes_after_publication(self) -> None:
		before = self.get_doc_before_save()
		if before and before.status == PUBLISHED:
			frappe.throw(
				_("A published evaluation stays as it is; appeals are decided apart."), EvaluationFrozen
			)

	def refuse_by_hand_creation(self) -> None:
		if self.is_new():
			frappe.throw(_("Evaluations are computed by an evaluation run."), EvaluationRefused)

	def keep_computed_values(self) -> None:
		"""What the system computed is not for people to edit, whatever a client sends."""
		before = self.get_doc_before_save()
		old = {row.indicator_key: row for row in before.lines}
		if [row.indicator_key for row in self.lines] != list(old):
			frappe.throw(_("The indicators of an evaluation come from its rule set."), EvaluationRefused)
		for row in self.lines:
			kept = old[row.indicator_key]
			# Its name too: Frappe writes a row wherever a document names it.
			row.name, row.idx = kept.name, kept.idx
			_keep_all_but(WRITTEN_ON_LINES, row, kept)
		_keep_all_but(WRITTEN_BY_PEOPLE, self, before)
		# Frappe has asked about the officer and unit a client sent; these are the stored ones.
		self.check_permission("write")

	def check_who_scores(self) -> None:
		"""Self-assessed points are the subject's, verified points the verifier's, each in its own state."""
		before = self.get_doc_before_save()
		old = {row.indicator_key: row for row in before.lines}
		own_changed = any(
			flt(row.self_points, 2) != flt(old[row.indicator_key].self_points, 2) for row in self.lines
		)
		verified_changed = any(
			flt(row.verified_points, 2) != flt(old[row.indicator_key].verified_points, 2)
			for row in self.lines
		)
		entered = any(bool(row.entered) != bool(old[row.indicator_key].entered) for row in self.lines)
		user = frappe.session.user
		if own_changed and not (before.status == COMPUTED and self.may_assess(user)):
			frappe.throw(
				_("Self-assessed points are given by the one evaluated, before verification."),
				NotYoursToScore,
			)
		if (verified_changed or entered) and not (
			(before.status == SELF_ASSESSED and self.may_verify(user))
			or (before.status == COMPUTED and own_changed)
		):
			frappe.throw(
				_("Verified points are given by the one who verifies, after the self-assessment."),
				NotYoursToScore,
			)
		if self.status == PUBLISHED != before.status and getdate() <= getdate(before.last_day):
			message = _("The period ends on {0}: what is published stays as it is, so publish it afterwards.")
			frappe.throw(message.format(formatdate(before.last_day)), EvaluationRefused)
		moves = {SELF_ASSESSED: self.may_assess, VERIFIED: self.may_verify, PUBLISHED: self.may_publish}
		if self.status == before.status:
			return
		forward = [COMPUTED, SELF_ASSESSED, VERIFIED, PUBLISHED]
		back = forward.index(self.status) < forward.index(before.status)
		if self.may_verify(user) or self.may_publish(user) if back else moves[self.status](user):
			return
		if self.is_own(user) and OFFICE & set(frappe.get_roles(user)):
			message = _(
				"Nobody verifies or publishes their own result: ask another monitoring officer to do it."
			)
			frappe.throw(message, NotYoursToScore)
		frappe.throw(_("This step of the evaluation is somebody else's."), NotYoursToScore)

	def take_over_self_assessment(self) -> None:
		before = self.get_doc_before_save()
		if before.status == COMPUTED:
			for row in self.lines:
				row.verified_points = row.self_points

	def check_points(self) -> None:
		for row in self.lines:
			for column in ("self_points", "verified_points"):
				if not 0 <= flt(row.get(column), 2) <= flt(row.most, 2):
					frappe.throw(
						_("Indicator {0}: points lie between 0 and {1}.").format(row.indicator_key, row.most),
						PointsRefused,
					)
			if flt(row.verified_points, 2) != flt(row.self_points, 2) and not (row.reason or "").strip():
				frappe.throw(
					_(
						"Indicator {0}: say why the verified points differ from the self-assessed ones."
					).format(row.indicator_key),
					DeductionNeedsReason,
				)
			if flt(row.self_points, 2) > flt(row.computed_points, 2) and not (row.reason or row.evidence):
				frappe.throw(
					_("Indicator {0}: points above the computed ones need a reason or evidence.").format(
						row.indicator_key
					),
					DeductionNeedsReason,
				)

	def stamp_publication(self) -> None:
		if self.status == PUBLISHED and not self.published_at:
			self.published_at = now_datetime()

	def may_assess(self, user: str) -> bool:
		raise NotImplementedError

	def may_verify(self, user: str) -> bool:
		raise NotImplementedError

	def may_publish(self, user: str) -> bool:
		"""The office that controls procedures, but nobody for what they are judged by themselves."""
		if user == "Administrator":
			return True
		return not self.is_own(user) and bool(OFFICE & set(frappe.get_roles(user)))

	def is_own(self, user: str) -> bool:
		raise NotImplementedError


def _keep_all_but(editable: frozenset[str], now: Document, before: Document) -> None:
	for df in now.meta.fields:
		holds_something = df.fieldtype in table_fields or df.fieldtype not in no_value_fields
		if holds_something and df.fieldname not in editable:
			now.set(df.fieldname, before.get(df.fieldname))
