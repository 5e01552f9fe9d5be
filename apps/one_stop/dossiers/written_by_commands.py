"""The documents of the ledger: read in the desk, written by commands alone."""

import frappe
from frappe import _

from one_stop.closed_documents import ClosedDocument
from one_stop.dossiers.exceptions import OnlyByCommand


class WrittenByCommands(ClosedDocument):
	"""Refuses every insert, change and removal that goes through Frappe's own doors, whoever asks."""

	def refuse(self) -> None:
		frappe.throw(
			_("{0} is written by the actions of a dossier only.").format(_(self.doctype)), OnlyByCommand
		)
