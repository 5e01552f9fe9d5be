"""What is kept of an error: where it happened and what it was, never the values that were at hand.

Frappe writes with each error every variable of every function on the way, and so names, numbers, addresses and codes
of applicants into a log that outlives their erasure; beside it, in files, what was sent with the request.
"""

import logging

import frappe

CONTEXT = "Traceback with variables"
# Frappe's formatter sets variables, and further lines of a long one, deeper than the line of code above them.
VARIABLE = " " * 6


def without_values(text: str) -> str:
	"""A traceback with its variables taken out: files, lines, code and the error itself stay."""
	if CONTEXT not in text:
		return text
	return "\n".join(line for line in text.split("\n") if not line.startswith(VARIABLE))


def strip_values(doc, method: str | None = None) -> None:
	"""Hook `before_insert` of Error Log, through which errors of pages, jobs and the desk all come."""
	doc.error = without_values(doc.error or "")
	if doc.get("metadata"):
		doc.metadata = None  # Frappe 16 puts the request or the job there, with what was sent


def keep_forms_out_of_logs() -> None:
	"""Frappe's log of errors leaves the request's fields out (hooks `before_request` and `before_job`)."""
	logger = frappe.logger(with_more_info=True)
	if _leave_form_out not in logger.filters:
		logger.addFilter(_leave_form_out)


def _leave_form_out(record: logging.LogRecord) -> bool:
	# Frappe adds the fields only where these two words do not yet stand.
	record.msg = f"{record.msg} (Form Dict left out)"
	return True
