"""The conditions of e-forms mean the same in the browser and on the server."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from one_stop.procedures import conditions

ROOT = Path(__file__).parents[2]
CASES = json.loads((ROOT / "tests/data/condition_cases.json").read_text())
CASES += [
	{"text": "not " * 50 + "a", "values": {}, "result": False},
	{"text": "not " * 51 + "a", "error": True},
	{"text": "(" * 50 + "a" + ")" * 50, "values": {"a": 1}, "result": True},
	{"text": "(" * 51 + "a" + ")" * 51, "error": True},
	{"text": "a" * 1000, "values": {"a" * 1000: 1}, "result": True},
	{"text": "a" * 1001, "error": True},
]

SCRIPT = """
import { parse } from %s;
let text = "";
for await (const part of process.stdin) text += part;
const answers = JSON.parse(text).map(({ text, values }) => {
	try {
		const condition = parse(text);
		return { result: condition.evaluate(values || {}), names: [...condition.names].sort() };
	} catch (error) {
		return error.name === "ConditionError" ? { error: true } : { crash: String(error) };
	}
});
console.log(JSON.stringify(answers));
"""


def python_answer(case: dict) -> dict:
	try:
		condition = conditions.parse(case["text"])
	except conditions.ConditionError:
		return {"error": True}
	return {"result": condition.evaluate(case.get("values") or {}), "names": sorted(condition.names)}


def expected(case: dict, answer: dict) -> dict:
	"""What the answer must be; names are only compared where the case gives them."""
	if case.get("error"):
		return {"error": True}
	return {"result": case["result"], "names": case.get("names", answer.get("names"))}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"][:40] or "blank")
def test_condition_means_what_its_case_says(case: dict):
	answer = python_answer(case)
	assert answer == expected(case, answer)


def test_browser_reads_conditions_as_the_server_does(tmp_path: Path):
	node = shutil.which("node")
	if not node:
		pytest.skip("node is not installed")
	module = ROOT / "apps/one_stop/public/js/eform.js"
	# A module's kind follows its extension outside of a bundler.
	copy = tmp_path / "eform.mjs"
	copy.write_text(module.read_text())
	done = subprocess.run(
		[node, "--input-type=module", "-e", SCRIPT % json.dumps(copy.as_uri())],
		input=json.dumps(CASES),
		capture_output=True,
		text=True,
		timeout=60,
	)
	assert done.returncode == 0, done.stderr
	answers = json.loads(done.stdout)
	assert len(answers) == len(CASES)
	for case, answer in zip(CASES, answers, strict=True):
		assert answer == expected(case, answer), case["text"]
		assert answer == python_answer(case), case["text"]
