"""A whole procedure as one file: its identity, where it is received, and all its versions.

The file is JSON:

	{"format": "one-stop-procedure", "format_version": 1,
	 "procedure": {fields of Administrative Procedure, "offers": [rows]},
	 "versions": [{fields of Procedure Version, its tables, "approved": true}]}

A value that is left out is the default of its field. `approved` versions arrive approved, by the decision that
the file names. Reading the same file again changes nothing; a draft follows the file; an approved version that
the file describes otherwise refuses the whole file.
"""

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import cint, escape_html, flt, getdate

from one_stop.procedures import national_form, versions
from one_stop.procedures.exceptions import (
	ApprovedVersionDiffers,
	ProcedureFileRefused,
	ProcedureFileTooLarge,
	UnknownFileFormat,
)

FORMAT, FORMAT_VERSION = "one-stop-procedure", 1
MOST_BYTES = 5 * 1024 * 1024
MOST_ROWS = 500
MOST_VERSIONS = 100
# What the national form is silent about and a draft of it had to say something about.
NATIONAL_GUESSES = frozenset({"online_level", "partial_reason", "source_note"})
LAYOUT = frozenset({"Section Break", "Column Break", "Tab Break", "HTML", "Button", "Heading"})
# What the system finds out by itself, and links to other versions, are no part of the file.
DERIVED = {
	"Administrative Procedure": frozenset({"current_version", "search_text"}),
	"Procedure Version": frozenset(
		{"procedure", "procedure_name", "supersedes", "amended_from", "effective_to", "published_on"}
	),
	# The address of a file of this site, which does not travel along.
	"Procedure Component": frozenset({"sample_file"}),
}


def export_procedure(procedure: str) -> dict[str, Any]:
	"""The whole procedure as a file: all versions but cancelled ones, oldest first.

	Raises frappe.DoesNotExistError. Permissions are the caller's to check.
	"""
	doc = frappe.get_doc("Administrative Procedure", procedure)
	names = frappe.get_all(
		"Procedure Version",
		filters={"procedure": procedure, "docstatus": ["<", 2]},
		pluck="name",
		order_by="version_no asc",
		limit=0,
	)
	return {
		"format": FORMAT,
		"format_version": FORMAT_VERSION,
		"procedure": _as_file(doc),
		"versions": [version_as_file(frappe.get_doc("Procedure Version", name)) for name in names],
	}


def import_procedure(data: dict[str, Any] | str) -> dict[str, Any]:
	"""Take over a procedure from a file, of this system or of the national database; all of it or nothing.

	:returns: `{procedure, versions: [{version_no, name, action}], messages}`; an action is "created",
		"updated" or "unchanged"
	:raises ProcedureFileError: the file is not one, too large, or names something that does not exist here
	:raises VersionRuleError: a version breaks a rule, such as an approved one with errors
	"""
	data = _parsed(data)
	if national_form.recognises(data):
		return _all_or_nothing(_take_over_national, _read_national(data))
	return _all_or_nothing(_take_over, _read(data))


def _all_or_nothing(
	take_over: Callable[[dict[str, Any]], dict[str, Any]], data: dict[str, Any]
) -> dict[str, Any]:
	frappe.db.savepoint("procedure_file")
	try:
		return take_over(data)
	except Exception:
		frappe.db.rollback(save_point="procedure_file")
		frappe.clear_document_cache("Administrative Procedure", data["procedure"]["procedure_code"])
		raise


def _parsed(data: Any) -> Any:
	"""The JSON of a file, once it is known not to be too large; raises ProcedureFileError."""
	if not isinstance(data, str):
		data = frappe.as_json(data)
	if len(data.encode()) > MOST_BYTES:
		frappe.throw(_("The file is larger than 5 MB."), ProcedureFileTooLarge)
	try:
		return json.loads(data)
	except (ValueError, RecursionError):
		frappe.throw(_("The file is not JSON."), UnknownFileFormat)


def _read(data: Any) -> dict[str, Any]:
	"""The file as this system writes it; raises ProcedureFileError."""
	if not isinstance(data, dict) or data.get("format") != FORMAT:
		frappe.throw(
			_("The file is neither a procedure of this system nor one of the national database."),
			UnknownFileFormat,
		)
	if data.get("format_version") != FORMAT_VERSION:
		frappe.throw(
			_("The file is of version {0}; this system reads version {1}.").format(
				escape_html(_short(data.get("format_version"))), FORMAT_VERSION
			),
			UnknownFileFormat,
		)
	unknown = set(data) - {"format", "format_version", "procedure", "versions"}
	if unknown:
		_refuse(_("The file"), _("{0} is unknown.").format(", ".join(sorted(map(str, unknown)))))
	procedure, found = data.get("procedure"), data.get("versions", [])
	if not isinstance(procedure, dict) or not isinstance(procedure.get("procedure_code"), str):
		_refuse("procedure", _("the procedure and its code are missing."))
	if not isinstance(found, list) or len(found) > MOST_VERSIONS:
		_refuse("versions", _("this is not a list of versions."))
	return data


def _take_over(data: dict[str, Any]) -> dict[str, Any]:
	messages: list[str] = []
	doc = _procedure(data["procedure"], messages)
	rows = []
	for position, values in enumerate(data.get("versions", []), 1):
		where = _("Version {0}").format(position)
		if not isinstance(values, dict):
			_refuse(where, _("this is not a version."))
		number = values.get("version_no", position)
		if isinstance(number, bool) or not isinstance(number, int) or not 0 < number < 10_000:
			_refuse(where, _("{0} is no version number.").format(number))
		rows.append((number, values))
	numbers = [number for number, _values in rows]
	if len(set(numbers)) != len(numbers):
		_refuse("versions", _("two versions have the same number."))
	taken = [
		_version(doc.name, number, values, messages)
		for number, values in sorted(rows, key=lambda row: row[0])
	]
	return {"procedure": doc.name, "versions": taken, "messages": messages}


def _read_national(data: Any) -> dict[str, Any]:
	try:
		form = national_form.read_form(data)
	except national_form.NationalFormError as refused:
		values = {name: escape_html(value) for name, value in refused.values.items()}
		frappe.throw(_(refused.template).format(**values), ProcedureFileRefused)
	_checked("Administrative Procedure", form["procedure"], _("Procedure"))
	_checked("Procedure Version", form["version"], _("Version {0}").format(""))
	return form


def _take_over_national(form: dict[str, Any]) -> dict[str, Any]:
	"""A draft by the national form: the first version, or the next one where the form says something new.

	What the province decides by itself stays: where it is received, the process, the form, the rules.
	"""
	messages = [_(template).format(**values) for template, values in form["messages"]]
	doc = _national_procedure(form, messages)
	name = versions.draft_of(doc.name) or versions.last_approved(doc.name)
	if not name:
		draft = frappe.get_doc(
			{
				"doctype": "Procedure Version",
				"procedure": doc.name,
				**_with_defaults(form["version"], "Procedure Version"),
			}
		)
		# A limit that the form says in a way nobody can read is entered by hand; the checks ask for it.
		draft.flags.ignore_mandatory = not draft.limits
		draft.insert()
		action = "created"
	else:
		base = frappe.get_doc("Procedure Version", name)
		wanted = frappe.get_doc(
			{"doctype": "Procedure Version", **_with_defaults(form["version"], "Procedure Version")}
		)
		said = [fieldname for fieldname in form["version"] if fieldname not in NATIONAL_GUESSES]
		here, there = _as_file(base), _as_file(wanted)
		new = [fieldname for fieldname in said if here.get(fieldname) != there.get(fieldname)]
		draft, action = base, "unchanged"
		if new:
			draft, action = (
				(base, "updated") if base.docstatus == 0 else (versions.new_version(name), "created")
			)
			for fieldname in new:
				_set(draft, fieldname, wanted)
			draft.flags.ignore_mandatory = not draft.limits
			draft.save()
	return {
		"procedure": doc.name,
		"versions": [{"version_no": draft.version_no, "name": draft.name, "action": action}],
		"messages": messages,
	}


def _national_procedure(form: dict[str, Any], messages: list[str]) -> Document:
	values, code = form["procedure"], form["procedure"]["procedure_code"].strip()
	if field := frappe.db.get_value("Procedure Field", {"field_code": form["field_code"] or "—"}):
		values["field"] = field
	if not frappe.db.exists("Administrative Procedure", code):
		return _procedure(values, messages)
	doc = frappe.get_doc("Administrative Procedure", code)
	if doc.procedure_name != values["procedure_name"]:
		messages.append(_("The procedure was called {0}.").format(doc.procedure_name))
		doc.procedure_name = values["procedure_name"]
		doc.save()
	return doc


def _procedure(values: dict[str, Any], messages: list[str]) -> Document:
	values = _checked("Administrative Procedure", values, _("Procedure"))
	code = values["procedure_code"].strip()
	field = values.get("field")
	if field and not frappe.db.exists("Procedure Field", field):
		frappe.get_doc({"doctype": "Procedure Field", "field_name": field}).insert()
		messages.append(_("The field {0} is new here.").format(field))
	wanted = frappe.get_doc({"doctype": "Administrative Procedure", **_with_defaults(values)})
	if not frappe.db.exists("Administrative Procedure", code):
		return wanted.insert()
	doc = frappe.get_doc("Administrative Procedure", code)
	wanted.name = doc.name
	wanted.validate()
	if _as_file(doc) != _as_file(wanted):
		doc.update({key: wanted.get(key) for key in _fields(doc.doctype) if not _is_table(doc.doctype, key)})
		for table in ("offers",):
			doc.set(table, [])
			for row in values.get(table, []):
				doc.append(table, row)
		doc.save()
		messages.append(_("Procedure {0} was brought up to the file.").format(code))
	return doc


def _version(procedure: str, number: int, values: dict[str, Any], messages: list[str]) -> dict[str, Any]:
	where = _("Version {0}").format(number)
	approved = values.get("approved", False)
	if not isinstance(approved, bool):
		_refuse(where, _("“approved” is true or false."))
	given = {key: value for key, value in values.items() if key not in ("approved", "effective_to")}
	given = _checked("Procedure Version", given, where)
	wanted = frappe.get_doc(
		{"doctype": "Procedure Version", "procedure": procedure, **_with_defaults(given, "Procedure Version")}
	)
	wanted.version_no = number
	name = frappe.db.get_value(
		"Procedure Version", {"procedure": procedure, "version_no": number, "docstatus": ["<", 2]}
	)
	action = "unchanged"
	if not name:
		doc = wanted
		doc.flags.version_no = number
		doc.supersedes = _predecessor(procedure, number)
		doc.insert()
		action = "created"
	else:
		doc = frappe.get_doc("Procedure Version", name)
		wanted.validate()
		here, there = _as_file(doc), _as_file(wanted)
		if doc.docstatus == 1:
			# What was accepted here depends on the units and people of this province.
			here.pop("warnings", None)
			there.pop("warnings", None)
		if here != there:
			if doc.docstatus == 1:
				frappe.throw(
					_(
						"Version {0} of {1} is approved here and the file says something else. Give the version of the file another number, or a new version its changes."
					).format(number, procedure),
					ApprovedVersionDiffers,
				)
			_rewrite(doc, wanted)
			doc.save()
			action = "updated"
	if approved and doc.docstatus == 0:
		# Read again, so that the history tells no changes that are none.
		doc = frappe.get_doc("Procedure Version", doc.name)
		doc.flags.imported = True
		doc.submit()
		action = "created" if action == "created" else "updated"
		given_reasons = {row.get("code") for row in given.get("warnings", [])}
		messages += [f"{where}: {row.message}" for row in doc.warnings if row.code not in given_reasons]
	return {"version_no": number, "name": doc.name, "action": action}


def _rewrite(doc: Document, wanted: Document) -> None:
	"""Give a draft the content of the file, table by table."""
	for fieldname in _fields(doc.doctype):
		if fieldname != "version_no":
			_set(doc, fieldname, wanted)


def _set(doc: Document, fieldname: str, wanted: Document) -> None:
	if not _is_table(doc.doctype, fieldname):
		doc.set(fieldname, wanted.get(fieldname))
		return
	doc.set(fieldname, [])
	for row in wanted.get(fieldname):
		doc.append(fieldname, {key: row.get(key) for key in _fields(row.doctype)})


def _predecessor(procedure: str, number: int) -> str | None:
	earlier = [row for row in versions.approved_versions(procedure) if cint(row.version_no) < number]
	return max(earlier, key=lambda row: row.version_no).name if earlier else None


def _fields(doctype: str) -> list[str]:
	"""The fields of a DocType that are part of the file, in the order of the form."""
	derived = DERIVED.get(doctype, frozenset())
	return [
		field.fieldname
		for field in frappe.get_meta(doctype).fields
		if field.fieldtype not in LAYOUT and field.fieldname not in derived
	]


def _is_table(doctype: str, fieldname: str) -> bool:
	return frappe.get_meta(doctype).get_field(fieldname).fieldtype == "Table"


def version_as_file(doc: Document) -> dict[str, Any]:
	"""A version as it stands in the file."""
	return {**_as_file(doc), "approved": doc.docstatus == 1}


def _as_file(doc: Document) -> dict[str, Any]:
	"""A document, or a row, without what says nothing: empty values that are empty by default."""
	meta = frappe.get_meta(doc.doctype)
	found: dict[str, Any] = {}
	for fieldname in _fields(doc.doctype):
		field = meta.get_field(fieldname)
		if field.fieldtype == "Table":
			rows = [_as_file(row) for row in doc.get(fieldname) or []]
			if rows:
				found[fieldname] = rows
			continue
		value = _plain(doc.get(fieldname), field.fieldtype)
		if value or _plain(field.default, field.fieldtype):
			found[fieldname] = value
	return found


def _plain(value: Any, fieldtype: str) -> Any:
	"""A value as JSON writes it: dates as text, whole numbers without a point."""
	if fieldtype in ("Check", "Int"):
		return cint(value)
	if fieldtype in ("Float", "Currency", "Percent"):
		number = flt(value)
		return int(number) if number.is_integer() else number
	if value in (None, ""):
		return ""
	if fieldtype == "Date":
		return str(getdate(value))
	return str(value)


def _with_defaults(values: dict[str, Any], doctype: str = "Administrative Procedure") -> dict[str, Any]:
	"""Values with the defaults of what they leave out, in their rows too."""
	meta = frappe.get_meta(doctype)
	filled = {
		field.fieldname: field.default
		for field in meta.fields
		if field.default and field.fieldname in _fields(doctype) and field.fieldname not in values
	}
	for fieldname, value in values.items():
		if isinstance(value, list):
			child = meta.get_field(fieldname).options
			filled[fieldname] = [_with_defaults(row, child) for row in value]
		else:
			filled[fieldname] = value
	return filled


def _checked(doctype: str, values: dict[str, Any], where: str) -> dict[str, Any]:
	"""The values, once each is of a kind its field takes; raises ProcedureFileRefused."""
	meta = frappe.get_meta(doctype)
	known = set(_fields(doctype))
	values.pop("sample_file", None)
	for fieldname, value in values.items():
		if fieldname not in known:
			_refuse(where, _("{0} is unknown.").format(fieldname))
		field = meta.get_field(fieldname)
		place = f"{where}, {_(field.label)}"
		if field.fieldtype == "Table":
			if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
				_refuse(place, _("this is not a list of rows."))
			if len(value) > MOST_ROWS:
				_refuse(place, _("more than {0} rows.").format(MOST_ROWS))
			for position, row in enumerate(value, 1):
				_checked(field.options, row, f"{place} {position}")
			continue
		reads = READS.get(field.fieldtype, _is_text)
		if value is not None and not reads(value):
			_refuse(place, _("{0} is not a value for this field.").format(_short(value)))
		if field.fieldtype == "Link" and value and not _exists(field.options, fieldname, value):
			_refuse(place, _("{0} does not exist here.").format(value))
		if field.fieldtype == "Select" and value and value not in (field.options or "").split("\n"):
			_refuse(place, _("{0} is none of: {1}").format(value, (field.options or "").replace("\n", ", ")))
	return values


def _exists(doctype: str, fieldname: str, value: str) -> bool:
	# A new field of administration comes along with its first procedure.
	return fieldname == "field" or bool(frappe.db.exists(doctype, value))


def _is_text(value: Any) -> bool:
	return isinstance(value, str) and len(value) <= 60_000 and "\0" not in value


def _is_number(value: Any) -> bool:
	return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e15


def _is_count(value: Any) -> bool:
	return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**31


def _is_date(value: Any) -> bool:
	if value == "":
		return True
	try:
		return isinstance(value, str) and bool(date.fromisoformat(value))
	except ValueError:
		return False


READS: dict[str, Callable[[Any], bool]] = {
	"Check": lambda value: value in (0, 1, True, False),
	"Int": _is_count,
	"Float": _is_number,
	"Currency": _is_number,
	"Date": _is_date,
}


def _short(value: Any) -> str:
	text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
	return text if len(text) <= 60 else f"{text[:59]}…"


def _refuse(where: str, message: str) -> None:
	# Words of the file: what the desk shows as HTML must not be theirs.
	frappe.throw(escape_html(f"{where}: {message}"), ProcedureFileRefused)
