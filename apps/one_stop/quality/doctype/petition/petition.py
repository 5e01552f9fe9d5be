from frappe import _, throw
from frappe.model.document import Document

from one_stop.quality.exceptions import PetitionClosedToEditing

# What staff may put right on the form itself; everything else is a step of handling.
EDITABLE = frozenset({"unit_concerned", "officer_concerned", "procedure"})


class Petition(Document):
	"""Phản ánh, kiến nghị. Its state is written by `quality/petitions.py` alone."""

	def validate(self) -> None:
		self.refuse_changes_outside_handling()

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
