"""Text blocks of letters: values and conditions, and nothing that could look or reach further."""

import pytest

from one_stop.dossiers import text_blocks
from one_stop.dossiers.text_blocks import (
	BlockForbids,
	BlockSyntaxWrong,
	BlockTooLong,
	TextBlockError,
	UnknownFilter,
	UnknownValue,
)

VALUES = {"applicant": "Nguyễn Văn Mẫu", "reason": "", "code": "001.01.40.H17-261125-0001"}


def test_values_and_conditions_are_put_in():
	block = "Kính gửi {{ applicant }}{% if reason %}, lý do {{ reason }}{% else %}.{% endif %}"
	assert text_blocks.render(block, VALUES) == "Kính gửi Nguyễn Văn Mẫu."


def test_lines_become_paragraphs_and_blank_ones_are_left_out():
	block = "Một\n\n{% if reason %}{{ reason }}{% endif %}\n{{ applicant | upper }}"
	assert text_blocks.paragraphs(block, VALUES) == ["Một", "NGUYỄN VĂN MẪU"]


def test_a_blank_block_is_blank():
	assert text_blocks.render(None, VALUES) == text_blocks.render("  \n", VALUES) == ""


def test_markup_stays_the_text_it_is():
	assert text_blocks.render("{{ applicant }}", {"applicant": "<b>{{ x }}</b>"}) == "<b>{{ x }}</b>"


@pytest.mark.parametrize(
	("block", "rule"),
	[
		("{{ applicant", BlockSyntaxWrong),
		("{% if reason %}", BlockSyntaxWrong),
		("{{ nobody }}", UnknownValue),
		("{% if nobody %}x{% endif %}", UnknownValue),
		("{{ frappe }}", UnknownValue),
		("{{ applicant | tojson }}", UnknownFilter),
		("{{ applicant | attr('x') }}", UnknownFilter),
		("{{ frappe.db.sql('select 1') }}", BlockForbids),
		("{{ applicant.__class__ }}", BlockForbids),
		("{{ applicant['__class__'] }}", BlockForbids),
		("{{ applicant.upper() }}", BlockForbids),
		("{{ 'x' * 1000000000 }}", BlockForbids),
		("{{ 2 ** 100000000 }}", BlockForbids),
		("{% for sign in applicant %}{{ sign }}{% endfor %}", BlockForbids),
		("{% set x = applicant %}{{ x }}", BlockForbids),
		("{% macro m() %}{% endmacro %}", BlockForbids),
		("{% include 'one_stop/hooks.py' %}", BlockForbids),
		("{% import 'x' as x %}", BlockForbids),
		("{% extends 'x' %}", BlockForbids),
		("{{ [applicant, code] }}", BlockForbids),
		("{{ lipsum() }}", BlockForbids),
		("{{ range(10) }}", BlockForbids),
		("x" * 4001, BlockTooLong),
	],
)
def test_anything_else_is_refused_before_it_runs(block: str, rule: type[TextBlockError]):
	with pytest.raises(rule):
		text_blocks.check(block, VALUES)


def test_an_error_says_where_and_what_is_possible():
	with pytest.raises(UnknownValue) as error:
		text_blocks.check("{{ nguoi_nop }}", VALUES)
	assert "nguoi_nop" in str(error.value) and "applicant" in str(error.value)
	with pytest.raises(BlockForbids) as error:
		text_blocks.check("một\nhai {{ applicant.upper() }}", VALUES)
	assert "2" in str(error.value)


def test_a_text_that_grows_without_end_is_refused():
	with pytest.raises(BlockTooLong):
		text_blocks.render("{{ applicant }}" * 200, {"applicant": "x" * 2000})
