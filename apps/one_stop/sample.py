"""The sample province: units, people, calendars, procedures and dossiers to look at and to try.

The data lie in `fixtures/` at the root of the repository as readable JSON and CSV; nothing here is needed
to run a real province. Everything is loaded through the same doors that people use: documents through
their controllers, procedures through the procedure file, dossiers through the commands of `lifecycle`.
"""

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

import frappe
from frappe.utils import getdate

import one_stop
from one_stop import sample_dossiers
from one_stop.citizen_portal import samples
from one_stop.organization.seeding import append_suggestions
from one_stop.procedures import versions
from one_stop.procedures.procedure_file import import_procedure

FIXTURES = Path(one_stop.__file__).resolve().parents[2] / "fixtures"
PASSWORD = "Mot-Cua-2026!"


def load(dossiers: bool = True) -> dict:
	"""Load the sample province; what is there already stays as it is, so an interrupted load can be repeated.

	Returns `{"logins": [{"role", "user", "password", "label"}]}`: one or more logins a role.
	Raises `frappe.ValidationError` where the data are not at hand (the app installed without its repository).
	"""
	if not FIXTURES.is_dir():
		frappe.throw(frappe._("The data of the sample province are missing: {0}").format(FIXTURES))
	user, mute_emails = frappe.session.user, frappe.flags.mute_emails
	limit = frappe.conf.get("throttle_user_limit", 60)
	frappe.set_user("Administrator")
	frappe.flags.mute_emails = True
	# Frappe takes more than sixty new users an hour for an attack.
	frappe.conf["throttle_user_limit"] = 1000
	started = perf_counter()
	batches = [
		("calendars", load_calendars),
		("units", load_units),
		("people", load_people),
		("procedures", load_procedures),
		("filled-in forms", load_samples),
	]
	if dossiers:
		batches.append(("dossiers", load_dossiers))
	try:
		for title, batch in batches:
			count = batch()
			frappe.db.commit()
			print(f"  sample {title}: {count} ({perf_counter() - started:.0f} s)", flush=True)
	finally:
		frappe.flags.mute_emails, frappe.conf["throttle_user_limit"] = mute_emails, limit
		frappe.set_user(user)
	return {"logins": logins()}


def read(name: str) -> dict:
	"""Content of one JSON file of the sample data."""
	return json.loads((FIXTURES / name).read_text(encoding="utf-8"))


def email_of(username: str) -> str:
	return f"{username}@{read('people.json')['mail_domain']}"


def logins() -> list[dict[str, str]]:
	"""The logins that the start command prints, in the order of the people file."""
	people = read("people.json")["people"]
	return [
		{**person["login"], "user": email_of(person["username"]), "password": PASSWORD}
		for person in people
		if "login" in person
	]


def insert_missing(doctype: str, name: str, values: dict) -> bool:
	"""Insert a document unless one of that name is there; True where it was inserted."""
	if frappe.db.exists(doctype, name):
		return False
	frappe.get_doc({"doctype": doctype, **values}).insert()
	return True


def load_calendars() -> int:
	data = read("calendars.json")
	confirm_years(data["confirmed_years"])
	calendars = data["calendars"]
	for calendar in calendars:
		windows = [
			{"weekday": weekday, **{key: value for key, value in window.items() if key != "weekdays"}}
			for window in calendar["windows"]
			for weekday in window["weekdays"]
		]
		insert_missing("Working Calendar", calendar["calendar_name"], {**calendar, "windows": windows})
	return len(calendars)


def confirm_years(years: list[dict]) -> None:
	"""Confirm the holidays suggested for these years in the national calendar, as an administrator does."""
	name = frappe.db.get_value("Working Calendar", {"scope": "National"}, order_by="creation asc")
	calendar = frappe.get_doc("Working Calendar", name)
	rows = {row.year: row for row in calendar.years}
	confirmed = set()
	for year in years:
		if year["year"] not in rows:
			append_suggestions(calendar, year["year"])
			rows[year["year"]] = calendar.years[-1]
		if not rows[year["year"]].confirmed:
			rows[year["year"]].update({**year, "confirmed": 1})
			confirmed.add(year["year"])
	for day in calendar.exceptions:
		if getdate(day.exception_date).year in confirmed:
			day.confirmed = 1
	if confirmed:
		calendar.save()


def legacy_code(unit_code: str) -> str:
	"""The code in the older form of QCVN 102:2016: `H17.40.01.02` is `002.01.40.H17`."""
	root, *levels = unit_code.split(".")
	second, third, fourth = (*levels, "00", "00", "00")[:3]
	return f"0{fourth}.{third}.{second}.{root}"


def sample_units() -> Iterator[dict]:
	"""All units, each after the unit above it: the province's own ones and those of every commune."""
	data = read("units.json")
	template = data["commune_template"]
	units = {unit["unit_code"]: unit for unit in data["units"]}
	with (FIXTURES / "communes.csv").open(encoding="utf-8", newline="") as lines:
		for number, commune in enumerate(csv.DictReader(lines), 1):
			code, kind = commune["unit_code"], commune["name"].split(" ")[0]
			name = commune["name"][0].lower() + commune["name"][1:]
			units[code] = {
				"unit_code": code,
				"unit_name": template["committee"].format(name=name),
				"level": "Commune",
				"parent": data["units"][0]["unit_code"],
				"certainty": "Real",
			}
			children = [child for child in template["children"] if kind in child["kinds"]]
			for child in children:
				units[f"{code}.{child['suffix']}"] = {
					"level": "Division",
					**child,
					"parent": code,
					"unit_name": child["unit_name"].format(name=name),
				}
			police = template["police"]
			if kind in police["kinds"]:
				units[f"{police['parent']}.{number:02d}"] = {
					**police,
					"unit_name": police["unit_name"].format(name=name),
					"one_stop": f"{code}.01",
				}
	groups = {unit["parent"] for unit in units.values() if "parent" in unit}
	for code in sorted(units):
		unit = units[code]
		yield {
			**{key: value for key, value in unit.items() if key not in ("suffix", "kinds", "parent")},
			"unit_code": code,
			"legacy_code": legacy_code(code),
			"parent_administrative_unit": unit.get("parent"),
			"is_group": int(code in groups),
		}


def load_units() -> int:
	"""Insert the unit tree; links sideways (successor, one-stop) follow once every unit is there."""
	units = list(sample_units())
	sideways = ("successor", "one_stop")
	for number, unit in enumerate(units, 1):
		values = {key: value for key, value in unit.items() if key not in sideways}
		insert_missing("Administrative Unit", unit["unit_code"], values)
		if number % 100 == 0:
			frappe.db.commit()
			print(f"  sample units: {number} of {len(units)}", flush=True)
	for unit in units:
		for fieldname in sideways:
			if fieldname in unit and not frappe.db.get_value(
				"Administrative Unit", unit["unit_code"], fieldname
			):
				document = frappe.get_doc("Administrative Unit", unit["unit_code"])
				document.update({key: unit[key] for key in sideways if key in unit})
				document.save()
	root = frappe.get_doc("Administrative Unit", units[0]["unit_code"])
	if not root.working_calendar:
		root.update({"working_calendar": read("units.json")["province_calendar"]}).save()
	settings = frappe.get_single("One-Stop Settings")
	if not settings.province_unit:
		settings.update({"province_unit": root.name, "agency_header": root.unit_name}).save()
	return len(units)


def keep_system_manager() -> None:
	"""A technical account without a password: Frappe makes the first person of a site its System Manager."""
	insert_missing(
		"User",
		email_of("kythuat"),
		{
			"email": email_of("kythuat"),
			"first_name": "Tài khoản kỹ thuật",
			"language": "vi",
			"send_welcome_email": 0,
			"roles": [{"role": "System Manager"}],
		},
	)


def load_people() -> int:
	data = read("people.json")
	for duty in data["extra_duties"]:
		insert_missing("Duty", duty["duty_name"], duty)
	roles = dict(frappe.get_all("Duty", fields=["name", "role"], as_list=True))
	keep_system_manager()
	for person in data["people"]:
		user = email_of(person["username"])
		if not frappe.db.exists("User", user):
			document = frappe.get_doc(
				{
					"doctype": "User",
					"email": user,
					"first_name": person["full_name"],
					"language": "vi",
					"send_welcome_email": 0,
					"new_password": PASSWORD,
					# What the duties below give anyway; one save of a user costs as much as ten of a duty.
					"roles": [
						{"role": role} for role in sorted({roles[duty["duty"]] for duty in person["duties"]})
					],
				}
			)
			# The sample password is known to everyone; the site's own policy is for real people.
			document.flags.ignore_password_policy = True
			document.insert()
		for duty in person["duties"]:
			row = {"user": user, "from_date": data["duties_from"], **duty}
			if not frappe.db.exists("Unit Member", row):
				frappe.get_doc(
					{"doctype": "Unit Member", **row, "position_title": person["position_title"]}
				).insert()
	return len(data["people"])


def load_procedures() -> int:
	for field in read("procedure_fields.json")["fields"]:
		insert_missing("Procedure Field", field["field_name"], field)
	files = [read(f"procedures/{path.name}") for path in sorted((FIXTURES / "procedures").glob("*.json"))]
	# A step can name a linked procedure only once that is there.
	for data in sorted(files, key=_names_others):
		import_procedure(data)
	return len(files)


def _names_others(data: dict) -> bool:
	return any(step.get("linked_procedure") for version in data["versions"] for step in version["steps"])


def load_samples() -> int:
	"""Forms filled in with people who do not exist, on the papers they are of; those there already stay."""
	found = read("samples.json")["samples"]
	for sample in found:
		version = versions.last_approved(sample["procedure"])
		rows = frappe.get_all(
			"Procedure Component",
			{
				"parent": version,
				"component_name": ["in", sample["components"]],
				"sample_file": ["is", "not set"],
			},
			pluck="name",
		)
		if not rows:
			continue
		content = samples.filled_in(sample["title"], sample["agency"], sample["lines"])
		for row in rows:
			samples.attach(version, row, content, sample["file"])
	return len(found)


def load_dossiers() -> int:
	return sample_dossiers.load(read("dossiers.json"))
