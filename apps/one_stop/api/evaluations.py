"""What the desk asks of rule sets, evaluations and awards."""

from hashlib import sha256

import frappe
from frappe import _
from frappe.utils import cint

from one_stop.compat import require_permission
from one_stop.quality import award_print, awards, ratings, rule_sets

RATERS = ("Processing Officer", "Reception Clerk", "Unit Leader")


@frappe.whitelist(methods=["POST"])
def new_version(rule_set: str) -> str:
	"""A draft that follows an approved rule set. Returns its name."""
	require_permission("Evaluation Rule Set", "create")
	return rule_sets.new_version(rule_set).name


@frappe.whitelist(methods=["POST"])
def run_again(run: str) -> None:
	"""Compute a period again: what has been published stays."""
	require_permission("Evaluation Run", "create")
	doc = frappe.get_doc("Evaluation Run", run)
	doc.check_permission("write")
	doc.db_set({"status": "Waiting", "progress": 0})
	doc.queue()


@frappe.whitelist(methods=["POST"])
def propose(rule: str, year: int) -> None:
	"""Have an award proposed for everybody of one's units who meets its conditions: in a job, since a province's year
	takes minutes to look through."""
	require_permission("Award Proposal", "create")
	awards.check_in_force(frappe.get_doc("Award Rule", rule), cint(year))
	question = sha256(f"{frappe.session.user}|{rule}|{cint(year)}".encode()).hexdigest()
	frappe.enqueue(
		"one_stop.quality.awards.propose_and_tell",
		queue="long",
		timeout=2 * 60 * 60,
		job_id=f"award-proposals-{question[:20]}",
		deduplicate=True,
		rule_name=rule,
		year=cint(year),
		user=frappe.session.user,
	)


@frappe.whitelist(methods=["POST"])
def vote(proposal: str, choice: str, reason: str = "") -> dict[str, int]:
	"""Vote on a proposal as a member of its council; membership is checked by `awards.vote`."""
	return awards.vote(proposal, choice, reason)


@frappe.whitelist(methods=["GET"])
def units_to_rate() -> list[dict[str, str]]:
	"""The units the session's user may rate this quarter."""
	_only_staff()
	return ratings.units_to_rate()


@frappe.whitelist(methods=["POST"])
def rate_unit(unit: str, points: int, comment: str = "") -> None:
	"""Rate how another unit cooperates; `ratings.rate_unit` checks that one had to do with it."""
	_only_staff()
	ratings.rate_unit(unit, cint(points), comment)


def _only_staff() -> None:
	if not set(RATERS) & set(frappe.get_roles()):
		frappe.throw(_("Units are rated by the people who work in others."), frappe.PermissionError)


@frappe.whitelist(methods=["GET"])
def submission_list(rule: str, year: int) -> None:
	"""The printed submission list (tờ trình) of an award's proposals that the session's user may see."""
	require_permission("Award Proposal", "print")
	frappe.response.filename = f"to-trinh-{cint(year)}.pdf"
	frappe.response.filecontent = award_print.submission_list(rule, cint(year))
	frappe.response.type = "pdf"
