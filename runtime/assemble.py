"""Assembles the shared part of the bench: Python environment, Frappe, node packages, desk assets.

Frappe's own name on the Python registry is an empty placeholder. One wheel there carries Frappe's develop branch of
August 2023 with its names replaced mechanically; undoing the replacement gives the original back.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from runtime import checkout
from runtime.progress import Failure, built, digest, point, run, say, write

REPO = Path(__file__).resolve().parent.parent
RUNTIME = REPO / "runtime"

WHEEL = ("criscostack", "1.0.0", "dc58aaf29c59b7666edc953596e5b31f77d7286b2ed6b14c6a205b217c210349")
NAMES = (
	("criscostackframework", "frappeframework"),
	("criscostack", "frappe"),
	("Criscostack", "Frappe"),
	("CRISCOSTACK", "FRAPPE"),
	("criscoerp", "erpnext"),
	("Criscoerp", "ERPNext"),
	("CriscoErp", "ERPNext"),
	("Crisco", "Frappe"),
	("crisco", "frappe"),
	("brik", "bench"),
	("Brik", "Bench"),
	("BRIK", "BENCH"),
)
# The vendor's pictures of its own name, and what stands in for them.
LOGOS = {
	"frappe/public/images/frappe-favicon.svg": "mark.svg",
	"frappe/public/images/frappe-framework-logo.svg": "mark.svg",
	"frappe/public/images/frappe-framework-logo.png": "mark.png",
	"frappe/public/images/frappe-logo.png": "mark.png",
	"frappe/public/icons/social/frappe.svg": "mark.svg",
}
# Current pydantic takes its settings as a dict; the snapshot still gave a class.
EDITS = {
	"frappe/utils/typing_validations.py": (
		"class FrappePydanticConfig:\n\tarbitrary_types_allowed = True\n",
		'FrappePydanticConfig = {"arbitrary_types_allowed": True}\n',
	),
}
# Packages that Frappe's scripts load by address, and the folder where they expect the files.
SERVED = {
	"ace-builds": "ace-builds",
	"frappe-gantt": "frappe-gantt",
	"js-sha256": "js-sha256",
	"qz-tray": "qz-tray",
	"html5-qrcode": "html5-qrcode/dist",
}


class Bench:
	"""What every instance shares; on a checkout of Frappe only the instances of that one."""

	def __init__(self, home: Path, frappe: Path | None = None):
		self.home = home
		self.checkout = frappe
		self.root = home / f"with-{frappe.name}-{digest(str(frappe))[:6]}" if frappe else home
		self.env = self.root / "env"
		self.python = self.root / "env/bin/python"
		self.frappe = self.root / "frappe"
		self.assets = self.root / "assets"
		self.logs = self.root / "logs"

	@contextlib.contextmanager
	def alone(self):
		"""One build at a time, however many commands are started."""
		self.root.mkdir(parents=True, exist_ok=True)
		with (self.home / "lock").open("w") as lock:
			try:
				fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
			except BlockingIOError:
				say("Waiting for another command to finish building …")
				fcntl.flock(lock, fcntl.LOCK_EX)
			yield

	def check(self) -> None:
		"""What would only come out after minutes otherwise."""
		if re.search(r"[\s\"'%;]", f"{self.root}{REPO}"):
			raise Failure(f"Folders whose names hold spaces or quotes do not work: {self.root}, {REPO}.")
		needed = 0.5 if self.python.exists() else 3
		free = shutil.disk_usage(self.root).free / 1e9
		if free < needed:
			raise Failure(f"{self.root} has {free:.1f} GB free; {needed} GB are needed.")
		if self.checkout:
			checkout.check(self.checkout)

	# Python

	def build_env(self, tests: bool = False) -> None:
		lock, test_lock = RUNTIME / "requirements.txt", RUNTIME / "requirements-test.txt"
		wanted, for_tests = (
			["--require-hashes", "--no-deps", "-r", lock],
			["--require-hashes", "--no-deps", "-r", test_lock],
		)
		if self.checkout:
			lock = self.root / "requirements.in"
			write(lock, checkout.requirements(self.checkout))
			wanted, for_tests = ["-r", lock], checkout.TEST_LIBRARIES

		def make(place: Path) -> None:
			log = self.logs / "pip.log"
			run([sys._base_executable, "-m", "venv", place], log, "Making the Python environment")
			self.pip(place, ["install", *wanted], "Installing Python libraries")
			site = next((place / "lib").glob("python3*/site-packages"))
			(site / "bench.pth").write_text(f"{self.frappe}\n{REPO / 'apps'}\n")

		if self.env.exists() and subprocess.run([self.python, "-c", ""], capture_output=True).returncode:
			(self.env / ".complete").unlink()  # the system's Python was replaced under it
		place = built(self.env, digest(lock, str(self.root)), make)
		mark = place / f".tests-{digest(test_lock)}"
		if tests and not mark.exists():
			self.pip(place, ["install", *for_tests], "Installing test libraries")
			mark.touch()

	def pip(self, place: Path, arguments: list, what: str) -> None:
		options = ["--disable-pip-version-check", "--no-input", "--prefer-binary"]
		command = [place / "bin/python", "-m", "pip", arguments[0], *options, *arguments[1:]]
		run(command, self.logs / "pip.log", what)

	# Frappe

	def build_frappe(self) -> None:
		if self.checkout:
			return point(self.frappe, self.checkout)
		key = digest(Path(__file__), *(RUNTIME / "images" / name for name in sorted(set(LOGOS.values()))))
		place = built(self.frappe, key, self.assemble_frappe)
		listing = self.root / "frappe.sha256"
		text = "".join(f"{hash_}  {name}\n" for name, hash_ in sorted(fingerprints(place).items()))
		if not listing.exists() or listing.read_text().splitlines()[:1] != [f"# {key}"]:
			write(listing, f"# {key}\n{text}")

	def assemble_frappe(self, place: Path) -> None:
		wheel = self.fetch_wheel()
		with zipfile.ZipFile(wheel) as archive:
			for entry in archive.infolist():
				if (
					entry.is_dir()
					or not entry.filename.startswith(f"{WHEEL[0]}/")
					or ".DS_Store" in entry.filename
				):
					continue
				name, data = restore(entry.filename), archive.read(entry)
				with contextlib.suppress(UnicodeDecodeError):
					data = restore(data.decode()).encode()
				if b"crisco" in data.lower():
					raise Failure(f"{name} still carries the vendor's name.")
				(place / name).parent.mkdir(parents=True, exist_ok=True)
				(place / name).write_bytes(data)
		for name, image in LOGOS.items():
			shutil.copy(RUNTIME / "images" / image, place / name)
		for name, (old, new) in EDITS.items():
			text = (place / name).read_text()
			if old not in text:
				raise Failure(f"{name} is not as expected: the wheel has changed.")
			(place / name).write_text(text.replace(old, new))
		shutil.copy(RUNTIME / "FRAPPE-LICENSE", place / "LICENSE")
		compile_ = [self.python, "-m", "compileall", "-q", "-j", "2", place / "frappe"]
		run(compile_, self.logs / "assemble.log", "Compiling Frappe")

	def fetch_wheel(self) -> Path:
		name, version, expected = WHEEL
		folder = self.root / "store/wheel"
		folder.mkdir(parents=True, exist_ok=True)
		wheel = folder / f"{name}-{version}-py3-none-any.whl"
		if not wheel.exists():
			arguments = [
				"download",
				"--no-deps",
				"--only-binary",
				":all:",
				"--dest",
				folder,
				f"{name}=={version}",
			]
			self.pip(self.env, arguments, "Downloading Frappe")
		found = hashlib.sha256(wheel.read_bytes()).hexdigest()
		if found != expected:
			wheel.unlink()
			raise Failure(
				f"The downloaded {wheel.name} is not the expected file and was deleted.\n"
				f"    expected SHA-256 {expected}\n    found            {found}\n"
				"Run this again; if it stays, the registry or a proxy serves something else."
			)
		return wheel

	# JavaScript

	def build_node(self) -> None:
		for link, folder in zip(self.modules(), (RUNTIME, REPO), strict=True):
			files = [folder / "package.json", folder / "package-lock.json"]
			if self.checkout and folder == RUNTIME:
				files = [self.root / "package.json"]
				write(files[0], checkout.packages(self.checkout))

			def make(place: Path, files: list[Path] = files) -> None:
				for file in files:
					shutil.copy(file, place)
				command = [
					"npm",
					"ci" if len(files) == 2 else "install",
					"--ignore-scripts",
					"--no-audit",
					"--no-fund",
				]
				run(command, self.logs / "npm.log", "Installing node packages", cwd=place)

			built(link.parent, digest(*files), make)

	def modules(self) -> list[Path]:
		return [self.root / "node-frappe/node_modules", self.home / "node-app/node_modules"]

	def build_assets(self) -> bool:
		"""Builds what has changed; returns whether anything was."""
		apps = {"frappe": self.frappe.resolve() / "frappe", "one_stop": REPO / "apps/one_stop"}
		script = RUNTIME / "assets.mjs"
		packages = [str(folder.parent.resolve()) for folder in self.modules()]
		self.assets.mkdir(parents=True, exist_ok=True)
		changed = False
		merged: dict[str, dict] = {"assets.json": {}, "assets-rtl.json": {}}
		for app, folder in apps.items():
			files = sorted(file for file in (folder / "public").rglob("*") if file.is_file())
			key = digest(
				script, *packages, *(part for f in files for part in (str(f.relative_to(folder)), f))
			)

			def make(place: Path, app: str = app, folder: Path = folder) -> None:
				job = {"app": app, "folder": folder, "out": place, "modules": self.modules()}
				command = ["node", script, json.dumps(job, default=str)]
				run(command, self.logs / "assets.log", f"Building the assets of {app}")
				for entry in (folder / "public").iterdir():
					if not (place / entry.name).exists():
						(place / entry.name).symlink_to(entry)
				for package, target in SERVED.items() if app == "frappe" else ():
					link = place / "node_modules" / target
					link.parent.mkdir(parents=True, exist_ok=True)
					link.symlink_to(self.modules()[0].resolve() / package)

			link = self.root / f"assets-{app}"
			before = link.resolve()
			changed |= before != built(link, key, make)
			point(self.assets / app, link)
			for name, known in merged.items():
				known |= json.loads((link / name).read_text())
		for name, known in merged.items():
			write(self.assets / name, json.dumps(known, indent="\t"), 0o644)
		return changed


def restore(text: str) -> str:
	for vendor, frappe in NAMES:
		text = text.replace(vendor, frappe)
	return text


def fingerprints(place: Path) -> dict[str, str]:
	"""SHA-256 of every file of the assembled tree; compiled Python is left out, it may be made again."""
	found = {}
	for folder, folders, names in os.walk(place):
		folders[:] = sorted(name for name in folders if name != "__pycache__")
		for name in names:
			path = Path(folder, name)
			found[str(path.relative_to(place))] = hashlib.sha256(path.read_bytes()).hexdigest()
	return found
