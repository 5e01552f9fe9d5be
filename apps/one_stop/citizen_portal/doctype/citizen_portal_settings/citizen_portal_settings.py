from urllib.parse import urlsplit

import frappe
from frappe import _
from frappe.model.document import Document

from one_stop.citizen_portal import consent


class CitizenPortalSettings(Document):
	"""What administrators decide about the portal."""

	def validate(self) -> None:
		consent.check_version(self)
		self.check_addresses()

	def check_addresses(self) -> None:
		"""What is signed for the gateway travels encrypted; only a gateway on this machine needs no encryption."""
		for fieldname in ("gateway_address", "query_address"):
			address = urlsplit(self.get(fieldname) or "")
			if not (self.get(fieldname) and self.gateway == "VNPay"):
				continue
			secure = address.scheme == "https" or (
				address.scheme == "http" and address.hostname in ("localhost", "127.0.0.1")
			)
			if not (secure and address.hostname):
				frappe.throw(
					_("{0}: give an address that begins with https://.").format(
						_(self.meta.get_label(fieldname))
					)
				)

	def on_update(self) -> None:
		consent.keep_version(self)
