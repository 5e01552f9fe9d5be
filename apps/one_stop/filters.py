"""Filters of Frappe's lists, said so that they mean what they say."""

from collections.abc import Iterable

# No document and no field holds this.
NOTHING = "∅"


def among(values: Iterable[str]) -> list:
	"""The filter for one of some values; where there are none, nothing fits.

	Frappe takes an empty list for "not set", and so finds what names nothing at all; and with an empty list, as with
	the empty name in one, it reads the whole table.
	"""
	return ["in", [*values] or [NOTHING]]
