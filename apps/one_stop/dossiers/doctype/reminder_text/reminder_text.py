import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import flt

from one_stop.dossiers import reminder_texts

LONGEST_HOURS = 400


class ReminderText(Document):
	"""Câu chữ nhắc việc: when people are told, and in which words, as an administrator sets them."""

	def validate(self) -> None:
		self.check_hours()
		reminder_texts.check_blocks(self)

	def check_hours(self) -> None:
		for fieldname in ("officer_hours", "leader_hours"):
			if not 0 <= flt(self.get(fieldname)) <= LONGEST_HOURS:
				frappe.throw(
					_("{0}: between 0 and {1} working hours.").format(
						_(self.meta.get_label(fieldname)), LONGEST_HOURS
					)
				)

	def on_trash(self) -> None:
		frappe.throw(_("Switch the reminder off instead of removing its text."))
