// The picture of a process: bpmn-js shows it, this draws on each step what BPMN has no place for.

import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";
import { write_bpmn, STEP_EXTENSION } from "./bpmn_file.js";
import { element_id, is_on_path } from "./layout.js";

const SVG = "http://www.w3.org/2000/svg";
const FONT = '"Inter", "Noto Sans", "Helvetica Neue", Arial, sans-serif';

const FILLS = {
	Reception: "#e8f1fd",
	Processing: "#ffffff",
	Approval: "#f3ecfc",
	Issuing: "#eaf7ef",
	Return: "#eaf7ef",
	Payment: "#fdf4e3",
	Linked: "#f1f3f5",
};
const INK = "#1f272e";
const MUTED = "#5a6570";
const CRITICAL = "#c2570c";
const ERROR = "#c53030";
const WARNING = "#b7791f";
export const COLOURS = { CRITICAL, ERROR, WARNING };

function svg(name, attributes, parent) {
	const element = document.createElementNS(SVG, name);
	for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
	if (parent) parent.append(element);
	return element;
}

function shortened(text, most) {
	return text.length > most ? `${text.slice(0, most - 1).trimEnd()}…` : text;
}

/** Draws the steps; `steps_by_element` is refilled before each drawing. */
function step_renderer(steps_by_element) {
	function StepRenderer(eventBus, textRenderer) {
		eventBus.on("render.shape", 1500, (_event, { element, gfx }) => {
			const info = steps_by_element.get(element.id);
			return info ? draw_step(gfx, element, info, textRenderer) : undefined;
		});
	}
	StepRenderer.$inject = ["eventBus", "textRenderer"];
	return { __init__: ["stepRenderer"], stepRenderer: ["type", StepRenderer] };
}

function draw_step(gfx, { width, height }, info, text_renderer) {
	const stroke = info.error ? ERROR : info.critical ? CRITICAL : "#8a949e";
	const box = svg("rect", {
		x: 0,
		y: 0,
		width,
		height,
		rx: 8,
		ry: 8,
		fill: FILLS[info.kind] || "#ffffff",
		stroke,
		"stroke-width": info.critical || info.error ? 2.5 : info.kind === "Linked" ? 3 : 1.3,
	});
	if (info.pauses) box.setAttribute("stroke-dasharray", "6 4");
	gfx.append(box);
	const hint = svg("title", {}, gfx);
	hint.textContent = [info.title, info.duty, info.duration, ...info.findings].filter(Boolean).join("\n");

	const title = text_renderer.createText(shortened(info.title, 62), {
		box: { width, height: height - 40 },
		align: "center-middle",
		// The flag of a public milestone stands in the corner.
		padding: { top: 6, left: info.milestone ? 22 : 8, right: info.milestone ? 14 : 8, bottom: 0 },
		style: { fill: INK, fontSize: 12, fontWeight: "600", fontFamily: FONT, lineHeight: 1.2 },
	});
	gfx.append(title);
	svg(
		"line",
		{ x1: 10, x2: width - 10, y1: height - 37, y2: height - 37, stroke: "#d5dae0", "stroke-width": 1 },
		gfx,
	);
	footer(gfx, width, height - 23, shortened(info.duty || info.unit_text, 30), MUTED, 400);
	footer(gfx, width, height - 8, shortened(info.duration, 32), info.critical ? CRITICAL : INK, 600);

	if (info.milestone) {
		const flag = svg(
			"path",
			{ d: "M 10 18 L 10 6 L 20 9.5 L 10 13", fill: "#2f6fb3", stroke: "#2f6fb3" },
			gfx,
		);
		svg("title", {}, flag).textContent = info.milestone;
	}
	if (info.findings.length) {
		const badge = svg("g", { transform: `translate(${width - 2} 2)` }, gfx);
		svg("circle", { r: 10, fill: info.error ? ERROR : WARNING, stroke: "#ffffff", "stroke-width": 2 }, badge);
		const mark = svg("text", { y: 4.5, "text-anchor": "middle", fill: "#ffffff" }, badge);
		mark.setAttribute("style", `font: 700 13px ${FONT}`);
		mark.textContent = "!";
		svg("title", {}, badge).textContent = info.findings.join("\n");
	}
	return box;
}

function footer(gfx, width, y, text, fill, weight) {
	const element = svg("text", { x: width / 2, y, "text-anchor": "middle", fill }, gfx);
	element.setAttribute("style", `font: ${weight} 11px ${FONT}`);
	element.textContent = text;
}

export class ProcessDiagram {
	/** `on_click(step_key)` is called for a click on a step, with null for one on the empty canvas. */
	constructor(parent, { on_click = null } = {}) {
		this.steps_by_element = new Map();
		this.key_by_element = new Map();
		this.parent = parent;
		this.selected = null;
		this.moved = false;
		this.viewer = new NavigatedViewer({
			container: parent,
			additionalModules: [step_renderer(this.steps_by_element)],
			moddleExtensions: { onestop: STEP_EXTENSION },
			// The wheel belongs to the page; the picture is moved by dragging and sized by its buttons.
			zoomScroll: { enabled: false },
			textRenderer: { defaultStyle: { fontFamily: FONT, fontSize: 12 } },
		});
		const events = this.viewer.get("eventBus");
		events.on("element.click", ({ element }) => {
			const key = this.key_by_element.get(element.id) || null;
			if (on_click) on_click(key);
		});
		events.on("canvas.viewbox.changed", () => {
			if (!this.fitting) this.moved = true;
		});
		this.drawing = Promise.resolve();
	}

	/**
	 * Draws the steps. `describe(step)` gives `{title, duty, unit_text, duration, findings, error}`;
	 * `critical` are the keys on the critical path. Answers the layout. Drawings wait for each other.
	 */
	draw(steps, options) {
		this.drawing = this.drawing.catch(() => null).then(() => this.draw_now(steps, options));
		return this.drawing;
	}

	async draw_now(steps, { describe, critical = [], ...names }) {
		const { xml, placed } = await write_bpmn(steps, names);
		this.xml = xml;
		this.steps_by_element.clear();
		this.key_by_element.clear();
		if (!xml) {
			this.viewer.clear();
			return placed;
		}
		const on_path = new Set(critical);
		for (const { id, step } of placed.nodes.filter((node) => node.step)) {
			this.key_by_element.set(id, step.step_key);
			this.steps_by_element.set(id, {
				kind: step.kind,
				pauses: step.clock_effect === "Pauses",
				milestone: step.public_milestone,
				critical: on_path.has(step.step_key),
				...describe(step),
			});
		}
		const canvas = this.viewer.get("canvas");
		const view = this.moved ? canvas.viewbox() : null;
		this.fitting = true;
		await this.viewer.importXML(xml);
		if (view) canvas.viewbox({ x: view.x, y: view.y, width: view.width, height: view.height });
		else this.fit();
		this.fitting = false;
		this.mark_flows(placed, critical);
		if (this.selected) this.select(this.selected);
		return placed;
	}

	mark_flows(placed, critical) {
		const canvas = this.viewer.get("canvas");
		const registry = this.viewer.get("elementRegistry");
		placed.edges.forEach((edge, index) => {
			if (!is_on_path(edge, critical)) return;
			const id = `Flow_${index + 1}`;
			canvas.addMarker(id, "is-critical");
			// Over the flows that it shares a stretch with.
			const group = registry.getGraphics(id).parentNode;
			group.parentNode.append(group);
		});
	}

	select(key) {
		const canvas = this.viewer.get("canvas");
		const registry = this.viewer.get("elementRegistry");
		if (this.selected && registry.get(element_id(this.selected))) {
			canvas.removeMarker(element_id(this.selected), "is-selected");
		}
		this.selected = key;
		if (key && registry.get(element_id(key))) canvas.addMarker(element_id(key), "is-selected");
	}

	/** Shows all of it, never larger than life. */
	fit() {
		if (!this.xml || !this.parent.offsetWidth) return;
		const canvas = this.viewer.get("canvas");
		const already = this.fitting;
		this.fitting = true;
		canvas.resized();
		canvas.zoom("fit-viewport", "auto");
		if (canvas.zoom() > 1) canvas.zoom(1, "auto");
		const box = canvas.viewbox();
		const { inner, outer, scale } = box;
		canvas.viewbox({
			x: inner.x - Math.max(0, outer.width / scale - inner.width) / 2,
			y: inner.y - Math.max(0, outer.height / scale - inner.height) / 2,
			width: outer.width / scale,
			height: outer.height / scale,
		});
		this.fitting = already;
		this.moved = false;
	}

	zoom(factor) {
		const canvas = this.viewer.get("canvas");
		canvas.zoom(Math.min(3, Math.max(0.2, canvas.zoom() * factor)), "auto");
	}

	wheel_zooms(enabled) {
		this.viewer.get("zoomScroll").toggle(enabled);
	}

	async svg() {
		return (await this.viewer.saveSVG()).svg;
	}

	destroy() {
		this.viewer.destroy();
	}
}
