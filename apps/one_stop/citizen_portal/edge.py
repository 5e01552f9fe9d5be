"""The edge: what a request really calls, and whether its caller may (deny by default).

`guard` runs last of all authentication, on every request that reaches Python, in Frappe 15 and 16. Guests and
citizens reach what `edge_allowlist.csv` names and nothing else, whatever Frappe ships; staff reach the methods it
names, and of pages and documents what Frappe's own permissions let them. Arguments, redirects and the origin of a
request are checked for everybody.
"""

import json
import re
from dataclasses import dataclass, field
from typing import NoReturn
from urllib.parse import quote, urlsplit

import frappe
from frappe import _
from werkzeug.exceptions import BadRequest, Forbidden, HTTPException, NotFound
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from one_stop import permissions
from one_stop.citizen_portal import allowlist
from one_stop.citizen_portal.strict_arguments import (
	UnsafeArgument,
	check_arguments,
	check_document,
	is_local_address,
)

SAFE_VERBS = ("GET", "HEAD", "OPTIONS")
REDIRECT_ARGUMENTS = ("redirect-to", "redirect_to", "next")

# Methods of Frappe that call another method named in an argument, by the last part of their name.
DISPATCHERS = {
	"search_link": ("query",),
	"search_widget": ("query",),
	"get_all_nodes": ("tree_method",),
	"make_mapped_doc": ("method",),
	"map_docs": ("method",),
	"upload_file": ("method",),
	"uploadfile": ("method",),
	"run_doc_method": (),
	"runserverobj": (),
}
# Their filters are given to a report or a method, which gives them its own meaning.
OWN_FILTERS = ("frappe.desk.query_report.", "frappe.core.doctype.prepared_report.", "one_stop.")
SEARCHES = frozenset({"frappe.desk.search.search_link", "frappe.desk.search.search_widget"})
# Ours in the place of one of Frappe's: its filters are Frappe's.
FILTERS_OF_FRAPPE = frozenset({"one_stop.api.permitted.get_count"})
# Of our own methods only the words of the query language are checked: `field` is a field of procedures.
OURS_CHECKED = ("order_by", "group_by", "fields", "filters", "or_filters", "ignore_permissions", "debug")

# Documents with personal facts at a higher permission level, masked for who does not need them.
WITH_MASKED_FIELDS = frozenset({"Dossier", "Dossier Answer", "Dossier Event"})
# Templates for import with data in them, which look at no permission level of the fields of rows.
TEMPLATES = frozenset(
	{
		"frappe.core.doctype.data_export.exporter.export_data",
		"frappe.core.doctype.data_import.data_import.download_template",
	}
)
WORD = re.compile(r"\w+")
# The arguments by which a list is filtered, sorted, grouped or counted.
ASKED_BY = (
	"filters",
	"or_filters",
	"current_filters",
	"order_by",
	"group_by",
	"searchfield",
	"aggregate_on_field",
	"sort_field",
	"filter_fields",
	"field",
	"stats",
	"chart",
)
# By these words methods of Frappe name the document they are about.
DOCTYPE_ARGUMENTS = ("doctype", "dt", "reference_doctype", "document_type", "ref_doctype")
NAME_ARGUMENTS = ("name", "docname", "dn", "doc_name", "reference_name", "document_name", "document")
# By these some name one or several, and others something else: they say which documents might be meant.
MAYBE_NAMES = ("value", "names", "docnames", "docs", "items", "ref_docname")
# Switches of Frappe's link fields that leave permissions out; of no use where everybody sees what is theirs.
NOT_FROM_OUTSIDE = ("ignore_user_permissions",)
# Methods of Frappe that act for whomever their argument names.
FOR_A_USER = frozenset(
	{
		"frappe.desk.doctype.dashboard_settings.dashboard_settings.create_dashboard_settings",
		"frappe.desk.doctype.event.event.get_events",
		"frappe.desk.doctype.notification_settings.notification_settings.set_seen_value",
	}
)
# Methods that print whatever document they are given.
PRINTS = frozenset(
	{"frappe.www.printview.get_html_and_style", "frappe.www.printview.get_rendered_raw_commands"}
)

PAGE_HEADERS = {
	"Content-Security-Policy": "frame-ancestors 'self'; object-src 'none'; base-uri 'self'",
	"Permissions-Policy": "camera=(self), microphone=(), geolocation=(), payment=()",
}
STRICT_TRANSPORT = "max-age=31536000"


class UnsafeRequestError(frappe.ValidationError):
	"""Arguments that no page of ours and no part of the desk sends."""

	http_status_code = 400


class NotOnTheListError(frappe.PermissionError):
	"""Somebody called what the allow-list does not name for them."""


class ForeignOriginError(frappe.PermissionError):
	"""A page of another site tried to act in the name of whoever is signed in here."""


class UnseenDocumentError(frappe.PermissionError):
	"""A method of Frappe was to do something with a document of ours that the caller may not read."""


class UnreadableColumnError(frappe.PermissionError):
	"""A list was to be filtered, sorted, grouped or filled in by a field the caller may not read."""


@dataclass(frozen=True)
class Call:
	"""What a request reaches: a page or file by its path, or methods and documents."""

	kind: str
	path: str
	methods: tuple[str, ...] = ()
	doctypes: tuple[str, ...] = ()
	name: str | None = None
	unknown: bool = False
	writes_document: bool = False
	arguments: dict = field(default_factory=dict)

	@property
	def method(self) -> str | None:
		return self.methods[0] if self.methods else None


def resolve(path: str, verb: str, arguments: dict) -> Call:
	"""The effective methods and DocTypes of a request, in the order in which Frappe looks for them.

	:param path: decoded path of the request
	:param arguments: query, form and JSON body together, as Frappe reads them (`form_dict`)
	"""
	if command := arguments.get("cmd"):
		return _method_call(path, str(command), arguments)
	if not path.startswith("/api/"):
		return Call("file" if path.startswith(("/private/", "/backups")) else "page", path)
	parts = path.strip("/").split("/")[1:]
	version = parts.pop(0) if parts[:1] in (["v1"], ["v2"]) else "v1"
	kind, rest = (parts[0], parts[1:]) if parts else ("", [])
	if version == "v2" and kind == "method" and len(rest) == 2:
		return Call("method", path, (rest[1],), (rest[0],), arguments=arguments)
	if kind == "method" and rest:
		return _method_call(path, rest[0], arguments)
	if kind in ("resource", "document") and rest:
		return _document_call(path, verb, version, rest, arguments)
	if kind == "doctype" and rest:
		return Call("resource", path, doctypes=(rest[0],), arguments=arguments)
	return Call("unknown", path, unknown=True)


def _document_call(path: str, verb: str, version: str, rest: list[str], arguments: dict) -> Call:
	doctype, name = rest[0], "/".join(rest[1:]) or None
	methods = ()
	if version == "v2" and len(rest) >= 4 and rest[-2] == "method":
		methods, name = (rest[-1],), "/".join(rest[1:-2])
	elif name and "run_method" in arguments:
		methods = (str(arguments["run_method"]),)
	return Call(
		"resource",
		path,
		tuple(f"{doctype}.{method}" for method in methods),
		(doctype,),
		name,
		writes_document=verb not in SAFE_VERBS and not methods,
		arguments=arguments,
	)


def _method_call(path: str, command: str, arguments: dict) -> Call:
	methods, doctypes = [command], []
	last = command.rsplit(".", 1)[-1]
	for argument in DISPATCHERS.get(last, ()):
		if named := arguments.get(argument):
			methods.append(str(named))
	if last in ("run_doc_method", "runserverobj"):
		doctype = arguments.get("dt") or _doctype_of(arguments.get("docs"))
		methods.append(f"{doctype}.{arguments.get('method')}")
	for argument in ("doctype", "dt", "parent_doctype", "reference_doctype"):
		if isinstance(named := arguments.get(argument), str) and named:
			doctypes.append(named)
	return Call("method", path, tuple(methods), tuple(doctypes), arguments=arguments)


def _doctype_of(docs: object) -> str:
	docs = _decoded(docs)
	return str(docs.get("doctype", "")) if isinstance(docs, dict) else ""


def guard() -> None:
	"""Let the request pass, or refuse it (hook `auth_hooks`).

	:raises NotOnTheListError: a guest, citizen or member of staff called an unlisted method or document
	:raises UnsafeRequestError: an argument or redirect is not in order
	:raises ForeignOriginError: another site's page sent it
	:raises UnseenDocumentError: a method of Frappe names a document of ours that the caller may not read
	:raises UnreadableColumnError: a list is asked by a field that the caller may not read
	:raises NotFound: a guest or citizen asked for an unlisted page
	:raises Forbidden: a private file of a dossier that the caller does not work on
	"""
	request = frappe.local.request
	if request.method == "OPTIONS":
		return
	call = resolve(request.path, request.method, frappe.local.form_dict)
	frappe.local.one_stop_call = call
	refuse_foreign_origin(request, call)
	refuse_unsafe_redirects(request)
	refuse_unsafe_arguments(call)
	audience = audience_of(frappe.session.user)
	if audience != "staff":
		refuse_unlisted(call, audience)
	else:
		refuse_closed_files(call)
		if not permissions.manages_the_system(frappe.session.user):
			refuse_unlisted_methods(call)
			hold_to_the_caller(call)
		refuse_unseen_documents(call)
	refuse_unreadable_columns(call)


def audience_of(user: str) -> str:
	"""`guest`, `citizen` or `staff`. Kinds of users that an administrator invents count as citizens."""
	if not user or user == "Guest":
		return "guest"
	return "staff" if frappe.get_cached_value("User", user, "user_type") == "System User" else "citizen"


def lead_to_login() -> None:
	"""Send whoever opens a page of the desk without being signed in, from a mail for example, to sign in first."""
	there = quote(frappe.request.full_path.rstrip("?"))
	raise HTTPException(response=redirect(f"/login?redirect-to={there}", 302))


def refuse_unlisted(call: Call, audience: str) -> None:
	if call.kind in ("page", "file"):
		path = "/" + call.path.strip("/")
		if audience == "guest" and path.split("/")[1] in ("app", "desk") and frappe.request.method == "GET":
			lead_to_login()
		if not allowlist.allows("page", path, audience):
			raise NotFound(response=refusal(404, _("There is no such page.")))
		return
	listed = not call.unknown
	if call.kind == "method":
		listed = all(allowlist.allows("method", method, audience) for method in call.methods)
	elif call.kind == "resource":
		listed = not call.methods and allowlist.allows("resource", call.doctypes[0], audience)
	if not listed:
		frappe.flags.disable_traceback = True
		if audience == "guest" and frappe.request.cookies.get("sid") not in (None, "", "Guest"):
			# The desk then asks to sign in again instead of showing an error.
			frappe.local.response["session_expired"] = 1
		if not call.path.startswith("/api/"):
			raise Forbidden(response=refusal(403, _("Not permitted")))
		_refuse(NotOnTheListError)


def refuse_unlisted_methods(call: Call) -> None:
	"""Of pages and documents of the desk Frappe's permissions decide; of its methods, several hundred, not all ask."""
	if not all(allowlist.allows("method", method, "staff") for method in call.methods):
		_refuse(NotOnTheListError)


def hold_to_the_caller(call: Call) -> None:
	"""Take from the arguments what would make a method of Frappe act beyond its caller's rights, or for somebody else.

	:raises UnsafeRequestError: one that no part of the desk sends
	"""
	arguments = frappe.local.form_dict
	for switch in NOT_FROM_OUTSIDE:
		arguments.pop(switch, None)
	if FOR_A_USER & set(call.methods):
		arguments["user"] = frappe.session.user
	if call.method == "frappe.client.get" and arguments.get("filters") and not arguments.get("name"):
		# It says whether there is such a document before it asks who may read it.
		_refuse_argument("filters")
	if call.method == "frappe.desk.query_report.run" and _decoded(arguments.get("custom_columns")):
		# It fills them in from documents the caller may not see.
		_refuse_argument("custom_columns")
	if PRINTS & set(call.methods):
		_print_what_is_stored(arguments)


def _print_what_is_stored(arguments: dict) -> None:
	given = _decoded(arguments.get("doc"))
	if isinstance(given, dict):
		doctype, name = str(given.get("doctype") or ""), str(given.get("name") or "")
		if not doctype or not frappe.db.exists(doctype, name):
			_refuse_argument("doc")
		arguments.update(doc=doctype, name=name)


def _refuse(error: type[Exception], message: str | None = None) -> NoReturn:
	"""Refuse a call without a traceback, which would tell how it was judged. :raises Exception: the error given"""
	frappe.flags.disable_traceback = True
	raise error(message or _("Not permitted")) from None


def _refuse_argument(argument: str) -> NoReturn:
	_refuse(UnsafeRequestError, _not_accepted(argument))


def _not_accepted(argument: str) -> str:
	return _("The argument {0} is not in an accepted form.").format(argument)


def _decoded(value: object) -> object:
	"""What stands behind a JSON text, and behind JSON texts in it."""
	if isinstance(value, str):
		try:
			inner = json.loads(value)
		except (ValueError, RecursionError):
			return value
		if isinstance(inner, dict | list):
			return _decoded(inner)
		# Some names look like numbers, and would not be found by what these come to.
		return inner if inner is None or isinstance(inner, str) else value
	if isinstance(value, dict):
		return {key: _decoded(inner) for key, inner in value.items()}
	if isinstance(value, list):
		return [_decoded(inner) for inner in value]
	return value


def refuse_foreign_origin(request, call: Call) -> None:
	"""A browser says where a request comes from; Frappe's token alone does not protect guests' forms."""
	allowed = frappe.conf.allow_cors
	origin = request.headers.get("Origin")
	if request.method not in SAFE_VERBS and origin and allowed != "*":
		if origin not in (allowed or []) and urlsplit(origin).netloc != request.host:
			_refuse_origin()
	foreign = request.headers.get("Sec-Fetch-Site") == "cross-site"
	if foreign and not allowed:
		if request.method not in SAFE_VERBS:
			_refuse_origin()
		# A link on another page must not call a method in the name of whoever follows it.
		if call.kind in ("method", "resource") and not allowlist.allows("method", call.method or "", "guest"):
			_refuse_origin()


def _refuse_origin() -> NoReturn:
	_refuse(ForeignOriginError, _("This request came from another website and was refused."))


def refuse_unsafe_redirects(request) -> None:
	for argument in REDIRECT_ARGUMENTS:
		for given in (request.args.get(argument), frappe.local.form_dict.get(argument)):
			if given and not is_local_address(str(given)):
				raise BadRequest(
					response=refusal(400, _("The address to go on to is not part of this site."))
				)


def refuse_unsafe_arguments(call: Call) -> None:
	if call.kind not in ("method", "resource") or call.writes_document:
		return
	arguments = call.arguments
	if call.method and call.method.startswith("one_stop."):
		arguments = {name: arguments[name] for name in OURS_CHECKED if name in arguments}
	try:
		check_arguments({**arguments, **_path_doctypes(call)}, _has_own_filters(call))
	except UnsafeArgument as refused:
		if not call.path.startswith("/api/"):
			frappe.flags.disable_traceback = True
			raise BadRequest(response=refusal(400, _not_accepted(refused.argument))) from None
		_refuse_argument(refused.argument)


def _has_own_filters(call: Call) -> bool:
	"""Judged by what is called, never by an argument that Frappe would drop unread."""
	if call.kind != "method" or not call.method or call.method in FILTERS_OF_FRAPPE:
		return False
	if call.method in SEARCHES:
		return bool(call.arguments.get("query"))
	return call.method.startswith(OWN_FILTERS)


def refuse_unreadable_columns(call: Call) -> None:
	"""Frappe leaves fields of a higher permission level out of its answers, but filters and sorts by them, so
	that a list asked for by guesses tells what they hold."""
	if call.kind not in ("method", "resource") or call.writes_document:
		return
	if TEMPLATES & set(call.methods):
		whole = str(call.arguments.get("doctype")) + str(call.arguments.get("parent_doctype"))
		if "Dossier" in whole and any(map(permissions.unreadable_columns, ("Dossier", "Dossier Answer"))):
			_refuse(UnreadableColumnError)
	asked = " ".join(str(_decoded(call.arguments[name])) for name in ASKED_BY if call.arguments.get(name))
	if asked and _names_unreadable_column(asked, (*call.doctypes, str(_decoded(call.arguments)))):
		_refuse(UnreadableColumnError)


def _names_unreadable_column(asked: str, where: tuple[str, ...]) -> bool:
	"""Whether a text asks by a field that the caller may not read, of a DocType named in it or somewhere else."""
	words = set(WORD.findall(asked))
	named = {doctype for doctype in WITH_MASKED_FIELDS for text in (asked, *where) if doctype in text}
	return any(words & permissions.unreadable_columns(doctype) for doctype in named & WITH_MASKED_FIELDS)


def refuse_closed_files(call: Call) -> None:
	"""Frappe hands out a private file by its own rule alone and asks no hook; here the hook is asked."""
	address = call.path if call.kind == "file" else str(call.arguments.get("file_url") or "")
	if not address.startswith("/private/files/") or call.writes_document:
		return
	names = frappe.get_all(
		"File", filters={"file_url": address, "attached_to_doctype": "Dossier"}, pluck="name"
	)
	if names and not any(frappe.has_permission("File", "read", doc=name) for name in names):
		frappe.flags.disable_traceback = True
		raise Forbidden(response=refusal(403, _("Not permitted")))


def refuse_unseen_documents(call: Call) -> None:
	"""Frappe's methods that like, tag, follow or share a document, or list what hangs on it, do not all ask whether
	their caller may read it. Ours check for themselves, and so do documents through the REST interface."""
	if call.kind != "method" or not call.method or call.method.startswith("one_stop."):
		return
	named = [str(call.arguments[one]) for one in DOCTYPE_ARGUMENTS if call.arguments.get(one)]
	scoped = set(named) & frappe.get_hooks("has_permission").keys()
	names = _names_in(call.arguments) if scoped else ()
	for doctype in scoped:
		for name in names:
			if frappe.db.exists(doctype, name) and not frappe.has_permission(doctype, "read", doc=name):
				_refuse(UnseenDocumentError)


def _names_in(arguments: dict) -> set[str]:
	"""The names of documents in a call, alone or in lists. :raises UnsafeRequestError: filters in a name's place"""
	found: set[str] = set()
	for argument in (*NAME_ARGUMENTS, *MAYBE_NAMES):
		value = _decoded(arguments.get(argument))
		for part in value if isinstance(value, list) else [value]:
			if isinstance(part, dict):
				# The document itself, as the desk saves it; a name that is none would be taken for filters.
				if argument not in ("docs", "value"):
					_refuse_argument(argument)
			elif part not in (None, ""):
				found.add(str(part))
	return found


def _path_doctypes(call: Call) -> dict:
	return {"doctype": call.doctypes[0]} if call.kind == "resource" else {}


def refusal(status: int, message: str) -> Response:
	"""A short answer: JSON for scripts, a plain page for people."""
	request = frappe.local.request
	if request.path.startswith("/api/") or "application/json" in request.headers.get("Accept", ""):
		body = {"exc_type": "PermissionError", "message": message, **frappe.local.response}
		body, kind = json.dumps({name: value for name, value in body.items() if value}), "application/json"
	else:
		from one_stop.citizen_portal.rendering import error_page, policy

		page = error_page(status, message)
		response = Response(page, status=status, content_type="text/html; charset=utf-8")
		response.headers["Content-Security-Policy"] = policy()
		complete_headers(response, request)
		return response
	response = Response(body, status=status, content_type=kind)
	complete_headers(response, request)
	return response


def after_request(response, request) -> None:
	"""Last look at every answer: headers, and no redirect that leaves this site unless our code meant it."""
	if response is None:
		return
	complete_headers(response, request)
	location = response.headers.get("Location")
	if location and 300 <= response.status_code < 400 and not _stays_here(location, request):
		if location != getattr(frappe.local, "one_stop_way_out", None):
			response.headers["Location"] = "/"


def _stays_here(location: str, request) -> bool:
	parts = urlsplit(location)
	if not parts.scheme and not parts.netloc:
		return is_local_address(location) or not location.startswith(("/", "\\"))
	return parts.scheme in ("http", "https") and parts.netloc in (request.host, _own_host())


def _own_host() -> str:
	return urlsplit(frappe.utils.get_url()).netloc


def complete_headers(response, request) -> None:
	for name, value in PAGE_HEADERS.items():
		response.headers.setdefault(name, value)
	if request.headers.get("X-Forwarded-Proto") == "https" or request.scheme == "https":
		response.headers.setdefault("Strict-Transport-Security", STRICT_TRANSPORT)
	if request.path.startswith("/api/") or frappe.session.user not in (None, "Guest"):
		response.headers.setdefault("Cache-Control", "no-store")


def refuse_unsafe_queries(doc, method: str | None = None) -> None:
	"""Whoever works here may keep a chart, whose query Frappe builds from its words (hook `validate`).

	:raises UnsafeRequestError: one of them is more than a column or an operator
	:raises UnreadableColumnError: it counts by a field that its author may not read
	"""
	values = doc.as_dict(no_default_fields=True)
	try:
		check_document(doc.doctype, values)
	except UnsafeArgument as refused:
		raise UnsafeRequestError(_not_accepted(refused.argument)) from None
	if _names_unreadable_column(str(values), (doc.get("document_type") or "",)):
		_refuse(UnreadableColumnError)


def refuse_login_by_another_way(login_manager) -> None:
	"""`cmd=login` signs in on any address and so passes nginx's limits by (hook `on_login`)."""
	request = getattr(frappe.local, "request", None)
	if (
		request
		and frappe.form_dict.get("cmd") == "login"
		and request.path not in ("/api/method/login", "/login")
	):
		login_manager.fail("Invalid login credentials", user=login_manager.user)
