"""A checkout of Frappe in place of the assembled tree."""

import json
from pathlib import Path

import pytest

from runtime import checkout
from runtime.assemble import REPO, Bench
from runtime.progress import Failure

PYPROJECT = """
[project]
name = "frappe"
requires-python = "%s"
dependencies = ["Click~=8.1", "gunicorn @ git+https://example.org/gunicorn@abc", "PyMySQL==1.1.1"]
"""
LOCK = """
"@redis/client@^1.5.8":
  version "1.5.12"

"air-datepicker@git+https://example.org/air-datepicker":
  version "2.2.3"

left@^1.0.0, "left@^1.1.0":
  version "1.2.0"
"""


@pytest.fixture
def frappe(tmp_path: Path) -> Path:
	(tmp_path / "frappe").mkdir()
	(tmp_path / "frappe/__init__.py").write_text('__version__ = "16.1.0"\n')
	(tmp_path / "pyproject.toml").write_text(PYPROJECT % ">=3.10,<3.99")
	(tmp_path / "yarn.lock").write_text(LOCK)
	wanted = {"@redis/client": "^1.5.8", "left": "^1.1.0", "vue": "^3.3.0"}
	wanted["air-datepicker"] = "git+https://example.org/air-datepicker"
	(tmp_path / "package.json").write_text(json.dumps({"dependencies": wanted}))
	return tmp_path


def test_libraries_from_git_addresses_come_from_the_registry(frappe: Path):
	wanted = checkout.requirements(frappe).splitlines()
	assert wanted[:3] == ["Click~=8.1", "gunicorn", "PyMySQL==1.1.1"]
	assert {"segno>=1.6", "supervisor~=4.2"} <= set(wanted), "the app's and the runtime's own are there too"


def test_node_packages_are_those_of_its_lock_file_from_the_registry(frappe: Path):
	wanted = json.loads(checkout.packages(frappe))["dependencies"]
	assert wanted["@redis/client"] == "1.5.12"
	assert wanted["air-datepicker"] == "2.2.3"
	assert wanted["left"] == "1.2.0"
	built_with = json.loads((REPO / "runtime/package.json").read_text())["dependencies"]
	assert wanted["esbuild"] == built_with["esbuild"]


def test_a_folder_without_frappe_is_refused(tmp_path: Path):
	with pytest.raises(Failure, match="no checkout of Frappe"):
		checkout.check(tmp_path)


def test_another_version_of_frappe_is_refused(frappe: Path):
	checkout.check(frappe)
	(frappe / "frappe/__init__.py").write_text('__version__ = "14.80.0"\n')
	with pytest.raises(Failure, match="is Frappe 14; One-Stop runs on 15 and 16"):
		checkout.check(frappe)


@pytest.mark.parametrize("python", [">=3.99", ">=3.8,<3.9"])
def test_a_frappe_for_another_python_is_refused(frappe: Path, python: str):
	(frappe / "pyproject.toml").write_text(PYPROJECT % python)
	with pytest.raises(Failure, match="needs Python"):
		checkout.check(frappe)


def test_checkouts_share_nothing_with_each_other_but_the_apps_packages(tmp_path: Path):
	assembled, one, other = (
		Bench(tmp_path, folder) for folder in (None, Path("/a/frappe"), Path("/b/frappe"))
	)
	assert len({bench.root for bench in (assembled, one, other)}) == 3
	assert assembled.modules()[1] == one.modules()[1] == other.modules()[1]
