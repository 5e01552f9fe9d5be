"""Biểu số 07a/VPCP/KSTT (TT 01/2020/TT-VPCP): causes of late dossiers by field."""

from one_stop.reporting import statutory


def execute(filters: dict | None = None) -> tuple[list[dict], list[dict]]:
	"""Columns and rows within the scope of the session's user."""
	return statutory.form_07a(statutory.request(filters))
