import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import cint, escape_html, flt

from one_stop.citizen_portal import samples
from one_stop.organization.calendar import CalendarError
from one_stop.procedures import approval, eform, process, terms, versions
from one_stop.procedures.exceptions import VersionInUse, VersionRowRefused

COUNTS = {
	"components": ("originals", "copies"),
	"fees": ("amount",),
	"limits": ("value",),
	"steps": ("duration",),
}


class ProcedureVersion(Document):
	"""Phiên bản thủ tục: what a procedure asks, costs and takes, and its process; submitting is approving.

	Approved versions stay as they are (NĐ 61/2018, TT 01/2018 art. 8): dossiers refer to them for ever.
	"""

	def before_insert(self) -> None:
		self.version_no = cint(self.flags.version_no) or versions.next_number(self.procedure)
		self.effective_to = None

	def validate(self) -> None:
		self.check_counts()
		self.check_limits()
		self.check_cutoff()
		self.check_steps()
		self.check_eform()
		self.check_samples()

	def check_samples(self) -> None:
		for row in self.components:
			if row.sample_file and not samples.can_be_marked(row.sample_file):
				message = _("a sample is a PDF or a picture (JPG, PNG), so that it can be marked MẪU.")
				self.refuse("components", row, "sample_file", message)

	def check_counts(self) -> None:
		for table, fieldnames in COUNTS.items():
			for row in self.get(table):
				for fieldname in fieldnames:
					if flt(row.get(fieldname)) < 0:
						self.refuse(table, row, fieldname, _("{0} is below zero.").format(row.get(fieldname)))
		for fieldname in ("supplement_days", "applicant_days"):
			if cint(self.get(fieldname)) < 0:
				frappe.throw(
					_("{0}: {1} is below zero.").format(
						_(self.meta.get_label(fieldname)), self.get(fieldname)
					),
					VersionRowRefused,
				)

	def check_limits(self) -> None:
		seen: dict[tuple[str, str], int] = {}
		for row in self.limits:
			if row.kind != "Same Day" and not flt(row.value):
				self.refuse("limits", row, "value", _("a time limit needs a length."))
			try:
				terms.limit_of(row)
			except CalendarError as error:
				self.refuse("limits", row, "value", _(error.template).format(**error.values))
			key = (row.case_name or "", row.channel or "")
			if key in seen:
				message = _("row {0} is for the same case and channel.").format(seen[key])
				self.refuse("limits", row, "case_name", message)
			seen[key] = row.idx

	def check_cutoff(self) -> None:
		# No Time field: Frappe would fill it with the present time in every new version.
		try:
			moment = terms.time_of_day(self.cutoff)
		except CalendarError:
			frappe.throw(
				_("Cut-off Hour: {0} is no time of the day, such as 15:00.").format(escape_html(self.cutoff)),
				VersionRowRefused,
			)
		self.cutoff = f"{moment:%H:%M}" if moment else ""

	def check_steps(self) -> None:
		seen: dict[str, int] = {}
		for row in self.steps:
			row.step_key = (row.step_key or "").strip()
			if "," in row.step_key:
				self.refuse("steps", row, "step_key", _("a key has no comma."))
			if row.step_key in seen:
				self.refuse(
					"steps", row, "step_key", _("row {0} has the same key.").format(seen[row.step_key])
				)
			seen[row.step_key] = row.idx
			row.after = ", ".join(process.predecessors(row.after))
			if row.unit_rule != "Named Unit":
				row.unit = None
			if row.kind != "Linked":
				row.linked_procedure = row.carried_over = None
			try:
				process.step_of(row)
			except CalendarError as error:
				self.refuse("steps", row, "duration", _(error.template).format(**error.values))

	def check_eform(self) -> None:
		seen: dict[str, int] = {}
		for row in self.eform_fields:
			row.fieldname = (row.fieldname or "").strip()
			if not eform.NAME.fullmatch(row.fieldname) or row.fieldname in process.FACTS:
				message = _("{0} cannot be the name of a field: use small letters, digits and “_”.")
				self.refuse("eform_fields", row, "fieldname", message.format(row.fieldname or "—"))
			if row.fieldname in seen:
				message = _("row {0} has the same name.").format(seen[row.fieldname])
				self.refuse("eform_fields", row, "fieldname", message)
			seen[row.fieldname] = row.idx

	def before_submit(self) -> None:
		approval.check_decision(self)
		approval.check_order(self)
		approval.check_findings(self)
		approval.set_publication(self)

	def on_submit(self) -> None:
		versions.align_periods(self.procedure)

	def before_cancel(self) -> None:
		dossiers = frappe.db.count("Dossier", {"procedure_version": self.name})
		if dossiers:
			frappe.throw(
				_(
					"{0} dossiers follow this version: it cannot be cancelled. Approve a new version instead."
				).format(dossiers),
				VersionInUse,
			)

	def on_cancel(self) -> None:
		versions.align_periods(self.procedure)

	def refuse(self, table: str, row: Document, fieldname: str, message: str) -> None:
		place = (
			_(self.meta.get_label(table)),
			_("row {0}").format(row.idx),
			_(row.meta.get_label(fieldname)),
		)
		# Values may come from a file: what the desk shows as HTML must not be theirs.
		frappe.throw(escape_html(f"{', '.join(place)}: {message}"), VersionRowRefused)
