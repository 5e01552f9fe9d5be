"""Finding procedures by what people type: a code or words of the name, with or without diacritics."""

import unicodedata

import frappe
from frappe.utils import cint

MOST_WORDS = 12
MOST_RESULTS = 100
SEARCHED = ("procedure_code", "local_code", "procedure_name", "name_en", "keywords", "field", "authority")


def plain(text: str | None) -> str:
	"""Text as it is compared: `Đăng  ký` is `dang ky`."""
	parts = unicodedata.normalize("NFD", text or "")
	bare = "".join(letter for letter in parts if not unicodedata.combining(letter))
	return " ".join(bare.replace("đ", "d").replace("Đ", "d").lower().split())


def search_text(procedure: frappe._dict) -> str:
	"""What a procedure is found by."""
	return plain(" ".join(str(procedure.get(fieldname) or "") for fieldname in SEARCHED))


def search(text: str | None, limit: int = 20, *, public: bool = False) -> list[dict]:
	"""Procedures in force that hold every word of `text` in their code, name or keywords.

	Codes that begin with the text come first, then names that begin with it, then names that hold it as
	written. Only what the session's user may read answers, or with `public` whatever is published.

	:returns: `[{procedure, procedure_name, field, field_name, current_version, level}]`, at most `limit`
	"""
	asked = plain(text)
	words = asked.split()[:MOST_WORDS]
	# What is in force is published (NĐ 61/2018 art. 15.1): the portal shows it to everybody.
	find = frappe.get_all if public else frappe.get_list
	rows = find(
		"Administrative Procedure",
		filters=[
			["status", "=", "In Force"],
			*(["search_text", "like", f"%{_literal(word)}%"] for word in words),
		],
		fields=["name", "procedure_name", "field", "current_version", "level"],
		order_by="procedure_name asc",
		limit=0,
	)
	typed = " ".join((text or "").split()).lower()

	def rank(row: dict) -> tuple:
		name = row["procedure_name"]
		return (
			not row["name"].lower().startswith(typed),
			not plain(name).startswith(asked),
			typed not in name.lower(),
			asked not in plain(name),
			len(name),
		)

	found = sorted(rows, key=rank) if words else rows
	most = min(max(cint(limit), 0) or 20, MOST_RESULTS)
	return [{"procedure": row["name"], "field_name": row["field"], **row} for row in found[:most]]


def _literal(word: str) -> str:
	"""A word for LIKE in which nothing stands for something else."""
	return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
