import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import now_datetime

from one_stop.quality import led_units
from one_stop.quality.exceptions import AppealRefused

FINAL = {
	"Officer Evaluation": ("Published",),
	"Unit Evaluation": ("Published",),
	"Award Proposal": ("Approved", "Rejected"),
}


class EvaluationAppeal(Document):
	"""Khiếu nại kết quả đánh giá: by whom the result is about; what is final stays, the answer stands beside it."""

	def before_insert(self) -> None:
		self.appellant = frappe.session.user
		self.status, self.answer, self.answered_by, self.answered_at = "Open", None, None, None

	def validate(self) -> None:
		if self.is_new():
			self.check_subject()
		else:
			self.keep_whose_it_is()
			self.check_answer()

	def keep_whose_it_is(self) -> None:
		"""Who appeals, and where, is what was stored, whatever a client sends: Frappe keeps no read-only field."""
		before = self.get_doc_before_save()
		for key in ("appellant", "unit", "answered_by", "answered_at"):
			self.set(key, before.get(key))

	def check_subject(self) -> None:
		doc = frappe.get_doc(self.reference_doctype, self.reference_name)
		self.unit = doc.unit
		user = frappe.session.user
		if doc.get("officer") != user and not led_units.leads(doc.unit, user):
			frappe.throw(_("Only whom a result is about may appeal against it."), AppealRefused)
		if doc.status not in FINAL[self.reference_doctype]:
			frappe.throw(_("Only a final result can be appealed against."), AppealRefused)

	def check_answer(self) -> None:
		before = self.get_doc_before_save()
		if before.status != "Open":
			frappe.throw(_("This appeal has been answered already."), AppealRefused)
		if frappe.session.user == self.appellant:
			frappe.throw(_("Nobody answers their own appeal."), AppealRefused)
		if self.status != "Open":
			if not (self.answer or "").strip():
				frappe.throw(_("{0} is missing.").format(_("Answer")), AppealRefused)
			self.answered_by, self.answered_at = frappe.session.user, now_datetime()
