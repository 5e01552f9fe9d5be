"""What the commands of a dossier cost, beside a bare Frappe insert of the same document in the same run.

	./one-stop bench commands [--dossiers N] [--workers N] [--json]

Needs a running instance with the sample province; what is measured stays there as drafts and dossiers of the
sample's people, so run it on an instance made for it. The table is as full as it is: seed it first for figures
of a real province (benchmarks/reports.py seeds), and read the number of rows printed with the figures.
"""

import argparse
import json
import multiprocessing
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from time import perf_counter

import frappe

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests import factories as make

TARGETS = {"receive": 400, "complete_step": 250}  # milliseconds, 95th percentile
RATIO_TARGET = 3
COMMANDS_A_SECOND = 40


def connect() -> None:
	os.chdir(os.environ["SITES_PATH"])
	frappe.init(site="one-stop", sites_path=".", force=True)
	frappe.connect()
	frappe.flags.in_test = True


def milliseconds(work) -> float:
	started = perf_counter()
	work()
	return (perf_counter() - started) * 1000


def percentile(values: list[float], share: float) -> float:
	ordered = sorted(values)
	return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def bare_insert(template: str) -> float:
	"""A plain insert of the document of a draft, committed: what Frappe itself costs."""
	values = frappe.copy_doc(frappe.get_doc("Dossier", template)).as_dict()

	def work() -> None:
		frappe.get_doc(values).insert()
		frappe.db.commit()

	with make.acting(make.CLERK):
		return milliseconds(work)


def one_by_one(count: int) -> dict[str, list[float]]:
	"""Cost of each command and of the bare insert, taken in turns so that all meet the same machine."""
	found: dict[str, list[float]] = {"bare insert": [], "receive": [], "complete_step": [], "claim": []}
	template = make.draft()
	for _number in range(count):
		found["bare insert"].append(bare_insert(template))
		dossier = make.draft()
		found["receive"].append(milliseconds(lambda d=dossier: make.give("receive", d, make.CLERK)))
		found["complete_step"].append(
			milliseconds(
				lambda d=dossier: make.give("complete_step", d, make.CLERK, step="1", no_scan_reason="Đo")
			)
		)
		found["claim"].append(milliseconds(lambda d=dossier: make.give("claim", d, make.OFFICER, step="2")))
		found["complete_step"].append(
			milliseconds(lambda d=dossier: make.give("complete_step", d, make.OFFICER, step="2"))
		)
	return found


def mixed(dossiers: list[str]) -> int:
	"""Receive, hand over, claim, complete for each dossier; the number of commands carried out."""
	for dossier in dossiers:
		make.give("receive", dossier, make.CLERK)
		make.give("complete_step", dossier, make.CLERK, step="1", no_scan_reason="Đo")
		make.give("claim", dossier, make.OFFICER, step="2")
		make.give("complete_step", dossier, make.OFFICER, step="2")
	return 4 * len(dossiers)


def drafts(count: int) -> list[str]:
	return [make.draft() for _number in range(count)]


def together(workers: int, each: int) -> dict[str, float]:
	"""Commands a second of several processes at one counter, and whether any was lost."""
	from one_stop.dossiers import ledger

	share = [drafts(each) for _worker in range(workers)]
	with ProcessPoolExecutor(
		workers, mp_context=multiprocessing.get_context("spawn"), initializer=connect
	) as pool:
		list(pool.map(drafts, [1] * workers))  # every worker is up and warm
		started = perf_counter()
		carried_out = sum(pool.map(mixed, share))
		seconds = perf_counter() - started
	frappe.db.rollback()
	names = [name for part in share for name in part]
	events = frappe.db.count("Dossier Event", {"dossier": ["in", names]})
	broken = sum(bool(ledger.verify(name)) for name in names)
	return {
		"commands a second": carried_out / seconds,
		"commands lost": carried_out - events,
		"ledgers broken": broken,
	}


def main() -> int:
	options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
	options.add_argument("--dossiers", type=int, default=60, help="dossiers measured one by one")
	options.add_argument("--workers", type=int, default=4, help="processes at once")
	options.add_argument("--json", action="store_true")
	given = options.parse_args()
	connect()
	make.give("receive", make.draft(), make.CLERK)  # fills the caches
	costs = one_by_one(given.dossiers)
	base = percentile(costs["bare insert"], 0.5)
	rows = {
		name: {
			"median ms": percentile(values, 0.5),
			"p95 ms": percentile(values, 0.95),
			"× bare insert": percentile(values, 0.5) / base,
		}
		for name, values in costs.items()
	}
	load = together(given.workers, max(5, given.dossiers // given.workers))
	count = frappe.db.sql("select count(*) from `tabDossier`")[0][0]
	if given.json:
		print(json.dumps({"dossiers": count, "costs": rows, "load": load}, indent="\t"))
		return 0
	print(f"{count:,} dossiers in the table, {given.dossiers} measured")
	for name, row in rows.items():
		target = f"  (target p95 {TARGETS[name]} ms)" if name in TARGETS else ""
		print(
			f"{name:14} {row['median ms']:7.1f} ms  p95 {row['p95 ms']:7.1f} ms  {row['× bare insert']:5.2f} × bare insert{target}"
		)
	print(f"receive: target ≤ {RATIO_TARGET} × bare insert")
	print(
		f"{given.workers} processes at one counter: {load['commands a second']:.0f} commands a second "
		f"(target {COMMANDS_A_SECOND}), {load['commands lost']} lost, {load['ledgers broken']} ledgers broken"
	)
	return 0


if __name__ == "__main__":
	sys.exit(main())
