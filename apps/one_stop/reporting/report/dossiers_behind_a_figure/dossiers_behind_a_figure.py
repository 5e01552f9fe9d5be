"""What one cell of a report counts, one by one: where drilling down ends."""

from html import escape

import frappe
from frappe import _

from one_stop.reporting import behind, statutory


def execute(filters: dict | None = None) -> tuple[list[dict], list[dict], str | None]:
	"""Columns and rows within the scope of the session's user, and in words what narrows them and what is left out."""
	more = frappe._dict(filters or {})
	columns, rows, number = behind.listed(statutory.request(more), more)
	said = behind.in_words(more)
	if len(rows) < number:
		said.append(_("{0} of {1} are shown.").format(len(rows), number))
	return columns, rows, "<br>".join(map(escape, said)) or None
