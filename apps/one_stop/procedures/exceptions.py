"""The rules of procedures, their versions and their files that somebody can break; one class a rule."""

import frappe


class ProcedureRuleError(frappe.ValidationError):
	"""An Administrative Procedure breaks a rule."""


class InvalidProcedureCode(ProcedureRuleError):
	pass


class InvalidFieldCode(ProcedureRuleError):
	pass


class OfferRefused(ProcedureRuleError):
	"""A row of Offers names a unit that cannot receive, or a period that ends before it begins."""


class SubjectMissing(ProcedureRuleError):
	pass


class VersionRuleError(frappe.ValidationError):
	"""A Procedure Version breaks a rule."""


class NoVersionInForce(VersionRuleError):
	pass


class VersionRowRefused(VersionRuleError):
	"""A row of a version holds a value that has no meaning, such as a duration below zero."""


class VersionHasErrors(VersionRuleError):
	pass


class WarningWithoutReason(VersionRuleError):
	pass


class DecisionMissing(VersionRuleError):
	pass


class DecisionInFuture(VersionRuleError):
	pass


class EffectiveBeforeDecision(VersionRuleError):
	pass


class EffectiveBeforePredecessor(VersionRuleError):
	pass


class PublishedOutOfTime(VersionRuleError):
	"""A version was published before its decision, or will be."""


class VersionInUse(VersionRuleError):
	pass


class VersionNotApproved(VersionRuleError):
	pass


class VersionsOfDifferentProcedures(VersionRuleError):
	pass


class TrialRefused(VersionRuleError):
	"""A version cannot be tried out like this."""


class ProcedureFileError(frappe.ValidationError):
	"""A file of a procedure, or of a process, cannot be taken over."""


class UnknownFileFormat(ProcedureFileError):
	pass


class ProcedureFileTooLarge(ProcedureFileError):
	pass


class ProcedureFileRefused(ProcedureFileError):
	"""A value of the file is not what its field takes."""


class ApprovedVersionDiffers(ProcedureFileError):
	pass


class ProcessFileRefused(ProcedureFileError):
	"""A BPMN file is none, is hostile, or holds no process."""
