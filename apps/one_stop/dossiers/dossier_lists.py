"""Lists of dossiers on one paper: receipts for many, results handed over, dossiers handed over, the register.

A list belongs to a unit, and every dossier on it is one that the unit or those below it may see; so whoever may see
the unit's dossiers may see the list, and nobody learns of a dossier by a list. Lists are issued once, numbered, and
kept as PDF/A with SHA-256 like letters.
"""

from collections.abc import Sequence
from datetime import date

import frappe
from frappe import _
from frappe.utils import cstr, getdate, now_datetime

from one_stop import permissions
from one_stop.dossiers import letters
from one_stop.dossiers.command import in_own_transaction
from one_stop.dossiers.exceptions import ListRefused
from one_stop.organization import units

RECEIPTS, RESULTS, HANDOVER, REGISTER = "Receipt List", "Result List", "Handover List", "Dossier Register"
FORMS = (RECEIPTS, RESULTS, HANDOVER, REGISTER)
MOST_DOSSIERS = 300
MOST_REGISTERED = 1000
FACTS = (
	"name",
	"code",
	"status",
	"receiving_unit",
	"deciding_unit",
	"current_unit",
	"applicant_id_number",
	"applicant_name",
)


def issue_list(
	form: str,
	dossiers: Sequence[str],
	*,
	unit: str | None = None,
	to_unit: str | None = None,
	recipient: str | None = None,
	note: str | None = None,
) -> str:
	"""Issue a list over dossiers in the order given. Returns its name. Commits.

	:param unit: who issues it; where left out, the unit that received all of them
	:param to_unit: who is handed them; for dossiers, where left out, the unit that has all of them
	Raises ListRefused, and frappe.PermissionError for a dossier the session's user may not read.
	"""
	if form not in (RECEIPTS, RESULTS, HANDOVER):
		frappe.throw(_("Form: choose one of {0}.").format(", ".join(map(_, FORMS[:3]))), ListRefused)
	names = list(dict.fromkeys(cstr(name) for name in dossiers))
	if not names or len(names) > MOST_DOSSIERS:
		frappe.throw(_("Choose between 1 and {0} dossiers.").format(MOST_DOSSIERS), ListRefused)
	for name in names:
		if not permissions.may_read_dossier(name):
			frappe.throw(_("There is no such dossier among those you may see."), frappe.PermissionError)
	found = {
		row.name: row
		for row in frappe.get_all("Dossier", filters={"name": ["in", names]}, fields=list(FACTS), limit=0)
	}
	rows = [found[name] for name in names if name in found]
	unit = _issuing_unit(rows, unit)
	_check_rows(form, rows, unit)
	if form == HANDOVER and not to_unit:
		holders = {row.current_unit or row.deciding_unit for row in rows} - {unit}
		to_unit = holders.pop() if len(holders) == 1 else None
	if to_unit and to_unit not in units.TREE.get():
		frappe.throw(_("Handed To: choose a unit."), ListRefused)
	return _insert(
		form,
		unit,
		to_unit=to_unit,
		recipient=_line(recipient),
		note=_line(note, 500),
		dossiers=[
			{"doctype": "Dossier List Row", "dossier": row.name, "code": row.code, **_CHILD} for row in rows
		],
	)


_CHILD = {"parenttype": "Dossier List", "parentfield": "dossiers"}


def _line(text: str | None, most: int = 140) -> str | None:
	return cstr(text).strip()[:most] or None


def _issuing_unit(rows: list, unit: str | None) -> str:
	receivers = {row.receiving_unit for row in rows}
	if not unit and len(receivers) == 1:
		unit = receivers.pop()
	if not unit or unit not in units.TREE.get():
		frappe.throw(
			_("Unit: the dossiers were received at several units; say which one issues the list."),
			ListRefused,
		)
	_check_unit(unit)
	return unit


def _check_unit(unit: str) -> None:
	if not permissions.may_see_unit(unit, frappe.session.user):
		frappe.throw(_("Unit: you hold no duty there."), frappe.PermissionError)


def _check_rows(form: str, rows: list, unit: str) -> None:
	below = units.descendants(unit)
	seen = set(
		frappe.get_all(
			"Dossier Access",
			filters={"dossier": ["in", [row.name for row in rows]], "unit": ["in", below]},
			pluck="dossier",
			limit=0,
		)
	)
	for row in rows:
		code = row.code or row.name
		if row.name not in seen:
			frappe.throw(
				_("{0} is not a dossier of {1}: leave it out.").format(code, units.unit_name(unit)),
				ListRefused,
			)
		if not row.code:
			frappe.throw(_("{0} has not been received yet: leave it out.").format(code), ListRefused)
		if form == RESULTS and row.status not in ("Finished", "Returned"):
			frappe.throw(_("{0} has no result yet: leave it out.").format(code), ListRefused)
	applicants = {row.applicant_id_number or row.applicant_name for row in rows}
	if form == RECEIPTS and len(applicants) > 1:
		frappe.throw(_("One receipt for many dossiers is for one applicant."), ListRefused)


def issue_register(unit: str, period_from: date | str, period_to: date | str) -> str:
	"""Issue the register of a unit over a period of one year. Returns its name. Commits.

	Dossiers that are in no register yet are entered first, in the order of their reception.
	Raises ListRefused for a period that is none, crosses a year, or holds more than one register prints.
	"""
	if unit not in units.TREE.get():
		frappe.throw(_("Unit: choose a unit."), ListRefused)
	_check_unit(unit)
	first, last = getdate(period_from), getdate(period_to)
	if not first or not last or first > last or first.year != last.year:
		frappe.throw(
			_("From and To: a register is kept by the year, from its first day to its last."), ListRefused
		)
	filters = {
		"receiving_unit": unit,
		"received_at": ["between", [f"{first} 00:00:00", f"{last} 23:59:59.999999"]],
		"code": ["is", "set"],
	}
	count = frappe.db.count("Dossier", filters)
	if count > MOST_REGISTERED:
		frappe.throw(
			_(
				"{0} dossiers were received in this period; one register prints {1}. Choose a shorter one."
			).format(count, MOST_REGISTERED),
			ListRefused,
		)
	_enter_missing(filters)
	return _insert(REGISTER, unit, period_from=first, period_to=last)


def _enter_missing(filters: dict) -> None:
	names = frappe.get_all(
		"Dossier",
		filters={**filters, "register_number": 0},
		pluck="name",
		order_by="received_at asc, code asc",
		limit=0,
	)
	for name in names:
		in_own_transaction(lambda name=name: letters.enter_in_register(_locked(name)))


def _locked(name: str):
	fields = ["name", "receiving_unit", "received_at", "register_number"]
	return frappe.db.get_value("Dossier", name, fields, as_dict=True, for_update=True, order_by=None)


def _insert(form: str, unit: str, **facts) -> str:
	issued_at = now_datetime().replace(microsecond=0)
	by = frappe.session.user

	def insert() -> str:
		return letters.insert_and_queue(
			{
				"doctype": "Dossier List",
				"form": form,
				"unit": unit,
				"issued_at": issued_at,
				"issued_by": by,
				"number": None if form == REGISTER else letters.next_number(unit, form, issued_at.year),
				**facts,
			}
		)

	return in_own_transaction(insert)
