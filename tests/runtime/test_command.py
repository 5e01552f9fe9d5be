"""The command's own promises: safe to interrupt, and errors that say what to do."""

import errno
import os
import shutil
import signal
import socket
import subprocess
import time
from collections import namedtuple
from pathlib import Path

import pytest

from runtime import cli, system
from runtime.assemble import REPO, Bench, restore
from runtime.instance import DATABASES, Instance, is_free, wait_until
from runtime.progress import Failure, built, run, tail


def test_an_interrupted_build_is_made_again_and_a_finished_one_is_kept(tmp_path: Path):
	calls = []

	def fails(place: Path) -> None:
		(place / "half").touch()
		raise KeyboardInterrupt

	def works(place: Path) -> None:
		calls.append(sorted(entry.name for entry in place.iterdir()))
		(place / "whole").touch()

	link = tmp_path / "env"
	with pytest.raises(KeyboardInterrupt):
		built(link, "a", fails)
	assert not link.exists()
	built(link, "a", works)
	built(link, "a", works)
	assert calls == [[]], "made once, and from nothing"
	with pytest.raises(KeyboardInterrupt):
		built(link, "b", fails)
	assert (link / "whole").exists(), "the old one stays in use until the new one is whole"


def test_a_program_ends_with_the_command_that_ran_it(tmp_path: Path):
	"""Else a killed start's pip would go on writing into the folder of the next."""
	script = f"from pathlib import Path; from runtime.progress import run; run(['sleep', '599'], Path({str(tmp_path / 'log')!r}), '')"
	with subprocess.Popen(["python3", "-c", script], cwd=REPO) as parent:
		children = Path(f"/proc/{parent.pid}/task/{parent.pid}/children")
		wait_until(lambda: children.read_text(), 10, "it did not start")
		child = Path("/proc", children.read_text().split()[0])
		parent.kill()
	wait_until(lambda: not child.exists(), 10, "it lives on")


def test_the_vendors_names_are_turned_back():
	text = "from criscostack import brik; CriscoErp Criscostack CRISCOSTACK criscostackframework Crisco"
	assert restore(text) == "from frappe import bench; ERPNext Frappe FRAPPE frappeframework Frappe"


def test_a_wheel_with_another_hash_is_refused_and_deleted(tmp_path: Path):
	wheel = tmp_path / "store/wheel/criscostack-1.0.0-py3-none-any.whl"
	wheel.parent.mkdir(parents=True)
	wheel.write_bytes(b"something else")
	with pytest.raises(Failure, match="SHA-256"):
		Bench(tmp_path).fetch_wheel()
	assert not wheel.exists()


def test_a_registry_that_does_not_answer_is_named_as_the_cause(tmp_path: Path, running, monkeypatch):
	for name in [name for name in os.environ if name.startswith("PIP_")]:
		monkeypatch.delenv(name)
	monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
	monkeypatch.setenv("PIP_RETRIES", "0")
	monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
	bench = Bench(tmp_path)
	bench.env = running.bench.env
	with pytest.raises(Failure, match="registry did not answer"):
		bench.fetch_wheel()


def test_without_root_the_missing_packages_are_named_in_one_line(tmp_path: Path, monkeypatch):
	monkeypatch.setattr(os, "geteuid", lambda: 1000)
	which = shutil.which
	monkeypatch.setattr(shutil, "which", lambda name: None if name in ("sudo", "nginx") else which(name))
	assert system.missing() == ["nginx"]
	with pytest.raises(Failure, match="sudo apt-get install --no-install-recommends nginx\n"):
		system.install(["nginx"], tmp_path / "apt.log")


def test_too_little_space_stops_before_anything_is_written(tmp_path: Path, monkeypatch):
	usage = namedtuple("usage", "total used free")(100e9, 99e9, 1e9)
	monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
	with pytest.raises(Failure, match=r"1\.0 GB free; 3 GB are needed"):
		Bench(tmp_path).check()


def test_a_full_disk_is_named_not_traced(monkeypatch, capsys):
	def full(*_):
		raise OSError(errno.ENOSPC, "No space left on device", "/somewhere")

	monkeypatch.setattr(cli, "do_status", full)
	assert cli.main(["status"]) == 1
	assert "The disk is full (/somewhere)" in capsys.readouterr().err


def test_a_failing_program_is_quoted_with_the_end_of_its_log(tmp_path: Path):
	with pytest.raises(Failure, match=r"(?s)Trying failed \(exit code 3\).*last words"):
		run(["sh", "-c", "echo last words; exit 3"], tmp_path / "log", "Trying")


def test_progress_bars_are_left_out_of_quoted_logs(tmp_path: Path):
	(tmp_path / "log").write_text("begun\nUpdating DocTypes: 1%\rUpdating DocTypes: 100%\nended\n")
	assert tail(tmp_path / "log") == "    begun\n    ended"


def command(*words: str, **options) -> subprocess.CompletedProcess:
	return subprocess.run(
		[REPO / "one-stop", *words], capture_output=True, text=True, timeout=120, cwd="/", **options
	)


def test_help_names_every_command():
	said = command("--help").stdout
	assert all(name in said for name in cli.COMMANDS)


@pytest.fixture
def spare(running):
	"""An instance of the same bench with no site, for breaking; removed after the test."""
	instance = Instance(running.bench.home, "spare")
	shutil.rmtree(instance.root, ignore_errors=True)
	yield instance
	instance.end()
	shutil.rmtree(instance.root)


def test_a_taken_port_is_named(spare: Instance):
	with socket.create_server(("127.0.0.1", 0)) as taken:
		port = taken.getsockname()[1]
		done = command("start", "--instance", "spare", "--port", str(port))
	assert done.returncode == 1
	assert f"Port {port} is taken" in done.stderr


def test_a_second_start_of_a_running_instance_only_says_so(running):
	before = running.states()
	for words in ([], ["--detach"]):
		done = command("start", "--instance", running.name, *words)
		assert done.returncode == 0, done.stderr
		assert f"is running already at {running.url}" in done.stdout
	assert [state["pid"] for state in running.states()] == [state["pid"] for state in before]


def test_a_running_instance_does_not_move_to_another_port(running):
	done = command("start", "--instance", running.name, "--port", "18999")
	assert done.returncode == 1
	assert "is running already, or starting" in done.stderr


def test_tests_never_empty_an_instance_that_somebody_uses(spare: Instance):
	spare.remember(site=True)
	done = command("test", "--instance", "spare")
	assert done.returncode == 1
	assert "The tests would empty spare" in done.stderr
	assert spare.recall() == {"site": True}


def databases(instance: Instance) -> None:
	instance.configure(
		next(p for p in range(19000, 20000) if is_free(p, "127.0.0.1")), "127.0.0.1", quick=True
	)
	instance.build_database()


def test_a_mariadb_that_does_not_start_is_shown_with_its_log(spare: Instance):
	databases(spare)
	with (spare.config / "my.cnf").open("a") as settings:
		settings.write("no-such-setting=1\n")
	spare.start_supervisor()
	with pytest.raises(Failure, match=r"(?s)mariadb does not run.*no-such-setting"):
		spare.wait_for_databases()


def descendants(instance: Instance) -> set[int]:
	"""Every process that works in the instance's folders, or was started with its environment."""
	mark = f"FRAPPE_BENCH_ROOT={instance.root}\0".encode()
	found = set()
	for entry in Path("/proc").glob("[0-9]*"):
		try:
			if (entry / "cwd").resolve().is_relative_to(instance.root) or mark in (
				entry / "environ"
			).read_bytes():
				found.add(int(entry.name))
		except OSError:
			continue
	return found - {os.getpid()}


def gone(instance: Instance, seconds: float) -> bool:
	end = time.monotonic() + seconds
	while descendants(instance) and time.monotonic() < end:
		time.sleep(0.2)
	return not descendants(instance)


def test_killing_the_supervisor_leaves_no_process(spare: Instance):
	databases(spare)
	spare.start_supervisor()
	spare.wait_for_databases()
	assert len(descendants(spare)) >= 1 + len(DATABASES)
	spare.supervisor.kill()
	spare.supervisor.wait()
	assert gone(spare, 30)


def test_killing_the_start_command_leaves_no_process(spare: Instance):
	databases(spare)
	script = (
		"from pathlib import Path\nfrom runtime.instance import Instance\n"
		f"i = Instance(Path({str(spare.bench.home)!r}), 'spare')\n"
		"i.start_supervisor()\ni.wait_for_databases()\nprint('up', flush=True)\nimport time\ntime.sleep(600)\n"
	)
	with subprocess.Popen(["python3", "-c", script], cwd=REPO, stdout=subprocess.PIPE, text=True) as parent:
		assert parent.stdout.readline() == "up\n"
		assert descendants(spare)
		parent.send_signal(signal.SIGKILL)
		parent.wait()
		assert gone(spare, 60)
