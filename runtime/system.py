"""The system's packages: which are missing, and their installation."""

import os
import re
import shutil
import subprocess
import sys
from ctypes.util import find_library
from pathlib import Path

from runtime.progress import Failure, run

BROWSER = os.environ.get("ONE_STOP_BROWSER")
PATIENCE = 600  # seconds


def has_node() -> bool:
	"""Node 18.17 or newer: older ones cannot list a folder recursively."""
	if not shutil.which("node"):
		return False
	said = subprocess.run(["node", "--version"], capture_output=True, text=True).stdout
	found = re.match(r"v(\d+)\.(\d+)", said)
	return bool(found) and tuple(map(int, found.groups())) >= (18, 17)


def has_venv() -> bool:
	try:
		import ensurepip  # noqa: F401
		import venv  # noqa: F401
	except ImportError:
		return False
	return True


def has_font(pattern: str) -> bool:
	return any(Path("/usr/share/fonts").rglob(pattern))


def browser() -> str | None:
	"""The Chromium for browser tests: ONE_STOP_BROWSER, or one on the path."""
	names = (
		[BROWSER] if BROWSER else ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
	)
	return next((found for name in names if (found := shutil.which(name))), None)


def missing(tests: bool = False) -> list[str]:
	"""The Debian or Ubuntu packages still to be installed."""
	probes = {
		"mariadb-server-core": shutil.which("mariadbd") and shutil.which("mariadb-install-db"),
		"mariadb-client-core": shutil.which("mariadb"),
		"redis-server": shutil.which("redis-server"),
		"nginx": shutil.which("nginx"),
		"nodejs": has_node(),
		"npm": shutil.which("npm"),
		"python3-venv": has_venv(),
		"libpango-1.0-0": find_library("pango-1.0"),
		"libpangoft2-1.0-0": find_library("pangoft2-1.0"),
		"libharfbuzz-subset0": find_library("harfbuzz-subset"),
		"fonts-noto-core": has_font("NotoSans-Regular.*"),
		"fonts-dejavu-core": has_font("DejaVuSans.ttf"),
		# Times for the official forms: Liberation 1 lacks the Vietnamese letters.
		"fonts-croscore": has_font("Tinos-Regular.ttf"),
		"ca-certificates": Path("/etc/ssl/certs/ca-certificates.crt").exists(),
	}
	if tests:
		probes["chromium"] = browser()
	return [package for package, present in probes.items() if not present]


def check_python() -> None:
	if not (3, 11) <= sys.version_info[:2] <= (3, 13):
		version = ".".join(map(str, sys.version_info[:3]))
		raise Failure(f"Python 3.11, 3.12 or 3.13 is needed; this is {version} ({sys.executable}).")


def is_ubuntu() -> bool:
	release = Path("/etc/os-release")
	return release.exists() and re.search(r"^ID=ubuntu$", release.read_text(), re.M) is not None


def install(packages: list[str], log: Path) -> None:
	"""Installs with apt as root or through a sudo that asks nothing; else says what to install."""
	line = f"apt-get install --no-install-recommends {' '.join(packages)}"
	if "chromium" in packages and is_ubuntu():
		raise Failure(
			"The browser tests need Chromium, which Ubuntu ships as a snap. Install any Chromium or Chrome and "
			"name it: ONE_STOP_BROWSER=/path/to/chrome ./one-stop test"
		)
	root = os.geteuid() == 0
	sudo = not root and shutil.which("sudo") and subprocess.run(["sudo", "-n", "true"], capture_output=True)
	if not shutil.which("apt-get") or not (root or (sudo and sudo.returncode == 0)):
		raise Failure(
			f"Some system packages are missing. Install them, then run this again:\n\n    sudo {line}\n"
		)
	prefix = [] if root else ["sudo", "-n"]
	# The packages bring services of their own; only the bench's private ones are wanted.
	policy = Path("/usr/sbin/policy-rc.d")
	quiet = root and not policy.exists()
	environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
	try:
		if quiet:
			policy.write_text("#!/bin/sh\nexit 101\n")
			policy.chmod(0o755)
		# A machine that has just come up, or a second start, may be installing something itself.
		apt = [*prefix, "apt-get", "-o", f"DPkg::Lock::Timeout={PATIENCE}"]
		run([*apt, "update"], log, "apt-get update", env=environment)
		command = [*apt, "install", "-y", "--no-install-recommends", *packages]
		run(command, log, "Installing the system's packages", env=environment)
	finally:
		if quiet:
			policy.unlink(missing_ok=True)
	if still := [package for package in missing() if package in packages]:
		raise Failure(f"Still not there after the installation: {' '.join(still)}. See {log}.")
