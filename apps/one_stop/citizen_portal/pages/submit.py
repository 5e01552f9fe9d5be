"""Submitting a dossier, one step a page; every step is kept, so that it can be gone on with later."""

from typing import Any

import frappe
from frappe import _
from frappe.utils import getdate

from one_stop.citizen_portal import consent, drafts, own_files
from one_stop.citizen_portal.pages.catalogue import published
from one_stop.citizen_portal.rendering import FormError, Page, PageMissing, PortalRequest, Redirect
from one_stop.dossiers import intake
from one_stop.procedures import eform, terms

STEPS = ("noi-nop", "nguoi-nop", "to-khai", "giay-to", "nhan-ket-qua", "xem-lai")
FORM_FIELDS = (
	"fieldname",
	"label",
	"field_type",
	"required",
	"options",
	"shown_when",
	"help_text",
	"pattern",
	"pattern_message",
)


def titles() -> dict[str, str]:
	return {
		"noi-nop": _("Where to submit"),
		"nguoi-nop": _("Who it is for"),
		"to-khai": _("Form"),
		"giay-to": _("Papers"),
		"nhan-ket-qua": _("Getting the result"),
		"xem-lai": _("Check and submit"),
	}


def begin(request: PortalRequest) -> Page | Redirect:
	"""Start a dossier; a draft of the same procedure is offered first."""
	user = request.need_account()
	doc = published(request.arguments["code"])
	waiting = [row for row in drafts.list_of(user) if row.procedure == doc.name]
	if not request.is_post and waiting:
		return Page("begin.html", doc.procedure_name, {"doc": doc, "waiting": waiting})
	try:
		draft = drafts.begin(user, doc.name)
	except FormError as wrong:
		return Page(
			"begin.html", doc.procedure_name, {"doc": doc, "waiting": waiting, "errors": wrong.messages}, 422
		)
	frappe.db.commit()  # also when a link, which is no POST, leads here
	return Redirect(f"/nop-ho-so/{draft.name}/{STEPS[0]}")


def step(request: PortalRequest) -> Page | Redirect:
	user = request.need_account()
	draft = drafts.own(user, request.arguments["draft"])
	name = request.arguments["step"]
	if name not in STEPS:
		raise PageMissing
	if draft.dossier:
		# Also finishes a handing-in that was interrupted.
		return _submit(draft, request)
	if request.is_post and request.form.get("discard"):
		drafts.discard(draft)
		return Redirect("/ho-so?tb=da-xoa")
	errors: dict[str, str] = {}
	if request.is_post:
		try:
			onward = SAVE[name](request, draft)
		except FormError as wrong:
			# What is right is kept all the same; the step counts as done when all of it is.
			drafts.save(draft)
			errors = wrong.messages
		else:
			if name == STEPS[-1]:
				return _submit(draft, request)
			drafts.save(draft, name if onward else "")
			if not onward:
				return Redirect(f"/nop-ho-so/{draft.name}/{name}")
			if request.form.get("later"):
				return Redirect("/ho-so?tb=da-luu")
			return Redirect(f"/nop-ho-so/{draft.name}/{following(draft, name)}")
	elif request.query.get("sai"):
		errors = drafts.problems(draft).get(name, {})
	return show(draft, name, errors, request)


def following(draft: drafts.Draft, name: str) -> str:
	steps = steps_of(draft)
	return steps[min(steps.index(name) + 1, len(steps) - 1)]


def steps_of(draft: drafts.Draft) -> list[str]:
	"""The steps this procedure needs: no form, no papers, no step for them."""
	skipped = set()
	if not draft.form.eform_fields:
		skipped.add("to-khai")
	if not draft.components():
		skipped.add("giay-to")
	return [name for name in STEPS if name not in skipped]


def _submit(draft: drafts.Draft, request: PortalRequest) -> Page | Redirect:
	if not draft.dossier and (wrong := drafts.problems(draft)):
		first = next(name for name in STEPS if name in wrong)
		return Redirect(f"/nop-ho-so/{draft.name}/{first}?sai=1")
	try:
		dossier = drafts.hand_in(draft, consent.facts())
	except FormError as refused:
		return show(draft, "xem-lai", refused.messages, None)
	if request.is_post:
		consent.give(draft.user)
	return Redirect(f"/ho-so/{dossier}?tb=da-nop")


def show(draft: drafts.Draft, name: str, errors: dict[str, str], request: PortalRequest | None) -> Page:
	doc = frappe.get_cached_doc("Administrative Procedure", draft.procedure)
	steps = steps_of(draft)
	if name not in steps:
		raise PageMissing
	values: dict[str, Any] = {
		"draft": draft,
		"doc": doc,
		"step": name,
		"steps": [(key, titles()[key], key in draft.done) for key in steps],
		"number": steps.index(name) + 1,
		"errors": errors,
		**MORE.get(name, lambda _draft: {})(draft),
	}
	return Page(
		f"submit_{name.replace('-', '_')}.html",
		f"{titles()[name]} – {doc.procedure_name}",
		values,
		422 if errors and request and request.is_post else 200,
	)


# Where


def _more_where(draft: drafts.Draft) -> dict[str, Any]:
	return {
		"offers": intake.offers_of(draft.procedure, getdate()),
		"cases": terms.cases_of(draft.version),
	}


def _save_where(request: PortalRequest, draft: drafts.Draft) -> bool:
	unit, case = request.text("receiving_unit"), request.text("case_name")
	known = {offer["receiving_unit"] for offer in intake.offers_of(draft.procedure, getdate())}
	if unit not in known:
		raise FormError(receiving_unit=_("Choose where to submit."))
	draft.receiving_unit = unit
	if case not in terms.cases_of(draft.version):
		raise FormError(case_name=_("Choose the case that applies."))
	draft.case_name = case
	return True


# Who


def _save_who(request: PortalRequest, draft: drafts.Draft) -> bool:
	person = {name: request.text(name, 300) for name in (*drafts.PERSON, *drafts.AUTHORISED)}
	draft.on_behalf = int(request.form.get("on_behalf") == "1")
	if not draft.on_behalf:
		for name in drafts.AUTHORISED:
			person[name] = ""
	draft.person = {
		**{key: value for key, value in person.items() if value},
		**({"consent": "1"} if request.form.get("consent") else {}),
	}
	if wrong := drafts.wrong_about_people(draft):
		raise FormError(**wrong)
	return True


# Form


def _more_form(draft: drafts.Draft) -> dict[str, Any]:
	fields = [{name: row.get(name) or "" for name in FORM_FIELDS} for row in draft.form.eform_fields]
	shown = eform.shown_fields(draft.form.eform_fields, draft.answers)
	prefilled = _prefilled(draft)
	return {
		"fields": [
			{
				**row,
				"choices": eform.choices_of(row),
				"value": draft.answers.get(row["fieldname"], prefilled.get(row["fieldname"], "")),
				"shown": shown[row["fieldname"]],
			}
			for row in fields
		],
		"fields_data": fields,
	}


PREFILL = {
	"applicant.name": "applicant_name",
	"applicant.id_number": "applicant_id_number",
	"applicant.birth_date": "applicant_birth_date",
	"applicant.phone": "applicant_phone",
	"applicant.email": "applicant_email",
	"applicant.address": "applicant_address",
}


def _prefilled(draft: drafts.Draft) -> dict[str, str]:
	"""Answers from the applicant, by the field's own mapping, and from the last dossier of the same procedure."""
	found = {}
	last = frappe.get_all(
		"Dossier",
		{"applicant_user": draft.user, "procedure": draft.procedure, "consent": 1},
		pluck="name",
		order_by="creation desc",
		limit=1,
	)
	if last:
		rows = frappe.get_all("Dossier Answer", {"parent": last[0]}, ["fieldname", "value"], limit=0)
		found |= {row.fieldname: row.value for row in rows}
	for row in draft.form.eform_fields:
		source = (row.prefill_from or "").strip()
		value = draft.person.get(PREFILL.get(source, source))
		if value:
			found[row.fieldname] = value
	return found


def _save_form(request: PortalRequest, draft: drafts.Draft) -> bool:
	given: dict[str, Any] = {}
	for row in draft.form.eform_fields:
		name = row.fieldname
		if row.field_type == "Checkbox":
			given[name] = int(bool(request.form.get(name)))
		elif row.field_type not in ("Heading", "File"):
			given[name] = (
				request.long_text(name) if row.field_type == "Long Text" else request.text(name, 1000)
			)
	checked = eform.check_answers(draft.form.eform_fields, given)
	draft.answers = given
	if checked.problems and not request.form.get("later"):
		raise FormError(**{problem.fieldname: _(problem.message) for problem in checked.problems})
	return True


# Papers


def _more_papers(draft: drafts.Draft) -> dict[str, Any]:
	return {
		"papers": [
			{
				"row": row,
				"files": draft.papers.get(row.component_name, []),
				"missing": draft.missing.get(row.component_name, ""),
				"key": f"paper-{row.idx}",
			}
			for row in draft.components()
		],
		"shown": draft.shown_at_counter(),
		"store": own_files.list_of(draft.user)[:30],
		"most": drafts.MOST_FILES_A_PAPER,
	}


def _save_papers(request: PortalRequest, draft: drafts.Draft) -> bool:
	if file := request.form.get("remove"):
		drafts.remove_file(draft, file)
		return False
	wrong: dict[str, str] = {}
	added = False
	for row in draft.components():
		name, key = row.component_name, f"paper-{row.idx}"
		reason = request.text(f"missing-{row.idx}", 140)
		draft.missing = {
			**{k: v for k, v in draft.missing.items() if k != name},
			**({name: reason} if reason else {}),
		}
		for file in request.files(key):
			try:
				drafts.add_file(draft, name, file.filename, file.stream.read())
				added = True
			except FormError as refused:
				wrong |= refused.messages
		if chosen := request.form.get(f"reuse-{row.idx}"):
			drafts.reuse_file(draft, name, chosen)
			added = True
	if wrong:
		raise FormError(**wrong)
	if request.form.get("add"):
		return False
	if not request.form.get("later"):
		if absent := drafts.problems(draft).get("giay-to"):
			raise FormError(**absent)
	return added or True


# Result


def _save_result(request: PortalRequest, draft: drafts.Draft) -> bool:
	draft.result_delivery, draft.postal_address = (
		request.text("result_delivery"),
		request.text("postal_address", 500),
	)
	if draft.result_delivery not in drafts.DELIVERIES:
		raise FormError(result_delivery=_("Choose how you want to get the result."))
	if draft.result_delivery == "Post" and not draft.postal_address:
		raise FormError(postal_address=_("Write the address that the post is to bring it to."))
	return True


# Review


def _more_review(draft: drafts.Draft) -> dict[str, Any]:
	from one_stop.citizen_portal.pages.catalogue import _promises
	from one_stop.organization import units

	checked = eform.check_answers(draft.form.eform_fields, draft.answers).answers
	promise = next(
		(
			row
			for row in _promises(
				draft.procedure, draft.form, draft.receiving_unit, frappe.utils.now_datetime()
			)
			if row["channel"] == _("Online") and row["case"] == draft.case_name
		),
		None,
	)
	fees = drafts.fees_of(draft.form, draft.case_name)
	return {
		"answers": [
			(row.label, _shown(row, checked[row.fieldname]))
			for row in draft.form.eform_fields
			if row.fieldname in checked
		],
		"unit_name": units.unit_name(draft.receiving_unit),
		"promise": promise,
		"fees": fees,
		"total": sum(row.amount or 0 for row in fees),
		"wrong": drafts.problems(draft),
		"titles": titles(),
		"consent_text": consent.text(frappe.local.lang),
		"consent_version": consent.version(),
	}


def _shown(row: Any, value: Any) -> str:
	if row.field_type == "Checkbox":
		return _("Yes") if value else _("No")
	if row.field_type == "Date":
		return f"{getdate(value):%d/%m/%Y}"
	return str(value)


def _save_review(request: PortalRequest, draft: drafts.Draft) -> bool:
	wrong: dict[str, str] = {}
	if not request.form.get("truth"):
		wrong["truth"] = _("Confirm that what you say is true.")
	if not request.form.get("consent"):
		wrong["consent"] = _("Without your consent to the use of your data the dossier cannot be handled.")
	elif request.form.get("consent_version", "") != consent.version():
		wrong["consent"] = _("The text on personal data has changed: read it again, please.")
	if wrong:
		raise FormError(**wrong)
	return True


SAVE = {
	"noi-nop": _save_where,
	"nguoi-nop": _save_who,
	"to-khai": _save_form,
	"giay-to": _save_papers,
	"nhan-ket-qua": _save_result,
	"xem-lai": _save_review,
}
MORE = {"noi-nop": _more_where, "to-khai": _more_form, "giay-to": _more_papers, "xem-lai": _more_review}
