import frappe
from frappe import _
from frappe.model.document import Document

from one_stop.citizen_portal.notices import EVENT_LABELS, VALUES
from one_stop.dossiers.text_blocks import TextBlockError, check


class NoticeTemplate(Document):
	"""The wording of a notice; administrators change it."""

	def validate(self) -> None:
		self.check_event()
		self.check_wording()
		self.check_unique()

	def check_event(self) -> None:
		"""An event that never happens would never be told."""
		if self.event not in EVENT_LABELS:
			label = _(self.meta.get_label("event"))
			frappe.throw(_("{0}: choose an event from the list.").format(label), frappe.ValidationError)

	def check_wording(self) -> None:
		for fieldname in ("subject", "body", "sms"):
			try:
				check(self.get(fieldname), VALUES)
			except TextBlockError as error:
				why = _(error.template).format(**error.values)
				frappe.throw(_("{0}: {1}").format(_(self.meta.get_label(fieldname)), why))

	def check_unique(self) -> None:
		other = {"event": self.event, "language": self.language, "name": ["!=", self.name or ""]}
		if frappe.db.exists("Notice Template", other):
			frappe.throw(_("There is a template for this event in this language already."))
