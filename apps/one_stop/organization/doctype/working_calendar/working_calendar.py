import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import cint, formatdate, getdate, now_datetime

from one_stop.organization import working_time
from one_stop.organization.calendar import (
	CalendarError,
	CalendarException,
	CalendarLayer,
	ExceptionKind,
	OverlappingWindows,
	Scope,
	Window,
	WindowEndsBeforeStart,
	check_layer,
	read_weekday,
)
from one_stop.organization.exceptions import (
	CalendarYearRefused,
	ExceptionEnteredTwice,
	ExceptionRefused,
	LastNationalCalendar,
	NoWorkingHours,
	SwapWorkNeedsADayOff,
	WindowEndsBeforeItStarts,
	WindowRefused,
	WindowsOverlap,
)
from one_stop.organization.recomputation import enqueue_recomputation

FIRST_YEAR, LAST_YEAR = 1990, 2100


class WorkingCalendar(Document):
	"""Lịch làm việc: hours of the week and the days that differ from it, for the country, a province or a unit."""

	def validate(self) -> None:
		self.check_rows()
		self.sign_years()
		self.count_revision()

	def check_rows(self) -> None:
		"""All checks and no change, for the preview of a calendar that is not saved."""
		self.check_windows()
		self.check_hours()
		self.check_years()
		self.check_exceptions()

	def check_windows(self) -> None:
		read: list[tuple] = []
		for row in self.windows:
			try:
				weekday = read_weekday(row.weekday)
				window = Window.parse(row.from_time, row.to_time, bool(cint(row.receives_only)))
			except WindowEndsBeforeStart as error:
				self.refuse("windows", row, "to_time", error, WindowEndsBeforeItStarts)
			except CalendarError as error:
				self.refuse("windows", row, error.field or "from_time", error, WindowRefused)
			valid_from = getdate(row.valid_from) if row.valid_from else None
			for other, other_weekday, other_window, other_from in read:
				if (weekday, valid_from) != (other_weekday, other_from):
					continue
				if window.start < other_window.end and other_window.start < window.end:
					error = OverlappingWindows(first=other_window, second=window, weekday=_(row.weekday))
					self.refuse("windows", row, "from_time", error, WindowsOverlap, other)
			read.append((row, weekday, window, valid_from))

	def check_hours(self) -> None:
		"""Without hours anywhere no period could ever be counted."""
		counting = any(not cint(row.receives_only) for row in self.windows)
		if self.scope == "National" and not counting:
			frappe.throw(_("Working Windows: a national calendar needs working hours."), NoWorkingHours)
		if self.windows and not counting:
			frappe.throw(
				_("Working Windows: all of them are for reception only; none counts."), NoWorkingHours
			)

	def check_years(self) -> None:
		seen: dict[int, int] = {}
		for row in self.years:
			year = cint(row.year)
			if not FIRST_YEAR <= year <= LAST_YEAR:
				frappe.throw(
					_("Years, row {0}, Year: {1} is not a year between {2} and {3}.").format(
						row.idx, row.year, FIRST_YEAR, LAST_YEAR
					),
					CalendarYearRefused,
				)
			if year in seen:
				frappe.throw(
					_("Years, rows {0} and {1}: {2} is entered twice.").format(seen[year], row.idx, year),
					CalendarYearRefused,
				)
			seen[year] = row.idx

	def check_exceptions(self) -> None:
		seen: dict = {}
		above = working_time.inherited_layers(self)
		week = working_time.layer_of(self).patterns
		scope = Scope.read(self.scope)
		for row in self.exceptions:
			day = getdate(row.exception_date)
			if not FIRST_YEAR <= day.year <= LAST_YEAR:
				frappe.throw(
					_("Exceptions, row {0}, Date: {1} is not between {2} and {3}.").format(
						row.idx, formatdate(day), FIRST_YEAR, LAST_YEAR
					),
					ExceptionRefused,
				)
			if day in seen:
				frappe.throw(
					_("Exceptions, rows {0} and {1}, Date: {2} is entered more than once.").format(
						seen[day], row.idx, formatdate(day)
					),
					ExceptionEnteredTwice,
				)
			seen[day] = row.idx
			try:
				exception = CalendarException(day, ExceptionKind.read(row.kind), scope=scope)
				check_layer(CalendarLayer(self.name or "", scope, week, [exception]), above)
			except CalendarError as error:
				self.refuse("exceptions", row, error.field, error, SwapWorkNeedsADayOff)

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
			changed = working_time.layer_of(before) != working_time.layer_of(self)
			self.revision = cint(before.revision) + int(changed)

	def on_update(self) -> None:
		working_time.forget_calendars()
		before = self.get_doc_before_save()
		national = "National" in (self.scope, before and before.scope)
		# A new calendar of a unit or a province has no users yet; a national one has all of them.
		if cint(before.revision) != cint(self.revision) if before else national:
			enqueue_recomputation(calendar=self.name, national=national)

	def on_trash(self) -> None:
		national = frappe.get_all("Working Calendar", {"scope": "National"}, pluck="name")
		if national == [self.name]:
			frappe.throw(
				_("{0} is the only national calendar: without it no due date could be counted.").format(
					self.name
				),
				LastNationalCalendar,
			)

	def after_delete(self) -> None:
		working_time.forget_calendars()
		if self.scope == "National":
			enqueue_recomputation(calendar=self.name, national=True)

	def refuse(
		self, table: str, row: Document, fieldname: str, error: CalendarError, rule: type, other=None
	) -> None:
		"""Throw what the pure calendar refused, naming the table, the row or rows, and the field."""
		field = row.meta.get_label(fieldname) if row.meta.has_field(fieldname) else ""
		rows = _("rows {0} and {1}").format(other.idx, row.idx) if other else _("row {0}").format(row.idx)
		values = {
			key: formatdate(value) if hasattr(value, "toordinal") else value
			for key, value in error.values.items()
		}
		place = ", ".join(part for part in (_(self.meta.get_label(table)), rows, _(field)) if part)
		frappe.throw(f"{place}: {_(error.template).format(**values)}", rule)
