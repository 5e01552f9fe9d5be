"""Documents that Frappe's own doors, forms and interfaces, do not write, whoever asks."""

from frappe.model.document import Document


class ClosedDocument(Document):
	"""Refuses every insert, change, removal and new name; what may write it goes past these checks."""

	def validate(self) -> None:
		self.refuse()

	def on_trash(self) -> None:
		self.refuse()

	def before_rename(self, *arguments, **options) -> None:
		self.refuse()

	def refuse(self) -> None:
		"""Throw, in words that say by what the document is written."""
		raise NotImplementedError
