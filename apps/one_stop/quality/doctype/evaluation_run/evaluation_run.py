import frappe
from frappe import _
from frappe.model.document import Document

from one_stop.quality import evaluations


class EvaluationRun(Document):
	"""Đợt đánh giá: computes every unit and officer of a period, in a job."""

	def validate(self) -> None:
		if self.period == "Year":
			self.number = 1
		if not self.number:
			frappe.throw(_("Number: say which month or quarter of the year."), frappe.MandatoryError)
		evaluations.period_of(self.period, self.year, self.number)

	def after_insert(self) -> None:
		self.queue()

	def queue(self) -> None:
		frappe.enqueue(
			"one_stop.quality.evaluations.run",
			queue="long",
			timeout=4 * 60 * 60,
			job_id=f"evaluation-run-{self.name}",
			deduplicate=True,
			enqueue_after_commit=True,
			name=self.name,
		)
