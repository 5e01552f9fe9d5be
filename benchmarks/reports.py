"""Times of the reports over a province's dossiers, seeded here: `./one-stop bench --instance scratch reports`.

Needs a running instance without sample data (`./one-stop start --detach --instance scratch --no-sample`), since
it fills the tables by bulk statements. A second run finds its dossiers there and only measures. Every figure is
printed in milliseconds and as a ratio to a baseline taken in the same run: counting one month of dossiers by unit
and status, straight from their table.
"""

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta

import frappe
from frappe.installer import update_site_config
from frappe.utils.background_jobs import get_queue

DOSSIERS, STEPS = 2_000_000, 4
COMMUNES, DEPARTMENTS, FIELDS, PROCEDURES = 180, 20, 25, 400
YEAR = 2026
TODAY = date(YEAR, 12, 20)
MARK = "BENCH-"
# A batch is one transaction: large enough to be quick, small enough for the undo log of a small machine.
BATCH = 100_000

INSERT_DOSSIERS = """
	insert into `tabDossier` (
		`name`, `creation`, `modified`, `owner`, `modified_by`, `docstatus`, `idx`, `code`, `procedure`, `procedure_name`,
		`field`, `channel`, `receiving_unit`, `deciding_unit`, `applicant_name`, `applicant_kind`, `status`,
		`national_status`, `received_at`, `due_at`, `original_due_at`, `finished_at`, `ended_at`, `outcome`,
		`outcome_by_date`, `supplement_count`, `extension_count`, `parent_dossier`
	)
	select
		concat('bench', lpad(n, 9, '0')), received, received, 'Administrator', 'Administrator', 0, 0, concat(%(mark)s, n), pr, concat('Thủ tục ', pr),
		concat('Lĩnh vực ', pn %% %(fields)s), elt(1 + floor(channel * 10) div 4, 'Online', 'Counter', 'Post'),
		concat(unit, '.01'), unit, concat('Người nộp ', n), 'Citizen',
		if(ended is null, elt(1 + n %% 10, 'Awaiting Supplement', 'Received', 'In Process', 'In Process', 'In Process',
			'In Process', 'In Process', 'In Process', 'In Process', 'In Process'), 'Returned'),
		if(ended is null, 4, 10), received, due, due, ended, ended,
		if(ended is null, null, if(ended < due, 'Early', if(ended = due, 'On Time', 'Late'))),
		if(ended is null, null, if(date(ended) < date(due), 'Early', if(date(ended) = date(due), 'On Time', 'Late'))),
		n %% 11 = 0, n %% 37 = 0, if(n %% 20 = 0, concat('bench', lpad(n - 1, 9, '0')), null)
	from (
		select n, received, pn, concat('9.', 700000 + pn) as pr,
			channel,
			if(pn %% 5 = 0, concat('H98.', 100 + floor(place * %(departments)s)),
				concat('H98.', 300 + floor(place * %(communes)s))) as unit,
			received + interval limit_days day as due,
			if(received + interval took day <= %(now)s, received + interval took day, null) as ended
		from (
			select n, received, pn, channel, place, 1 + pn %% 20 as limit_days, floor(speed * (2 + pn %% 20) * 1.04) as took
			from (
				select n, %(begin)s + interval floor(conv(substr(dice, 1, 6), 16, 10) / 16777216 * %(minutes)s) minute as received,
					floor(pow(conv(substr(dice, 7, 6), 16, 10) / 16777216, 2) * %(procedures)s) as pn,
					conv(substr(dice, 13, 6), 16, 10) / 16777216 as channel,
					conv(substr(dice, 19, 6), 16, 10) / 16777216 as place,
					conv(substr(dice, 25, 6), 16, 10) / 16777216 as speed
				from (
					select seq as n, md5(concat('bench', seq)) as dice
					from `seq_1_to_%(total)s` where seq between %(low)s and %(high)s
				) drawn
			) a
		) b
	) c
"""
INSERT_STEPS = """
	insert into `tabDossier Step` (
		`name`, `creation`, `modified`, `owner`, `modified_by`, `docstatus`, `idx`, `dossier`, `dossier_code`, `procedure`,
		`procedure_name`, `step_key`, `title`, `kind`, `status`, `unit`, `officer`, `round`, `opened_at`, `due_at`,
		`completed_at`, `outcome`, `planned_minutes`, `is_open`
	)
	select concat(d.`name`, s.seq), d.`creation`, d.`creation`, 'Administrator', 'Administrator', 0, 0, d.`name`, d.`code`,
		d.`procedure`, d.`procedure_name`, concat('S', s.seq), concat('Bước ', s.seq), 'Processing',
		if(d.`ended_at` is null, if(s.seq = 1, 'Open', 'Waiting'), 'Completed'), d.`deciding_unit`,
		concat('bench.', crc32(concat(d.`deciding_unit`, s.seq)) %% 900, '@h98.example'), 1, d.`received_at`, d.`due_at`,
		d.`ended_at`, d.`outcome`, 120 * s.seq, d.`ended_at` is null and s.seq = 1
	from `tabDossier` d join `seq_1_to_%(steps)s` s
	where d.`code` like %(like)s and d.`creation` >= %(from)s and d.`creation` < %(to)s
"""


def connect() -> None:
	if "SITES_PATH" not in os.environ:
		sys.exit("Start the instance first: ./one-stop start --detach --instance scratch --no-sample")
	os.chdir(os.environ["SITES_PATH"])
	frappe.init(site="one-stop", sites_path=".")
	frappe.connect()
	frappe.set_user("Administrator")


def stand_still() -> None:
	"""Pause the instance's scheduler and wait for the jobs it has begun: they would take the time that is measured, and
	find dossiers without a ledger to put right."""
	update_site_config("pause_scheduler", 1)
	queues = [get_queue(name) for name in ("short", "default", "long")]
	until = time.monotonic() + 600
	while any(queue.count + queue.started_job_registry.count for queue in queues):
		if time.monotonic() > until:
			sys.exit("The instance's jobs do not come to an end: see ./one-stop logs.")
		time.sleep(1)


def rows(doctype: str, values: list[dict]) -> None:
	"""Insert catalogue rows without their controllers; those there already stay."""
	for value in values:
		if not frappe.db.exists(doctype, value["name"]):
			frappe.get_doc({"doctype": doctype, **value}).db_insert()


def seed_catalogue() -> None:
	"""Units of a merged province, fields and procedures, as rows."""
	units = [("H98", None, "Province", 0)]
	for number in range(DEPARTMENTS):
		units += [
			(f"H98.{100 + number}", "H98", "Department", 0),
			(f"H98.{100 + number}.01", f"H98.{100 + number}", "Division", 1),
		]
	for number in range(COMMUNES):
		units += [
			(f"H98.{300 + number}", "H98", "Commune", 0),
			(f"H98.{300 + number}.01", f"H98.{300 + number}", "Division", 1),
		]
	rows(
		"Administrative Unit",
		[
			{
				"name": code,
				"unit_code": code,
				"unit_name": f"Đơn vị {code}",
				"level": level,
				"parent_administrative_unit": parent,
				"is_one_stop": one_stop,
				"is_group": int(not one_stop),
			}
			for code, parent, level, one_stop in units
		],
	)
	rows(
		"Procedure Field",
		[{"name": f"Lĩnh vực {number}", "field_name": f"Lĩnh vực {number}"} for number in range(FIELDS)],
	)
	rows(
		"Administrative Procedure",
		[
			{
				"name": f"9.{700000 + number}",
				"procedure_code": f"9.{700000 + number}",
				"procedure_name": f"Thủ tục 9.{700000 + number}",
				"field": f"Lĩnh vực {number % FIELDS}",
				"level": "Province" if number % 5 == 0 else "Commune",
				"status": "In Force",
			}
			for number in range(PROCEDURES)
		],
	)
	from one_stop.organization import units as unit_tree

	unit_tree.TREE.forget()
	frappe.db.commit()


def drop_indexes(table: str) -> list[str]:
	"""Drop a table's secondary indexes, since building them at the end is many times quicker. Returns their words."""
	words = frappe.db.sql(f"show create table `tab{table}`")[0][1].splitlines()
	indexes = [line.strip().rstrip(",") for line in words if line.strip().startswith(("KEY", "UNIQUE KEY"))]
	if indexes:
		names = [index.split("`")[1] for index in indexes]
		frappe.db.sql_ddl(f"alter table `tab{table}` {', '.join(f'drop index `{name}`' for name in names)}")
	return indexes


def seed(total: int, steps: int) -> float:
	"""Fill the tables. Returns the seconds it took."""
	stand_still()
	started = time.perf_counter()
	seed_catalogue()
	kept = {table: drop_indexes(table) for table in ("Dossier", "Dossier Step")}
	frappe.db.sql("set unique_checks = 0, foreign_key_checks = 0")
	terms = {
		"mark": MARK,
		"fields": FIELDS,
		"departments": DEPARTMENTS,
		"communes": COMMUNES,
		"procedures": PROCEDURES,
		"total": total,
		"begin": datetime(YEAR, 1, 1),
		"now": datetime(TODAY.year, TODAY.month, TODAY.day),
		"minutes": (TODAY - date(YEAR, 1, 1)).days * 24 * 60,
	}
	for low in range(1, total + 1, BATCH):
		frappe.db.sql(INSERT_DOSSIERS, {**terms, "low": low, "high": min(total, low + BATCH - 1)})
		frappe.db.commit()
		print(
			f"  dossiers {min(total, low + BATCH - 1):>9,}  {time.perf_counter() - started:6.0f} s",
			flush=True,
		)
	day = date(YEAR, 1, 1)
	while steps and day <= TODAY:
		to = day + timedelta(days=7)
		frappe.db.sql(INSERT_STEPS, {"steps": steps, "like": f"{MARK}%", "from": day, "to": to})
		frappe.db.commit()
		day = to
	print(f"  steps               {time.perf_counter() - started:6.0f} s", flush=True)
	for table, indexes in kept.items():
		frappe.db.sql_ddl(f"alter table `tab{table}` {', '.join(f'add {index}' for index in indexes)}")
	print(f"  indexes             {time.perf_counter() - started:6.0f} s", flush=True)
	frappe.db.sql("set unique_checks = 1, foreign_key_checks = 1")
	for table in ("Dossier", "Dossier Step"):
		frappe.db.sql(f"analyze table `tab{table}`")
	frappe.db.commit()
	return time.perf_counter() - started


def timed(call: Callable[[], object], times: int) -> float:
	"""95th percentile of some runs, in milliseconds, of which the first (cold) one is left out."""
	call()
	taken = []
	for _number in range(times):
		started = time.perf_counter()
		call()
		taken.append((time.perf_counter() - started) * 1000)
	return statistics.quantiles(taken, n=20)[-1] if len(taken) > 1 else taken[0]


def baseline() -> object:
	return frappe.db.sql(
		"""select `receiving_unit`, `status`, count(*) from `tabDossier`
		where `received_at` >= %s and `received_at` < %s group by `receiving_unit`, `status`""",
		(date(YEAR, 9, 1), date(YEAR, 10, 1)),
	)


def measures() -> dict[str, Callable[[], object]]:
	from one_stop.quality import awards, evaluations
	from one_stop.quality.measures import Period
	from one_stop.reporting import behind, board, figures, form06, managerial, statutory

	quarter, year = form06.statutory_period(YEAR, 3), form06.statutory_period(YEAR)
	month = (date(YEAR, 9, 1), date(YEAR, 9, 30))
	commune = frozenset({"H98.300", "H98.300.01"})

	def asked(span, **values):
		return statutory.Request(*span, None, **values)

	def listed(request, column):
		return behind.listed(request, frappe._dict(column=column))

	def evaluated(unit):
		# Written as a run writes it, and taken back.
		values = {"doctype": "Evaluation Run", "period": "Quarter", "year": YEAR, "number": 3}
		run = frappe.get_doc({**values, "name": frappe.generate_hash(length=10)})
		run.db_insert()
		outcomes = list(evaluations.evaluate_unit(unit, run, Period(date(YEAR, 7, 1), date(YEAR, 9, 30))))
		frappe.db.rollback()
		return outcomes

	return {
		"form 06a, one quarter, whole province": lambda: statutory.form_06(asked(quarter)),
		"form 06b, one quarter, whole province": lambda: statutory.form_06(
			asked(quarter, grouping=statutory.BY_FIELD_AND_PROCEDURE)
		),
		"form 06 by unit, one quarter": lambda: statutory.form_06(asked(quarter, grouping=statutory.BY_UNIT)),
		"form 06a, the year, whole province": lambda: statutory.form_06(asked(year)),
		"form 06b, the year, whole province": lambda: statutory.form_06(
			asked(year, grouping=statutory.BY_FIELD_AND_PROCEDURE)
		),
		"form 06 by unit, the year": lambda: statutory.form_06(asked(year, grouping=statutory.BY_UNIT)),
		"form 06 by unit and field, the year": lambda: statutory.form_06(
			asked(year, grouping=statutory.BY_UNIT_AND_FIELD)
		),
		"form 06a, the year, one commune": lambda: statutory.form_06(statutory.Request(*year, commune)),
		"form 07a, one quarter, whole province": lambda: statutory.form_07a(asked(quarter)),
		"form 06a, one quarter, one commune": lambda: statutory.form_06(statutory.Request(*quarter, commune)),
		"use of the system, one month": lambda: managerial.use_of_the_system(*month, None),
		"late list, one month": lambda: managerial.late_list(*month, None),
		"bottlenecks, one month, one commune": lambda: managerial.bottlenecks(*month, commune),
		"drill-down: overdue, one quarter, one commune": lambda: listed(
			statutory.Request(*quarter, commune), "overdue"
		),
		"drill-down: late, one quarter, whole province": lambda: listed(asked(quarter), "late"),
		"the board, whole province": lambda: board.board("Administrator"),
		"the board, one commune": lambda: board.board("Administrator", "H98.300"),
		"evaluation of one commune, one quarter": lambda: evaluated("H98.300"),
		"evaluation of one department, one quarter": lambda: evaluated("H98.100"),
		"evaluation of the whole province, one quarter": lambda: evaluated("H98"),
		"awards sheet of one commune's units": lambda: awards.sheet(YEAR, "Unit", commune),
		"awards sheet of all units": lambda: awards.sheet(YEAR, "Unit", None),
		"sums of a day": lambda: figures.sums(TODAY, TODAY, ("deciding_unit",), None),
	}


TARGETS = {
	"form 06a, one quarter, whole province": 2000,
	"form 06b, one quarter, whole province": 2000,
	"form 06 by unit, one quarter": 2000,
	"form 06a, the year, whole province": 2000,
	"form 06b, the year, whole province": 2000,
	"form 06 by unit, the year": 2000,
	"form 06 by unit and field, the year": 2000,
}


def main() -> int:
	parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
	parser.add_argument("--dossiers", type=int, default=DOSSIERS)
	parser.add_argument("--steps", type=int, default=STEPS, help="steps a dossier")
	parser.add_argument("--times", type=int, default=5, help="runs of each measure")
	parser.add_argument("--json", help="also write the figures to this file")
	options = parser.parse_args()
	connect()
	found = frappe.db.count("Dossier")
	if found and frappe.db.count("Dossier", {"code": ("not like", f"{MARK}%")}):
		sys.exit("This instance has dossiers of its own: run the benchmark on a scratch instance.")
	stand_still()
	result: dict[str, object] = {"dossiers": options.dossiers}
	if not found:
		result["seeding_s"] = round(seed(options.dossiers, options.steps), 1)
		print(f"seeded {options.dossiers:,} dossiers in {result['seeding_s']} s (at most 900 s)")
	from one_stop.reporting import daily_facts

	# The daily job of the instance may have booked some of them meanwhile.
	if frappe.db.count("Dossier Fact") != frappe.db.count("Dossier"):
		started = time.perf_counter()
		with daily_facts.alone():
			counts = daily_facts.rebuild(TODAY)
		frappe.db.sql("analyze table `tabDossier Daily Fact`, `tabDossier Fact`")
		result["rebuild_s"] = round(time.perf_counter() - started, 1)
		print(f"rebuilt the daily facts in {result['rebuild_s']} s: {counts['rows']:,} rows")
	names = frappe.get_all("Dossier", {"status": "In Process"}, pluck="name", limit=50)
	if not names:
		sys.exit("No dossier is in process: the instance's jobs have changed what was seeded. Reset it.")
	base = timed(baseline, options.times)
	print(f"\n{'baseline: one month by unit and status':<50} {base:9.1f} ms   1.00")
	figures: dict[str, float] = {}
	failed = []
	for title, call in measures().items():
		figures[title] = round(timed(call, options.times), 1)
		target = TARGETS.get(title)
		verdict = "" if target is None else f"  (at most {target} ms)"
		if target is not None and figures[title] > target:
			failed.append(title)
		print(f"{title:<50} {figures[title]:9.1f} ms {figures[title] / base:6.2f}{verdict}", flush=True)
	started = time.perf_counter()
	for name in names:
		daily_facts.book([name])
	frappe.db.rollback()
	booking = round((time.perf_counter() - started) * 1000 / max(1, len(names)), 1)
	print(f"{'booking one event in the daily facts':<50} {booking:9.1f} ms {booking / base:6.2f}")
	result.update({"baseline_ms": round(base, 1), "ms": figures, "booking_ms": booking})
	if options.json:
		with open(options.json, "w", encoding="utf-8") as out:
			json.dump(result, out, ensure_ascii=False, indent=1)
	frappe.destroy()
	if failed:
		print("missed: " + ", ".join(failed))
	return int(bool(failed))


if __name__ == "__main__":
	sys.exit(main())
