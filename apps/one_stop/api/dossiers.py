"""Endpoints of the desk's dossier pages: what a form needs to know, and one endpoint a command.

Every endpoint checks that the session's user may read the dossier; whether they may give the command is checked
by `lifecycle`, under the dossier's lock.
"""

import frappe
from frappe import _
from frappe.utils import cint, getdate, now_datetime

from one_stop import permissions
from one_stop.dossiers import authority, intake, ledger, lifecycle, pages
from one_stop.dossiers.clock import flag_text, plan
from one_stop.dossiers.exceptions import CommandRefused
from one_stop.organization import units, working_time
from one_stop.organization.calendar import explanation_text
from one_stop.procedures import terms as procedure_terms


def _readable(dossier: str) -> str:
	"""The dossier's name, if the session's user may see it. One answer for "no such" and "not yours"."""
	if not permissions.may_read_dossier(dossier):
		frappe.throw(_("There is no such dossier among those you may see."), frappe.PermissionError)
	return dossier


# Reading


@frappe.whitelist(methods=["GET"])
def prepare(procedure: str, receiving_unit: str = "", channel: str = "Counter", case_name: str = "") -> dict:
	"""Everything the reception form asks of the version in force.

	:returns: ``{version, units, receiving_unit, deciding_unit, cases, channels, components, fees, eform_fields,
		due}``; `due` is None where the version has no limit for the case
	"""
	if not frappe.has_permission("Dossier", "create"):
		raise frappe.PermissionError
	today = getdate()
	version = procedure_terms.version_on(procedure, today).name
	doc = frappe.get_cached_doc("Procedure Version", version)
	who = authority.person(frappe.session.user, today)
	offers = [
		offer
		for offer in intake.offers_of(procedure, today)
		if who.holds(authority.RECEPTION, offer["receiving_unit"])
	]
	chosen = next((offer for offer in offers if offer["receiving_unit"] == receiving_unit), None) or (
		offers[0] if offers else None
	)
	channels = procedure_terms.channels_of(version)
	channel = channel if channel in channels else (channels[0] if channels else "Counter")
	return {
		"version": version,
		"units": offers,
		"receiving_unit": chosen["receiving_unit"] if chosen else None,
		"deciding_unit": chosen["deciding_unit"] if chosen else None,
		"cases": [case for case in procedure_terms.cases_of(version) if case],
		"channels": channels,
		"components": [
			{
				"component_name": row.component_name,
				"component_code": row.component_code,
				"required": cint(row.required),
				"originals": cint(row.originals),
				"copies": cint(row.copies),
				"form": row.form,
				"condition": row.condition,
				"note": row.note,
				"obtainable_from": row.obtainable_from,
				"is_previous_result": cint(row.is_previous_result),
			}
			for row in intake.wanted_components(version, channel)
		],
		"fees": [
			{
				"fee_name": row.fee_name,
				"kind": row.kind,
				"quantity": 1,
				"rate": row.amount or 0,
				"amount_unknown": cint(row.amount_unknown),
				"per_unit": row.per_unit,
				"optional": cint(row.optional),
				"note": row.note,
			}
			for row in intake.fees_of(version, case_name, channel)
		],
		"eform_fields": [row.as_dict(no_default_fields=True) for row in doc.eform_fields],
		"due": _due(version, chosen, channel, case_name) if chosen else None,
	}


def _due(version: str, offer: dict, channel: str, case_name: str) -> dict | None:
	moment = now_datetime().replace(second=0, microsecond=0)
	receiving = offer["receiving_unit"]
	terms = procedure_terms.terms_for(
		version, receiving, offer["deciding_unit"], case_name, channel=channel, answers=None
	)
	calendars = ledger.calendars_of(terms, receiving, moment.date(), moment.date(), working_time.calendar_for)
	planned = plan(moment, terms, calendars, working_time.rules_on(moment.date()), channel, case_name)
	if planned.due is None:
		return None
	return {
		"due_at": planned.due.isoformat(),
		"limit_text": planned.limit.text() if planned.limit else "",
		"explanation": [explanation_text(line) for line in planned.explanation],
		"flags": sorted(flag_text(flag) for flag in planned.flags),
	}


@frappe.whitelist(methods=["GET"])
def actions(dossier: str) -> list[dict]:
	"""What the session's user may do with a dossier now.

	:returns: ``[{command, label, style: primary|default|danger, intro, args, fields: [Frappe dialog fields]}]``
	"""
	return pages.actions(_readable(dossier))


@frappe.whitelist(methods=["GET"])
def process_view(dossier: str) -> dict:
	"""The steps of a dossier with people and times, its due date and why it is that.

	:returns: ``{steps, due_at, original_due_at, limit_text, explanation, flags, remaining: {text, state},
		letters, payments, results, opinions, linked}``
	"""
	return pages.process_view(_readable(dossier))


@frappe.whitelist(methods=["GET"])
def timeline(dossier: str) -> list[dict]:
	"""The events of a dossier in words, oldest first."""
	return pages.timeline(_readable(dossier))


# Commands. Typed and named one by one, so that nothing reaches a command that it does not take.


@frappe.whitelist(methods=["POST"])
def register(dossier: str, client_key: str) -> dict:
	return lifecycle.register(_readable(dossier), client_key=client_key)


@frappe.whitelist(methods=["POST"])
def acknowledge(dossier: str, client_key: str) -> dict:
	return lifecycle.acknowledge(_readable(dossier), client_key=client_key)


@frappe.whitelist(methods=["POST"])
def receive(dossier: str, client_key: str) -> dict:
	return lifecycle.receive(_readable(dossier), client_key=client_key)


@frappe.whitelist(methods=["POST"])
def refuse_at_intake(dossier: str, client_key: str, reason: str = "") -> dict:
	return lifecycle.refuse_at_intake(_readable(dossier), client_key=client_key, reason=reason)


@frappe.whitelist(methods=["POST"])
def hand_over_to(dossier: str, client_key: str, unit: str, reason: str = "") -> dict:
	return lifecycle.hand_over_to(_readable(dossier), client_key=client_key, unit=unit, reason=reason)


@frappe.whitelist(methods=["POST"])
def request_supplement(
	dossier: str,
	client_key: str,
	reason: str = "",
	items: str | None = None,
	override: str | None = None,
	applicants_fault: str | None = None,
) -> dict:
	return lifecycle.request_supplement(
		_readable(dossier),
		client_key=client_key,
		reason=reason,
		items=items,
		override=override or None,
		applicants_fault=applicants_fault or None,
	)


@frappe.whitelist(methods=["POST"])
def take_in_supplement(
	dossier: str, client_key: str, note: str | None = None, papers: str | None = None
) -> dict:
	return lifecycle.take_in_supplement(_readable(dossier), client_key=client_key, note=note, papers=papers)


@frappe.whitelist(methods=["POST"])
def add_papers(dossier: str, client_key: str, papers: str = "", note: str | None = None) -> dict:
	return lifecycle.add_papers(_readable(dossier), client_key=client_key, papers=papers, note=note)


@frappe.whitelist(methods=["POST"])
def claim(dossier: str, client_key: str, step: str) -> dict:
	return lifecycle.claim(_readable(dossier), client_key=client_key, step=step)


@frappe.whitelist(methods=["POST"])
def assign(dossier: str, client_key: str, step: str, officer: str, note: str | None = None) -> dict:
	return lifecycle.assign(_readable(dossier), client_key=client_key, step=step, officer=officer, note=note)


@frappe.whitelist(methods=["POST"])
def delegate(dossier: str, client_key: str, step: str, officer: str, note: str | None = None) -> dict:
	return lifecycle.delegate(
		_readable(dossier), client_key=client_key, step=step, officer=officer, note=note
	)


@frappe.whitelist(methods=["POST"])
def complete_step(
	dossier: str,
	client_key: str,
	step: str,
	note: str | None = None,
	no_scan_reason: str | None = None,
	amount: str | float | None = None,
) -> dict:
	return lifecycle.complete_step(
		_readable(dossier),
		client_key=client_key,
		step=step,
		note=note,
		no_scan_reason=no_scan_reason,
		amount=amount,
	)


@frappe.whitelist(methods=["POST"])
def skip_step(dossier: str, client_key: str, step: str, reason: str = "") -> dict:
	return lifecycle.skip_step(_readable(dossier), client_key=client_key, step=step, reason=reason)


@frappe.whitelist(methods=["POST"])
def send_back(dossier: str, client_key: str, step: str, to: str, reason: str = "") -> dict:
	return lifecycle.send_back(_readable(dossier), client_key=client_key, step=step, to=to, reason=reason)


@frappe.whitelist(methods=["POST"])
def ask_opinion(dossier: str, client_key: str, step: str, unit: str, question: str, answer_due: str) -> dict:
	return lifecycle.ask_opinion(
		_readable(dossier),
		client_key=client_key,
		step=step,
		unit=unit,
		question=question,
		answer_due=answer_due,
	)


@frappe.whitelist(methods=["POST"])
def answer_opinion(dossier: str, client_key: str, opinion: str, answer: str = "") -> dict:
	return lifecycle.answer_opinion(_readable(dossier), client_key=client_key, opinion=opinion, answer=answer)


@frappe.whitelist(methods=["POST"])
def order_obligation(dossier: str, client_key: str, step: str, amount: str | float, reason: str = "") -> dict:
	return lifecycle.order_obligation(
		_readable(dossier), client_key=client_key, step=step, amount=amount, reason=reason
	)


@frappe.whitelist(methods=["POST"])
def confirm_payment(
	dossier: str,
	client_key: str,
	method: str = "Counter",
	reference: str | None = None,
	proof: str | None = None,
) -> dict:
	return lifecycle.confirm_payment(
		_readable(dossier), client_key=client_key, method=method, reference=reference, proof=proof
	)


@frappe.whitelist(methods=["POST"])
def record_fee_payment(
	dossier: str,
	client_key: str,
	payments: str | None = None,
	method: str = "Counter",
	reference: str | None = None,
	proof: str | None = None,
) -> dict:
	"""`payments`: names of the fees paid, separated by commas; all that are due without it."""
	return lifecycle.record_fee_payment(
		_readable(dossier),
		client_key=client_key,
		payments=payments,
		method=method,
		reference=reference,
		proof=proof,
	)


@frappe.whitelist(methods=["POST"])
def extend(dossier: str, client_key: str, new_due: str, reason: str = "") -> dict:
	return lifecycle.extend(_readable(dossier), client_key=client_key, new_due=new_due, reason=reason)


@frappe.whitelist(methods=["POST"])
def stop(dossier: str, client_key: str, reason: str = "") -> dict:
	return lifecycle.stop(_readable(dossier), client_key=client_key, reason=reason)


@frappe.whitelist(methods=["POST"])
def accept_extension(dossier: str, client_key: str) -> dict:
	return lifecycle.accept_extension(_readable(dossier), client_key=client_key)


@frappe.whitelist(methods=["POST"])
def withdraw(dossier: str, client_key: str, reason: str = "") -> dict:
	return lifecycle.withdraw(_readable(dossier), client_key=client_key, reason=reason)


@frappe.whitelist(methods=["POST"])
def finish(
	dossier: str,
	client_key: str,
	step: str,
	result_number: str | None = None,
	result_date: str | None = None,
	result_file: str | None = None,
	note: str | None = None,
	no_scan_reason: str | None = None,
) -> dict:
	return lifecycle.finish(
		_readable(dossier),
		client_key=client_key,
		step=step,
		result_number=result_number,
		result_date=result_date,
		result_file=result_file,
		note=note,
		no_scan_reason=no_scan_reason,
	)


@frappe.whitelist(methods=["POST"])
def refuse(
	dossier: str,
	client_key: str,
	step: str,
	reason: str = "",
	result_number: str | None = None,
	result_date: str | None = None,
	result_file: str | None = None,
) -> dict:
	return lifecycle.refuse(
		_readable(dossier),
		client_key=client_key,
		step=step,
		reason=reason,
		result_number=result_number,
		result_date=result_date,
		result_file=result_file,
	)


@frappe.whitelist(methods=["POST"])
def return_result(
	dossier: str, client_key: str, way: str = "Counter", recipient: str | None = None, note: str | None = None
) -> dict:
	return lifecycle.return_result(
		_readable(dossier), client_key=client_key, way=way, recipient=recipient, note=note
	)


@frappe.whitelist(methods=["POST"])
def correct(dossier: str, client_key: str, reason: str = "", facts: str | dict | None = None, **more) -> dict:
	"""`facts`: JSON of the facts corrected; what a dialog sends one by one comes beside it."""
	given = frappe.parse_json(facts) if facts else {}
	if not isinstance(given, dict) or "reason" in given or "client_key" in given:
		frappe.throw(_("Facts: the facts to correct cannot be read."), CommandRefused)
	named = {name: more[name] for name in (*intake.CORRECTABLE, *intake.OF_THE_PROMISE) if name in more}
	return lifecycle.correct(_readable(dossier), client_key=client_key, reason=reason, **{**given, **named})


@frappe.whitelist(methods=["POST"])
def undo(dossier: str, client_key: str, reason: str = "") -> dict:
	return lifecycle.undo(_readable(dossier), client_key=client_key, reason=reason)


@frappe.whitelist(methods=["GET"])
def colleagues(dossier: str, step: str) -> list[dict]:
	"""Who holds the duty of a step in its unit: ``[{value: user, label}]``."""
	now = ledger.standing(_readable(dossier))
	term = now.term(step)
	if term is None or not term.unit:
		return []
	found = units.members(term.unit, term.duty, getdate())
	return [{"value": user, "label": frappe.utils.get_fullname(user)} for user in found]
