"""When people are reminded of what is due, and in which words: settings that an administrator may change.

`reminder_texts.json` seeds what is missing, once; afterwards the texts belong to the site.
"""

import json
from collections.abc import Mapping
from pathlib import Path

import frappe
from frappe import _

from one_stop.dossiers import text_blocks
from one_stop.dossiers.letter_texts import told
from one_stop.dossiers.text_blocks import TextBlockError

SEED = Path(__file__).with_name("reminder_texts.json")
BLOCKS = ("notice", "subject", "message")
# What a block may name. Nothing personal: mails travel further than dossiers do.
VALUES: Mapping[str, str] = {
	"code": "code of the dossier",
	"procedure": "name of the procedure",
	"due_at": "when it is or was due",
	"remaining": "working time left or exceeded",
	"step": "the step that is open",
	"unit": "the unit that has it",
	"count": "number of dossiers in the e-mail",
	"recipient": "name of the person told",
	"leader": "1 where the person is told as a leader, blank for an officer",
}


def check_blocks(doc) -> None:
	"""Raise, naming the field, where a block of a Reminder Text does not render."""
	for fieldname in BLOCKS:
		try:
			text_blocks.check(doc.get(fieldname), VALUES)
		except TextBlockError as error:
			label = _(doc.meta.get_label(fieldname))
			frappe.throw(f"{label}: {told(error)}", title=_("The text does not render"))


def enabled() -> dict[str, "frappe.model.document.Document"]:
	"""The reminders that are switched on, by kind."""
	names = frappe.get_all("Reminder Text", filters={"enabled": 1}, pluck="name")
	return {name: frappe.get_cached_doc("Reminder Text", name) for name in names}


def filled(block: str | None, values: Mapping[str, str]) -> list[str]:
	"""A block with its values put in, as lines of plain text; what the values lack is blank."""
	return text_blocks.paragraphs(block, {name: values.get(name) or "" for name in VALUES})


def seed() -> None:
	"""Put the reminders that are missing. Runs at install and migrate; what was changed stays as it is."""
	for row in json.loads(SEED.read_text(encoding="utf-8")):
		if not frappe.db.exists("Reminder Text", row["kind"]):
			frappe.get_doc(
				{"doctype": "Reminder Text", "enabled": 1, "by_email": 1, "tell_leader": 1, **row}
			).insert()
