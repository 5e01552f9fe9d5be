import frappe
from frappe import _
from frappe.model.document import Document

from one_stop.dossiers import letter_texts


class LetterText(Document):
	"""Câu chữ của biểu mẫu: the words of an official form from a day on, as an administrator sets them."""

	def validate(self) -> None:
		self.check_title()
		letter_texts.check_blocks(self)

	def check_title(self) -> None:
		if not (self.title or "").strip():
			frappe.throw(_("Title: every form carries one."))

	def on_trash(self) -> None:
		frappe.throw(_("Letters were issued by this text: add one that follows it instead of removing it."))
