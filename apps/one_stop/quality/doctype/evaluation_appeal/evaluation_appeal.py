import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import now_datetime

from one_stop import permissions
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
			self.check_answer()

	def check_subject(self) -> None:
		doc = frappe.get_doc(self.reference_doctype, self.reference_name)
		self.unit = doc.unit
		user = frappe.session.user
		about = doc.get("officer") == user or (
			"Unit Leader" in frappe.get_roles(user) and permissions.may_see_unit(doc.unit, user)
		)
		if not about:
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
