"""The holes of the Frappe of August 2023 (security.md), attacked on the running site as an ordinary desk user."""

import json

import pytest

from one_stop.citizen_portal.stored_templates import TemplateRefused

INJECTIONS = [
	"extractvalue(1,concat(0x7e,version()))",
	"(select sleep(2))",
	"name,(select 1 from (select sleep(2)) x)",
	"if(substr(version(),1,1)='1',name,modified)",
	"`tabNote`.`name` desc,extractvalue(1,concat(0x7e,version()))",
	"name desc -- ",
	"name procedure analyse(extractvalue(1,concat(0x7e,version())),1)",
]
ENDPOINTS = [
	("/api/resource/Note", {}),
	("/api/method/frappe.client.get_list", {"doctype": "Note"}),
	("/api/method/frappe.desk.reportview.get", {"doctype": "Note", "fields": '["name"]'}),
	("/api/method/frappe.desk.reportview.get_list", {"doctype": "Note", "fields": '["name"]'}),
	("/api/method/frappe.desk.reportview.export_query", {"doctype": "Note", "fields": '["name"]'}),
	("/", {"cmd": "frappe.desk.reportview.get", "doctype": "Note", "fields": '["name"]'}),
]
# Of these two neither looks at the filters it is given; the last is ours.
COUNTS = [
	("/api/method/frappe.desk.listview.get_group_by_count", {"field": "owner"}, "current_filters"),
	("/api/method/frappe.desk.reportview.get_stats", {"stats": '["owner"]'}, "filters"),
	("/api/method/frappe.desk.reportview.get_sidebar_stats", {"stats": '["owner"]'}, "filters"),
	("/api/method/frappe.client.get_count", {}, "filters"),
	("/api/method/one_stop.api.permitted.get_count", {}, "filters"),
]


def refused(answer) -> bool:
	assert "MariaDB" not in answer.text and "XPATH" not in answer.text and "mariadb" not in answer.text
	return answer.status_code == 400


@pytest.mark.parametrize("injection", INJECTIONS)
@pytest.mark.parametrize(("path", "arguments"), ENDPOINTS)
@pytest.mark.parametrize("argument", ["order_by", "group_by"])
def test_sql_does_not_get_in_by_order_or_group(officer, path, arguments, argument, injection):
	assert refused(officer.get(path, {**arguments, argument: injection}))


@pytest.mark.parametrize(
	("argument", "value"),
	[
		("fields", json.dumps(["version() as v"])),
		("fields", json.dumps(["(select password from `__Auth` limit 1) as p"])),
		("fields", json.dumps(["name, sleep(2)"])),
		("filters", json.dumps(["1=1) union select version() -- "])),
		("filters", json.dumps({"name) or (1": "1"})),
		("filters", json.dumps([["name", "= 'x' or 1=1 -- ", "y"]])),
		("filters", json.dumps(json.dumps(["1=1"]))),
		("or_filters", json.dumps(["version()"])),
		("debug", "1"),
		("ignore_permissions", "1"),
	],
)
@pytest.mark.parametrize(("path", "arguments"), ENDPOINTS)
def test_sql_does_not_get_in_by_fields_filters_or_switches(officer, path, arguments, argument, value):
	assert refused(officer.get(path, {**arguments, argument: value}))


@pytest.mark.parametrize("query", [None, "x", "one_stop.api.reception.find_procedures"])
@pytest.mark.parametrize(("path", "arguments", "filters"), COUNTS)
def test_no_surplus_argument_turns_the_check_of_filters_off(officer, path, arguments, filters, query):
	asked = {"doctype": "Note", **arguments, filters: '["1=1 or sleep(2)"]', "query": query}
	assert refused(officer.get(path, asked))
	# The desk asks for the statistics of a list by another name.
	allowed = 403 if path.endswith("get_stats") else 200
	assert officer.get(path, {**asked, filters: '[["name", "like", "%"]]'}).status_code == allowed


@pytest.mark.parametrize("method", ["search_link", "search_widget"])
@pytest.mark.parametrize(
	"query", ["one_stop.api.reception.find_procedures", "frappe.core.doctype.user.user.user_query"]
)
def test_filters_of_a_query_of_its_own_hold_no_sql_either(officer, method, query):
	asked = {"doctype": "User", "txt": "", "query": query, "filters": '["1=1 or sleep(2)"]'}
	assert refused(officer.get(f"/api/method/frappe.desk.search.{method}", asked))


@pytest.mark.parametrize(
	"value",
	[
		{"filters_json": '["1=1 or sleep(2)"]'},
		{"based_on": "creation) or sleep(2) -- "},
		{"chart_type": "Sum", "value_based_on": "idx), sleep(2"},
		{"chart_type": "Group By", "group_by_type": "Count", "group_by_based_on": "owner`, sleep(2) as `x"},
	],
)
def test_no_chart_is_kept_that_asks_more_than_columns(officer, value):
	chart = {
		"doctype": "Dashboard Chart",
		"chart_name": "Edge",
		"chart_type": "Count",
		"document_type": "Note",
		"based_on": "creation",
		"timeseries": 1,
		"type": "Line",
		"filters_json": "[]",
		**value,
	}
	answer = officer.post(
		"/api/resource/Dashboard Chart", json=chart, headers={"X-Frappe-CSRF-Token": officer.token("/app")}
	)
	assert refused(answer), answer.text


def test_the_lists_of_the_desk_go_on_working(officer):
	arguments = {
		"doctype": "Dossier",
		"fields": json.dumps(["`tabDossier`.`name`", "`tabDossier`.`status`"]),
		"filters": json.dumps([["Dossier", "status", "=", "Draft"]]),
		"order_by": "`tabDossier`.`modified` desc",
		"start": 0,
		"page_length": 20,
		"view": "List",
		"with_comment_count": 1,
	}
	assert officer.get("/api/method/frappe.desk.reportview.get", arguments).status_code == 200
	assert officer.get("/api/resource/Dossier", {"order_by": "modified desc"}).status_code == 200
	link = {"doctype": "Administrative Unit", "txt": "", "page_length": 10}
	assert officer.get("/api/method/frappe.desk.search.search_link", link).status_code == 200


@pytest.mark.parametrize(
	"target",
	[
		"https://evil.example/",
		"//evil.example/",
		"/\\evil.example",
		"/%09/evil.example",
		"javascript:alert(1)",
		"\\\\evil.example",
	],
)
@pytest.mark.parametrize("name", ["redirect-to", "redirect_to", "next"])
@pytest.mark.parametrize("caller", ["guest", "citizen", "officer"])
def test_no_link_leads_from_here_to_a_stranger(request, caller, name, target):
	answer = request.getfixturevalue(caller).get(f"/login?{name}={target}")
	assert answer.status_code == 400
	assert "evil" not in answer.headers.get("Location", "")


@pytest.mark.parametrize(
	"path", ["//evil.example/", "/\\evil.example/", "//evil.example/%2e%2e", "/%2f%2fevil.example"]
)
def test_no_path_becomes_a_foreign_address(citizen, path):
	answer = citizen.get(path)
	assert answer.status_code in (400, 404)
	assert not answer.headers.get("Location")


def test_a_form_of_another_site_is_refused(guest, citizen, officer):
	for caller in (guest, citizen, officer):
		for headers in (
			{"Origin": "https://evil.example"},
			{"Origin": "null"},
			{"Sec-Fetch-Site": "cross-site"},
		):
			answer = caller.post("/api/method/logout", headers=headers)
			# 400: Frappe missed its own token before the edge was asked
			assert answer.status_code in (400, 403), headers
	assert officer.get("/api/method/frappe.auth.get_logged_user").status_code == 200


def test_a_link_of_another_site_calls_nothing_in_somebodys_name(officer):
	headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
	answer = officer.get("/api/method/frappe.auth.get_logged_user", headers=headers)
	assert answer.status_code == 403


def test_signing_in_on_any_other_address_never_succeeds(guest, officer, password):
	words = {"cmd": "login", "usr": "edge-officer@example.com", "pwd": password}
	for path in ("/thu-tuc", "/", "/api/method/ping"):
		answer = guest.post(path, words, headers={"Accept": "application/json"})
		assert answer.status_code == 401, path
	assert guest.get("/api/method/frappe.auth.get_logged_user").status_code == 403


def test_no_print_format_that_asks_the_database_is_stored(site, connection, monkeypatch):
	layout = json.dumps([{"fieldname": "_custom_html", "options": "{{ frappe['d' ~ 'b'].sql('select 1') }}"}])
	html = "{{ (frappe|attr('db')).sql('select name from tabUser') }}"
	for values in ({"html": html, "custom_format": 1}, {"format_data": layout, "print_format_builder": 1}):
		for flag in ("nothing", "in_import"):
			monkeypatch.setitem(connection.flags, flag, True)
			asks = {
				"doctype": "Print Format",
				"doc_type": "Note",
				"standard": "No",
				"print_format_type": "Jinja",
			}
			with pytest.raises(TemplateRefused):
				connection.get_doc({**asks, "name": connection.generate_hash(), **values}).insert()
			monkeypatch.delitem(connection.flags, flag)


def test_server_scripts_are_off(administrator, base_url, connection):
	assert connection.conf.server_script_enabled in (0, False)
