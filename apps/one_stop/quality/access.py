"""Who may see and change evaluations, awards, petitions: Frappe's permission hooks over `permissions.py`.

Roles were checked by Frappe before; here it is decided which documents. Officers see their own evaluation and
nobody else's; leaders those of their units and all below; the office that controls procedures all of them.
"""

import frappe

from one_stop import permissions
from one_stop.permissions import READING

OWN_ONLY = frozenset({"Processing Officer", "Reception Clerk"})
WIDER = frozenset({"Unit Leader", "Monitoring Officer", "One-Stop Administrator", "Administrator"})
OF_A_UNIT = (
	"Unit Evaluation",
	"Petition",
	"Rating Release",
	"Publication Check",
	"Entered Figure",
	"Award Proposal",
)


def sees_own_only(user: str) -> bool:
	"""Whether a person has no wider role than that of an officer or a clerk."""
	return not WIDER & set(frappe.get_roles(user))


def _of_unit(doctype: str):
	def condition(user: str | None = None, doctype: str = doctype) -> str:
		user = user or frappe.session.user
		if sees_own_only(user):
			return "1 = 0"
		return permissions.unit_condition(f"`tab{doctype}`.`unit`", user)

	return condition


unit_evaluation_condition = _of_unit("Unit Evaluation")
petition_condition = _of_unit("Petition")
rating_release_condition = _of_unit("Rating Release")
rating_comment_condition = _of_unit("Rating Comment")
publication_check_condition = _of_unit("Publication Check")
entered_figure_condition = _of_unit("Entered Figure")


def officer_evaluation_condition(user: str | None = None, doctype: str | None = None) -> str:
	user = user or frappe.session.user
	own = f"`tabOfficer Evaluation`.`officer` = {frappe.db.escape(user)}"
	if sees_own_only(user):
		return own
	units = permissions.unit_condition("`tabOfficer Evaluation`.`unit`", user)
	return f"({own} or {units})" if units else ""


def award_proposal_condition(user: str | None = None, doctype: str | None = None) -> str:
	"""Proposals of one's units, and those one votes on, or one's council will."""
	user = user or frappe.session.user
	if sees_own_only(user):
		return "1 = 0"
	units = permissions.unit_condition("`tabAward Proposal`.`unit`", user)
	if not units:
		return ""
	rows = f"select `parent` from `tabCouncil Member` where `member` = {frappe.db.escape(user)} and `parenttype` ="
	councils = f"`tabAward Proposal`.`council` in ({rows} 'Emulation Council')"
	votes = f"`tabAward Proposal`.`name` in ({rows} 'Award Proposal')"
	return f"({units} or {councils} or {votes})"


def appeal_condition(user: str | None = None, doctype: str | None = None) -> str:
	user = user or frappe.session.user
	own = f"`tabEvaluation Appeal`.`appellant` = {frappe.db.escape(user)}"
	if sees_own_only(user):
		return own
	units = permissions.unit_condition("`tabEvaluation Appeal`.`unit`", user)
	return f"({own} or {units})" if units else ""


def _rows_of(child: str, parents: dict):
	"""Rows of a table follow the documents they stand in: Frappe asks only for the right to the DocType."""

	def condition(user: str | None = None, doctype: str | None = None) -> str:
		seen = []
		for parent, of_parent in parents.items():
			where = of_parent(user)
			of_these = f"`tab{child}`.`parenttype` = {frappe.db.escape(parent)}"
			if where:
				of_these += f" and `tab{child}`.`parent` in (select `name` from `tab{parent}` where {where})"
			seen.append(f"({of_these})")
		return f"({' or '.join(seen)})"

	return condition


_EVALUATIONS = {
	"Unit Evaluation": unit_evaluation_condition,
	"Officer Evaluation": officer_evaluation_condition,
}
evaluation_line_condition = _rows_of("Evaluation Line", _EVALUATIONS)
evaluation_field_part_condition = _rows_of("Evaluation Field Part", _EVALUATIONS)
evaluation_difference_condition = _rows_of("Evaluation Difference", _EVALUATIONS)
evaluation_posting_condition = _rows_of("Evaluation Posting", _EVALUATIONS)
award_reason_condition = _rows_of("Award Reason", {"Award Proposal": award_proposal_condition})
award_vote_condition = _rows_of("Award Vote", {"Award Proposal": award_proposal_condition})


def has_unit_permission(doc, ptype: str = "read", user: str | None = None, debug: bool = False) -> bool:
	"""What belongs to a unit (evaluations, petitions, checks, figures): whoever may see the unit, and no plain officer."""
	user = user or frappe.session.user
	return not sees_own_only(user) and (not doc.unit or permissions.may_see_unit(doc.unit, user))


def has_officer_evaluation_permission(
	doc, ptype: str = "read", user: str | None = None, debug: bool = False
) -> bool:
	"""One's own, or those of one's units. Nobody shares or deletes a published one."""
	user = user or frappe.session.user
	if doc.officer == user:
		return ptype in READING or ptype == "write"
	return not sees_own_only(user) and permissions.may_see_unit(doc.unit, user)


def has_award_proposal_permission(
	doc, ptype: str = "read", user: str | None = None, debug: bool = False
) -> bool:
	user = user or frappe.session.user
	if sees_own_only(user):
		return False
	if not doc.unit or permissions.may_see_unit(doc.unit, user):
		return True
	votes = any(row.member == user for row in doc.get("voters") or ())
	return ptype in READING and (votes or is_council_member(doc.council, user))


def is_council_member(council: str | None, user: str) -> bool:
	return bool(
		council
		and frappe.db.exists(
			"Council Member", {"parent": council, "parenttype": "Emulation Council", "member": user}
		)
	)


def has_appeal_permission(doc, ptype: str = "read", user: str | None = None, debug: bool = False) -> bool:
	user = user or frappe.session.user
	if doc.is_new():
		return ptype in ("create", *READING)
	# As it is stored: Frappe asks before it takes the document, in which a client may name somebody else.
	appellant, unit = frappe.db.get_value(doc.doctype, doc.name, ["appellant", "unit"]) or (None, None)
	if appellant == user:
		return ptype in ("create", *READING)
	return not sees_own_only(user) and (not unit or permissions.may_see_unit(unit, user))


def lateness_condition(user: str | None = None, doctype: str | None = None) -> str:
	"""Explanations of lateness are seen with their dossier."""
	return permissions._condition("`tabLateness Explanation`.`dossier`", user)


def has_lateness_permission(doc, ptype: str = "read", user: str | None = None, debug: bool = False) -> bool:
	user = user or frappe.session.user
	return not doc.dossier or permissions.may_read_dossier(doc.dossier, user)


def daily_fact_condition(user: str | None = None, doctype: str | None = None) -> str:
	"""Days by units and procedures only: sums of them would be counted twice in a list."""
	units = permissions.unit_condition("`tabDossier Daily Fact`.`deciding_unit`", user)
	finest = "`tabDossier Daily Fact`.`grain` = 0 and `tabDossier Daily Fact`.`span` = 0"
	return f"{finest}{' and ' + units if units else ''}"


def has_daily_fact_permission(doc, ptype: str = "read", user: str | None = None, debug: bool = False) -> bool:
	return ptype in READING and permissions.may_see_unit(doc.deciding_unit, user or frappe.session.user)
