"""Guests and citizens reach what the list names, and nothing else, whatever Frappe ships."""

import contextlib
import importlib
import inspect
import json
import pkgutil
import sys
import warnings

import pytest

from one_stop.citizen_portal import allowlist, routes

LISTED_FOR = {
	"guest": ("guest",),
	"citizen": ("guest", "citizen"),
	"officer": ("guest", "citizen", "staff"),
}


def whitelisted(connection, package: str) -> set[str]:
	"""Every whitelisted function of an app by every name it can be called by, also where it is only imported.

	Modules that want a library we lack have none.
	"""
	app = importlib.import_module(package)
	with warnings.catch_warnings():
		warnings.simplefilter("ignore")
		for module in pkgutil.walk_packages(app.__path__, package + ".", onerror=lambda name: None):
			if ".test" in module.name or ".patches." in module.name or "monkey" in module.name:
				continue
			with contextlib.suppress(Exception):
				importlib.import_module(module.name)
	modules = [module for name, module in sys.modules.items() if name.startswith(package + ".")]
	return {
		f"{module.__name__}.{name}"
		for module in modules
		for name, function in list(vars(module).items())
		if inspect.isfunction(function) and function in connection.whitelisted
	}


def listed(*audiences: str) -> set[str]:
	return {row.target for row in allowlist.entries() if row.kind == "method" and row.audience in audiences}


def test_every_line_of_the_list_has_its_reason():
	assert allowlist.entries()


def test_every_method_of_ours_stands_in_the_list(connection):
	missing = whitelisted(connection, "one_stop") - listed("guest", "citizen", "staff")
	assert not missing, f"Add to {allowlist.FILE.name}, with a reason: {sorted(missing)}"


def test_the_list_names_no_method_that_is_gone(connection):
	ours = {name for name in listed("guest", "citizen", "staff") if name.startswith("one_stop.")}
	assert not ours - whitelisted(connection, "one_stop")


def test_every_page_of_the_portal_stands_in_the_list():
	pages = {row.target for row in allowlist.entries() if row.kind == "page"}
	assert {route.listed_as for route in routes.ROUTES} <= pages


@pytest.mark.parametrize("audience", ["guest", "citizen", "officer"])
def test_no_other_whitelisted_method_answers(request, connection, audience: str):
	caller = request.getfixturevalue(audience)
	everything = whitelisted(connection, "frappe") | whitelisted(connection, "one_stop")
	assert len(everything) > 300
	reached = {}
	for method in sorted(everything - listed(*LISTED_FOR[audience])):
		answer = caller.get(f"/api/method/{method}")
		if answer.status_code != 403:
			reached[method] = answer.status_code
	assert not reached


@pytest.mark.parametrize(
	("path", "arguments"),
	[
		("/", {"cmd": "frappe.client.get_list", "doctype": "User"}),
		("/thu-tuc", {"cmd": "frappe.client.get_count", "doctype": "User"}),
		("/api/method/ping", {"cmd": "frappe.client.get_list", "doctype": "User"}),
		("/api/method/run_doc_method", {"dt": "System Settings", "method": "get_password"}),
		("/api/method/runserverobj", {"dt": "User", "dn": "Administrator", "method": "get_password"}),
		("/api/method/frappe.handler.run_doc_method", {"docs": '{"doctype":"User"}', "method": "x"}),
		("/api/method/upload_file", {"method": "frappe.client.get_list"}),
		("/api/method/uploadfile", {"method": "frappe.client.get_list"}),
		("/api/method/frappe.desk.search.search_link", {"doctype": "User", "txt": ""}),
		(
			"/api/method/frappe.desk.search.search_widget",
			{"doctype": "User", "txt": "", "query": "frappe.core.doctype.user.user.user_query"},
		),
		(
			"/api/method/frappe.desk.treeview.get_all_nodes",
			{"doctype": "File", "label": "x", "parent": "", "tree_method": "frappe.client.get_list"},
		),
		(
			"/api/method/frappe.model.mapper.make_mapped_doc",
			{"method": "frappe.client.get", "source_name": "x"},
		),
		("/api/resource/User", {}),
		("/api/resource/User/Administrator", {}),
		("/api/resource/User/Administrator", {"run_method": "get_password"}),
		("/api/resource/Dossier", {}),
		("/api/v1/resource/User", {}),
		("/api/v1/method/frappe.client.get_list", {"doctype": "User"}),
		("/api/v2/document/User", {}),
		("/api/v2/document/User/Administrator/method/get_password", {}),
		("/api/v2/doctype/User/count", {}),
		("/api/v2/method/User/get_password", {}),
		("/api/nothing", {}),
	],
)
@pytest.mark.parametrize("verb", ["get", "post"])
def test_generic_dispatch_is_seen_through(outsider, path: str, arguments: dict, verb: str):
	as_script = {"headers": {"Accept": "application/json"}}
	call = outsider.get if verb == "get" else outsider.post
	answer = call(path, arguments, **as_script)
	assert answer.status_code in (400, 403), answer.text[:300]
	assert "Administrator" not in answer.text


def test_a_command_in_a_json_body_is_seen(outsider):
	answer = outsider.post(
		"/api/method/ping",
		json.dumps({"cmd": "frappe.client.get_list", "doctype": "User"}),
		headers={"Content-Type": "application/json"},
	)
	assert answer.status_code in (400, 403)
	assert "Administrator" not in answer.text


@pytest.mark.parametrize(
	"path",
	[
		"/about",
		"/contact",
		"/me",
		"/list",
		"/printview?doctype=User&name=Administrator",
		"/print",
		"/search",
		"/third_party_apps",
		"/sitemap.xml",
		"/rss.xml",
		"/profile",
		"/unsubscribe",
		"/confirm_workflow_action",
		"/complete_signup",
		"/user/Administrator",
		"/User/Administrator",
		"/backups/x.sql.gz",
		"/private/files/x.pdf",
		"/_test/static-file-test",
		"//about",
		"/index.html/../about",
	],
)
def test_pages_of_frappe_are_not_there(outsider, path: str):
	answer = outsider.get(path)
	assert answer.status_code == 404, answer.status_code
	assert "Content-Security-Policy" in answer.headers


def test_signing_up_the_way_frappe_offers_is_off(guest):
	form = {"email": "stranger@example.com", "full_name": "Stranger", "redirect_to": "/"}
	assert guest.post("/api/method/frappe.core.doctype.user.user.sign_up", form).status_code == 403
