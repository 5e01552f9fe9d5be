"""Who may see which dossiers: one source for list queries and for document checks.

Roles say what kind of work, duties say where. A dossier is seen by the units that stand in Dossier Access with
it, and by whoever has a duty in one of them or above. `units_in_scope` answers where a person may look; the
query conditions and the document checks below are both written from it, and a test compares them on random
data. Hooks return plain booleans: `None` abstains in Frappe 15 and denies in 16.

Applicants (website users) never reach these documents through the desk's doors; `citizen_portal` reads their
own dossiers for them.
"""

from datetime import date

import frappe
from frappe import _
from frappe.model import no_value_fields, table_fields
from frappe.utils import cint, getdate

from one_stop.dossiers.masking import masked as masked
from one_stop.organization import units

# The office that controls procedures reads all; administrators must be able to help anybody.
READ_ALL = frozenset({"Monitoring Officer", "One-Stop Administrator"})
SCOPED = frozenset({"Reception Clerk", "Processing Officer", "Unit Leader"})
# By these fields documents of Frappe hang on another one.
REFERENCES = (
	("reference_type", "reference_name"),
	("reference_doctype", "reference_name"),
	("attached_to_doctype", "attached_to_name"),
	("document_type", "document_name"),
	("ref_doctype", "ref_docname"),
	("reference_doctype", "reference_docname"),
)
# What people may change of their own account.
OWN_SETTINGS = frozenset(
	"""
	language time_zone desk_theme user_image mute_sounds bulk_actions search_bar list_sidebar form_sidebar
	form_navigation_buttons timeline dashboard view_switcher notifications thread_notify send_me_a_copy
	allowed_in_mentions default_workspace default_app code_editor_type last_active last_login last_ip
	last_known_versions onboarding_status
	""".split()
)
READING = frozenset({"read", "select", "print", "email", "report", "export"})
OF_A_DOSSIER = (
	"Dossier Step",
	"Dossier Event",
	"Dossier Letter",
	"Dossier Payment",
	"Dossier Result",
	"Dossier Opinion",
	"Dossier Access",
	"Dossier Reminder",
)

_scopes: dict[tuple, frozenset[str] | None] = {}
MOST_SCOPES = 2000


def units_in_scope(user: str, on: date | None = None) -> frozenset[str] | None:
	"""The units whose dossiers a person may see on a day (today): those of their duties, all below them, and those
	merged into any of these, whose ended dossiers they answer for.

	:returns: `None` for people who may see everything; an empty set for whoever holds no duty
	"""
	if user == "Administrator" or READ_ALL & set(frappe.get_roles(user)):
		return None
	day = getdate(on)
	key = (frappe.local.site, user, day, units.MEMBERS.token(), units.TREE.token())
	if key not in _scopes:
		_remember(key, _scope(user, day))
	return _scopes[key]


def _scope(user: str, day: date) -> frozenset[str] | None:
	found: set[str] = set()
	for row in units.memberships(user, day):
		found.update(units.answering(row["unit"], day))
	# Whoever stands at the top of the tree sees all of it; saying so keeps the queries short.
	return None if found and len(found) == len(units.TREE.get()) else frozenset(found)


def units_worked_in(user: str) -> frozenset[str] | None:
	"""The units whose dossiers a person works on: by a duty at the counter, in processing or in the lead there or above.

	Who oversees all, or helps everybody, does so without anybody's papers.

	:returns: `None` for whoever works on all
	"""
	if user == "Administrator":
		return None
	day = getdate()
	key = (frappe.local.site, user, day, units.MEMBERS.token(), units.TREE.token(), "work")
	if key not in _scopes:
		found: set[str] = set()
		for row in units.memberships(user, day) if SCOPED & set(frappe.get_roles(user)) else ():
			if frappe.get_cached_value("Duty", row["duty"], "role") in SCOPED:
				found.update(units.answering(row["unit"], day))
		_remember(key, None if found and len(found) == len(units.TREE.get()) else frozenset(found))
	return _scopes[key]


def _remember(key: tuple, scope: frozenset[str] | None) -> None:
	if len(_scopes) >= MOST_SCOPES:
		_scopes.clear()
	_scopes[key] = scope


def sees_everything(user: str) -> bool:
	return units_in_scope(user) is None


def may_see_unit(unit: str | None, user: str) -> bool:
	scope = units_in_scope(user)
	return scope is None or (unit or "") in scope


# Query conditions


def dossier_condition(user: str | None = None, doctype: str | None = None) -> str:
	"""SQL condition of the dossiers a person may list."""
	return _condition("`tabDossier`.`name`", user)


def _of_dossier(table: str):
	def condition(user: str | None = None, doctype: str | None = None) -> str:
		return _condition(f"`tab{table}`.`dossier`", user)

	return condition


def _of_parent(table: str):
	def condition(user: str | None = None, doctype: str | None = None) -> str:
		return _condition(f"`tab{table}`.`parent`", user)

	return condition


step_condition = _of_dossier("Dossier Step")
event_condition = _of_dossier("Dossier Event")
letter_condition = _of_dossier("Dossier Letter")
payment_condition = _of_dossier("Dossier Payment")
result_condition = _of_dossier("Dossier Result")
opinion_condition = _of_dossier("Dossier Opinion")
access_condition = _of_dossier("Dossier Access")
answer_condition = _of_parent("Dossier Answer")
component_condition = _of_parent("Dossier Component")
fee_condition = _of_parent("Dossier Fee")


def handover_item_condition(user: str | None = None, doctype: str | None = None) -> str:
	"""Rows of hand-over minutes follow the dossier that each names."""
	return _condition("`tabPostal Handover Item`.`dossier`", user)


def list_row_condition(user: str | None = None, doctype: str | None = None) -> str:
	"""Rows of printed lists follow the dossier that each names."""
	return _condition("`tabDossier List Row`.`dossier`", user)


def file_condition(user: str | None = None, doctype: str | None = None) -> str:
	"""Files of dossiers are listed for who works on these; Frappe's own condition holds for all others besides."""
	scope = units_worked_in(user or frappe.session.user)
	if scope is None:
		return ""
	condition = _within("`tabFile`.`attached_to_name`", scope)
	return f"(ifnull(`tabFile`.`attached_to_doctype`, '') != 'Dossier' or {condition})"


reminder_condition = _of_dossier("Dossier Reminder")


def handover_condition(user: str | None = None, doctype: str | None = None) -> str:
	"""SQL condition of the postal hand-over minutes a person may list: those of the units in their scope."""
	return unit_condition("`tabPostal Handover`.`unit`", user)


def list_condition(user: str | None = None, doctype: str | None = None) -> str:
	"""SQL condition of the lists of dossiers a person may list: those that units in their scope issued."""
	return unit_condition("`tabDossier List`.`unit`", user)


def _condition(column: str, user: str | None) -> str:
	scope = _scope_of_reader(user)
	return "" if scope is None else _within(column, scope)


def _within(column: str, scope: frozenset[str]) -> str:
	if not scope:
		return "1 = 0"
	# `column` is one of the constants above, the units are escaped.
	return (
		"exists (select 1 from `tabDossier Access` `os_access` "
		f"where `os_access`.`dossier` = {column} and `os_access`.`unit` in ({_quoted(scope)}))"
	)


def unit_condition(column: str, user: str | None = None) -> str:
	"""SQL condition that a column, written as `` `table`.`column` ``, names a unit in a person's scope."""
	scope = _scope_of_reader(user)
	if scope is None:
		return ""
	return f"{column} in ({_quoted(scope)})" if scope else "1 = 0"


def _quoted(scope: frozenset[str]) -> str:
	return ", ".join(frappe.db.escape(unit) for unit in sorted(scope))


def _scope_of_reader(user: str | None) -> frozenset[str] | None:
	user = user or frappe.session.user
	roles = set(frappe.get_roles(user))
	if user != "Administrator" and not roles & (SCOPED | READ_ALL):
		return frozenset()
	return units_in_scope(user)


# Document checks


def may_read_dossier(dossier: str, user: str | None = None) -> bool:
	"""Whether a person may see a dossier: one of its units lies in their scope."""
	scope = _scope_of_reader(user)
	if scope is None:
		return True
	if not scope:
		return False
	rows = frappe.get_all("Dossier Access", filters={"dossier": dossier}, pluck="unit", limit=0)
	return any(unit in scope for unit in rows)


def may_open_files(dossier: str, user: str) -> bool:
	"""Whether a person may open the papers and results of a dossier: who works on it."""
	scope = units_worked_in(user)
	if scope is None:
		return True
	rows = (
		frappe.get_all("Dossier Access", filters={"dossier": dossier}, pluck="unit", limit=0) if scope else ()
	)
	return any(unit in scope for unit in rows)


def has_dossier_permission(doc, ptype: str = "read", user: str | None = None, debug: bool = False) -> bool:
	"""Frappe's `has_permission` hook of Dossier.

	Reading follows Dossier Access. Writing through the form is for drafts of one's own counters; everything
	after that goes through `lifecycle`. Nothing is shared or cancelled, and nothing but one's own draft deleted.
	"""
	user = user or frappe.session.user
	ptype = ptype or "read"
	if ptype in READING:
		if doc.is_new() or doc.flags.in_insert:
			return may_see_unit(doc.receiving_unit, user) or not doc.receiving_unit
		return may_read_dossier(doc.name, user)
	if ptype in ("create", "import"):
		return not doc.receiving_unit or may_see_unit(doc.receiving_unit, user)
	if ptype == "write":
		if doc.is_new():
			return may_see_unit(doc.receiving_unit, user)
		return may_write_draft(doc.name, user)
	return ptype == "delete" and may_delete_draft(doc.name, user)


def may_delete_draft(dossier: str, user: str) -> bool:
	"""Whether a person may delete a draft: their own, that was never handed in, at a counter of theirs. What is stored
	counts."""
	if not frappe.db.exists(
		"Dossier", {"name": dossier, "owner": user, "code": ["is", "not set"], "event_count": 0}
	):
		return False
	return may_write_draft(dossier, user)


def may_write_draft(dossier: str, user: str) -> bool:
	"""Whether a person may write a draft: at the counter that is to receive it. What is stored counts, not what
	the caller says."""
	row = frappe.db.get_value("Dossier", dossier, ["status", "receiving_unit"], as_dict=True)
	return bool(row) and row.status == "Draft" and may_receive_at(row.receiving_unit, user)


def may_receive_at(unit: str | None, user: str) -> bool:
	"""Whether a person holds the duty of reception in a unit today."""
	if user == "Administrator":
		return True
	return any(
		row["duty"] == "Reception" and row["unit"] == unit for row in units.memberships(user, getdate())
	)


def has_dossier_file_permission(dossier: str, ptype: str, user: str, owner: str | None) -> bool:
	"""Files of a dossier are read by who works on it, whoever uploaded them; taken away only by who did, from a draft."""
	if ptype in READING:
		return may_open_files(dossier, user)
	return owner == user and may_write_draft(dossier, user)


def has_part_permission(doc, ptype: str = "read", user: str | None = None, debug: bool = False) -> bool:
	"""Frappe's `has_permission` hook of what belongs to a dossier: read with it, written by `lifecycle` only."""
	return (ptype or "read") in READING and may_read_dossier(doc.dossier, user or frappe.session.user)


def has_handover_permission(doc, ptype: str = "read", user: str | None = None, debug: bool = False) -> bool:
	"""Frappe's `has_permission` hook of Postal Handover: the clerks of the unit, and who may see the unit."""
	user = user or frappe.session.user
	if ptype in ("create", "write", "submit", *READING):
		return not doc.unit or may_see_unit(doc.unit, user)
	return False


def has_list_permission(doc, ptype: str = "read", user: str | None = None, debug: bool = False) -> bool:
	"""Frappe's `has_permission` hook of Dossier List: read by who may see its unit, issued by `dossier_lists` only."""
	return (ptype or "read") in READING and may_see_unit(doc.unit, user or frappe.session.user)


# Accounts of citizens, which Frappe shows to the whole desk


def user_condition(user: str | None = None, doctype: str | None = None) -> str:
	"""SQL condition of the accounts a person may list: colleagues and their own. Citizens' are for who manages the system."""
	user = user or frappe.session.user
	if manages_the_system(user):
		return ""
	return f"(`tabUser`.`user_type` = 'System User' or `tabUser`.`name` = {frappe.db.escape(user)})"


def has_user_permission(doc, ptype: str = "read", user: str | None = None, debug: bool = False) -> bool:
	"""Frappe's `has_permission` hook of User."""
	user = user or frappe.session.user
	if doc.name == user or manages_the_system(user):
		return True
	# As it is stored: Frappe takes it from a document before it asks, where its reader may not see it.
	return frappe.db.get_value("User", doc.name, "user_type") == "System User"


def _own(column: str):
	def condition(user: str | None = None, doctype: str | None = None) -> str:
		"""SQL condition of what belongs to a person's own account: contact, roles, defaults, sign-ins by other sites."""
		user = user or frappe.session.user
		return "" if manages_the_system(user) else f"{column} = {frappe.db.escape(user)}"

	return condition


# Frappe makes a contact, with name and numbers, of each account.
contact_condition = _own("`tabContact`.`user`")
role_condition = _own("`tabHas Role`.`parent`")
default_condition = _own("`tabDefaultValue`.`parent`")
social_login_condition = _own("`tabUser Social Login`.`parent`")
document_follow_condition = _own("`tabDocument Follow`.`user`")


def _rows_of_contacts(table: str):
	def condition(user: str | None = None, doctype: str | None = None) -> str:
		"""SQL condition of the rows of the contacts a person may list."""
		own = contact_condition(user)
		contacts = f"select `name` from `tabContact` where {own}"
		return f"`tab{table}`.`parent` in ({contacts})" if own else ""

	return condition


contact_email_condition = _rows_of_contacts("Contact Email")
contact_phone_condition = _rows_of_contacts("Contact Phone")


def has_own_permission(doc, ptype: str = "read", user: str | None = None, debug: bool = False) -> bool:
	"""Frappe's `has_permission` hook of what belongs to an account. Settings are named after it; their field `user`
	says who made them."""
	user = user or frappe.session.user
	owner = doc.get("user") if doc.doctype in ("Contact", "Document Follow") else doc.name
	return owner == user or manages_the_system(user)


def refuse_unseen_reference(doc, method: str | None = None) -> None:
	"""Nobody hangs anything on a document they may not read (hook `before_validate` of notes, tasks, tags,
	files).

	:raises frappe.PermissionError:
	"""
	if doc.flags.ignore_permissions or not _from_the_desk():
		return
	for doctype, name in REFERENCES:
		about, which = doc.get(doctype), doc.get(name)
		if about and which and frappe.db.exists(about, which):
			if not frappe.has_permission(about, "read", doc=which):
				frappe.throw(_("Not permitted"), frappe.PermissionError)


def refuse_other_settings(doc, method: str | None = None) -> None:
	"""Of their own account, people of the desk change how it looks and what it tells them (hook `before_validate`
	of User).

	:raises frappe.PermissionError: naming the field
	"""
	if doc.flags.ignore_permissions or not _from_the_desk():
		return
	if doc.get("new_password"):
		frappe.throw(_("New Password: change it on the page for a new password."), frappe.PermissionError)
	for df in doc.meta.fields:
		if df.fieldname not in OWN_SETTINGS and df.fieldtype not in (*no_value_fields, *table_fields):
			if doc.has_value_changed(df.fieldname):
				message = _("{0}: only who manages the system changes this.")
				frappe.throw(message.format(_(df.label or df.fieldname)), frappe.PermissionError)


def sign_by_the_session(doc, method: str | None = None) -> None:
	"""A note is by whoever is signed in, whatever the call says (hook `before_insert` of Comment)."""
	if _from_the_desk():
		doc.comment_email = frappe.session.user
		doc.comment_by = frappe.db.get_value("User", frappe.session.user, "full_name")


def _from_the_desk() -> bool:
	"""Whether this is a request of somebody of the desk who does not manage the system."""
	return from_outside() and (
		frappe.get_cached_value("User", frappe.session.user, "user_type") == "System User"
	)


def from_outside() -> bool:
	"""Whether this is a request of anybody who does not manage the system."""
	return bool(getattr(frappe.local, "request", None)) and not manages_the_system(frappe.session.user)


def manages_the_system(user: str) -> bool:
	"""Whether somebody may do everything in Frappe: the list of methods and these conditions are not for them."""
	return user == "Administrator" or "System Manager" in frappe.get_roles(user)


# What is masked


def unreadable_columns(doctype: str, user: str | None = None) -> frozenset[str]:
	"""Fields of a DocType that a person may not read: not to be filtered, sorted or grouped by either, or the
	answers would tell what they hold."""
	if not frappe.db.exists("DocType", doctype):
		return frozenset()
	meta = frappe.get_meta(doctype)
	# Rows have no rights of their own: those of their dossier count.
	rights = frappe.get_meta("Dossier") if meta.istable else meta
	levels = set(rights.get_permlevel_access("read", user=user or frappe.session.user))
	return frozenset(df.fieldname for df in meta.fields if df.permlevel and df.permlevel not in levels)


def revision_token() -> str:
	"""What changes whenever somebody's scope may have changed; for keys of caches that hold scoped answers."""
	return f"{units.MEMBERS.token()}:{units.TREE.token()}:{cint(getdate().toordinal())}"
