"""The house style, checked: Ruff over the Python, Biome over the JavaScript."""

import subprocess
import sys
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parent.parent.parent
BIOME = [folder / "node_modules/.bin/biome" for folder in (REPO, Path(sys.prefix).parent / "node-app")]


def passes(command: list) -> None:
	done = subprocess.run(command, cwd=REPO, capture_output=True, text=True)
	assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("arguments", [["check"], ["format", "--check"]], ids=" ".join)
def test_python_is_in_house_style(arguments: list[str]):
	passes([sys.executable, "-m", "ruff", *arguments])


def test_javascript_is_without_lint():
	biome = next((path for path in BIOME if path.exists()), None)
	if not biome:
		pytest.skip("Biome is not installed: npm ci")
	passes([biome, "lint", "--error-on-warnings"])
