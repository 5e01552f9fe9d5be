"""What Frappe's own methods would do for an ordinary desk user beyond their units, tried over HTTP."""

import json

import pytest

from one_stop import sample
from one_stop.citizen_portal import edge
from tests import factories as make
from tests.edge.conftest import Caller, account

KEY = "X-Frappe-CSRF-Token"
CLERK = f"edge-clerk-{make.key()[:6].lower()}@example.com"


@pytest.fixture(scope="module")
def foreign(connection) -> str:
	"""A dossier of another unit than the officer's, with a person whose words are told by nothing else."""
	connection.set_user("Administrator")
	sample.load(dossiers=False)
	dossier = make.received()
	connection.db.set_value(
		"Dossier", dossier, {"applicant_name": "KINDAO Trần Thị Xa", "applicant_id_number": "048977419009"}
	)
	if not connection.db.exists("Tag", "edge-tag"):
		connection.get_doc({"doctype": "Tag", "name": "edge-tag"}).insert()
	connection.db.commit()
	return dossier


@pytest.fixture(scope="module")
def clerk(base_url, connection) -> Caller:
	"""Somebody with the roles of the desk and with duties nowhere."""
	name = account(connection, CLERK, "System User", ("Reception Clerk",))
	caller = Caller(base_url).sign_in(name)
	caller.session.headers[KEY] = caller.token("/app")
	return caller


def call(caller: Caller, method: str, **arguments):
	words = {key: value if isinstance(value, str) else json.dumps(value) for key, value in arguments.items()}
	return caller.post(f"/api/method/{method}", words)


def call_json(caller: Caller, method: str, **arguments):
	return caller.post(
		f"/api/method/{method}", json.dumps(arguments), headers={"Content-Type": "application/json"}
	)


@pytest.mark.parametrize(
	("method", "arguments"),
	[
		(
			"frappe.utils.goal.get_monthly_goal_graph_data",
			{
				**dict.fromkeys(("title", "goal_value_field", "goal_total_field", "goal_history_field"), "x"),
				"doctype": "User",
				"docname": CLERK,
				"goal_doctype": "Dossier",
				"goal_doctype_link": "owner",
				"goal_field": "name",
				"date_field": "creation",
				"aggregation": "(select group_concat(user,0x3a,sid) from tabSessions) from `tabDossier` -- ",
			},
		),
		(
			"frappe.desk.form.utils.get_next",
			{"doctype": "Note", "value": "x", "prev": "0", "sort_field": "(select sleep(1)) as `a`"},
		),
		(
			"frappe.core.doctype.data_import.data_import.download_template",
			{
				"doctype": "Dossier",
				"export_fields": {"Dossier": ["name"]},
				"export_filters": ["1=1 or 1=1"],
				"export_records": "by_filter",
			},
		),
		("frappe.desk.query_report.get_data_for_custom_field", {"doctype": "User", "field": "mobile_no"}),
		(
			"frappe.desk.query_report.run",
			{
				"report_name": "Dossier Register",
				"custom_columns": [
					{
						"doctype": "Dossier",
						"fieldname": "applicant_id_number",
						"link_field": {"fieldname": "name", "names": {}},
					}
				],
			},
		),
		("frappe.core.api.file.zip_files", {"files": ["x"]}),
		("frappe.utils.file_manager.add_attachments", {"doctype": "Note", "name": "x", "attachments": ["x"]}),
		(
			"frappe.workflow.doctype.workflow.workflow.get_workflow_state_count",
			{"doctype": "Dossier", "workflow_state_field": "applicant_id_number", "states": ["x"]},
		),
		("frappe.email.relink", {"name": "x", "reference_doctype": "Note", "reference_name": "x"}),
		("frappe.contacts.doctype.contact.contact.get_contact_details", {"contact": "x"}),
		("frappe.core.doctype.deleted_document.deleted_document.restore", {"name": "x"}),
	],
)
def test_methods_that_ask_for_no_right_do_not_answer(clerk, method, arguments):
	answer = call(clerk, method, **arguments)
	assert answer.status_code in (400, 403), answer.text[:300]


@pytest.mark.parametrize("filters", [{"name": "$dossier"}, {"applicant_id_number": ["like", "0489%"]}])
def test_whether_there_is_such_a_document_is_not_told(clerk, foreign, filters):
	asked = json.loads(json.dumps(filters).replace("$dossier", foreign))
	assert call(clerk, "frappe.client.get", doctype="Dossier", filters=asked).status_code == 400


def test_no_switch_leaves_permissions_out(clerk, foreign):
	for method in ("frappe.desk.search.search_link", "frappe.desk.search.search_widget"):
		asked = {
			"doctype": "Dossier",
			"txt": "",
			"filters": {"name": foreign},
			"ignore_user_permissions": "1",
		}
		assert foreign not in call(clerk, method, **asked).text


def test_no_filters_stand_for_a_name(clerk, foreign, connection):
	asked = {"doctype": "Dossier", "docname": {"name": foreign}}
	answer = call_json(clerk, "frappe.desk.search.get_link_title", **asked)
	assert answer.status_code == 400 and "KINDAO" not in answer.text
	liked = {"doctype": "Dossier", "name": {"name": foreign}, "add": "Yes"}
	assert call_json(clerk, "frappe.desk.like.toggle_like", **liked).status_code == 400
	tagged = {"tags": ["x"], "dt": "Dossier", "docs": [foreign]}
	assert call(clerk, "frappe.desk.doctype.tag.tag.add_tags", **tagged).status_code == 403
	connection.db.rollback()
	kept = connection.db.get_value("Dossier", foreign, ["_liked_by", "_user_tags"])
	assert not any(kept)


@pytest.mark.parametrize("name", ["12345678e9", "0012345678", "1234567890", "3f2a9c10de"])
def test_a_name_that_looks_like_a_number_is_a_name(name):
	assert edge._names_in({"docname": name}) == {name}
	assert edge._names_in({"names": json.dumps([name])}) == {name}


@pytest.mark.parametrize(
	"row",
	[
		{"doctype": "ToDo", "reference_type": "Dossier", "reference_name": "$dossier", "description": "x"},
		{"doctype": "Tag Link", "document_type": "Dossier", "document_name": "$dossier", "tag": "edge-tag"},
		{
			"doctype": "Document Follow",
			"ref_doctype": "Dossier",
			"ref_docname": "$dossier",
			"user": CLERK,
		},
		{
			"doctype": "File",
			"file_name": "a.txt",
			"content": "x",
			"is_private": 1,
			"attached_to_doctype": "Dossier",
			"attached_to_name": "$dossier",
		},
		{
			"doctype": "Comment",
			"comment_type": "Comment",
			"reference_doctype": "Dossier",
			"reference_name": "$dossier",
		},
	],
	ids=lambda row: row["doctype"],
)
def test_nothing_is_hung_on_a_dossier_of_others(clerk, foreign, row):
	values = {key: foreign if value == "$dossier" else value for key, value in row.items()}
	doctype = values.pop("doctype")
	answer = clerk.post(f"/api/resource/{doctype}", values)
	assert answer.status_code == 403, answer.text[-1500:]
	assert call(clerk, "frappe.client.insert", doc={"doctype": doctype, **values}).status_code == 403


def test_ones_own_account_is_not_another_ones(clerk, connection):
	own = f"/api/resource/User/{CLERK}"
	for change in (
		{"new_password": "Mot-Mat-Khau-Khac-9"},
		{"reset_password_key": "abc"},
		{"email": "x@example.com"},
		{"first_name": "Chủ tịch"},
	):
		assert clerk.session.put(clerk.base_url + own, change, timeout=30).status_code == 403
	assert clerk.session.put(clerk.base_url + own, {"mute_sounds": 1}, timeout=30).status_code == 200
	other = "/api/resource/Notification Settings/edge-manager@example.com"
	assert clerk.session.put(clerk.base_url + other, {"enabled": 0}, timeout=30).status_code in (403, 404)


def test_ones_own_settings_open_as_a_form(clerk):
	answer = clerk.get("/api/method/frappe.desk.form.load.getdoc", {"doctype": "User", "name": CLERK})
	assert answer.status_code == 200, answer.text[:300]
	assert answer.json()["docs"][0]["name"] == CLERK


def test_a_file_stays_where_it_lies(clerk):
	made = clerk.post("/api/resource/File", {"file_name": "own.txt", "content": "x", "is_private": 1})
	assert made.status_code == 200, made.text[:300]
	address = f"{clerk.base_url}/api/resource/File/{made.json()['data']['name']}"
	for other in ("/private/files/other.txt", "http://127.0.0.1/"):
		answer = clerk.session.put(address, {"file_url": other}, timeout=30)
		assert answer.status_code in (403, 417), answer.text[:200]


def test_a_print_shows_what_is_stored(clerk, foreign):
	forged = {"doctype": "Dossier", "name": foreign, "__islocal": 1, "receiving_unit": "H17.40.01.01"}
	for kind in ("Process History", "Control Slip", "Receipt"):
		asked = {"doc": forged, "print_format": kind}
		assert call(clerk, "frappe.www.printview.get_html_and_style", **asked).status_code == 403
	new = {"doc": {"doctype": "Dossier", "code": "000", "status": "Returned"}, "print_format": "Receipt"}
	assert call(clerk, "frappe.www.printview.get_html_and_style", **new).status_code == 400


@pytest.mark.parametrize(
	("doctype", "owner"),
	[("Has Role", "parent"), ("DefaultValue", "parent"), ("User Social Login", "parent")],
)
def test_of_accounts_one_sees_ones_own(clerk, doctype, owner):
	asked = {"parent": "User", "fields": json.dumps([owner]), "limit_page_length": "0"}
	rows = clerk.get(f"/api/resource/{doctype}", asked).json().get("data") or []
	assert {row[owner] for row in rows} <= {CLERK}


def test_a_note_is_signed_by_who_is_signed_in(officer, connection):
	note = connection.get_doc({"doctype": "Note", "title": make.key(), "public": 1}).insert()
	connection.db.commit()
	asked = {
		"reference_doctype": "Note",
		"reference_name": note.name,
		"content": "x",
		"comment_email": "edge-manager@example.com",
		"comment_by": "Chủ tịch",
	}
	token = officer.token("/app")
	answer = officer.post("/api/method/frappe.desk.form.utils.add_comment", asked, headers={KEY: token})
	assert answer.status_code == 200, answer.text[:300]
	assert answer.json()["message"]["comment_email"] == "edge-officer@example.com"


def test_whether_a_document_exists_is_no_answer_of_the_realtime_server(citizen, foreign):
	asked = [("Dossier", foreign), ("Dossier", "no-such"), ("User", "Administrator"), ("User", "no-such")]
	for doctype, name in asked:
		path = "/api/method/frappe.realtime.can_subscribe_doc"
		assert citizen.get(path, {"doctype": doctype, "docname": name}).status_code == 403


@pytest.mark.parametrize(
	"filters",
	[
		r'[["Dossier","applicant\u005fid_number","like","0489%"]]',
		r'[["Dossier\u0020Answer","va\u006cue","like","%a%"]]',
	],
)
def test_masked_fields_are_not_asked_by_escaped_names(base_url, connection, filters):
	name = account(connection, "edge-overseer@example.com", "System User", ("Monitoring Officer",))
	overseer = Caller(base_url).sign_in(name)
	answer = overseer.get("/api/method/frappe.client.get_list", {"doctype": "Dossier", "filters": filters})
	assert answer.status_code == 403
	card = {"doc": '{"document_type":"Dossier","function":"Count"}', "filters": filters}
	path = "/api/method/frappe.desk.doctype.number_card.number_card.get_result"
	assert overseer.get(path, card).status_code in (400, 403)
