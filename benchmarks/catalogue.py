"""Times of the catalogue with the procedures of a whole province: 2,000 of them, 8 steps each.

	./one-stop bench catalogue [--procedures N] [--json]

Needs a running instance. Everything is inserted in one transaction that is rolled back, so nothing stays. What is
measured is what the server does for the desk: the list of the catalogue, the search at the counter and in the
list, opening a version, and its checks. Every figure is in milliseconds, the median and the 95th percentile, and as
a ratio to a baseline of the same run: Frappe's list of a trivial DocType, or a bare `get_doc` of one.
"""

import argparse
import json
import os
import statistics
import sys
from collections.abc import Callable
from time import perf_counter

import frappe

PROCEDURES, STEPS, FIELDS = 2_000, 8, 40
TARGET = 300  # milliseconds
ROUNDS = 30
VERBS = (
	"Đăng ký",
	"Cấp mới",
	"Cấp lại",
	"Cấp đổi",
	"Gia hạn",
	"Điều chỉnh",
	"Xác nhận",
	"Thu hồi",
	"Chấp thuận",
	"Công bố",
)
THINGS = (
	"khai sinh",
	"giấy phép xây dựng",
	"hộ kinh doanh",
	"quyền sử dụng đất",
	"tạm trú",
	"kết hôn",
	"chứng chỉ hành nghề",
	"giấy phép lái xe",
	"an toàn thực phẩm",
	"người lao động nước ngoài",
)
FOR_WHOM = ("cho cá nhân", "cho tổ chức", "có yếu tố nước ngoài", "tại khu vực biên giới", "lần đầu")


def connect() -> None:
	os.chdir(os.environ["SITES_PATH"])
	frappe.init(site="one-stop", sites_path=".", force=True)
	frappe.connect()
	frappe.local.lang = "vi"


def insert(doctype: str, rows: list[dict]) -> None:
	now = frappe.utils.now()
	meta = frappe.get_meta(doctype)
	columns = meta.get_valid_columns()
	empty = {
		field.fieldname: 0 for field in meta.fields if field.fieldtype in frappe.model.numeric_fieldtypes
	}
	common = {
		"creation": now,
		"modified": now,
		"owner": "Administrator",
		"modified_by": "Administrator",
		"docstatus": 0,
		"idx": 0,
	}
	values = [tuple({**empty, **common, **row}.get(column) for column in columns) for row in rows]
	frappe.db.bulk_insert(doctype, columns, values, chunk_size=5_000)


def seed(count: int) -> list[str]:
	"""Insert procedures, each with one approved version. Returns the names of the versions."""
	from one_stop.procedures.catalogue import search_text

	fields = [f"Lĩnh vực đo {number}" for number in range(FIELDS)]
	insert("Procedure Field", [{"name": field, "field_name": field} for field in fields])
	procedures, offers, versions = [], [], []
	children: dict[str, list[dict]] = {}
	centres = frappe.get_all("Administrative Unit", {"is_one_stop": 1}, pluck="name", limit=5)
	for number in range(count):
		code, version = f"8.{number:06d}", f"8.{number:06d}-v1"
		name = f"{VERBS[number % 10]} {THINGS[number // 10 % 10]} {FOR_WHOM[number // 100 % 5]} {number}"
		row = frappe._dict(
			name=code,
			procedure_code=code,
			procedure_name=name,
			field=fields[number % FIELDS],
			level="Commune",
			status="In Force",
			current_version=version,
			keywords="từ khóa người dân hay dùng",
		)
		procedures.append({**row, "search_text": search_text(row)})
		offers += [
			{
				"name": f"{code}-o{at}",
				"parent": code,
				"parenttype": "Administrative Procedure",
				"parentfield": "offers",
				"receiving_unit": unit,
				"idx": at,
			}
			for at, unit in enumerate(centres, 1)
		]
		versions.append(
			{
				"name": version,
				"procedure": code,
				"procedure_name": name,
				"version_no": 1,
				"docstatus": 1,
				"decision_number": "MẪU",
				"decision_date": "2026-01-01",
				"effective_from": "2026-01-01",
				"channel_counter": 1,
				"online_level": "None",
			}
		)
		for table, doctype, rows in tables():
			children.setdefault(doctype, []).extend(
				{
					**one,
					"name": f"{version}-{table}-{at}",
					"parent": version,
					"parenttype": "Procedure Version",
					"parentfield": table,
					"idx": at,
					"docstatus": 1,
				}
				for at, one in enumerate(rows, 1)
			)
	insert("Administrative Procedure", procedures)
	insert("Procedure Offer", offers)
	insert("Procedure Version", versions)
	for doctype, rows in children.items():
		insert(doctype, rows)
	return [row["name"] for row in versions]


def tables() -> list[tuple[str, str, list[dict]]]:
	"""The rows of one version: a process with a branch, and a form of ten questions."""
	steps = [
		{
			"step_key": str(number),
			"title": f"Bước {number}",
			"kind": "Reception" if number == 1 else "Return" if number == STEPS else "Processing",
			"duty": "Reception" if number == 1 else "Return" if number == STEPS else "Appraisal",
			"unit_rule": "Receiving Unit" if number in (1, STEPS) else "Deciding Unit",
			"duration": 3,
			"duration_unit": "Working Hour",
			"after": ""
			if number == 1
			else "2"
			if number == 4
			else "3, 4"
			if number == 5
			else str(number - 1),
			"clock_effect": "Runs",
		}
		for number in range(1, STEPS + 1)
	]
	questions = [
		{
			"label": f"Câu hỏi {number}",
			"fieldname": f"cau_{number}",
			"field_type": "Text",
			"shown_when": f"cau_{number - 1}" if number > 5 else "",
		}
		for number in range(1, 11)
	]
	papers = [
		{"component_name": f"Giấy tờ {number}", "form": "Any", "originals": 1, "required": 1}
		for number in range(1, 6)
	]
	return [
		("limits", "Procedure Time Limit", [{"kind": "Fixed", "value": 5, "unit": "Working Day"}]),
		("fees", "Procedure Fee", [{"fee_name": "Lệ phí", "kind": "Charge", "amount": 8000}]),
		("components", "Procedure Component", papers),
		("eform_fields", "E-Form Field", questions),
		("results", "Procedure Result", [{"result_name": "Giấy xác nhận"}]),
		("steps", "Process Step", steps),
	]


def list_of(doctype: str, fields: list[str], filters: list | None = None) -> Callable[[], None]:
	"""What the desk asks for a page of a list, through Frappe's own endpoint."""
	from frappe.desk import reportview

	def ask() -> None:
		frappe.local.form_dict = frappe._dict(
			doctype=doctype,
			fields=json.dumps([f"`tab{doctype}`.`{name}`" for name in fields]),
			filters=json.dumps(filters or []),
			order_by=f"`tab{doctype}`.`modified` desc",
			start=0,
			page_length=20,
			view="List",
		)
		reportview.get()

	return ask


def measure(work: Callable[[], None]) -> dict[str, float]:
	work()
	times = []
	for _round in range(ROUNDS):
		started = perf_counter()
		work()
		times.append((perf_counter() - started) * 1000)
	return {"median": statistics.median(times), "p95": sorted(times)[int(ROUNDS * 0.95)]}


def main() -> int:
	options = argparse.ArgumentParser(
		description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
	)
	options.add_argument("--procedures", type=int, default=PROCEDURES)
	options.add_argument("--json", action="store_true")
	given = options.parse_args()
	connect()
	try:
		figures = run(given.procedures)
	finally:
		frappe.db.rollback()
	if given.json:
		print(json.dumps(figures, ensure_ascii=False))
	else:
		print(f"{given.procedures} procedures of {STEPS} steps; target {TARGET} ms at the 95th percentile")
		for name, row in figures.items():
			print(
				f"  {name:<42} {row['median']:8.1f} ms  p95 {row['p95']:8.1f} ms"
				+ (f"  {row['ratio']:6.1f} × {row['beside']}" if "ratio" in row else "")
			)
	late = [name for name, row in figures.items() if row["p95"] > TARGET]
	if late:
		print(f"Over {TARGET} ms: {', '.join(late)}", file=sys.stderr)
	return 1 if late else 0


def run(count: int) -> dict[str, dict]:
	from frappe.desk.form import load

	from one_stop.api import procedures as api
	from one_stop.procedures import terms
	from one_stop.procedures.catalogue import plain

	names = iter(seed(count) * 10)
	listed = [
		"name",
		"procedure_name",
		"procedure_code",
		"field",
		"level",
		"status",
		"current_version",
		"modified",
	]
	words = plain("cấp lại giấy phép xây dựng").split()
	matching = [["Administrative Procedure", "search_text", "like", f"%{word}%"] for word in words]

	def opened() -> None:
		frappe.clear_document_cache("Procedure Version", name := next(names))
		frappe.local.response = frappe._dict(docs=[])
		load.getdoc("Procedure Version", name)

	def checked() -> None:
		api.check_version(frappe.get_doc("Procedure Version", next(names)).as_dict())

	def pinned() -> None:
		name = next(names)
		terms.version_on(name.removesuffix("-v1"), frappe.utils.getdate())
		terms.terms_for(name, "H17.40.01.01", "H17.40.01")

	works = {
		"bare list of duties": (list_of("Duty", ["name", "role"]), None),
		"bare get_doc of a duty": (lambda: frappe.get_doc("Duty", "Reception"), None),
		"list of the catalogue": (list_of("Administrative Procedure", listed), "bare list of duties"),
		"search in the list, without diacritics": (
			list_of("Administrative Procedure", listed, matching),
			"bare list of duties",
		),
		"search at the counter": (lambda: api.search("cap lai giay phep xay dung"), "bare list of duties"),
		"search at the counter, one common word": (lambda: api.search("cap"), "bare list of duties"),
		"list of versions": (
			list_of("Procedure Version", ["name", "procedure", "version_no", "effective_from", "modified"]),
			"bare list of duties",
		),
		"opening a version": (opened, "bare get_doc of a duty"),
		"checking a version": (checked, "bare get_doc of a duty"),
		"version and terms of a day": (pinned, "bare get_doc of a duty"),
	}
	figures: dict[str, dict] = {}
	for name, (work, beside) in works.items():
		figures[name] = measure(work)
		if beside:
			figures[name] |= {"ratio": figures[name]["median"] / figures[beside]["median"], "beside": beside}
	return figures


if __name__ == "__main__":
	sys.exit(main())
