"""A dossier that its applicant fills in: kept step by step, picked up later, handed in at the end.

Until then it is a Portal Draft, which nobody of the staff sees. `hand_in` makes the Dossier of it and registers it by
the lifecycle; what the lifecycle refuses leaves the draft as it was.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import frappe
from frappe import _
from frappe.model.delete_doc import delete_dynamic_links
from frappe.utils import cint, cstr, getdate, now_datetime

from one_stop.citizen_portal import accounts, contacts, uploads
from one_stop.citizen_portal.rendering import FormError, PageMissing
from one_stop.dossiers import intake, lifecycle
from one_stop.dossiers.command import in_own_transaction
from one_stop.procedures import eform, terms

DOCTYPE = "Portal Draft"
MOST_FILES_A_PAPER = 5
MOST_FILES = 40
MOST_DRAFTS = 50
DAYS_KEPT = 90
MINUTES_TO_HAND_IN = 5
DAYS_TO_FINISH = 2
AT_ONCE = 200
CHANNEL = "Online"
KINDS = ("Citizen", "Business", "State Body", "Other Organisation")
PERSON = (
	"applicant_kind",
	"applicant_name",
	"applicant_id_type",
	"applicant_id_number",
	"applicant_birth_date",
	"applicant_phone",
	"applicant_email",
	"applicant_address",
)
AUTHORISED = ("authorised_name", "authorised_id_number", "authorised_phone")
DELIVERIES = ("Counter", "Post", "Online")


@dataclass
class Draft:
	"""What has been filled in so far."""

	name: str
	user: str
	procedure: str
	version: str
	receiving_unit: str = ""
	case_name: str = ""
	on_behalf: int = 0
	person: dict[str, str] = field(default_factory=dict)
	answers: dict[str, Any] = field(default_factory=dict)
	papers: dict[str, list[dict[str, str]]] = field(default_factory=dict)
	missing: dict[str, str] = field(default_factory=dict)
	result_delivery: str = ""
	postal_address: str = ""
	done: list[str] = field(default_factory=list)
	dossier: str | None = None
	# As it was read: what another page has saved since is not overwritten.
	read: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

	@property
	def form(self) -> Any:
		return frappe.get_cached_doc("Procedure Version", self.version)

	def components(self) -> list[Any]:
		"""The papers to send: what is only shown at the counter and the electronic form itself are not."""
		return [
			row
			for row in intake.wanted_components(self.version, CHANNEL)
			if row.form not in ("Present", "E-Form")
		]

	def shown_at_counter(self) -> list[Any]:
		return [row for row in intake.wanted_components(self.version, CHANNEL) if row.form == "Present"]

	def file_count(self) -> int:
		return sum(len(files) for files in self.papers.values())


def begin(user: str, procedure: str) -> Draft:
	"""A new draft, filled in from the profile and from the last dossier whose applicant agreed to reuse.

	:raises PageMissing: the procedure is not received online
	:raises FormError: too many drafts
	"""
	if not frappe.db.exists("Administrative Procedure", {"name": procedure, "status": "In Force"}):
		raise PageMissing
	version = terms.version_on(procedure, getdate()).name
	if CHANNEL not in terms.channels_of(version):
		raise PageMissing
	if frappe.db.count(DOCTYPE, {"user": user, "dossier": ["is", "not set"]}) >= MOST_DRAFTS:
		raise FormError(form=_("You have too many unfinished dossiers. Delete some first."))
	draft = Draft("", user, procedure, version, person=_known_person(user))
	doc = frappe.get_doc({"doctype": DOCTYPE, "user": user, "procedure": procedure, "version": version})
	doc.data = json.dumps(_data(draft), ensure_ascii=False)
	doc.insert(ignore_permissions=True)  # the citizen's own, taken from the session
	draft.name = doc.name
	return draft


def _known_person(user: str) -> dict[str, str]:
	profile = accounts.profile_of(user)
	known = {
		"applicant_kind": "Citizen",
		"applicant_name": profile.full_name,
		"applicant_id_type": profile.id_type,
		"applicant_id_number": profile.id_number,
		"applicant_birth_date": cstr(profile.birth_date),
		"applicant_phone": profile.phone,
		"applicant_email": profile.email,
		"applicant_address": profile.address,
	}
	last = frappe.get_all(
		"Dossier",
		filters={"applicant_user": user, "consent": 1, "authorised_name": ["in", ["", None]]},
		fields=list(PERSON),
		order_by="creation desc",
		limit=1,
	)
	for name, value in (last[0] if last else {}).items():
		known[name] = known.get(name) or cstr(value)
	return {name: cstr(value) for name, value in known.items() if value}


def _data(draft: Draft) -> dict[str, Any]:
	return {
		name: value
		for name, value in asdict(draft).items()
		if name not in ("name", "user", "procedure", "version", "dossier", "read")
	}


def own(user: str, name: str) -> Draft:
	"""A draft of this user. :raises PageMissing: there is none of this name that is theirs"""
	doc = frappe.db.get_value(
		DOCTYPE,
		{"name": name, "user": user},
		["name", "user", "procedure", "version", "data", "dossier"],
		as_dict=True,
	)
	if not doc:
		raise PageMissing
	draft = Draft(
		doc.name,
		doc.user,
		doc.procedure,
		doc.version,
		dossier=doc.dossier,
		read=json.loads(doc.data or "{}"),
		**json.loads(doc.data or "{}"),
	)
	current = terms.version_on(draft.procedure, getdate()).name
	if not draft.dossier and current != draft.version:
		# Another version came into force meanwhile: the answers it still asks for stay.
		draft.version, draft.done = current, []
	return draft


def list_of(user: str) -> list[Any]:
	return frappe.get_all(
		DOCTYPE,
		filters={"user": user, "dossier": ["is", "not set"]},
		fields=["name", "procedure", "modified"],
		order_by="modified desc",
		limit=MOST_DRAFTS,
	)


def save(draft: Draft, step: str = "") -> None:
	"""Keep what has been filled in; `step` is done once its values are in order.

	Two pages may be open: of each only what it has changed is written.
	"""
	if step and step not in draft.done:
		draft.done.append(step)
	kept = frappe.db.get_value(DOCTYPE, {"name": draft.name, "user": draft.user}, "data", for_update=True)
	data = merged(draft.read, _data(draft), json.loads(kept or "{}"))
	frappe.db.set_value(
		DOCTYPE,
		{"name": draft.name, "user": draft.user},
		{"data": json.dumps(data, ensure_ascii=False), "version": draft.version},
	)


def merged(read: Mapping[str, Any], filled: Mapping[str, Any], kept: Mapping[str, Any]) -> dict[str, Any]:
	"""What is to be kept: of `filled` what differs from what was `read`, of the rest what is `kept` by now (pure).

	Files of papers and steps done are added and taken away one by one.
	"""
	data = {
		**filled,
		**{name: kept[name] for name in filled if name in kept and filled[name] == read.get(name)},
	}
	if filled["papers"] != read.get("papers", {}):
		before, now = read.get("papers") or {}, kept.get("papers") or {}
		data["papers"] = {
			paper: files
			for paper in {**now, **filled["papers"]}
			if (
				files := _changed(
					before.get(paper) or [], filled["papers"].get(paper) or [], now.get(paper) or []
				)
			)
		}
	if filled["done"]:
		data["done"] = _changed(read.get("done") or [], filled["done"], kept.get("done") or [])
	return data


def _changed(read: list, filled: list, kept: list) -> list:
	gone, new = [one for one in read if one not in filled], [one for one in filled if one not in read]
	return [one for one in kept if one not in gone] + [one for one in new if one not in kept]


def discard(draft: Draft) -> None:
	"""Delete a draft with its files."""
	for name in frappe.get_all(
		"File", {"attached_to_doctype": DOCTYPE, "attached_to_name": draft.name}, pluck="name"
	):
		# Hangs on the citizen's own draft. For good: a copy among Frappe's deleted documents would outlive the account.
		frappe.delete_doc("File", name, ignore_permissions=True, delete_permanently=True)
	delete_for_good(DOCTYPE, draft.name)


def delete_for_good(doctype: str, name: str) -> None:
	"""Delete what is a citizen's own, and what hangs on it: comments name files and people.

	Frappe leaves the latter to a job, which may be late and may fail, and would keep a copy of the document.
	"""
	# The citizen's own, taken from the session.
	frappe.delete_doc(doctype, name, ignore_permissions=True, force=True, delete_permanently=True)
	delete_dynamic_links(doctype, name)


# Papers


def add_file(draft: Draft, component: str, filename: str, content: bytes) -> None:
	"""Check one file and hang it on a paper.

	:raises FormError: on the field of the paper, with what to do instead
	"""
	key = paper_key(draft, component)
	files = draft.papers.setdefault(component, [])
	if len(files) >= MOST_FILES_A_PAPER or draft.file_count() >= MOST_FILES:
		raise FormError(**{key: _("At most {0} files for one paper.").format(MOST_FILES_A_PAPER)})
	try:
		accepted = uploads.accept(content, filename)
	except uploads.UploadRefused as refused:
		raise FormError(**{key: str(refused)}) from None
	stem = filename.rsplit(".", 1)[0][-60:] or "file"
	doc = store_file(DOCTYPE, draft.name, f"{stem}.{accepted.extension}", accepted.content)
	files.append({"file": doc.name, "url": doc.file_url, "name": doc.file_name})
	draft.missing.pop(component, None)


def store_file(doctype: str, name: str, filename: str, content: bytes) -> Any:
	"""A private file on a document, whose content has been accepted before."""
	doc = frappe.get_doc(
		{
			"doctype": "File",
			"file_name": filename,
			"content": content,
			"is_private": 1,
			"attached_to_doctype": doctype,
			"attached_to_name": name,
		}
	)
	doc.flags.made_by_server = True  # accepted just now
	doc.insert(ignore_permissions=True)  # the caller has checked that the document is the citizen's own
	return doc


def paper_key(draft: Draft, component: str) -> str:
	"""The name of a paper's field in the form: no spaces, as it is an id too."""
	return next((f"paper-{row.idx}" for row in draft.components() if row.component_name == component), "form")


def remove_file(draft: Draft, file: str) -> None:
	for component, files in draft.papers.items():
		for row in files:
			if row["file"] == file:
				files.remove(row)
				if frappe.db.exists("File", {"name": file, "attached_to_name": draft.name}):
					# Hangs on the citizen's own draft.
					frappe.delete_doc("File", file, ignore_permissions=True, delete_permanently=True)
				if not files:
					draft.papers.pop(component)
				return


def reuse_file(draft: Draft, component: str, file: str) -> None:
	"""Take a paper or result of an earlier dossier of one's own. :raises PageMissing: it is not theirs"""
	from one_stop.citizen_portal import own_files

	found = own_files.find(draft.user, file)
	if draft.file_count() >= MOST_FILES:
		raise FormError(
			**{paper_key(draft, component): _("At most {0} files for one paper.").format(MOST_FILES_A_PAPER)}
		)
	content = frappe.get_doc("File", found["file"]).get_content()
	copied = store_file(
		DOCTYPE, draft.name, found["name"], content.encode() if isinstance(content, str) else content
	)
	draft.papers.setdefault(component, []).append(
		{
			"file": copied.name,
			"url": copied.file_url,
			"name": copied.file_name,
			"reused_from": found["source"],
		}
	)


# Handing in


def problems(draft: Draft) -> dict[str, dict[str, str]]:
	"""What is still wrong, by step: `{step: {field: message}}`; empty when it can be handed in."""
	found: dict[str, dict[str, str]] = {}
	if draft.receiving_unit not in {
		offer["receiving_unit"] for offer in intake.offers_of(draft.procedure, getdate())
	}:
		found["noi-nop"] = {"receiving_unit": _("Choose where to submit.")}
	if people := wrong_about_people(draft):
		found["nguoi-nop"] = people
	wrong = {
		problem.fieldname: _(problem.message)
		for problem in eform.check_answers(draft.form.eform_fields, draft.answers).problems
	}
	if wrong and intake.needs_eform(draft.version, CHANNEL):
		found["to-khai"] = wrong
	absent = {
		f"paper-{row.idx}": _("Add this paper, or say why it is missing.")
		for row in draft.components()
		if cint(row.required)
		and not draft.papers.get(row.component_name)
		and not draft.missing.get(row.component_name)
	}
	if absent:
		found["giay-to"] = absent
	if draft.result_delivery not in DELIVERIES or (
		draft.result_delivery == "Post" and not draft.postal_address
	):
		found["nhan-ket-qua"] = {"result_delivery": _("Choose how you want to get the result.")}
	return found


def wrong_about_people(draft: Draft) -> dict[str, str]:
	"""What is not in order about the applicant and who acts for them: `{field: message}`."""
	person = {name: draft.person.get(name) or "" for name in (*PERSON, *AUTHORISED)}
	wrong: dict[str, str] = {}
	# Business codes have ten or thirteen digits and a form of their own.
	number = person["applicant_id_number"] if person["applicant_kind"] == "Citizen" else ""
	try:
		accounts.check_person(
			{
				"full_name": person["applicant_name"],
				"id_number": number,
				"birth_date": person["applicant_birth_date"],
			}
		)
	except FormError as found:
		names = {
			"full_name": "applicant_name",
			"id_number": "applicant_id_number",
			"birth_date": "applicant_birth_date",
		}
		wrong |= {names[name]: message for name, message in found.messages.items()}
	if person["applicant_kind"] not in KINDS:
		wrong["applicant_kind"] = _("Choose one.")
	if not person["applicant_id_number"]:
		wrong["applicant_id_number"] = _("Please fill in this field.")
	if person["applicant_phone"] and not contacts.phone(person["applicant_phone"]):
		wrong["applicant_phone"] = _("A telephone number has 10 or 11 digits and begins with 0 or +84.")
	if person["applicant_email"] and not contacts.email(person["applicant_email"]):
		wrong["applicant_email"] = _("An e-mail address looks like name@example.vn.")
	if not person["applicant_phone"] and not person["applicant_email"]:
		wrong["applicant_phone"] = _(
			"Give a telephone number or an e-mail address, so that we can tell you the result."
		)
	return wrong | (_wrong_about_the_authorised(person) if draft.on_behalf else {})


def _wrong_about_the_authorised(person: Mapping[str, str]) -> dict[str, str]:
	fields = (
		("authorised_name", "Text", True),
		("authorised_id_number", "ID Number", True),
		("authorised_phone", "Phone", False),
	)
	found = {
		name: eform.message_for({"field_type": kind, "required": needed}, person[name])
		for name, kind, needed in fields
	}
	return {name: _(message) for name, message in found.items() if message}


def hand_in(draft: Draft, consented: Mapping[str, Any] | None = None) -> str:
	"""Make the dossier and register it. Returns its name. Handing in twice, also at once, gives the same dossier.

	The draft is locked until its dossier stands in it. What was interrupted after that is registered by the next try.

	:param consented: `consent.facts()` of the consent given with it, kept on the dossier
	:raises FormError: `form`, with what the lifecycle refused; nothing is left behind then
	:raises PageMissing: the draft was deleted meanwhile
	"""
	if not draft.dossier and problems(draft):
		raise FormError(form=_("Some parts are not complete yet."))
	try:
		dossier = in_own_transaction(lambda: _made_once(draft, consented or {}))
	except frappe.ValidationError as refused:
		raise FormError(form=_plain(refused)) from None
	try:
		lifecycle.register(dossier, client_key=f"portal-{draft.name}")
	except frappe.ValidationError as refused:
		_take_back(draft, dossier)
		raise FormError(form=_plain(refused)) from None
	except BaseException:
		_take_back(draft, dossier)
		raise
	return dossier


def finish_interrupted() -> int:
	"""Register the dossiers whose handing-in was interrupted before the authority heard of it (every five minutes).

	What is refused becomes a draft again, for its owner to put right.

	:returns: how many were found
	"""
	draft, dossier = frappe.qb.DocType(DOCTYPE), frappe.qb.DocType("Dossier")
	rows = (
		frappe.qb.from_(draft)
		.join(dossier)
		.on(dossier.name == draft.dossier)
		.select(draft.name, draft.user)
		.where((dossier.status == "Draft") & (dossier.event_count == 0) & dossier.submitted_at.isnull())
		.where(dossier.creation < frappe.utils.add_to_date(now_datetime(), minutes=-MINUTES_TO_HAND_IN))
		# By its index; what cannot be finished in days is somebody's to look at, not to be tried for ever.
		.where(draft.modified > frappe.utils.add_to_date(now_datetime(), days=-DAYS_TO_FINISH))
		.limit(AT_ONCE)
		.run(as_dict=True)
	)
	frappe.db.commit()
	caller = frappe.session.user
	for row in rows:
		try:
			frappe.set_user(row.user)  # it is the applicant who hands in
			hand_in(own(row.user, row.name))
		except FormError:
			frappe.db.rollback()
		except Exception:
			frappe.db.rollback()
			frappe.log_error(title="Interrupted handing-in", message=row.name)
		finally:
			frappe.set_user(caller)
			frappe.db.commit()
	return len(rows)


def _made_once(draft: Draft, consented: Mapping[str, Any]) -> str:
	"""The dossier of a draft, made by whoever locks the draft first."""
	kept = frappe.db.get_value(
		DOCTYPE, {"name": draft.name, "user": draft.user}, ["name", "dossier"], as_dict=True, for_update=True
	)
	if not kept:
		raise PageMissing
	if kept.dossier:
		return kept.dossier
	doc = frappe.get_doc({"doctype": "Dossier", **_dossier_values(draft)})
	doc.insert(ignore_permissions=True)  # a citizen has no rights on Dossier; every value was checked before
	# Account and consent are no fields that forms may fill in, so they are written past the document.
	frappe.db.set_value("Dossier", doc.name, {"applicant_user": draft.user, **consented})
	for files in draft.papers.values():
		for row in files:
			frappe.db.set_value(
				"File", row["file"], {"attached_to_doctype": "Dossier", "attached_to_name": doc.name}
			)
	frappe.db.set_value(DOCTYPE, draft.name, "dossier", doc.name)
	return doc.name


def _plain(refused: Exception) -> str:
	frappe.clear_messages()
	return frappe.utils.strip_html(str(refused).replace("<br>", "; "))


def _take_back(draft: Draft, dossier: str) -> None:
	in_own_transaction(lambda: _undo(draft, dossier))


def _undo(draft: Draft, dossier: str) -> None:
	frappe.db.get_value(DOCTYPE, draft.name, "name", for_update=True)
	kept = frappe.db.get_value("Dossier", dossier, ["name", "event_count"], as_dict=True, for_update=True)
	# Another try has taken it back already, or got through.
	if not kept or kept.event_count:
		return
	for files in draft.papers.values():
		for row in files:
			frappe.db.set_value(
				"File", row["file"], {"attached_to_doctype": DOCTYPE, "attached_to_name": draft.name}
			)
	frappe.db.set_value(DOCTYPE, draft.name, "dossier", None)
	# It was never handed in: nothing of the ledger names it.
	frappe.delete_doc("Dossier", dossier, ignore_permissions=True, force=True, delete_permanently=True)


def _dossier_values(draft: Draft) -> dict[str, Any]:
	answers = eform.check_answers(draft.form.eform_fields, draft.answers).answers
	labels = {row.fieldname: row.label for row in draft.form.eform_fields}
	return {
		"procedure": draft.procedure,
		"channel": CHANNEL,
		"case_name": draft.case_name or None,
		"receiving_unit": draft.receiving_unit,
		**{name: draft.person.get(name) or None for name in (*PERSON, *AUTHORISED)},
		"consent": cint(draft.person.get("consent")),
		"result_delivery": draft.result_delivery,
		"postal_address": draft.postal_address if draft.result_delivery == "Post" else None,
		"components": [row for component in _all_components(draft) for row in component],
		"answers": [
			{"fieldname": name, "label": labels.get(name), "value": cstr(value)}
			for name, value in answers.items()
		],
		"fees": _fees(draft),
	}


def _all_components(draft: Draft) -> list[list[dict[str, Any]]]:
	found = []
	for row in intake.wanted_components(draft.version, CHANNEL):
		common = {
			"component_name": row.component_name,
			"component_code": row.component_code,
			"required": row.required,
		}
		files = draft.papers.get(row.component_name) or []
		if files:
			found.append(
				[
					{
						**common,
						"submitted": 1,
						"copies": 1,
						"file": file["url"],
						"reused_from": file.get("reused_from"),
						"sha256": intake.sha256_of(file["url"]),
					}
					for file in files
				]
			)
			continue
		reason = draft.missing.get(row.component_name)
		if row.form == "Present":
			reason = _("Shown at the counter")
		submitted = row.form == "E-Form"
		found.append(
			[{**common, "submitted": int(submitted), "missing_reason": None if submitted else reason}]
		)
	return found


def _fees(draft: Draft) -> list[dict[str, Any]]:
	return [
		{"fee_name": row.fee_name, "kind": row.kind, "quantity": 1, "rate": row.amount or 0}
		for row in fees_of(draft.form, draft.case_name)
	]


def fees_of(version: Any, case: str) -> list[Any]:
	"""The fee lines that certainly apply online to a case: not the optional ones, nor those set elsewhere."""
	return [
		row
		for row in version.fees
		if (not row.channel or row.channel == CHANNEL)
		and (not row.case_name or row.case_name == case)
		and not cint(row.optional)
		and not cint(row.amount_unknown)
	]


def forget_old() -> None:
	"""Delete drafts that nobody touched for ninety days (scheduled daily)."""
	before = frappe.utils.add_days(now_datetime(), -DAYS_KEPT)
	names = frappe.get_all(
		DOCTYPE, {"modified": ["<", before], "dossier": ["is", "not set"]}, ["name", "user"], limit=500
	)
	for row in names:
		discard(Draft(row.name, row.user, "", ""))
	frappe.db.commit()
