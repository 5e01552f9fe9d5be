"""The assembled Frappe stays as it was assembled."""

import subprocess
from pathlib import Path

import pytest

from runtime.assemble import fingerprints


@pytest.fixture
def tree(running) -> Path:
	if running.bench.checkout:
		pytest.skip("This instance runs on somebody's own checkout of Frappe.")
	return running.bench.frappe.resolve()


def traces(tree: Path) -> list[str]:
	"""The files that carry the vendor's name, in their text or their own name."""
	found = subprocess.run(["grep", "-rIil", "crisco", tree], capture_output=True, text=True)
	return [*found.stdout.split(), *(name for name in fingerprints(tree) if "crisco" in name.lower())]


@pytest.mark.destructive  # for its place: the last of all
def test_no_command_or_test_writes_into_frappe(running, tree: Path):
	listing = (running.bench.root / "frappe.sha256").read_text().splitlines()[1:]
	assembled = dict(reversed(line.split("  ", 1)) for line in listing)
	assert len(assembled) > 2000
	assert fingerprints(tree) == assembled


def test_no_trace_of_the_vendor_is_left_in_frappe(tree: Path):
	assert traces(tree) == []


def test_frappe_keeps_its_licence(tree: Path):
	text = (tree / "LICENSE").read_text()
	assert "MIT" in text
	assert "Frappe Technologies" in text


@pytest.mark.parametrize("change", ["edited", "added", "deleted"])
def test_these_checks_notice(tmp_path: Path, change: str):
	for name in ("a.py", "b/c.json"):
		(tmp_path / name).parent.mkdir(exist_ok=True)
		(tmp_path / name).write_text("as assembled")
	before = fingerprints(tmp_path)
	assert traces(tmp_path) == []
	if change == "deleted":
		(tmp_path / "a.py").unlink()
	else:
		(tmp_path / ("a.py" if change == "edited" else "b/d.py")).write_text("import Criscostack")
		assert traces(tmp_path)
	assert fingerprints(tmp_path) != before
