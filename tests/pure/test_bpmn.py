"""BPMN files come from outside: honest ones are read, hostile ones refused."""

import json
import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from one_stop.procedures import bpmn

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "apps/one_stop/public/js/process"
MODULES = [folder / "node_modules" for folder in (ROOT, Path(sys.prefix).parent / "node-app")]
PROCEDURES = sorted((ROOT / "fixtures/procedures").glob("*.json"))


def file_of(body: str, lanes: str = "", namespace: str = bpmn.MODEL, more: str = "") -> str:
	return f"""<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="{namespace}" xmlns:onestop="urn:one-stop:process:1" id="d" {more}>
<bpmn:process id="p">{lanes}{body}</bpmn:process></bpmn:definitions>"""


def flow(source: str, target: str) -> str:
	return f'<bpmn:sequenceFlow id="{source}-{target}" sourceRef="{source}" targetRef="{target}"/>'


def after_of(text: str) -> dict[str, str]:
	"""Titles of the steps before each step, by its title."""
	read = bpmn.read_process(text)
	titles = {row["step_key"]: row["title"] for row in read.steps}
	return {
		row["title"]: ", ".join(titles[key] for key in row["after"].split(", ") if key) for row in read.steps
	}


SEQUENCE = (
	'<bpmn:startEvent id="s"/><bpmn:userTask id="t1" name="Nhận"/><bpmn:task id="t2" name="Xét"/>'
	'<bpmn:endEvent id="e"/>' + flow("s", "t1") + flow("t1", "t2") + flow("t2", "e")
)


def test_a_sequence_of_another_tool_is_read():
	read = bpmn.read_process(file_of(SEQUENCE))
	assert [(row["step_key"], row["title"], row["after"]) for row in read.steps] == [
		("b1", "Nhận", ""),
		("b2", "Xét", "b1"),
	]
	assert [(row["kind"], row["duty"], row["unit_rule"]) for row in read.steps] == [
		("Reception", "Reception", "Receiving Unit"),
		("Return", "Return", "Receiving Unit"),
	]
	assert "check what was filled in" in read.messages[-1].template


def test_gateways_become_branches_and_joins():
	body = (
		"".join(f'<bpmn:task id="t{number}" name="{number}"/>' for number in range(1, 5))
		+ '<bpmn:parallelGateway id="g1"/><bpmn:parallelGateway id="g2"/>'
		+ "".join(
			flow(*pair)
			for pair in (("t1", "g1"), ("g1", "t2"), ("g1", "t3"), ("t2", "g2"), ("t3", "g2"), ("g2", "t4"))
		)
	)
	assert after_of(file_of(body)) == {"1": "", "2": "1", "3": "1", "4": "2, 3"}


def test_a_choice_is_told_because_every_way_would_be_taken():
	body = (
		'<bpmn:task id="t1" name="1"/><bpmn:exclusiveGateway id="g" name="Đủ điều kiện?"/>'
		'<bpmn:task id="t2" name="2"/><bpmn:task id="t3" name="3"/>'
		+ flow("t1", "g")
		+ flow("g", "t2")
		+ flow("g", "t3")
	)
	messages = bpmn.read_process(file_of(body)).messages
	assert any(message.values.get("gateway") == "Đủ điều kiện?" for message in messages)


def test_a_way_back_is_left_out_and_told():
	body = (
		'<bpmn:task id="t1" name="1"/><bpmn:task id="t2" name="2"/><bpmn:exclusiveGateway id="g"/>'
		'<bpmn:task id="t3" name="3"/>'
		+ flow("t1", "t2")
		+ flow("t2", "g")
		+ flow("g", "t1")
		+ flow("g", "t3")
	)
	read = bpmn.read_process(file_of(body))
	assert after_of(file_of(body)) == {"1": "", "2": "1", "3": "2"}
	assert any("way back" in message.template for message in read.messages)


def test_a_lane_says_where_its_tasks_lie():
	lanes = """<bpmn:laneSet id="l"><bpmn:lane id="l1" name="Một cửa"><bpmn:flowNodeRef>t1</bpmn:flowNodeRef>
		</bpmn:lane><bpmn:lane id="l2"><bpmn:childLaneSet id="c"><bpmn:lane id="l3" name="Phòng  Tư pháp">
		<bpmn:flowNodeRef> t2 </bpmn:flowNodeRef></bpmn:lane></bpmn:childLaneSet></bpmn:lane></bpmn:laneSet>"""
	assert bpmn.read_process(file_of(SEQUENCE, lanes)).lanes == {"b1": "Một cửa", "b2": "Phòng Tư pháp"}


def test_the_process_with_most_tasks_is_read():
	two = file_of(SEQUENCE).replace(
		"</bpmn:definitions>", '<bpmn:process id="q"><bpmn:task id="x"/></bpmn:process></bpmn:definitions>'
	)
	read = bpmn.read_process(two)
	assert len(read.steps) == 2 and "2" in {message.values.get("count") for message in read.messages}


def test_tasks_without_names_or_identifiers_are_still_told_apart():
	body = '<bpmn:task/><bpmn:task id="t"/><bpmn:task id="t" name="x"/>'
	rows = bpmn.read_process(file_of(body)).steps
	assert len({row["step_key"] for row in rows}) == 3 and all(row["title"] for row in rows)


def test_flows_to_nowhere_are_left_out():
	read = bpmn.read_process(file_of(SEQUENCE + flow("t1", "nowhere")))
	assert any("not in the file" in message.template for message in read.messages)


def step_of(attributes: str, name: str = "Bước") -> str:
	return (
		f'<bpmn:userTask id="t" name="{name}"><bpmn:extensionElements><onestop:step {attributes}/>'
		"</bpmn:extensionElements></bpmn:userTask>"
	)


def test_values_that_are_not_known_are_left_out_and_told():
	(row,) = (read := bpmn.read_process(file_of(step_of('key="1" kind="Magic" duration="-3"')))).steps
	assert (row["kind"], row["duration"]) == ("Processing", 0)
	assert len(read.messages) == 2


def test_only_known_attributes_are_taken():
	(row,) = bpmn.read_process(file_of(step_of('key="1" owner="root" parent="x" docstatus="1"'))).steps
	assert not {"owner", "parent", "docstatus"} & set(row)


# Hostile and broken files

BOMB = """<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><bpmn:definitions xmlns:bpmn="x">&c;</bpmn:definitions>"""
OUTSIDE = '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><d>&x;</d>'
PARAMETER = '<!DOCTYPE d [<!ENTITY % p SYSTEM "http://127.0.0.1/x"> %p;]><d/>'


@pytest.mark.parametrize(
	("text", "refusal"),
	[
		(BOMB, bpmn.HostileXml),
		(OUTSIDE, bpmn.HostileXml),
		(PARAMETER, bpmn.HostileXml),
		("<!DOCTYPE definitions><d/>", bpmn.HostileXml),
		("", bpmn.NotXml),
		("không phải XML", bpmn.NotXml),
		("<a><b></a>", bpmn.NotXml),
		(file_of(SEQUENCE)[:-20], bpmn.NotXml),
		("<a>&undefined;</a>", bpmn.NotXml),
		("\ud800<a/>", bpmn.NotXml),
		("<html/>", bpmn.NotBpmn),
		('<definitions xmlns="urn:x"/>', bpmn.NotBpmn),
		(file_of(SEQUENCE, namespace="http://schema.omg.org/spec/BPMN/2.0"), bpmn.OtherBpmnVersion),
		('<Package xmlns="http://www.wfmc.org/2009/XPDL2.2"/>', bpmn.OtherBpmnVersion),
		(file_of(step_of("")).replace("process:1", "process:2"), bpmn.NewerStepFormat),
		(file_of(""), bpmn.NoSteps),
		(file_of('<bpmn:startEvent id="s"/>'), bpmn.NoSteps),
		("<a>" * 5000 + "</a>" * 5000, bpmn.FileTooLarge),
		(file_of('<bpmn:startEvent id="s"/>' * 21_000), bpmn.FileTooLarge),
		(file_of("<!--" + "x" * bpmn.MOST_BYTES + "-->"), bpmn.FileTooLarge),
		(file_of("".join(f'<bpmn:task id="t{n}"/>' for n in range(201))), bpmn.FileTooLarge),
	],
	ids=lambda value: value.__name__ if isinstance(value, type) else value[:24],
)
def test_broken_and_hostile_files_are_refused(text: str, refusal: type[bpmn.BpmnError]):
	started = time.perf_counter()
	with pytest.raises(refusal):
		bpmn.read_process(text)
	assert time.perf_counter() - started < 2


def test_a_file_of_gateways_only_connected_in_circles_takes_no_time():
	names = [f"g{number}" for number in range(4000)]
	body = "".join(f'<bpmn:exclusiveGateway id="{name}"/>' for name in names)
	body += "".join(flow(one, other) for one, other in zip(names, [*names[1:], names[0]], strict=True))
	body += '<bpmn:task id="t1" name="1"/>' + flow("g0", "t1") + flow("t1", "g5")
	started = time.perf_counter()
	bpmn.read_process(file_of(body))
	assert time.perf_counter() - started < 2


@settings(max_examples=2000, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str):
	try:
		bpmn.read_process(text)
	except bpmn.BpmnError:
		pass


@settings(max_examples=2000, deadline=None)
@given(st.integers(1, 8), st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=30))
def test_whatever_the_flows_the_steps_have_an_order(count: int, pairs: list[tuple[int, int]]):
	body = "".join(f'<bpmn:task id="n{number}" name="{number}"/>' for number in range(count))
	body += "".join(f'<bpmn:parallelGateway id="n{number}"/>' for number in range(count, 12))
	body += "".join(flow(f"n{one}", f"n{other}") for one, other in pairs)
	rows = bpmn.read_process(file_of(body)).steps
	seen: set[str] = set()
	for row in rows:
		assert seen.issuperset(key for key in row["after"].split(", ") if key)
		seen.add(row["step_key"])
	assert len(rows) == count


# Our own export, read back

WRITE = """
import { write_bpmn } from "./bpmn_file.js";
import { BpmnModdle } from "bpmn-moddle";
let text = "";
for await (const part of process.stdin) text += part;
const answers = [];
for (const steps of JSON.parse(text)) {
	const { xml } = await write_bpmn(steps, {
		title: "Thủ tục <&>", process_id: "P_1", lane_label: (key) => key, start_label: "Nhận", end_label: "Hết",
	});
	const { warnings } = await new BpmnModdle().fromXML(xml);
	answers.push({ xml, warnings: warnings.map(String) });
}
console.log(JSON.stringify(answers));
"""
CHANCE = random.Random(7)


def random_process() -> list[dict]:
	keys = CHANCE.sample(
		[f"b{number}" for number in range(1, 40)] + ["6a", "Bước-x", "k.1"], CHANCE.randint(1, 12)
	)
	rows = []
	for place, key in enumerate(keys):
		before = [earlier for earlier in keys[:place] if CHANCE.random() < 0.3]
		rows.append(
			{
				"step_key": key,
				"title": CHANCE.choice(["Thẩm định & ký", "“Nháy” <b>", "A" * 140, "Ký\u00a0số"]),
				"kind": CHANCE.choice(bpmn.CHOICES["kind"]),
				"duty": CHANCE.choice(["Appraisal", "Đăng ký cư trú"]),
				"unit_rule": (rule := CHANCE.choice(bpmn.CHOICES["unit_rule"])),
				"unit": "H17.06.01" if rule == "Named Unit" else "",
				"duration": CHANCE.choice([0.25, 1, 12.5]),
				"duration_unit": CHANCE.choice(bpmn.CHOICES["duration_unit"]),
				"after": ", ".join(before),
				"clock_effect": CHANCE.choice(bpmn.CHOICES["clock_effect"]),
				"public_milestone": CHANCE.choice(["", "Đang thẩm định"]),
				"linked_procedure": CHANCE.choice(["", "1.001193"]),
				"condition": CHANCE.choice(["", 'a == "Có" and not b']),
				"guidance": CHANCE.choice(["", "Xem Điều 5.\nGhi sổ <trước>."]),
			}
		)
	return rows


def fixture_processes() -> list[list[dict]]:
	return [version["steps"] for path in PROCEDURES for version in json.loads(path.read_text())["versions"]]


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> list[tuple[list[dict], dict]]:
	"""Processes, each with the file the browser writes of it."""
	modules = next((path for path in MODULES if (path / "bpmn-moddle").exists()), None)
	if not shutil.which("node") or not modules:
		pytest.skip("node and the app's packages are not installed")
	folder = tmp_path_factory.mktemp("bpmn")
	(folder / "package.json").write_text('{"type": "module"}')
	os.symlink(modules, folder / "node_modules")
	for name in ("bpmn_file.js", "layout.js"):
		shutil.copy(SOURCES / name, folder / name)
	processes = [*fixture_processes(), *(random_process() for _number in range(200))]
	done = subprocess.run(
		["node", "--input-type=module", "-e", WRITE],
		input=json.dumps(processes),
		capture_output=True,
		text=True,
		timeout=120,
		cwd=folder,
	)
	assert done.returncode == 0, done.stderr
	return list(zip(processes, json.loads(done.stdout), strict=True))


def test_other_tools_read_what_is_exported_without_a_complaint(written):
	assert all(file["warnings"] == [] for _steps, file in written)


def test_what_is_exported_is_read_back_the_same(written):
	for steps, file in written:
		read = bpmn.read_process(file["xml"])
		assert read.messages == []
		rows = {row["step_key"]: row for row in read.steps}
		assert set(rows) == {step["step_key"] for step in steps}
		for step in steps:
			row = rows[step["step_key"]]
			before = sorted(key.strip() for key in step.get("after", "").split(",") if key.strip())
			assert sorted(filter(None, row["after"].split(", "))) == before
			for fieldname, value in step.items():
				if fieldname not in ("after", "title"):
					assert (row[fieldname] or "") == (value or ""), (step["step_key"], fieldname)
			assert row["title"].split() == step["title"].split()


def test_fixtures_keep_their_order_through_a_file(written):
	for steps, file in written[: len(fixture_processes())]:
		assert [row["step_key"] for row in bpmn.read_process(file["xml"]).steps] == [
			step["step_key"] for step in steps
		]
