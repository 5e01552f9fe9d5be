"""What the desk needs to know about this person, and which workspaces are shown to them."""

import frappe
from frappe.desk import desktop
from frappe.utils import getdate

from one_stop.citizen_portal.notices import EVENT_LABELS
from one_stop.organization import units

OUR_ROLES = frozenset(
	{
		"One-Stop Administrator",
		"Reception Clerk",
		"Processing Officer",
		"Unit Leader",
		"Monitoring Officer",
	}
)
# Whoever builds or administers the site keeps every workspace of Frappe.
BUILDER_ROLES = frozenset({"Administrator", "System Manager", "Workspace Manager"})


def extend_bootinfo(bootinfo) -> None:
	"""Add this person's memberships and the names of events, and drop Frappe's own workspaces from what the desk shows them."""
	bootinfo.one_stop = memberships_of(frappe.session.user)
	bootinfo.one_stop["event_kinds"] = EVENT_LABELS
	if bootinfo.get("allowed_workspaces"):
		bootinfo.allowed_workspaces = without_foreign_pages(bootinfo.allowed_workspaces)
	# Frappe 15 and 16 send the whole sidebar with the boot.
	if bootinfo.get("sidebar_pages"):
		bootinfo.sidebar_pages["pages"] = without_foreign_pages(bootinfo.sidebar_pages["pages"])


def memberships_of(user: str) -> dict:
	"""The units and duties of a user today, delegations included.

	Returns ``{memberships: [{unit, unit_name, duty, is_one_stop}], units: [...], duties: [...]}``.
	"""
	rows = [
		{
			"unit": row["unit"],
			"unit_name": units.unit_name(row["unit"]),
			"duty": row["duty"],
			"is_one_stop": int(units.get(row["unit"]).is_one_stop),
		}
		for row in units.memberships(user, getdate())
	]
	return {
		"memberships": rows,
		"units": list(dict.fromkeys(row["unit"] for row in rows)),
		"duties": list(dict.fromkeys(row["duty"] for row in rows)),
	}


@frappe.whitelist()
@frappe.read_only()
def get_workspace_sidebar_items() -> dict:
	"""Frappe's sidebar (the caller's own, permissions checked there) without what is not our people's work."""
	sidebar = desktop.get_workspace_sidebar_items()
	sidebar["pages"] = without_foreign_pages(sidebar["pages"])
	return sidebar


def without_foreign_pages(pages: list) -> list:
	"""Leave out the workspaces of Frappe itself for people who only have roles of this app.

	Workspaces of other apps stay: their own roles decide. When nothing of ours is left the list is
	returned as it was, so that nobody faces an empty desk.
	"""
	roles = set(frappe.get_roles())
	if not roles & OUR_ROLES or roles & BUILDER_ROLES:
		return pages
	kept = [page for page in pages if not page.get("public") or not _of_frappe(page.get("module"))]
	return kept or pages


def _of_frappe(module: str | None) -> bool:
	return not module or frappe.local.module_app.get(frappe.scrub(module)) == "frappe"
