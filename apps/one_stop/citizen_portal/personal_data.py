"""What a citizen may ask for about their own data: all of it, and its deletion within what the law keeps.

Dossiers are records of the authority and stay for their retention period; the account, the profile, drafts, and
notices go, with what Frappe writes down of them. What stays of the account is its meaningless name, which the ledger of
dossiers and the record of sign-ins hold.
"""

from typing import Any

import frappe
from frappe import _
from frappe.sessions import clear_sessions
from frappe.utils.global_search import sync_global_search

from one_stop.citizen_portal import drafts
from one_stop.citizen_portal.messages import ADDRESS_OF_NOBODY
from one_stop.dossiers.case import SETTLED
from one_stop.dossiers.command import in_own_transaction
from one_stop.filters import among

DOSSIER_FIELDS = (
	"name",
	"code",
	"procedure_name",
	"status",
	"creation",
	"received_at",
	"due_at",
	"finished_at",
	"returned_at",
	*drafts.PERSON,
	*drafts.AUTHORISED,
	"consent",
	"consent_version",
	"consent_at",
	"result_delivery",
	"postal_address",
)

OF_PEOPLE = ("User", "Contact", "File")


def export_of(user: str) -> dict[str, Any]:
	"""Everything kept about a citizen, in plain values."""
	dossiers = frappe.get_all("Dossier", {"applicant_user": user}, list(DOSSIER_FIELDS), limit=0)
	for row in dossiers:
		row["papers"] = frappe.get_all(
			"Dossier Component",
			{"parent": row.name},
			["component_name", "submitted", "missing_reason"],
			limit=0,
		)
		row["answers"] = frappe.get_all("Dossier Answer", {"parent": row.name}, ["label", "value"], limit=0)
		row["payments"] = frappe.get_all(
			"Dossier Payment", {"dossier": row.name}, ["title", "amount", "status", "paid_at"], limit=0
		)
		row["events"] = frappe.get_all(
			"Dossier Event", {"dossier": row.name}, ["kind", "at", "reason"], order_by="sequence asc", limit=0
		)
	profile = frappe.get_all(
		"Citizen Profile",
		{"user": user},
		[
			"full_name",
			"id_type",
			"id_number",
			"birth_date",
			"phone",
			"email",
			"address",
			"consent_version",
			"consent_at",
		],
	)
	return {
		"account": frappe.db.get_value(
			"User", user, ["name", "full_name", "mobile_no", "creation", "last_login"], as_dict=True
		),
		"profile": profile,
		"dossiers": dossiers,
		"drafts": frappe.get_all(
			"Portal Draft", {"user": user, "dossier": ["is", "not set"]}, ["procedure", "data", "creation"]
		),
		"notices": frappe.get_all("Portal Notice", {"user": user}, ["title", "body", "creation", "sent_by"]),
		"payments": frappe.get_all(
			"Online Payment", {"user": user}, ["reference", "amount", "status", "paid_at"]
		),
		"sign_ins": frappe.get_all(
			"Activity Log",
			{"user": user, "operation": "Login"},
			["creation", "status", "ip_address"],
			limit=200,
		),
	}


def running_dossiers(user: str) -> int:
	"""Dossiers still being handled: their notices will come by e-mail or SMS only."""
	settled = [status.value for status in SETTLED]
	return frappe.db.count("Dossier", {"applicant_user": user, "status": ["not in", settled]})


def close_account(user: str) -> None:
	"""Delete profile, drafts and notices; empty and disable the account, so that nothing names the person.

	In a transaction of its own, again where another one was in the way: half a deletion would be worse than none.
	"""
	if frappe.db.get_value("User", user, "user_type") != "Website User":
		frappe.throw(_("Not permitted"), frappe.PermissionError)
	in_own_transaction(lambda: _close(user))


def _close(user: str) -> None:
	address = frappe.db.get_value("Citizen Profile", {"user": user}, "email")
	for row in frappe.get_all("Portal Draft", {"user": user}, ["name", "dossier"]):
		if row.dossier:
			_delete("Portal Draft", row.name)
		else:
			drafts.discard(drafts.Draft(row.name, user, "", ""))
	# Frappe makes a Contact of each account.
	for doctype in ("Portal Notice", "Citizen Profile", "Contact"):
		for name in frappe.get_all(doctype, {"user": user}, pluck="name"):
			_delete(doctype, name)
	frappe.db.set_value("Dossier", {"applicant_user": user}, "applicant_user", None)
	frappe.db.set_value("Online Payment", {"user": user}, "user", None)
	_forget_what_was_written_beside(user, address)
	doc = frappe.get_doc("User", user)
	doc.update(
		{
			"enabled": 0,
			"first_name": _("Closed account"),
			"middle_name": None,
			"last_name": "",
			"username": None,
			"mobile_no": None,
			"phone": None,
			"birth_date": None,
			"social_logins": [],
		}
	)
	doc.flags.ignore_permissions = True  # the citizen's own, password asked
	doc.save(ignore_version=True)
	frappe.db.set_value("User", user, "username", None)  # Frappe writes one from the name
	clear_sessions(user, force=True)
	frappe.enqueue(forget_late_writings, queue="short", enqueue_after_commit=True)


def forget_late_writings() -> None:
	"""Take out what Frappe's own jobs wrote of accounts after these were closed: the contact of an account as it was,
	and entries of its search, which wait in a queue while their document goes. In a job after each, and daily.

	The names of people and files are in that search for nothing: nobody finds by it what they may not list.
	"""
	sync_global_search()
	closed = {"user_type": "Website User", "enabled": 0, "name": ["like", f"%@{ADDRESS_OF_NOBODY}"]}
	users = set(frappe.get_all("User", closed, pluck="name"))
	users -= set(frappe.get_all("Citizen Profile", {"user": among(users)}, pluck="user"))
	for name in frappe.get_all("Contact", {"user": among(users)}, pluck="name"):
		_delete("Contact", name)
	frappe.db.delete("__global_search", {"doctype": ["in", OF_PEOPLE]})


def _delete(doctype: str, name: str) -> None:
	"""For good: what Frappe keeps of a deleted document would keep the person."""
	drafts.delete_for_good(doctype, name)
	# That a contact was deleted is a comment of no document, and names the person.
	gone = {"comment_type": "Deleted", "reference_doctype": doctype, "subject": ["like", f"%{name}"]}
	frappe.db.delete("Comment", gone)


def _forget_what_was_written_beside(user: str, address: str | None) -> None:
	"""Earlier names in versions, letters in the queue, comments; and the name in the record of sign-ins, of which only
	the meaningless account, time and address stay for as long as the law wants it kept."""
	frappe.db.delete("Version", {"ref_doctype": "User", "docname": user})
	frappe.db.delete("Comment", {"owner": user})
	frappe.db.delete("Comment", {"reference_doctype": "User", "reference_name": user})
	frappe.db.set_value("Activity Log", {"user": user}, {"full_name": None, "subject": "-"})
	frappe.db.delete("Activity Log", {"owner": user, "operation": ["not in", ("Login", "Logout")]})
	if address:
		letters = frappe.get_all("Email Queue Recipient", {"recipient": address}, pluck="parent")
		frappe.db.delete("Email Queue Recipient", {"parent": among(letters)})
		frappe.db.delete("Email Queue", {"name": among(letters)})


def name_no_citizen(log, method: str | None = None) -> None:
	"""The record of sign-ins says which account, when and from where, never who (hook `before_insert` of Activity
	Log): it is kept longer than the account."""
	kind = frappe.get_cached_value("User", log.user, "user_type") if log.user else None
	if kind == "Website User":
		log.full_name = None
		log.subject = log.operation or "-"
