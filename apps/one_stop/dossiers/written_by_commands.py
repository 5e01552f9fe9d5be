"""The documents of the ledger: read in the desk, written by commands alone."""

import frappe
from frappe import _
from frappe.model.document import Document

from one_stop.dossiers.exceptions import OnlyByCommand


class WrittenByCommands(Document):
	"""Refuses every insert, change and removal that goes through Frappe's own doors, whoever asks."""

	def validate(self) -> None:
		self._refuse()

	def on_trash(self) -> None:
		self._refuse()

	def before_rename(self, *arguments, **options) -> None:
		self._refuse()

	def _refuse(self) -> None:
		frappe.throw(
			_("{0} is written by the actions of a dossier only.").format(_(self.doctype)), OnlyByCommand
		)
