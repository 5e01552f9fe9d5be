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
	def __init__(self, bench: Bench, name: str):
		self.bench = bench
		self.name = name
		self.root = bench.root / "instances" / name
		self.config = self.root / "config"
		self.logs = self.root / "logs"
		self.sites = self.root / "sites"
		self.run = self.root / "run"
		self.supervisor: subprocess.Popen | None = None

	# What is known about it

	def recall(self, name: str = "state") -> dict:
		with contextlib.suppress(FileNotFoundError):
			return json.loads((self.config / f"{name}.json").read_text())
		return {}

	def remember(self, name: str = "state", **facts) -> dict:
		known = self.recall(name) | facts
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
		return f"http://localhost:{self.recall('ports').get('http')}"

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
		}

	def redis_url(self, name: str) -> str:
		return f"redis://:{self.recall('secrets')['redis']}@127.0.0.1:{self.recall('ports')[name]}"

	# Configuration

	def configure(self, port: int, host: str, quick: bool = False) -> None:
		"""Writes every configuration file afresh. `quick` trades durability for speed (test sites)."""
		for folder in (
			self.config / "edge.d",
			self.logs,
			self.sites,
			self.run,
			self.root / "data",
			self.root / "apps",
		):
			folder.mkdir(parents=True, exist_ok=True)
		self.root.chmod(0o700)
		self.sockets.mkdir(mode=0o700, exist_ok=True)
		for name in ("redis_cache", "redis_queue"):
			(self.root / "data" / name).mkdir(exist_ok=True)
		point(self.root / "apps/frappe", self.bench.frappe)
		point(self.root / "apps/one_stop", REPO)
		point(self.root / "env", self.bench.env)
		point(self.sites / "assets", self.bench.assets)
		write(self.sites / "apps.txt", "frappe\none_stop\n")
		known = self.recall("secrets")
		passwords = {
			name: secrets.token_urlsafe(18) for name in ("mariadb", "redis", "administrator", "site")
		}
		word = self.remember("secrets", **(passwords | known))
		ports = self.choose_ports(port, host)
		write(
			self.sites / "common_site_config.json",
			json.dumps(
				{
					"db_host": "127.0.0.1",
					"db_port": ports["mariadb"],
					"redis_cache": self.redis_url("redis_cache"),
					"redis_queue": self.redis_url("redis_queue"),
					"redis_socketio": self.redis_url("redis_queue"),
					"default_site": SITE,
					"host_name": self.url,
					"webserver_port": port,
					"socketio_port": port,
					"developer_mode": 0,
					"server_script_enabled": 0,
					"background_workers": 1,
					"allow_tests": quick,
				},
				indent="\t",
			),
		)
		root = os.geteuid() == 0
		known_options = subprocess.run(
			["mariadbd", "--no-defaults", "--verbose", "--help"], capture_output=True, text=True
		).stdout
		values = {
			"config": self.config,
			"data": self.root / "data",
			"env": self.bench.env,
			"host": host,
			"logs": self.logs,
			"name": self.name,
			"port": port,
			"root": self.root,
			"run": self.run,
			"runtime": RUNTIME,
			"site": SITE,
			"sockets": self.sockets,
			"with_parent": f"{shutil.which('setpriv')} --pdeathsig TERM --",
			"mariadb": ports["mariadb"],
			"buffer_pool": os.environ.get("ONE_STOP_DB_MEMORY", "512M"),
			"durability": 2 if quick else 1,
			"snapshot_isolation": "innodb-snapshot-isolation=ON"
			if "innodb-snapshot-isolation" in known_options
			else "",
		}
		# supervisord would take a percent sign in a path for a variable of its own
		doubled = {key: str(value).replace("%", "%%") for key, value in values.items()}
		programs, every = ((RUNTIME / "supervisord.conf").read_text() % doubled).split("[every program]\n")
		programs = re.sub(
			r"\[program:(\w+)\]\n", lambda found: found[0] + every.replace("{program}", found[1]), programs
		)
		write(self.config / "supervisord.conf", programs)
		user = {"my.cnf": "user=root" if root else "", "nginx.conf": "user root root;" if root else ""}
		for name in user:
			text = (RUNTIME / name).read_text().format(**values, user=user[name])
			write(self.config / name, text)
		for name, rules in {"redis_cache": "save ''", "redis_queue": "save ''\nappendonly yes"}.items():
			write(
				self.config / f"{name}.conf",
				f"bind 127.0.0.1\nport {ports[name]}\nrequirepass {word['redis']}\ndir {self.root}/data/{name}\n"
				f"daemonize no\n{rules.replace(chr(39) * 2, chr(34) * 2)}\n"
				+ ("maxmemory 256mb\nmaxmemory-policy allkeys-lru\n" if name == "redis_cache" else ""),
			)
		write(
			self.config / "users.sql",
			"DELETE FROM mysql.global_priv WHERE User = '' OR (User = 'root' AND Host NOT IN ('localhost', '127.0.0.1'));\n"
			"FLUSH PRIVILEGES;\n"
			f"ALTER USER 'root'@'localhost' IDENTIFIED BY '{word['mariadb']}';\n"
			f"CREATE USER IF NOT EXISTS 'root'@'127.0.0.1' IDENTIFIED BY '{word['mariadb']}';\n"
			f"ALTER USER 'root'@'127.0.0.1' IDENTIFIED BY '{word['mariadb']}';\n"
			"GRANT ALL PRIVILEGES ON *.* TO 'root'@'127.0.0.1' WITH GRANT OPTION;\n",
		)
		write(
			self.config / "gunicorn.py",
			f'bind = "unix:{self.sockets}/web.sock"\nchdir = "{self.sites}"\nworker_class = "gthread"\n'
			f"workers = {os.environ.get('ONE_STOP_WEB_WORKERS', 2)}\nthreads = 8\npreload_app = True\n"
			"max_requests = 5000\nmax_requests_jitter = 500\ntimeout = 120\ngraceful_timeout = 25\n"
			'forwarded_allow_ips = "*"\n',
		)

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
		command = [
			"mariadb-install-db",
			"--no-defaults",
			f"--datadir={new}",
			"--skip-test-db",
			"--skip-name-resolve",
		]
		command += [
			"--auth-root-authentication-method=normal",
			*(["--user=root"] if os.geteuid() == 0 else []),
		]
		run(command, self.logs / "mariadb-install.log", "Making the database folder")
		new.rename(folder)

	# Processes

	def lock(self):
		"""Held while the instance runs; a second start is told so."""
		self.run.mkdir(parents=True, exist_ok=True)
		lock = (self.run / "one-stop.pid").open("a+")
		try:
			fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
		except BlockingIOError:
			raise Failure(
				f"{self.name} is running already at {self.url}. `./one-stop stop` ends it."
			) from None
		lock.truncate(0)
		lock.write(str(os.getpid()))
		lock.flush()
		os.set_inheritable(lock.fileno(), False)
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
		(self.run / "ready").unlink(missing_ok=True)
		self.supervisor = subprocess.Popen(
			[
				"setpriv",
				"--pdeathsig",
				"TERM",
				"--",
				self.bench.env / "bin/supervisord",
				"-c",
				self.config / "supervisord.conf",
			],
			env=self.environment(),
			stdin=subprocess.DEVNULL,
			start_new_session=True,
		)
		wait_until(lambda: (self.sockets / "supervisor.sock").exists(), 20, "supervisord did not start.")

	def call(self, method: str, *arguments):
		proxy = xmlrpc.client.ServerProxy(
			"http://supervisor", transport=UnixTransport(self.sockets / "supervisor.sock")
		)
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

	def fetch(self, path: str) -> int:
		"""The status the site answers with; 0 for none."""
		with contextlib.suppress(OSError, http.client.HTTPException):
			connection = http.client.HTTPConnection("127.0.0.1", self.recall("ports")["http"], timeout=30)
			connection.request("GET", path)
			return connection.getresponse().status
		return 0

	def watch(self) -> None:
		"""Returns only with a Failure, when a process is given up on or supervisord ends."""
		while True:
			time.sleep(2)
			try:
				self.check()
			except (OSError, http.client.HTTPException, xmlrpc.client.Error):
				continue

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

	def frappe(self, *arguments: str, log: str = "site.log", what: str = "") -> None:
		"""Runs one of Frappe's own commands on the site, its output in a log."""
		command = [self.bench.python, "-m", "frappe.utils.bench_helper", "frappe", *arguments]
		what = what or f"frappe {' '.join(arguments)}"
		run(command, self.logs / log, what, cwd=self.sites, env=self.environment())

	def build_site(self) -> None:
		config = self.sites / "common_site_config.json"
		settled = config.read_text()
		word = self.recall("secrets")
		# Passwords travel in a file, not on a command line that every user of the machine can read.
		with_passwords = json.loads(settled) | {
			"root_login": "root",
			"root_password": word["mariadb"],
			"admin_password": word["administrator"],
		}
		shutil.rmtree(self.sites / SITE, ignore_errors=True)
		try:
			write(config, json.dumps(with_passwords, indent="\t"))
			self.frappe(
				"new-site",
				SITE,
				"--force",
				"--no-mariadb-socket",
				"--db-name",
				"one_stop",
				what="Creating the site",
			)
		finally:
			write(config, settled)
		self.remember(site=True)

	def complete_site(self) -> None:
		command = [self.bench.python, RUNTIME / "site_setup.py", SITE]
		run(command, self.logs / "site.log", "Completing the setup", cwd=self.sites, env=self.environment())
		self.remember(setup=True)

	def app_digest(self) -> str:
		"""Changes when a migration may be due: code, DocTypes, patches, fixtures, Frappe itself."""
		app = REPO / "apps/one_stop"
		kinds = (".py", ".json", ".txt", ".html")
		files = [
			f for f in sorted(app.rglob("*")) if f.suffix in kinds and f.is_file() and "public" not in f.parts
		]
		return digest(str(self.bench.frappe.resolve()), *(part for f in files for part in (str(f), f)))

	def install_app(self) -> None:
		key = self.app_digest()
		self.frappe("--site", SITE, "install-app", "one_stop", "--force", what="Installing the app")
		self.remember(app=True, migrated=key)

	def migrate(self) -> None:
		key = self.app_digest()
		self.frappe("--site", SITE, "migrate", "--skip-search-index", what="Migrating the site")
		self.remember(migrated=key)

	def load_sample(self) -> None:
		expression = "one_stop.sample.load"
		command = [
			self.bench.python,
			"-m",
			"frappe.utils.bench_helper",
			"frappe",
			"--site",
			SITE,
			"execute",
			expression,
		]
		log = self.logs / "sample.log"
		log.unlink(missing_ok=True)
		run(command, log, "Loading the sample province", cwd=self.sites, env=self.environment())
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
		try:
			if ready():
				return
		except (ConnectionError, FileNotFoundError, xmlrpc.client.Error, http.client.HTTPException):
			pass
		if time.monotonic() > end:
			raise Failure(otherwise)
		time.sleep(0.15)
