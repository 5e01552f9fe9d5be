import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import cint, formatdate, getdate

from one_stop.organization import second_factor, working_time
from one_stop.organization.calendar import CalendarError, RuleSetting, check_rule
from one_stop.organization.exceptions import ReportCutoffRefused, RuleRefused


class OneStopSettings(Document):
	"""Thiết lập một cửa: the province, and the dated rules by which time is counted."""

	def validate(self) -> None:
		self.check_rules()
		self.check_report_cutoff()

	def check_report_cutoff(self) -> None:
		# Nothing stated is the 15th of the circular.
		if self.report_cutoff_day and not 1 <= cint(self.report_cutoff_day) <= 28:
			frappe.throw(_("Cut-Off Day of Reports: a day from 1 to 28."), ReportCutoffRefused)

	def check_rules(self) -> None:
		seen: dict[tuple, int] = {}
		for row in self.rules:
			try:
				check_rule(
					RuleSetting(row.rule, row.value or "", getdate(row.effective_from), row.article or "")
				)
			except CalendarError as error:
				frappe.throw(
					_("Dated Rules, row {0}, Value: {1}").format(
						row.idx, _(error.template).format(**error.values)
					),
					RuleRefused,
				)
			key = (row.rule, getdate(row.effective_from))
			if key in seen:
				frappe.throw(
					_("Dated Rules, rows {0} and {1}: the rule {2} has two values from {3}.").format(
						seen[key], row.idx, row.rule, formatdate(row.effective_from)
					),
					RuleRefused,
				)
			seen[key] = row.idx

	def on_update(self) -> None:
		if self.has_value_changed("staff_second_factor"):
			second_factor.switch(bool(self.staff_second_factor))
		working_time.forget_rules()
