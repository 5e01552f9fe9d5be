"""The app as a Python package, for benches that install it from this repository."""

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import tomllib

from runtime.assemble import REPO


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
	"""The folder of `pip install`, from a copy: a build leaves its traces where it runs."""
	source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("target")
	for name in ("pyproject.toml", "setup.py", "LICENSE"):
		shutil.copy(REPO / name, source)
	ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
	shutil.copytree(REPO / "apps", source / "apps", ignore=ignored)
	command = [
		sys.executable,
		"-m",
		"pip",
		"install",
		"--no-deps",
		"--no-build-isolation",
		"--no-index",
		"-q",
	]
	done = subprocess.run([*command, "--target", target, source], capture_output=True, text=True)
	assert done.returncode == 0, done.stderr
	return target


def test_an_installed_app_has_every_file_of_the_repository(installed: Path):
	listing = subprocess.run(
		["git", "ls-files"], cwd=REPO / "apps/one_stop", capture_output=True, text=True, check=True
	).stdout.splitlines()
	expected = {name for name in listing if (REPO / "apps/one_stop" / name).exists()}
	found = {str(file.relative_to(installed / "one_stop")) for file in (installed / "one_stop").rglob("*")}
	assert len(expected) > 100
	assert expected - found == set()


def test_an_installed_app_imports_and_tells_its_version(installed: Path):
	script = "import one_stop, one_stop.hooks; print(one_stop.__file__, one_stop.__version__)"
	done = subprocess.run(
		[sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(installed)!r}); {script}"],
		capture_output=True,
		text=True,
		check=True,
	)
	file, version = done.stdout.split()
	assert Path(file).is_relative_to(installed)
	assert f"one_stop-{version}.dist-info" in {entry.name for entry in installed.iterdir()}


def test_bench_finds_the_app_where_it_looks():
	"""`bench get-app` takes a repository for an app by these files, in a folder of the app's name."""
	for name in ("hooks.py", "modules.txt", "patches.txt", "__init__.py"):
		assert (REPO / "one_stop" / name).is_file()
	assert (REPO / "one_stop").readlink() == Path("apps/one_stop")


def test_the_app_asks_for_no_library_that_it_does_not_use():
	"""Each one more may pull up a library that Frappe holds down, as a signing library did with cryptography."""
	project = tomllib.loads((REPO / "pyproject.toml").read_text())["project"]
	asked = {re.split(r"[<>=~ ]", line)[0] for line in project["dependencies"]}
	imported = set()
	for file in (REPO / "apps").rglob("*.py"):
		for node in ast.walk(ast.parse(file.read_text())):
			if isinstance(node, ast.Import):
				imported |= {name.name.split(".")[0] for name in node.names}
			elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
				imported.add(node.module.split(".")[0])
	assert asked - imported == set()
