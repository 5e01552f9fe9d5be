from one_stop.quality.evaluation_rules import Evaluation
from one_stop.quality.led_units import answers_for, leads


class UnitEvaluation(Evaluation):
	"""Đánh giá cơ quan, đơn vị: assessed by its head, verified and published by the office controlling procedures."""

	def may_assess(self, user: str) -> bool:
		return leads(self.unit, user)

	def may_verify(self, user: str) -> bool:
		return self.may_publish(user)

	def is_own(self, user: str) -> bool:
		return answers_for(user, self.unit, self.first_day, self.last_day)
