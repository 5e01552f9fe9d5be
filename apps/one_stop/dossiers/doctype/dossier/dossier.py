import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import cint, cstr

from one_stop.dossiers.command import grant_access
from one_stop.dossiers.exceptions import FactsLocked, FileRefused, OnlyByCommand
from one_stop.dossiers.masking import masked, masked_answer
from one_stop.dossiers.scans import may_attach
from one_stop.procedures.terms import question_types

# What the events of the ledger say, and what only the system fills in: nobody types these.
COMPUTED = (
	"code",
	"status",
	"national_status",
	"procedure_version",
	"receiver",
	"received_at",
	"due_at",
	"original_due_at",
	"submitted_at",
	"acknowledgement_due",
	"applicant_due",
	"finished_at",
	"returned_at",
	"ended_at",
	"outcome",
	"outcome_by_date",
	"extension_count",
	"supplement_count",
	"flags_text",
	"current_step",
	"current_unit",
	"current_officer",
	"clock_state",
	"calendar_revision",
	"event_count",
	"last_hash",
	"access_code",
	"register_number",
	"applicant_user",
	"consent_version",
	"consent_at",
	"parent_dossier",
	"root_dossier",
	"parent_step",
	"is_sample",
)
START = {
	"status": "Draft",
	"national_status": 1,
	"event_count": 0,
	"extension_count": 0,
	"supplement_count": 0,
}
# What the counter writes about a dossier that an applicant handed in.
OF_THE_COUNTER = frozenset(
	{
		*COMPUTED,
		"components",
		"fees",
		"deciding_unit",
		"receiving_unit",
		"helped_at",
		"procedure_name",
		"field",
		"id_number_masked",
		"phone_masked",
		"number_of_sets",
	}
)
LONGEST = {"applicant_address": 500, "summary": 1000, "postal_address": 500}
MOST_ROWS = {"components": 100, "answers": 300, "fees": 50}


class Dossier(Document):
	"""Hồ sơ: the draft is written in the form; everything after that by the commands of `lifecycle`."""

	def validate(self) -> None:
		self.check_draft()
		self.check_computed()
		self.check_handed_in()
		self.check_files()
		self.check_lengths()
		self.fill_procedure()
		self.fill_units()
		self.fill_masks()
		self.check_fees()

	def check_draft(self) -> None:
		before = self.get_doc_before_save()
		if before and before.status != "Draft":
			frappe.throw(
				_("A dossier that was handed in changes by its actions only: use the buttons of the form."),
				FactsLocked,
			)

	def check_computed(self) -> None:
		"""What a form, a REST call or an import says about computed fields does not count."""
		before = self.get_doc_before_save()
		for fieldname in COMPUTED:
			kept = before.get(fieldname) if before else START.get(fieldname)
			if fieldname == "status" and (self.status or "Draft") != (kept or "Draft"):
				frappe.throw(
					_("Status: it changes by the actions of the form only, never by typing it in."),
					OnlyByCommand,
				)
			self.set(fieldname, kept)

	def check_handed_in(self) -> None:
		"""What an applicant handed in stays as they wrote it; the counter notes the papers and what they cost."""
		before = self.get_doc_before_save()
		if before and cint(before.event_count):
			# It goes to another counter by handing it over, with a reason; what the form says does not count.
			self.receiving_unit, self.helped_at = before.receiving_unit, before.helped_at
		if not before or not before.submitted_at:
			return
		for df in self.meta.fields:
			if df.fieldname in OF_THE_COUNTER or df.fieldtype in (
				"Section Break",
				"Column Break",
				"Tab Break",
			):
				continue
			if df.fieldtype == "Table":
				same = [(row.fieldname, row.value) for row in self.answers] == [
					(row.fieldname, row.value) for row in before.answers
				]
			else:
				same = cstr(self.get(df.fieldname)) == cstr(before.get(df.fieldname))
			if not same:
				frappe.throw(
					_(
						"{0}: the applicant handed this in; ask for a supplement instead of changing it."
					).format(_(df.label or df.fieldname)),
					FactsLocked,
				)

	def check_files(self) -> None:
		"""A paper's scan is this dossier's own, was just uploaded by who saves, or is a result used again, which
		`scans` proves. Nobody reaches for somebody else's file by naming its address."""
		before = self.get_doc_before_save()
		known = {row.file for row in before.components} if before else set()
		for row in self.components:
			if not row.file or row.file in known or row.reused_from or self.flags.ignore_permissions:
				continue
			if not may_attach(row.file, self.name if before else None):
				frappe.throw(
					_("{0}: upload the scan with this dossier, privately.").format(row.component_name),
					FileRefused,
				)

	def check_lengths(self) -> None:
		for fieldname, most in LONGEST.items():
			if len(self.get(fieldname) or "") > most:
				frappe.throw(
					_("{0}: at most {1} characters.").format(_(self.meta.get_label(fieldname)), most)
				)
		for table, most in MOST_ROWS.items():
			if len(self.get(table) or []) > most:
				frappe.throw(_("{0}: at most {1} rows.").format(_(self.meta.get_label(table)), most))

	def fill_procedure(self) -> None:
		facts = frappe.get_cached_value(
			"Administrative Procedure", self.procedure, ["procedure_name", "field", "status"], as_dict=True
		)
		self.procedure_name, self.field = facts.procedure_name, facts.field
		if self.is_new() and facts.status != "In Force":
			frappe.throw(
				_("Procedure: {0} is not in force, so nothing is received for it.").format(self.procedure)
			)

	def fill_units(self) -> None:
		self.helped_at = self.helped_at or self.receiving_unit
		self.number_of_sets = max(1, cint(self.number_of_sets))

	def fill_masks(self) -> None:
		self.applicant_name = " ".join((self.applicant_name or "").split())
		self.applicant_id_number = (self.applicant_id_number or "").strip()
		self.id_number_masked = masked(self.applicant_id_number)
		self.phone_masked = masked(self.applicant_phone)
		kinds = question_types(self.procedure) if self.answers else {}
		for row in self.answers:
			row.value_masked = masked_answer(row.value, kinds.get(row.fieldname))

	def check_fees(self) -> None:
		for row in self.fees:
			if (row.quantity or 0) < 0 or (row.rate or 0) < 0:
				frappe.throw(_("Fee Lines: {0} has an amount below zero.").format(row.fee_name))
			row.amount = (row.quantity or 0) * (row.rate or 0)

	def validate_workflow(self) -> None:
		"""Frappe's ways of changing a workflow state all end here; the state is the ledger's alone."""
		before = self.get_doc_before_save()
		if (self.status or "Draft") != ((before and before.status) or "Draft"):
			frappe.throw(
				_("Status: it changes by the actions of the form only, never by typing it in."), OnlyByCommand
			)

	def on_update(self) -> None:
		before = self.get_doc_before_save()
		if before and before.receiving_unit == self.receiving_unit and before.helped_at == self.helped_at:
			return
		if before and not cint(self.event_count):
			# A draft that moves to another counter is no longer the first one's business.
			frappe.db.delete("Dossier Access", {"dossier": self.name})
		grant_access(self.name, {(self.helped_at, "Helped"), (self.receiving_unit, "Received")})

	def on_trash(self) -> None:
		if cint(self.event_count) or self.code or self.status != "Draft":
			frappe.throw(_("A dossier that was handed in is never deleted."), OnlyByCommand)
		frappe.db.delete("Dossier Access", {"dossier": self.name})


def on_doctype_update() -> None:
	"""The indexes that inboxes, counters and look-ups read by."""
	for fields in (
		["receiving_unit", "status", "due_at"],
		["deciding_unit", "status", "due_at"],
		["status", "due_at"],
		["receiving_unit", "received_at"],
		["procedure", "received_at"],
		["applicant_id_number"],
		["received_at"],
		["ended_at"],
	):
		# `procedure` is a word of SQL itself.
		quoted = [f"`{field}`" for field in fields]
		frappe.db.add_index("Dossier", quoted, f"{'_'.join(fields)}_index")
