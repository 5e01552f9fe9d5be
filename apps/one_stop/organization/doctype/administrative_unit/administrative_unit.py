import re

import frappe
from frappe import _
from frappe.utils import formatdate, getdate
from frappe.utils.nestedset import NestedSet

from one_stop.organization import units, working_time
from one_stop.organization.calendar import CalendarError
from one_stop.organization.calendar_rows import told
from one_stop.organization.exceptions import (
	CalendarsContradict,
	CircularUnits,
	InvalidPeriod,
	InvalidUnitCode,
	NotAOneStopCentre,
	ParentIsNoGroup,
	SuccessorLoop,
)
from one_stop.organization.recomputation import enqueue_recomputation

# QĐ 20/2020/QĐ-TTg: H17, H17.16, H17.16.05 …; QCVN 102:2016/BTTTT: 000.05.16.H17.
NEW_CODE = re.compile(r"[A-Z]\d{2}(\.\d{2,3}){0,4}")
OLD_CODE = re.compile(r"\d{3}\.\d{2}\.\d{2}\.[A-Z]\d{2}")


class AdministrativeUnit(NestedSet):
	"""Cơ quan, đơn vị: an authority, a part of one, or its one-stop centre."""

	nsm_parent_field = "parent_administrative_unit"

	def validate(self) -> None:
		self.check_codes()
		self.check_parent()
		self.check_successor()
		self.check_validity()
		self.check_one_stop()

	def check_codes(self) -> None:
		self.unit_code = (self.unit_code or "").strip()
		self.legacy_code = (self.legacy_code or "").strip()
		if not NEW_CODE.fullmatch(self.unit_code) and not OLD_CODE.fullmatch(self.unit_code):
			frappe.throw(
				_("Unit Code: {0} has neither the form H17.16.05 nor the form 000.05.16.H17.").format(
					self.unit_code or "—"
				),
				InvalidUnitCode,
			)
		if self.legacy_code and not OLD_CODE.fullmatch(self.legacy_code):
			frappe.throw(
				_("Code by QCVN 102:2016: {0} does not have the form 000.05.16.H17.").format(
					self.legacy_code
				),
				InvalidUnitCode,
			)
		if not self.legacy_code:
			self.legacy_code = old_form(self.unit_code)

	def check_parent(self) -> None:
		parent = self.parent_administrative_unit
		path = [self.name]
		while parent:
			if parent in path:
				frappe.throw(
					_("Parent Unit: {0} would lie below itself ({1}).").format(
						parent, " → ".join([*path, parent])
					),
					CircularUnits,
				)
			path.append(parent)
			parent = frappe.db.get_value("Administrative Unit", parent, "parent_administrative_unit")
		parent = self.parent_administrative_unit
		if parent and not frappe.db.get_value("Administrative Unit", parent, "is_group"):
			frappe.throw(
				_("Parent Unit: {0} is not marked as having units below it.").format(parent), ParentIsNoGroup
			)

	def check_successor(self) -> None:
		path = [self.name]
		successor = self.successor
		while successor:
			if successor in path:
				frappe.throw(
					_("Successor: {0} would succeed itself ({1}).").format(
						successor, " → ".join([*path, successor])
					),
					SuccessorLoop,
				)
			path.append(successor)
			successor = frappe.db.get_value("Administrative Unit", successor, "successor")

	def check_validity(self) -> None:
		if self.valid_from and self.valid_to and getdate(self.valid_to) < getdate(self.valid_from):
			frappe.throw(
				_("Valid To: {0} lies before Valid From, {1}.").format(
					formatdate(self.valid_to), formatdate(self.valid_from)
				),
				InvalidPeriod,
			)

	def check_one_stop(self) -> None:
		if self.one_stop and not frappe.db.get_value("Administrative Unit", self.one_stop, "is_one_stop"):
			frappe.throw(
				_("One-Stop Centre: {0} is not a one-stop centre.").format(self.one_stop), NotAOneStopCentre
			)

	def on_update(self) -> None:
		super().on_update()
		units.TREE.forget()
		if self.changes_calendar():
			self.check_calendars()
			enqueue_recomputation(unit=self.name)

	def changes_calendar(self) -> bool:
		before = self.get_doc_before_save()
		fieldnames = ("working_calendar", self.nsm_parent_field)
		return bool(before) and any(before.get(name) != self.get(name) for name in fieldnames)

	def check_calendars(self) -> None:
		"""Calendars that are sound by themselves may contradict one another in this place of the tree."""
		try:
			working_time.check_chains(units.descendants(self.name))
		except CalendarError as error:
			frappe.throw(_("Working Calendar: {0}").format(told(error)), CalendarsContradict)

	def after_delete(self) -> None:
		units.TREE.forget()


def old_form(unit_code: str) -> str:
	"""The code in the form of QCVN 102:2016: `H17.40.01.02` is `002.01.40.H17`; empty where it has none."""
	if OLD_CODE.fullmatch(unit_code):
		return unit_code
	root, *levels = unit_code.split(".")
	if len(levels) > 3 or any(len(level) > 2 for level in levels[:2]):
		return ""
	second, third, fourth = (*levels, "00", "00", "00")[:3]
	return f"{fourth:0>3}.{third}.{second}.{root}"
