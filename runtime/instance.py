"""One running copy: its site, its databases and its processes, in its own folder on the shared bench."""

import contextlib
import fcntl
import http.client
import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import xmlrpc.client
from pathlib import Path

from runtime.assemble import REPO, RUNTIME, Bench
from runtime.progress import Failure, digest, point, run, tail, write

DATABASES = ("mariadb", "redis_cache", "redis_queue")
SERVICES = ("web", "worker_short", "worker_long", "scheduler", "realtime", "nginx")
SITE = "one-stop"


class Instance:
	"""`home` is the folder of everything generated; `frappe` a checkout to run on, else the one of last time."""

	def __init__(self, home: Path, name: str, frappe: Path | None = None):
		self.name = name
		self.root = home / "instances" / name
		self.config = self.root / "config"
		self.logs = self.root / "logs"
		self.sites = self.root / "sites"
		self.run = self.root / "run"
		self.supervisor: subprocess.Popen | None = None
		last = self.recall().get("frappe")
		self.bench = Bench(home, frappe or (Path(last) if last else None))

	# What is known about it

	def recall(self, name: str = "state") -> dict:
		with contextlib.suppress(FileNotFoundError):
			return json.loads((self.config / f"{name}.json").read_text())
		return {}

	def remember(self, name: str = "state", **facts) -> dict:
		known = self.recall(name) | facts
		self.config.mkdir(parents=True, exist_ok=True)
		write(self.config / f"{name}.json", json.dumps(known, indent="\t"))
		return known

	@property
	def sockets(self) -> Path:
		"""Where the unix sockets are: their addresses may not be longer than about a hundred characters."""
		if len(str(self.run)) < 80:
			return self.run
		return Path(tempfile.gettempdir(), f"one-stop-{os.getuid()}-{digest(str(self.root))}")

	@property
	def url(self) -> str:
		host = self.recall().get("host", "127.0.0.1")
		everywhere = {"127.0.0.1": "localhost", "0.0.0.0": "localhost", "::": "localhost"}
		return f"http://{everywhere.get(host, bracketed(host))}:{self.recall('ports').get('http')}"

	@property
	def ready(self) -> bool:
		return (self.run / "ready").exists()

	def redis_url(self, name: str) -> str:
		return f"redis://:{self.recall('secrets')['redis']}@127.0.0.1:{self.recall('ports')[name]}"

	def environment(self) -> dict[str, str]:
		return os.environ | {
			"PATH": f"{self.bench.env}/bin:{self.bench.root}/bin:{os.environ['PATH']}",
			"LANG": "C.UTF-8",
			"LC_ALL": "C.UTF-8",
			"FRAPPE_BENCH_ROOT": str(self.root),
			"SITES_PATH": str(self.sites),
			"ONE_STOP_INSTANCE": self.name,
			"ONE_STOP_URL": self.url,
			"NODE_MODULES": str(self.bench.modules()[0]),
			"SOCKET": str(self.sockets / "realtime.sock"),
			"WEB_SOCKET": str(self.sockets / "web.sock"),
			"REDIS_QUEUE": self.redis_url("redis_queue"),
			"FRAPPE": str(self.bench.frappe / "frappe"),
		}

	# Configuration

	def configure(self, port: int, host: str, quick: bool = False) -> None:
		"""Writes every configuration file afresh. `quick` trades durability for speed (test sites)."""
		self.remember(host=host)
		data = self.root / "data"
		folders = [self.config / "edge.d", self.logs, self.sites, self.run, self.root / "apps"]
		for folder in [*folders, data / "redis_cache", data / "redis_queue"]:
			folder.mkdir(parents=True, exist_ok=True)
		self.root.chmod(0o700)
		self.sockets.mkdir(mode=0o700, exist_ok=True)
		point(self.root / "apps/frappe", self.bench.frappe)
		point(self.root / "apps/one_stop", REPO)
		point(self.root / "env", self.bench.env)
		point(self.sites / "assets", self.bench.assets)
		write(self.sites / "apps.txt", "frappe\none_stop\n")
		fresh = {name: secrets.token_urlsafe(18) for name in ("mariadb", "redis", "administrator")}
		words = self.remember("secrets", **(fresh | self.recall("secrets")))
		as_root = os.geteuid() == 0
		command = ["mariadbd", "--no-defaults", "--verbose", "--help"]
		isolation = b"innodb-snapshot-isolation" in subprocess.run(command, capture_output=True).stdout
		values = self.choose_ports(port, host) | {
			"buffer_pool": os.environ.get("ONE_STOP_DB_MEMORY", "512M"),
			"cache_url": self.redis_url("redis_cache"),
			"config": self.config,
			"data": data,
			"durability": 2 if quick else 1,
			"env": self.bench.env,
			"host": bracketed(host),
			"logs": self.logs,
			"mariadb_password": words["mariadb"],
			"mariadb_user": "user=root" if as_root else "",
			"name": self.name,
			"nginx_user": "user root root;" if as_root else "",
			"port": port,
			"queue_url": self.redis_url("redis_queue"),
			"redis_password": words["redis"],
			"root": self.root,
			"run": self.run,
			"runtime": RUNTIME,
			"site": SITE,
			# On by default from MariaDB 11.6.2: the same behaviour everywhere it is known.
			"snapshot_isolation": "innodb-snapshot-isolation=ON" if isolation else "",
			"sockets": self.sockets,
			"tests": int(quick),
			"url": self.url,
			"web_workers": os.environ.get("ONE_STOP_WEB_WORKERS", 2),
		}
		for template in sorted((RUNTIME / "config").iterdir()):
			text = template.read_text()
			if template.name == "supervisord.conf":
				text = with_defaults(text)
			text = re.sub(r"@(\w+)@", lambda found: str(values[found[1]]), text)
			folder = self.sites if template.name == "common_site_config.json" else self.config
			write(folder / template.name, text)

	def choose_ports(self, port: int, host: str) -> dict[str, int]:
		"""Keeps the ports of last time where they are still free; else takes others no instance has."""
		if not is_free(port, host):
			raise Failure(
				f"Port {port} is taken. Stop what uses it, or choose another: ./one-stop start --port 8080"
			)
		taken: set[int] = set()
		for other in self.root.parent.glob("*/config/ports.json"):
			if other.parent.parent != self.root:
				taken |= set(json.loads(other.read_text()).values())
		chosen = {"http": port}
		for name in DATABASES:
			last = self.recall("ports").get(name)
			candidates = ([last] if last else []) + list(range(23000, 32000))
			chosen[name] = next(p for p in candidates if p not in taken and is_free(p, "127.0.0.1"))
			taken.add(chosen[name])
		return self.remember("ports", **chosen)

	def build_database(self) -> None:
		"""Makes MariaDB's data folder; an interrupted one is thrown away."""
		folder = self.root / "data/mariadb"
		if folder.exists():
			return
		new = folder.with_name("mariadb.new")
		shutil.rmtree(new, ignore_errors=True)
		command = ["mariadb-install-db", "--no-defaults", f"--datadir={new}", "--skip-test-db"]
		command += ["--skip-name-resolve", "--auth-root-authentication-method=normal"]
		command += ["--user=root"] if os.geteuid() == 0 else []
		run(command, self.logs / "mariadb-install.log", "Making the database folder")
		new.rename(folder)

	# Processes

	def lock(self):
		"""Held while the instance runs, by one command at a time."""
		self.run.mkdir(parents=True, exist_ok=True)
		lock = (self.run / "one-stop.pid").open("a+")
		try:
			fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
		except BlockingIOError:
			raise Failure(
				f"{self.name} is running already, or starting. `./one-stop stop --instance {self.name}` ends it."
			) from None
		lock.truncate(0)
		lock.write(str(os.getpid()))
		lock.flush()
		return lock

	def pid(self, name: str) -> int | None:
		"""The process id in run/<name>.pid, if that process lives."""
		try:
			pid = int((self.run / f"{name}.pid").read_text())
			command = Path(f"/proc/{pid}/cmdline").read_bytes()
		except (OSError, ValueError):
			return None
		return pid if b"one-stop" in command or b"supervisord" in command else None

	def start_supervisor(self) -> None:
		wait_until(lambda: not self.pid("supervisord"), 60, "The processes of the last run do not end.")
		for left in (self.run / "ready", self.sockets / "supervisor.sock"):
			left.unlink(missing_ok=True)
		command = [self.bench.env / "bin/supervisord", "-c", self.config / "supervisord.conf"]
		self.supervisor = subprocess.Popen(
			["setpriv", "--pdeathsig", "TERM", "--", *command],
			# Under this word Frappe's workers take all for a test, and send no mail.
			env={name: value for name, value in self.environment().items() if name != "CI"},
			stdin=subprocess.DEVNULL,
			start_new_session=True,
		)
		wait_until(lambda: (self.sockets / "supervisor.sock").exists(), 20, "supervisord did not start.")

	def call(self, method: str, *arguments):
		transport = UnixTransport(self.sockets / "supervisor.sock")
		proxy = xmlrpc.client.ServerProxy("http://supervisor", transport=transport)
		return getattr(proxy.supervisor, method)(*arguments)

	def states(self) -> list[dict]:
		return self.call("getAllProcessInfo")

	def check(self) -> None:
		"""Raises a Failure naming the first process that supervisord has given up on."""
		if self.supervisor and self.supervisor.poll() is not None:
			raise Failure(f"supervisord ended. The end of its log:\n{tail(self.logs / 'supervisord.log')}")
		for state in self.states():
			if state["statename"] == "FATAL":
				log = self.logs / f"{state['name']}.log"
				raise Failure(f"{state['name']} does not run. The end of {log}:\n{tail(log)}")

	def wait_for_databases(self) -> None:
		def answer() -> bool:
			self.check()
			ports = self.recall("ports")
			return all(not is_free(ports[name], "127.0.0.1") for name in DATABASES)

		wait_until(answer, 90, f"The databases do not answer. See {self.logs}.")

	def start_services(self) -> None:
		for name in SERVICES:
			with contextlib.suppress(xmlrpc.client.Fault):
				self.call("startProcess", name, False)

		def answer() -> bool:
			self.check()
			if any(state["statename"] != "RUNNING" for state in self.states()):
				return False
			return self.fetch("/api/method/ping") == 200 and self.fetch("/login") == 200

		wait_until(answer, 90, f"The site does not answer at {self.url}. See {self.logs}.")
		(self.run / "ready").touch()

	def fetch(self, path: str) -> int:
		"""The status the site answers with; 0 for none."""
		with contextlib.suppress(OSError, http.client.HTTPException):
			connection = http.client.HTTPConnection(self.url.removeprefix("http://"), timeout=30)
			connection.request("GET", path)
			return connection.getresponse().status
		return 0

	def watch(self) -> None:
		"""Returns only with a Failure, when a process is given up on or supervisord ends."""
		while True:
			time.sleep(2)
			with contextlib.suppress(OSError, http.client.HTTPException, xmlrpc.client.Error):
				self.check()

	def end(self) -> None:
		"""Stops every process and waits until they are gone."""
		(self.run / "ready").unlink(missing_ok=True)
		if self.supervisor and self.supervisor.poll() is None:
			self.supervisor.terminate()
			try:
				self.supervisor.wait(150)
			except subprocess.TimeoutExpired:
				self.supervisor.kill()
				self.supervisor.wait()

	def stop(self) -> bool:
		"""Ends a start command running elsewhere, or what a killed one left; whether there was anything."""
		found = False
		for name in ("one-stop", "supervisord"):
			if pid := self.pid(name):
				found = True
				with contextlib.suppress(ProcessLookupError):
					os.kill(pid, signal.SIGTERM)
				wait_until(lambda name=name: not self.pid(name), 180, f"{name} (process {pid}) does not end.")
		return found

	# The site

	def command(self, *arguments: str) -> list[str]:
		"""The words that run one of Frappe's own commands, as `bench` would; from the sites folder."""
		return [str(self.bench.python), "-m", "frappe.utils.bench_helper", "frappe", *arguments]

	def frappe(self, what: str, *arguments: str, log: str = "site.log") -> None:
		run(self.command(*arguments), self.logs / log, what, cwd=self.sites, env=self.environment())

	def build_site(self) -> None:
		config = self.sites / "common_site_config.json"
		settled = config.read_text()
		words = self.recall("secrets")
		# Passwords travel in a file, not on a command line that every user of the machine can read.
		with_passwords = json.loads(settled) | {
			"root_login": "root",
			"root_password": words["mariadb"],
			"admin_password": words["administrator"],
		}
		shutil.rmtree(self.sites / SITE, ignore_errors=True)
		commands = (self.bench.frappe / "frappe/commands/site.py").read_text()
		new_name = "--mariadb-user-host-login-scope"
		login = [new_name, "%"] if new_name in commands else ["--no-mariadb-socket"]
		try:
			write(config, json.dumps(with_passwords, indent="\t"))
			self.frappe("Creating the site", "new-site", SITE, "--force", "--db-name", "one_stop", *login)
		finally:
			write(config, settled)
		self.remember(site=True)

	def complete_site(self) -> None:
		command = [self.bench.python, RUNTIME / "site_setup.py", SITE]
		run(command, self.logs / "site.log", "Completing the setup", cwd=self.sites, env=self.environment())
		self.remember(setup=True)

	def app_digest(self) -> str:
		"""Changes when a migration may be due: code, DocTypes, patches, fixtures, Frappe itself."""
		kinds = (".py", ".json", ".txt", ".html")
		files = [f for f in sorted((REPO / "apps/one_stop").rglob("*")) if f.suffix in kinds and f.is_file()]
		files += [self.bench.frappe / "frappe/__init__.py", self.bench.frappe / "frappe/patches.txt"]
		return digest(*(part for f in files if "public" not in f.parts for part in (str(f), f)))

	def install_app(self) -> None:
		key = self.app_digest()
		self.frappe("Installing the app", "--site", SITE, "install-app", "one_stop", "--force")
		self.remember(app=True, migrated=key)

	def migrate(self) -> None:
		key = self.app_digest()
		self.frappe("Migrating the site", "--site", SITE, "migrate", "--skip-search-index")
		self.remember(migrated=key)

	def load_sample(self) -> None:
		log = self.logs / "sample.log"
		log.unlink(missing_ok=True)
		self.frappe(
			"Loading the sample province", "--site", SITE, "execute", "one_stop.sample.load", log=log.name
		)
		lines = [line for line in log.read_text().splitlines() if line.startswith("{")]
		self.remember(sample=True, logins=json.loads(lines[-1]).get("logins", []) if lines else [])


class UnixTransport(xmlrpc.client.Transport):
	def __init__(self, path: Path):
		super().__init__()
		self.path = path

	def make_connection(self, host):
		connection = http.client.HTTPConnection("supervisor", timeout=60)
		connection.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
		connection.sock.connect(str(self.path))
		return connection


def with_defaults(text: str) -> str:
	"""Gives every program the lines of `[every program]`, which supervisord itself has no place for."""
	text, every = text.split("[every program]\n")
	return re.sub(r"\[program:(\w+)\]\n", lambda found: found[0] + every.replace("@program@", found[1]), text)


def bracketed(host: str) -> str:
	return f"[{host}]" if ":" in host else host


def is_free(port: int, host: str) -> bool:
	with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
		probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
		try:
			probe.bind((host, port))
		except OSError:
			return False
	return True


def wait_until(ready, seconds: float, otherwise: str) -> None:
	end = time.monotonic() + seconds
	while True:
		with contextlib.suppress(
			ConnectionError, FileNotFoundError, xmlrpc.client.Error, http.client.HTTPException
		):
			if ready():
				return
		if time.monotonic() > end:
			raise Failure(otherwise)
		time.sleep(0.15)
