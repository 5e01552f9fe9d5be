"""Rows of tables are not written past their document: not by the Administrator, whom Frappe refuses nothing."""

import json
from pathlib import Path

import pytest

APP = Path(__file__).resolve().parents[2] / "apps/one_stop"
ROWS = sorted(
	meta["name"]
	for meta in (json.loads(path.read_text(encoding="utf-8")) for path in APP.glob("*/doctype/*/*.json"))
	if meta.get("istable")
)


@pytest.fixture(scope="module")
def manager(base_url, running):
	import requests

	session = requests.Session()
	words = {"usr": "Administrator", "pwd": running.recall("secrets")["administrator"]}
	assert session.post(f"{base_url}/api/method/login", data=words, timeout=30).status_code == 200
	return session


@pytest.fixture
def row(request, connection):
	"""A row as it stands in a table of its document, which itself is not there: no rule of it could refuse."""
	doctype = request.param
	parent, field = next(
		(meta, df.fieldname)
		for meta in map(connection.get_meta, connection.get_all("DocType", {"istable": 0}, pluck="name"))
		for df in meta.get_table_fields()
		if df.options == doctype
	)
	doc = connection.get_doc(
		{
			"doctype": doctype,
			"name": connection.generate_hash(length=10),
			"parent": "edge-document",
			"parenttype": parent.name,
			"parentfield": field,
			"idx": 1,
		}
	)
	doc.db_insert()
	connection.db.commit()
	yield doc
	connection.db.delete(doctype, {"parent": "edge-document"})
	connection.db.commit()


@pytest.mark.parametrize("row", ROWS, indirect=True)
def test_no_row_is_saved_inserted_or_deleted_by_itself(manager, base_url, connection, row):
	changed = {**json.loads(row.as_json()), "idx": 7}
	new = {key: value for key, value in changed.items() if key != "name"}
	path = f"{base_url}/api/resource/{row.doctype}"
	tried = {
		"save": manager.post(f"{base_url}/api/method/frappe.client.save", {"doc": json.dumps(changed)}),
		"form": manager.post(
			f"{base_url}/api/method/frappe.desk.form.save.savedocs",
			{"doc": json.dumps(changed), "action": "Save"},
		),
		"put": manager.put(f"{path}/{row.name}", json={"idx": 7}),
		"post": manager.post(path, json=new),
		"delete": manager.delete(f"{path}/{row.name}"),
	}
	told = {way: (answer.status_code, answer.json().get("exc_type")) for way, answer in tried.items()}
	assert told == dict.fromkeys(tried, (403, "OnlyWithDocument"))
	connection.db.rollback()
	kept = connection.get_all(row.doctype, {"parent": "edge-document"}, ["name", "idx"])
	assert kept == [{"name": row.name, "idx": 1}]
