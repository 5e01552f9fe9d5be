import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import formatdate, getdate

from one_stop.organization import units
from one_stop.organization.exceptions import (
	DelegateIsTheMember,
	DelegateRequired,
	DelegationOutsideMembership,
	DuplicateMembership,
	InvalidPeriod,
	SystemUserIsNoMember,
	UnitIsClosed,
)
from one_stop.organization.memberships import SYSTEM_USERS, follow_duties


class UnitMember(Document):
	"""Thành viên đơn vị: who holds which duty in which unit, from when to when, and who stands in."""

	def validate(self) -> None:
		self.check_user()
		self.check_period()
		self.check_delegation()
		self.check_unit()
		self.check_duplicate()

	def check_user(self) -> None:
		if {self.user, self.delegate} & set(SYSTEM_USERS):
			frappe.throw(
				_("User: Administrator and Guest belong to the system and hold no duty."),
				SystemUserIsNoMember,
			)
		self.full_name = frappe.db.get_value("User", self.user, "full_name")

	def check_period(self) -> None:
		for first, last in (("from_date", "to_date"), ("delegate_from", "delegate_to")):
			begin, end = self.get(first), self.get(last)
			if begin and end and getdate(end) < getdate(begin):
				frappe.throw(
					_("{0}: {1} lies before {2}, {3}.").format(
						_(self.meta.get_label(last)),
						formatdate(end),
						_(self.meta.get_label(first)),
						formatdate(begin),
					),
					InvalidPeriod,
				)

	def check_delegation(self) -> None:
		if not self.delegate:
			if self.delegate_from or self.delegate_to:
				frappe.throw(_("Delegate: name the person who stands in."), DelegateRequired)
			return
		if self.delegate == self.user:
			frappe.throw(_("Delegate: nobody can stand in for themselves."), DelegateIsTheMember)
		if not self.delegate_from or not self.delegate_to:
			frappe.throw(
				_("Delegate: say from when to when {0} stands in.").format(self.delegate), DelegateRequired
			)
		outside = getdate(self.delegate_from) < getdate(self.from_date) or (
			self.to_date and getdate(self.delegate_to) > getdate(self.to_date)
		)
		if outside:
			frappe.throw(
				_("Delegate: the delegation must lie within the membership ({0} – {1}).").format(
					formatdate(self.from_date), formatdate(self.to_date) if self.to_date else "…"
				),
				DelegationOutsideMembership,
			)

	def check_unit(self) -> None:
		closed = frappe.db.get_value("Administrative Unit", self.unit, "valid_to")
		if closed and (not self.to_date or getdate(self.to_date) > closed):
			frappe.throw(
				_("To Date: {0} is closed from {1}; a membership in it cannot last longer.").format(
					self.unit, formatdate(closed)
				),
				UnitIsClosed,
			)

	def check_duplicate(self) -> None:
		others = frappe.get_all(
			"Unit Member",
			filters={
				"user": self.user,
				"unit": self.unit,
				"duty": self.duty,
				"name": ["!=", self.name or ""],
			},
			fields=["name", "from_date", "to_date"],
		)
		for other in others:
			begins_before_end = not self.to_date or other.from_date <= getdate(self.to_date)
			ends_after_begin = not other.to_date or other.to_date >= getdate(self.from_date)
			if begins_before_end and ends_after_begin:
				frappe.throw(
					_("{0} holds the duty {1} in {2} already in this time ({3}).").format(
						self.full_name or self.user, _(self.duty), self.unit, other.name
					),
					DuplicateMembership,
				)

	def on_update(self) -> None:
		self.follow_roles(self, self.get_doc_before_save())

	def after_delete(self) -> None:
		self.follow_roles(self)

	def follow_roles(self, *rows: "UnitMember | None") -> None:
		units.MEMBERS.forget()
		people = {user for row in rows if row for user in (row.user, row.delegate) if user}
		roles = {frappe.get_cached_value("Duty", row.duty, "role") for row in rows if row}
		for user in sorted(people):
			follow_duties(user, sorted(roles))
