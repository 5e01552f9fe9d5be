import re

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import escape_html

from one_stop.procedures.catalogue import search_text
from one_stop.procedures.exceptions import InvalidFieldCode

CODE = re.compile(r"[A-Z]\d{2}-[A-Z]{2}\d{2,3}")


class ProcedureField(Document):
	"""Lĩnh vực: the field of administration that procedures belong to (TT 01/2018/TT-VPCP art. 20)."""

	def validate(self) -> None:
		self.field_code = (self.field_code or "").strip()
		if self.field_code and not CODE.fullmatch(self.field_code):
			frappe.throw(
				_("Field Code: {0} does not have the form G03-GD10.").format(escape_html(self.field_code)),
				InvalidFieldCode,
			)

	def after_rename(self, old: str, new: str, merge: bool = False) -> None:
		"""Procedures are found by the name of their field."""
		for name in frappe.get_all("Administrative Procedure", {"field": new}, pluck="name", limit=0):
			doc = frappe.get_doc("Administrative Procedure", name)
			doc.db_set("search_text", search_text(doc), update_modified=False)
