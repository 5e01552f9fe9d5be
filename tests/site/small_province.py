"""A small province for the tests of quality and reporting: units, people, procedures, and dossiers put in directly.

The dossiers are rows as the ledger leaves them, so that a test may say in one line what happened to each.
"""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta

import frappe

from one_stop.isolation import locked
from one_stop.organization import units
from one_stop.reporting import daily_facts

UNITS = {
	"H99": ("Tỉnh thử nghiệm", "Province", None, 0),
	"H99.01": ("Sở Thử nghiệm", "Department", "H99", 0),
	"H99.02": ("Sở Kiểm thử", "Department", "H99", 0),
	"H99.20": ("Trung tâm Phục vụ hành chính công thử nghiệm", "Department", "H99", 1),
	"H99.40": ("Phường Thử nghiệm", "Commune", "H99", 0),
	"H99.40.01": ("Bộ phận Một cửa phường Thử nghiệm", "Division", "H99.40", 1),
	"H99.41": ("Xã Kiểm thử", "Commune", "H99", 0),
	"H99.41.01": ("Bộ phận Một cửa xã Kiểm thử", "Division", "H99.41", 1),
}
FIELDS = ("Hộ tịch thử", "Đất đai thử")
PROCEDURES = {
	"9.900001": ("Đăng ký thử nghiệm", "Hộ tịch thử", "Commune"),
	"9.900002": ("Chứng thực thử nghiệm", "Hộ tịch thử", "Commune"),
	"9.900003": ("Cấp giấy thử nghiệm", "Đất đai thử", "Province"),
}
PEOPLE = {
	"officer.a": ("H99.40", "Appraisal"),
	"officer.b": ("H99.40", "Appraisal"),
	"officer.c": ("H99.01", "Appraisal"),
	"leader.ward": ("H99.40", "Approval"),
	"leader.commune": ("H99.41", "Approval"),
	"monitor": ("H99", "Monitoring"),
	"admin": ("H99", "Administration"),
}


ROLE_OF = {
	"Appraisal": "Processing Officer",
	"Approval": "Unit Leader",
	"Monitoring": "Monitoring Officer",
	"Administration": "One-Stop Administrator",
}


def email(name: str) -> str:
	return f"{name}@t9.example"


@contextmanager
def standing() -> Iterator[None]:
	"""The province, while no job books daily facts: a test that rebuilds them would meet it in the same rows."""
	with locked(daily_facts.LOCK, 120):
		# What was read before the lock was given may be old by now.
		frappe.db.rollback()
		build()
		try:
			yield
		finally:
			frappe.db.rollback()


def build() -> None:
	"""Everything but dossiers; a second call finds it there."""
	for code, (name, level, parent, one_stop) in UNITS.items():
		_once(
			"Administrative Unit",
			code,
			unit_code=code,
			unit_name=name,
			level=level,
			parent_administrative_unit=parent,
			is_group=int(any(other[2] == code for other in UNITS.values())),
			is_one_stop=one_stop,
		)
	for field in FIELDS:
		_once("Procedure Field", field, field_name=field)
	for code, (name, field, level) in PROCEDURES.items():
		_once(
			"Administrative Procedure",
			code,
			procedure_code=code,
			procedure_name=name,
			field=field,
			level=level,
			status="In Force",
		)
	for name, (unit, duty) in PEOPLE.items():
		user = email(name)
		if frappe.db.exists("User", user):
			continue
		# Rows only: the controllers of users and members cost a second a person and have tests of their own.
		_row(
			"User",
			user,
			email=user,
			first_name=f"Mẫu {name}",
			full_name=f"Mẫu {name}",
			enabled=1,
			language="vi",
		)
		_row("Has Role", None, parent=user, parenttype="User", parentfield="roles", role=ROLE_OF[duty])
		_row(
			"Unit Member",
			None,
			user=user,
			full_name=f"Mẫu {name}",
			unit=unit,
			duty=duty,
			from_date="2020-01-01",
		)
	units.MEMBERS.forget()


def _row(doctype: str, name: str | None, **values) -> None:
	frappe.get_doc(
		{"doctype": doctype, "name": name or frappe.generate_hash(length=10), **values}
	).db_insert()


def _once(doctype: str, name: str, **values) -> None:
	if not frappe.db.exists(doctype, name):
		frappe.get_doc({"doctype": doctype, **values}).insert()


def dossier(
	received: date | datetime,
	*,
	unit: str = "H99.40",
	one_stop: str | None = None,
	procedure: str = "9.900001",
	channel: str = "Counter",
	due: date | datetime | None = None,
	ended: date | datetime | None = None,
	outcome: str | None = None,
	status: str | None = None,
	officer: str | None = None,
	step_outcomes: tuple[str | None, ...] = (),
	**values,
) -> str:
	"""Insert a dossier as the ledger would leave it, with its access rows and steps. Returns its name."""
	name = frappe.generate_hash(length=10)
	received_at = _moment(received)
	ended_at = _moment(ended) if ended else None
	due_at = _moment(due) if due else None
	if ended_at and outcome is None:
		outcome = (
			"On Time" if due_at is None or ended_at == due_at else "Early" if ended_at < due_at else "Late"
		)
	one_stop = one_stop or (f"{unit}.01" if f"{unit}.01" in UNITS else "H99.20")
	row = {
		"doctype": "Dossier",
		"name": name,
		"code": f"H99-{name}",
		"procedure": procedure,
		"procedure_name": PROCEDURES[procedure][0],
		"field": PROCEDURES[procedure][1],
		"channel": channel,
		"receiving_unit": one_stop,
		"deciding_unit": unit,
		"applicant_name": "Người Nộp Mẫu",
		"applicant_kind": "Citizen",
		"status": status or ("Returned" if ended_at else "In Process"),
		"received_at": received_at,
		"due_at": due_at,
		"original_due_at": due_at,
		"finished_at": ended_at,
		"ended_at": ended_at,
		"outcome": outcome,
		"outcome_by_date": outcome,
		"current_unit": None if ended_at else unit,
		"current_officer": None if ended_at else officer,
		**values,
	}
	frappe.get_doc(row).db_insert()
	for where, why in ((one_stop, "Received"), (unit, "Deciding")):
		frappe.get_doc(
			{
				"doctype": "Dossier Access",
				"name": frappe.generate_hash(length=10),
				"dossier": name,
				"unit": where,
				"why": why,
			}
		).db_insert()
	for number, one in enumerate(step_outcomes or ((outcome,) if officer else ()), 1):
		frappe.get_doc(
			{
				"doctype": "Dossier Step",
				"name": frappe.generate_hash(length=10),
				"dossier": name,
				"dossier_code": row["code"],
				"procedure": procedure,
				"step_key": f"S{number}",
				"title": f"Bước {number}",
				"kind": "Processing",
				"status": "Completed" if ended_at else "Open",
				"unit": unit,
				"officer": officer,
				"opened_at": received_at,
				"due_at": due_at,
				"completed_at": ended_at,
				"outcome": one,
				"planned_minutes": 480,
			}
		).db_insert()
	return name


def event(dossier: str, kind: str, at: date | datetime, was: str, status: str, **data) -> None:
	"""An event of the ledger as far as reports read it; its hashes are left out."""
	_row(
		"Dossier Event",
		None,
		dossier=dossier,
		sequence=frappe.db.count("Dossier Event", {"dossier": dossier}) + 1,
		kind=kind,
		at=_moment(at),
		from_status=was,
		to_status=status,
		data=frappe.as_json({name: str(value) for name, value in data.items()}),
	)


def extended(dossier: str, on: date, until: date) -> None:
	"""Put off the due date of a dossier on a day, as the ledger leaves it."""
	row = frappe.db.get_value("Dossier", dossier, ["received_at", "due_at"], as_dict=True)
	if not frappe.db.exists("Dossier Event", {"dossier": dossier}):
		event(dossier, "received", row.received_at, "Draft", "Received", due=row.due_at)
	event(
		dossier,
		"extended",
		on,
		"In Process",
		"In Process",
		old_due=row.due_at,
		new_due=_moment(until),
	)
	frappe.db.set_value("Dossier", dossier, {"due_at": _moment(until), "extension_count": 1})


def _moment(value: date | datetime) -> datetime:
	return value if isinstance(value, datetime) else datetime(value.year, value.month, value.day, 9, 0)


def random_dossiers(count: int, seed: int, first: date = date(2026, 1, 1), days: int = 120) -> list[str]:
	"""Dossiers of all kinds: open and ended, early and late, waiting, withdrawn, stopped, linked, handed in at intake."""
	dice = random.Random(seed)
	names: list[str] = []
	for _number in range(count):
		received = first + timedelta(days=dice.randrange(days))
		due = received + timedelta(days=dice.randrange(1, 25)) if dice.random() < 0.9 else None
		ended = received + timedelta(days=dice.randrange(0, 40)) if dice.random() < 0.7 else None
		status = dice.choice(["Returned", "Finished", "Withdrawn", "Stopped"]) if ended else None
		status = status or dice.choice(["Received", "In Process", "Awaiting Supplement", "Awaiting Payment"])
		parent = dice.choice(names) if names and dice.random() < 0.1 else None
		names.append(
			dossier(
				received,
				unit=dice.choice(["H99.40", "H99.41", "H99.01"]),
				procedure=dice.choice(list(PROCEDURES)),
				channel=dice.choice(["Counter", "Online", "Online", "Post"]),
				due=due,
				ended=ended,
				status=status,
				parent_dossier=parent,
				officer=email(dice.choice(["officer.a", "officer.b"])),
			)
		)
	return names
