"""Public figures, live from the dossiers: received, resolved and on time, by month and by agency (NĐ 61/2018 art. 32).

What an applicant handed in counts once; the linked dossiers that the system opened for it do not.
"""

from datetime import date
from typing import Any

import frappe
from frappe.utils import add_months, getdate

from one_stop.organization import units

MONTHS = 12
# Counted anew every five minutes by a job, so that nobody waits for it; kept longer in case the job is late.
KEPT_SECONDS = 6 * 3600


def by_month(until: date | None = None) -> list[dict[str, Any]]:
	"""The last twelve months, oldest first: `{month: date, received, resolved, on_time, share}`; share in per cent
	of what was resolved, None where nothing was."""
	return _kept(until)["months"]


def by_agency(until: date | None = None) -> list[dict[str, Any]]:
	"""The same twelve months by deciding agency: `{unit, unit_name, received, resolved, on_time, share}`."""
	return _kept(until)["agencies"]


def _kept(until: date | None) -> dict:
	last = getdate(until).replace(day=1)
	return frappe.cache.get_value(_key(last), expires=True) or _count(last)


def refresh() -> None:
	"""Count anew what the public pages show (every five minutes)."""
	_count(getdate().replace(day=1))


def _count(last: date) -> dict:
	found = _computed(last)
	frappe.cache.set_value(_key(last), found, expires_in_sec=KEPT_SECONDS)
	return found


def _key(last: date) -> str:
	return f"portal-figures:{last}"


def _computed(last: date) -> dict:
	first, end = add_months(last, 1 - MONTHS), add_months(last, 1)
	received = frappe.db.sql(
		"""select date_format(received_at, '%%Y-%%m'), deciding_unit, count(*) from `tabDossier`
		where received_at >= %s and received_at < %s and coalesce(parent_dossier, '') = '' group by 1, 2""",
		(first, end),
	)
	resolved = frappe.db.sql(
		"""select date_format(ended_at, '%%Y-%%m'), deciding_unit, count(*), sum(outcome in ('Early', 'On Time'))
		from `tabDossier` where ended_at >= %s and ended_at < %s and outcome != ''
			and coalesce(parent_dossier, '') = '' group by 1, 2""",
		(first, end),
	)
	months = {add_months(first, number).strftime("%Y-%m"): [0, 0, 0] for number in range(MONTHS)}
	agencies: dict[str, list[int]] = {}
	for month, unit, number in received:
		months[month][0] += number
		agencies.setdefault(unit or "", [0, 0, 0])[0] += number
	for month, unit, number, on_time in resolved:
		for row in (months[month], agencies.setdefault(unit or "", [0, 0, 0])):
			row[1] += number
			row[2] += int(on_time or 0)
	return {
		"months": [{"month": f"{month}-01", **_row(values)} for month, values in months.items()],
		"agencies": sorted(
			(
				{"unit": unit, "unit_name": units.unit_name(unit), **_row(values)}
				for unit, values in agencies.items()
				if unit
			),
			key=lambda row: (-row["received"], row["unit_name"]),
		),
	}


def _row(values: list[int]) -> dict[str, Any]:
	received, resolved, on_time = values
	return {
		"received": received,
		"resolved": resolved,
		"on_time": on_time,
		"share": round(100 * on_time / resolved, 1) if resolved else None,
	}
