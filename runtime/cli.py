"""The command line."""

import argparse
import contextlib
import errno
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from runtime import system
from runtime.assemble import REPO, Bench
from runtime.instance import SITE, Instance, is_free
from runtime.progress import Failure, Steps, complain, point, say

COMMANDS = {
	"start": "start everything and stay in the foreground (Ctrl-C ends it)",
	"stop": "end a running instance and wait until it is gone",
	"status": "show the processes of an instance",
	"logs": "show the logs of an instance: logs [service] [-f]",
	"build": "rebuild the app's desk assets and refresh running instances' caches",
	"reset": "delete an instance's site, databases and logs (not the shared bench)",
	"frappe": "run one of Frappe's own site commands: frappe -- migrate",
	"test": "build what is missing and run all tests on a throw-away site: test [pytest arguments]",
	"bench": "run a benchmark of benchmarks/: bench [name]",
}
EPILOG = """Any other word is taken for a command of the app: `due …`, `verify-ledger` (as `frappe -- due …`).

Everything it makes lives in .bench/ beside this file, or where ONE_STOP_BENCH says.
Other settings: ONE_STOP_DB_MEMORY (512M), ONE_STOP_WEB_WORKERS (2), ONE_STOP_BROWSER (Chromium for the tests).
"""


def parser() -> argparse.ArgumentParser:
	top = argparse.ArgumentParser(
		prog="./one-stop",
		description="Runs the one-stop: Frappe, MariaDB, Redis, workers and nginx, from the package registries alone.",
		epilog=EPILOG,
		formatter_class=argparse.RawDescriptionHelpFormatter,
	)
	shared = argparse.ArgumentParser(add_help=False)
	shared.add_argument("--instance", metavar="NAME", help="which copy (default main; test for the tests)")
	shared.add_argument(
		"--frappe", metavar="PATH", type=Path, help="run on this checkout of Frappe 15 or 16 instead"
	)
	commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
	made = {name: commands.add_parser(name, help=text, parents=[shared]) for name, text in COMMANDS.items()}
	made["start"].add_argument("--port", type=int, help="the site's port (default 8000)")
	made["start"].add_argument("--host", help="address to listen on (default 127.0.0.1; 0.0.0.0 for all)")
	made["start"].add_argument("--no-sample", action="store_true", help="do not load the sample province")
	made["start"].add_argument(
		"--detach", action="store_true", help="return when ready, run on in the background"
	)
	made["logs"].add_argument("service", nargs="?", help="web, worker_short, mariadb, nginx …")
	made["logs"].add_argument("-f", "--follow", action="store_true", help="keep showing what is added")
	made["test"].add_argument(
		"--keep", action="store_true", help="use the named running instance, leave it running"
	)
	made["test"].add_argument("--pure", action="store_true", help="only the tests that need no site")
	for name in ("frappe", "test", "bench"):
		made[name].add_argument("rest", nargs=argparse.REMAINDER, help="what to pass on")
	return top


def main(arguments: list[str]) -> int:
	first = next((word for word in arguments if not word.startswith("-")), None)
	if first and first not in COMMANDS and first == arguments[0]:
		arguments = ["frappe", "--", *arguments]
	if arguments[:1] == ["test"]:
		options, rest = parser().parse_known_args(arguments)
		options.rest = [*rest, *options.rest]
	else:
		options = parser().parse_args(arguments)
	if options.frappe:
		options.frappe = options.frappe.resolve()
	home = Path(os.environ.get("ONE_STOP_BENCH") or REPO / ".bench").absolute()
	name = options.instance or ("test" if options.command == "test" else "main")
	instance = Instance(home, name, options.frappe)
	if getattr(options, "rest", [])[:1] == ["--"]:
		options.rest = options.rest[1:]
	for name in (signal.SIGTERM, signal.SIGHUP):
		signal.signal(name, lambda *_: sys.exit(143))
	try:
		if not instance.bench.checkout:
			system.check_python()
		return globals()[f"do_{options.command}"](instance, options) or 0
	except Failure as failure:
		complain(str(failure))
		return 1
	except KeyboardInterrupt:
		complain("Interrupted. Running it again goes on from here.")
		return 130
	except BrokenPipeError:
		os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # as in `./one-stop status | head -1`
		return 141
	except OSError as error:
		if error.errno != errno.ENOSPC:
			raise
		complain(f"The disk is full ({error.filename or home}).")
		return 1


def prepare(bench: Bench, steps: Steps, tests: bool = False) -> None:
	"""The shared part, which every instance needs."""
	with bench.alone():
		bench.check()
		with steps.step("System packages"):
			if packages := system.missing(tests):
				system.install(packages, bench.logs / "apt.log")
			(bench.root / "bin").mkdir(exist_ok=True)
			point(bench.root / "bin/mysql", Path(shutil.which("mariadb")))
		with steps.step("Python libraries"):
			bench.build_env(tests)
		with steps.step("Frappe"):
			bench.build_frappe()
		with steps.step("Node packages"):
			bench.build_node()
		with steps.step("Desk assets"):
			build_assets(bench)


def build_assets(bench: Bench) -> None:
	"""Rebuilds what has changed, and lets running instances know of the new files' names."""
	if not bench.build_assets():
		return
	for config in bench.home.glob("instances/*/config"):
		other = Instance(bench.home, config.parent.name)
		if other.bench.root == bench.root and other.pid("supervisord"):
			command = ["redis-cli", "-p", str(other.recall("ports")["redis_cache"]), "DEL", "assets_json"]
			word = other.recall("secrets")["redis"]
			subprocess.run(command, env=os.environ | {"REDISCLI_AUTH": word}, stdout=subprocess.DEVNULL)


def bring_up(
	instance: Instance, steps: Steps, port: int, host: str, sample: bool, quick: bool = False
) -> None:
	"""From a built bench to a site that answers."""
	with steps.step("Databases"):
		with instance.bench.alone():
			instance.configure(port, host, quick)
		instance.build_database()
		instance.start_supervisor()
		instance.wait_for_databases()
	state = instance.recall()
	with steps.step("Site"):
		if not state.get("site"):
			instance.build_site()
		if not state.get("setup"):
			instance.complete_site()
	with steps.step("App"):
		if not state.get("app"):
			instance.install_app()
		elif state.get("migrated") != instance.app_digest():
			instance.migrate()
	with steps.step("Sample province"):
		if sample and not state.get("sample") and (REPO / "apps/one_stop/sample.py").exists():
			instance.load_sample()
	with steps.step("Services"):
		instance.start_services()


def do_start(instance: Instance, options) -> int:
	known, port = instance.recall(), instance.recall("ports").get("http", 8000)
	if instance.pid("one-stop") and instance.ready and options.port in (None, port):
		say(f"{instance.name} is running already at {instance.url}.")
		return 0
	checkout = str(instance.bench.checkout or "")
	if known.get("site") and known.get("frappe", "") != checkout:
		made_with = known.get("frappe") or "the assembled Frappe"
		raise Failure(
			f"{instance.name} was made with {made_with}. Give this one another --instance, or reset that one."
		)
	if options.detach:
		return detach(instance)
	with instance.lock():
		steps = Steps(10)
		prepare(instance.bench, steps)
		instance.remember(frappe=checkout)
		try:
			host = options.host or known.get("host", "127.0.0.1")
			bring_up(instance, steps, options.port or port, host, not options.no_sample)
			greet(instance, steps)
			instance.watch()
		finally:
			print("Stopping …", flush=True)
			with uninterrupted():
				instance.end()
	return 0


@contextlib.contextmanager
def uninterrupted():
	"""A second Ctrl-C must not leave processes behind."""
	before = {
		name: signal.signal(name, signal.SIG_IGN) for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
	}
	yield
	for name, handler in before.items():
		signal.signal(name, handler)


def detach(instance: Instance) -> int:
	instance.logs.mkdir(parents=True, exist_ok=True)
	log = instance.logs / "start.log"
	if not instance.pid("one-stop"):
		(instance.run / "ready").unlink(missing_ok=True)
	command = [sys.executable, REPO / "one-stop", *(word for word in sys.argv[1:] if word != "--detach")]
	with log.open("w") as out, log.open() as shown:
		child = subprocess.Popen(
			command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, start_new_session=True
		)
		try:
			while child.poll() is None and not instance.ready:
				print(shown.read(), end="", flush=True)
				time.sleep(0.2)
		except KeyboardInterrupt:
			child.send_signal(signal.SIGINT)
			child.wait()
		time.sleep(0.3)
		print(shown.read(), end="", flush=True)
	return child.poll() or 0


def greet(instance: Instance, steps: Steps) -> None:
	logins = [
		(login.get("label") or login["role"], login["user"], login["password"])
		for login in instance.recall().get("logins", [])
	]
	word = instance.recall("secrets")["administrator"]
	rows = [("Administrator", "Administrator", word), *logins]
	widths = [max(len(row[i]) for row in rows) for i in range(3)]
	say(f"\nReady in {steps.seconds():.1f} s:  {instance.url}\n")
	say(
		"  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows
	)
	say(f"\n{'Ctrl-C or ' if sys.stdin.isatty() else ''}./one-stop stop ends everything.")


def do_stop(instance: Instance, options) -> int:
	say("Stopped." if instance.stop() else f"{instance.name} is not running.")
	return 0


def do_status(instance: Instance, options) -> int:
	if not instance.pid("supervisord"):
		say(f"{instance.name} is not running.")
		return 3
	say(f"{instance.name} {'is ready at' if instance.ready else 'is starting at'} {instance.url}")
	for state in instance.states():
		say(f"  {state['name']:13} {state['statename']:9} {state['description']}")
	return 0 if instance.ready else 4


def do_logs(instance: Instance, options) -> int:
	known = sorted(
		log
		for log in instance.logs.glob("*.log")
		if not options.service or log.stem.startswith(options.service)
	)
	if not known:
		raise Failure(
			f"No such log. There are: {', '.join(sorted(p.stem for p in instance.logs.glob('*.log')))}"
		)
	return subprocess.run(["tail", *(["-F"] if options.follow else []), "-n", "40", *known]).returncode


def do_build(instance: Instance, options) -> None:
	with instance.bench.alone(), Steps(1).step("Desk assets"):
		build_assets(instance.bench)


def do_reset(instance: Instance, options) -> None:
	instance.stop()
	with instance.lock():
		empty(instance)
	say(f"{instance.name} is empty; the next start makes it anew.")


def empty(instance: Instance) -> None:
	"""Deletes all but the folder of the lock."""
	shutil.rmtree(instance.sockets, ignore_errors=True) if instance.sockets != instance.run else None
	for entry in instance.root.iterdir():
		if entry.is_symlink():
			entry.unlink()
		elif entry != instance.run:
			shutil.rmtree(entry)


def do_frappe(instance: Instance, options) -> int:
	if not instance.pid("supervisord"):
		raise Failure(f"{instance.name} is not running: start it first (./one-stop start --detach).")
	os.chdir(instance.sites)
	command = instance.command("--site", SITE, *options.rest)
	os.execve(command[0], command, instance.environment())


def do_bench(instance: Instance, options) -> int:
	folder = REPO / "benchmarks"
	names = sorted(file.stem for file in folder.glob("*.py"))
	if not options.rest:
		say([f"There are: {', '.join(names) or 'none'}"])
		return 0
	if options.rest[0] not in names:
		raise Failure(f"No benchmark {options.rest[0]}. There are: {', '.join(names) or 'none'}")
	prepare(instance.bench, Steps(5), tests=True)
	command = [instance.bench.python, folder / f"{options.rest[0]}.py", *options.rest[1:]]
	environment = instance.environment() if instance.pid("supervisord") else os.environ
	return subprocess.run(command, cwd=REPO, env=environment).returncode


def do_test(instance: Instance, options) -> int:
	paths = [word for word in options.rest if not word.startswith("-")]
	pure = options.pure or (paths and all("tests/pure" in path for path in paths))
	arguments = [*options.rest, *(["tests/pure"] if options.pure and not paths else [])]
	if options.keep:
		if not instance.ready:
			raise Failure(
				f"{instance.name} is not running: ./one-stop start --detach --instance {instance.name}"
			)
		prepare(instance.bench, Steps(5), tests=True)
		return pytest(instance, arguments)
	if not pure and instance.name != "test" and instance.recall().get("site"):
		raise Failure(f"The tests would empty {instance.name}: add --keep, or leave --instance out.")
	instance.bench = Bench(instance.bench.home, options.frappe)
	steps = Steps(5 if pure else 10)
	prepare(instance.bench, steps, tests=True)
	if pure:
		return pytest(instance, arguments, steps)
	with instance.lock():
		empty(instance)
		instance.remember(frappe=str(instance.bench.checkout or ""))
		try:
			bring_up(instance, steps, free_port(), "127.0.0.1", sample=False, quick=True)
			return pytest(instance, arguments, steps)
		finally:
			with uninterrupted():
				instance.end()


def free_port() -> int:
	return next(port for port in range(18000, 19000) if is_free(port, "127.0.0.1"))


def pytest(instance: Instance, arguments: list[str], steps: Steps | None = None) -> int:
	if steps:
		say(f"Tests begin after {steps.seconds():.0f} s.")
	environment = instance.environment() if instance.pid("supervisord") else os.environ
	environment = {name: value for name, value in environment.items() if name != "PYTHONDONTWRITEBYTECODE"}
	return subprocess.run(
		[instance.bench.python, "-m", "pytest", *arguments], cwd=REPO, env=environment
	).returncode
