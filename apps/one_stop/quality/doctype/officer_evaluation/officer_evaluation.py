from one_stop.quality import led_units
from one_stop.quality.evaluation_rules import Evaluation


class OfficerEvaluation(Evaluation):
	"""Đánh giá cán bộ, công chức: assessed by the officer, verified by who leads their unit, never by themselves."""

	def onload(self) -> None:
		super().onload()
		self.set_onload("led_units", led_units.results(self))

	def may_assess(self, user: str) -> bool:
		return user == self.officer or self.may_verify(user)

	def may_verify(self, user: str) -> bool:
		"""A superior; where nobody is above, as above the province's head, the office that controls procedures."""
		if user == "Administrator":
			return True
		above = led_units.superiors(self.officer, self.unit)
		return user in above if above else self.may_publish(user)

	def is_own(self, user: str) -> bool:
		return user == self.officer
