"""What the command prints, and how it runs other programs."""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from pathlib import Path

# What pip, npm and apt say when a registry does not answer.
UNREACHABLE = (
	"Temporary failure in name resolution",
	"Could not resolve host",
	"Temporary failure resolving",
	"Name or service not known",
	"Failed to establish a new connection",
	"NewConnectionError",
	"No matching distribution found",
	"ENOTFOUND",
	"EAI_AGAIN",
	"ECONNREFUSED",
	"ETIMEDOUT",
	"Failed to fetch",
)


class Failure(Exception):
	"""An error whose text tells the person at the terminal what to do."""


class Steps:
	"""Numbered progress lines: `[ 3/12] Frappe assembled … 14.2 s`."""

	def __init__(self, total: int):
		self.total = total
		self.count = 0
		self.started = time.monotonic()

	@contextmanager
	def step(self, name: str):
		self.count += 1
		start = time.monotonic()
		print(f"[{self.count:2}/{self.total}] {name} … ", end="", flush=True)
		try:
			yield
		except BaseException:
			print("stopped", flush=True)
			raise
		print(f"{time.monotonic() - start:.1f} s", flush=True)

	def seconds(self) -> float:
		return time.monotonic() - self.started


def tail(path: Path, lines: int = 15) -> str:
	"""The last lines of a log, indented for quoting."""
	try:
		text = path.read_text(errors="replace").splitlines()
	except OSError:
		return "    (no log)"
	kept = [line for line in text if line.strip() and not line.startswith("Updating ")]
	return "\n".join(f"    {line}" for line in kept[-lines:])


def run(command: list, log: Path, what: str, **options) -> None:
	"""Runs a program with its output in `log`; a Failure quotes the log's end."""
	log.parent.mkdir(parents=True, exist_ok=True)
	with log.open("ab") as out:
		before = out.tell()
		# It ends with this process, however that ends: a stray pip would write into the next one's folder.
		done = subprocess.run(
			["setpriv", "--pdeathsig", "TERM", "--", *(str(part) for part in command)],
			stdin=options.pop("stdin", subprocess.DEVNULL),
			stdout=out,
			stderr=subprocess.STDOUT,
			**options,
		)
	if done.returncode == 0:
		return
	with log.open("rb") as out:
		out.seek(before)
		said = out.read().decode(errors="replace")
	if "No space left on device" in said:
		raise Failure(f"{what}: the disk is full.")
	hint = ""
	if any(sign in said for sign in UNREACHABLE):
		hint = "\nA package registry did not answer: check the network or the proxy, then run this again."
	raise Failure(f"{what} failed (exit code {done.returncode}). The end of {log}:\n{tail(log)}{hint}")


def digest(*parts: str | bytes | Path) -> str:
	"""A short hash of texts and of files' contents, for telling whether a step must run again."""
	total = hashlib.sha256()
	for part in parts:
		data = part.read_bytes() if isinstance(part, Path) else part
		data = data.encode() if isinstance(data, str) else data
		total.update(hashlib.sha256(data).digest())
	return total.hexdigest()[:12]


def built(link: Path, key: str, make: Callable[[Path], None]) -> Path:
	"""Makes `store/<name>-<key>` unless it is there complete, then points `link` at it.

	The marker `.complete` is written last and the link replaced in one move, so that an interrupted run leaves
	nothing that looks finished.
	"""
	place = link.parent / "store" / f"{link.name}-{key}"
	if not (place / ".complete").exists():
		shutil.rmtree(place, ignore_errors=True)
		place.mkdir(parents=True)
		make(place)
		(place / ".complete").touch()
	point(link, place)
	return place


def point(link: Path, target: Path) -> None:
	"""Makes `link` a symbolic link to `target`, replacing an older link in one move."""
	if link.is_symlink() and os.readlink(link) == str(target):
		return
	new = link.with_name(f".{link.name}.{os.getpid()}")
	new.unlink(missing_ok=True)
	new.symlink_to(target)
	os.replace(new, link)


def write(path: Path, text: str, mode: int = 0o600) -> None:
	"""Writes a file in one move, readable by its owner only unless told otherwise."""
	new = path.with_name(f".{path.name}.new")
	with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w") as out:
		out.write(text)
	os.replace(new, path)


def say(lines: Iterable[str] | str) -> None:
	print(lines if isinstance(lines, str) else "\n".join(lines), flush=True)


def complain(text: str) -> None:
	print(f"\n{text}", file=sys.stderr, flush=True)
