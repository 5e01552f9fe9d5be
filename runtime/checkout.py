"""What a checkout of Frappe 15 or 16 needs in place of the assembled tree: its own libraries, from the registries.

Frappe asks for some of its packages from Git addresses; the registry's release of the same package stands in.
"""

import json
import re
import sys
from pathlib import Path

import tomllib

from runtime.progress import Failure

REPO = Path(__file__).resolve().parent.parent
# What the build script is written for; the checkout's own may be years older.
BUILD_TOOLS = ("esbuild", "esbuild-plugin-vue3", "vue")
TEST_LIBRARIES = [
	line for line in (REPO / "runtime/requirements-test.in").read_text().splitlines() if line[0].isalpha()
]


def project(folder: Path) -> dict:
	return tomllib.loads((folder / "pyproject.toml").read_text())["project"]


def check(frappe: Path) -> None:
	"""Raises a Failure unless it is a Frappe that the app and this Python can run with."""
	try:
		version = re.search(r'^__version__ = "(\d+)', (frappe / "frappe/__init__.py").read_text(), re.M)[1]
		python = project(frappe).get("requires-python", "")
	except (OSError, TypeError):
		raise Failure(f"{frappe} is no checkout of Frappe (frappe/__init__.py, pyproject.toml).") from None
	if version not in ("15", "16"):
		raise Failure(f"{frappe} is Frappe {version}; One-Stop runs on 15 and 16.")
	least, under = (re.search(rf"{sign}\s*3\.(\d+)", python) for sign in (">=", "<"))
	if (least and sys.version_info.minor < int(least[1])) or (
		under and sys.version_info.minor >= int(under[1])
	):
		raise Failure(
			f"{frappe} needs Python {python}: run it with such a one, as in `python3.12 one-stop start`."
		)


def requirements(frappe: Path) -> str:
	"""Frappe's own libraries, the app's, and what keeps the processes."""
	wanted = [re.sub(r"\s*@\s*git\+\S+", "", line) for line in project(frappe)["dependencies"]]
	return "\n".join([*wanted, *project(REPO)["dependencies"], "supervisor~=4.2", "setuptools<81"]) + "\n"


def packages(frappe: Path) -> str:
	"""Its package.json, each package in the version of its yarn.lock."""
	entries = re.findall(r'^(\S.*):\n  version "([^"]+)"', (frappe / "yarn.lock").read_text(), re.M)
	locked = {name.strip('" '): version for names, version in entries for name in names.split(",")}
	wanted = json.loads((frappe / "package.json").read_text())["dependencies"]
	exact = {name: locked.get(f"{name}@{version}", version) for name, version in wanted.items()}
	tools = json.loads((REPO / "runtime/package.json").read_text())["dependencies"]
	return json.dumps({"private": True, "dependencies": exact | {name: tools[name] for name in BUILD_TOOLS}})
