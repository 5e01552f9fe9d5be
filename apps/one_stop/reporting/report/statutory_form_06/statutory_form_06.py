"""Biểu số 06/VPCP/KSTT (TT 01/2020/TT-VPCP): thirteen columns by level, field, procedure or unit."""

from one_stop.reporting import statutory


def execute(filters: dict | None = None) -> tuple[list[dict], list[dict], str | None]:
	"""Columns and rows within the scope of the session's user, and until when they are counted."""
	asked = statutory.request(filters)
	return *statutory.as_report(asked, statutory.form_06(asked)), statutory.counted_until(asked.last)
