import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import cint, flt

from one_stop.quality.exceptions import TargetEnteredTwice, TargetOutOfRange, TargetScopeMissing


class ServiceTarget(Document):
	"""Chỉ tiêu: what a province, field, agency or locality is to reach in a year."""

	def validate(self) -> None:
		self.check_value()
		self.check_year()
		self.check_scope()
		self.check_entered_once()

	def check_value(self) -> None:
		if not 0 < flt(self.value) <= 100:
			frappe.throw(_("A target lies above 0 and at most at 100 %."), TargetOutOfRange)

	def check_year(self) -> None:
		if not 2000 <= cint(self.year) <= 2100:
			frappe.throw(_("The year of a target has four digits, as 2026."), TargetOutOfRange)

	def check_scope(self) -> None:
		needed = {"Field": "field", "Agency": "unit", "Locality": "unit"}.get(self.scope)
		if needed and not self.get(needed):
			label = _(self.meta.get_label(needed))
			frappe.throw(_("A target for {0} needs: {1}").format(_(self.scope), label), TargetScopeMissing)
		for other in {"field", "unit"} - {needed}:
			self.set(other, None)

	def check_entered_once(self) -> None:
		same = {key: self.get(key) or ("is", "not set") for key in ("unit", "field")}
		same.update({key: self.get(key) for key in ("year", "scope", "metric")})
		if frappe.db.exists("Service Target", {**same, "name": ("!=", self.name or "")}):
			frappe.throw(
				_("This target has been entered already for {0}.").format(self.year), TargetEnteredTwice
			)
