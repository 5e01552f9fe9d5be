from decimal import Decimal

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import getdate

from one_stop.organization import units
from one_stop.quality import award_rules, awards, led_units
from one_stop.quality.exceptions import (
	NotACouncilMember,
	NotEligible,
	OwnAward,
	ProposalFrozen,
	ProposedTwice,
	QuotaUsedUp,
	VotesMissing,
)

DECIDED = ("Approved", "Rejected")
VOTED_ON = ("council", "deviation", "achievements")


class AwardProposal(Document):
	"""Đề nghị khen thưởng, xử lý: proposed with reasons, submitted, voted on, decided by a person."""

	def validate(self) -> None:
		self.refuse_changes_after_decision()
		self.check_rule_in_force()
		self.name_nominee()
		self.check_proposed_once()
		self.keep_what_is_voted_on()
		self.state_reasons()
		self.name_voters()
		self.keep_votes()
		self.check_eligible()
		self.check_quota()
		self.check_move()

	def on_trash(self) -> None:
		if self.status != "Proposed":
			frappe.throw(_("A proposal that was submitted stays."), ProposalFrozen)

	def refuse_changes_after_decision(self) -> None:
		before = self.get_doc_before_save()
		if before and before.status in DECIDED:
			frappe.throw(_("A decided proposal stays as it is; appeals are decided apart."), ProposalFrozen)

	def check_rule_in_force(self) -> None:
		if self.moves_to("Proposed", "Submitted"):
			awards.check_in_force(frappe.get_cached_doc("Award Rule", self.rule), self.year)

	def name_nominee(self) -> None:
		rule = frappe.get_cached_doc("Award Rule", self.rule)
		self.kind, self.subject = rule.kind, rule.subject
		if rule.subject == "Officer" and not self.officer:
			frappe.throw(_("{0} is missing.").format(_("Officer")), NotEligible)
		if rule.subject == "Unit":
			self.officer = None
		elif self.is_new():
			self.place_officer()
		self.nominee = (
			frappe.get_cached_value("User", self.officer, "full_name")
			if self.officer
			else units.unit_name(self.unit)
		)

	def place_officer(self) -> None:
		"""An officer is proposed by the unit where they served longest in the year, or one above it: its leaders may know
		what the reasons tell. The proposal is that unit's, and takes a place of its agency."""
		period = awards.year_of(self.year)
		home = awards.home_of(self.officer, period)
		if not home or home not in units.answering(self.unit or "", min(period.last, getdate())):
			message = _(
				"Officer: {0} did not serve in {1} for most of their time in {2}; choose somebody who did, or the unit where they served longest."
			)
			named = frappe.get_cached_value("User", self.officer, "full_name") or self.officer
			frappe.throw(message.format(named, units.unit_name(self.unit), self.year), NotEligible)
		self.unit = home

	def check_proposed_once(self) -> None:
		if awards.proposed(self.rule, self.year, self.unit, self.officer, but=self.name or ""):
			frappe.throw(_("{0} has been proposed for this already.").format(self.nominee), ProposedTwice)

	def state_reasons(self) -> None:
		"""Facts are taken when a proposal is made, and again when it is submitted."""
		before = self.get_doc_before_save()
		if before and not (before.status == "Proposed" and self.status == "Submitted"):
			self.reasons = before.reasons
			return
		rule = frappe.get_cached_doc("Award Rule", self.rule)
		facts = awards.facts_for(rule, self.year, self.unit, self.officer)
		self.set("reasons", awards.reason_rows(award_rules.reasons(awards.conditions(rule), facts)))

	def keep_what_is_voted_on(self) -> None:
		before = self.get_doc_before_save()
		if not before:
			return
		self.proposed_by = before.proposed_by
		for key in VOTED_ON if before.status != "Proposed" else ():
			if (self.get(key) or "") != (before.get(key) or ""):
				frappe.throw(
					_("What the council votes on stays as it was submitted: {0}.").format(
						_(self.meta.get_label(key))
					),
					ProposalFrozen,
				)

	def name_voters(self) -> None:
		"""The council as it is on the day of submission votes, the nominee aside; sent back, nobody does."""
		before = self.get_doc_before_save()
		if self.status == "Proposed":
			self.voters = []
		elif before and before.status != "Proposed":
			self.voters = before.voters
		else:
			council = frappe.get_cached_doc("Emulation Council", self.council) if self.council else None
			self.set(
				"voters",
				[
					{"member": row.member, "position": row.position}
					for row in (council.members if council else ())
					if row.member != self.officer
				],
			)

	def keep_votes(self) -> None:
		before = self.get_doc_before_save()
		if self.status == "Proposed":
			self.votes = []
		elif not self.flags.by_voting:
			self.votes = before.votes if before else []
		for choice, column in awards.VOTES.items():
			self.set(column, sum(row.vote == choice for row in self.votes))

	def check_eligible(self) -> None:
		if not (self.deviation or "").strip() and not all(row.met for row in self.reasons):
			frappe.throw(
				_("{0} does not meet every condition: state why the proposal is made all the same.").format(
					self.nominee
				),
				NotEligible,
			)

	def check_quota(self) -> None:
		"""No reason makes a place: counted when proposed, submitted and approved, each among those as far or further."""
		if not self.moves_to("Proposed", "Submitted", "Approved"):
			return
		rule = frappe.get_cached_doc("Award Rule", self.rule)
		if rule.quota_kind == "No Limit":
			return
		awards.take_turn(self.rule)
		agency = awards.agency_of_quota(rule, self.unit, self.year)
		limit = awards.places_of(rule, self.year, agency)
		taken = awards.places_taken(self.rule, self.year, agency, self.status, self.name or "")
		if limit is not None and taken >= limit:
			frappe.throw(
				_("The quota of {0} for {1} is used up.").format(limit, _(self.rule)),
				QuotaUsedUp,
			)

	def check_move(self) -> None:
		before = self.get_doc_before_save()
		if not before or before.status == self.status:
			return
		if before.status != "Proposed" and self.is_own(frappe.session.user):
			message = _(
				"Nobody decides on their own award: ask another monitoring officer to take this step."
			)
			frappe.throw(message, OwnAward)
		members = len(self.voters)
		if self.status == "Submitted" and not members:
			frappe.throw(_("Choose the emulation council that votes."), NotACouncilMember)
		if self.status == "Voted" and not award_rules.quorum(len(self.votes), members):
			frappe.throw(_("Two thirds of the council must have voted."), VotesMissing)
		if self.status == "Approved":
			needed = Decimal(str(frappe.get_cached_value("Award Rule", self.rule, "votes_needed") or 0))
			if not award_rules.carried(self.votes_for, members, needed):
				frappe.throw(_("The council has not voted for it with the share needed."), VotesMissing)
		if self.status in DECIDED and not (self.decision_number and self.decision_date):
			frappe.throw(_("Enter the number and date of the decision first."), VotesMissing)

	def is_own(self, user: str) -> bool:
		"""Whether an award is somebody's own, or that of a unit they answered for in its year."""
		if self.officer:
			return user == self.officer
		period = awards.year_of(self.year)
		return led_units.answers_for(user, self.unit, period.first, period.last)

	def moves_to(self, *states: str) -> bool:
		"""Whether this save makes the proposal, or brings it forward, into one of some states."""
		before = self.get_doc_before_save()
		if not before:
			return self.status in states
		return self.status in states and self.status not in (before.status, "Proposed")
