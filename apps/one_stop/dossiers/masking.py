"""What people see of an answer whose work does not need the numbers in it. Pure.

Identity numbers and telephone numbers say who somebody is wherever they stand, so they are hidden in free text too.
"""

import re

LEAST_HIDDEN = 4
# Numbers by which a person is found: a telephone or identity number (0…, +84…), an old identity card (9 digits), a
# passport (a letter and 7 or 8 digits). Sums and days are none of these.
NUMBERS = re.compile(r"(?<![\w.])(?:(?:0|\+84)(?:[ .-]?\d){8,11}|\d{9}|\d{12}|[A-Za-z]\d{7,8})(?![\w])")
ADDRESS = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+\.\w+")
PERSONAL = frozenset({"Phone", "ID Number"})
FREE = frozenset({"", "Text", "Long Text"})


def masked(value: str | None, shown: int = 3) -> str:
	"""A number with all but its last signs hidden."""
	value = (value or "").strip()
	if not value:
		return ""
	shown = min(shown, max(0, len(value) - LEAST_HIDDEN))
	return "•" * (len(value) - shown) + (value[-shown:] if shown else "")


def masked_text(text: str | None) -> str:
	"""A text with the identity numbers, telephone numbers and e-mail addresses in it hidden."""
	found = NUMBERS.sub(lambda number: masked(number[0]), text or "")
	return ADDRESS.sub(lambda address: masked_address(address[0]), found)


def masked_address(address: str) -> str:
	"""An e-mail address of which the first sign and the domain are left."""
	name, _at, domain = address.partition("@")
	return f"{name[:1]}•••@{domain}"


def masked_answer(value: str | None, field_type: str | None) -> str:
	"""An answer of an electronic form for people whose work does not need the numbers in it.

	:param field_type: of the question; answers to unknown questions are treated as free text
	"""
	kind = field_type or ""
	if kind in PERSONAL:
		return masked(value)
	if kind == "Email" or kind in FREE:
		return masked_text(value)
	return "" if kind == "File" else (value or "")
