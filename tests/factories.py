"""Dossiers for tests: made by the commands, in the sample province, by the people whose duty it is.

Commands commit, so what these make stays on the throw-away site; every dossier is new, nothing is deleted.
"""

import contextlib
import itertools
from collections.abc import Iterator
from typing import Any

import frappe

BIRTH = "1.001193"
LAND = "2.000889"
CENTRE = "H17.40.01.01"  # the one-stop centre of Hải Châu ward
COMMITTEE = "H17.40.01"
CLERK, OTHER_CLERK = "tiepnhan.haichau", "tiepnhan2.haichau"
OFFICER, CHAIRMAN, VICE_CHAIRMAN = "hotich.haichau", "chutich.haichau", "phochutich.haichau"
OFFICER_OF_LAND, TAX_OFFICER = "vienchuc.cnhaichau", "congchuc.thue"
STRANGER = "tiepnhan.hoavang"  # a clerk of another commune

_numbers = itertools.count(1)


def user(name: str) -> str:
	return f"{name}@one-stop.example"


def key() -> str:
	return frappe.generate_hash(length=20)


@contextlib.contextmanager
def acting(name: str) -> Iterator[str]:
	"""As one of the sample people."""
	before = frappe.session.user
	frappe.set_user(user(name))
	try:
		yield user(name)
	finally:
		frappe.set_user(before)


def draft(
	procedure: str = BIRTH,
	unit: str = CENTRE,
	clerk: str = CLERK,
	*,
	channel: str | None = None,
	papers: bool = True,
	**values: Any,
) -> str:
	"""A saved draft with all its papers there (or none). Returns its name."""
	document = draft_values(procedure, unit, channel=channel, papers=papers, **values)
	with acting(clerk):
		doc = frappe.get_doc(document).insert()
	frappe.db.commit()
	return doc.name


def draft_values(
	procedure: str = BIRTH,
	unit: str = CENTRE,
	*,
	channel: str | None = None,
	papers: bool = True,
	**values: Any,
) -> dict[str, Any]:
	"""What a draft is inserted from."""
	from one_stop.dossiers import intake
	from one_stop.procedures.terms import channels_of, version_on
	from one_stop.sample_dossiers import sample_answers

	version = version_on(procedure, frappe.utils.getdate()).name
	allowed = channels_of(version)
	channel = channel or ("Counter" if "Counter" in allowed else allowed[0])
	number = next(_numbers)
	fields = frappe.get_cached_doc("Procedure Version", version).eform_fields
	answers = sample_answers(fields, "Người Thử", number % 1000)
	return {
		"doctype": "Dossier",
		"procedure": procedure,
		"channel": channel,
		"receiving_unit": unit,
		"applicant_kind": "Citizen",
		"applicant_id_type": "CCCD",
		"applicant_id_number": f"048998{number:06d}",
		"applicant_name": f"Người Thử {number}",
		"applicant_phone": "0900000000",
		"components": [
			{
				"component_name": row.component_name,
				"required": row.required,
				"submitted": int(papers),
			}
			for row in intake.wanted_components(version, channel)
		],
		"answers": [
			{"fieldname": row.fieldname, "label": row.label, "value": str(answers[row.fieldname])}
			for row in fields
			if row.fieldname in answers
		],
		**values,
	}


def give(command: str, dossier: str, who: str, **facts: Any) -> dict:
	"""Give a command as one of the sample people, under a key of its own."""
	from one_stop.dossiers import lifecycle

	with acting(who):
		return getattr(lifecycle, command)(dossier, **{"client_key": key(), **facts})


def received(procedure: str = BIRTH, **options: Any) -> str:
	name = draft(procedure, **options)
	give("receive", name, options.get("clerk", CLERK))
	return name


def handed_over(procedure: str = BIRTH, **options: Any) -> str:
	name = received(procedure, **options)
	give("complete_step", name, options.get("clerk", CLERK), step="1", no_scan_reason="Máy quét hỏng")
	return name


def at_signature(**options: Any) -> str:
	"""A birth registration that waits for the chairman."""
	name = handed_over(**options)
	give("complete_step", name, OFFICER, step="2")
	return name


def finished(**options: Any) -> str:
	name = at_signature(**options)
	give("finish", name, CHAIRMAN, step="3", result_number="01/KS")
	return name


def value(dossier: str, fieldname: str) -> Any:
	return frappe.db.get_value("Dossier", dossier, fieldname)


def step(dossier: str, step_key: str) -> Any:
	return frappe.db.get_value("Dossier Step", {"dossier": dossier, "step_key": step_key}, "*", as_dict=True)


def working_moment(days: int, hour: int = 9) -> Any:
	"""An hour of the first working day from some days ahead on, in Hải Châu: on a day off nothing is promised."""
	from one_stop.organization import working_time

	day = frappe.utils.getdate(frappe.utils.add_days(frappe.utils.getdate(), days))
	calendar = working_time.calendar_for(CENTRE, day, day)
	if not calendar.is_working_day(day):
		day = calendar.next_working_day(day)
	return frappe.utils.get_datetime(f"{day} {hour:02d}:00:00")


def scan(dossier: str, text: str = "bản quét") -> str:
	"""A private file uploaded for a dossier by who acts. Returns its address."""
	file = frappe.get_doc(
		{
			"doctype": "File",
			"file_name": f"{frappe.generate_hash(length=8)}.txt",
			"content": f"{text} {frappe.generate_hash(length=8)}",
			"is_private": 1,
			"attached_to_doctype": "Dossier",
			"attached_to_name": dossier,
		}
	).insert(ignore_permissions=True)
	frappe.db.commit()
	return file.file_url


def citizen() -> str:
	"""A citizen's account. Returns its user."""
	from one_stop.citizen_portal import accounts

	doc = frappe.get_doc(
		{
			"doctype": "User",
			"email": f"citizen-{key().lower()}@example.com",
			"first_name": "Người Dân Thử",
			"user_type": "Website User",
			"language": "vi",
			"send_welcome_email": 0,
		}
	)
	doc.flags.no_welcome_mail = True
	doc.insert()
	accounts.new_profile(doc.name, "Người Dân Thử")
	frappe.db.commit()
	return doc.name


def filled_in(user: str, procedure: str = BIRTH) -> str:
	"""A citizen's own draft of an online dossier, with all that is asked. Returns its name."""
	from one_stop.citizen_portal import drafts
	from one_stop.sample_dossiers import sample_answers

	made = drafts.begin(user, procedure)
	number = next(_numbers)
	made.receiving_unit = CENTRE
	made.person = {
		"applicant_kind": "Citizen",
		"applicant_name": f"Người Dân Thử {number}",
		"applicant_id_type": "CCCD",
		"applicant_id_number": f"048997{number:06d}",
		"applicant_phone": "0900000000",
	}
	made.answers = sample_answers(made.form.eform_fields, "Người Thử", number % 1000)
	made.missing = {row.component_name: "Sẽ mang đến" for row in made.components()}
	made.result_delivery = "Online"
	drafts.save(made)
	assert not drafts.problems(made), drafts.problems(made)
	frappe.db.commit()
	return made.name
