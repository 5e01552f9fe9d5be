"""Texts that administrators store: no way from a template to the database (security.md)."""

import json
from pathlib import Path

import pytest

from one_stop.citizen_portal.stored_templates import reaches_out, texts_in
from one_stop.dossiers.text_blocks import TextBlockError, render


@pytest.mark.parametrize(
	"text",
	[
		"{{ frappe.get_all('User') }}",
		"{{ frappe.db.sql('select 1') }}",
		"{% set x = get_doc %}{{ x('User', 'Administrator') }}",
		"{{ frappe['db'] }}",
		"{{ doc.__class__.__mro__ }}",
		"{{ doc['__class__'] }}",
		"{{ frappe.make_get_request('http://127.0.0.1') }}",
		"{{ frappe.session.user }}",
		'{{ frappe["d" ~ "b"].sql("select name from tabUser") }}',
		'{{ (frappe|attr("db")).sql("select 1") }}',
		'{% set f = frappe %}{{ f.get_cached_doc("User", "x") }}',
		'{% with f = frappe %}{{ f.get_cached_doc("User", "x") }}{% endwith %}',
		'{% for f in [frappe] %}{{ f.get_cached_doc("User", "x") }}{% endfor %}',
		'{% macro m(f) %}{{ f.get_cached_doc("User", "x") }}{% endmacro %}{{ m(frappe) }}',
		'{{ frappe["get_cached_doc"]("User", "x") }}',
		'{{ [frappe]|map(attribute="get_all")|first }}',
		'{{ ([doc]|map(attribute="delete")|first)() }}',
		'{% set f = [doc]|map(attribute="delete")|first %}{{ f() }}',
		'{{ [doc]|map("attr", "delete")|list }}',
		'{{ doc["del" ~ "ete"]() }}',
		"{{ doc.delete() }}",
		'{{ doc.db_set("status", "Finished") }}',
		'{% from "templates/print_formats/standard_macros.html" import render_field %}',
		'{% include "one_stop/templates/../../x.html" %}',
		"{% call doc.delete() %}{% endcall %}",
		'{{ frappe.utils["get" ~ "_url"]() }}',
		"{% set u = frappe.utils %}{{ u.now() }}",
		'{{ frappe.utils.pdf_to_base64("/etc/passwd") }}',
		"{{ frappe.format.__globals__ }}",
		'{{ FrappeClient("http://x") }}',
		'{{ official_form(_dict(doctype="Dossier"), "Receipt") }}',
		"{% set doc = other %}{{ official_form(doc, 'Receipt') }}",
		'{% include "templates/includes/x.html" %}',
		'{% from "x" import y %}{{ y() }}',
	],
)
def test_a_stored_template_that_reaches_out_is_seen(text: str):
	assert reaches_out(text)


@pytest.mark.parametrize(
	"text",
	[
		"{{ doc.name }}",
		"{{ _('Due') }} {{ frappe.format(doc.due_at) }}",
		"plain { text",
		"{{ broken",
		'{{ doc.get_formatted("amount") }} {{ doc.code.split(".")[0]|upper }}',
		"{{ frappe.utils.formatdate(doc.due_at, 'dd/MM/yyyy') }} {{ frappe.utils.now() }}",
		"{% macro row(one) %}<td>{{ one.title }}</td>{% endmacro %}{% for one in doc.rows %}{{ row(one) }}{% endfor %}",
		"{{ doc.rows|sum(attribute='amount') }} {% for k, v in doc.data.items() %}{{ k }}{% endfor %}",
		'{%- set form = official_form(doc, "Receipt") -%}{{ form.title }}',
		"{{ doc.received_at.strftime('%d/%m/%Y') }}{{ loop.cycle('a', 'b') if loop else '' }}",
	],
)
def test_an_ordinary_template_passes(text: str):
	assert reaches_out(text) == ""


def test_the_texts_of_a_layout_are_templates_too():
	layout = json.dumps(
		[{"fieldname": "_custom_html", "options": "{{ frappe.db.sql('select 1') }}"}, {"x": 1}]
	)
	assert [text for text in texts_in(layout) if reaches_out(text)]
	assert not [text for text in texts_in(json.dumps([{"options": "{{ doc.name }}"}])) if reaches_out(text)]


def test_the_formats_we_ship_may_be_copied_and_changed():
	formats = list(Path("apps/one_stop").rglob("print_format/*/*.html"))
	assert len(formats) >= 6
	assert {
		path.name: reaches_out(path.read_text()) for path in formats if reaches_out(path.read_text())
	} == {}


@pytest.mark.parametrize(
	"text",
	[
		"{{ ''.__class__.__mro__ }}",
		"{{ name.__init__.__globals__ }}",
		"{% for x in range(10**9) %}{% endfor %}",
		"{{ unfinished",
	],
)
def test_the_wording_of_a_notice_runs_in_a_bare_sandbox(text: str):
	with pytest.raises(TextBlockError):
		render(text, {"name": "x"})


def test_every_notice_we_ship_renders_from_what_a_notice_knows():
	import csv

	from one_stop.citizen_portal import notices
	from one_stop.dossiers.text_blocks import check

	with notices.SEED.open(encoding="utf-8", newline="") as file:
		for row in csv.DictReader(file):
			for part in ("subject", "body", "sms"):
				check(row[part], notices.VALUES)


def test_what_a_citizen_wrote_is_no_template():
	assert render("{{ reason }}", {"reason": "{{ 7*7 }}"}) == "{{ 7*7 }}"
