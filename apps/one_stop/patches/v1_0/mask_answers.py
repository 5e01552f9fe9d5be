"""Give the answers written before there were masks their masked values."""

import frappe

from one_stop.dossiers.masking import masked_answer
from one_stop.procedures.terms import question_types

AT_ONCE = 5_000


def execute() -> None:
	kinds: dict[str, dict[str, str]] = {}
	answer, dossier = frappe.qb.DocType("Dossier Answer"), frappe.qb.DocType("Dossier")
	last = ""
	while rows := (
		frappe.qb.from_(answer)
		.join(dossier)
		.on(answer.parent == dossier.name)
		.select(answer.name, answer.fieldname, answer.value, answer.value_masked, dossier.procedure)
		.where(answer.name > last)
		.orderby(answer.name)
		.limit(AT_ONCE)
		.run(as_dict=True)
	):
		for row in rows:
			if row.procedure not in kinds:
				kinds[row.procedure] = question_types(row.procedure)
			shown = masked_answer(row.value, kinds[row.procedure].get(row.fieldname))
			if shown != (row.value_masked or ""):
				frappe.db.set_value("Dossier Answer", row.name, "value_masked", shown, update_modified=False)
		last = rows[-1].name
		frappe.db.commit()  # a large table; what was done needs no doing again
