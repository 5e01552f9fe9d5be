import frappe
from frappe import _
from frappe.model.document import Document

from one_stop.organization.exceptions import RoleNotForDuties
from one_stop.organization.memberships import ROLES


class Duty(Document):
	"""Nhiệm vụ: a kind of work in a unit; holding it gives its role."""

	def validate(self) -> None:
		self.check_role()

	def check_role(self) -> None:
		"""A duty that gave System Manager would make every One-Stop Administrator one."""
		if self.role not in ROLES:
			frappe.throw(
				_("Role: a duty can give one of these roles: {0}.").format(
					", ".join(_(role) for role in ROLES)
				),
				RoleNotForDuties,
			)
