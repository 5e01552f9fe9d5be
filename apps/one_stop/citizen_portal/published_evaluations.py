"""Results of evaluating agencies as the public reads them (NĐ 61/2018 art. 32; TT 01/2018/TT-VPCP art. 15.4).

Only what has been published, by quarter and year, and only of agencies: of officers nothing is shown, and of ratings
no more than they added to the points. What is published is never changed, so a period is read anew only when more of
it has been published.
"""

from typing import Any

import frappe
from frappe.query_builder import Case
from frappe.query_builder.functions import Count, Max, Sum
from frappe.utils import cint

from one_stop.quality.evaluation_rules import PUBLISHED
from one_stop.quality.rule_sets import AGENCIES

QUARTER, YEAR = "Quarter", "Year"
# Counted anew every five minutes by a job, so that nobody waits for it; kept longer in case the job is late.
KEPT_SECONDS = 6 * 3600
PERIODS = "portal-evaluations"


def periods() -> list[dict[str, Any]]:
	"""The periods something was published of, newest first: `{key, period, year, number, published, latest}`."""
	return (frappe.cache.get_value(PERIODS, expires=True) or _count())["periods"]


def refresh() -> None:
	"""Read anew what the public page shows first (every five minutes)."""
	found = _count()["periods"]
	if found:
		agencies(found[0])


def agencies(period: dict[str, Any]) -> list[dict[str, Any]]:
	"""The agencies of one of `periods`, in the order of their names: `{unit_name, score, most, scored, of, grade}`.

	`score` is the verified one, None where no indicator could be scored; it is of `most` points, `scored` of `of`
	indicators made it.
	"""
	key = f"{PERIODS}:{period['key']}:{period['published']}:{period['latest']}"
	kept = frappe.cache.get_value(key, expires=True)
	if kept is None:
		kept = _agencies(period)
		frappe.cache.set_value(key, kept, expires_in_sec=KEPT_SECONDS)
	return kept


def key_of(period: str, year: int, number: int) -> str:
	"""How an address names a period: `2026-3` for a quarter, `2026` for a year."""
	return f"{year}-{number}" if period == QUARTER else str(year)


def _count() -> dict[str, Any]:
	evaluation = frappe.qb.DocType("Unit Evaluation")
	rows = (
		_published(evaluation)
		.select(
			evaluation.period,
			evaluation.year,
			evaluation.number,
			Max(evaluation.last_day).as_("last_day"),
			Count("*").as_("published"),
			Max(evaluation.published_at).as_("latest"),
		)
		.groupby(evaluation.period, evaluation.year, evaluation.number)
		.run(as_dict=True)
	)
	rows.sort(key=lambda row: (row.last_day, row.period == YEAR), reverse=True)
	found = {
		"periods": [
			{
				"key": key_of(row.period, row.year, row.number),
				"period": row.period,
				"year": row.year,
				"number": row.number,
				"published": row.published,
				"latest": str(row.latest or ""),
			}
			for row in rows
		]
	}
	frappe.cache.set_value(PERIODS, found, expires_in_sec=KEPT_SECONDS)
	return found


def _published(evaluation: Any) -> Any:
	return frappe.qb.from_(evaluation).where(
		(evaluation.status == PUBLISHED)
		& (evaluation.scheme == AGENCIES)
		& evaluation.period.isin([QUARTER, YEAR])
	)


def _agencies(period: dict[str, Any]) -> list[dict[str, Any]]:
	evaluation, line = frappe.qb.DocType("Unit Evaluation"), frappe.qb.DocType("Evaluation Line")
	scored = Case().when((line.has_data == 1) | (line.entered == 1), 1).else_(0)
	rows = (
		_published(evaluation)
		.where(
			(evaluation.period == period["period"])
			& (evaluation.year == period["year"])
			& (evaluation.number == period["number"])
		)
		.left_join(line)
		.on((line.parent == evaluation.name) & (line.parenttype == "Unit Evaluation") & (line.counts == 1))
		.select(
			evaluation.unit,
			Max(evaluation.unit_name).as_("unit_name"),
			Max(evaluation.verified_score).as_("score"),
			Max(evaluation.verified_grade).as_("grade"),
			Count(line.name).as_("of"),
			Sum(scored).as_("scored"),
			Sum(line.most).as_("most"),
		)
		.groupby(evaluation.name)
		.run(as_dict=True)
	)
	return sorted(
		(
			{
				"unit_name": row.unit_name or row.unit,
				"score": row.score if row.scored else None,
				"grade": row.grade if row.scored else None,
				"scored": cint(row.scored),
				"of": row.of,
				"most": row.most or 0,
			}
			for row in rows
		),
		key=lambda row: row["unit_name"],
	)
