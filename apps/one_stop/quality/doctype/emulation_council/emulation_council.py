import frappe
from frappe import _
from frappe.model.document import Document

from one_stop.quality.exceptions import AwardRefused


class EmulationCouncil(Document):
	"""Hội đồng thi đua, khen thưởng."""

	def validate(self) -> None:
		self.check_members_once()

	def check_members_once(self) -> None:
		members = [row.member for row in self.members]
		if len(set(members)) != len(members):
			frappe.throw(_("A member of the council is there twice."), AwardRefused)
