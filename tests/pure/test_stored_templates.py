"""Texts that administrators store: no way from a template to the database (security.md)."""

import pytest

from one_stop.citizen_portal.stored_templates import reaches_out
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
	],
)
def test_a_stored_template_that_reaches_out_is_seen(text: str):
	assert reaches_out(text)


@pytest.mark.parametrize(
	"text", ["{{ doc.name }}", "{{ _('Due') }} {{ frappe.format(doc.due_at) }}", "plain { text", "{{ broken"]
)
def test_an_ordinary_template_passes(text: str):
	assert reaches_out(text) == ""


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
