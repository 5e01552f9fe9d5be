"""The rules of ratings, petitions, evaluations, targets and awards that somebody can break; one class a rule."""

import frappe


class RatingRefused(frappe.ValidationError):
	"""A rating cannot be given."""


class UnknownRatingToken(RatingRefused):
	pass


class RatingsNotOpen(RatingRefused):
	pass


class DossierNotRateable(RatingRefused):
	pass


class UnknownAnswer(RatingRefused):
	pass


class AlreadyRated(RatingRefused):
	pass


class OwnUnitRated(RatingRefused):
	pass


class NotWorkedWith(RatingRefused):
	pass


class PetitionRefused(frappe.ValidationError):
	"""A petition, or a step in handling it, breaks a rule."""


class PetitionIncomplete(PetitionRefused):
	pass


class UnknownPetition(PetitionRefused):
	pass


class PetitionStepOutOfTurn(PetitionRefused):
	pass


class PetitionClosedToEditing(PetitionRefused):
	pass


class RuleSetRefused(frappe.ValidationError):
	"""An Evaluation Rule Set breaks a rule."""


class RuleSetsOverlap(RuleSetRefused):
	pass


class RuleSetInUse(RuleSetRefused):
	pass


class IndicatorRefused(RuleSetRefused):
	pass


class BandRefused(RuleSetRefused):
	pass


class NoRuleSetInForce(frappe.ValidationError):
	pass


class EvaluationRefused(frappe.ValidationError):
	"""An evaluation was changed against the rules."""


class EvaluationFrozen(EvaluationRefused):
	pass


class DeductionNeedsReason(EvaluationRefused):
	pass


class PointsRefused(EvaluationRefused):
	pass


class NotYoursToScore(EvaluationRefused):
	pass


class RunRefused(frappe.ValidationError):
	"""An evaluation run has no such period, or the period is not over."""


class NotEvaluated(frappe.ValidationError):
	"""A unit or an officer whose evaluation could not be computed."""


class NothingCounted(frappe.ValidationError):
	"""Behind a figure of an evaluation stands nothing that can be listed."""


class FigureRefused(frappe.ValidationError):
	"""An Entered Figure breaks a rule."""


class FigureOutOfRange(FigureRefused):
	pass


class FigureWithoutEvidence(FigureRefused):
	pass


class FigureEnteredTwice(FigureRefused):
	pass


class TargetRefused(frappe.ValidationError):
	"""A Service Target breaks a rule."""


class TargetOutOfRange(TargetRefused):
	pass


class TargetEnteredTwice(TargetRefused):
	pass


class TargetScopeMissing(TargetRefused):
	pass


class AwardRefused(frappe.ValidationError):
	"""An award rule, proposal or vote breaks a rule."""


class NotEligible(AwardRefused):
	pass


class QuotaUsedUp(AwardRefused):
	pass


class PlaceJustTaken(QuotaUsedUp):
	pass


class NotACouncilMember(AwardRefused):
	pass


class OwnAward(AwardRefused):
	pass


class AwardRuleNotInForce(AwardRefused):
	pass


class VotedAlready(AwardRefused):
	pass


class VotingClosed(AwardRefused):
	pass


class VotesMissing(AwardRefused):
	pass


class ProposalFrozen(AwardRefused):
	pass


class ProposedTwice(AwardRefused):
	pass


class AppealRefused(frappe.ValidationError):
	"""An appeal is not the appellant's to make, or was answered already."""
