import frappe
from frappe.model.document import Document

from one_stop.quality import evaluations


class EvaluationRun(Document):
	"""Đợt đánh giá: computes every unit and officer of a period, in a job."""

	def validate(self) -> None:
		self.number = 1 if self.period == "Year" else (self.number or 1)
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
