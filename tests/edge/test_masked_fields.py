"""Masked facts of applicants are not found out by asking lists about them."""

import json

import pytest

from tests.edge.conftest import Caller, account


@pytest.fixture
def monitor(base_url, connection):
	user = account(connection, "giam.sat@edge.example", "System User", ("Monitoring Officer",))
	return Caller(base_url).sign_in(user)


ASKED = [
	("/api/resource/Dossier", {"filters": json.dumps([["applicant_id_number", "like", "048%"]])}),
	("/api/resource/Dossier", {"filters": json.dumps({"applicant_phone": ["like", "09%"]})}),
	("/api/resource/Dossier", {"order_by": "applicant_id_number asc"}),
	(
		"/api/method/frappe.client.get_count",
		{"doctype": "Dossier", "filters": json.dumps([["Dossier", "applicant_id_number", "=", "048"]])},
	),
	(
		"/api/method/frappe.desk.reportview.get",
		{
			"doctype": "Dossier",
			"fields": json.dumps(["name"]),
			"or_filters": json.dumps([["Dossier", "applicant_email", "like", "a%"]]),
		},
	),
	(
		"/api/method/frappe.client.get_value",
		{"doctype": "Dossier", "fieldname": "name", "filters": json.dumps({"applicant_id_number": "048"})},
	),
	(
		"/api/method/frappe.client.get_list",
		{"doctype": "Dossier Step", "filters": json.dumps([["Dossier", "applicant_phone", "=", "09"]])},
	),
	(
		"/api/method/frappe.desk.listview.get_group_by_count",
		{
			"doctype": "Dossier",
			"field": "status",
			"current_filters": json.dumps([["Dossier", "applicant_phone", "like", "09%"]]),
		},
	),
	(
		"/api/method/frappe.desk.listview.get_group_by_count",
		{"doctype": "Dossier", "field": "applicant_id_number", "current_filters": "[]"},
	),
	(
		"/api/method/frappe.desk.reportview.get_stats",
		{"doctype": "Dossier", "stats": json.dumps(["applicant_id_number"])},
	),
]


@pytest.mark.parametrize(("path", "arguments"), ASKED)
def test_a_list_is_not_asked_by_a_field_the_caller_may_not_read(monitor, path, arguments):
	assert monitor.get(path, arguments).status_code == 403


def test_no_chart_is_kept_that_counts_by_a_field_its_author_may_not_read(monitor):
	chart = {
		"doctype": "Dashboard Chart",
		"chart_name": "Edge",
		"chart_type": "Count",
		"document_type": "Dossier",
		"based_on": "creation",
		"timeseries": 1,
		"type": "Line",
		"filters_json": json.dumps([["Dossier", "applicant_id_number", "like", "048%"]]),
	}
	headers = {"X-Frappe-CSRF-Token": monitor.token("/app")}
	assert monitor.post("/api/resource/Dashboard Chart", json=chart, headers=headers).status_code == 403


def test_lists_are_asked_by_what_the_caller_may_read(monitor):
	answer = monitor.get(
		"/api/resource/Dossier", {"filters": json.dumps([["id_number_masked", "like", "%123"]])}
	)
	assert answer.status_code == 200


def test_whoever_may_read_a_field_may_ask_by_it(base_url, connection):
	user = account(connection, "tiep.nhan@edge.example", "System User", ("Reception Clerk",))
	clerk = Caller(base_url).sign_in(user)
	answer = clerk.get(
		"/api/resource/Dossier", {"filters": json.dumps([["applicant_id_number", "=", "048"]])}
	)
	assert answer.status_code == 200
