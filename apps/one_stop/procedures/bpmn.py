"""A process out of a BPMN 2.0 file, of this system or of another tool. Pure, and careful with what it reads.

A BPMN file comes from outside: no document type, hence no entities, nothing larger than a process can be, and
only the elements that mean something here. What the file cannot say is guessed, and every guess is told.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

MODEL = "http://www.omg.org/spec/BPMN/20100524/MODEL"
OUR_NAMESPACE = "urn:one-stop:process:1"
OUR_NAMESPACES = "urn:one-stop:process:"
# Drafts of the standard and other languages in which tools write processes.
OTHER_LANGUAGES = ("http://schema.omg.org/spec/BPMN/", "http://www.wfmc.org/", "http://www.omg.org/bpmn20")
MOST_BYTES = 2 * 1024 * 1024
MOST_ELEMENTS = 20_000
MOST_STEPS = 200
DEEPEST = 60
LONGEST_TITLE = 140

TASKS = {
	"task",
	"userTask",
	"manualTask",
	"serviceTask",
	"scriptTask",
	"businessRuleTask",
	"sendTask",
	"receiveTask",
	"callActivity",
	"subProcess",
	"transaction",
	"adHocSubProcess",
}
GATEWAYS = {
	"parallelGateway",
	"exclusiveGateway",
	"inclusiveGateway",
	"eventBasedGateway",
	"complexGateway",
}
EVENTS = {"startEvent", "endEvent", "intermediateThrowEvent", "intermediateCatchEvent", "boundaryEvent"}
# Attributes of our own extension and the fields they are kept in.
ATTRIBUTES = {
	"key": "step_key",
	"kind": "kind",
	"duty": "duty",
	"unitRule": "unit_rule",
	"unit": "unit",
	"duration": "duration",
	"durationUnit": "duration_unit",
	"clockEffect": "clock_effect",
	"publicMilestone": "public_milestone",
	"linkedProcedure": "linked_procedure",
	"carriedOver": "carried_over",
	"condition": "condition",
}
CHOICES = {
	"kind": ("Reception", "Processing", "Approval", "Issuing", "Return", "Payment", "Linked"),
	"unit_rule": ("Receiving Unit", "Deciding Unit", "Parent Unit", "Named Unit", "Applicant"),
	"duration_unit": ("Working Hour", "Working Day", "Calendar Day", "Month"),
	"clock_effect": ("Runs", "Pauses"),
}
# What a step of a kind usually is; the same as in `public/js/process/steps.js`.
USUAL = {
	"Reception": ("Reception", "Receiving Unit"),
	"Processing": ("Appraisal", "Deciding Unit"),
	"Return": ("Return", "Receiving Unit"),
	"Linked": ("", "Named Unit"),
}


class BpmnError(ValueError):
	"""A file that is refused. `values` fill the English `template`."""

	template = "The file cannot be read."

	def __init__(self, **values: Any) -> None:
		self.values = values
		super().__init__(self.template.format(**values))


class FileTooLarge(BpmnError):
	template = "The file is larger than a process can be."


class NotXml(BpmnError):
	template = "The file is not well-formed XML (line {line})."


class HostileXml(BpmnError):
	template = "The file declares a document type or entities; a BPMN file needs none, so it is not read."


class NotBpmn(BpmnError):
	template = "The file is not BPMN 2.0."


class OtherBpmnVersion(BpmnError):
	template = "The file is of another version or language of process descriptions ({namespace}); BPMN 2.0 is needed."


class NewerStepFormat(BpmnError):
	template = "The steps in the file are of a format this system does not know ({namespace})."


class NoSteps(BpmnError):
	template = "The file holds no process with tasks."


@dataclass(slots=True)
class Element:
	"""An element of the file: its namespace and name, what it says, and what is in it."""

	namespace: str
	name: str
	attributes: Mapping[str, str]
	children: list["Element"] = field(default_factory=list)
	text: str = ""

	def all(self, *names: str) -> Iterable["Element"]:
		"""BPMN elements of these names directly inside."""
		return (child for child in self.children if child.namespace == MODEL and child.name in names)


@dataclass(frozen=True, slots=True)
class Message:
	"""Something to tell the reader of the file. `values` fill the English `template`."""

	template: str
	values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReadProcess:
	"""The steps of a file as Process Step rows, and what there is to say about them.

	`lanes` gives for the steps of other tools, by key, the name of the lane they lie in.
	"""

	steps: list[dict[str, Any]]
	messages: list[Message]
	lanes: dict[str, str]


def read_xml(text: str) -> Element:
	"""The tree of an XML text; raises FileTooLarge, HostileXml or NotXml."""
	raw = text.encode("utf-8", "surrogatepass")
	if len(raw) > MOST_BYTES:
		raise FileTooLarge()
	root = Element("", "", {})
	open_elements = [root]
	count = 0

	def refuse(*_arguments: Any) -> None:
		raise HostileXml()

	def start(name: str, attributes: dict[str, str]) -> None:
		nonlocal count
		count += 1
		if count > MOST_ELEMENTS or len(open_elements) > DEEPEST:
			raise FileTooLarge()
		namespace, _separator, local = name.rpartition(" ")
		element = Element(namespace, local, attributes)
		open_elements[-1].children.append(element)
		open_elements.append(element)

	def end(_name: str) -> None:
		open_elements.pop()

	def characters(data: str) -> None:
		open_elements[-1].text += data

	# The text is decoded already: what its XML declaration says of an encoding does not count.
	parser = expat.ParserCreate("utf-8", " ")
	parser.StartDoctypeDeclHandler = refuse
	parser.EntityDeclHandler = refuse
	parser.ExternalEntityRefHandler = refuse
	parser.StartElementHandler = start
	parser.EndElementHandler = end
	parser.CharacterDataHandler = characters
	parser.buffer_text = True
	try:
		parser.Parse(raw, True)
	except expat.ExpatError as error:
		raise NotXml(line=error.lineno) from None
	return root.children[0]


def read_process(text: str) -> ReadProcess:
	"""The steps of a BPMN 2.0 file. Raises BpmnError."""
	definitions = read_xml(text.lstrip("\ufeff \t\r\n"))
	if definitions.namespace.startswith(OTHER_LANGUAGES):
		raise OtherBpmnVersion(namespace=definitions.namespace)
	if (definitions.namespace, definitions.name) != (MODEL, "definitions"):
		raise NotBpmn()
	processes = [
		(process, [child for child in process.children if child.namespace == MODEL and child.name in TASKS])
		for process in definitions.all("process")
	]
	processes = [(process, tasks) for process, tasks in processes if tasks]
	if not processes:
		raise NoSteps()
	process, tasks = max(processes, key=lambda found: len(found[1]))
	if len(tasks) > MOST_STEPS:
		raise FileTooLarge()
	messages: list[Message] = []
	if len(processes) > 1:
		messages.append(
			Message(
				"The file holds {count} processes; the one with the most tasks was read.",
				{"count": str(len(processes))},
			)
		)
	return _Reader(process, tasks, messages).read()


class _Reader:
	"""Makes rows of the tasks of one process."""

	def __init__(self, process: Element, tasks: Sequence[Element], messages: list[Message]) -> None:
		self.process, self.tasks, self.messages = process, list(tasks), messages
		self.nodes = {
			child.attributes["id"]: child
			for child in process.children
			if child.namespace == MODEL
			and child.name in TASKS | GATEWAYS | EVENTS
			and child.attributes.get("id")
		}
		self.keys: dict[str, str] = {}

	def read(self) -> ReadProcess:
		own = [self.extension(task) for task in self.tasks]
		self.give_keys(own)
		before = self.predecessors()
		rows = [self.row(task, given) for task, given in zip(self.tasks, own, strict=True)]
		for task, row in zip(self.tasks, rows, strict=True):
			row["after"] = ", ".join(before.get(task.attributes.get("id", ""), []))
		rows = self.in_order(rows)
		foreign = {
			self.keys[task.attributes["id"]] for task, given in zip(self.tasks, own, strict=True) if not given
		}
		if foreign:
			self.guess(rows, foreign)
		self.tell_about_choices()
		lanes = {key: name for key, name in self.lanes().items() if key in foreign}
		return ReadProcess(rows, self.messages, lanes)

	def say(self, template: str, **values: str) -> None:
		self.messages.append(Message(template, values))

	def title(self, node: Element) -> str:
		name = " ".join((node.attributes.get("name") or "").split())
		return name[:LONGEST_TITLE]

	def extension(self, task: Element) -> dict[str, str]:
		"""What our own export wrote about a step; empty for a step of another tool."""
		for box in task.all("extensionElements"):
			for child in box.children:
				if child.namespace.startswith(OUR_NAMESPACES) and child.namespace != OUR_NAMESPACE:
					raise NewerStepFormat(namespace=child.namespace)
				if child.namespace == OUR_NAMESPACE and child.name.lower() == "step":
					return {
						ATTRIBUTES[name]: value.strip()
						for name, value in child.attributes.items()
						if name in ATTRIBUTES and value.strip()
					}
		return {}

	def give_keys(self, own: Sequence[Mapping[str, str]]) -> None:
		"""A key for every task: the exported one where it is free, else b1, b2, …"""
		taken: set[str] = set()
		for number, (task, given) in enumerate(zip(self.tasks, own, strict=True)):
			identity = task.attributes.get("id") or f"task {number}"
			if identity in self.keys:
				self.say(
					"Two tasks have the same identifier {id}; flows of both lead to the first.", id=identity
				)
				identity = f"{identity} {number}"
			task.attributes = {**task.attributes, "id": identity}
			self.nodes.setdefault(identity, task)
			key = given.get("step_key", "")
			if key and key not in taken and "," not in key and len(key) <= LONGEST_TITLE:
				taken.add(key)
				self.keys[identity] = key
			else:
				self.keys[identity] = ""
		free = (f"b{number}" for number in range(1, len(self.tasks) * 2 + 2))
		for identity, key in self.keys.items():
			if not key:
				self.keys[identity] = next(name for name in free if name not in taken)

	def predecessors(self) -> dict[str, list[str]]:
		"""For each task the keys of the tasks before it, through gateways and events; circles are cut open."""
		incoming: dict[str, list[str]] = {identity: [] for identity in self.nodes}
		for flow in self.process.all("sequenceFlow"):
			source, target = flow.attributes.get("sourceRef", ""), flow.attributes.get("targetRef", "")
			if source in self.nodes and target in self.nodes:
				incoming[target].append(source)
			else:
				self.say("A flow leads to or from something that is not in the file; it was left out.")
		# An event at the edge of a task leads on from that task.
		for node in self.nodes.values():
			host = node.attributes.get("attachedToRef")
			if node.name == "boundaryEvent" and host in self.nodes:
				incoming[node.attributes["id"]].append(host)
		direct = {
			task.attributes["id"]: self.tasks_before(task.attributes["id"], incoming) for task in self.tasks
		}
		return self.cut_circles(direct)

	def tasks_before(self, identity: str, incoming: Mapping[str, list[str]]) -> list[str]:
		found: list[str] = []
		seen: set[str] = set()
		waiting = list(reversed(incoming[identity]))
		while waiting:
			current = waiting.pop()
			if current in seen:
				continue
			seen.add(current)
			if current in self.keys:
				found.append(current)
			else:
				waiting.extend(reversed(incoming[current]))
		return found

	def cut_circles(self, before: Mapping[str, list[str]]) -> dict[str, list[str]]:
		"""Ways back, by which other tools draw repetition, left out: here a step is sent back by a command."""
		after: dict[str, list[str]] = {identity: [] for identity in before}
		for identity, earlier in before.items():
			for other in earlier:
				after[other].append(identity)
		kept: dict[str, list[str]] = {identity: [] for identity in before}
		position = {task.attributes["id"]: number for number, task in enumerate(self.tasks)}
		state: dict[str, int] = {}

		def walk(first: str) -> None:
			# Depth first without recursion: 0 is being walked, 1 is done; a flow to what is being walked leads back.
			stack = [(first, iter(after[first]))]
			state[first] = 0
			while stack:
				current, following = stack[-1]
				for target in following:
					if state.get(target) == 0:
						self.say(
							"The way back from “{source}” to “{target}” was left out: a step is sent back while it is worked on.",
							source=self.title(self.nodes[current]) or self.keys[current],
							target=self.title(self.nodes[target]) or self.keys[target],
						)
						continue
					kept[target].append(current)
					if target not in state:
						state[target] = 0
						stack.append((target, iter(after[target])))
						break
				else:
					state[current] = 1
					stack.pop()

		starts = [identity for identity, earlier in before.items() if not earlier]
		for identity in [*starts, *before]:
			if identity not in state:
				walk(identity)
		return {
			identity: [self.keys[other] for other in sorted(set(earlier), key=position.__getitem__)]
			for identity, earlier in kept.items()
		}

	def row(self, task: Element, given: Mapping[str, str]) -> dict[str, Any]:
		key = self.keys[task.attributes["id"]]
		title = self.title(task)
		if not title:
			title = given.get("step_key") or key
			self.say("The task {id} has no name.", id=task.attributes["id"])
		row: dict[str, Any] = {
			"step_key": key,
			"title": title,
			"kind": "Linked" if task.name == "callActivity" else "Processing",
			"duty": "",
			"unit_rule": "Deciding Unit",
			"unit": "",
			"duration": 0,
			"duration_unit": "Working Hour",
			"clock_effect": "Runs",
			"public_milestone": "",
			"linked_procedure": "",
			"carried_over": "",
			"condition": "",
			"guidance": self.documentation(task),
		}
		for fieldname, value in given.items():
			if fieldname == "step_key":
				continue
			if fieldname == "duration":
				row["duration"] = self.duration(value, title)
			elif fieldname in CHOICES and value not in CHOICES[fieldname]:
				self.say("Step “{step}”: {value} is not known and was left out.", step=title, value=value)
			else:
				row[fieldname] = value
		if task.name in ("subProcess", "transaction", "adHocSubProcess"):
			self.say("“{step}” is a process of its own in the file; it was read as one step.", step=title)
		return row

	def duration(self, value: str, title: str) -> float:
		if re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,6})?", value):
			return float(value)
		self.say(
			"Step “{step}”: the duration {value} cannot be read and was left out.", step=title, value=value
		)
		return 0

	def documentation(self, task: Element) -> str:
		return "\n".join(text for part in task.all("documentation") if (text := part.text.strip()))

	def in_order(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
		"""Every row after those it follows, else as in the file."""
		left, ordered, done = list(rows), [], set()
		while left:
			following = next(
				row for row in left if done.issuperset(key for key in row["after"].split(", ") if key)
			)
			left.remove(following)
			ordered.append(following)
			done.add(following["step_key"])
		return ordered

	def guess(self, rows: list[dict[str, Any]], foreign: set[str]) -> None:
		"""Kinds and duties for steps of another tool: the first receives, the last one returns."""
		guessed = [row for row in rows if row["step_key"] in foreign]
		followed = {key for row in rows for key in row["after"].split(", ")}
		last = [row for row in rows if row["step_key"] not in followed]
		for row in guessed:
			if row["kind"] != "Linked":
				if row is rows[0]:
					row["kind"] = "Reception"
				elif last == [row]:
					row["kind"] = "Return"
			row["duty"], row["unit_rule"] = USUAL[row["kind"]]
		self.say("The file does not say who does the steps and how long they take; check what was filled in.")

	def tell_about_choices(self) -> None:
		ways = Counter(flow.attributes.get("sourceRef") for flow in self.process.all("sequenceFlow"))
		for identity, node in self.nodes.items():
			if node.name in GATEWAYS - {"parallelGateway"} and ways[identity] > 1:
				self.say(
					"The file chooses between ways at “{gateway}”: here all of them are taken; give the steps conditions.",
					gateway=self.title(node) or identity,
				)

	def lanes(self) -> dict[str, str]:
		found: dict[str, str] = {}

		def walk(lane_set: Element) -> None:
			for lane in lane_set.all("lane"):
				for reference in lane.all("flowNodeRef"):
					key = self.keys.get(reference.text.strip())
					if key and lane.attributes.get("name"):
						found[key] = " ".join(lane.attributes["name"].split())
				for inner in lane.all("childLaneSet"):
					walk(inner)

		for lane_set in self.process.all("laneSet"):
			walk(lane_set)
		return found
