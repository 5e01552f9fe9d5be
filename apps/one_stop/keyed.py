"""Digests that nobody without the site's own secret can make or guess: the same for the same text, and no way back."""

import base64
import hashlib
import hmac

from frappe.utils.password import get_encryption_key


def keyed_digest(text: str) -> bytes:
	"""32 bytes. Begin the text with what it is for, so that no digest serves two purposes."""
	return hmac.new(get_encryption_key().encode(), text.encode(), hashlib.sha256).digest()


def as_code(raw: bytes) -> str:
	"""Bytes as letters and digits that stand in an address and are read aloud without mistakes."""
	return base64.b32encode(raw).decode().rstrip("=").lower()


def keyed_code(text: str) -> str:
	"""The digest as a code of 32 signs."""
	return as_code(keyed_digest(text)[:20])
