from one_stop.quality import led_units
from one_stop.quality.evaluation_rules import Evaluation, leads


class OfficerEvaluation(Evaluation):
	"""Đánh giá cán bộ, công chức: assessed by the officer, verified by the head of their unit, never by themselves."""

	def onload(self) -> None:
		super().onload()
		self.set_onload("led_units", led_units.results(self))

	def may_assess(self, user: str) -> bool:
		return user == self.officer or leads(self.unit, user)

	def may_verify(self, user: str) -> bool:
		return user != self.officer and leads(self.unit, user)
