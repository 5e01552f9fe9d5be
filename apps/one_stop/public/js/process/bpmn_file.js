// A process as a BPMN 2.0 file: readable by other tools, complete enough to be read back here.

import { BpmnModdle } from "bpmn-moddle";
import { layout } from "./layout.js";

const NAMESPACE = "urn:one-stop:process:1";

// Attributes of our own, kept in the extension elements where BPMN has none.
export const STEP_EXTENSION = {
	name: "OneStop",
	uri: NAMESPACE,
	prefix: "onestop",
	xml: { tagAlias: "lowerCase" },
	types: [
		{
			name: "Step",
			superClass: ["Element"],
			properties: [
				"key",
				"kind",
				"duty",
				"unitRule",
				"unit",
				"duration",
				"durationUnit",
				"clockEffect",
				"publicMilestone",
				"linkedProcedure",
				"carriedOver",
				"condition",
			].map((name) => ({ name, isAttr: true, type: "String" })),
		},
	],
};

const ATTRIBUTES = {
	key: "step_key",
	kind: "kind",
	duty: "duty",
	unitRule: "unit_rule",
	unit: "unit",
	duration: "duration",
	durationUnit: "duration_unit",
	clockEffect: "clock_effect",
	publicMilestone: "public_milestone",
	linkedProcedure: "linked_procedure",
	carriedOver: "carried_over",
	condition: "condition",
};

/**
 * The process as BPMN XML with its drawing.
 * `lane_label(key)` names a band, `title` the pool. Returns `{xml, placed}`; `placed` is the layout,
 * or `xml: null` when there is no step to draw.
 */
export async function write_bpmn(steps, { title, process_id, lane_label, start_label, end_label }) {
	const placed = layout(steps);
	if (!placed.nodes.length) return { xml: null, placed };
	const moddle = new BpmnModdle({ onestop: STEP_EXTENSION });
	const make = (type, attributes) => moddle.create(type, attributes);
	const bounds = (box) =>
		make("dc:Bounds", {
			x: Math.round(box.x),
			y: Math.round(box.y),
			width: Math.round(box.width),
			height: Math.round(box.height),
		});

	const elements = new Map();
	const labels = { start: start_label, end: end_label };
	for (const node of placed.nodes) elements.set(node.id, flow_node(make, node, labels));
	const flows = placed.edges.map((edge, index) => {
		const flow = make("bpmn:SequenceFlow", {
			id: `Flow_${index + 1}`,
			sourceRef: elements.get(edge.from),
			targetRef: elements.get(edge.to),
		});
		elements.get(edge.from).get("outgoing").push(flow);
		elements.get(edge.to).get("incoming").push(flow);
		return flow;
	});
	const lanes = placed.lanes.map((lane, index) =>
		make("bpmn:Lane", {
			id: `Lane_${index + 1}`,
			name: lane_label(lane.key),
			flowNodeRef: placed.nodes.filter((node) => node.lane === lane.key).map((node) => elements.get(node.id)),
		}),
	);
	const process = make("bpmn:Process", {
		id: `Process_${process_id}`,
		name: title,
		isExecutable: false,
		laneSets: [make("bpmn:LaneSet", { id: "LaneSet_1", lanes })],
		flowElements: [...elements.values(), ...flows],
	});
	const participant = make("bpmn:Participant", { id: "Pool", name: title, processRef: process });
	const collaboration = make("bpmn:Collaboration", { id: "Collaboration", participants: [participant] });

	const shape = (element, box, extra = {}) =>
		make("bpmndi:BPMNShape", { id: `${element.id}_di`, bpmnElement: element, bounds: bounds(box), ...extra });
	const plane = make("bpmndi:BPMNPlane", {
		id: "Plane",
		bpmnElement: collaboration,
		planeElement: [
			shape(participant, placed.pool, { isHorizontal: true }),
			...lanes.map((lane, index) => shape(lane, placed.lanes[index], { isHorizontal: true })),
			...placed.nodes.map((node) => shape(elements.get(node.id), node)),
			...placed.edges.map((edge, index) =>
				make("bpmndi:BPMNEdge", {
					id: `Flow_${index + 1}_di`,
					bpmnElement: flows[index],
					waypoint: edge.points.map(({ x, y }) => make("dc:Point", { x: Math.round(x), y: Math.round(y) })),
				}),
			),
		],
	});
	const definitions = make("bpmn:Definitions", {
		id: "Definitions",
		targetNamespace: NAMESPACE,
		exporter: "One-Stop",
		rootElements: [collaboration, process],
		diagrams: [make("bpmndi:BPMNDiagram", { id: "Diagram", plane })],
	});
	const { xml } = await moddle.toXML(definitions, { format: true });
	return { xml, placed };
}

function flow_node(make, node, labels) {
	if (node.type === "gateway") return make("bpmn:ParallelGateway", { id: node.id });
	if (node.type === "event") {
		return make(node.event === "start" ? "bpmn:StartEvent" : "bpmn:EndEvent", {
			id: node.id,
			name: labels[node.event],
		});
	}
	const step = node.step;
	const attributes = {};
	for (const [attribute, fieldname] of Object.entries(ATTRIBUTES)) {
		const value = step[fieldname];
		if (value !== null && value !== undefined && value !== "") attributes[attribute] = String(value);
	}
	const task = make(step.kind === "Linked" ? "bpmn:CallActivity" : "bpmn:UserTask", {
		id: node.id,
		name: step.title || "",
		extensionElements: make("bpmn:ExtensionElements", { values: [make("onestop:Step", attributes)] }),
	});
	if (step.guidance) task.documentation = [make("bpmn:Documentation", { text: step.guidance })];
	return task;
}
