import frappe
from frappe import _
from frappe.model.document import Document


class ConsentTextFixed(frappe.ValidationError):
	"""What people have agreed to is neither changed nor thrown away."""


class ConsentText(Document):
	"""A version of the text on personal data, kept as it was shown: people have agreed to it."""

	def validate(self) -> None:
		if not self.is_new():
			self._refuse()

	def on_trash(self) -> None:
		self._refuse()

	def _refuse(self) -> None:
		frappe.throw(
			_(
				"People may have agreed to this text: write a new version in the settings of the portal instead."
			),
			ConsentTextFixed,
		)
