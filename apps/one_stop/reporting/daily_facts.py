"""Daily facts: counts of dossiers per day, units, field, procedure and channel, kept up as dossiers move.

A report over two million dossiers reads a few hundred thousand of these rows instead. `Dossier Fact` remembers
for each dossier what was booked for it; when it moves, the difference of its new and its old contributions is
added (`book`). `rebuild` makes both tables anew from the dossiers; the two ways agree, and a test says so.

The same counts stand once more with `whole` set, without units: what is asked for the whole province, and most is,
reads a small part of the rows. A row with `opening` set carries over what was open when its month began: `received` of them in progress and
`fell_due` of them overdue. A report then needs the rows of its own period and one month's opening, however many
years lie before it.

Written in SQL, since these are sums over whole tables; every statement is a constant of this file.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from hashlib import md5
from typing import Any

import frappe
from frappe.utils import add_to_date, getdate, now_datetime

from one_stop.organization import working_time
from one_stop.organization.calendar import StoppedCounts

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
OUTCOMES = {"Early": "early", "Late": "late"}
LOCK = "one_stop_daily_facts"
BATCH = 500

# What is counted of a dossier. Withdrawn counts as on time; one that waits for the applicant has no due date
# for now; a stopped one is in progress or ended as the dated rule says (TT 01/2020, form 06).
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
			d.`status` in ('Awaiting Supplement', 'Awaiting Payment') or (d.`status` = 'Stopped' and %(stopped_open)s),
			null, greatest(date(d.`due_at`), date(d.`received_at`))
		),
		if(
			d.`status` = 'Stopped' and %(stopped_open)s,
			null, greatest(date(d.`ended_at`), date(d.`received_at`))
		),
		if(d.`status` = 'Withdrawn', 'On Time', coalesce(d.`outcome`, '')),
		if(d.`status` = 'Withdrawn', 'On Time', coalesce(d.`outcome_by_date`, '')),
		coalesce(d.`channel`, '') = 'Online' and coalesce(v.`online_level`, '') = 'Full',
		coalesce(r.`files`, 0) > 0,
		exists (
			select 1 from `tabProcedure Result` pr
			where pr.`parent` = d.`procedure_version` and pr.`parenttype` = 'Procedure Version'
		),
		coalesce(r.`files`, 0) > 0 and coalesce(c.`files`, 0) > 0 and c.`files` = c.`submitted`,
		coalesce(c.`reused`, 0) > 0,
		coalesce(f.`amount`, 0) > 0,
		exists (
			select 1 from `tabDossier Payment` p
			where p.`dossier` = d.`name` and p.`status` = 'Paid' and p.`method` = 'Online'
		),
		coalesce(d.`channel`, '') = 'Post' or coalesce(d.`result_delivery`, '') = 'Post'
	from `tabDossier` d
	left join `tabProcedure Version` v on v.`name` = d.`procedure_version`
	left join (
		select `dossier`, sum(coalesce(`file`, '') != '') as `files` from `tabDossier Result`
		where {of_these_dossiers} group by `dossier`
	) r on r.`dossier` = d.`name`
	left join (
		select `parent`, sum(`submitted`) as `submitted`, sum(coalesce(`file`, '') != '' and `submitted`) as `files`,
			sum(coalesce(`reused_from`, '') != '') as `reused`
		from `tabDossier Component` where {of_these_parents} group by `parent`
	) c on c.`parent` = d.`name`
	left join (
		select `parent`, sum(`amount`) as `amount` from `tabDossier Fee` where {of_these_parents} group by `parent`
	) f on f.`parent` = d.`name`
	where d.`received_at` is not null and d.`status` not in ('Draft', 'Not Received') and {of_these_names}
"""
ALL_FACTS = SELECT_FACTS.format(of_these_dossiers="1 = 1", of_these_parents="1 = 1", of_these_names="1 = 1")
THESE_FACTS = SELECT_FACTS.format(
	of_these_dossiers="`dossier` in %(names)s",
	of_these_parents="`parent` in %(names)s",
	of_these_names="d.`name` in %(names)s",
)

DIMENSION_LIST = ", ".join(f"`{name}`" for name in DIMENSIONS)
COUNTER_LIST = ", ".join(f"`{name}`" for name in COUNTERS)
FLAG_LIST = ", ".join(f"`{name}`" for name in FLAGS)
NO_FLAGS = ", ".join("0" for _name in FLAGS)
# Names begin with what reports select by, so that the rows of a period lie beside each other on the disk.
ROW_NAME = (
	"concat(`whole`, `opening`, replace(cast(`day` as char), '-', ''), '-', md5(concat_ws('|', `whole`, `opening`,"
	" `day`, `receiving_unit`, `deciding_unit`, `field`, `procedure`, `channel`, `linked`)))"
)
INSERT_DAILY = f"""
	insert into `tabDossier Daily Fact` (
		`name`, `owner`, `modified_by`, `creation`, `modified`, `whole`, `opening`, `day`, {DIMENSION_LIST}, {COUNTER_LIST}
	)
"""
ALL_DAYS = f"""
	{INSERT_DAILY}
	select {ROW_NAME}, 'Administrator', 'Administrator', %(now)s, %(now)s, `whole`, `opening`, `day`, {DIMENSION_LIST},
		{", ".join(f"sum(`{name}`)" for name in COUNTERS)}
	from (
		select 0 as `whole`, 0 as `opening`, `received_on` as `day`, {DIMENSION_LIST}, 1 as `received`, 0 as `early`, 0 as `on_time`,
			0 as `late`, 0 as `early_by_date`, 0 as `on_time_by_date`, 0 as `late_by_date`, 0 as `fell_due`,
			0 as `overdue_ended`, {FLAG_LIST}
		from `tabDossier Fact`
		union all
		select 0, 0, `ended_on`, {DIMENSION_LIST}, 0, `outcome` = 'Early', `outcome` not in ('Early', 'Late'),
			`outcome` = 'Late', `outcome_by_date` = 'Early', `outcome_by_date` not in ('Early', 'Late'),
			`outcome_by_date` = 'Late', 0, coalesce(`ended_on` > `due_on`, 0), {NO_FLAGS}
		from `tabDossier Fact` where `ended_on` is not null
		union all
		select 0, 0, `due_on`, {DIMENSION_LIST}, 0, 0, 0, 0, 0, 0, 0, 1, 0, {NO_FLAGS}
		from `tabDossier Fact` where `due_on` is not null and (`ended_on` is null or `ended_on` > `due_on`)
	) flows
	group by `whole`, `opening`, `day`, {DIMENSION_LIST}
"""
ONE_OPENING = f"""
	{INSERT_DAILY}
	select {ROW_NAME}, 'Administrator', 'Administrator', %(now)s, %(now)s, `whole`, `opening`, `day`, {DIMENSION_LIST},
		`open`, 0, 0, 0, 0, 0, 0, `overdue`, 0, {NO_FLAGS}
	from (
		select 0 as `whole`, 1 as `opening`, %(month)s as `day`, {DIMENSION_LIST}, count(*) as `open`,
			sum(coalesce(`due_on` < %(month)s, 0)) as `overdue`
		from `tabDossier Fact`
		where `received_on` < %(month)s and (`ended_on` is null or `ended_on` >= %(month)s)
		group by {DIMENSION_LIST}
	) openings
"""
WITHOUT_UNITS = ", ".join(f"'' as `{name}`" if name.endswith("_unit") else f"`{name}`" for name in DIMENSIONS)
THE_WHOLE = f"""
	{INSERT_DAILY}
	select {ROW_NAME}, 'Administrator', 'Administrator', %(now)s, %(now)s, `whole`, `opening`, `day`, {DIMENSION_LIST},
		{COUNTER_LIST}
	from (
		select 1 as `whole`, `opening`, `day`, {WITHOUT_UNITS}, {", ".join(f"sum(`{name}`) as `{name}`" for name in COUNTERS)}
		from `tabDossier Daily Fact`
		where `whole` = 0 and `opening` between %(least)s and %(most)s and `day` between %(first)s and %(last)s
		group by `opening`, `day`, `field`, `procedure`, `channel`, `linked`
	) sums
"""
ADD_DIFFERENCE = f"""
	{INSERT_DAILY}
	values (%(name)s, 'Administrator', 'Administrator', %(now)s, %(now)s, %(whole)s, %(opening)s, %(day)s,
		{", ".join(f"%({name})s" for name in DIMENSIONS)}, {", ".join(f"%({name})s" for name in COUNTERS)})
	on duplicate key update {", ".join(f"`{name}` = `{name}` + values(`{name}`)" for name in COUNTERS)},
		`modified` = values(`modified`)
"""


def follow(dossier: str, event: dict[str, Any] | None = None) -> None:
	"""A dossier has moved: book the difference. Called by a job after each command (`one_stop_after_event`)."""
	with _alone():
		book([dossier])


def follow_all(dossiers: Iterable[str]) -> None:
	"""The same for many dossiers, in batches."""
	names = list(dossiers)
	for start in range(0, len(names), BATCH):
		with _alone():
			book(names[start : start + BATCH])


def book(dossiers: Iterable[str]) -> None:
	"""Write what these dossiers contribute now in place of what they contributed before. Does not commit."""
	names = tuple(dict.fromkeys(dossiers))
	if not names:
		return
	months = openings()
	differences: dict[tuple, dict[str, int]] = {}
	for sign in (-1, 1):
		for row in _facts_of(names):
			for key, counts in contributions(row, months):
				for kept in ((0, *key), (1, *without_units(key))):
					own = differences.setdefault(kept, dict.fromkeys(COUNTERS, 0))
					for counter, count in counts.items():
						own[counter] += sign * count
		if sign == -1:
			frappe.db.delete("Dossier Fact", {"name": ("in", names)})
			frappe.db.sql(THESE_FACTS, {**_terms(), "names": names})
	now = now_datetime()
	for key, counts in sorted(differences.items()):
		if any(counts.values()):
			whole, opening, day, *dimensions = key
			frappe.db.sql(
				ADD_DIFFERENCE,
				{
					"name": row_name(key),
					"now": now,
					"whole": whole,
					"opening": opening,
					"day": day,
					**dict(zip(DIMENSIONS, dimensions, strict=True)),
					**counts,
				},
			)


def contributions(row: Any, months: Iterable[date]) -> Iterator[tuple[tuple, dict[str, int]]]:
	"""What a Dossier Fact adds to which daily rows: pairs of (opening, day, dimensions …) and counts.

	:param months: first days of the months whose openings exist
	"""
	where = tuple(row[name] for name in DIMENSIONS)
	yield (0, row["received_on"], *where), {"received": 1, **{flag: int(row[flag]) for flag in FLAGS}}
	ended, due = row["ended_on"], row["due_on"]
	if ended:
		yield (
			(0, ended, *where),
			{
				OUTCOMES.get(row["outcome"], "on_time"): 1,
				f"{OUTCOMES.get(row['outcome_by_date'], 'on_time')}_by_date": 1,
				"overdue_ended": int(bool(due and ended > due)),
			},
		)
	if due and (not ended or ended > due):
		yield (0, due, *where), {"fell_due": 1}
	for month in months:
		if row["received_on"] < month and (not ended or ended >= month):
			yield (1, month, *where), {"received": 1, "fell_due": int(bool(due and due < month))}


def without_units(key: tuple) -> tuple:
	"""The key of the whole province's row for the key of a unit's row: (opening, day, dimensions …)."""
	opening, day, *dimensions = key
	blanked = (
		"" if name.endswith("_unit") else value for name, value in zip(DIMENSIONS, dimensions, strict=True)
	)
	return opening, day, *blanked


def row_name(key: tuple) -> str:
	"""The name of the row of a key, as `ROW_NAME` makes it in SQL."""
	whole, opening, day = key[:3]
	digest = md5("|".join(str(part) for part in key).encode(), usedforsecurity=False).hexdigest()
	return f"{whole}{opening}{day:%Y%m%d}-{digest}"


def openings() -> list[date]:
	"""First days of the months whose openings exist, in order."""
	rows = frappe.db.sql(
		"select distinct `day` from `tabDossier Daily Fact` where `whole` = 0 and `opening` = 1 order by `day`"
	)
	return [row[0] for row in rows]


def rebuild(today: date | None = None) -> dict[str, int]:
	"""Make both tables anew from the dossiers. Returns how many dossiers and rows there are. Does not commit."""
	terms = _terms()
	frappe.db.sql("delete from `tabDossier Daily Fact`")
	frappe.db.sql("delete from `tabDossier Fact`")
	frappe.db.sql(ALL_FACTS, terms)
	frappe.db.sql(ALL_DAYS, terms)
	_sum_up_the_whole(0, date(1900, 1, 1), date(9999, 12, 31))
	first = frappe.db.sql("select min(`received_on`) from `tabDossier Fact`")[0][0]
	month = first and _next_month(first)
	while month and month <= getdate(today):
		frappe.db.sql(ONE_OPENING, {**terms, "month": month})
		_sum_up_the_whole(1, month, month)
		month = _next_month(month)
	return {"dossiers": frappe.db.count("Dossier Fact"), "rows": frappe.db.count("Dossier Daily Fact")}


def rebuild_all() -> None:
	"""The same as a job of its own, alone and committed: `./one-stop frappe -- execute …rebuild_all`."""
	with _alone():
		rebuild()


def open_month() -> None:
	"""Daily: bring forward the openings of months that have begun since."""
	with _alone():
		open_months_until(getdate())


def catch_up(hours: int = 36) -> None:
	"""Daily: book once more whatever moved lately. A job that died, or that met a rebuild, left its dossier behind."""
	since = add_to_date(now_datetime(), hours=-hours)
	follow_all(frappe.get_all("Dossier", {"modified": (">=", since)}, pluck="name", limit=0))


def open_months_until(day: date) -> None:
	"""Write the openings that are missing up to the month of a day. Does not commit."""
	known = openings()
	first = known[-1] if known else frappe.db.sql("select min(`received_on`) from `tabDossier Fact`")[0][0]
	month = first and _next_month(first)
	while month and month <= day:
		frappe.db.sql(ONE_OPENING, {**_terms(), "month": month})
		_sum_up_the_whole(1, month, month)
		month = _next_month(month)


def _sum_up_the_whole(opening: int, first: date, last: date) -> None:
	terms = {"now": now_datetime(), "least": opening, "most": opening, "first": first, "last": last}
	frappe.db.sql(THE_WHOLE, terms)


def _facts_of(names: tuple[str, ...]) -> list[dict]:
	fact = frappe.qb.DocType("Dossier Fact")
	return frappe.qb.from_(fact).select("*").where(fact.name.isin(names)).for_update().run(as_dict=True)


def _terms() -> dict[str, Any]:
	stopped = working_time.rules_on(getdate()).stopped_counts_as
	return {"now": now_datetime(), "stopped_open": int(stopped is StoppedCounts.IN_PROGRESS)}


def _next_month(day: date | datetime) -> date:
	return date(day.year + day.month // 12, day.month % 12 + 1, 1)


@contextmanager
def _alone() -> Iterator[None]:
	"""One booking at a time: two at once would both subtract the same old contribution.

	The lock is taken before the transaction's first read, and given back after its end.
	"""
	if not frappe.db.sql("select get_lock(%s, 60)", LOCK)[0][0]:
		raise frappe.QueryTimeoutError("the daily facts are being rebuilt")
	try:
		frappe.db.commit()
		yield
		frappe.db.commit()
	except Exception:
		frappe.db.rollback()
		raise
	finally:
		frappe.db.sql("select release_lock(%s)", LOCK)
