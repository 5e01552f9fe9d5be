"""Biểu số 07b/VPCP/KSTT (TT 01/2020/TT-VPCP): procedures, those at a one-stop, and e-processes, by level."""

from one_stop.reporting import statutory


def execute(filters: dict | None = None) -> tuple[list[dict], list[dict]]:
	"""Columns and rows within the scope of the session's user."""
	return statutory.form_07b(statutory.request_of_day(filters))
