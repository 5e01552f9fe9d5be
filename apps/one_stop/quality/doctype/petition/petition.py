import frappe
from frappe import _, throw
from frappe.model.document import Document
from frappe.utils import getdate

from one_stop.organization import units
from one_stop.quality.exceptions import PetitionClosedToEditing, PetitionIncomplete

# What staff may put right on the form itself; everything else is a step of handling.
EDITABLE = frozenset({"unit_concerned", "officer_concerned", "procedure"})


class Petition(Document):
	"""Phản ánh, kiến nghị. Its state is written by `quality/petitions.py` alone."""

	def validate(self) -> None:
		self.refuse_changes_outside_handling()
		self.check_officer_concerned()

	def check_officer_concerned(self) -> None:
		"""A complaint counts for the officer it names (TT 01/2018 art. 13.7): one who served in the unit concerned, in
		what it answers for. Nobody names or clears themselves."""
		before = self.get_doc_before_save() or frappe._dict()
		if (self.officer_concerned or "") != (before.officer_concerned or ""):
			if frappe.session.user in (self.officer_concerned, before.officer_concerned):
				throw(
					_("Officer Concerned: another leader or monitoring officer says whether it was you."),
					frappe.PermissionError,
				)
		elif (self.unit_concerned or "") == (before.unit_concerned or ""):
			return
		if not self.officer_concerned:
			return
		concerned = self.unit_concerned or self.unit
		scope = units.answering(concerned or "", getdate())
		if not any(member.unit in scope for member in units.served(self.officer_concerned)):
			message = _(
				"Officer Concerned: {0} never served in {1}; choose somebody who did, or another unit."
			)
			named = frappe.get_cached_value("User", self.officer_concerned, "full_name")
			throw(message.format(named, units.unit_name(concerned)), PetitionIncomplete)

	def refuse_changes_outside_handling(self) -> None:
		if self.flags.by_handling:
			return
		before = self.get_doc_before_save()
		if not before:
			throw(
				_("A petition is entered with the button New Petition, so that its clock starts."),
				PetitionClosedToEditing,
			)
		for df in self.meta.fields:
			changed = df.fieldname not in EDITABLE and (self.get(df.fieldname) or None) != (
				before.get(df.fieldname) or None
			)
			if changed and df.fieldtype not in ("Section Break", "Column Break"):
				throw(
					_("{0} is changed with the buttons of the petition only.").format(_(df.label)),
					PetitionClosedToEditing,
				)
