"""Who oversees sees no identity number in an answer and no paper of an applicant, by whatever door they come."""

import json
from urllib.parse import quote

import pytest

from tests import factories as make
from tests.edge.conftest import Caller

SECRET = "048190123987"
ANSWER = "`tabDossier Answer`.`value`"


@pytest.fixture(scope="module")
def scene(base_url, connection):
	"""A received dossier with an identity number among its answers and a scan, and a session of each reader."""
	from one_stop import sample

	logins = {row["user"].split("@")[0]: row["password"] for row in sample.load(dossiers=False)["logins"]}
	connection.db.commit()
	dossier = make.draft(
		answers=[{"fieldname": "ghi_chu", "label": "Ghi chú", "value": f"Mẹ có số định danh {SECRET}"}],
		channel="Counter",
	)
	with make.acting(make.CLERK):
		file = connection.get_doc(
			{
				"doctype": "File",
				"file_name": "giay-chung-sinh.pdf",
				"content": f"%PDF-1.4 {SECRET}\n%%EOF",
				"is_private": 1,
				"attached_to_doctype": "Dossier",
				"attached_to_name": dossier,
			}
		).insert()
	connection.db.commit()
	callers = {}
	for name in ("giamsat", make.CLERK):
		caller = Caller(base_url)
		answer = caller.post("/api/method/login", {"usr": make.user(name), "pwd": logins[name]})
		assert answer.status_code == 200
		callers[name] = caller
	return dossier, file, callers


def doors(dossier: str, file) -> dict[str, tuple[str, dict]]:
	"""Every way in which Frappe shows a document or rows of it, by name."""
	rows = json.dumps(["name", ANSWER])
	of_it = json.dumps([["Dossier", "name", "=", dossier]])
	columns = json.dumps({"Dossier": ["name"], "answers": ["label", "value"]})
	template = "/api/method/frappe.core.doctype.data_import.data_import.download_template"
	return {
		"document": (f"/api/resource/Dossier/{dossier}", {}),
		"client": ("/api/method/frappe.client.get", {"doctype": "Dossier", "name": dossier}),
		"form": ("/api/method/frappe.desk.form.load.getdoc", {"doctype": "Dossier", "name": dossier}),
		"list": ("/api/resource/Dossier", {"fields": rows, "filters": of_it}),
		"rows": (
			"/api/method/frappe.client.get_list",
			{
				"doctype": "Dossier Answer",
				"parent": "Dossier",
				"fields": json.dumps(["value"]),
				"filters": json.dumps({"parent": dossier}),
			},
		),
		"report view": (
			"/api/method/frappe.desk.reportview.get",
			{"doctype": "Dossier", "fields": rows, "filters": of_it},
		),
		"export": (
			"/api/method/frappe.desk.reportview.export_query",
			{
				"doctype": "Dossier",
				"fields": rows,
				"filters": of_it,
				"file_format_type": "CSV",
				"title": "Dossier",
				"view": "Report",
			},
		),
		"template": (
			template,
			{
				"doctype": "Dossier",
				"export_fields": columns,
				"export_records": "by_filter",
				"export_filters": of_it,
			},
		),
		"whole template": (
			template,
			{
				"doctype": "Dossier",
				"export_fields": "All",
				"export_records": "by_filter",
				"export_filters": of_it,
			},
		),
		"data export": (
			"/api/method/frappe.core.doctype.data_export.exporter.export_data",
			{
				"doctype": "Dossier",
				"all_doctypes": "1",
				"with_data": "1",
				"filters": json.dumps({"name": dossier}),
			},
		),
		"print view": (
			"/printview",
			{
				"doctype": "Dossier",
				"name": dossier,
				"format": "Standard",
				"no_letterhead": "1",
				"_lang": "vi",
			},
		),
		"file": (quote(file.file_url), {}),
		"files": (
			"/api/resource/File",
			{
				"fields": json.dumps(["name", "file_url"]),
				"filters": json.dumps({"attached_to_name": dossier, "attached_to_doctype": "Dossier"}),
			},
		),
	}


DOORS = (
	"document",
	"client",
	"form",
	"list",
	"rows",
	"report view",
	"export",
	"template",
	"whole template",
	"data export",
	"print view",
	"file",
	"files",
)


@pytest.mark.parametrize("door", DOORS)
def test_the_monitoring_office_sees_no_number_and_no_paper(scene, door):
	dossier, file, callers = scene
	path, arguments = doors(dossier, file)[door]
	answer = callers["giamsat"].get(path, arguments)
	assert SECRET not in answer.text
	if door in ("document", "form", "client"):
		assert "•••••••••987" in json.loads(answer.text).__str__()
	if door == "file":
		assert answer.status_code == 403
	if door == "files":
		assert answer.json()["data"] == []


# Frappe answers for rows of their own with less than anybody may see; templates and whole exports are for who manages
# the system.
@pytest.mark.parametrize(
	"door", [one for one in DOORS if one not in ("rows", "data export", "template", "whole template")]
)
def test_whose_work_needs_them_sees_both(scene, door):
	dossier, file, callers = scene
	path, arguments = doors(dossier, file)[door]
	answer = callers[make.CLERK].get(path, arguments)
	assert answer.status_code == 200
	assert (file.name if door == "files" else SECRET) in answer.text


def test_answers_are_not_found_out_by_asking_lists_for_them(scene):
	_dossier, _file, callers = scene
	asked = {
		"doctype": "Dossier",
		"fields": json.dumps(["name"]),
		"filters": json.dumps([["Dossier Answer", "value", "like", f"%{SECRET}%"]]),
	}
	assert callers["giamsat"].get("/api/method/frappe.desk.reportview.get", asked).status_code == 403
	found = callers[make.CLERK].get("/api/method/frappe.desk.reportview.get", asked)
	assert found.status_code == 200 and found.json()["message"]["values"]
