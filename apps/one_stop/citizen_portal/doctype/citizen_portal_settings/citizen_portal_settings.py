from frappe.model.document import Document

from one_stop.citizen_portal import consent


class CitizenPortalSettings(Document):
	"""What administrators decide about the portal."""

	def validate(self) -> None:
		consent.check_version(self)

	def on_update(self) -> None:
		consent.keep_version(self)
