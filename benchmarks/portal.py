"""Server times of the citizens' pages beside a province's dossiers: `./one-stop bench --instance scratch portal`.

Needs a running scratch instance, which it fills: dossiers by the bulk statements of the benchmark of reports, and the
sample province for procedures to show. A second run finds them there and only measures. Every page is asked for over
HTTP by a stranger or by a citizen who is signed in; every figure is printed in milliseconds, the median and the first
answer after all caches were emptied, and as a ratio to Frappe's own sign-in page in the same run.
"""

import argparse
import json
import os
import statistics
import sys
import time
from urllib.parse import urlencode

import frappe
import reports
import requests

DOSSIERS = 200_000
TARGET = 200  # milliseconds
MOST_BYTES = 150 * 1024
ROUNDS = 15
OWN = 12  # dossiers of the citizen
CITIZEN, PASSWORD = "bench-citizen@example.com", "Hoa-Phuong-Do-Ben-Song-7"
BASELINE = "/login"


def prepare(total: int) -> dict[str, str]:
	"""Seed what is missing. Returns the names that go into paths."""
	from one_stop import sample
	from one_stop.citizen_portal import accounts

	# The site's workers write beside it.
	frappe.db.sql("set session transaction isolation level read committed")
	frappe.db.rollback()
	if frappe.db.count("Dossier", {"code": ("like", f"{reports.MARK}%")}) < total:
		print(f"seeded {total:,} dossiers in {reports.seed(total, 1):.0f} s")
	sample.load(dossiers=False)
	user = accounts.user_of("email", CITIZEN)
	if not user:
		user = accounts.open_account("email", CITIZEN, "Người Đo", PASSWORD)
	names = frappe.get_all("Dossier", {"code": ("like", f"{reports.MARK}%")}, pluck="name", limit=OWN)
	for name in names:
		values = {"applicant_user": user, "access_code": "ABCDEFGH"}
		frappe.db.set_value("Dossier", name, values, update_modified=False)
	frappe.db.commit()
	return {"dossier": names[0], "code": frappe.db.get_value("Dossier", names[0], "code")}


def pages(words: dict[str, str]) -> dict[str, tuple[bool, str]]:
	"""Title of each page, whether it is asked for signed in, and its address."""
	follow = urlencode({"ma": words["code"], "kt": "ABCDEFGH"})
	return {
		"home": (False, "/"),
		"public figures": (False, "/so-lieu"),
		"all procedures": (False, "/thu-tuc"),
		"search of procedures": (False, "/thu-tuc?q=lam+giay+khai+sinh"),
		"a procedure": (False, "/thu-tuc/1.001193"),
		"one-stops": (False, "/co-quan"),
		"help": (False, "/huong-dan"),
		"personal data": (False, "/du-lieu-ca-nhan"),
		"follow by code": (False, f"/tra-cuu?{follow}"),
		"sign in": (False, "/dang-nhap"),
		"open an account": (False, "/dang-ky"),
		"published petitions": (False, "/phan-anh"),
		"send a petition": (False, "/phan-anh/gui"),
		"own dossiers": (True, "/ho-so"),
		"own dossier": (True, f"/ho-so/{words['dossier']}"),
		"own account": (True, "/tai-khoan"),
		"own notices": (True, "/thong-bao"),
		"own papers": (True, "/kho-giay-to"),
	}


def ask(session: requests.Session, base: str, path: str) -> tuple[float, int]:
	"""Milliseconds until the whole answer was there, and its bytes as they are transferred."""
	started = time.perf_counter()
	answer = session.get(base + path, timeout=60, allow_redirects=False, stream=True)
	size = len(answer.raw.read(decode_content=False))
	taken = (time.perf_counter() - started) * 1000
	if answer.status_code != 200:
		sys.exit(f"{path}: {answer.status_code}")
	return taken, size


def measured(session: requests.Session, base: str, path: str, rounds: int) -> tuple[float, float, int]:
	"""First answer with empty caches, median of the others, bytes."""
	frappe.clear_cache()
	frappe.cache.delete_keys("portal-figures")
	first, size = ask(session, base, path)
	return first, statistics.median(ask(session, base, path)[0] for _round in range(rounds)), size


def main() -> int:
	parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
	parser.add_argument("--dossiers", type=int, default=DOSSIERS)
	parser.add_argument("--rounds", type=int, default=ROUNDS)
	parser.add_argument("--json", help="also write the figures to this file")
	options = parser.parse_args()
	reports.connect()
	words = prepare(options.dossiers)
	base = os.environ["ONE_STOP_URL"]
	stranger, citizen = requests.Session(), requests.Session()
	for session in (stranger, citizen):
		session.headers["Accept-Encoding"] = "gzip"
	answer = citizen.post(
		f"{base}/dang-nhap", {"contact": CITIZEN, "password": PASSWORD}, timeout=60, allow_redirects=False
	)
	if answer.status_code != 303:
		sys.exit(f"The citizen could not sign in: {answer.status_code}")
	ask(stranger, base, BASELINE)
	baseline = statistics.median(ask(stranger, base, BASELINE)[0] for _round in range(options.rounds))
	print(f"{'baseline: sign-in page of Frappe':<36} {baseline:8.1f} ms   1.00")
	print(f"{'':<36} {'median':>11} {'ratio':>6} {'first':>11} {'bytes':>8}")
	result, missed = {}, []
	for title, (signed_in, path) in pages(words).items():
		first, median, size = measured(citizen if signed_in else stranger, base, path, options.rounds)
		result[title] = {"ms": round(median, 1), "first_ms": round(first, 1), "bytes": size}
		print(f"{title:<36} {median:8.1f} ms {median / baseline:6.2f} {first:8.1f} ms {size:8,}", flush=True)
		if median > TARGET or size > MOST_BYTES:
			missed.append(title)
	if options.json:
		with open(options.json, "w", encoding="utf-8") as out:
			json.dump({"baseline_ms": round(baseline, 1), "pages": result}, out, ensure_ascii=False, indent=1)
	frappe.destroy()
	if missed:
		print(f"over {TARGET} ms or {MOST_BYTES:,} bytes: {', '.join(missed)}")
	return int(bool(missed))


if __name__ == "__main__":
	sys.exit(main())
