"""My dossiers: where they are, what to do next, and everything that can be done from home."""

import mimetypes
from typing import Any

import frappe
from frappe import _

from one_stop.citizen_portal import drafts, own_files, payments, supplements, tracking
from one_stop.citizen_portal.rendering import (
	Download,
	FormError,
	Page,
	PageMissing,
	PortalRequest,
	Redirect,
	environment,
	neighbours,
)
from one_stop.dossiers import case, lifecycle
from one_stop.organization import units
from one_stop.quality import ratings

SHOWN = (
	"name",
	"code",
	"status",
	"procedure",
	"procedure_name",
	"receiving_unit",
	"current_unit",
	"submitted_at",
	"received_at",
	"due_at",
	"original_due_at",
	"applicant_due",
	"finished_at",
	"returned_at",
	"ended_at",
	"extension_count",
	"access_code",
	"applicant_name",
	"result_delivery",
	"modified",
)
UNDER_WAY = frozenset(status.value for status in case.RUNNING | case.WAITING)
PAGE = 20
WITHDRAWABLE = ("Draft", *UNDER_WAY)


def own(user: str, name: str) -> Any:
	"""A dossier of this account. :raises PageMissing: there is none of this name that is theirs"""
	row = frappe.db.get_value("Dossier", {"name": name, "applicant_user": user}, list(SHOWN), as_dict=True)
	if not row:
		raise PageMissing
	return row


def mine(request: PortalRequest) -> Page:
	user = request.need_account()
	start = request.start
	rows = frappe.get_all(
		"Dossier",
		filters={"applicant_user": user},
		fields=list(SHOWN),
		order_by="creation desc, name desc",
		start=start,
		limit=PAGE + 1,
	)
	more, rows = len(rows) > PAGE, rows[:PAGE]
	for row in rows:
		row.next = next_step(row)
	unfinished = [] if start else drafts.list_of(user)
	for row in unfinished:
		row.procedure_name = frappe.get_cached_value(
			"Administrative Procedure", row.procedure, "procedure_name"
		)
	notice = {"da-xoa": _("The draft has been deleted."), "da-luu": _("Saved. You can go on at any time.")}
	return Page(
		"mine.html",
		_("My dossiers"),
		{
			"rows": rows,
			"drafts": unfinished,
			"notice": notice.get(request.query.get("tb", ""), ""),
			**neighbours(start, PAGE, more),
		},
	)


def next_step(row: Any) -> str:
	"""What the applicant is to do now, in one sentence."""
	if row.status == "Draft":
		return _("Wait: the counter answers within 8 working hours.")
	return {
		"Received": _("Nothing: your dossier is with the authority."),
		"In Process": _("Nothing: your dossier is with the authority."),
		"Awaiting Supplement": _("Send the papers that are missing."),
		"Awaiting Payment": _("Pay what is owed; the time until then does not count."),
		"Finished": _("Get the result."),
		"Returned": _("Nothing: the dossier is closed."),
	}.get(row.status, _("Nothing: the dossier is closed."))


def dossier(request: PortalRequest) -> Page | Redirect:
	user = request.need_account()
	row = own(user, request.arguments["name"])
	errors: dict[str, str] = {}
	if request.is_post:
		action = ACTIONS.get(request.form.get("action", ""))
		if not action:
			raise PageMissing
		try:
			return action(request, row)
		except FormError as wrong:
			frappe.db.rollback()
			errors = wrong.messages
		except frappe.ValidationError as refused:
			frappe.db.rollback()
			frappe.clear_messages()
			errors = {"form": frappe.utils.strip_html(str(refused))}
		row = own(user, row.name)
	return show(request, row, errors)


def show(request: PortalRequest, row: Any, errors: dict[str, str]) -> Page:
	events = frappe.get_all(
		"Dossier Event",
		filters={"dossier": row.name},
		fields=["name", "kind", "at", "step", "to_status", "from_status", "reason", "data"],
		order_by="sequence asc",
		limit=0,
	)
	asked = supplements.asked(events) if row.status == "Awaiting Supplement" else None
	owed = payments.owed(row.name)
	files = own_files.of_dossier(request.user, row.name)
	rate_token = ratings.token_after_the_end(row.name, row.status)
	if rate_token:
		frappe.db.commit()  # reading the page issues the token
	notice = {
		"da-nop": _("Your dossier has been submitted. This page is your temporary receipt."),
		"da-bo-sung": _("Your papers have been sent."),
		"da-rut": _("The dossier has been withdrawn."),
		"da-dong-y": _("Thank you, the authority sees that you accept the new date."),
		"da-tra": _("Thank you, the payment has arrived."),
		"cho-tra": _("The payment is being confirmed by the gateway. This can take some minutes."),
		"khong-tra": _("The payment did not go through. Nothing has been charged."),
	}
	return Page(
		"dossier.html",
		row.procedure_name,
		{
			"row": row,
			"next": next_step(row),
			"milestones": milestones(row),
			"story": story(events),
			"unit_name": units.unit_name(row.receiving_unit),
			"current_unit": units.unit_name(row.current_unit) if row.current_unit else "",
			"done": tracking.done_share(row.name, row.status),
			"asked": asked,
			"apology": next((event for event in reversed(events) if event.kind == "extended"), None),
			"may_accept": row.status in UNDER_WAY and lifecycle.extension_to_accept(events) is not None,
			"accepted_at": next(
				(event.at for event in reversed(events) if event.kind == "extension_accepted"), None
			),
			"owed": owed,
			"total": sum(payment.amount for payment in owed),
			"can_pay": bool(owed) and payments.merchant() is not None,
			"paid": frappe.get_all(
				"Dossier Payment",
				{"dossier": row.name, "status": "Paid"},
				["name", "title", "amount", "paid_at", "method", "reference"],
			),
			"own_files": files,
			"rate_token": rate_token,
			"may_withdraw": row.status in WITHDRAWABLE,
			"key": frappe.generate_hash(length=20),
			"track": tracking.address(row.code, row.access_code) if row.code and row.access_code else "",
			"notice": notice.get(request.query.get("tb", ""), ""),
			"errors": errors,
		},
		422 if errors else 200,
	)


def milestones(row: Any) -> list[dict[str, Any]]:
	"""The public milestones of the process with their dates; the steps themselves where none are named."""
	steps = frappe.get_all(
		"Dossier Step",
		filters={"dossier": row.name},
		fields=[
			"step_key",
			"title",
			"public_milestone",
			"status",
			"unit",
			"completed_at",
			"due_at",
			"opened_at",
			"planned_opens_at",
		],
		order_by="planned_opens_at asc, creation asc",
		limit=0,
	)
	named = [step for step in steps if step.public_milestone] or steps
	return [
		{
			"title": step.public_milestone or step.title,
			"unit": units.unit_name(step.unit) if step.unit else _("The applicant"),
			"at": step.completed_at,
			"due": step.due_at,
			"expected": step.planned_opens_at,
			"state": "done"
			if step.status == "Completed"
			else "now"
			if step.status in ("Open", "In Progress")
			else "later",
		}
		for step in named
		if step.status not in ("Skipped", "Cancelled")
	]


STORY = {
	"registered": "Submitted",
	"acknowledged": "Arrived at the counter",
	"received": "Received",
	"supplement_requested": "Papers asked for",
	"supplement_received": "Papers sent",
	"refused": "Refused",
	"obligation_ordered": "Payment asked for",
	"obligation_paid": "Paid",
	"fee_paid": "Paid",
	"extended": "Apology and new date",
	"extension_accepted": "New date accepted",
	"stopped": "Stopped",
	"withdrawn": "Withdrawn",
	"finished": "Result ready",
	"returned": "Result handed over",
	"handed_to_unit": "Passed on to the competent unit",
}
REASONS = ("supplement_requested", "refused", "extended", "stopped")


def story(events: list[Any]) -> list[dict[str, Any]]:
	"""What the applicant is told of the events; names of officers and inner steps are not."""
	return [
		{
			"label": _(STORY[event.kind]),
			"at": event.at,
			"reason": event.reason if event.kind in REASONS else "",
		}
		for event in events
		if event.kind in STORY
	]


def _key(request: PortalRequest, action: str) -> str:
	return f"portal-{action}-{request.text('key', 40)}"


def _withdraw(request: PortalRequest, row: Any) -> Redirect:
	reason = request.long_text("reason", 500)
	if not reason:
		raise FormError(reason=_("Say in a few words why."))
	lifecycle.withdraw(row.name, client_key=_key(request, "withdraw"), reason=reason)
	return Redirect(f"/ho-so/{row.name}?tb=da-rut")


def _supplement(request: PortalRequest, row: Any) -> Redirect:
	supplements.send(row.name, request.user, _key(request, "supplement"), request)
	return Redirect(f"/ho-so/{row.name}?tb=da-bo-sung")


def _pay(request: PortalRequest, row: Any) -> Redirect:
	address = payments.start(row.name, request.user, frappe.local.request_ip or "127.0.0.1", request.lang)
	return Redirect(address, way_out=True)


def _accept(request: PortalRequest, row: Any) -> Redirect:
	lifecycle.accept_extension(row.name, client_key=_key(request, "accept"))
	return Redirect(f"/ho-so/{row.name}?tb=da-dong-y")


ACTIONS = {"withdraw": _withdraw, "supplement": _supplement, "pay": _pay, "accept": _accept}


def store(request: PortalRequest) -> Page:
	user, start = request.need_account(), request.start
	more = frappe.db.count("Dossier", {"applicant_user": user}) > start + PAGE
	files = own_files.list_of(user, start, PAGE)
	return Page("store.html", _("My papers"), {"files": files, **neighbours(start, PAGE, more)})


def payment_confirmation(request: PortalRequest) -> Download:
	"""What was paid for a dossier of one's own, by whom, when and how, to print."""
	from one_stop.archival_pdf import archival_pdf

	row = own(request.need_account(), request.arguments["name"])
	paid = frappe.db.get_value(
		"Dossier Payment",
		{"name": request.arguments["payment"], "dossier": row.name, "status": "Paid"},
		["name", "title", "amount", "paid_at", "method", "reference"],
		as_dict=True,
	)
	if not paid:
		raise PageMissing
	values = {"row": row, "paid": paid, "unit_name": units.unit_name(row.receiving_unit)}
	page = environment().get_template("payment_confirmation.html").render(values)
	return Download(archival_pdf(page), f"xac-nhan-nop-tien-{row.code or row.name}.pdf", "application/pdf")


def download(request: PortalRequest) -> Download:
	"""A result, letter or paper of one's own dossiers."""
	found = own_files.find(request.need_account(), request.arguments["file"])
	content = frappe.get_doc("File", found["file"]).get_content()
	kind = mimetypes.guess_type(found["name"])[0] or "application/octet-stream"
	safe = kind if kind in ("application/pdf", "image/jpeg", "image/png") else "application/octet-stream"
	return Download(content.encode() if isinstance(content, str) else content, found["name"], safe)
