"""Rows of tables: written with the document they stand in, and never past its rules."""

import frappe
from frappe import _

from one_stop.closed_documents import ClosedDocument


class OnlyWithDocument(frappe.PermissionError):
	"""A row was to be written by itself, or taken out of another document."""


class DocumentRow(ClosedDocument):
	"""The base of every row's class.

	Frappe asks for the right to write the document only, and not for its rules, where a client saves, inserts or
	deletes a row by itself; and takes a row out of whichever document holds it where another one names it. A
	document that saves its rows runs none of these checks but the last.
	"""

	def db_update(self) -> None:
		"""Write the row with its document. :raises OnlyWithDocument: it stands in another one"""
		document = getattr(self, "parent_doc", None)
		before = document and document.get_doc_before_save()
		known = before and any(row.name == self.name for row in before.get(self.parentfield) or ())
		if not known and self.name:
			place = frappe.db.get_value(self.doctype, self.name, ["parent", "parenttype", "parentfield"])
			if place and tuple(place) != (self.parent, self.parenttype, self.parentfield):
				self.refuse()
		super().db_update()

	def refuse(self) -> None:
		frappe.throw(
			_("A row of {0} is changed in its document only, and belongs to one document.").format(
				_(self.doctype)
			),
			OnlyWithDocument,
		)
