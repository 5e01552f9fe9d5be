"""Biểu số 07a/VPCP/KSTT (TT 01/2020/TT-VPCP): causes of late dossiers by field."""

from one_stop.reporting import statutory


def execute(filters: dict | None = None) -> tuple[list[dict], list[dict], str | None]:
	"""Columns and rows within the scope of the session's user, and until when they are counted."""
	asked = statutory.request(filters)
	return *statutory.form_07a(asked), statutory.counted_until(asked.last)
