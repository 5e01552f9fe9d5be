"""Daily facts: counts of dossiers per day, units, field, procedure and channel, kept up as dossiers move.

A report over two million dossiers reads some of these rows instead. `Dossier Fact` remembers for each dossier
what was booked for it, and `Dossier Overdue Spell` on which days it was overdue by a due date since replaced; when
it moves, the difference of its new and its old contributions is added (`book`). `rebuild` makes all of them anew
from the dossiers and their ledgers; the two ways agree, and a test says so.

The same counts stand in four grains: by units and procedures, without units (what is asked of the whole province),
without procedures, and by units alone (what is asked of many units). Each grain stands in three spans: days, months, and openings,
which carry over what was open when a month began: `received` of them in progress and `fell_due` of them overdue. A
report then needs one opening, the months that lie wholly in its period, and the days at its two ends, however many
years lie before it.

Written in SQL, since these are sums over whole tables; every statement is a constant of this file.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from functools import partial
from hashlib import md5
from typing import Any

import frappe
from frappe.utils import add_to_date, getdate, now_datetime

from one_stop.dossiers import ledger
from one_stop.isolation import locked, read_committed
from one_stop.organization import working_time
from one_stop.organization.calendar import StoppedCounts
from one_stop.reporting import overdue

# Kept as small numbers, since rows are named, found and laid on the disk by them.
FULL, WITHOUT_UNITS, WITHOUT_PROCEDURES, UNITS_ALONE = GRAINS = (0, 1, 2, 3)
DAY, OPENING, MONTH = (0, 1, 2)
DIMENSIONS = ("receiving_unit", "deciding_unit", "field", "procedure", "channel", "linked")
FLAGS = (
	"fully_online",
	"e_result",
	"gives_document",
	"digitised",
	"reused",
	"fee_bearing",
	"paid_online",
	"postal",
)
COUNTERS = (
	"received",
	"early",
	"on_time",
	"late",
	"early_by_date",
	"on_time_by_date",
	"late_by_date",
	"fell_due",
	"overdue_ended",
	*FLAGS,
)
BLANKED = {
	FULL: frozenset(),
	WITHOUT_UNITS: frozenset({"receiving_unit", "deciding_unit"}),
	WITHOUT_PROCEDURES: frozenset({"procedure"}),
	UNITS_ALONE: frozenset({"procedure", "field"}),
}
OUTCOMES = {"Early": "early", "Late": "late"}
LOCK = "one_stop_daily_facts"
BATCH = 500
WAITING = ("Awaiting Supplement", "Awaiting Payment")

# What is counted of a dossier. Withdrawn counts as on time; one that waits for the applicant has no due date
# for now; a stopped one is in progress or ended as the rule of the day says (TT 01/2020, form 06). A refusal gives no
# document, and what the State levies through a dossier (land tax) is no fee of it (QĐ 766 3.6, 4.1): each numerator
# is a part of its denominator.
SELECT_FACTS = """
	insert into `tabDossier Fact` (
		`name`, `dossier`, `owner`, `modified_by`, `creation`, `modified`,
		`receiving_unit`, `deciding_unit`, `field`, `procedure`, `channel`, `linked`,
		`received_on`, `due_on`, `ended_on`, `outcome`, `outcome_by_date`,
		`fully_online`, `e_result`, `gives_document`, `digitised`, `reused`, `fee_bearing`, `paid_online`, `postal`
	)
	select
		d.`name`, d.`name`, 'Administrator', 'Administrator', %(now)s, %(now)s,
		coalesce(d.`receiving_unit`, ''), coalesce(d.`deciding_unit`, d.`receiving_unit`, ''),
		coalesce(d.`field`, ''), coalesce(d.`procedure`, ''), coalesce(d.`channel`, 'Counter'),
		coalesce(d.`parent_dossier`, '') != '',
		date(d.`received_at`),
		if(
			d.`status` in ('Awaiting Supplement', 'Awaiting Payment'),
			null, greatest(date(d.`due_at`), date(d.`received_at`))
		),
		greatest(date(d.`ended_at`), date(d.`received_at`)),
		if(d.`status` = 'Withdrawn', 'On Time', coalesce(d.`outcome`, '')),
		if(d.`status` = 'Withdrawn', 'On Time', coalesce(d.`outcome_by_date`, '')),
		coalesce(d.`channel`, '') = 'Online' and coalesce(v.`online_level`, '') = 'Full',
		coalesce(r.`given`, 0) > 0 and coalesce(r.`refused`, 0) = 0 and {gives_document},
		coalesce(r.`refused`, 0) = 0 and {gives_document},
		coalesce(r.`files`, 0) > 0 and coalesce(c.`files`, 0) > 0 and c.`files` = c.`submitted`,
		coalesce(c.`reused`, 0) > 0,
		coalesce(f.`amount`, 0) > 0,
		coalesce(f.`amount`, 0) > 0 and exists (
			select 1 from `tabDossier Payment` p
			where p.`dossier` = d.`name` and p.`status` = 'Paid' and p.`method` = 'Online'
				and coalesce(p.`kind`, '') != 'Financial Obligation'
		),
		coalesce(d.`channel`, '') = 'Post' or coalesce(d.`result_delivery`, '') = 'Post'
	from `tabDossier` d
	left join `tabProcedure Version` v on v.`name` = d.`procedure_version`
	left join (
		select `dossier`, sum(coalesce(`file`, '') != '') as `files`,
			sum(coalesce(`file`, '') != '' and `refused` = 0) as `given`, sum(`refused`) as `refused`
		from `tabDossier Result`
		where {of_these_dossiers} group by `dossier`
	) r on r.`dossier` = d.`name`
	left join (
		select `parent`, sum(`submitted`) as `submitted`, sum(coalesce(`file`, '') != '' and `submitted`) as `files`,
			sum(coalesce(`reused_from`, '') != '') as `reused`
		from `tabDossier Component` where {of_these_parents} group by `parent`
	) c on c.`parent` = d.`name`
	left join (
		select `parent`, sum(`amount`) as `amount` from `tabDossier Fee`
		where coalesce(`kind`, '') != 'Financial Obligation' and {of_these_parents} group by `parent`
	) f on f.`parent` = d.`name`
	where d.`received_at` is not null and d.`status` not in ('Draft', 'Not Received') and {of_these_names}
"""
GIVES_DOCUMENT = """exists (
			select 1 from `tabProcedure Result` pr
			where pr.`parent` = d.`procedure_version` and pr.`parenttype` = 'Procedure Version'
		)"""
ALL_FACTS = SELECT_FACTS.format(
	gives_document=GIVES_DOCUMENT, of_these_dossiers="1 = 1", of_these_parents="1 = 1", of_these_names="1 = 1"
)
THESE_FACTS = SELECT_FACTS.format(
	gives_document=GIVES_DOCUMENT,
	of_these_dossiers="`dossier` in %(names)s",
	of_these_parents="`parent` in %(names)s",
	of_these_names="d.`name` in %(names)s",
)

# Stopped while stopped dossiers counted as in progress: ended when the rule says so next, without a due date till then.
STOPPED_FACTS = """
	update `tabDossier Fact` f join `tabDossier` d on d.`name` = f.`name`
	set f.`ended_on` = %(until)s, f.`due_on` = null
	where d.`status` = 'Stopped' and date(d.`ended_at`) >= %(first)s
		and (%(until)s is null or date(d.`ended_at`) < %(until)s) and {of_these_names}
"""
ALL_STOPPED = STOPPED_FACTS.format(of_these_names="1 = 1")
THESE_STOPPED = STOPPED_FACTS.format(of_these_names="d.`name` in %(names)s")

# Dossiers whose due date has moved, or stood still, since they were received.
MOVED_FACTS = """
	select f.`name`, f.`received_on`, f.`due_on`, f.`ended_on`
	from `tabDossier Fact` f join `tabDossier` d on d.`name` = f.`name`
	where (
		not (d.`due_at` <=> d.`original_due_at`) or d.`extension_count` > 0 or d.`supplement_count` > 0
		or (f.`due_on` is null and d.`due_at` is not null)
	)
"""
EVENTS_OF = """
	select `name`, `dossier`, `sequence`, `kind`, `at`, `actor`, `unit`, `step`, `reason`, `data`, `from_status`, `to_status`
	from `tabDossier Event` where `dossier` in %(names)s order by `dossier`, `sequence`
"""

DIMENSION_LIST = ", ".join(f"`{name}`" for name in DIMENSIONS)
COUNTER_LIST = ", ".join(f"`{name}`" for name in COUNTERS)
FLAG_LIST = ", ".join(f"`{name}`" for name in FLAGS)
NO_FLAGS = ", ".join("0" for _name in FLAGS)
# Names begin with what reports select by, so that the rows of a period lie beside each other on the disk.
ROW_NAME = (
	"concat(`grain`, `span`, replace(cast(`day` as char), '-', ''), '-', md5(concat_ws('|', `grain`, `span`,"
	" `day`, `receiving_unit`, `deciding_unit`, `field`, `procedure`, `channel`, `linked`)))"
)
INSERT_DAILY = f"""
	insert into `tabDossier Daily Fact` (
		`name`, `owner`, `modified_by`, `creation`, `modified`, `grain`, `span`, `day`, {DIMENSION_LIST}, {COUNTER_LIST}
	)
"""
SELECT_ROWS = f"""
	select {ROW_NAME}, 'Administrator', 'Administrator', %(now)s, %(now)s, `grain`, `span`, `day`, {DIMENSION_LIST},
		{COUNTER_LIST}
"""
SUMS = ", ".join(f"sum(`{name}`) as `{name}`" for name in COUNTERS)
NO_OUTCOMES = ", ".join("0" for _name in COUNTERS[1:7])
ALL_DAYS = f"""
	{INSERT_DAILY} {SELECT_ROWS}
	from (
		select 0 as `grain`, 0 as `span`, `day`, {DIMENSION_LIST}, {SUMS}
		from (
			select `received_on` as `day`, {DIMENSION_LIST}, 1 as `received`, 0 as `early`, 0 as `on_time`,
				0 as `late`, 0 as `early_by_date`, 0 as `on_time_by_date`, 0 as `late_by_date`, 0 as `fell_due`,
				0 as `overdue_ended`, {FLAG_LIST}
			from `tabDossier Fact`
			union all
			select `ended_on`, {DIMENSION_LIST}, 0, `outcome` = 'Early', `outcome` not in ('Early', 'Late'),
				`outcome` = 'Late', `outcome_by_date` = 'Early', `outcome_by_date` not in ('Early', 'Late'),
				`outcome_by_date` = 'Late', 0, coalesce(`ended_on` > `due_on`, 0), {NO_FLAGS}
			from `tabDossier Fact` where `ended_on` is not null
			union all
			select `due_on`, {DIMENSION_LIST}, 0, {NO_OUTCOMES}, 1, 0, {NO_FLAGS}
			from `tabDossier Fact` where `due_on` is not null and (`ended_on` is null or `ended_on` > `due_on`)
			union all
			select s.`first_day`, {DIMENSION_LIST}, 0, {NO_OUTCOMES}, 1, 0, {NO_FLAGS}
			from `tabDossier Overdue Spell` s join `tabDossier Fact` f on f.`name` = s.`dossier`
			union all
			select s.`until_day`, {DIMENSION_LIST}, 0, {NO_OUTCOMES}, 0, 1, {NO_FLAGS}
			from `tabDossier Overdue Spell` s join `tabDossier Fact` f on f.`name` = s.`dossier`
		) flows
		group by `day`, {DIMENSION_LIST}
	) sums
"""
ONE_OPENING = f"""
	{INSERT_DAILY} {SELECT_ROWS.replace(COUNTER_LIST, f"`open`, {NO_OUTCOMES}, `overdue`, 0, {NO_FLAGS}")}
	from (
		select 0 as `grain`, 1 as `span`, %(month)s as `day`, {DIMENSION_LIST}, count(*) as `open`,
			sum(coalesce(`due_on` < %(month)s, 0) or s.`dossier` is not null) as `overdue`
		from `tabDossier Fact` f
		left join (
			select distinct `dossier` from `tabDossier Overdue Spell`
			where `first_day` < %(month)s and `until_day` >= %(month)s
		) s on s.`dossier` = f.`name`
		where `received_on` < %(month)s and (`ended_on` is null or `ended_on` >= %(month)s)
		group by {DIMENSION_LIST}
	) openings
"""


def _coarser(grain: int) -> str:
	"""The statement that sums the full rows of a span and a period up to a coarser grain."""
	kept = [f"`{name}`" for name in DIMENSIONS if name not in BLANKED[grain]]
	chosen = ", ".join(f"'' as `{name}`" if name in BLANKED[grain] else f"`{name}`" for name in DIMENSIONS)
	return f"""
		{INSERT_DAILY} {SELECT_ROWS}
		from (
			select {grain} as `grain`, `span`, `day`, {chosen}, {SUMS} from `tabDossier Daily Fact`
			where `grain` = 0 and `span` = %(span)s and `day` between %(first)s and %(last)s
			group by `span`, `day`, {", ".join(kept)}
		) sums
	"""


COARSER = {grain: _coarser(grain) for grain in GRAINS if grain != FULL}
ALL_MONTHS = f"""
	{INSERT_DAILY} {SELECT_ROWS}
	from (
		select `grain`, 2 as `span`, `begins` as `day`, {DIMENSION_LIST}, {SUMS}
		from (
			select *, cast(date_format(`day`, '%%Y-%%m-01') as date) as `begins` from `tabDossier Daily Fact`
			where `grain` = %(grain)s and `span` = 0
		) days
		group by `grain`, `begins`, {DIMENSION_LIST}
	) months
"""
ADD_DIFFERENCE = f"""
	{INSERT_DAILY}
	values (%(name)s, 'Administrator', 'Administrator', %(now)s, %(now)s, %(grain)s, %(span)s, %(day)s,
		{", ".join(f"%({name})s" for name in DIMENSIONS)}, {", ".join(f"%({name})s" for name in COUNTERS)})
	on duplicate key update {", ".join(f"`{name}` = `{name}` + values(`{name}`)" for name in COUNTERS)},
		`modified` = values(`modified`)
"""


def follow(dossier: str, event: dict[str, Any] | None = None) -> None:
	"""A dossier has moved: book the difference. Called by a job after each command (`one_stop_after_event`)."""
	with alone():
		book([dossier])


def follow_all(dossiers: Iterable[str]) -> None:
	"""The same for many dossiers, in batches."""
	names = list(dossiers)
	for start in range(0, len(names), BATCH):
		with alone():
			book(names[start : start + BATCH])


def book(dossiers: Iterable[str]) -> None:
	"""Write what these dossiers contribute now in place of what they contributed before. Does not commit."""
	names = tuple(dict.fromkeys(dossiers))
	if not names:
		return
	months = openings()
	differences: dict[tuple, dict[str, int]] = {}
	for sign in (-1, 1):
		spells = spells_of(names)
		for row in _facts_of(names):
			for key, counts in contributions(row, months, spells.get(row["name"], ())):
				for kept in rows_of(key):
					own = differences.setdefault(kept, dict.fromkeys(COUNTERS, 0))
					for counter, count in counts.items():
						own[counter] += sign * count
		if sign == -1:
			frappe.db.delete("Dossier Fact", {"name": ("in", names)})
			frappe.db.delete("Dossier Overdue Spell", {"dossier": ("in", names)})
			now = now_datetime()
			frappe.db.sql(THESE_FACTS, {"now": now, "names": names})
			for first, until in in_progress_though_stopped():
				frappe.db.sql(THESE_STOPPED, {"first": first, "until": until, "names": names})
			_write_spells(names, now)
	now = now_datetime()
	for key, counts in sorted(differences.items()):
		if any(counts.values()):
			grain, span, day, *dimensions = key
			frappe.db.sql(
				ADD_DIFFERENCE,
				{
					"name": row_name(key),
					"now": now,
					"grain": grain,
					"span": span,
					"day": day,
					**dict(zip(DIMENSIONS, dimensions, strict=True)),
					**counts,
				},
			)


def contributions(
	row: Any, months: Iterable[date], spells: Iterable[overdue.Spell] = ()
) -> Iterator[tuple[tuple, dict[str, int]]]:
	"""What a Dossier Fact adds to which rows: pairs of (span, day, dimensions …) and counts.

	:param months: first days of the months whose openings exist
	:param spells: when it was overdue by due dates no longer in force
	"""
	where = tuple(row[name] for name in DIMENSIONS)
	yield (DAY, row["received_on"], *where), {"received": 1, **{flag: int(row[flag]) for flag in FLAGS}}
	ended, due = row["ended_on"], row["due_on"]
	if ended:
		yield (
			(DAY, ended, *where),
			{
				OUTCOMES.get(row["outcome"], "on_time"): 1,
				f"{OUTCOMES.get(row['outcome_by_date'], 'on_time')}_by_date": 1,
				"overdue_ended": int(bool(due and ended > due)),
			},
		)
	if due and (not ended or ended > due):
		yield (DAY, due, *where), {"fell_due": 1}
	for spell in spells:
		yield (DAY, spell.first, *where), {"fell_due": 1}
		yield (DAY, spell.until, *where), {"overdue_ended": 1}
	for month in months:
		if row["received_on"] < month and (not ended or ended >= month):
			late = bool(due and due < month) or overdue.within(spells, month - timedelta(days=1))
			yield (OPENING, month, *where), {"received": 1, "fell_due": int(late)}


def rows_of(key: tuple) -> Iterator[tuple]:
	"""The keys of all rows that hold what belongs to a key: each grain, and for a day its month as well."""
	span, day, *dimensions = key
	spans = ((DAY, day), (MONTH, day.replace(day=1))) if span == DAY else ((span, day),)
	for grain in GRAINS:
		blanked = tuple(
			"" if name in BLANKED[grain] else value
			for name, value in zip(DIMENSIONS, dimensions, strict=True)
		)
		for one in spans:
			yield (grain, *one, *blanked)


def row_name(key: tuple) -> str:
	"""The name of the row of a key, as `ROW_NAME` makes it in SQL."""
	grain, span, day = key[:3]
	digest = md5("|".join(str(part) for part in key).encode(), usedforsecurity=False).hexdigest()
	return f"{grain}{span}{day:%Y%m%d}-{digest}"


def openings() -> list[date]:
	"""First days of the months whose openings exist, in order."""
	rows = frappe.db.sql(
		"select distinct `day` from `tabDossier Daily Fact` where `grain` = 1 and `span` = 1 order by `day`"
	)
	return [row[0] for row in rows]


def rebuild(today: date | None = None) -> dict[str, int]:
	"""Make all tables anew from the dossiers. Returns how many dossiers and rows there are. Does not commit."""
	terms = {"now": now_datetime()}
	for table in ("Dossier Daily Fact", "Dossier Overdue Spell", "Dossier Fact"):
		frappe.db.sql(f"delete from `tab{table}`")
	frappe.db.sql(ALL_FACTS, terms)
	for first, until in in_progress_though_stopped():
		frappe.db.sql(ALL_STOPPED, {"first": first, "until": until})
	_write_spells(None, terms["now"])
	frappe.db.sql(ALL_DAYS, terms)
	_sum_up(DAY, date(1900, 1, 1), date(9999, 12, 31))
	for grain in GRAINS:
		frappe.db.sql(ALL_MONTHS, {**terms, "grain": grain})
	_open(frappe.db.sql("select min(`received_on`) from `tabDossier Fact`")[0][0], getdate(today))
	return {"dossiers": frappe.db.count("Dossier Fact"), "rows": frappe.db.count("Dossier Daily Fact")}


def rebuild_all() -> None:
	"""The same as a job of its own, alone and committed: `./one-stop frappe -- execute …rebuild_all`."""
	with alone():
		rebuild()


def complete() -> None:
	"""After an update: sum up anew in a job where the dossiers' facts are not yet kept in every grain."""
	kept = frappe.db.sql("select count(distinct `grain`) from `tabDossier Daily Fact` where `span` = 2")[0][0]
	if kept < len(GRAINS):
		rebuild_in_a_job()


def rebuild_in_a_job() -> None:
	"""Queue making all tables anew, where there are dossiers: after an update that counts otherwise."""
	if frappe.db.exists("Dossier", {"received_at": ("is", "set")}):
		frappe.enqueue(
			"one_stop.reporting.daily_facts.rebuild_all",
			queue="long",
			timeout=4 * 60 * 60,
			job_id="daily-facts-rebuild",
			deduplicate=True,
			enqueue_after_commit=True,
		)


def open_month() -> None:
	"""Daily: bring forward the openings of months that have begun since."""
	with alone():
		open_months_until(getdate())


def catch_up(hours: int = 36) -> None:
	"""Daily: book once more whatever moved lately. A job that died, or that met a rebuild, left its dossier behind."""
	since = add_to_date(now_datetime(), hours=-hours)
	follow_all(frappe.get_all("Dossier", {"modified": (">=", since)}, pluck="name", limit=0))


def open_months_until(day: date) -> None:
	"""Write the openings that are missing up to the month of a day. Does not commit."""
	known = openings()
	_open(
		known[-1] if known else frappe.db.sql("select min(`received_on`) from `tabDossier Fact`")[0][0], day
	)


def _open(after: date | None, until: date) -> None:
	month = after and _next_month(after)
	while month and month <= until:
		frappe.db.sql(ONE_OPENING, {"now": now_datetime(), "month": month})
		_sum_up(OPENING, month, month)
		month = _next_month(month)


def _sum_up(span: int, first: date, last: date) -> None:
	for statement in COARSER.values():
		frappe.db.sql(statement, {"now": now_datetime(), "span": span, "first": first, "last": last})


def spells_of(
	names: Iterable[str] | None = None, first: date | None = None, last: date | None = None
) -> dict:
	"""Spells of dossiers (all) by dossier, those that touch a period; both days are included."""
	spell = frappe.qb.DocType("Dossier Overdue Spell")
	query = frappe.qb.from_(spell).select(spell.dossier, spell.first_day, spell.until_day)
	if names is not None:
		query = query.where(spell.dossier.isin([*names, ""]))
	if first and last:
		query = query.where((spell.until_day > first) & (spell.first_day <= last))
	found: dict[str, list[overdue.Spell]] = {}
	for dossier, begins, until in query.run():
		found.setdefault(dossier, []).append(overdue.Spell(begins, until))
	return found


def _write_spells(names: tuple[str, ...] | None, now: datetime) -> None:
	"""Read from the ledger when dossiers (all) were overdue by a due date that was replaced since."""
	moved = frappe.db.sql(
		MOVED_FACTS + ("and f.`name` in %(names)s" if names else ""), {"names": names}, as_dict=True
	)
	written = []
	for start in range(0, len(moved), BATCH):
		batch = moved[start : start + BATCH]
		ledgers: dict[str, list] = {}
		for event in frappe.db.sql(EVENTS_OF, {"names": [row.name for row in batch]}, as_dict=True):
			ledgers.setdefault(event.dossier, []).append(event)
		for row in batch:
			events = ledgers.get(row.name)
			if not events:
				continue
			history = overdue.in_force(
				[_entry(event) for event in events],
				row.due_on,
				partial(_due_after, row.name, events),
			)
			since = overdue.overdue_from(history, row.due_on)
			if since != row.due_on:
				frappe.db.set_value("Dossier Fact", row.name, "due_on", since, update_modified=False)
			for spell in overdue.past_spells(history, row.received_on, row.ended_on):
				written.append(
					(
						frappe.generate_hash(length=10),
						"Administrator",
						"Administrator",
						now,
						now,
						row.name,
						spell.first,
						spell.until,
					)
				)
	if written:
		frappe.db.bulk_insert(
			"Dossier Overdue Spell",
			["name", "owner", "modified_by", "creation", "modified", "dossier", "first_day", "until_day"],
			written,
		)


def _rests(status: str, day: date) -> bool:
	"""Whether a dossier of this status has no due date for now: it waits, or counts as in progress though stopped."""
	if status == "Stopped":
		return working_time.rules_on(day).stopped_counts_as is StoppedCounts.IN_PROGRESS
	return status in WAITING


def _entry(event: Any) -> overdue.Entry:
	day = getdate(event.at)
	data = json.loads(event.data) if event.data and event.kind in overdue.MOVING else {}
	corrected = event.kind == "corrected"
	return overdue.Entry(
		day,
		event.kind,
		_rests(event.to_status, day),
		_rests(event.from_status, day),
		None if corrected else _day(data.get("new_due") or data.get("due")),
		None if corrected else _day(data.get("old_due")),
	)


def _day(moment: str | None) -> date | None:
	return getdate(moment) if moment else None


def _due_after(dossier: str, events: list, count: int) -> date | None:
	"""The due date a dossier had after so many of its events, counted anew by the clock."""
	ledger_events = [ledger.event_of(row) for row in events[:count]]
	then = ledger.standing_of(ledger_events, lambda: ledger.answers_of(dossier), ledger_events[-1].at)
	return then.result.due.date() if then.result and then.result.due else None


def _facts_of(names: tuple[str, ...]) -> list[dict]:
	fact = frappe.qb.DocType("Dossier Fact")
	return frappe.qb.from_(fact).select("*").where(fact.name.isin(names)).for_update().run(as_dict=True)


def in_progress_though_stopped() -> list[tuple[date, date | None]]:
	"""The times in which stopped dossiers count as in progress: the first day, and the first one after it (None: for good)."""
	found: list[tuple[date, date | None]] = []
	since = None
	for day in sorted(
		{row.effective_from for row in working_time.RULES.get() if row.rule == "stopped_counts_as"}
	):
		in_progress = working_time.rules_on(day).stopped_counts_as is StoppedCounts.IN_PROGRESS
		if in_progress and since is None:
			since = day
		elif since and not in_progress:
			found.append((since, day))
			since = None
	return [*found, (since, None)] if since else found


def follow_rules(doc: Any = None, method: str | None = None) -> None:
	"""The dated rules may have changed (hook of One-Stop Settings): stopped dossiers are booked anew in a job."""
	frappe.enqueue(
		"one_stop.reporting.daily_facts.follow_stopped",
		queue="long",
		job_id="daily-facts-stopped",
		deduplicate=True,
		enqueue_after_commit=True,
	)


def follow_stopped() -> None:
	"""Book all stopped dossiers anew."""
	follow_all(frappe.get_all("Dossier", {"status": "Stopped"}, pluck="name", limit=0))


def _next_month(day: date | datetime) -> date:
	return date(day.year + day.month // 12, day.month % 12 + 1, 1)


@contextmanager
def alone() -> Iterator[None]:
	"""One booking at a time: two at once would both subtract the same old contribution.

	The lock is taken before the transaction's first read, and given back after its end. Under READ COMMITTED, since
	dossiers are copied that others may be writing.
	"""
	with locked(LOCK, 60) as got:
		if not got:
			raise frappe.QueryTimeoutError("the daily facts are being rebuilt")
		try:
			with read_committed("isolation_before_booking"):
				frappe.db.commit()
				yield
				frappe.db.commit()
		except Exception:
			frappe.db.rollback()
			raise
