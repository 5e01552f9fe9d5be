"""The wording of official forms: titles, text blocks and who signs, dated, and open to an administrator's changes.

A form is worded by the text in force on the day it is issued: the set of TT 01/2018/TT-VPCP, then that of
TT 03/2025/TT-VPCP. `letter_texts.json` seeds what is missing; afterwards the texts belong to the site.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import frappe
from frappe import _
from frappe.utils import getdate

from one_stop.dossiers import text_blocks
from one_stop.dossiers.exceptions import LetterTextMissing
from one_stop.dossiers.text_blocks import TextBlockError

SEED = Path(__file__).with_name("letter_texts.json")
BLOCKS = ("title", "number_sign", "opening", "closing", "notes", "left_signer", "right_signer")
# What a block may name, and what each is; all are texts, blank where a form has nothing of the kind.
VALUES: Mapping[str, str] = {
	"agency": "the unit that issues the form",
	"one_stop": "the unit that received the dossier",
	"one_stop_phone": "phone of the unit that received the dossier",
	"unit_phone": "phone of the issuing unit",
	"unit_address": "address of the issuing unit",
	"tracking": "public address of the portal",
	"applicant": "name of the applicant",
	"code": "code of the dossier",
	"procedure": "name of the procedure",
	"content": "what is asked for",
	"limit": "legal time limit",
	"received_at": "when the dossier was received",
	"due_at": "when the result is due",
	"old_due_at": "when it was due before an extension",
	"new_due_at": "when it is due after an extension",
	"applicant_due": "until when a supplement is awaited",
	"stopped_at": "when processing ended",
	"reason": "reason of the letter",
	"contact": "the person who signs or issues",
	"today": "day of issue",
}


@dataclass(frozen=True, slots=True)
class Wording:
	"""A form's words with its values put in; blocks as paragraphs."""

	title: list[str]
	form_number: str
	number_sign: str
	opening: list[str]
	closing: list[str]
	notes: list[str]
	left_signer: str
	right_signer: str


def check_blocks(doc) -> None:
	"""Raise, naming the field, where a block of a Letter Text does not render."""
	for fieldname in BLOCKS:
		try:
			text_blocks.check(doc.get(fieldname), VALUES)
		except TextBlockError as error:
			label = _(doc.meta.get_label(fieldname))
			frappe.throw(f"{label}: {told(error)}", title=_("The text does not render"))


def told(error: TextBlockError) -> str:
	"""An error of a text block in the reader's language."""
	return frappe.utils.escape_html(_(error.template).format(**error.values))


def text_on(form: str, day: date):
	"""The Letter Text of a form in force on a day; its first one for a day before all of them.

	Raises LetterTextMissing.
	"""
	rows = frappe.get_all(
		"Letter Text",
		filters={"form": form},
		fields=["name", "effective_from"],
		order_by="effective_from asc",
	)
	if not rows:
		frappe.throw(
			_("There is no text for the form {0}: an administrator adds it under Letter Text.").format(
				_(form)
			),
			LetterTextMissing,
		)
	in_force = [row.name for row in rows if getdate(row.effective_from) <= day]
	return frappe.get_cached_doc("Letter Text", in_force[-1] if in_force else rows[0].name)


def worded(form: str, day: date, values: Mapping[str, str | None]) -> Wording:
	"""The words of a form issued on a day. `values` fills the names of `VALUES`; what it lacks is blank."""
	text = text_on(form, day)
	plain = {name: values.get(name) or "" for name in VALUES}
	blocks = {name: text_blocks.paragraphs(text.get(name), plain) for name in BLOCKS}
	return Wording(
		title=blocks["title"],
		form_number=text.form_number or "",
		number_sign=" ".join(blocks["number_sign"]),
		opening=blocks["opening"],
		closing=blocks["closing"],
		notes=blocks["notes"],
		left_signer=" ".join(blocks["left_signer"]),
		right_signer=" ".join(blocks["right_signer"]),
	)


def seed() -> None:
	"""Put the texts that are missing. Runs at install and migrate; what was changed stays as it is."""
	for row in json.loads(SEED.read_text(encoding="utf-8")):
		known = {"form": row["form"], "effective_from": row["effective_from"]}
		if not frappe.db.exists("Letter Text", known):
			frappe.get_doc({"doctype": "Letter Text", **row}).insert()
