import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import getdate

from one_stop.quality.awards import OF_OFFICERS, OF_UNITS
from one_stop.quality.exceptions import AwardRefused


class AwardRule(Document):
	"""Quy định khen thưởng, xử lý: who is eligible for what, how many, and by which vote."""

	def validate(self) -> None:
		self.check_period()
		self.check_quota()
		self.check_conditions()
		self.keep_turns()

	def keep_turns(self) -> None:
		"""A form that was opened before the last turn at the quota does not undo it."""
		if not self.is_new():
			self.quota_turn = frappe.db.get_value("Award Rule", self.name, "quota_turn", for_update=True)

	def check_period(self) -> None:
		if self.effective_to and getdate(self.effective_to) < getdate(self.effective_from):
			frappe.throw(_("The last day lies before the first one."), AwardRefused)

	def check_quota(self) -> None:
		if self.quota_kind != "No Limit" and self.quota <= 0:
			frappe.throw(_("A quota is a number above 0."), AwardRefused)
		if self.quota_kind == "Percent" and self.quota > 100:
			frappe.throw(_("A quota in per cent is at most 100."), AwardRefused)
		if not 0 <= self.votes_needed <= 100:
			frappe.throw(_("The votes needed lie between 0 and 100 %."), AwardRefused)

	def check_conditions(self) -> None:
		known = OF_OFFICERS if self.subject == "Officer" else OF_UNITS
		for row in self.conditions:
			if row.fact not in known:
				frappe.throw(
					_("Row {0}: this fact is not known of {1}.").format(row.idx, _(self.subject)),
					AwardRefused,
				)
