"""The people of the leak matrix, a dossier of which most of them may know nothing, and how each door is tried.

`leak_matrix.csv` says what every caller must get at every door; `test_leak_matrix.py` compares.
"""

import io
import json
import re
import string
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import frappe
import requests

from one_stop.organization import seeding, units
from one_stop.reporting import daily_facts
from tests import factories
from tests.edge.conftest import PASSWORD, Caller, account

# Guest; a citizen who is not the applicant; an officer of a unit whose code begins like the dossier's; one of the
# unit above; one whose membership there has ended, who works in the sibling unit now; the deciding unit's leader; the
# administrator of the one-stop, who sees all and has no duty in the dossier's units.
CALLERS = ("guest", "citizen", "sibling", "parent", "former", "leader", "admin")
ROLES = ("Reception Clerk", "Processing Officer", "Unit Leader")
DUTIES = ("Reception", "Appraisal", "Approval")
SECRET, PHONE, IDENTITY = "KINDAO Trần Thị Kín", "0977419001", "048977419001"
MARKS = ("KINDAO", PHONE, IDENTITY)
PARENT_UNIT, SIBLING_UNIT = "H17", "H17.40.010"
PREFIX = "leak-matrix"
REFUSED, RULED = (401, 403, 404, 405), (400, 409, 417, 422)
MODULES = ("Organization", "Procedures", "Dossiers", "Quality", "Reporting", "Citizen Portal")
# Documents of these are the sample province's own; all others are planted for the dossier and its unit.
STANDING = {
	"Administrative Unit": {"name": factories.COMMITTEE},
	"Administrative Procedure": {"name": factories.BIRTH},
	"Unit Member": {"unit": factories.COMMITTEE},
	"Procedure Version": {"procedure": factories.BIRTH, "docstatus": 1},
	"Procedure Field": {},
	"Working Calendar": {"name": seeding.NATIONAL_CALENDAR},
	"Duty": {},
	"Letter Text": {},
	"Reminder Text": {},
	"Notice Template": {},
	"Evaluation Rule Set": {},
	"Award Rule": {},
}
# What a planted document must say, so that no command given by those who may give it changes anything.
SETTLED = {
	"Petition": {"status": "Refused", "code": "PAKN-000000-LEAKMX", "check_hash": "0" * 64},
	"Online Payment": {"status": "Failed"},
}
OF_THE_LEDGER = ("Dossier Step", "Dossier Event", "Dossier Access", "Dossier Fact")
# Facts of a dossier that Frappe keeps in DocTypes of its own.
NOTES = {
	"Comment": {"reference_doctype": "Dossier", "comment_type": "Comment", "content": SECRET},
	"Communication": {"reference_doctype": "Dossier", "subject": SECRET, "content": SECRET},
	"Version": {"ref_doctype": "Dossier", "data": json.dumps({"changed": [["applicant_name", "", SECRET]]})},
	"ToDo": {"reference_type": "Dossier", "description": SECRET, "status": "Open"},
	"Notification Log": {"document_type": "Dossier", "subject": SECRET, "for_user": "Administrator"},
	"Deleted Document": {"deleted_doctype": "Dossier", "deleted_name": "x", "data": SECRET},
	"Activity Log": {"reference_doctype": "Dossier", "subject": SECRET},
	"Access Log": {"export_from": "Dossier", "filters": SECRET},
	"Error Log": {"method": "x", "error": SECRET},
	"Email Queue": {"reference_doctype": "Dossier", "message": SECRET, "sender": "a@example.com"},
	"View Log": {"reference_doctype": "Dossier", "viewed_by": SECRET},
}
NAMED_BY = ("reference_name", "docname", "document_name")


def own_doctypes() -> list[Any]:
	return [
		frappe.get_meta(name)
		for name in frappe.get_all("DocType", {"module": ["in", MODULES], "is_virtual": 0}, pluck="name")
	]


class Scene:
	"""What the doors are asked for: `words` are the names in the table's arguments."""

	def __init__(self, base_url: str) -> None:
		self.base_url, self.planted, self.users = base_url, [], {}

	def set(self) -> None:
		from one_stop import sample

		frappe.set_user("Administrator")
		# Made before the first test sets this; the site's workers write beside it.
		frappe.db.sql("set session transaction isolation level read committed")
		frappe.db.rollback()
		sample.load(dossiers=False)
		self.users |= _people()
		self.dossier = factories.handed_over(
			applicant_name=SECRET, applicant_phone=PHONE, applicant_id_number=IDENTITY, consent=1
		)
		frappe.db.set_value(
			"Dossier", self.dossier, "applicant_user", account(frappe, "leak-b@example.com", "Website User")
		)
		frappe.db.commit()
		daily_facts.follow(self.dossier)  # else the site's worker would, at some moment
		self.words = {
			"dossier": self.dossier,
			"code": factories.value(self.dossier, "code"),
			"unit": factories.COMMITTEE,
			"centre": factories.CENTRE,
			"procedure": factories.BIRTH,
			"identity": IDENTITY,
			"today": frappe.utils.today(),
			"month": frappe.utils.today()[:8] + "01",
			"year": frappe.utils.today()[:4],
			"leader": factories.user(factories.CHAIRMAN),
		}
		self.names = {meta.name: self._document(meta) for meta in own_doctypes() if not meta.istable}
		self.words |= {frappe.scrub(doctype): name for doctype, name in self.names.items()}
		self.words["petition_code"] = frappe.db.get_value("Petition", self.names["Petition"], "code")
		self.words["step"] = factories.step(self.dossier, "2").name
		self.rows = {meta.name: self._rows(meta.name) for meta in own_doctypes() if meta.istable}
		self._plant_notes()
		self._plant_file()
		self.words["draft_version"] = self._plant(
			frappe.get_meta("Procedure Version"), "-draft", decision_number=None
		)
		frappe.db.commit()
		self.at_once = ThreadPoolExecutor(4)
		self.sessions = {who: self._session(who) for who in CALLERS}

	# Documents

	def _document(self, meta) -> str | None:
		if meta.issingle:
			return meta.name
		if meta.name == "Dossier":
			return self.dossier
		if meta.name in OF_THE_LEDGER:
			return frappe.db.get_value(meta.name, {"dossier": self.dossier}, "name")
		if meta.name in STANDING and (found := frappe.db.get_value(meta.name, STANDING[meta.name], "name")):
			return found
		return self._plant(meta, **SETTLED.get(meta.name, {}))

	def _plant(self, meta, suffix: str = "", text: str = SECRET, **values) -> str:
		"""A row as it might stand there, with the secret in its texts: controllers have tests of their own."""
		links = {
			"Administrative Unit": factories.COMMITTEE,
			"Dossier": self.dossier,
			"Administrative Procedure": factories.BIRTH,
			"User": factories.user(factories.OFFICER),
		}
		for field in meta.fields:
			if field.fieldname in values:
				continue
			if field.fieldtype == "Link" and field.options in links:
				values[field.fieldname] = links[field.options]
			elif field.fieldtype in ("Data", "Small Text", "Text", "Long Text") and not field.options:
				values[field.fieldname] = text
			elif field.fieldtype == "Select":
				values[field.fieldname] = next(
					(one for one in (field.options or "").split("\n") if one), None
				)
			elif field.fieldtype == "Date":
				values[field.fieldname] = frappe.utils.today()
			elif field.fieldtype == "Datetime":
				values[field.fieldname] = frappe.utils.now()
		name = f"{PREFIX}-{frappe.scrub(meta.name)}{suffix}"
		frappe.db.delete(meta.name, {"name": name})
		frappe.get_doc({"doctype": meta.name, **values, "name": name}).db_insert()
		self.planted.append((meta.name, name))
		return name

	def _rows(self, child: str) -> list[tuple[str, str]]:
		"""A row of the table in each kind of document that has it: `(kind of document, name of the row)`."""
		found = []
		for field in frappe.get_all(
			"DocField",
			{"options": child, "fieldtype": ["in", ["Table", "Table MultiSelect"]]},
			["parent", "fieldname"],
		):
			owner = {"parenttype": field.parent, "parent": self.names.get(field.parent)}
			name = frappe.db.get_value(child, owner, "name")
			if not name and field.parent in STANDING:
				continue
			name = name or self._plant(
				frappe.get_meta(child),
				f"-{frappe.scrub(field.parent)}",
				parentfield=field.fieldname,
				idx=1,
				**owner,
			)
			found.append((field.parent, name))
		return found

	def _plant_notes(self) -> None:
		for doctype, values in NOTES.items():
			meta = frappe.get_meta(doctype)
			numbered = "int" in frappe.db.get_column_type(doctype, "name")
			name = 987_000_001 if numbered else f"{PREFIX}-{frappe.scrub(doctype)}"
			named = {field: self.dossier for field in NAMED_BY if meta.has_field(field)}
			frappe.db.delete(doctype, {"name": name})
			frappe.get_doc({"doctype": doctype, **values, **named, "name": name}).db_insert()
			self.planted.append((doctype, name))

	def _plant_file(self) -> None:
		file = frappe.get_doc(
			{
				"doctype": "File",
				"file_name": f"{PREFIX}.txt",
				"content": SECRET,
				"is_private": 1,
				"attached_to_doctype": "Dossier",
				"attached_to_name": self.dossier,
			}
		).insert()
		self.planted.append(("File", file.name))
		self.words |= {"file": file.name, "file_url": file.file_url}

	def clear(self) -> None:
		frappe.db.rollback()
		for doctype, name in self.planted:
			frappe.db.delete(doctype, {"name": name})
		# Nobody of these takes part in what other tests play in the units.
		made = [f"leak-{who}@example.com" for who in _OURS]
		frappe.db.delete("Unit Member", {"user": ["in", made]})
		frappe.db.commit()
		units.MEMBERS.forget()

	# Callers

	def _session(self, who: str) -> Caller:
		caller = Caller(self.base_url)
		if who == "guest":
			return caller
		if who == "citizen":
			caller.sign_in_on_portal(self.users[who])
			caller.session.headers["X-Frappe-CSRF-Token"] = caller.token("/tai-khoan")
			return caller
		words = {"usr": self.users[who], "pwd": PASSWORD if who in _OURS else _sample_password()}
		for _attempt in range(3):
			# A job of the site may be writing to the same user: MariaDB then has one of the two begin again.
			answer = caller.post("/api/method/login", words)
			if answer.status_code == 200:
				break
		assert answer.status_code == 200, (who, answer.text)
		caller.session.headers["X-Frappe-CSRF-Token"] = caller.token("/app")
		return caller

	def values(self, asks: str, refused: bool) -> dict[str, str]:
		"""The arguments of a row. What begins with ! is sent by those who must be refused, and blank by the others,
		whom a rule then stops before anything happens."""
		found = {}
		for name, value in json.loads(asks or "{}").items():
			value = value if isinstance(value, str) else json.dumps(value)
			if value.startswith("!"):
				value = value[1:] if refused else ""
			found[name] = string.Template(value).safe_substitute(self.words, key=factories.key())
		return found

	def request(self, row: dict[str, str], refused: bool) -> tuple[str, str, dict[str, str]]:
		"""Verb, path and values of one try of a door; made here, since threads have no Frappe."""
		kind, target = row["kind"], row["target"]
		if kind in ("page", "form"):
			path, _space, form = row["asks"].partition(" ")
			path = string.Template(path).safe_substitute(self.words)
			return ("POST" if kind == "form" else "GET"), path, self.values(form, True)
		sent = self.values(row["asks"], refused)
		if kind == "report":
			asked = {"report_name": target, "filters": json.dumps(sent), "ignore_prepared_report": "1"}
			return "GET", "/api/method/frappe.desk.query_report.run", asked
		if kind == "card":
			card = frappe.get_cached_doc("Number Card", target)
			return "GET", f"/api/method/{card.method}", {"filters": card.filters_json}
		if kind == "print":
			doctype = frappe.db.get_value("Print Format", target, "doc_type")
			return "GET", "/printview", {"doctype": doctype, "name": self.names[doctype], "format": target}
		function = frappe.get_attr(target)
		reads = "GET" in frappe.allowed_http_methods_for_whitelisted_func[function]
		return ("GET" if reads else "POST"), f"/api/method/{target}", sent

	def ask(self, row: dict[str, str], expected: dict[str, str]) -> dict[str, str]:
		"""What every caller gets at a door, all at once."""
		tries = {who: self.request(row, expected[who] == "refused") for who in CALLERS}

		def one(who: str) -> str:
			verb, path, sent = tries[who]
			caller = self.sessions[who]
			answer = caller.get(path, sent) if verb == "GET" else caller.post(path, sent)
			return outcome(answer, row["shows"], self.words)

		return self._each(one)

	def rights(self, meta, expected: dict[str, str]) -> dict[str, str]:
		"""What every caller can do with the DocType's document through the REST interface, by letters."""
		name = self.names.get(meta.name)
		if meta.istable:
			return self._each(
				lambda who: _rights_of_rows(self.sessions[who], meta.name, self.rows[meta.name])
			)
		links = {
			field.fieldname: frappe.db.get_value(meta.name, name, field.fieldname)
			for field in meta.fields
			if field.fieldtype == "Link"
			and field.options in ("Administrative Unit", "Dossier", "Administrative Procedure")
			and not meta.issingle
		}
		links = {field: value for field, value in links.items() if value}
		single = bool(meta.issingle)
		return self._each(
			lambda who: _rights(self.sessions[who], meta.name, name, single, links, "d" in expected[who])
		)

	def _each(self, one) -> dict[str, str]:
		return dict(zip(CALLERS, self.at_once.map(one, CALLERS), strict=True))


_OURS = ("citizen", "sibling", "parent", "former")


def _sample_password() -> str:
	from one_stop import sample

	return sample.PASSWORD


def _people() -> dict[str, str]:
	if not frappe.db.exists("Administrative Unit", SIBLING_UNIT):
		frappe.get_doc(
			{
				"doctype": "Administrative Unit",
				"unit_code": SIBLING_UNIT,
				"unit_name": "Đơn vị thử có mã gần giống",
				"level": "Commune",
				"parent_administrative_unit": PARENT_UNIT,
				"is_one_stop": 1,
			}
		).insert()
	users = {"citizen": account(frappe, "leak-a@example.com", "Website User")}
	ended = frappe.utils.add_days(frappe.utils.today(), -1)
	for who, unit, last in (
		("sibling", SIBLING_UNIT, None),
		("parent", PARENT_UNIT, None),
		# Who left keeps the roles, by the duties of another unit: scope alone must hold.
		("former", SIBLING_UNIT, None),
		("former", factories.COMMITTEE, ended),
	):
		users[who] = account(frappe, f"leak-{who}@example.com", "System User", ROLES)
		for duty in DUTIES:
			held = {"user": users[who], "duty": duty, "unit": unit}
			if not frappe.db.exists("Unit Member", held):
				frappe.get_doc(
					{"doctype": "Unit Member", **held, "from_date": "2020-01-01", "to_date": last}
				).insert()
	frappe.db.commit()
	return {**users, "leader": factories.user(factories.CHAIRMAN), "admin": factories.user("quantri")}


def outcome(answer: requests.Response, shows: str, words: dict[str, str]) -> str:
	"""`open`, `empty`, `refused`, `rule` or `onward`; see the test of the table.

	:param shows: regular expression of what only an open answer holds; the applicant's facts hold for all
	"""
	text = _text_of(answer.content)
	with_secret = any(mark in text for mark in MARKS)
	target = answer.headers.get("Location", "")
	sent_away = answer.is_redirect and re.match(r"(https?://[^/]+)?/(dang-nhap|login)", target)
	if answer.status_code in REFUSED or sent_away:
		return "refused, but tells" if with_secret else "refused"
	if answer.status_code in RULED:
		return "rule, but tells" if with_secret else "rule"
	if answer.is_redirect:
		return "onward"
	if answer.status_code != 200:
		return "error, and tells" if with_secret else "error"
	shown = shows == "." or (shows and re.search(string.Template(shows).safe_substitute(words), text))
	return "open" if with_secret or shown else "empty"


def _text_of(content: bytes) -> str:
	"""The words of an answer; those of a spreadsheet are unpacked."""
	if content[:2] == b"PK":
		with zipfile.ZipFile(io.BytesIO(content)) as archive:
			content = b"".join(archive.read(name) for name in archive.namelist() if name.endswith(".xml"))
	return content.decode("utf-8", "replace")


@contextmanager
def scene(base_url: str) -> Iterator[Scene]:
	made = Scene(base_url)
	try:
		made.set()
		yield made
	finally:
		made.clear()


# Documents through the REST interface


def _rights_of_rows(caller: Caller, doctype: str, rows: list[tuple[str, str]]) -> str:
	base, found = f"/api/resource/{doctype}", ""
	for parent, row in rows:
		answer = caller.get(base, {"parent": parent, "filters": json.dumps([["name", "=", row]])})
		found += "l" if _passed(answer) and answer.json()["data"] else ""
		found += "r" if _passed(caller.get(f"{base}/{row}")) else ""
	return "".join(letter for letter in "lr" if letter in found) or "-"


def _rights(caller: Caller, doctype: str, name: str, single: bool, links: dict, deletes: bool) -> str:
	"""Letters for list, read, create, write and delete, or a dash."""
	base = f"/api/resource/{doctype}"
	found = "r" if _passed(caller.get(f"{base}/{name}")) else ""
	# Somebody else's change since: whoever may write is told so, and nothing is changed.
	stale = {"modified": "2000-01-01 00:00:00"}
	found += "w" if _passed(caller.session.put(f"{caller.base_url}{base}/{name}", stale, timeout=60)) else ""
	if single:
		return found or "-"
	listed = caller.get(base, {"filters": json.dumps([["name", "=", name]])})
	found += "l" if _passed(listed) and listed.json()["data"] else ""
	found += "c" if _passed(caller.post(base, links)) else ""
	found += "d" if _may_delete(caller, base, doctype, name, deletes) else ""
	return "".join(letter for letter in "lrcwd" if letter in found) or "-"


def _passed(answer: requests.Response) -> bool:
	"""Whether the permission was there, even if a rule stopped it afterwards."""
	if answer.status_code in REFUSED:
		return False
	assert answer.status_code == 200 or answer.status_code in RULED, answer.text[:500]
	return True


def _may_delete(caller: Caller, base: str, doctype: str, name: str, expected: bool) -> bool:
	if not expected:
		return _passed(caller.session.delete(f"{caller.base_url}{base}/{name}", timeout=60))
	asked = {"doctype": doctype, "docname": name, "perm_type": "delete"}
	answer = caller.get("/api/method/frappe.client.has_permission", asked)
	return answer.status_code == 200 and bool(answer.json()["message"]["has_permission"])
