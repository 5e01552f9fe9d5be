"""Filters of Frappe's lists mean what they say."""

import frappe
import pytest

from one_stop.filters import among
from tests import factories as make

pytestmark = pytest.mark.usefixtures("province")


def test_one_of_nothing_is_nothing():
	dossier = make.draft()
	frappe.db.set_value("Dossier", dossier, "parent_dossier", None)
	assert frappe.get_all("Dossier", {"name": dossier, "parent_dossier": among([])}) == []
	assert frappe.get_all("Dossier", {"name": among(iter([dossier]))}, pluck="name") == [dossier]


@pytest.mark.parametrize("values", [[], ["a", "b"]])
def test_one_of_some_values_is_found_by_the_index(values):
	query = frappe.get_all("Dossier Step", {"dossier": among(values)}, run=False)
	assert "ifnull" not in query.lower() and "coalesce" not in query.lower()
