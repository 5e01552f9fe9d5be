"""Public figures, live from the dossiers: received, resolved and on time, by month and by agency (NĐ 61/2018 art. 32)."""

from datetime import date
from typing import Any

import frappe
from frappe.utils import add_months, getdate

from one_stop.organization import units

MONTHS = 12
KEPT_SECONDS = 300


def by_month(until: date | None = None) -> list[dict[str, Any]]:
	"""The last twelve months, oldest first: `{month: date, received, resolved, on_time, share}`; share in per cent
	of what was resolved, None where nothing was."""
	return _kept("month", until)["months"]


def by_agency(until: date | None = None) -> list[dict[str, Any]]:
	"""The same twelve months by deciding agency: `{unit, unit_name, received, resolved, on_time, share}`."""
	return _kept("month", until)["agencies"]


def _kept(kind: str, until: date | None) -> dict:
	last = getdate(until).replace(day=1)
	key = f"portal-figures:{last}"
	found = frappe.cache.get_value(key, expires=True)
	if not found:
		found = _computed(last)
		frappe.cache.set_value(key, found, expires_in_sec=KEPT_SECONDS)
	return found


def _computed(last: date) -> dict:
	first, end = add_months(last, 1 - MONTHS), add_months(last, 1)
	received = frappe.db.sql(
		"""select date_format(received_at, '%%Y-%%m'), deciding_unit, count(*) from `tabDossier`
		where received_at >= %s and received_at < %s group by 1, 2""",
		(first, end),
	)
	resolved = frappe.db.sql(
		"""select date_format(ended_at, '%%Y-%%m'), deciding_unit, count(*), sum(outcome in ('Early', 'On Time'))
		from `tabDossier` where ended_at >= %s and ended_at < %s and outcome != '' group by 1, 2""",
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
