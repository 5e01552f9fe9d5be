"""Linked dossiers: a step done by another agency under its own procedure (liên thông, NĐ 61/2018 art. 19.6, 19.7).

The step of the parent opens a dossier at the other agency, received there at once; what becomes of it moves the
parent. The parent's receiving one-stop sees both, and gives the result of the whole.
"""

from collections.abc import Sequence
from typing import Any

import frappe
from frappe import _
from frappe.utils import getdate, strip_html

from one_stop.dossiers import case as cases
from one_stop.dossiers import ledger, lifecycle
from one_stop.dossiers.clock import StepStatus
from one_stop.dossiers.command import grant_access, in_own_transaction, on_behalf_of_system
from one_stop.organization import units
from one_stop.procedures.terms import applicable_steps, version_on

TAKEN_ALONG = (
	"applicant_kind",
	"applicant_id_type",
	"applicant_id_number",
	"applicant_name",
	"applicant_birth_date",
	"applicant_phone",
	"applicant_email",
	"applicant_address",
	"consent",
	"authorised_name",
	"authorised_id_number",
	"authorised_phone",
	"result_delivery",
	"postal_address",
)
ENDING = frozenset({"withdrawn", "stopped", "refused", "finished"})
# What moves the parent, and by which event of its own.
MOVES = {
	"supplement_requested": "supplement_requested",
	"supplement_received": "supplement_received",
	"finished": "step_completed",
	# Without a result the step stays open: who has it decides how the whole goes on.
	"refused": "linked_moved",
	"stopped": "linked_moved",
	"withdrawn": "linked_moved",
}


def follow(dossier: str, event) -> None:
	"""Open what an event of a dossier opens elsewhere, and move its parent where it has one."""
	if event.kind in ("step_skipped", "sent_back"):
		# A part whose step is left out, or begun anew, is nobody's business any more.
		gone = (
			[event.step]
			if event.kind == "step_skipped"
			else [*event.data.get("reset", ()), event.data.get("to")]
		)
		end_parts(dossier, event, [key for key in gone if key])
	now = ledger.standing(dossier)
	for step in now.open_steps():
		if now.kinds.get(step.key) == cases.LINKED and not now.case.linked.get(step.key):
			open_linked(dossier, step.key)
	if event.kind == "supplement_received" and not event.data.get("dossier"):
		hand_down_supplement(dossier, event)
	move_parent(dossier, event)
	if event.kind in ENDING:
		end_parts(dossier, event)


def open_linked(parent: str, key: str) -> str | None:
	"""Open the linked dossier of a parent's step; the one there already, where a job runs twice.

	:returns: its name; None where no unit receives the linked procedure
	"""
	now = ledger.standing(parent)
	step = now.step(key)
	if step is None or step.status is not StepStatus.OPEN:
		return None
	try:
		name = in_own_transaction(lambda: _once(parent, key))
		why = _("No unit receives the linked procedure.")
	except frappe.ValidationError as refusal:
		frappe.db.rollback()
		name, why = None, strip_html(str(refusal))
	if name is None:
		if not ledger.standing(parent).case.linked.get(key):
			with on_behalf_of_system():
				lifecycle.follow_linked(
					parent,
					client_key=f"linked:{parent}:{key}:not opened:{step.round}",
					step=key,
					linked="",
					kind="linked_moved",
					note=_("The linked dossier could not be opened: {0}").format(why),
				)
		return None
	note = None
	with on_behalf_of_system():
		if frappe.db.get_value("Dossier", name, "status") == "Draft":
			try:
				lifecycle.receive(name, client_key=f"linked:{parent}:{key}")
			except frappe.ValidationError as refusal:
				# What the part lacks is put right at its own counter, where its draft lies; the whole says so.
				frappe.db.rollback()
				note = _("{0} waits at {1} to be completed and received: {2}").format(
					frappe.db.get_value("Dossier", name, "procedure_name"),
					units.unit_name(frappe.db.get_value("Dossier", name, "receiving_unit")),
					strip_html(str(refusal)),
				)
		lifecycle.follow_linked(
			parent, client_key=f"linked:{name}:opened", step=key, linked=name, kind="linked_moved", note=note
		)
	return name


def hand_down_supplement(parent: str, event) -> None:
	"""Give the parts that wait what was brought to the counter of the whole: the applicant deals with one counter
	only (art. 19.7). Papers go to the parts that list them."""
	asked = ledger.event_of(
		next(row for row in reversed(ledger.rows_of(parent)) if row.kind == "supplement_requested")
	)
	brought = {
		row.component_name: row
		for row in frappe.get_all(
			"Dossier Component",
			filters={"parent": parent, "parenttype": "Dossier", "file": ["is", "set"]},
			fields=["component_name", "file"],
			limit=0,
		)
	}
	for part in frappe.get_all(
		"Dossier",
		filters={"parent_dossier": parent, "status": cases.Status.AWAITING_SUPPLEMENT.value},
		pluck="name",
	):
		lacking = frappe.get_all(
			"Dossier Component",
			filters={"parent": part, "parenttype": "Dossier", "file": ["is", "not set"]},
			pluck="component_name",
		)
		papers = [{"component": name, "file": brought[name].file} for name in lacking if name in brought]
		if not papers and (_asks_for_papers(part) or not asked.data.get("dossier")):
			# What was brought is for another: this part goes on waiting.
			continue
		for paper in papers:
			_let_hold(part, paper["file"])
		frappe.db.commit()
		with on_behalf_of_system():
			lifecycle.take_in_supplement(
				part, client_key=f"linked:{event.name}:{part}", note=event.reason, papers=papers
			)


def _asks_for_papers(part: str) -> bool:
	rows = [row for row in ledger.rows_of(part) if row.kind == "supplement_requested"]
	return bool(rows and ledger.event_of(rows[-1]).data.get("items"))


def _let_hold(dossier: str, url: str) -> None:
	"""Tie a file to a part as well, so that its readers can open it."""
	held = {"file_url": url, "attached_to_doctype": "Dossier", "attached_to_name": dossier}
	if not frappe.db.exists("File", held):
		name = frappe.db.get_value("File", {"file_url": url}, "file_name")
		# A job of the system: the part lists this paper, and the whole holds it already.
		frappe.get_doc({"doctype": "File", "file_name": name, "is_private": 1, **held}).insert(
			ignore_permissions=True
		)


def _once(parent: str, key: str) -> str | None:
	"""The linked dossier of an open step, made unless one is under way. The parent's lock keeps it at one."""
	frappe.db.get_value("Dossier", parent, "name", for_update=True)
	now = ledger.standing(parent)
	if now.case.linked.get(key):
		return None
	running = frappe.get_all(
		"Dossier",
		filters={
			"parent_dossier": parent,
			"parent_step": key,
			"status": ["not in", [status.value for status in cases.SETTLED]],
		},
		pluck="name",
		limit=1,
	)
	return running[0] if running else _draft(parent, key, now)


def end_parts(parent: str, event, steps: Sequence[str] | None = None) -> None:
	"""End the parts of a dossier that ended without them, or those of some of its steps.

	Parts under way are stopped; one that waits at its counter is refused there, and taken away where nothing has
	happened to it yet. A part that refuses holds up no other.
	"""
	filters: dict[str, Any] = {
		"parent_dossier": parent,
		"status": ["not in", [status.value for status in cases.SETTLED]],
	}
	if steps is not None:
		filters["parent_step"] = ["in", list(steps)]
	fields = ["name", "received_at", "event_count", "creation"]
	for row in frappe.get_all("Dossier", filters=filters, fields=fields):
		if steps is not None and (row.received_at or row.creation) > event.at:
			# Opened since: a job that runs late, or again, must not end it.
			continue
		try:
			if not row.received_at and not row.event_count:
				# An empty draft of the system's own making, for a whole that wants it no longer.
				frappe.delete_doc("Dossier", row.name, ignore_permissions=True, delete_permanently=True)
				frappe.db.commit()
				continue
			end = lifecycle.stop if row.received_at else lifecycle.refuse_at_intake
			with on_behalf_of_system():
				end(
					row.name,
					client_key=f"linked:{event.name}:{row.name}",
					reason=event.reason or _("The dossier it belongs to has ended."),
				)
		except frappe.ValidationError as error:
			frappe.db.rollback()
			frappe.log_error(title=_("A part could not be ended"), message=f"{row.name}\n{error}")
			frappe.db.commit()


def _draft(parent: str, key: str, now: ledger.Standing) -> str | None:
	above = frappe.get_doc("Dossier", parent)
	promise = now.case.promise
	steps = applicable_steps(
		promise["version"],
		now.case.receiving_unit,
		now.case.deciding_unit,
		promise.get("case") or "",
		channel=promise.get("channel") or "",
		answers=ledger.answers_of(parent),
	)
	opening = next((step for step in steps if step.step_key == key), None)
	if opening is None or not opening.linked_procedure:
		return None
	procedure, carried = opening.linked_procedure, opening.carried_over
	offer = offer_for(procedure, now.case.units.get(key) or now.step(key).unit, now.case.receiving_unit)
	if offer is None:
		return None
	version = version_on(procedure, getdate()).name
	form = frappe.get_cached_doc("Procedure Version", version)
	wanted = {row.component_name: row for row in form.components}
	given = _papers_at_hand(above)
	answered = {row.fieldname: row.value for row in above.answers}
	doc = frappe.new_doc("Dossier")
	doc.update({name: above.get(name) for name in TAKEN_ALONG})
	doc.update(
		{
			"procedure": procedure,
			"channel": "Counter",
			"receiving_unit": offer["receiving_unit"],
			"deciding_unit": offer["deciding_unit"],
			"helped_at": now.case.receiving_unit,
			"summary": above.summary,
		}
	)
	for name, row in wanted.items():
		if row.channel and row.channel != "Counter":
			continue
		paper = given.get(carried.get(name, name)) or given.get(row.component_code or "")
		doc.append(
			"components",
			{
				"component_name": name,
				"component_code": row.component_code,
				"required": row.required,
				"submitted": int(bool(paper)),
				"file": paper.file if paper else None,
				"reused_from": above.code if paper else None,
				"missing_reason": None if paper else _("Held with the linked dossier {0}").format(above.code),
			},
		)
	for row in form.eform_fields:
		value = answered.get(carried.get(row.fieldname, row.fieldname))
		if value is not None:
			doc.append("answers", {"fieldname": row.fieldname, "label": row.label, "value": value})
	# A job of the system, after the parent's own command has decided that this step opens.
	doc.insert(ignore_permissions=True)
	frappe.db.set_value(
		"Dossier",
		doc.name,
		{
			"parent_dossier": parent,
			"root_dossier": above.root_dossier or parent,
			"parent_step": key,
			"is_sample": above.is_sample,
			"applicant_user": above.applicant_user,
		},
	)
	# The one-stop that received the whole sees and supervises its parts (art. 19.7).
	grant_access(doc.name, {(now.case.receiving_unit, "Helped")})
	return doc.name


def _papers_at_hand(above) -> dict[str, Any]:
	"""The papers of the whole by name, and by code where the national database gives them one."""
	submitted = [row for row in above.components if row.submitted]
	by_code = {row.component_code: row for row in submitted if row.component_code}
	return {**by_code, **{row.component_name: row for row in submitted}}


def offer_for(procedure: str, unit: str | None, near: str) -> dict | None:
	"""The offer by which a linked procedure is received: at the step's unit, else nearest to the parent's counter."""
	offers = units.one_stops_offering(procedure, getdate())
	if not offers:
		return None
	above = units.ancestors(near)

	def distance(offer: dict) -> tuple:
		fits = unit in (
			offer["receiving_unit"],
			offer["deciding_unit"],
			*units.ancestors(offer["receiving_unit"]),
		)
		shared = next(
			(number for number, one in enumerate(above) if one in units.ancestors(offer["receiving_unit"])),
			99,
		)
		return (not fits, shared)

	return min(offers, key=distance)


def move_parent(dossier: str, event) -> None:
	"""Tell the parent what became of its linked dossier: its end, refusal or supplement."""
	kind = MOVES.get(event.kind)
	row = frappe.db.get_value(
		"Dossier", dossier, ["parent_dossier", "parent_step", "code", "status"], as_dict=True
	)
	if not kind or not row or not row.parent_dossier:
		return
	if event.kind in ("finished", "refused") and row.status == "Finished":
		# The result of a part goes back to where the whole was received (art. 19.7), not to the applicant.
		above = frappe.db.get_value("Dossier", row.parent_dossier, "code")
		with on_behalf_of_system():
			lifecycle.return_result(
				dossier, client_key=f"linked:{event.name}:back", way="Online", recipient=above
			)
	if event.kind == "finished":
		# The results come back to the whole, and with them who reads it may open them.
		for url in frappe.get_all(
			"Dossier Result", filters={"dossier": dossier, "file": ["is", "set"]}, pluck="file"
		):
			_let_hold(row.parent_dossier, url)
		frappe.db.commit()
	parent = ledger.standing(row.parent_dossier)
	step = parent.step(row.parent_step)
	if step is None or parent.status in cases.ENDED or not _still_stands(event.kind, row.status):
		return
	goes_on = (
		parent.status is cases.Status.AWAITING_SUPPLEMENT
		and _waits_for_a_part(row.parent_dossier)
		and not _others_wait(row.parent_dossier, dossier)
	)
	current = step.status is StepStatus.OPEN and parent.case.linked.get(row.parent_step) in (dossier, None)
	if not current:
		# Its step was left out, or has another part by now: it moves nothing but what still waits for it.
		if goes_on and event.kind in (*ENDING, "supplement_received"):
			_move(row, dossier, event, "supplement_received")
		return
	if event.kind == "supplement_requested" and parent.status not in cases.RUNNING:
		# The whole waits already, for this or that; that this part waits too is noted beside it.
		kind = "linked_moved"
	elif event.kind == "supplement_received" and not goes_on:
		kind = "linked_moved"
	elif event.kind in ENDING and goes_on:
		# The part that the whole waited for has ended: there is nothing left to wait for.
		_move(row, dossier, event, "supplement_received", "resumed")
	_move(row, dossier, event, kind)


def _waits_for_a_part(parent: str) -> bool:
	"""Whether the whole waits for the supplement of a part, not for one that was asked of the whole itself."""
	asked = next(
		(row for row in reversed(ledger.rows_of(parent)) if row.kind == "supplement_requested"), None
	)
	return bool(asked and ledger.event_of(asked).data.get("dossier"))


def _others_wait(parent: str, part: str) -> bool:
	"""Whether the whole must go on waiting for a supplement of another part."""
	return bool(
		frappe.db.exists(
			"Dossier",
			{
				"parent_dossier": parent,
				"name": ["!=", part],
				"status": cases.Status.AWAITING_SUPPLEMENT.value,
			},
		)
	)


def _move(row, dossier: str, event, kind: str, key: str = "") -> None:
	outcome = _(event.kind.capitalize())
	note = " – ".join(filter(None, (row.code, outcome, event.reason)))
	with on_behalf_of_system():
		lifecycle.follow_linked(
			row.parent_dossier,
			client_key=f"linked:{dossier}:{event.name}{key and ':' + key}",
			step=row.parent_step,
			linked=dossier,
			kind=kind,
			note=note,
		)


def _still_stands(kind: str, status: str) -> bool:
	"""Whether the part still stands as an event left it; one told late must not move the whole back."""
	if kind == "supplement_requested":
		return status == cases.Status.AWAITING_SUPPLEMENT.value
	return kind != "supplement_received" or status != cases.Status.AWAITING_SUPPLEMENT.value
