"""What the management board asks for. Everything is within the units of the session's user."""

import frappe
from frappe import _

from one_stop.reporting import board as figures_of_board
from one_stop.reporting import figures
from one_stop.reporting.exceptions import ReportRefused

READERS = ("Unit Leader", "Monitoring Officer", "One-Stop Administrator")
SHARES = ("on_time_month", "online_month", "satisfaction")


def _only_readers() -> None:
	# Not `frappe.only_for`, which lets everybody pass while tests run.
	user = frappe.session.user
	if user != "Administrator" and not set(READERS) & set(frappe.get_roles(user)):
		raise frappe.PermissionError(
			_("The board is for unit leaders and the office that controls procedures.")
		)


@frappe.whitelist(methods=["GET"])
def show(unit: str | None = None) -> dict:
	"""The whole board, for the reader's units or those below one of them."""
	_only_readers()
	return figures_of_board.board(frappe.session.user, unit or None)


@frappe.whitelist()
def number(filters: str | dict | None = None) -> dict | str:
	"""The figure of a number card; a dash, which the card shows as it stands, where nothing is known.

	:param filters: `{"figure": key}` as the card keeps it
	"""
	_only_readers()
	key = frappe.parse_json(filters or "{}").get("figure")
	found = figures_of_board.numbers(figures.scope_of(frappe.session.user))
	if key not in found:
		frappe.throw(_("There is no such figure: {0}").format(key), ReportRefused)
	if found[key] is None:
		return "–"
	kind = "Percent" if key in SHARES else "Int"
	opens = figures_of_board.opens().get(key)
	# Ratings are shown in lots of several, never one by one: their card ends at the lots.
	route = ["query-report", "Dossiers behind a Figure"] if opens else ["List", "Rating Release"]
	return {"value": found[key], "fieldtype": kind, "route": route, "route_options": opens or {}}
