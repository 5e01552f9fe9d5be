import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import cint, now_datetime

from one_stop.organization import calendar_rows, working_time
from one_stop.organization.calendar import CalendarError, Scope
from one_stop.organization.exceptions import CalendarsContradict, LastNationalCalendar, NoWorkingHours
from one_stop.organization.recomputation import enqueue_recomputation


class WorkingCalendar(Document):
	"""Lịch làm việc: hours of the week and the days that differ from it, for the country, a province or a unit."""

	def validate(self) -> None:
		self.check_rows()
		self.sign_years()
		self.count_revision()

	def check_rows(self) -> None:
		"""All checks and no change, for the preview of a calendar that is not saved."""
		calendar_rows.check_windows(self)
		self.check_hours()
		calendar_rows.check_years(self)
		calendar_rows.check_exceptions(self, working_time.inherited_layers(self))
		self.check_last_national()
		self.check_calendars_below()

	def check_hours(self) -> None:
		"""Without hours anywhere no period could ever be counted."""
		counting = any(not cint(row.receives_only) for row in self.windows)
		if self.scope == "National" and not counting:
			frappe.throw(_("Working Windows: a national calendar needs working hours."), NoWorkingHours)
		if self.windows and not counting:
			frappe.throw(
				_("Working Windows: all of them are for reception only; none counts."), NoWorkingHours
			)

	def check_last_national(self) -> None:
		if self.scope != "National":
			self.refuse_last_national()

	def refuse_last_national(self) -> None:
		if frappe.get_all("Working Calendar", {"scope": "National"}, pluck="name") == [self.name]:
			frappe.throw(
				_("{0} is the only national calendar: without it no due date could be counted.").format(
					self.name
				),
				LastNationalCalendar,
			)

	def check_calendars_below(self) -> None:
		"""Hours changed here may turn a day that a calendar below has worked in exchange into a working day."""
		following = [*working_time.units_following(self.name, Scope.read(self.scope)), None]
		try:
			working_time.check_chains(following, working_time.CALENDARS.get().with_document(self))
		except CalendarError as error:
			frappe.throw(
				_("A calendar that inherits from this one does not fit it any more: {0}").format(
					calendar_rows.told(error)
				),
				CalendarsContradict,
			)

	def sign_years(self) -> None:
		"""Who confirmed a year and when is written by the system, not by hand."""
		before = self.get_doc_before_save()
		known = {cint(row.year): row for row in before.years if cint(row.confirmed)} if before else {}
		for row in self.years:
			old = known.get(cint(row.year))
			if not cint(row.confirmed):
				row.confirmed_by = row.confirmed_on = None
			elif old:
				row.confirmed_by, row.confirmed_on = old.confirmed_by, old.confirmed_on
			else:
				row.confirmed_by, row.confirmed_on = frappe.session.user, now_datetime()

	def count_revision(self) -> None:
		before = self.get_doc_before_save()
		if before is None:
			self.revision = 1
		else:
			changed = calendar_rows.layer_of(before) != calendar_rows.layer_of(self)
			self.revision = cint(before.revision) + int(changed)

	def on_update(self) -> None:
		working_time.forget_calendars()
		before = self.get_doc_before_save()
		national = "National" in (self.scope, before and before.scope)
		# A new calendar of a unit or a province has no users yet; a national one has all of them.
		if cint(before.revision) != cint(self.revision) if before else national:
			enqueue_recomputation(calendar=self.name, national=national)

	def on_trash(self) -> None:
		self.refuse_last_national()

	def after_delete(self) -> None:
		working_time.forget_calendars()
		if self.scope == "National":
			enqueue_recomputation(calendar=self.name, national=True)
