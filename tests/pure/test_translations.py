"""No string that people see lacks its Vietnamese: code, DocTypes, workspaces, workflow, reports, print forms."""

import ast
import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[2]
APP = REPO / "apps/one_stop"
CSV = APP / "translations/vi.csv"

# Names and marks that are the same in Vietnamese, with a reason each.
SAME_IN_VIETNAMESE = {
	"{0}": "a value alone",
	"{0} – {1}": "values alone",
	"BPMN": "name of a notation",
	"BPMN 2.0": "name of a notation",
	"JSON": "name of a format",
	"CSV": "name of a format",
	"PDF": "name of a format",
	"QR": "name of a mark",
	"SHA-256": "name of a digest",
	"VNeID": "proper name",
	"–": "a dash",
	"—": "a dash",
}
# Functions and tables whose strings are translated where they are shown, not where they are written.
LABELLING_CALLS = {"_text", "_money", "_choice", "_file", "Queue", "moment_of"}
LABELLING_TABLES = {"LABELS", "EVENT_LABELS"}
JS_CALL = re.compile(r"""\b__\(\s*("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`$]*`)""")
JINJA_CALL = re.compile(r"""[\s({%]_\(\s*("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')""")
LETTER = re.compile(r"[^\W\d_]")


def rows() -> list[list[str]]:
	with CSV.open(encoding="utf-8", newline="") as file:
		return list(csv.reader(file))


def translated() -> dict[str, str]:
	return {row[0]: row[1] for row in rows() if row}


def text_of(node: ast.AST | None) -> str | None:
	return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def in_python(path: Path) -> Iterator[str]:
	for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
		if isinstance(node, ast.Call):
			name = getattr(node.func, "id", getattr(node.func, "attr", ""))
			if name in ("_", "_lt") and node.args and (text := text_of(node.args[0])):
				yield text
			elif name in LABELLING_CALLS and len(node.args) > 1 and (text := text_of(node.args[1])):
				yield text
		elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict):
			if {getattr(target, "id", "") for target in node.targets} & LABELLING_TABLES:
				yield from filter(None, map(text_of, node.value.values))


def in_javascript(path: Path) -> Iterator[str]:
	for found in JS_CALL.finditer(path.read_text(encoding="utf-8")):
		yield unquoted(found[1])


def in_template(path: Path) -> Iterator[str]:
	for found in JINJA_CALL.finditer(path.read_text(encoding="utf-8")):
		yield unquoted(found[1])


def unquoted(literal: str) -> str:
	body = literal[1:-1]
	return re.sub(r"\\(.)", lambda found: {"n": "\n", "t": "\t"}.get(found[1], found[1]), body)


def in_json(path: Path) -> Iterator[str]:
	"""The words of a document that Frappe syncs from its module folder."""
	content = json.loads(path.read_text(encoding="utf-8"))
	for doc in content if isinstance(content, list) else [content]:
		yield from WORDS_OF.get(doc.get("doctype"), lambda doc: ())(doc)


def words_of_doctype(doc: dict) -> Iterator[str]:
	yield doc["name"]
	yield doc.get("description", "")
	for row in doc.get("fields", ()):
		if row.get("hidden"):
			continue
		yield row.get("label", "")
		yield row.get("description", "")
		if row.get("fieldtype") == "Select":
			yield from (row.get("options") or "").split("\n")
	for row in (*doc.get("links", ()), *doc.get("actions", ())):
		yield row.get("group", "") or row.get("label", "")


def words_of_workspace(doc: dict) -> Iterator[str]:
	yield doc["title"]
	for table in ("links", "shortcuts", "charts", "number_cards", "quick_lists"):
		for row in doc.get(table, ()):
			yield row.get("label", "")
	for shortcut in doc.get("shortcuts", ()):
		yield (shortcut.get("format") or "").replace("{}", "").strip()
	for block in json.loads(doc.get("content") or "[]"):
		yield re.sub(r"<[^>]+>", "", block.get("data", {}).get("text", "")).strip()


def words_of_workflow(doc: dict) -> Iterator[str]:
	for row in doc.get("states", ()):
		yield row["state"]
	for row in doc.get("transitions", ()):
		yield row["action"]


WORDS_OF = {
	"DocType": words_of_doctype,
	"Workspace": words_of_workspace,
	"Workflow": words_of_workflow,
	"Workflow State": lambda doc: [doc["workflow_state_name"]],
	"Workflow Action Master": lambda doc: [doc["workflow_action_name"]],
	"Number Card": lambda doc: [doc["label"]],
	"Dashboard Chart": lambda doc: [doc["chart_name"]],
	"Report": lambda doc: [doc["report_name"]],
	"Print Format": lambda doc: [doc["name"]],
	"Role": lambda doc: [doc["role_name"]],
	"Page": lambda doc: [doc["title"]],
}
READERS = {".py": in_python, ".js": in_javascript, ".html": in_template, ".json": in_json}
# Not code of the desk: the words of these files are content, or never shown.
LEFT_OUT = ("translations", "seed", "sample.py", "sample_dossiers.py")


def shown_strings() -> dict[str, str]:
	"""Each shown string with the first file it stands in."""
	found: dict[str, str] = {}
	for path in sorted(APP.rglob("*")):
		inside = path.relative_to(APP)
		if path.suffix not in READERS or set(LEFT_OUT) & set(inside.parts) or "dist" in inside.parts:
			continue
		for text in READERS[path.suffix](path):
			if text and LETTER.search(text):
				found.setdefault(text, str(inside))
	return found


def test_every_shown_string_has_its_vietnamese():
	known = translated()
	missing = {
		text: where
		for text, where in shown_strings().items()
		if text not in known and text not in SAME_IN_VIETNAMESE
	}
	lines = [f"{where}: {text!r}" for text, where in sorted(missing.items(), key=lambda row: row[::-1])]
	assert not lines, f"{len(lines)} strings without Vietnamese:\n" + "\n".join(lines)


def test_no_string_is_translated_twice_or_to_nothing():
	seen: set[tuple[str, str]] = set()
	faults = []
	for number, row in enumerate(rows(), 1):
		if len(row) not in (2, 3) or not row[0].strip() or not row[1].strip():
			faults.append(f"line {number}: {row}")
			continue
		key = (row[0], row[2] if len(row) == 3 else "")
		if key in seen:
			faults.append(f"line {number}: {row[0]!r} once more")
		seen.add(key)
	assert not faults, "\n".join(faults)


@pytest.mark.parametrize("placeholder", [r"\{\d+\}", r"\{\}", r"%s"])
def test_translations_keep_their_placeholders(placeholder: str):
	wrong = [
		row[0]
		for row in rows()
		if sorted(re.findall(placeholder, row[0])) != sorted(re.findall(placeholder, row[1]))
	]
	assert not wrong, "\n".join(wrong)
