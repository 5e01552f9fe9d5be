"""A procedure as the national database describes it."""

from typing import Any


def recognises(data: Any) -> bool:
	return False


def as_file(data: Any) -> dict[str, Any]:
	raise NotImplementedError
