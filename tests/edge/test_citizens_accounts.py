"""Accounts of citizens are none of the staff's business: no list, no look-up and no search of the desk tells of them."""

import json

import pytest
from frappe.utils.global_search import sync_global_search

from one_stop.api import permitted
from one_stop.citizen_portal import accounts, personal_data
from tests import factories
from tests.edge.test_accounts import PASSWORD, tables_with

LOOKUPS = [
	("frappe.desk.search.search_link", {"doctype": "User", "ignore_user_permissions": 1}),
	("frappe.desk.search.search_link", {"doctype": "Contact"}),
	(
		"frappe.desk.search.search_link",
		{
			"doctype": "User",
			"query": "frappe.core.doctype.user.user.user_query",
			"filters": json.dumps({"ignore_user_type": 1}),
		},
	),
	("frappe.desk.search.search_link", {"doctype": "Contact Email", "searchfield": "email_id"}),
	("frappe.desk.search.get_names_for_mentions", {"search_term": "$mark"}),
	("frappe.utils.global_search.search", {"text": "$mark"}),
	("frappe.utils.global_search.search", {"text": "$mark", "doctype": "Contact"}),
	("frappe.email.get_contact_list", {}),
]


@pytest.fixture
def person(account, connection) -> str:
	"""The same, in the search of all documents: the daily job may have emptied it since."""
	connection.db.rollback()
	for name in connection.get_all("Contact", {"first_name": ["like", f"%{account}%"]}, pluck="name"):
		connection.get_doc("Contact", name).save()
	sync_global_search()
	connection.db.commit()
	return account


@pytest.fixture(scope="module")
def account(connection) -> str:
	"""A mark that stands in the name, the address and the number of a citizen with an account."""
	key = factories.key()[:8].lower()
	mark, number = f"hoado{key}", f"0978{int(key, 36) % 10**6:06d}"
	user = accounts.open_account("email", f"{mark}@example.com", f"Lê Thị {mark}", PASSWORD)
	doc = connection.get_doc("User", user)
	doc.mobile_no = number
	doc.save(ignore_permissions=True)
	contact = {"doctype": "Contact", "user": user, "first_name": f"Lê Thị {mark}"}
	numbers = [{"phone": number, "is_primary_mobile_no": 1}]
	mails = [{"email_id": f"{mark}@example.com", "is_primary": 1}]
	if not connection.db.exists("Contact", {"user": user}):
		connection.get_doc({**contact, "phone_nos": numbers, "email_ids": mails}).insert()
	connection.db.commit()
	return mark


@pytest.mark.parametrize(("method", "arguments"), LOOKUPS)
def test_no_look_up_of_the_desk_finds_a_citizen(officer, person, method, arguments):
	asked = {key: person if value == "$mark" else value for key, value in arguments.items()}
	for path in (f"/api/method/{method}", f"/api/method/{method}?txt={person}"):
		assert person not in officer.get(path, asked).text.lower().replace(f"txt={person}", "")


def test_no_list_shows_a_citizens_account(officer, person, connection):
	connection.db.rollback()
	tables = tables_with(connection, (person,))
	assert tables >= {"tabUser", "tabContact", "tabContact Email", "__global_search"}
	for table in tables - {"__global_search"}:
		doctype = table[3:]
		for fields in ('["*"]', '["name"]'):
			asked = {"fields": fields, "limit_page_length": 0, "parent": "Contact"}
			assert person not in officer.get(f"/api/resource/{doctype}", asked).text.lower(), table


def test_who_manages_the_system_finds_them(connection, person):
	connection.set_user("edge-manager@example.com")
	try:
		assert connection.get_list("User", {"full_name": ["like", f"%{person}%"]})
		assert {row.doctype for row in permitted.search(person)} == {"Contact"}
	finally:
		connection.set_user("Administrator")


def test_colleagues_are_found(officer):
	asked = {"doctype": "User", "txt": "edge-manager"}
	assert "edge-manager" in officer.get("/api/method/frappe.desk.search.search_link", asked).text


def test_people_stand_in_the_search_of_all_documents_for_a_day_at_most(connection, person):
	connection.db.rollback()
	personal_data.forget_late_writings()
	connection.db.commit()
	assert "__global_search" not in tables_with(connection, (person,))
