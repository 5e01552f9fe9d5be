"""Feedback and petitions: sent, followed, and their public answers (NĐ 20/2008)."""

import frappe
from frappe import _
from frappe.utils import cint

from one_stop.citizen_portal import contacts, throttle
from one_stop.citizen_portal.pages.catalogue import centres
from one_stop.citizen_portal.rendering import Page, PortalRequest
from one_stop.quality import petitions
from one_stop.quality.exceptions import PetitionRefused

PAGE = 20
FIELDS = ("subject", "sender_name", "sender_phone", "sender_email", "unit", "dossier_code")


def published(request: PortalRequest) -> Page:
	kind = request.text("loai")
	start = max(0, min(cint(request.text("tu")), 10_000))
	rows = petitions.public_petitions(kind if kind in petitions.KINDS else None, start, PAGE + 1)
	return Page(
		"petitions.html",
		_("Feedback and petitions"),
		{"rows": rows[:PAGE], "kind": kind, "start": start, "more": len(rows) > PAGE, "page": PAGE},
	)


def send(request: PortalRequest) -> Page:
	title = _("Send feedback or a petition")
	values = {name: request.text(name, 300) for name in FIELDS}
	values |= {
		"kind": request.text("kind") or request.text("loai"),
		"content": request.long_text("content"),
		"sender_address": request.text("sender_address", 300),
	}
	common = {"values": values, "centres": centres()}
	if not request.is_post:
		if request.signed_in:
			from one_stop.citizen_portal.accounts import profile_of
			from one_stop.citizen_portal.edge import audience_of

			if audience_of(request.user) == "citizen":
				profile = profile_of(request.user)
				values |= {
					"sender_name": profile.full_name,
					"sender_phone": profile.phone or "",
					"sender_email": profile.email or "",
					"sender_address": profile.address or "",
				}
		return Page("petition_send.html", title, common)
	throttle.count("petition", throttle.address(), 30, 3600)
	wrong = petitions.problems_of(values["kind"], values)
	if values["sender_email"] and not contacts.email(values["sender_email"]):
		wrong["sender_email"] = _("An e-mail address looks like name@example.vn.")
	if values["unit"] and values["unit"] not in {row.name for row in common["centres"]}:
		wrong["unit"] = _("Choose one.")
	if wrong:
		return Page("petition_send.html", title, {**common, "errors": wrong}, 422)
	try:
		answer = petitions.submit_petition(
			values["kind"],
			values["subject"],
			values["content"],
			values["sender_name"],
			values["sender_address"],
			values["sender_phone"],
			values["sender_email"],
			unit=values["unit"] or None,
			**_about(request.user, values["dossier_code"]),
		)
	except PetitionRefused as refused:
		frappe.db.rollback()
		frappe.clear_messages()
		return Page(
			"petition_send.html",
			title,
			{**common, "errors": {"form": frappe.utils.strip_html(str(refused))}},
			422,
		)
	return Page("petition_sent.html", _("Thank you"), {"answer": answer})


def _about(user: str, code: str) -> dict[str, str]:
	"""The dossier that a sender names: looked up where it is their own, else left to who handles the petition, so
	that the answer tells nobody whether there is such a dossier."""
	own = code and user != "Guest" and frappe.db.exists("Dossier", {"code": code, "applicant_user": user})
	return {"dossier_code": code} if own else {"code_given": code}


def follow(request: PortalRequest) -> Page:
	"""By code and check code; the sender adds what was asked, and says whether the answer satisfies."""
	title = _("Follow a petition")
	values = {"code": request.text("code", 60), "check": request.text("check", 20).upper()}
	if not values["code"]:
		return Page("petition_follow.html", title, {"values": values})
	throttle.count("petition-follow", throttle.address(), 100, 600)
	try:
		if request.is_post and request.form.get("add"):
			text = request.long_text("text")
			if not text:
				found = petitions.follow_petition(values["code"], values["check"])
				errors = {"text": _("Please write what you want to add.")}
				return Page(
					"petition_follow.html",
					title,
					{"values": values, "petition": found, "errors": errors},
					422,
				)
			petitions.add_information(values["code"], values["check"], text)
		if request.is_post and request.form.get("judge"):
			petitions.judge_answer(values["code"], values["check"], request.form["judge"] == "1")
		found = petitions.follow_petition(values["code"], values["check"])
	except PetitionRefused as refused:
		frappe.db.rollback()
		frappe.clear_messages()
		return Page(
			"petition_follow.html",
			title,
			{"values": values, "errors": {"code": frappe.utils.strip_html(str(refused))}},
			422,
		)
	return Page("petition_follow.html", title, {"values": values, "petition": found})
