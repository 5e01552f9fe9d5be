"""Templates that people store cannot reach the database, files or other machines (hook `validate`).

Frappe draws print formats, notifications and pages with an environment that holds queries and HTTP; whoever may write
one could read everything. What is stored through the desk is looked at here; what apps bring with them is theirs.
"""

import frappe
from frappe import _
from jinja2 import Environment, TemplateSyntaxError, nodes

FIELDS = {
	"Print Format": ("html", "raw_commands"),
	"Notification": ("subject", "message"),
	"Email Template": ("subject", "response", "response_html"),
	"Letter Head": ("content", "footer"),
	"Web Page": ("main_section", "main_section_html", "context_script"),
	"Web Template": ("template",),
	"Address Template": ("template",),
	"Terms and Conditions": ("terms",),
}
# What a template may call on `frappe`: words, numbers and dates.
HARMLESS = frozenset(
	{"_", "format", "format_value", "format_date", "utils", "bold", "scrub", "unscrub", "lang"}
)
FORBIDDEN_NAMES = frozenset(
	{
		"get_doc",
		"get_all",
		"get_list",
		"db",
		"session",
		"socketio_port",
		"call",
		"enqueue",
		"make_get_request",
		"render_template",
	}
)


class TemplateRefused(frappe.ValidationError):
	"""A stored template that asks for more than its document."""


def refuse_reaching_out(doc, method: str | None = None) -> None:
	""":raises TemplateRefused: the template names a query, a request to another machine or an inner attribute"""
	if (
		frappe.flags.in_install
		or frappe.flags.in_migrate
		or frappe.flags.in_import
		or doc.get("standard") == "Yes"
	):
		return
	for fieldname in FIELDS.get(doc.doctype, ()):
		text = doc.get(fieldname)
		if text and ("{" in text) and (found := reaches_out(text)):
			frappe.throw(
				_("{0}: templates may not use “{1}”.").format(_(doc.meta.get_label(fieldname)), found),
				TemplateRefused,
			)


def reaches_out(text: str) -> str:
	"""The first name that leads out of the document; "" where there is none or the text is no template."""
	try:
		tree = Environment().parse(text)
	except TemplateSyntaxError:
		return ""
	for node in tree.find_all((nodes.Getattr, nodes.Name, nodes.Getitem)):
		name = (
			node.attr
			if isinstance(node, nodes.Getattr)
			else node.name
			if isinstance(node, nodes.Name)
			else ""
		)
		if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const):
			name = str(node.arg.value)
		if name.startswith("__") or name in FORBIDDEN_NAMES:
			return name
		if (
			isinstance(node, nodes.Getattr)
			and isinstance(node.node, nodes.Name)
			and node.node.name == "frappe"
		):
			if name not in HARMLESS:
				return f"frappe.{name}"
	return ""


def refuse_scripts(doc, method: str | None = None) -> None:
	"""Server Scripts stay off, whatever the site's configuration says (hook `validate` of Server Script)."""
	frappe.throw(_("Server scripts are not used on this site: changes belong into the app."), TemplateRefused)
