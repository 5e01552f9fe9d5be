"""What the page of a dossier shows: the actions of this person, the process, the story in words."""

from datetime import date, datetime
from typing import Any

import frappe
from frappe import _
from frappe.utils import add_days, cint, flt, get_datetime, getdate, now_datetime

from one_stop import permissions
from one_stop.dossiers import authority, intake, ledger, lifecycle
from one_stop.dossiers import case as cases
from one_stop.dossiers.case import Status
from one_stop.dossiers.clock import ClockState, flag_text, remaining_text
from one_stop.organization import units, working_time
from one_stop.organization.calendar import explanation_text
from one_stop.procedures import terms

EVENT_LABELS = {
	"registered": "Handed in",
	"acknowledged": "Acknowledged",
	"received": "Received",
	"step_completed": "Step completed",
	"step_skipped": "Step left out",
	"claimed": "Claimed",
	"assigned": "Assigned",
	"delegated": "Passed on",
	"sent_back": "Sent back",
	"supplement_requested": "Supplement requested",
	"supplement_received": "Supplement taken in",
	"opinion_asked": "Opinion asked",
	"opinion_given": "Opinion given",
	"papers_added": "Papers added",
	"obligation_ordered": "Financial obligation ordered",
	"obligation_paid": "Payment confirmed",
	"fee_paid": "Fee paid",
	"extended": "Due date extended with apology",
	"extension_accepted": "New date accepted by the applicant",
	"refused": "Refused",
	"withdrawn": "Withdrawn by the applicant",
	"stopped": "Processing stopped",
	"finished": "Finished with result",
	"returned": "Result returned",
	"handed_to_unit": "Handed over to the competent unit",
	"corrected": "Reception corrected",
	"undone": "Action undone",
	"calendar_changed": "Counted anew after a change of the calendar",
	"linked_moved": "Linked dossier",
}

# Who is not at the counter hands in first: what the clerk notes, by the channel it came by.
HANDED_IN = {"Post": "Note the Arrival", "Online": "Hand In for the Applicant"}
REGISTER_INTRO = "The dossier waits among those to receive. Papers and answers must be complete; what is missing is asked for instead."
ACCEPTANCE_INTRO = (
	"Only where the applicant says so, at the counter or by telephone; online they do it themselves."
)
CORRECTION_INTRO = "Change what is wrong. The receipt is issued anew, and what stood before stays on record."

OPINION_DAYS = 3

# Actions, the most likely first. What ends a dossier comes last.

LIKELY = (
	"receive",
	"register",
	"return_result",
	"take_in_supplement",
	"confirm_payment",
	"record_fee_payment",
	"finish",
	"complete_step",
	"claim",
	"acknowledge",
	"answer_opinion",
	"request_supplement",
	"add_papers",
	"send_back",
	"undo",
	"extend",
	"accept_extension",
	"ask_opinion",
	"delegate",
	"assign",
	"order_obligation",
	"skip_step",
	"correct",
	"hand_over_to",
	"refuse",
	"refuse_at_intake",
	"withdraw",
	"stop",
)


def actions(dossier: str) -> list[dict]:
	"""The commands the session's user may give now, the most likely first, with the fields of their dialogs."""
	row = frappe.db.get_value("Dossier", dossier, "*", as_dict=True)
	now, rows, events = ledger.read(dossier)
	who = authority.person(frappe.session.user, getdate())
	found: list[dict] = []

	def offer(command: str, step: str | None = None, **more) -> None:
		if lifecycle.offered(command, who, row, now, step):
			found.append(_action(command, step, **more))

	if now.status is Status.DRAFT:
		offer("receive", style="primary")
		if not now.case.submitted_at and row.channel in HANDED_IN:
			offer("register", label=HANDED_IN[row.channel], intro=_(REGISTER_INTRO))
		if now.result and now.result.acknowledgement_due and not _answered(events):
			offer("acknowledge")
	if now.status is Status.FINISHED:
		offer("return_result", style="primary", fields=_return_fields(row))
	if now.status is Status.AWAITING_SUPPLEMENT:
		offer("take_in_supplement", style="primary", fields=[_papers_table(dossier), _text("note", "Note")])
	if now.status is Status.AWAITING_PAYMENT:
		offer("confirm_payment", style="primary", fields=_payment_fields())
	if due := lifecycle.fees_due(dossier):
		offer("record_fee_payment", fields=_fee_fields(due))
	for step in now.open_steps():
		_step_actions(offer, who, row, now, step)
	offer("add_papers", fields=[_papers_table(dossier), _text("note", "Note")])
	for opinion in _open_opinions(dossier, who):
		offer(
			"answer_opinion",
			args={"opinion": opinion.name},
			intro=opinion.question,
			fields=[_text("answer", "Answer", needed=True)],
		)
	offer("request_supplement", fields=_supplement_fields(dossier, now))
	if now.result is not None and not now.result.extension_count:
		offer("extend", fields=_extension_fields(row, now), intro=_extension_intro(now))
	if lifecycle.extension_to_accept(events):
		offer("accept_extension", intro=_(ACCEPTANCE_INTRO))
	offer("correct", fields=_correction_fields(row, now), intro=_(CORRECTION_INTRO))
	if now.status is not Status.DRAFT or now.case.submitted_at:
		if competent := _competent_units(row, now):
			offer("hand_over_to", fields=_handover_fields(competent))
		offer("withdraw", style="danger", fields=[_text("reason", "Reason", needed=True)])
	offer("stop", style="danger", fields=[_text("reason", "Reason", needed=True)])
	if not now.case.received_at:
		offer("refuse_at_intake", style="danger", fields=[_text("reason", "Reason", needed=True)])
	if lifecycle.undoable(now, events, rows):
		offer("undo", fields=[_text("reason", "Reason", needed=True)])
	return sorted(found, key=lambda action: LIKELY.index(action["command"]))


def _answered(events) -> bool:
	"""Whether the applicant has heard from the counter since they handed the dossier, or its supplement, in."""
	told = ("acknowledged", "supplement_requested")
	last = next(
		(e.kind for e in reversed(events) if e.kind in (*told, "registered", "supplement_received")), None
	)
	return last in told


def _action(command: str, step: str | None, **more) -> dict:
	return {
		"command": command,
		"label": _(more.pop("label", None) or authority.label_of(command)),
		"style": more.pop("style", "default"),
		"args": {**({"step": step} if step else {}), **more.pop("args", {})},
		"fields": more.pop("fields", []),
		"intro": more.pop("intro", ""),
	}


def _step_actions(offer, who: authority.Person, row, now: ledger.Standing, step) -> None:
	kind = now.kinds.get(step.key)
	many = len(now.open_steps()) > 1
	suffix = f": {step.title}" if many else ""
	officer = authority.officer_of(now, step.key, who.day)
	if kind in (cases.RETURN, cases.PAYMENT):
		return
	if not officer:
		offer("claim", step.key, label=_("Claim") + suffix)
	if lifecycle.finishes(now, step.key):
		offer(
			"finish",
			step.key,
			style="primary",
			label=_("Approve and Finish") + suffix
			if kind == cases.APPROVAL
			else _("Finish with Result") + suffix,
			fields=_result_fields(),
		)
	elif not (kind == cases.LINKED and now.case.linked.get(step.key)):
		payment = lifecycle.next_payment(now, step.key)
		offer(
			"complete_step",
			step.key,
			style="primary",
			label=_complete_label(kind, payment) + suffix,
			fields=_complete_fields(row, kind, payment),
		)
	back = lifecycle.may_go_back_to(now, step.key)
	if back:
		offer("send_back", step.key, label=_("Send Back") + suffix, fields=_back_fields(now, back))
	skippable = kind in ("Processing", "Issuing", cases.LINKED) and not lifecycle.finishes(now, step.key)
	if skippable:
		offer(
			"skip_step",
			step.key,
			label=_("Skip Step") + suffix,
			fields=[_text("reason", "Reason", needed=True)],
		)
	offer(
		"refuse",
		step.key,
		style="danger",
		label=_("Refuse as Result") + suffix,
		fields=[_text("reason", "Reason", needed=True), *_result_fields()[:-1]],
	)
	if kind not in (cases.RECEPTION,):
		offer("ask_opinion", step.key, label=_("Ask an Opinion") + suffix, fields=_opinion_fields(step.unit))
		if now.status in cases.RUNNING:
			offer(
				"order_obligation",
				step.key,
				label=_("Order Financial Obligation") + suffix,
				fields=[_money("amount", "Amount"), _text("reason", "Reason", needed=True)],
			)
	others = [
		user for user in units.members(step.unit or "", now.term(step.key).duty, getdate()) if user != officer
	]
	if others:
		chosen = [_people(others), _text("note", "Note")]
		offer("assign", step.key, label=_("Assign") + suffix, fields=chosen)
		if officer == who.user:
			offer("delegate", step.key, label=_("Pass On") + suffix, fields=chosen)


def _complete_label(kind: str | None, payment: str | None) -> str:
	if kind == cases.RECEPTION:
		return _("Hand Over for Processing")
	if payment:
		return _("Order Financial Obligation")
	return _("Approve") if kind == cases.APPROVAL else _("Complete Step")


# Fields of dialogs


def _text(name: str, label: str, *, needed: bool = False, default: str | None = None) -> dict:
	return {
		"fieldname": name,
		"fieldtype": "Small Text",
		"label": _(label),
		"reqd": int(needed),
		"default": default,
	}


def _money(name: str, label: str, hint: str = "", *, owed: bool = True) -> dict:
	"""A sum in đồng. What is `owed` is above 0; `dialog_fields.js` says so beside the field."""
	return {
		"fieldname": name,
		"fieldtype": "Currency",
		"label": _(label),
		"reqd": int(owed),
		"description": hint,
		"os_rule": "positive" if owed else "not_negative",
	}


def _choice(name: str, label: str, values, default: str | None = None) -> dict:
	return {
		"fieldname": name,
		"fieldtype": "Select",
		"label": _(label),
		"reqd": 1,
		"default": default,
		"options": _options(values),
	}


def _options(values) -> list[dict]:
	return [{"value": value, "label": _(value)} for value in values]


def _people(users: list[str]) -> dict:
	options = [{"value": user, "label": frappe.utils.get_fullname(user)} for user in users]
	return {**_choice("officer", "Officer", []), "options": options, "default": users[0]}


def _file(name: str, label: str) -> dict:
	return {
		"fieldname": name,
		"fieldtype": "Attach",
		"label": _(label),
		# Private, and uploaded now: no file of another dossier, and none of another site.
		"options": {
			"make_attachments_public": False,
			"disable_file_browser": True,
			"allow_web_link": False,
			"folder": "Home/Attachments",
			"restrictions": {"allowed_file_types": [".pdf", ".png", ".jpg", ".jpeg", ".docx", ".xlsx"]},
		},
	}


def _complete_fields(row, kind: str | None, payment: str | None) -> list[dict]:
	fields = []
	if kind == cases.RECEPTION and (missing := intake.without_scan(frappe.get_doc("Dossier", row.name))):
		hint = _("Not scanned: {0}").format("; ".join(missing))
		fields.append(
			{**_text("no_scan_reason", "Why are papers not scanned?", needed=True), "description": hint}
		)
	if payment:
		fields.append(
			_money(
				"amount",
				"Amount",
				_("What the applicant owes; the clock stops until it is paid. 0 where nothing is owed."),
				owed=False,
			)
		)
	return [*fields, _text("note", "Note")]


def _result_fields() -> list[dict]:
	return [
		{"fieldname": "result_number", "fieldtype": "Data", "label": _("Result Number")},
		{
			"fieldname": "result_date",
			"fieldtype": "Date",
			"label": _("Result Date"),
			"default": str(getdate()),
			"os_rule": "past",
		},
		_file("result_file", "Electronic Result"),
		_text("note", "Note"),
	]


def _return_fields(row) -> list[dict]:
	ways = list(lifecycle.WAYS_OF_RETURN)
	if not frappe.db.exists("Dossier Result", {"dossier": row.name, "file": ["is", "set"]}):
		ways.remove("Online")
	wanted = row.result_delivery if row.result_delivery in ways else "Counter"
	return [
		_choice("way", "Way of Return", ways, wanted),
		{
			"fieldname": "recipient",
			"fieldtype": "Data",
			"label": _("Recipient"),
			"default": row.authorised_name or row.applicant_name,
			"reqd": 1,
		},
		_text("note", "Note"),
	]


def _payment_fields() -> list[dict]:
	return [
		_choice("method", "Method", lifecycle.PAID_BY, "Counter"),
		{"fieldname": "reference", "fieldtype": "Data", "label": _("Receipt Number")},
		_file("proof", "Proof of Payment"),
	]


def _papers_table(dossier: str) -> dict:
	"""The scans that come in, each with the paper it is of."""
	names = frappe.get_all(
		"Dossier Component",
		filters={"parent": dossier, "parenttype": "Dossier"},
		pluck="component_name",
		order_by="idx asc",
	)
	return {
		"fieldname": "papers",
		"fieldtype": "Table",
		"label": _("Papers"),
		"in_place_edit": True,
		"data": [],
		"fields": [
			{
				"fieldname": "component",
				"fieldtype": "Autocomplete",
				"label": _("Component Name"),
				"options": list(dict.fromkeys([*names, _("Record of verification")])),
				"in_list_view": 1,
				"columns": 6,
			},
			{**_file("file", "Scan"), "in_list_view": 1, "columns": 4},
		],
	}


def _fee_fields(due: list) -> list[dict]:
	"""Which fees were paid, and how; all that are due are chosen to begin with."""
	lines = [
		{"value": row.name, "label": f"{row.title}: {frappe.utils.fmt_money(row.amount, 0)} đ"} for row in due
	]
	every = {"value": ",".join(row.name for row in due), "label": _("All that is due")}
	options = lines if len(lines) == 1 else [every, *lines]
	chosen = {**_choice("payments", "Fees", []), "options": options, "default": options[0]["value"]}
	return [chosen, *_payment_fields()]


def _supplement_fields(dossier: str, now: ledger.Standing) -> list[dict]:
	names = frappe.get_all(
		"Dossier Component",
		filters={"parent": dossier, "parenttype": "Dossier"},
		pluck="component_name",
		order_by="idx asc",
	)
	fields = [
		{
			"fieldname": "items",
			"fieldtype": "Table",
			"label": _("Papers to complete"),
			"in_place_edit": True,
			"data": [],
			"fields": [
				{
					"fieldname": "component",
					"fieldtype": "Autocomplete",
					"label": _("Component Name"),
					"options": names,
					"in_list_view": 1,
					"columns": 4,
				},
				{
					"fieldname": "note",
					"fieldtype": "Data",
					"label": _("What is wrong"),
					"in_list_view": 1,
					"columns": 3,
				},
				{
					"fieldname": "legal_basis",
					"fieldtype": "Data",
					"label": _("Legal Basis (papers outside the procedure)"),
					"in_list_view": 1,
					"columns": 3,
				},
			],
		},
		_text("reason", "Reason", needed=True),
	]
	asked_before = now.result is not None and now.result.intake_supplements and not now.case.received_at
	if asked_before:
		fields.append(_text("override", "Reason for asking again", needed=True))
	if now.result is not None and (now.result.intake_supplements or now.result.appraisal_supplements):
		fields.append(_text("applicants_fault", "What the applicant did wrong"))
		fields[-1]["description"] = _("Only where asking once more is the applicant's fault; it is recorded.")
	return fields


def _extension_fields(row, now: ledger.Standing) -> list[dict]:
	return [
		{
			"fieldname": "new_due",
			"fieldtype": "Datetime",
			"label": _("New Due Date"),
			"reqd": 1,
			"default": str(row.due_at) if row.due_at else None,
			"hide_timezone": 1,
			"os_rule": "future",
		},
		_text("reason", "Reason for the delay", needed=True),
	]


def _extension_intro(now: ledger.Standing) -> str:
	result = now.result
	if result is None or result.latest_apology_day is None:
		return ""
	if now_datetime().date() > result.latest_apology_day:
		return _("The apology comes late: it was due by {0}.").format(
			frappe.utils.formatdate(result.latest_apology_day)
		)
	return _("An extension is possible once, with an apology to the applicant (NĐ 61/2018 art. 19.9).")


def _competent_units(row, now: ledger.Standing) -> dict[str, str]:
	"""The units, with their names, that a dossier can be handed over to now."""
	day = getdate()
	if now.status is Status.DRAFT:
		return {
			offer["receiving_unit"]: offer["receiving_unit_name"]
			for offer in intake.offers_of(row.procedure, day)
			if offer["receiving_unit"] != row.receiving_unit
		}
	if now.status is not Status.RECEIVED:
		return {}
	return {
		unit: units.unit_name(unit)
		for unit in intake.deciders_of(row.procedure, now.case.receiving_unit, day)
		if unit != now.case.deciding_unit
	}


def _handover_fields(names: dict[str, str]) -> list[dict]:
	options = [{"value": key, "label": name} for key, name in names.items()]
	return [{**_choice("unit", "Unit", []), "options": options}, _text("reason", "Reason", needed=True)]


def _back_fields(now: ledger.Standing, keys: list[str]) -> list[dict]:
	options = [{"value": key, "label": now.step(key).title} for key in keys]
	return [
		{**_choice("to", "Back To", []), "options": options, "default": keys[-1]},
		_text("reason", "Reason", needed=True),
	]


def _opinion_fields(unit: str | None) -> list[dict]:
	"""Whom to ask what, and by when: to begin with within three working days."""
	day = getdate()
	calendar = working_time.calendar_for(unit, day, add_days(day, 60))
	due = calendar.last_moment(calendar.shift_working_days(day, OPINION_DAYS))
	return [
		{
			"fieldname": "unit",
			"fieldtype": "Link",
			"options": "Administrative Unit",
			"label": _("Unit Asked"),
			"reqd": 1,
		},
		_text("question", "Question", needed=True),
		{
			"fieldname": "answer_due",
			"fieldtype": "Datetime",
			"label": _("Answer Due"),
			"reqd": 1,
			"default": f"{due:%Y-%m-%d %H:%M:%S}",
			"hide_timezone": 1,
			"os_rule": "future",
		},
	]


def _correction_fields(row, now: ledger.Standing) -> list[dict]:
	"""Every fact that `lifecycle.correct` takes now, as it stands; what was not changed is not sent."""
	meta = frappe.get_meta("Dossier")
	names = list(intake.CORRECTABLE)
	if _case_is_open(now):
		names.insert(names.index("summary"), "case_name")
	fields = []
	for number, name in enumerate(names):
		if number == (len(names) + 1) // 2:
			fields.append({"fieldtype": "Column Break"})
		df = meta.get_field(name)
		given = row.get(name)
		field = {
			"fieldname": name,
			"fieldtype": df.fieldtype,
			"label": _(df.label),
			"reqd": cint(df.reqd),
			"default": str(given) if isinstance(given, date) else given,
		}
		if name == "case_name":
			cases_known = terms.cases_of(now.case.promise["version"])
			# Names of cases are the version's own words.
			field["options"] = [{"value": one, "label": one or _("Ordinary case")} for one in cases_known]
			field["default"] = given or ""
		elif df.fieldtype == "Select":
			field["options"] = _options(df.options.split("\n"))
		fields.append(field)
	return [*fields, {"fieldtype": "Section Break"}, _text("reason", "Reason", needed=True)]


def _case_is_open(now: ledger.Standing) -> bool:
	"""Whether there is another case to correct to, and no work has been done on the present one."""
	if now.result is None or not now.case.received_at or len(terms.cases_of(now.case.promise["version"])) < 2:
		return False
	return not any(step.completed for step in now.result.steps)


def _open_opinions(dossier: str, who: authority.Person) -> list:
	if not who.units:
		return []
	return frappe.get_all(
		"Dossier Opinion",
		filters={"dossier": dossier, "status": "Open", "unit": ["in", sorted(who.units)]},
		fields=["name", "question"],
	)


# The page


def process_view(dossier: str) -> dict:
	now = ledger.standing(dossier, explain=True)
	row = frappe.db.get_value(
		"Dossier", dossier, ["due_at", "original_due_at", "status", "parent_dossier"], as_dict=True
	)
	stored = frappe.get_all(
		"Dossier Step",
		filters={"dossier": dossier},
		fields=[
			"name",
			"step_key",
			"title",
			"kind",
			"status",
			"unit",
			"duty",
			"officer",
			"round",
			"opened_at",
			"due_at",
			"completed_at",
			"planned_opens_at",
			"outcome",
			"note",
			"is_open",
			"after",
		],
		limit=0,
	)
	order = {step.key: number for number, step in enumerate(now.terms.steps)} if now.terms else {}
	stored.sort(key=lambda step: order.get(step.step_key, len(order)))
	for step in stored:
		step["unit_name"] = units.unit_name(step.unit) if step.unit else _("The applicant")
		step["officer_name"] = frappe.utils.get_fullname(step.officer) if step.officer else ""
		step["after"] = [key for key in (step.after or "").split(",") if key]
	result = now.result
	return {
		"steps": stored,
		"checkboxes": _checkboxes(now),
		"due_at": row.due_at,
		"original_due_at": row.original_due_at,
		"limit_text": _limit_text(now),
		"explanation": [explanation_text(line) for line in result.explanation] if result else [],
		"flags": sorted(flag_text(flag) for flag in result.flags) if result else [],
		"remaining": remaining(now),
		**_openable(dossier, parts(dossier)),
		"linked": linked(dossier, row.parent_dossier),
	}


def _checkboxes(now: ledger.Standing) -> list[str]:
	"""The questions of a received dossier that are answered by a tick."""
	version = now.case.promise.get("version")
	fields = frappe.get_cached_doc("Procedure Version", version).eform_fields if version else []
	return [row.fieldname for row in fields if row.field_type == "Checkbox"]


def _openable(dossier: str, found: dict[str, list]) -> dict[str, list]:
	"""Parts without the addresses of files that the session's user may not open."""
	if not permissions.may_open_files(dossier, frappe.session.user):
		for row in [*found["letters"], *found["results"]]:
			row["file"] = None
	return found


def parts(dossier: str) -> dict[str, list]:
	"""Letters, payments, results and opinions of a dossier, as its page lists them."""
	return {
		"letters": frappe.get_all(
			"Dossier Letter",
			filters={"dossier": dossier},
			fields=["name", "form", "number", "issued_at", "status", "file"],
			order_by="issued_at asc",
		),
		"payments": frappe.get_all(
			"Dossier Payment",
			filters={"dossier": dossier},
			fields=["name", "title", "kind", "amount", "status", "paid_at", "method", "reference"],
			order_by="ordered_at asc",
		),
		"results": frappe.get_all(
			"Dossier Result",
			filters={"dossier": dossier},
			fields=["name", "result_name", "number", "issued_on", "refused", "file", "returned_at", "way"],
			order_by="creation asc",
		),
		"opinions": [
			{**row, "unit_name": units.unit_name(row.unit)}
			for row in frappe.get_all(
				"Dossier Opinion",
				filters={"dossier": dossier},
				fields=["name", "unit", "question", "answer", "status", "asked_at", "due_at", "answered_at"],
				order_by="asked_at asc",
			)
		],
	}


def linked(dossier: str, parent: str | None) -> list[dict]:
	"""The dossiers linked with this one that the reader may see: the one above, and all below, each after the one that
	opened it.

	:returns: ``[{name, code, procedure_name, status, due_at, deciding_unit, relation: parent|child, depth, unit_name}]``;
		`depth` 1 is a part, 2 a part of a part
	"""
	root = frappe.db.get_value("Dossier", dossier, "root_dossier") or dossier
	family = frappe.get_list(
		"Dossier",
		or_filters=[["name", "=", root], ["root_dossier", "=", root]],
		fields=["name", "code", "procedure_name", "status", "due_at", "deciding_unit", "parent_dossier"],
		order_by="creation asc",
		limit=200,
	)
	found = [{**row, "relation": "parent", "depth": 0} for row in family if row.name == parent]

	def below(name: str, depth: int) -> None:
		for row in family:
			if row.parent_dossier == name and depth < 9:
				found.append({**row, "relation": "child", "depth": depth})
				below(row.name, depth + 1)

	below(dossier, 1)
	return [{**row, "unit_name": units.unit_name(row["deciding_unit"])} for row in found]


def _limit_text(now: ledger.Standing) -> str:
	if now.terms is None:
		return ""
	promise = now.case.promise
	limit = now.terms.limit_for(promise.get("case") or "", promise.get("channel") or "")
	return limit.text() if limit else ""


def remaining(now: ledger.Standing) -> dict[str, str]:
	"""Remaining working time in words, with the colour of the traffic light."""
	result = now.result
	if result is None or result.due is None:
		return {"text": "", "state": "none"}
	if result.state is ClockState.ENDED:
		outcome = ledger.OUTCOME.get(result.by_timestamp, "")
		return {"text": _(outcome) if outcome else "", "state": "late" if outcome == "Late" else "ended"}
	if result.state is ClockState.PAUSED:
		return {"text": _("Paused"), "state": "paused"}
	return {
		"text": remaining_text(result.remaining, result.calendar.day_minutes),
		"state": result.urgency,
	}


def timeline(dossier: str) -> list[dict]:
	rows = frappe.get_all(
		"Dossier Event",
		filters={"dossier": dossier},
		fields=[
			"name",
			"kind",
			"at",
			"actor",
			"actor_name",
			"unit",
			"step",
			"reason",
			"data",
			"personal",
			"sequence",
		],
		order_by="sequence asc",
		limit=0,
	)
	titles = dict(
		frappe.get_all(
			"Dossier Step", filters={"dossier": dossier}, fields=["step_key", "title"], as_list=True, limit=0
		)
	)
	kinds = {row.name: row.kind for row in rows}
	found = []
	for row in rows:
		data = frappe.parse_json(row.data) if row.data else {}
		found.append(
			{
				"name": row.name,
				"kind": row.kind,
				"label": _(EVENT_LABELS.get(row.kind, row.kind)),
				"at": str(row.at),
				"actor": row.actor,
				# What the system did was written down in the language of that moment.
				"actor_name": _("The system") if row.actor_name == "The system" else row.actor_name,
				"unit_name": units.unit_name(row.unit) if row.unit else "",
				"step_title": titles.get(row.step, ""),
				"reason": row.reason or "",
				"lines": [*_lines(row.kind, data, titles, kinds), *_corrected(row)],
			}
		)
	return found


def _lines(kind: str, data: dict[str, Any], titles: dict, kinds: dict):
	if data.get("code"):
		yield _("Dossier code {0}").format(data["code"])
	if kind == "received" and data.get("due"):
		yield _("Result promised for {0}").format(_moment(data["due"]))
	for item in data.get("items") or []:
		yield " – ".join(filter(None, (item.get("component"), item.get("note"), item.get("legal_basis"))))
	if data.get("officer"):
		yield _("To {0}").format(frappe.utils.get_fullname(data["officer"]))
	if data.get("to"):
		yield _("Back to: {0}").format(titles.get(data["to"], data["to"]))
	if data.get("new_due"):
		yield _("New due date {0}").format(_moment(data["new_due"]))
	if data.get("amount") is not None:
		yield _("Amount {0}").format(_money_text(flt(data["amount"])))
	if data.get("method"):
		yield _("Paid: {0}").format(_(data["method"]))
	if data.get("unit"):
		yield _("Unit: {0}").format(units.unit_name(data["unit"]))
	for component, _digest in data.get("papers") or ():
		yield str(component)
	if data.get("deciding_unit") and kind == "handed_to_unit":
		yield _("Deciding unit: {0}").format(units.unit_name(data["deciding_unit"]))
	if data.get("no_scan_reason"):
		yield _("Papers without a scan: {0}").format(data["no_scan_reason"])
	if data.get("result_number"):
		yield _("Result number {0}").format(data["result_number"])
	if data.get("way"):
		yield _("Way of return: {0}").format(_(data["way"]))
	if kind == "undone" and data.get("of") in kinds:
		yield _("Undone: {0}").format(_(EVENT_LABELS.get(kinds[data["of"]], "")))
	if kind == "calendar_changed" and data.get("due"):
		yield _("Due date now {0}").format(_moment(data["due"]))


def _corrected(row) -> list[str]:
	"""Which facts a correction changed: their names, not what they were or are."""
	if row.kind != "corrected" or not row.personal:
		return []
	meta = frappe.get_meta("Dossier")
	changed = [
		name for name in frappe.parse_json(row.personal).get("after") or {} if name in intake.CORRECTABLE
	]
	return (
		[_("Corrected: {0}").format(", ".join(_(meta.get_label(name)) for name in changed))]
		if changed
		else []
	)


def _moment(value: str | datetime) -> str:
	return f"{get_datetime(value):%H:%M %d/%m/%Y}"


def _money_text(amount: float) -> str:
	"""A sum in đồng as it is written in Vietnam: 11.750.000 đ."""
	return f"{amount:,.0f}".replace(",", ".") + " đ"
