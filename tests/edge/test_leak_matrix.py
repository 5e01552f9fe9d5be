"""The leak matrix (`leak_matrix.csv`): every door of the application, tried by everybody it was not built for.

A row is a door; its cells say what each caller gets:

- `open`: an answer, with what was asked for
- `empty`: an answer that tells nothing of the dossier
- `refused`: no permission, no such page, or sent to sign in
- `rule`: the caller may come in, and a rule then stops what was sent; `rule, but tells` names facts in doing so
- `onward`: sent on to another page of the site

`open/empty` is either: figures depend on what jobs have counted by now (`error` tells nothing either). Rows of the kind `resource` are DocTypes
through the REST interface, with a letter for each of list, read, create, write and delete, or a dash. Whatever has
no row fails.
"""

import csv
from collections import Counter
from pathlib import Path

import pytest

from one_stop.citizen_portal import routes
from tests import factories
from tests.edge import leak_scene
from tests.edge.leak_scene import CALLERS, MODULES
from tests.edge.test_deny_by_default import whitelisted

FILE = Path(__file__).with_name("leak_matrix.csv")
with FILE.open(encoding="utf-8", newline="") as _file:
	ROWS = list(csv.DictReader(_file))
OUTSIDE = ("guest", "citizen", "sibling", "former")


@pytest.fixture(scope="module")
def scene(connection, base_url):
	with leak_scene.scene(base_url) as made:
		yield made


def listed(kind: str) -> set[str]:
	return {row["target"] for row in ROWS if row["kind"] == kind}


def test_every_method_of_ours_has_its_row(connection):
	ours = whitelisted(connection, "one_stop")
	assert not listed("method") - ours
	# A function may be called by every name it is imported under.
	rows = set(map(connection.get_attr, listed("method")))
	assert not [name for name in ours if connection.get_attr(name) not in rows]


def test_every_page_has_its_row():
	pages = {route.listed_as for route in routes.ROUTES}
	assert not pages - listed("page")
	of_something = {route.listed_as for route in routes.ROUTES if route.takes_post and "*" in route.listed_as}
	begun = {"/nop/*", "/danh-gia-tai-quay/*"}  # these name a procedure and a counter, nobody's document
	assert not of_something - begun - listed("form")


def test_every_doctype_has_its_row(connection):
	assert {meta.name for meta in leak_scene.own_doctypes()} == listed("resource")


@pytest.mark.parametrize(
	("kind", "doctype", "field"),
	[("report", "Report", "module"), ("card", "Number Card", "module"), ("print", "Print Format", "module")],
)
def test_every_report_figure_and_form_has_its_row(connection, kind, doctype, field):
	assert set(connection.get_all(doctype, {field: ["in", MODULES]}, pluck="name")) == listed(kind)


def test_nobody_outside_is_meant_to_see_the_dossier():
	"""What the table lets outsiders open is the same for everybody of the staff and holds nothing of a dossier."""
	for row in ROWS:
		if row["kind"] != "resource" and "$dossier" in row["asks"] + row["shows"]:
			assert not {row[who] for who in OUTSIDE} & {"open", "open/empty"}, row["target"]


@pytest.mark.parametrize(
	"row",
	[row for row in ROWS if row["kind"] != "resource"],
	ids=[
		f"{row['kind']}-{row['target']}-{number}"
		for number, row in enumerate(ROWS)
		if row["kind"] != "resource"
	],
)
def test_everybody_gets_what_the_table_says(scene, row):
	expected = {who: row[who] for who in CALLERS}
	found = scene.ask(row, expected)
	assert {who: one for who, one in found.items() if one not in expected[who].split("/")} == {}, expected


@pytest.mark.parametrize(
	"row", [row for row in ROWS if row["kind"] == "resource"], ids=sorted(listed("resource"))
)
def test_documents_through_rest_are_for_whom_the_table_says(scene, connection, row):
	expected = {who: row[who] for who in CALLERS}
	assert scene.rights(connection.get_meta(row["target"]), expected) == expected


def test_nothing_has_happened_to_the_dossier(scene, connection):
	"""Runs last: all those commands, and the ledger is as it was."""
	connection.db.rollback()
	kinds = Counter(connection.get_all("Dossier Event", {"dossier": scene.dossier}, pluck="kind"))
	assert kinds == {"received": 1, "step_completed": 1}
	assert factories.value(scene.dossier, "applicant_name") == leak_scene.SECRET
