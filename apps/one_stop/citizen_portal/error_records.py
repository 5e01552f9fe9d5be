"""What is kept of an error: where it happened and what it was, never the values that were at hand.

Frappe writes with each error every variable of every function on the way, and so names, numbers, addresses and codes
of applicants into a log that outlives their erasure.
"""

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
