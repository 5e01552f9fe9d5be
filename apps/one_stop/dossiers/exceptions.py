"""The rules of a dossier that a command can break; one class a rule, with a message a clerk can act on."""

import frappe


class DossierError(frappe.ValidationError):
	"""A command, or a change, that a dossier refuses."""


class CommandRefused(DossierError):
	"""The command does not fit the dossier as it stands."""


class WrongStatus(CommandRefused):
	"""The command is not possible in this status (TT 01/2018 art. 17; TrangThaiHoSo)."""


class NotYourDuty(frappe.PermissionError):
	"""The person does not hold the duty that the command asks for (NĐ 61/2018 art. 19.1)."""


class StepNotOpen(CommandRefused):
	pass


class StepTaken(CommandRefused):
	"""Somebody else has the step already."""


class OfficerLacksDuty(CommandRefused):
	pass


class ReasonMissing(CommandRefused):
	"""The law, or good order, asks for a reason in writing."""


class PapersMissing(CommandRefused):
	"""A required paper is neither there nor explained (NĐ 61/2018 art. 17.1)."""


class ScanMissing(CommandRefused):
	"""A paper is handed over without its scan and without a reason (NĐ 61/2018 art. 17.1)."""


class AnswersRefused(CommandRefused):
	"""The electronic form is not filled in as its version asks."""


class SupplementOutsideProcedure(CommandRefused):
	"""Papers outside the published procedure need their legal basis (NĐ 61/2018 art. 5)."""


class FeesRefused(CommandRefused):
	"""The fee lines are not those of the version for this case and channel (NĐ 61/2018 art. 22, 31.1g)."""


class ResultFileMissing(CommandRefused):
	"""Nothing can be returned online where there is no electronic result (NĐ 61/2018 art. 20)."""


class NothingDue(CommandRefused):
	"""No fee of the dossier is due, or not the one named (NĐ 61/2018 art. 22)."""


class NotOffered(CommandRefused):
	"""The unit does not receive this procedure, or not by this channel."""


class OpinionOpen(CommandRefused):
	pass


class WorkOpen(CommandRefused):
	"""Other steps must end before the dossier can."""


class LastStepNeedsResult(CommandRefused):
	"""The last step before the return ends with a result (NĐ 61/2018 art. 20)."""


class AmountRefused(CommandRefused):
	pass


class MomentRefused(CommandRefused):
	"""A moment lies in the future, or before what it must follow."""


class NothingToAccept(CommandRefused):
	"""There is no extension that the applicant has not accepted yet (NĐ 61/2018 art. 19.9)."""


class NothingToUndo(CommandRefused):
	"""The last event changed the national status, was somebody else's, or cannot be taken back."""


class HandoverMissing(CommandRefused):
	"""A dossier by post is received by signed hand-over minutes (QĐ 45/2016/QĐ-TTg art. 7.4)."""


class NumbersExhausted(CommandRefused):
	"""An agency has given out its 9,999 codes of the day (TT 01/2018 art. 19.1)."""


class NoAgencyCode(CommandRefused):
	pass


class ClientKeyReused(CommandRefused):
	"""One key, two different commands: the caller repeats what it never sent."""


class ClientKeyMissing(CommandRefused):
	pass


class CommandInsideTransaction(frappe.ValidationError):
	"""A command was called over unsaved changes, which its own boundary would lose."""


class OnlyByCommand(DossierError):
	"""State and facts of a dossier change through the commands of the lifecycle only."""


class LedgerBroken(DossierError):
	"""A chain of events does not verify; the first event that does not is named."""


class FileRefused(DossierError):
	"""A file is named that is neither the dossier's nor just uploaded for it."""


class FactsLocked(OnlyByCommand):
	"""After reception the contents change by correction only."""


class DeadlineRefused(frappe.ValidationError):
	"""A question for a due date names something that is not there, or has no meaning."""


class LetterTextMissing(frappe.ValidationError):
	"""A form has no wording at all."""


class LetterNotIssued(frappe.ValidationError):
	"""A form of a dossier that nothing has called for yet."""


class ListRefused(frappe.ValidationError):
	"""A list of dossiers that do not belong on one paper, or that would be too long."""


class ResultNotTheirs(frappe.ValidationError):
	"""A result to be used instead of a scan is not one of this person, or not the clerk's to see."""
