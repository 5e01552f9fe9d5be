"""The assembled Frappe stays as it was assembled."""

import os
import subprocess
from pathlib import Path

import pytest

from runtime.assemble import fingerprints


@pytest.fixture
def tree() -> Path:
	return (Path(os.environ["FRAPPE_BENCH_ROOT"]).parent.parent / "frappe").resolve()


@pytest.mark.destructive  # for its place: the last of all
def test_no_command_or_test_writes_into_frappe(tree: Path):
	listing = (tree.parent.parent / "frappe.sha256").read_text().splitlines()[1:]
	assembled = dict(reversed(line.split("  ", 1)) for line in listing)
	assert len(assembled) > 2000
	assert fingerprints(tree) == assembled


def test_no_trace_of_the_vendor_is_left_in_frappe(tree: Path):
	found = subprocess.run(["grep", "-rIil", "crisco", tree], capture_output=True, text=True)
	assert found.stdout == ""
	assert not [name for name in fingerprints(tree) if "crisco" in name.lower()]


def test_frappe_keeps_its_licence(tree: Path):
	text = (tree / "LICENSE").read_text()
	assert "MIT" in text
	assert "Frappe Technologies" in text
