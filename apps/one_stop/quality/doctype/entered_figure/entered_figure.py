import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import flt, formatdate

from one_stop.quality import entered_figures, evaluations
from one_stop.quality.exceptions import FigureEnteredTwice, FigureOutOfRange, FigureWithoutEvidence


class EnteredFigure(Document):
	"""Số liệu nhập: a figure of an indicator that this system does not hold, entered with its evidence.

	Submitting it makes it count; a wrong one is cancelled and amended, so that both stay to be seen.
	"""

	def validate(self) -> None:
		self.set_days()
		self.check_share()
		self.check_evidence()
		self.check_twice()

	def set_days(self) -> None:
		self.number = 1 if self.period == "Year" else (self.number or 1)
		period = evaluations.period_of(self.period, self.year, self.number)
		self.first_day, self.last_day = period.first, period.last

	def check_share(self) -> None:
		if not self.whole or not 0 <= self.part <= self.whole:
			frappe.throw(
				_("Counted: {0} must be a part of all, which are {1} and more than none.").format(
					self.part, self.whole
				),
				FigureOutOfRange,
			)
		self.share = flt(100 * self.part / self.whole, 2)

	def check_evidence(self) -> None:
		if not (self.evidence_link or self.evidence):
			frappe.throw(
				_("Evidence: give a link or attach a file that shows the figure."), FigureWithoutEvidence
			)

	def check_twice(self) -> None:
		other = entered_figures.overlapping(self)
		if other:
			frappe.throw(
				_("{0} was entered for {1} to {2} already. Cancel and amend it to correct it.").format(
					_(self.measure), formatdate(other.first_day), formatdate(other.last_day)
				),
				FigureEnteredTwice,
			)
