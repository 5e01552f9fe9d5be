"""The rules of units, members, calendars and dated rules that a document can break; one class a rule."""

import frappe


class UnitRuleError(frappe.ValidationError):
	"""An Administrative Unit breaks a rule."""


class InvalidUnitCode(UnitRuleError):
	pass


class CircularUnits(UnitRuleError):
	pass


class SuccessorLoop(UnitRuleError):
	pass


class ParentIsNoGroup(UnitRuleError):
	pass


class NotAOneStopCentre(UnitRuleError):
	pass


class ReportCutoffRefused(frappe.ValidationError):
	"""The cut-off day of reports is none that every month has."""


class InvalidPeriod(frappe.ValidationError):
	"""A period ends before it begins."""


class MembershipRuleError(frappe.ValidationError):
	"""A Unit Member breaks a rule."""


class DelegateRequired(MembershipRuleError):
	pass


class DelegateIsTheMember(MembershipRuleError):
	pass


class DelegationOutsideMembership(MembershipRuleError):
	pass


class DuplicateMembership(MembershipRuleError):
	pass


class UnitIsClosed(MembershipRuleError):
	pass


class RoleNotForDuties(MembershipRuleError):
	pass


class SystemUserIsNoMember(MembershipRuleError):
	pass


class CalendarRuleError(frappe.ValidationError):
	"""A Working Calendar breaks a rule."""


class WindowRefused(CalendarRuleError):
	pass


class WindowEndsBeforeItStarts(WindowRefused):
	pass


class WindowsOverlap(WindowRefused):
	pass


class NoWorkingHours(WindowRefused):
	pass


class ExceptionRefused(CalendarRuleError):
	pass


class ExceptionEnteredTwice(ExceptionRefused):
	pass


class SwapWorkNeedsADayOff(ExceptionRefused):
	pass


class CalendarYearRefused(CalendarRuleError):
	pass


class CalendarsContradict(CalendarRuleError):
	"""A day that one calendar has worked in exchange is a working day by another that it inherits."""


class LastNationalCalendar(CalendarRuleError):
	pass


class RuleRefused(frappe.ValidationError):
	"""A dated rule of the settings has no such name, no such value, or is there twice."""


class MailMissing(frappe.ValidationError):
	"""Something that reaches people by e-mail was turned on while the site can send none."""
