"""What a report or a recipient of reports can be asked wrongly; one class a rule."""

import frappe


class ReportRefused(frappe.ValidationError):
	"""A report was asked for a period, a measure or a grouping it does not have."""


class ScopedReportNotMailed(frappe.ValidationError):
	"""Frappe's Auto Email Report runs script reports as the scheduler, beyond its recipient's units."""


class ReportOfSomebodyElse(frappe.ValidationError):
	"""A manager schedules reports under their own rights only, and to people of the system only."""


class NoSuchCell(ReportRefused):
	pass
