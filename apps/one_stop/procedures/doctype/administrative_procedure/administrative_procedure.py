import re
from datetime import date

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import escape_html, formatdate, getdate

from one_stop.organization import units
from one_stop.procedures.catalogue import search_text
from one_stop.procedures.exceptions import InvalidProcedureCode, OfferRefused, SubjectMissing

# The national database's 1.001193; a province's own procedures carry its agency after it.
CODE = re.compile(r"\d\.\d{6}(\.[0-9A-Z]{2,3})*")
LOCAL_CODE = re.compile(r"\d\.\d{6}(\.\d{3}\.\d{2}\.\d{2})?\.[A-Z]\d{2}(\.\d{2,3})*")
SUBJECTS = ("subject_citizen", "subject_business", "subject_state", "subject_other")


class AdministrativeProcedure(Document):
	"""Thủ tục hành chính: what is asked for, under which code, by whom, and where it is received."""

	def validate(self) -> None:
		self.check_codes()
		self.check_subjects()
		self.check_offers()
		self.keep_day_of_repeal()
		self.search_text = search_text(self)

	def check_codes(self) -> None:
		self.procedure_code = (self.procedure_code or "").strip()
		self.local_code = (self.local_code or "").strip()
		if not CODE.fullmatch(self.procedure_code):
			frappe.throw(
				_("Procedure Code: {0} does not have the form 1.001193 (TT 01/2018/TT-VPCP).").format(
					escape_html(self.procedure_code) or "—"
				),
				InvalidProcedureCode,
			)
		if not self.local_code:
			return
		if not LOCAL_CODE.fullmatch(self.local_code):
			frappe.throw(
				_("Local Code: {0} does not have the form 1.001193.000.00.00.H47 or 1.001193.H47.").format(
					escape_html(self.local_code)
				),
				InvalidProcedureCode,
			)
		holder = frappe.db.get_value(
			"Administrative Procedure", {"local_code": self.local_code, "name": ["!=", self.name]}
		)
		if holder:
			frappe.throw(
				_("Local Code: {0} is that of procedure {1} already.").format(self.local_code, holder),
				InvalidProcedureCode,
			)

	def check_subjects(self) -> None:
		if not any(self.get(fieldname) for fieldname in SUBJECTS):
			frappe.throw(
				_("Say who may submit it: citizens, businesses, state bodies or others."), SubjectMissing
			)

	def keep_day_of_repeal(self) -> None:
		"""Reports of days before count it still: without a day given, it is repealed from today on."""
		if self.status != "Repealed":
			self.repealed_on = None
		elif not self.repealed_on:
			self.repealed_on = getdate()

	def check_offers(self) -> None:
		seen: list = []
		for row in self.offers:
			first = getdate(row.valid_from) if row.valid_from else date.min
			last = getdate(row.valid_to) if row.valid_to else date.max
			if last < first:
				frappe.throw(
					_("Offers, row {0}: Valid To, {1}, lies before Valid From, {2}.").format(
						row.idx, formatdate(last), formatdate(first)
					),
					OfferRefused,
				)
			for other, other_first, other_last in seen:
				if other.receiving_unit == row.receiving_unit and first <= other_last and other_first <= last:
					frappe.throw(
						_("Offers, rows {0} and {1}: {2} is entered twice for the same time.").format(
							other.idx, row.idx, units.unit_name(row.receiving_unit)
						),
						OfferRefused,
					)
			seen.append((row, first, last))
			unit = units.get(row.receiving_unit)
			# A unit that is closed by now may have received until then.
			if unit and not units.one_stop_centres(unit.name, max(first, unit.valid_from or first)):
				frappe.throw(
					_("Offers, row {0}, Receiving Unit: {1} has no one-stop centre.").format(
						row.idx, unit.unit_name
					),
					OfferRefused,
				)
