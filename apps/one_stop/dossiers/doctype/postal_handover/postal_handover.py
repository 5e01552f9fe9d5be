import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import add_days, get_datetime

from one_stop.dossiers import authority
from one_stop.dossiers.command import now
from one_stop.dossiers.exceptions import HandoverMissing, MomentRefused, NotYourDuty

OLDEST = 30  # days


class PostalHandover(Document):
	"""Biên bản giao nhận hồ sơ qua bưu chính: its signing is the legal receipt (QĐ 45/2016/QĐ-TTg art. 7.4)."""

	def validate(self) -> None:
		self.check_clerk()
		self.check_moment()
		self.check_items()

	def check_clerk(self) -> None:
		who = authority.person(frappe.session.user, now().date())
		if frappe.session.user != "Administrator" and not who.holds(authority.RECEPTION, self.unit):
			frappe.throw(
				_("Receiving Unit: only a clerk of this counter takes a hand-over there."), NotYourDuty
			)
		self.receiver = frappe.session.user

	def check_moment(self) -> None:
		if get_datetime(self.signed_at).replace(microsecond=0) > now():
			frappe.throw(_("Signed At: {0} lies in the future.").format(self.signed_at), MomentRefused)
		if get_datetime(self.signed_at) < add_days(now(), -OLDEST):
			frappe.throw(
				_("Signed At: minutes are entered within {0} days of their signing.").format(OLDEST),
				MomentRefused,
			)

	def check_items(self) -> None:
		seen = set()
		for row in self.items:
			facts = frappe.db.get_value(
				"Dossier", row.dossier, ["channel", "status", "receiving_unit"], as_dict=True
			)
			fits = facts.channel == "Post" and facts.status == "Draft" and facts.receiving_unit == self.unit
			signed = frappe.db.exists(
				"Postal Handover Item",
				{"dossier": row.dossier, "docstatus": 1, "complete": 1, "parent": ["!=", self.name or ""]},
			)
			if row.dossier in seen or signed or not fits:
				frappe.throw(
					_("Row {0}: name a draft of this counter that came by post, once.").format(row.idx),
					HandoverMissing,
				)
			seen.add(row.dossier)

	def before_cancel(self) -> None:
		frappe.throw(_("Signed minutes are not cancelled."), HandoverMissing)
