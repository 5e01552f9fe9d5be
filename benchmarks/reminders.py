"""What a run of the reminders costs over two hundred thousand open dossiers, and that it touches only what changed.

	./one-stop bench --instance scratch reminders [--dossiers N] [--json]

Needs a running instance with the sample province; the dossiers are seeded by bulk statements over its units and
removed at the end. Three runs are measured: the first, which tells a whole backlog, desk and e-mail; one right after
it, in which nothing has changed; and one a quarter of an hour of work later. Each is printed in seconds and as a
ratio to a baseline taken in the same run: reading name and due date of every open dossier once.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from time import perf_counter

import frappe

TARGET = 60.0
MARK = "benchrem"
SPREAD_DAYS = 40
# Share of the dossiers that are late already, as in a province that runs well.
LATE = 0.03
MAIL_ACCOUNT = "Benchmark Reminders"

INSERT_DOSSIERS = """
	insert into `tabDossier` (
		`name`, `creation`, `modified`, `owner`, `modified_by`, `docstatus`, `idx`, `code`, `procedure`, `procedure_name`,
		`channel`, `receiving_unit`, `deciding_unit`, `applicant_name`, `applicant_kind`, `status`, `national_status`,
		`received_at`, `due_at`, `original_due_at`, `clock_state`, `extension_count`, `supplement_count`, `applicant_due`
	)
	select
		concat(%(mark)s, n), received, received, 'Administrator', 'Administrator', 0, 0, concat('BENCH-', n),
		%(procedure)s, 'Thủ tục đo', 'Counter', elt(1 + n %% 3, %(counter)s, %(counter)s, %(other_counter)s),
		%(committee)s, concat('Người nộp ', n), 'Citizen',
		if(n %% 50 = 0, 'Awaiting Supplement', elt(1 + n %% 4, 'Received', 'In Process', 'In Process', 'In Process')), 4,
		received, due, due, 'Running', n %% 37 = 0, n %% 50 = 0, if(n %% 50 = 0, due, null)
	from (
		select seq as n, %(now)s - interval 10 day - interval floor(rand(seq) * 600) minute as received,
			if(rand(seq + 1) < %(late)s, %(now)s - interval floor(rand(seq + 2) * 8000) minute,
				%(now)s + interval floor(rand(seq + 3) * %(spread)s) minute) as due
		from `seq_1_to_%(count)s`
	) made
"""
INSERT_STEPS = """
	insert into `tabDossier Step` (
		`name`, `creation`, `modified`, `owner`, `modified_by`, `docstatus`, `idx`, `dossier`, `dossier_code`,
		`procedure`, `procedure_name`, `applicant_name`, `step_key`, `title`, `kind`, `status`, `unit`, `duty`,
		`officer`, `opened_at`, `due_at`, `is_open`
	)
	select concat(d.name, '-2'), d.creation, d.creation, 'Administrator', 'Administrator', 0, 0, d.name, d.code,
		d.procedure, d.procedure_name, d.applicant_name, '2', 'Thẩm định', 'Processing', 'In Progress', %(committee)s,
		'Appraisal', if(rand() < 0.8, %(officer)s, null), d.received_at,
		d.due_at - interval 120 minute, d.status in ('Received', 'In Process')
	from `tabDossier` d where d.name like %(like)s
"""
REMOVE = (
	("Dossier Step", "dossier"),
	("Dossier Reminder", "dossier"),
	("Notification Log", "document_name"),
	("Dossier", "name"),
)


def connect() -> None:
	os.chdir(os.environ["SITES_PATH"])
	frappe.init(site="one-stop", sites_path=".", force=True)
	frappe.connect()


def seed(count: int, now: datetime) -> None:
	from one_stop.sample import email_of

	values = {
		"mark": MARK,
		"like": f"{MARK}%",
		"count": count,
		"now": str(now),
		"late": LATE,
		"spread": SPREAD_DAYS * 1440,
		"procedure": "1.001193",
		"counter": "H17.40.01.01",
		"other_counter": "H17.40.21.01",
		"committee": "H17.40.01",
		"officer": email_of("hotich.haichau"),
	}
	frappe.db.sql(INSERT_DOSSIERS, values)
	frappe.db.sql(INSERT_STEPS, values)
	frappe.db.commit()
	for doctype in ("Dossier", "Dossier Step"):
		frappe.db.sql(f"analyze table `tab{doctype}`")


def add_mail_account() -> None:
	"""An outgoing account that queues and is never flushed here."""
	frappe.get_doc(
		{
			"doctype": "Email Account",
			"name": MAIL_ACCOUNT,
			"email_account_name": MAIL_ACCOUNT,
			"email_id": "mot-cua@one-stop.example",
			"enable_outgoing": 1,
			"default_outgoing": 1,
			"smtp_server": "localhost",
		}
	).db_insert()
	frappe.clear_cache()
	frappe.db.commit()


def remove() -> None:
	for doctype, fieldname in REMOVE:
		table = frappe.qb.DocType(doctype)
		frappe.qb.from_(table).delete().where(table[fieldname].like(f"{MARK}%")).run()
		frappe.db.commit()
	frappe.db.delete("Email Account", {"name": MAIL_ACCOUNT})
	frappe.db.delete("Email Queue", {"sender": ["like", "%mot-cua@one-stop.example%"]})
	frappe.db.commit()
	frappe.clear_cache()


def working_moment() -> datetime:
	"""Nine o'clock of the next working day of the sample's ward."""
	from one_stop.organization import working_time

	today = frappe.utils.now_datetime().date()
	calendar = working_time.calendar_for("H17.40.01.01", today, today + timedelta(days=30))
	return datetime.combine(calendar.next_working_day(today), datetime.min.time()).replace(hour=9)


def timed(work: Callable[[], object]) -> tuple[float, object]:
	started = perf_counter()
	answer = work()
	return perf_counter() - started, answer


def measure(now: datetime) -> dict:
	from one_stop.dossiers import reminders

	def baseline() -> int:
		dossier = frappe.qb.DocType("Dossier")
		rows = (
			frappe.qb.from_(dossier)
			.select(dossier.name, dossier.due_at)
			.where(dossier.status.isin(("Received", "In Process", "Awaiting Supplement")))
			.run()
		)
		return len(rows)

	open_dossiers = baseline()
	base = min(timed(baseline)[0] for _round in range(3))
	runs = {}
	for name, moment in (
		("backlog", now),
		("nothing changed", now),
		("a quarter of an hour later", now + timedelta(minutes=15)),
	):
		seconds, answer = timed(lambda moment=moment: reminders.remind(moment))
		runs[name] = {"seconds": round(seconds, 2), "ratio": round(seconds / base, 2), **answer}
	return {"open dossiers": open_dossiers, "baseline seconds": round(base, 3), "runs": runs}


def main() -> int:
	parser = argparse.ArgumentParser(
		description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
	)
	parser.add_argument("--dossiers", type=int, default=200_000)
	parser.add_argument("--json", action="store_true")
	options = parser.parse_args()
	connect()
	remove()
	try:
		now = working_moment()
		seed(options.dossiers, now)
		add_mail_account()
		found = measure(now)
	finally:
		frappe.db.rollback()
		remove()
	if options.json:
		print(json.dumps(found))
	else:
		print(f"{found['open dossiers']} open dossiers; baseline {found['baseline seconds']} s")
		for name, run in found["runs"].items():
			print(
				f"{name:28} {run['seconds']:7.2f} s  {run['ratio']:7.2f} x baseline"
				f"  {run['noted']} noted, {run['told']} told"
			)
	slow = [name for name, run in found["runs"].items() if run["seconds"] > TARGET]
	if slow:
		print(f"Over {TARGET:.0f} s: {', '.join(slow)}")
	return 1 if slow else 0


if __name__ == "__main__":
	sys.exit(main())
