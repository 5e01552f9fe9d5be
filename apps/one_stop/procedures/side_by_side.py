"""Two versions of a procedure side by side, in the words of the form."""

from typing import Any

import frappe
from frappe import _
from frappe.utils import cint, formatdate

from one_stop.organization import units
from one_stop.procedures.comparison import Change, differences, row_title
from one_stop.procedures.exceptions import VersionsOfDifferentProcedures
from one_stop.procedures.procedure_file import version_as_file
from one_stop.procedures.process import predecessors


def compare(older: str, newer: str) -> dict[str, Any]:
	"""Two versions side by side, only what differs, in words.

	:returns: `{older: {version_no, decision_number}, newer, sections: [{label, changes: [{kind, label, before,
		after}]}]}`
	"""
	documents = [frappe.get_doc("Procedure Version", name) for name in (older, newer)]
	if documents[0].procedure != documents[1].procedure:
		frappe.throw(_("The two versions are of different procedures."), VersionsOfDifferentProcedures)
	files = [version_as_file(doc) for doc in documents]
	changes = differences(*files, leave_out=("version_no", "approved"))
	told = _Words(documents, files)
	sections: dict[str, list[dict[str, Any]]] = {}
	for change in changes:
		sections.setdefault(told.section(change), []).append(told.change(change))
	return {
		**{
			which: {"version_no": doc.version_no, "decision_number": doc.decision_number or ""}
			for which, doc in zip(("older", "newer"), documents, strict=True)
		},
		"sections": [{"label": label, "changes": changes} for label, changes in sections.items()],
	}


class _Words:
	"""Labels and values of two versions as people read them in the form."""

	def __init__(self, documents: list[Any], files: list[dict[str, Any]]) -> None:
		self.meta = documents[0].meta
		self.titles = [
			{step["step_key"]: step.get("title") for step in file.get("steps", [])} for file in files
		]

	def section(self, change: Change) -> str:
		return _(self.meta.get_label(change.table)) if change.table else _("General")

	def change(self, change: Change) -> dict[str, Any]:
		meta = frappe.get_meta(self.meta.get_field(change.table).options) if change.table else self.meta
		row = row_title(change.table, change.row, _) or (_("Ordinary case") if change.table else "")
		if change.kind != "changed":
			before, after = (
				self.row(meta, value, titles) if value else None
				for value, titles in zip((change.before, change.after), self.titles, strict=True)
			)
			return {"kind": change.kind, "label": row, "before": before, "after": after}
		label = _(meta.get_label(change.fieldname))
		before, after = (
			self.value(meta, change.fieldname, value, titles)
			for value, titles in zip((change.before, change.after), self.titles, strict=True)
		)
		return {
			"kind": "changed",
			"label": f"{row} – {label}" if row else label,
			"before": before,
			"after": after,
		}

	def row(self, meta: Any, values: dict[str, Any], titles: dict[str, str]) -> str:
		shown = {name: value for name, value in values.items() if name not in ("step_key", "code")}
		return "; ".join(
			f"{_(meta.get_label(name))}: {self.value(meta, name, value, titles)}"
			for name, value in shown.items()
		)

	def value(self, meta: Any, fieldname: str, value: Any, titles: dict[str, str]) -> str:
		field = meta.get_field(fieldname)
		if value is None:
			value = cint(field.default) if field.fieldtype == "Check" else field.default
		if field.fieldtype == "Check":
			return _("Yes") if cint(value) else _("No")
		if value in (None, ""):
			return ""
		if fieldname == "after":
			return "; ".join(titles.get(key) or key for key in predecessors(value))
		if field.fieldtype == "Date":
			return formatdate(value)
		if field.fieldtype in ("Float", "Currency"):
			return f"{value:g}".replace(".", ",") if abs(value) < 1000 else f"{value:,.0f}".replace(",", ".")
		if field.fieldtype == "Select" or field.options == "Duty":
			return _(value)
		return units.unit_name(value) if field.options == "Administrative Unit" else str(value)
