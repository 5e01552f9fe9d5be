"""The picture of a process and the changes made from it, run as the browser runs them."""

import itertools
import json
import random
import shutil
import subprocess
from pathlib import Path

import pytest

SOURCES = Path(__file__).parents[2] / "apps/one_stop/public/js/process"
RULES = ["Receiving Unit", "Deciding Unit", "Parent Unit", "Applicant"]

pytestmark = pytest.mark.skipif(not shutil.which("node"), reason="node is not installed")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
	"""A function that evaluates an expression over `layout.js` and `steps.js` for each of many inputs."""
	folder = tmp_path_factory.mktemp("drawing")
	(folder / "package.json").write_text('{"type": "module"}')
	for name in ("layout.js", "steps.js"):
		shutil.copy(SOURCES / name, folder / name)

	def call(expression: str, inputs: list) -> list:
		script = f"""
			import * as drawing from "./layout.js";
			import * as steps from "./steps.js";
			let text = "";
			for await (const part of process.stdin) text += part;
			console.log(JSON.stringify(JSON.parse(text).map((given) => ({expression}))));
		"""
		done = subprocess.run(
			["node", "--input-type=module", "-e", script],
			input=json.dumps(inputs),
			capture_output=True,
			text=True,
			timeout=120,
			cwd=folder,
		)
		assert done.returncode == 0, done.stderr
		return json.loads(done.stdout)

	return call


def step(key: str, after: str = "", rule: str = "Deciding Unit") -> dict:
	return {"step_key": key, "title": key, "after": after, "unit_rule": rule, "kind": "Processing"}


def random_process(seed: int) -> list[dict]:
	"""Up to 14 steps; each follows up to three earlier ones. Every fifth process has a circle or a gap."""
	chance = random.Random(seed)
	keys = [f"b{number}" for number in range(1, chance.randint(2, 15))]
	steps = []
	for index, key in enumerate(keys):
		before = chance.sample(keys[:index], min(index, chance.randint(0, 3)))
		steps.append(step(key, ", ".join(before), chance.choice(RULES)))
	if seed % 5 == 0 and steps:
		steps[0]["after"] = chance.choice([keys[-1], "nowhere", keys[0]])
	return steps


PROCESSES = [random_process(seed) for seed in range(300)]


def overlap(one: dict, other: dict) -> bool:
	return (
		one["x"] < other["x"] + other["width"]
		and other["x"] < one["x"] + one["width"]
		and one["y"] < other["y"] + other["height"]
		and other["y"] < one["y"] + one["height"]
	)


@pytest.fixture(scope="module")
def drawings(run) -> list[dict]:
	return run("drawing.layout(given)", PROCESSES)


def test_every_step_is_drawn_once(drawings):
	for steps, drawn in zip(PROCESSES, drawings, strict=True):
		keys = [node["step"]["step_key"] for node in drawn["nodes"] if "step" in node]
		assert sorted(keys) == sorted(one["step_key"] for one in steps)


def test_no_two_elements_overlap(drawings):
	for drawn in drawings:
		nodes = drawn["nodes"]
		for index, one in enumerate(nodes):
			assert not [other["id"] for other in nodes[index + 1 :] if overlap(one, other)], one["id"]


def test_every_element_lies_in_the_band_of_its_unit(drawings):
	for drawn in drawings:
		bands = {lane["key"]: lane for lane in drawn["lanes"]}
		for node in drawn["nodes"]:
			band = bands[node["lane"]]
			assert band["y"] <= node["y"]
			assert node["y"] + node["height"] <= band["y"] + band["height"]
			assert band["x"] < node["x"]
			assert node["x"] + node["width"] <= band["x"] + band["width"]


def test_flows_run_from_left_to_right_and_pass_through_no_step(drawings):
	for drawn in drawings:
		nodes = {node["id"]: node for node in drawn["nodes"]}
		for edge in drawn["edges"]:
			points = edge["points"]
			assert points[0]["x"] == nodes[edge["from"]]["x"] + nodes[edge["from"]]["width"]
			assert points[-1]["x"] == nodes[edge["to"]]["x"]
			for begin, end in itertools.pairwise(points):
				assert begin["x"] <= end["x"]
				assert begin["x"] == end["x"] or begin["y"] == end["y"], "flows turn at right angles"
				for node in drawn["nodes"]:
					if node["id"] in (edge["from"], edge["to"]):
						continue
					inside_x = end["x"] > node["x"] and begin["x"] < node["x"] + node["width"]
					low, high = sorted((begin["y"], end["y"]))
					inside_y = high > node["y"] and low < node["y"] + node["height"]
					assert not (inside_x and inside_y), (edge["from"], edge["to"], node["id"])


def test_circles_and_unknown_predecessors_are_told_and_still_drawn(run):
	circle, missing, own = run(
		"drawing.layout(given).broken",
		[
			[step("b1", "b3"), step("b2", "b1"), step("b3", "b2")],
			[step("b1"), step("b2", "b9")],
			[step("b1", "b1")],
		],
	)
	assert [one["why"] for one in circle] == ["circle"]
	assert missing == [{"from": "b9", "to": "b2", "why": "missing"}]
	assert [one["why"] for one in own] == ["circle"]


def test_parallel_branches_split_and_join_at_gateways(run):
	steps = [step("b1"), step("b2", "b1"), step("b3", "b1"), step("b4", "b2, b3")]
	(drawn,) = run("drawing.layout(given)", [steps])
	gateways = {node["id"] for node in drawn["nodes"] if node["type"] == "gateway"}
	assert gateways == {"Split_b1", "Join_b4"}
	flows = {(edge["from"], edge["to"]) for edge in drawn["edges"]}
	assert flows == {
		("Start", "Step_b1"),
		("Step_b1", "Split_b1"),
		("Split_b1", "Step_b2"),
		("Split_b1", "Step_b3"),
		("Step_b2", "Join_b4"),
		("Step_b3", "Join_b4"),
		("Join_b4", "Step_b4"),
		("Step_b4", "End"),
	}


INSERT = """(() => {
	const selected = given.steps.find((one) => one.step_key === given.selected);
	const plan = steps.plan_insert(given.steps, given.place, selected, "new");
	const relink = Object.fromEntries([...plan.relink].map(([one, after]) => [one.step_key, after]));
	return { after: plan.after, at: plan.at, relink };
})()"""


def test_steps_added_from_the_picture_go_where_they_were_asked_for(run):
	steps = [step("b1"), step("b2", "b1"), step("b3", "b2")]
	following, beside, at_end = run(
		INSERT,
		[{"steps": steps, "selected": "b2", "place": place} for place in ("next", "parallel", "end")],
	)
	assert following == {"after": ["b2"], "at": 3, "relink": {"b3": "new"}}
	assert beside == {"after": ["b1"], "at": 3, "relink": {"b3": "b2, new"}}
	assert at_end == {"after": ["b3"], "at": 4, "relink": {}}


def test_a_removed_step_leaves_no_gap(run):
	expression = """Object.fromEntries(
		[...steps.plan_removal(given, given[1])].map(([one, after]) => [one.step_key, after]))"""
	(relinked,) = run(expression, [[step("b1"), step("b2", "b1"), step("b3", "b2, b1"), step("b4", "b2")]])
	assert relinked == {"b3": "b1", "b4": "b1"}


def test_keys_are_never_used_twice(run):
	keys = run("steps.next_key(given)", [[], [step("b1"), step("b7")], [step("x"), step("b2")]])
	assert keys == ["b1", "b8", "b3"]


def test_a_step_may_not_precede_what_it_follows(run):
	steps = [step("b1"), step("b2", "b1"), step("b3", "b2")]
	expression = "steps.may_precede(given.steps, given.key, given.steps[0])"
	assert run(expression, [{"steps": steps, "key": key} for key in ("b1", "b2", "b3")]) == [False] * 3
	assert run(expression, [{"steps": [step("b1"), step("b2")], "key": "b2"}]) == [True]


def test_the_critical_path_is_marked_from_start_to_end(run):
	steps = [step("b1"), step("b2", "b1"), step("b3", "b1"), step("b4", "b2, b3")]
	expression = """drawing.layout(given.steps).edges
		.filter((edge) => drawing.is_on_path(edge, given.path)).map((edge) => `${edge.from} ${edge.to}`)"""
	marked, none = run(
		expression, [{"steps": steps, "path": ["b1", "b3", "b4"]}, {"steps": steps, "path": []}]
	)
	assert sorted(marked) == [
		"Join_b4 Step_b4",
		"Split_b1 Step_b3",
		"Start Step_b1",
		"Step_b1 Split_b1",
		"Step_b3 Join_b4",
		"Step_b4 End",
	]
	assert none == []
