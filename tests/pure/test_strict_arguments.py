"""What Frappe's list and report endpoints may be asked (security.md: SQL injection through order_by)."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from one_stop.citizen_portal.strict_arguments import (
	UnsafeArgument,
	check_arguments,
	check_document,
	check_fields,
	check_filters,
	check_order_by,
	is_local_address,
)


@pytest.mark.parametrize(
	"order_by",
	[
		"modified desc",
		"creation",
		"`tabDossier`.`modified` desc",
		"`tabE-Form Field`.`idx`asc",
		"idx desc, name ASC",
		"_aggregate_column desc",
	],
)
def test_the_orders_the_desk_asks_for_pass(order_by: str):
	check_order_by("order_by", order_by)


@pytest.mark.parametrize(
	"order_by",
	[
		"extractvalue(1,concat(0x7e,version()))",
		"name, (select sleep(5))",
		"name desc -- x",
		"name desc; drop table x",
		"`tabUser`.`name` desc,extractvalue(1,1)",
		"if(1=1,name,modified)",
		"name/**/desc",
		"name desc #",
		"1",
		"`tab`x`.`name`",
		"name collate utf8_bin",
	],
)
def test_an_order_that_is_more_than_columns_is_refused(order_by: str):
	with pytest.raises(UnsafeArgument):
		check_order_by("order_by", order_by)


@pytest.mark.parametrize(
	"fields",
	[
		"*",
		["*"],
		["name", "`tabDossier`.`code`", "`tabDossier`.*"],
		["count(`tabDossier`.`name`) as total_count", "sum(amount) as total", "COUNT(*) as n"],
		["`tabDossier Fee`.`amount` as 'Dossier Fee:amount'", "procedure.procedure_name as procedure_name"],
		[{"COUNT": "*", "as": "total"}],
		json.dumps(["name", "modified"]),
		"name, status",
	],
)
def test_the_fields_the_desk_asks_for_pass(fields):
	check_fields("fields", fields)


@pytest.mark.parametrize(
	"fields",
	[
		["version()"],
		["name, (select password from `__Auth`)"],
		["(select 1) as x"],
		["sleep(3)"],
		["count(name) + version() as x"],
		["name as `x`, version() as `y`"],
		["@@version"],
		[{"SLEEP(5)": "name"}],
		[{"COUNT": "name) from tabUser--"}],
		json.dumps(json.dumps(["sleep(1)"])),
	],
)
def test_a_field_that_is_more_than_a_column_is_refused(fields):
	with pytest.raises(UnsafeArgument):
		check_fields("fields", fields)


@pytest.mark.parametrize(
	"filters",
	[
		{"name": "x'; drop table"},
		{"status": ["in", ["Draft", "Received"]]},
		[["Dossier", "status", "=", "Draft"], ["due_at", "between", ["2026-01-01", "2026-02-01"]]],
		[["Dossier", "status", "=", "Draft", False]],
		'[["unit","descendants of","H47"]]',
		"HS-0001",
		"{}",
		"[]",
	],
)
def test_the_filters_the_desk_asks_for_pass(filters):
	check_filters("filters", filters)


@pytest.mark.parametrize(
	"filters",
	[
		["1=1) union select password from `__Auth`"],
		["name", "=", "x"],
		{"ifnull(name,'')": "x"},
		[["name", "= 1 or 1=1 --", "x"]],
		[["Dossier` union select", "name", "=", "x"]],
		{"name": {"a": 1}},
		{"name": ["=", {"x": 1}]},
		'"[\\"1=1\\"]"',
		[["name", "="]],
	],
)
def test_a_filter_that_could_be_sql_is_refused(filters):
	with pytest.raises(UnsafeArgument):
		check_filters("filters", filters)


@given(st.text(min_size=1))
def test_what_passes_as_an_order_holds_only_columns_and_directions(text: str):
	try:
		check_order_by("order_by", text)
	except UnsafeArgument:
		return
	assert not set(text) & set("();'\"#\\@=") and "--" not in text.split("`")[0]


@given(st.recursive(st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_no_value_breaks_the_check_of_filters(value):
	for given_as in (value, json.dumps(value)):
		try:
			check_filters("filters", given_as)
		except UnsafeArgument:
			pass


@pytest.mark.parametrize("switch", ["debug", "ignore_permissions", "return_query"])
def test_switches_of_the_server_cannot_be_turned_on_by_a_caller(switch: str):
	check_arguments({switch: 0})
	with pytest.raises(UnsafeArgument):
		check_arguments({switch: "1"})


def test_a_calendar_begins_at_a_day_and_a_list_at_a_number():
	for start in ("20", 0, "2026-11-25", "2026-11-25 00:00:00", "2026-11-25T00:00:00"):
		check_arguments({"start": start})
	for start in ("2026-11-25; drop table x", "x", "2026-11-25 or 1"):
		with pytest.raises(UnsafeArgument):
			check_arguments({"start": start})


def test_filters_of_reports_keep_their_own_meaning_but_not_their_own_names():
	check_arguments({"filters": '{"units": ["a", "b", "c"]}'}, own_filters=True)
	with pytest.raises(UnsafeArgument):
		check_arguments({"filters": '{"a) or (1": "x"}'}, own_filters=True)


@pytest.mark.parametrize("own_filters", [True, False])
@pytest.mark.parametrize("argument", ["filters", "or_filters", "current_filters"])
def test_rows_of_filters_never_hold_sql_whoever_they_are_for(argument: str, own_filters: bool):
	check_arguments({argument: '[["Note", "name", "=", "x"]]'}, own_filters=own_filters)
	with pytest.raises(UnsafeArgument):
		check_arguments({argument: '["1=1 or sleep(2)"]'}, own_filters=own_filters)


def test_charts_of_reports_keep_the_filters_of_their_report():
	chart = {"chart_type": "Report", "filters_json": '{"units": ["a", "b", "c"]}'}
	check_document("chart", chart)
	for unsafe in ({"chart_type": "Sum"}, {"filters_json": '["1=1"]'}, {"based_on": "sleep(2)"}):
		with pytest.raises(UnsafeArgument):
			check_document("chart", {**chart, **unsafe})


@pytest.mark.parametrize("address", ["/", "/ho-so", "/ho-so?x=1#y", "/app/dossier/abc"])
def test_addresses_of_this_site_are_local(address: str):
	assert is_local_address(address)


@pytest.mark.parametrize(
	"address",
	[
		"//evil.example",
		"/\\evil.example",
		"https://evil.example/",
		"javascript:alert(1)",
		"",
		"ho-so",
		"/\t/evil",
	],
)
def test_any_other_address_is_not(address: str):
	assert not is_local_address(address)
