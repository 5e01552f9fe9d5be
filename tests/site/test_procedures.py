"""Procedures are configured, checked, approved, and carried in and out, by administrators alone."""

import copy
import json
from datetime import date, timedelta
from pathlib import Path

import frappe
import pytest
from frappe.utils import getdate, now_datetime

from one_stop.api import procedures as api
from one_stop.organization import units
from one_stop.procedures import catalogue, exceptions, terms, versions
from one_stop.procedures.procedure_file import export_procedure, import_procedure

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "fixtures/procedures").glob("*.json"))
NATIONAL = json.loads((ROOT / "tests/data/lay_thu_tuc.json").read_text())
CENTRE, COMMUNE = "H17.40.01.01", "H17.40.01"
PEOPLE = {
	"admin": ("H17", "Administration", "One-Stop Administrator"),
	"clerk": (CENTRE, "Reception", "Reception Clerk"),
	"returner": (CENTRE, "Return", "Reception Clerk"),
	"officer": (COMMUNE, "Appraisal", "Processing Officer"),
	"leader": (COMMUNE, "Approval", "Unit Leader"),
}


@pytest.fixture(autouse=True)
def english(site):
	"""A test that acted as somebody else may have left their language behind."""
	site.local.lang = "en"


def email(name: str) -> str:
	return f"{name}@procedures.example"


@pytest.fixture
def units_and_people(province):
	"""The units of the sample province, and one person a duty in one commune.

	Its own people, procedures and dossiers are put aside until the transaction is rolled back.
	"""
	for doctype in ("Unit Member", "Administrative Procedure", "Procedure Version", "Dossier"):
		for table in frappe.get_meta(doctype).get_table_fields():
			frappe.db.delete(table.options)
		frappe.db.delete(doctype)
	for name, (unit, duty, role) in PEOPLE.items():
		_row(
			"User",
			email(name),
			email=email(name),
			first_name=f"Mẫu {name}",
			full_name=f"Mẫu {name}",
			enabled=1,
		)
		_row("Has Role", None, parent=email(name), parenttype="User", parentfield="roles", role=role)
		_row("Unit Member", None, user=email(name), unit=unit, duty=duty, from_date="2020-01-01")
		frappe.clear_cache(user=email(name))
	units.MEMBERS.forget()
	yield
	frappe.set_user("Administrator")


def _row(doctype: str, name: str | None, **values) -> None:
	# Rows only: the controllers of users and members have tests of their own.
	row = {"doctype": doctype, "name": name or frappe.generate_hash(length=10), **values}
	frappe.get_doc(row).db_insert()


def read(path: Path) -> dict:
	return json.loads(path.read_text())


STEPS = [
	{
		"step_key": str(number),
		"title": title,
		"kind": kind,
		"duty": duty,
		"unit_rule": rule,
		"duration": 2,
		"after": str(number - 1) if number > 1 else "",
	}
	for number, (title, kind, duty, rule) in enumerate(
		(
			("Tiếp nhận", "Reception", "Reception", "Receiving Unit"),
			("Thẩm định", "Processing", "Appraisal", "Deciding Unit"),
			("Ký", "Approval", "Approval", "Deciding Unit"),
			("Trả", "Return", "Return", "Receiving Unit"),
		),
		1,
	)
]


@pytest.fixture
def procedure(units_and_people) -> str:
	return (
		frappe.get_doc(
			{
				"doctype": "Administrative Procedure",
				"procedure_code": "9.800001",
				"procedure_name": "Đăng ký việc thử nghiệm đặc biệt",
				"field": "Hộ tịch",
				"level": "Commune",
				"offers": [{"receiving_unit": CENTRE, "deciding_unit": COMMUNE}],
			}
		)
		.insert()
		.name
	)


def draft(procedure: str, **values):
	"""A version that could be approved as it is."""
	return frappe.get_doc(
		{
			"doctype": "Procedure Version",
			"procedure": procedure,
			"channel_counter": 1,
			"online_level": "None",
			"limits": [{"kind": "Fixed", "value": 3, "unit": "Working Day"}],
			"components": [{"component_name": "Đơn", "form": "Any", "originals": 1}],
			"results": [{"result_name": "Giấy xác nhận"}],
			"steps": [{"duration": 2, "duration_unit": "Working Hour", **step} for step in STEPS],
			**values,
		}
	)


DECISION = {
	"decision_number": "MẪU-80/QĐ-UBND",
	"decision_date": "2026-01-05",
	"effective_from": "2026-01-10",
	"decided_by": "Chủ tịch (giả định)",
}


@pytest.fixture
def approved(procedure):
	return versions.approve(draft(procedure).insert().name, DECISION)


# Approval


def test_submitting_is_approving(procedure):
	version = draft(procedure).insert()
	assert (version.name, version.version_no, version.docstatus) == ("9.800001-v1", 1, 0)
	answer = api.approve_version(version.name, **DECISION)
	assert answer == {"name": version.name, "version_no": 1, "effective_from": "2026-01-10"}
	facts = frappe.db.get_value(
		"Administrative Procedure", procedure, ["current_version", "status"], as_dict=True
	)
	assert facts == {"current_version": version.name, "status": "In Force"}


def test_an_approved_version_stays_as_it_is(approved):
	approved.reload()
	approved.limits[0].value = 99
	with pytest.raises(frappe.UpdateAfterSubmitError):
		approved.save()


@pytest.mark.parametrize(
	("missing", "refusal"),
	[
		({"decision_number": ""}, exceptions.DecisionMissing),
		({"decision_date": None}, exceptions.DecisionMissing),
		({"effective_from": None}, exceptions.DecisionMissing),
		({"decision_date": "2999-01-01", "effective_from": "2999-01-02"}, exceptions.DecisionInFuture),
		({"effective_from": "2026-01-04"}, exceptions.EffectiveBeforeDecision),
	],
)
def test_no_approval_without_a_dated_decision(procedure, missing, refusal):
	version = draft(procedure).insert()
	with pytest.raises(refusal):
		versions.approve(version.name, {**DECISION, **missing})
	assert frappe.db.get_value("Procedure Version", version.name, "docstatus") == 0


def test_frappes_own_submit_is_held_to_the_same_rules(procedure):
	with pytest.raises(exceptions.DecisionMissing):
		draft(procedure).insert().submit()


def test_errors_block_the_approval(procedure):
	version = draft(procedure)
	version.steps[1].after = "1, 3"
	version.insert()
	with pytest.raises(exceptions.VersionHasErrors):
		versions.approve(version.name, DECISION)


def test_warnings_need_a_written_reason(procedure):
	version = draft(procedure)
	version.steps[1].duration = 80
	version.insert()
	with pytest.raises(exceptions.WarningWithoutReason):
		versions.approve(version.name, DECISION)
	version.append("warnings", {"code": "critical-path", "reason": "  "})
	version.save()
	with pytest.raises(exceptions.WarningWithoutReason):
		versions.approve(version.name, DECISION)
	version.reload()
	version.warnings[0].reason = "Theo thực tế."
	version.append("warnings", {"code": "loose-end:9", "reason": "không còn đúng"})
	version.save()
	done = versions.approve(version.name, DECISION)
	assert [(row.code, row.reason) for row in done.warnings] == [("critical-path", "Theo thực tế.")]


def test_a_duty_nobody_holds_is_found_where_the_procedure_is_offered(procedure):
	version = draft(procedure)
	version.steps[2].duty = "Division Approval"
	found = {row["code"]: row for row in api.check_version(version.as_dict())["findings"]}
	assert found["unheld-duty:3"]["severity"] == "warning"
	assert units.unit_name(COMMUNE) in found["unheld-duty:3"]["message"]


def test_checks_are_told_with_the_row_they_are_about(procedure):
	version = draft(procedure).insert()
	version.steps[3].after = "3, 9"
	(finding,) = (
		row for row in api.check_version(version.as_dict())["findings"] if row["severity"] == "error"
	)
	assert (finding["code"], finding["step_key"]) == ("missing-predecessor:4:9", "4")
	assert (finding["table"], finding["row"]) == ("steps", version.steps[3].name)


def test_a_sound_version_has_nothing_to_object_to(procedure):
	check = api.check_version(draft(procedure).as_dict())
	assert check["findings"] == []
	assert (check["critical_path"], check["critical_text"]) == (["1", "2", "3", "4"], "8 working hours")


@pytest.mark.parametrize(
	("change", "code"),
	[
		({"online_level": "Partial", "channel_online": 1}, "partial-reason-missing"),
		({"online_level": "Full"}, "online-closed"),
		({"channel_online": 1}, "online-level-missing"),
		({"channel_counter": 0}, "no-channel"),
		({"decision_number": "1/QĐ"}, "undated-decision"),
		({"limits": []}, "no-limit"),
		({"limits": [{"kind": "Same Day", "channel": "Post"}]}, "no-limit:"),
		({"results": []}, "no-result"),
		({"components": [{"component_name": "Tờ khai", "form": "E-Form"}]}, "form-without-questions:Tờ khai"),
		(
			{"eform_fields": [{"label": "A", "fieldname": "a", "shown_when": "b"}]},
			"condition-missing-field:a:b",
		),
	],
)
def test_what_is_missing_for_publication_is_found(procedure, change, code):
	codes = [row["code"] for row in api.check_version(draft(procedure, **change).as_dict())["findings"]]
	assert code in codes


def test_a_linked_procedure_must_be_another_one_in_force(procedure):
	version = draft(procedure)
	version.steps[1].update({"kind": "Linked", "linked_procedure": procedure})
	codes = [row["code"] for row in api.check_version(version.as_dict())["findings"]]
	assert "linked-to-itself:2" in codes


QUESTIONS = [
	{"fieldname": "child_name", "label": "Họ tên trẻ", "field_type": "Text", "required": 1},
	{"fieldname": "mother_name", "label": "Họ tên mẹ", "field_type": "Text", "required": 1},
]


@pytest.mark.parametrize(
	("asked", "form", "carried", "code"),
	[
		(QUESTIONS[:1], "E-Form", "", "part-unanswered:2"),
		([QUESTIONS[0], {**QUESTIONS[1], "required": 0}], "E-Form", "", "part-perhaps-unanswered:2"),
		(QUESTIONS, "E-Form", "", None),
		([QUESTIONS[0], {**QUESTIONS[1], "fieldname": "me"}], "E-Form", "mother_name = me", None),
		([], "Any", "", None),
	],
)
def test_what_a_part_asks_is_answered_with_the_whole_or_found_before_the_approval(
	procedure, asked, form, carried, code
):
	whole = with_a_part(procedure, asked, form, carried)
	found = {row["code"]: row["message"] for row in api.check_version(whole.as_dict())["findings"]}
	assert [one for one in found if one.startswith(("part-", "carried-"))] == ([code] if code else [])
	if code:
		assert "Họ tên mẹ" in found[code] and "Họ tên trẻ" not in found[code]


@pytest.mark.parametrize(
	("carried", "code"),
	[
		("mother_name", "carried-unreadable:2"),
		("la = child_name", "carried-unknown-target:2:la"),
		("mother_name = la", "carried-unknown-source:2:la"),
		("Tờ khai = child_name", "carried-mismatch:2:Tờ khai"),
	],
)
def test_what_goes_along_names_fields_and_papers_that_are_there(procedure, carried, code):
	whole = with_a_part(procedure, QUESTIONS, "Any", carried)
	assert code in [row["code"] for row in api.check_version(whole.as_dict())["findings"]]


def with_a_part(procedure: str, asked: list[dict], form: str, carried: str):
	"""A draft whose second step is another procedure, that asks QUESTIONS."""
	other = frappe.copy_doc(frappe.get_doc("Administrative Procedure", procedure))
	other.update({"procedure_code": "9.800002", "procedure_name": "Thủ tục liên thông thử"})
	other.insert()
	part = draft(other.name, eform_fields=QUESTIONS, components=[{"component_name": "Tờ khai", "form": form}])
	part.insert()
	versions.approve(part.name, DECISION)
	whole = draft(procedure, eform_fields=asked)
	whole.steps[1].update({"kind": "Linked", "linked_procedure": other.name, "carried_over": carried})
	return whole


# The line of versions


def test_a_new_version_is_the_next_draft(approved):
	made = api.new_version(approved.name)
	assert made == {"name": "9.800001-v2", "version_no": 2}
	copied = frappe.get_doc("Procedure Version", made["name"])
	assert (copied.docstatus, copied.supersedes, copied.amended_from) == (0, approved.name, None)
	assert not any(copied.get(fieldname) for fieldname in DECISION)
	assert [step.title for step in copied.steps] == [step["title"] for step in STEPS]
	assert frappe.db.get_value("Procedure Version", approved.name, "docstatus") == 1


def test_asking_again_gives_the_draft_there_is(approved):
	first = api.new_version(approved.name)
	assert api.new_version(approved.name) == first


def test_a_draft_is_changed_itself(procedure):
	with pytest.raises(exceptions.VersionNotApproved):
		api.new_version(draft(procedure).insert().name)


@pytest.fixture
def two_versions(approved):
	second = versions.new_version(approved.name)
	second.limits[0].value = 2
	second.save()
	decision = {
		**DECISION,
		"decision_number": "MẪU-81",
		"decision_date": "2026-03-01",
		"effective_from": "2026-03-10",
	}
	return approved.name, versions.approve(second.name, decision).name


def test_the_version_before_ends_when_the_next_begins(two_versions):
	first, second = two_versions
	assert frappe.db.get_value("Procedure Version", first, "effective_to") == date(2026, 3, 9)
	assert frappe.db.get_value("Administrative Procedure", "9.800001", "current_version") == second


@pytest.mark.parametrize(
	("day", "number", "before_first"),
	[
		("2020-01-01", 1, True),
		("2026-01-09", 1, True),
		("2026-01-10", 1, False),
		("2026-03-09", 1, False),
		("2026-03-10", 2, False),
		("2031-01-01", 2, False),
	],
)
def test_the_day_decides_the_version(two_versions, day, number, before_first):
	found = terms.version_on("9.800001", getdate(day))
	assert (found.name, found.before_first) == (two_versions[number - 1], before_first)


def test_terms_are_those_of_their_version(two_versions):
	limits = [terms.terms_for(name, CENTRE, COMMUNE).limits[0].duration.value for name in two_versions]
	assert limits == [3, 2]


def test_without_an_approved_version_nothing_is_received(procedure):
	draft(procedure).insert()
	with pytest.raises(exceptions.NoVersionInForce):
		terms.version_on(procedure, getdate())


def test_a_version_must_begin_after_the_one_before(approved):
	second = versions.new_version(approved.name)
	with pytest.raises(exceptions.EffectiveBeforePredecessor):
		versions.approve(second.name, DECISION)


def test_a_coming_version_becomes_current_on_its_day(approved, monkeypatch):
	begins = getdate() + timedelta(days=10)
	second = versions.new_version(approved.name)
	decision = {**DECISION, "decision_date": getdate(), "effective_from": begins}
	versions.approve(second.name, decision)
	current = ("Administrative Procedure", "9.800001", "current_version")
	assert frappe.db.get_value(*current) == approved.name
	monkeypatch.setattr(versions, "getdate", lambda *arguments: begins)
	versions.follow_the_day()
	assert frappe.db.get_value(*current) == second.name


def _dossier(version: str) -> None:
	_row(
		"Dossier",
		None,
		procedure="9.800001",
		procedure_version=version,
		channel="Counter",
		applicant_kind="Citizen",
		applicant_name="Người Nộp Mẫu",
		status="In Process",
		received_at=now_datetime(),
	)


def test_running_dossiers_block_the_cancellation(approved):
	_dossier(approved.name)
	approved.reload()
	with pytest.raises(exceptions.VersionInUse):
		approved.cancel()
	assert frappe.db.get_value("Procedure Version", approved.name, "docstatus") == 1


def test_cancelling_the_last_version_opens_the_one_before_again(two_versions):
	first, second = two_versions
	frappe.get_doc("Procedure Version", second).cancel()
	assert frappe.db.get_value("Procedure Version", first, "effective_to") is None
	assert frappe.db.get_value("Administrative Procedure", "9.800001", "current_version") == first
	assert versions.new_version(first).version_no == 3, "numbers are not used twice"


def test_two_versions_side_by_side(two_versions):
	difference = api.compare_versions(*two_versions)
	changes = [change for section in difference["sections"] for change in section["changes"]]
	values = [(change["before"], change["after"]) for change in changes]
	assert ("3", "2") in values and ("MẪU-80/QĐ-UBND", "MẪU-81") in values
	assert (difference["older"]["version_no"], difference["newer"]["version_no"]) == (1, 2)


# Rows that have no meaning


@pytest.mark.parametrize(
	"change",
	[
		{"limits": [{"kind": "Fixed", "value": -1}]},
		{"limits": [{"kind": "Fixed", "value": 0}]},
		{"limits": [{"kind": "Fixed", "value": 1}, {"kind": "Maximum", "value": 2}]},
		{"steps": [{"step_key": "1", "title": "A", "duration": -0.5}]},
		{"steps": [{"step_key": "1", "title": "A"}, {"step_key": " 1", "title": "B"}]},
		{"steps": [{"step_key": "1,2", "title": "A"}]},
		{"components": [{"component_name": "A", "copies": -1}]},
		{"fees": [{"fee_name": "A", "kind": "Fee", "amount": -1}]},
		{"eform_fields": [{"label": "A", "fieldname": "Họ tên"}]},
		{"eform_fields": [{"label": "A", "fieldname": "channel"}]},
		{"eform_fields": [{"label": "A", "fieldname": "a"}, {"label": "B", "fieldname": "a"}]},
		{"supplement_days": -1},
		{"cutoff": "25:00"},
		{"cutoff": "<b>"},
	],
	ids=str,
)
def test_values_without_meaning_are_not_even_saved_as_a_draft(procedure, change):
	with pytest.raises(exceptions.VersionRowRefused) as refused:
		draft(procedure, **change).insert()
	assert "<b>" not in str(refused.value)
	assert not frappe.db.exists("Procedure Version", {"procedure": procedure})


def test_a_new_version_has_no_cutoff_of_its_own(procedure):
	assert draft(procedure).insert().cutoff == ""
	assert draft(procedure, cutoff="9:5").insert().cutoff == "09:05"


@pytest.mark.parametrize("code", ["", "khai-sinh", "1.01193", "1.001193<script>", "../1.001193"])
def test_a_procedure_code_has_its_form(units_and_people, code):
	doc = frappe.new_doc("Administrative Procedure")
	doc.update({"procedure_code": code, "procedure_name": "A", "field": "Hộ tịch", "level": "Commune"})
	with pytest.raises(exceptions.InvalidProcedureCode):
		doc.validate()


def test_a_local_code_belongs_to_one_procedure(procedure):
	values = {"procedure_name": "B", "field": "Hộ tịch", "level": "Commune", "local_code": "9.800001.H17"}
	frappe.get_doc({"doctype": "Administrative Procedure", "procedure_code": "9.800002", **values}).insert()
	with pytest.raises(exceptions.InvalidProcedureCode):
		frappe.get_doc(
			{"doctype": "Administrative Procedure", "procedure_code": "9.800003", **values}
		).insert()


@pytest.mark.parametrize(
	"offers",
	[
		[{"receiving_unit": COMMUNE, "valid_from": "2026-02-01", "valid_to": "2026-01-01"}],
		[{"receiving_unit": CENTRE}, {"receiving_unit": CENTRE, "valid_from": "2026-01-01"}],
		[{"receiving_unit": "H17.06.02"}],
	],
)
def test_offers_make_sense(procedure, offers):
	doc = frappe.get_doc("Administrative Procedure", procedure)
	doc.set("offers", offers)
	with pytest.raises(exceptions.OfferRefused):
		doc.save()


# In and out


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_procedure_of_the_sample_province_goes_in_and_out(units_and_people, path):
	data = read(path)
	for code in linked(data):
		import_procedure(read(path.with_name(f"{code}.json")))
	first = import_procedure(data)
	assert {row["action"] for row in first["versions"]} == {"created"}
	out = export_procedure(path.stem)
	assert lost(data, out) == []
	for version in out["versions"]:
		assert version["approved"] is True
	before = stamps(path.stem)
	again = import_procedure(out)
	assert {row["action"] for row in again["versions"]} == {"unchanged"} and stamps(path.stem) == before
	assert export_procedure(path.stem) == out


def linked(data: dict) -> set[str]:
	"""The procedures that steps of this one are linked with."""
	steps = (step for version in data["versions"] for step in version["steps"])
	return {step["linked_procedure"] for step in steps if step.get("linked_procedure")}


def lost(given, found, where: str = "") -> list[str]:
	"""What is given and not found again; what is left out is empty, blanks between keys do not count."""
	if isinstance(given, dict):
		return [
			text
			for key, value in given.items()
			if key != "warnings"
			for text in lost(value, (found or {}).get(key), f"{where} {key}")
		]
	if isinstance(given, list):
		rows = found or []
		short = [] if len(given) == len(rows) else [f"{where}: {len(rows)} of {len(given)} rows"]
		return short + [
			text
			for at, (one, other) in enumerate(zip(given, rows, strict=False))
			for text in lost(one, other, f"{where} {at}")
		]
	if isinstance(given, str) and isinstance(found, str):
		given, found = given.replace(" ", ""), found.replace(" ", "")
	return [] if given == found or (not given and not found) else [f"{where}: {given!r} became {found!r}"]


def stamps(procedure: str) -> list:
	names = frappe.get_all(
		"Procedure Version", {"procedure": procedure}, ["name", "modified"], order_by="name"
	)
	return [frappe.db.get_value("Administrative Procedure", procedure, "modified"), *names]


def test_a_procedure_moves_to_another_site_by_its_file(units_and_people):
	path = ROOT / "fixtures/procedures/2.000889.json"
	import_procedure(read(path))
	out = export_procedure(path.stem)
	for version in ("2.000889-v2", "2.000889-v1"):
		frappe.get_doc("Procedure Version", version).cancel()
		frappe.delete_doc("Procedure Version", version, force=True)
	frappe.delete_doc("Administrative Procedure", path.stem, force=True)
	answer = import_procedure(json.dumps(out))
	assert [row["version_no"] for row in answer["versions"]] == [1, 2]
	assert export_procedure(path.stem) == out
	assert frappe.db.get_value("Procedure Version", "2.000889-v2", "supersedes") == "2.000889-v1"
	assert frappe.db.get_value("Procedure Version", "2.000889-v1", "effective_to") == date(2025, 6, 30)


def test_a_draft_follows_its_file(procedure):
	draft(procedure).insert()
	data = export_procedure(procedure)
	data["versions"][0]["steps"][1]["title"] = "Thẩm định lại"
	data["procedure"]["keywords"] = "mới"
	answer = import_procedure(data)
	assert answer["versions"] == [{"version_no": 1, "name": "9.800001-v1", "action": "updated"}]
	assert frappe.get_doc("Procedure Version", "9.800001-v1").steps[1].title == "Thẩm định lại"
	assert frappe.db.get_value("Administrative Procedure", procedure, "keywords") == "mới"


def test_a_file_may_bring_a_draft_its_approval(procedure):
	draft(procedure).insert()
	data = export_procedure(procedure)
	data["versions"][0].update({**DECISION, "approved": True})
	assert import_procedure(data)["versions"][0]["action"] == "updated"
	assert frappe.db.get_value("Administrative Procedure", procedure, "current_version") == "9.800001-v1"


def test_an_approved_version_is_not_rewritten_by_a_file(approved):
	data = export_procedure("9.800001")
	data["versions"][0]["limits"][0]["value"] = 99
	data["procedure"]["procedure_name"] = "Tên khác"
	with pytest.raises(exceptions.ApprovedVersionDiffers):
		import_procedure(data)
	assert frappe.db.get_value("Administrative Procedure", "9.800001", "procedure_name").startswith("Đăng ký")


def new_file(**version) -> dict:
	"""A file of a procedure that is not here yet."""
	return {
		"format": "one-stop-procedure",
		"format_version": 1,
		"procedure": {
			"procedure_code": "9.800099",
			"procedure_name": "Thủ tục từ tệp",
			"field": "Hộ tịch",
			"level": "Commune",
			"offers": [{"receiving_unit": CENTRE}],
		},
		"versions": [
			{
				"version_no": 1,
				"channel_counter": 1,
				"limits": [{"kind": "Fixed", "value": 3}],
				"results": [{"result_name": "Giấy"}],
				"steps": copy.deepcopy(STEPS),
				**version,
			}
		],
	}


def test_a_small_file_is_enough(units_and_people):
	assert import_procedure(new_file())["versions"][0]["action"] == "created"


@pytest.mark.parametrize(
	("change", "refusal"),
	[
		(lambda data: data.update(format="x"), exceptions.UnknownFileFormat),
		(lambda data: data.update(format_version=2), exceptions.UnknownFileFormat),
		(lambda data: data.update(extra=1), exceptions.ProcedureFileRefused),
		(lambda data: data.pop("procedure"), exceptions.ProcedureFileRefused),
		(lambda data: data["procedure"].pop("procedure_code"), exceptions.ProcedureFileRefused),
		(lambda data: data["procedure"].update(procedure_code=1), exceptions.ProcedureFileRefused),
		(lambda data: data["procedure"].update(owner="Guest"), exceptions.ProcedureFileRefused),
		(lambda data: data["procedure"].update(docstatus=1), exceptions.ProcedureFileRefused),
		(lambda data: data["procedure"].update(level="Thôn"), exceptions.ProcedureFileRefused),
		(lambda data: data["procedure"].update(procedure_name={"a": 1}), exceptions.ProcedureFileRefused),
		(lambda data: data["procedure"].update(procedure_name="a\0b"), exceptions.ProcedureFileRefused),
		(lambda data: data["procedure"].update(offers="x"), exceptions.ProcedureFileRefused),
		(lambda data: data["procedure"].update(offers=[1]), exceptions.ProcedureFileRefused),
		(
			lambda data: data["procedure"]["offers"][0].update(receiving_unit="H99"),
			exceptions.ProcedureFileRefused,
		),
		(lambda data: data.update(versions={}), exceptions.ProcedureFileRefused),
		(lambda data: data.update(versions=[1]), exceptions.ProcedureFileRefused),
		(lambda data: data["versions"][0].update(version_no="1"), exceptions.ProcedureFileRefused),
		(lambda data: data["versions"][0].update(version_no=True), exceptions.ProcedureFileRefused),
		(lambda data: data["versions"].append(data["versions"][0]), exceptions.ProcedureFileRefused),
		(lambda data: data["versions"][0].update(approved="yes"), exceptions.ProcedureFileRefused),
		(lambda data: data["versions"][0].update(steps=[{}] * 501), exceptions.ProcedureFileRefused),
		(lambda data: data["versions"][0].update(current_version="x"), exceptions.ProcedureFileRefused),
		(lambda data: data["versions"][0].update(decision_date="hôm nay"), exceptions.ProcedureFileRefused),
		(lambda data: data["versions"][0]["limits"][0].update(value="ba"), exceptions.ProcedureFileRefused),
		(lambda data: data["versions"][0]["limits"][0].update(value=-3), exceptions.VersionRowRefused),
		(lambda data: data["versions"][0]["limits"][0].update(value=1e300), exceptions.ProcedureFileRefused),
		(lambda data: data["versions"][0].update(approved=True), exceptions.DecisionMissing),
		(
			lambda data: data["versions"][0].update(
				{**DECISION, "approved": True, "steps": [{**STEPS[0], "after": "1"}]}
			),
			exceptions.VersionHasErrors,
		),
		(
			lambda data: data["versions"].append({**data["versions"][0], "version_no": 2, "cutoff": "x"}),
			exceptions.VersionRowRefused,
		),
	],
)
def test_a_bad_file_is_refused_and_leaves_nothing(units_and_people, change, refusal):
	data = new_file()
	change(data)
	with pytest.raises(refusal):
		import_procedure(data)
	assert not frappe.db.exists("Administrative Procedure", "9.800099")
	assert not frappe.db.exists("Procedure Version", {"procedure": "9.800099"})


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "[" * 100_000, '"x"'], ids=lambda text: text[:6])
def test_what_is_no_file_is_refused(units_and_people, text):
	with pytest.raises(exceptions.UnknownFileFormat):
		import_procedure(text)


def test_a_huge_file_is_refused(units_and_people):
	data = new_file()
	data["procedure"]["keywords"] = "x" * (5 * 1024 * 1024)
	with pytest.raises(exceptions.ProcedureFileTooLarge):
		import_procedure(data)


def test_words_of_a_file_are_not_shown_as_html(units_and_people):
	data = new_file()
	data["procedure"]["<img src=x onerror=alert(1)>"] = 1
	with pytest.raises(exceptions.ProcedureFileRefused) as refused:
		import_procedure(data)
	assert "<img" not in str(refused.value)


def test_a_new_field_of_administration_comes_with_its_procedure(units_and_people):
	data = new_file()
	data["procedure"]["field"] = "Lĩnh vực chưa có"
	answer = import_procedure(data)
	assert frappe.db.exists("Procedure Field", "Lĩnh vực chưa có") and answer["messages"]


# The national database's form


def test_a_national_form_becomes_a_draft(units_and_people):
	answer = import_procedure(NATIONAL)
	assert answer["versions"] == [{"version_no": 1, "name": "9.000777-v1", "action": "created"}]
	version = frappe.get_doc("Procedure Version", "9.000777-v1")
	assert (version.docstatus, len(version.limits), len(version.components)) == (0, 3, 2)
	assert frappe.db.get_value("Administrative Procedure", "9.000777", "status") == "Draft"
	assert frappe.db.exists("Procedure Field", "Thử nghiệm nghiệp vụ")


def test_a_national_form_twice_changes_nothing(units_and_people):
	import_procedure(NATIONAL)
	before = stamps("9.000777")
	assert import_procedure(NATIONAL)["versions"][0]["action"] == "unchanged"
	assert stamps("9.000777") == before


def test_a_changed_national_form_makes_the_next_draft_and_keeps_the_process(units_and_people):
	import_procedure(NATIONAL)
	doc = frappe.get_doc("Administrative Procedure", "9.000777")
	doc.append("offers", {"receiving_unit": CENTRE})
	doc.save()
	version = frappe.get_doc("Procedure Version", "9.000777-v1")
	version.set("steps", copy.deepcopy(STEPS))
	version.append("warnings", {"code": "no-offer", "reason": "Chưa phân công."})
	version.save()
	versions.approve(version.name, DECISION)
	changed = copy.deepcopy(NATIONAL)
	changed["result"][0]["CACHTHUCTHUCHIEN"][1]["THOIGIAN"][0]["THOIGIANGIAIQUYET"] = "2"
	answer = import_procedure(changed)
	assert answer["versions"] == [{"version_no": 2, "name": "9.000777-v2", "action": "created"}]
	second = frappe.get_doc("Procedure Version", "9.000777-v2")
	assert [row.value for row in second.limits] == [5, 10, 2]
	assert [row.step_key for row in second.steps] == ["1", "2", "3", "4"]
	assert frappe.db.get_value("Procedure Version", "9.000777-v1", "docstatus") == 1


def test_a_national_form_is_not_half_saved(units_and_people):
	broken = copy.deepcopy(NATIONAL)
	broken["result"][0]["MATTHC"] = "không có mã"
	with pytest.raises(exceptions.InvalidProcedureCode):
		import_procedure(broken)
	assert not frappe.db.exists("Procedure Field", "Thử nghiệm nghiệp vụ")
	broken["result"][0].update(MATTHC="9.000777", THANHPHANHOSO=[1])
	with pytest.raises(exceptions.ProcedureFileRefused):
		import_procedure(broken)
	assert not frappe.db.exists("Administrative Procedure", "9.000777")


# Search


@pytest.mark.parametrize(
	"text",
	[
		"dang ky viec thu nghiem",
		"ĐĂNG KÝ việc",
		"9.800001",
		"nghiem   dac biet",
		"ho tich thu nghiem",
		"9.80",
	],
)
def test_a_procedure_is_found_without_diacritics(approved, text):
	assert "9.800001" in [row["procedure"] for row in api.search(text)]


@pytest.mark.parametrize("text", ["%", "_", "khong co that", "dang ky%biet", "\\"])
def test_signs_stand_for_themselves(approved, text):
	assert "9.800001" not in [row["procedure"] for row in api.search(text)]


def test_only_procedures_in_force_are_found(approved):
	frappe.db.set_value("Administrative Procedure", "9.800001", "status", "Repealed")
	assert api.search("9.800001") == []


def test_what_begins_with_the_words_comes_first(approved):
	for code, name in (("9.800011", "Cấp lại việc thử nghiệm"), ("9.800012", "Việc thử nghiệm")):
		values = {"procedure_code": code, "procedure_name": name, "field": "Hộ tịch", "level": "Commune"}
		frappe.get_doc({"doctype": "Administrative Procedure", "status": "In Force", **values}).insert()
	found = [row["procedure"] for row in api.search("viec thu nghiem", limit=2)]
	assert found[0] == "9.800012" and len(found) == 2


def test_plain_text_is_that_of_the_desk():
	assert catalogue.plain("  Đăng   KÝ\tđất ") == "dang ky dat"


# Trying out


def test_trying_out_writes_nothing(procedure):
	version = draft(procedure, eform_fields=[{"label": "Tên", "fieldname": "ten", "field_type": "Text"}])
	version.set_parent_in_children()
	counts = {
		doctype: frappe.db.count(doctype) for doctype in ("Dossier", "Dossier Event", "Procedure Version")
	}
	writes = frappe.db.transaction_writes
	trial = api.try_version(version.as_dict(), CENTRE, "Counter", "2026-03-02 09:00:00")
	assert frappe.db.transaction_writes == writes
	assert counts == {doctype: frappe.db.count(doctype) for doctype in counts}
	assert trial["due"].startswith("2026-03-05T09:00")
	assert [step["people"] for step in trial["steps"]] == [
		[f"Mẫu {name}"] for name in ("clerk", "officer", "leader", "returner")
	]
	assert [step["unit"] for step in trial["steps"]] == [CENTRE, COMMUNE, COMMUNE, CENTRE]
	assert trial["receipt"]["code_example"].endswith("-260302-XXXX")
	assert [row["fieldname"] for row in trial["eform_fields"]] == ["ten"]
	assert trial["explanation"]


@pytest.mark.parametrize(
	("unit", "channel", "received"),
	[
		(COMMUNE, "Counter", "2026-03-02 09:00"),
		(CENTRE, "Online", "2026-03-02 09:00"),
		(CENTRE, "Fax", "2026-03-02 09:00"),
		(CENTRE, "Counter", "không ngày"),
	],
)
def test_what_cannot_be_tried_is_said(procedure, unit, channel, received):
	with pytest.raises(exceptions.TrialRefused):
		api.try_version(draft(procedure).as_dict(), unit, channel, received)


def test_a_circular_process_is_not_tried(procedure):
	version = draft(procedure)
	version.steps[0].after = "4"
	with pytest.raises(exceptions.TrialRefused):
		api.try_version(version.as_dict(), CENTRE, "Counter", "2026-03-02 09:00")


@pytest.mark.parametrize(
	"doc",
	[
		{},
		{"doctype": "User", "name": "Administrator"},
		[],
		"x",
		{"doctype": "Procedure Version", "steps": [1]},
	],
)
def test_only_versions_are_checked(doc):
	with pytest.raises((frappe.ValidationError, ValueError)):
		api.check_version(json.dumps(doc))


# BPMN


def bpmn_of(tasks: str, lane: str) -> str:
	return f"""<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
		xmlns:o="urn:one-stop:process:1"><process id="p"><laneSet><lane name="{lane}">
		<flowNodeRef>t</flowNodeRef></lane></laneSet>{tasks}</process></definitions>"""


def test_a_lane_is_looked_up_among_the_units(units_and_people):
	unit = frappe.db.get_value("Administrative Unit", COMMUNE, "unit_name")
	(row,) = api.read_bpmn(bpmn_of('<task id="t" name="Một việc"/>', unit.upper()))["steps"]
	assert (row["unit_rule"], row["unit"]) == ("Named Unit", COMMUNE)


def test_what_does_not_exist_here_is_left_out_and_told(units_and_people):
	extension = '<extensionElements><o:step key="1" duty="Không có" unitRule="Named Unit" unit="H99.99"/></extensionElements>'
	answer = api.read_bpmn(bpmn_of(f'<task id="t" name="Việc">{extension}</task>', "Làn lạ"))
	assert (answer["steps"][0]["duty"], answer["steps"][0]["unit"]) == ("", "")
	assert sum("H99.99" in message or "Không có" in message for message in answer["messages"]) == 2


def test_a_hostile_bpmn_file_is_refused():
	with pytest.raises(exceptions.ProcessFileRefused):
		api.read_bpmn('<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><d>&x;</d>')


# Who may what


@pytest.mark.parametrize("person", ["clerk", "officer", "leader"])
def test_only_administrators_change_procedures(approved, person):
	second = versions.new_version(approved.name)
	file = export_procedure("9.800001")
	frappe.set_user(email(person))
	for refused in (
		lambda: api.approve_version(second.name, **DECISION),
		lambda: api.new_version(approved.name),
		lambda: api.import_procedure(file),
		lambda: api.import_procedure(new_file()),
		lambda: api.read_bpmn("<a/>"),
		lambda: frappe.get_doc("Procedure Version", second.name).save(),
		lambda: frappe.get_doc("Procedure Version", second.name).submit(),
		lambda: frappe.get_doc("Procedure Version", approved.name).cancel(),
		lambda: frappe.get_doc("Administrative Procedure", "9.800001").save(),
		lambda: frappe.delete_doc("Procedure Version", second.name),
	):
		with pytest.raises(frappe.PermissionError):
			refused()
	frappe.set_user("Administrator")
	assert frappe.db.get_value("Procedure Version", second.name, "docstatus") == 0


@pytest.mark.parametrize("person", ["admin", "clerk", "officer", "leader"])
def test_everyone_at_the_desk_reads_procedures(approved, person):
	frappe.set_user(email(person))
	assert api.export_procedure("9.800001")["procedure"]["procedure_code"] == "9.800001"
	assert api.check_version(approved.as_dict())["findings"] == []
	assert api.receiving_units("9.800001")[0]["receiving_unit"] == CENTRE
	assert api.try_version(approved.as_dict(), CENTRE, "Counter", "2026-03-02 09:00")["due"]
	assert api.search("9.800001")


def test_an_administrator_of_the_one_stop_does_all_of_it(procedure):
	frappe.set_user(email("admin"))
	version = draft(procedure).insert()
	api.approve_version(version.name, **DECISION)
	assert api.new_version(version.name)["version_no"] == 2
	assert api.import_procedure(new_file())["versions"][0]["action"] == "created"


def test_a_guest_reads_nothing(approved):
	frappe.set_user("Guest")
	for refused in (
		lambda: api.export_procedure("9.800001"),
		lambda: api.check_version(approved.as_dict()),
		lambda: api.receiving_units("9.800001"),
		lambda: api.compare_versions(approved.name, approved.name),
	):
		with pytest.raises(frappe.PermissionError):
			refused()


def test_what_changes_something_is_only_posted():
	for method in (api.approve_version, api.new_version, api.import_procedure):
		assert method in frappe.whitelisted
		assert frappe.allowed_http_methods_for_whitelisted_func[method] == ["POST"]
		assert method not in frappe.guest_methods


# Lists through Frappe's Data Import


@pytest.fixture
def imported_list(province):
	"""A function that imports rows of procedures; it commits, as Frappe does, and what came in is removed again."""
	from frappe.core.doctype.data_import.importer import Importer

	made: list = []

	def bring_in(heads: list[str], rows: list[list[str]]) -> list:
		meta = frappe.get_meta("Administrative Procedure")
		lines = [[meta.get_label(head) for head in heads], *rows]
		text = "\n".join(",".join(line) for line in lines)
		file = frappe.get_doc({"doctype": "File", "file_name": "list.csv", "content": text, "is_private": 1})
		made.append(file.insert())
		job = frappe.get_doc(
			{
				"doctype": "Data Import",
				"reference_doctype": "Administrative Procedure",
				"import_type": "Insert New Records",
				"import_file": file.file_url,
			}
		)
		made.append(job.insert())
		Importer(job.reference_doctype, data_import=job).import_data()
		made.extend(
			frappe.get_doc("Administrative Procedure", row[0])
			for row in rows
			if frappe.db.exists("Administrative Procedure", row[0])
		)
		return frappe.get_all(
			"Data Import Log", {"data_import": job.name}, ["success", "messages"], order_by="log_index"
		)

	yield bring_in
	for doc in reversed(made):
		frappe.delete_doc(doc.doctype, doc.name, force=True)
	frappe.db.commit()


def test_a_list_comes_in_by_data_import_and_is_checked_row_by_row(imported_list):
	log = imported_list(
		["procedure_code", "procedure_name", "field", "level"],
		[
			["9.800021", "Thủ tục từ danh sách", "Hộ tịch", "Commune"],
			["khong-ma", "Mã sai dạng", "Hộ tịch", "Commune"],
		],
	)
	assert [row.success for row in log] == [1, 0] and "khong-ma" in log[1].messages
	assert frappe.db.exists("Administrative Procedure", "9.800021")
	assert not frappe.db.exists("Administrative Procedure", "khong-ma")
	assert catalogue.plain("danh sách") in frappe.db.get_value(
		"Administrative Procedure", "9.800021", "search_text"
	)
