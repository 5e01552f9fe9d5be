import frappe
from frappe import _
from frappe.model.document import Document

from one_stop.citizen_portal import consent
from one_stop.citizen_portal.rendering import host_of, travels_encrypted


class CitizenPortalSettings(Document):
	"""What administrators decide about the portal."""

	def validate(self) -> None:
		consent.check_version(self)
		self.check_addresses()

	def check_addresses(self) -> None:
		"""What is signed for the gateway travels encrypted; only a gateway on this machine needs no encryption."""
		for fieldname in ("gateway_address", "query_address"):
			address = self.get(fieldname)
			if address and self.gateway == "VNPay" and not (travels_encrypted(address) and host_of(address)):
				frappe.throw(
					_("{0}: give an address that begins with https://.").format(
						_(self.meta.get_label(fieldname))
					)
				)

	def on_update(self) -> None:
		consent.keep_version(self)
