"""Templates that people store cannot reach the database, files or other machines (hook `validate`).

Frappe draws print formats, notifications and pages with an environment that holds queries and HTTP; whoever may write
one could read everything. What is stored through the desk is looked at here; what apps bring with them is theirs.

A template is read as Jinja reads it and judged by what it calls: words, numbers and dates, methods of plain values,
macros of its own. `frappe` stands for itself nowhere, so that no name, filter or subscript leads on from it.
"""

import json
import re
from collections.abc import Iterator

import frappe
from frappe import _
from jinja2 import Environment, TemplateSyntaxError, nodes

FIELDS = {
	"Print Format": ("html", "raw_commands", "format_data"),
	"Notification": ("subject", "message"),
	"Email Template": ("subject", "response", "response_html"),
	"Letter Head": ("content", "footer"),
	"Web Page": ("main_section", "main_section_html", "context_script"),
	"Web Template": ("template",),
	"Address Template": ("template",),
	"Terms and Conditions": ("terms",),
	"Auto Repeat": ("subject", "message"),
	"Assignment Rule": ("description", "close_condition_description"),
}
# What a template may take from `frappe`: words, numbers and dates.
HARMLESS = frozenset(
	{"_", "format", "format_value", "format_date", "utils", "bold", "scrub", "unscrub", "lang"}
)
# Of `frappe.utils` what computes and neither reads files nor looks anything up.
OF_UTILS = frozenset(
	"""
	add_days add_months add_to_date add_years ceil cint comma_and comma_or comma_sep cstr date_diff
	escape_html floor flt fmt_money format_date format_datetime format_duration format_time formatdate
	get_absolute_url get_datetime get_first_day get_last_day get_time get_url get_url_to_form get_weekday
	getdate global_date_format in_words markdown md_to_html money_in_words month_diff new_line_sep now
	now_datetime nowdate nowtime pretty_date rounded strip strip_html time_diff time_diff_in_hours
	time_diff_in_seconds to_markdown today unique
	""".split()
)
# Methods of texts, lists, tables, dates and of the document that only show something.
METHODS = frozenset(
	"""
	append as_dict capitalize count cycle date endswith extend find format get get_formatted index isdigit
	isoformat items join keys lower lstrip replace rsplit rstrip split splitlines startswith strftime strip
	time title update upper values weekday year zfill pop
	""".split()
)
FUNCTIONS = frozenset(
	{"_", "range", "namespace", "cycler", "joiner", "caller", "super", "cint", "flt", "resolve_class"}
)
# Ours for print formats; they show the document that is printed and no other.
OF_THE_DOCUMENT = frozenset({"official_form", "award_certificate"})
# Values that hold a way out, by whatever name they are called.
FORBIDDEN_NAMES = frozenset(
	{"FrappeClient", "run_script", "json", "dict", "_dict", "log", "get_doc", "get_all"}
)
OURS = re.compile(r"one_stop/(?:[a-z_]+/)+[a-z_]+\.html$")
FORBIDDEN_FILTERS = frozenset({"attr"})
FORBIDDEN_ATTRIBUTES = frozenset({"db", "session", "socketio_port", "flags", "meta"})


class TemplateRefused(frappe.ValidationError):
	"""A stored template that asks for more than its document."""


def refuse_reaching_out(doc, method: str | None = None) -> None:
	""":raises TemplateRefused: the template names a query, a request to another machine or an inner attribute"""
	ours = doc.get("standard") == "Yes" and frappe.conf.developer_mode
	if frappe.flags.in_install or frappe.flags.in_migrate or frappe.flags.in_patch or ours:
		return
	for fieldname in FIELDS.get(doc.doctype, ()):
		for text in texts_in(doc.get(fieldname)):
			if found := reaches_out(text):
				frappe.throw(
					_("{0}: templates may not use “{1}”.").format(_(doc.meta.get_label(fieldname)), found),
					TemplateRefused,
				)


def texts_in(value: object) -> Iterator[str]:
	"""The templates in a field: its text, or every text of the layout that it holds as JSON."""
	if isinstance(value, str) and "{" in value:
		try:
			inner = json.loads(value)
		except ValueError:
			inner = None
		if isinstance(inner, dict | list):
			yield from texts_in(inner)
		else:
			yield value
	elif isinstance(value, dict | list):
		for part in value.values() if isinstance(value, dict) else value:
			yield from texts_in(part)


def reaches_out(text: str) -> str:
	"""The first name that leads out of the document; "" where there is none or the text is no template."""
	try:
		tree = Environment().parse(text)
	except TemplateSyntaxError:
		return ""
	macros = {macro.name for macro in tree.find_all(nodes.Macro)}
	for brought in tree.find_all(nodes.FromImport):
		macros |= {name[1] if isinstance(name, tuple) else name for name in brought.names}
	# `frappe` may stand where one of its harmless names follows, and nowhere else.
	led_on = {
		id(node.node)
		for node in tree.find_all(nodes.Getattr)
		if node.attr in HARMLESS and _is(node.node, "frappe")
	}
	# `frappe.utils` likewise.
	led_on |= {
		id(node.node)
		for node in tree.find_all(nodes.Getattr)
		if node.attr in OF_UTILS and _is_utils(node.node)
	}
	for node in tree.find_all(nodes.Node):
		if found := _way_out(node, led_on, macros):
			return found
	return ""


def _way_out(node: nodes.Node, led_on: set[int], macros: set[str]) -> str:
	match node:
		case nodes.Name():
			if node.name == "frappe" and (node.ctx != "load" or id(node) not in led_on):
				return "frappe"
			if node.name.startswith("__") or node.name in FORBIDDEN_NAMES:
				return node.name
			if node.ctx != "load" and node.name in (*FUNCTIONS, *OF_THE_DOCUMENT, "doc"):
				return node.name
		case nodes.Getattr():
			if node.attr.startswith("__") or node.attr in FORBIDDEN_ATTRIBUTES:
				return node.attr
			if _is_utils(node) and id(node) not in led_on:
				return "frappe.utils"
		case nodes.Getitem():
			if isinstance(node.arg, nodes.Const) and str(node.arg.value).startswith("__"):
				return str(node.arg.value)
		case nodes.Call():
			return "" if _may_be_called(node, led_on, macros) else _called(node.node)
		case nodes.Filter() | nodes.Test():
			if node.name in FORBIDDEN_FILTERS or _filters_by_attr(node):
				return node.name
		case nodes.Include() | nodes.Import() | nodes.FromImport() | nodes.Extends():
			# Frappe's own pieces draw what they are given as templates once more; ours show it.
			if not isinstance(node.template, nodes.Const) or not OURS.match(str(node.template.value)):
				return "include"
	return ""


def _may_be_called(call: nodes.Call, led_on: set[int], macros: set[str]) -> bool:
	called = call.node
	if isinstance(called, nodes.Name):
		if called.name in OF_THE_DOCUMENT:
			return bool(call.args) and _is(call.args[0], "doc")
		return called.name in FUNCTIONS or called.name in macros
	if isinstance(called, nodes.Getattr):
		return id(called.node) in led_on or called.attr in METHODS
	return False


def _called(node: nodes.Node) -> str:
	return getattr(node, "attr", None) or getattr(node, "name", None) or "()"


def _filters_by_attr(node: nodes.Node) -> bool:
	"""`map("attr", …)` and the like: a filter named in an argument."""
	return any(isinstance(arg, nodes.Const) and arg.value in FORBIDDEN_FILTERS for arg in node.args or ())


def _is(node: nodes.Node, name: str) -> bool:
	return isinstance(node, nodes.Name) and node.name == name


def _is_utils(node: nodes.Node) -> bool:
	return isinstance(node, nodes.Getattr) and node.attr == "utils" and _is(node.node, "frappe")


def refuse_scripts(doc, method: str | None = None) -> None:
	"""Server Scripts stay off, whatever the site's configuration says (hook `validate` of Server Script)."""
	frappe.throw(_("Server scripts are not used on this site: changes belong into the app."), TemplateRefused)
