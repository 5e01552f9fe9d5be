"""E-mail addresses and telephone numbers as accounts know them. Pure."""

import re

EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,24}")
PHONE = re.compile(r"0\d{9,10}")


def email(text: str) -> str | None:
	"""The address in small letters; None for what is none."""
	text = text.strip().lower()
	return text if len(text) <= 140 and EMAIL.fullmatch(text) else None


def phone(text: str) -> str | None:
	"""A Vietnamese number as `0912345678`, however it is written; None for what is none."""
	digits = re.sub(r"[\s.()-]", "", text.strip())
	digits = re.sub(r"^(?:\+84|0084|84(?=\d{9,10}$))", "0", digits)
	return digits if PHONE.fullmatch(digits) else None


def contact(text: str) -> tuple[str, str] | None:
	"""`("email", address)` or `("phone", number)`."""
	if "@" in text:
		found = email(text)
		return ("email", found) if found else None
	found = phone(text)
	return ("phone", found) if found else None


def masked(text: str) -> str:
	"""Enough to recognise one's own: `n***@example.vn`, `091****678`."""
	if "@" in text:
		name, _at, host = text.partition("@")
		return f"{name[:1]}***@{host}"
	return f"{text[:3]}****{text[-3:]}" if len(text) >= 9 else "****"
