// The process in the form of a Procedure Version: picture above, rows below, each showing the other.

import { ProcessDiagram } from "./diagram.js";
import { ask_import } from "./import_dialog.js";
import { element_id, lane_key } from "./layout.js";
import { ask_step } from "./step_dialog.js";
import { duration_text, next_key, plan_insert, plan_removal } from "./steps.js";

const DRAW_DELAY = 250;

/** Offers text to the browser as a file to keep. */
export function download(name, text, type) {
	const link = document.createElement("a");
	link.href = URL.createObjectURL(new Blob([text], { type }));
	link.download = name;
	document.body.append(link);
	link.click();
	link.remove();
	setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

/** The names of units mentioned in steps: what the picture calls a band. */
export async function unit_titles(steps) {
	const units = [...new Set(steps.map((step) => step.unit).filter(Boolean))];
	const titles = await Promise.all(
		units.map(
			(unit) =>
				frappe.utils.get_link_title("Administrative Unit", unit) ||
				frappe.utils.fetch_link_title("Administrative Unit", unit),
		),
	);
	return new Map(units.map((unit, index) => [unit, titles[index] || unit]));
}

export function lane_label(key, titles) {
	if (!key.startsWith("Named Unit:")) return __(key);
	const unit = key.slice("Named Unit:".length);
	return titles.get(unit) || unit || __("Named Unit");
}

/** What the picture says of one step. */
export function describe_step(step, titles, findings = []) {
	return {
		title: step.title || __("(untitled step)"),
		duty: step.duty ? __(step.duty) : "",
		unit_text: lane_label(lane_key(step), titles),
		duration:
			step.clock_effect === "Pauses"
				? __("the clock is paused")
				: duration_text(step.duration, step.duration_unit) || __("no time of its own"),
		findings: findings.map((finding) => finding.message),
		error: findings.some((finding) => finding.severity === "error"),
	};
}

export class ProcessEditor {
	constructor(frm, wrapper) {
		this.frm = frm;
		this.check = null;
		this.build(wrapper);
		this.diagram = new ProcessDiagram(this.canvas, { on_click: (key) => this.clicked(key) });
		this.watch_size();
	}

	get steps() {
		return this.frm.doc.steps || [];
	}

	get editable() {
		return this.frm.doc.docstatus === 0 && Boolean(this.frm.perm[0]?.write);
	}

	build(wrapper) {
		const group = (style) => {
			const made = document.createElement("div");
			made.className = `process-tools ${style}`;
			return made;
		};
		const root = document.createElement("div");
		root.className = "process-editor";
		const edit = group("process-tools-edit");
		const files = group("process-tools-files");
		const view = group("process-tools-view");
		const tools = document.createElement("div");
		tools.className = "process-toolbar";
		tools.append(edit, files);
		this.canvas = document.createElement("div");
		this.canvas.className = "process-canvas";
		this.empty = document.createElement("div");
		this.empty.className = "process-empty";
		this.empty.textContent = __(
			"No step yet. Add the first one: it is usually the reception of the dossier.",
		);
		this.status = document.createElement("div");
		this.status.className = "process-status";
		this.status.setAttribute("role", "status");
		root.append(tools, this.canvas, this.status);
		this.canvas.append(this.empty, view);
		wrapper.replaceChildren(root);
		this.root = root;
		this.edit_tools = edit;

		this.button(edit, "add", __("Add Step"), () => this.add("end"));
		this.button(edit, "next", __("Add Next Step"), () => this.add("next"));
		this.button(edit, "parallel", __("Add Parallel Step"), () => this.add("parallel"));
		this.button(edit, "open", __("Edit Step"), () => this.open_row(this.selected));
		this.button(edit, "remove", __("Delete Step"), () => this.remove());
		this.button(files, "import", __("Import BPMN"), () => ask_import(this));
		this.button(files, "bpmn", __("Export BPMN"), () => this.export_bpmn());
		this.button(files, "svg", __("Export Picture"), () => this.export_svg());
		this.button(view, "smaller", "−", () => this.diagram.zoom(1 / 1.2), __("Smaller"));
		this.button(view, "larger", "+", () => this.diagram.zoom(1.2), __("Larger"));
		this.button(view, "fit", __("Fit"), () => this.diagram.fit());
		this.button(view, "full", __("Full Screen"), () => this.toggle_full());
		this.on_key = (event) => {
			if (event.key === "Escape" && this.root.classList.contains("is-full") && !$(".modal.show").length) {
				event.stopPropagation();
				this.toggle_full();
			}
		};
		document.addEventListener("keydown", this.on_key, true);
	}

	button(parent, action, label, run, title = "") {
		const button = document.createElement("button");
		button.type = "button";
		button.className = "btn btn-default btn-xs";
		button.dataset.action = action;
		button.textContent = label;
		if (title) {
			button.title = title;
			button.setAttribute("aria-label", title);
		}
		button.addEventListener("click", run);
		parent.append(button);
	}

	/** bpmn-js measures nothing while its tab is hidden: it is fitted when it comes into view. */
	watch_size() {
		let width = 0;
		this.observer = new ResizeObserver(() => {
			const now = this.canvas.offsetWidth;
			if (now && now !== width) this.diagram.fit();
			width = now;
		});
		this.observer.observe(this.canvas);
	}

	destroy() {
		this.observer.disconnect();
		document.removeEventListener("keydown", this.on_key, true);
		this.diagram.destroy();
	}

	/** Draws after a pause in typing. */
	schedule() {
		clearTimeout(this.timer);
		this.timer = setTimeout(() => this.draw(), DRAW_DELAY);
	}

	apply_check(check) {
		this.check = check;
		this.schedule();
	}

	async draw() {
		clearTimeout(this.timer);
		const steps = this.steps.filter((step) => step.step_key);
		const titles = await unit_titles(steps);
		const findings = (this.check?.findings || []).filter((finding) => finding.step_key);
		const placed = await this.diagram.draw(steps, {
			title: this.frm.doc.procedure_name || this.frm.doc.procedure || __("Process"),
			process_id: element_id(this.frm.doc.procedure || "new", "P"),
			start_label: __("Reception"),
			end_label: __("End"),
			lane_label: (key) => lane_label(key, titles),
			critical: this.check?.critical_path || [],
			describe: (step) =>
				describe_step(
					step,
					titles,
					findings.filter((finding) => finding.step_key === step.step_key && !finding.accepted),
				),
		});
		if (placed.pool && !this.root.classList.contains("is-full")) {
			const wanted = Math.min(460, Math.max(220, placed.pool.height + 48));
			if (this.canvas.style.height !== `${wanted}px`) {
				this.canvas.style.height = `${wanted}px`;
				this.diagram.fit();
			}
		}
		this.empty.hidden = Boolean(placed.nodes.length);
		this.root.dataset.steps = steps.length;
		this.refresh_tools();
		this.show_status(placed);
	}

	refresh_tools() {
		const selected = this.row(this.selected);
		this.edit_tools.hidden = !this.editable;
		this.root.querySelector("[data-action=import]").hidden = !this.editable;
		for (const action of ["next", "parallel", "open", "remove"]) {
			this.root.querySelector(`[data-action=${action}]`).disabled = !selected;
		}
		for (const action of ["bpmn", "svg"]) {
			this.root.querySelector(`[data-action=${action}]`).disabled = !this.steps.length;
		}
		const full = this.root.classList.contains("is-full");
		this.root.querySelector("[data-action=full]").textContent = full
			? __("Leave Full Screen")
			: __("Full Screen");
	}

	show_status(placed) {
		const parts = [];
		const add = (text, style) => {
			const part = document.createElement("span");
			part.className = style;
			part.textContent = text;
			parts.push(part);
		};
		if (this.check?.critical_text) {
			add(__("Critical path: {0}", [this.check.critical_text]), "status-critical");
		}
		if (this.check?.limit_text) add(__("Legal limit: {0}", [this.check.limit_text]), "status-limit");
		for (const { from, to, why } of placed.broken) {
			const names = [from, to].map((key) => this.row(key)?.title || key);
			add(
				why === "missing"
					? __("“{1}” follows a step that does not exist: {0}", names)
					: __("“{0}” and “{1}” wait for each other", names),
				"status-error",
			);
		}
		const selected = this.row(this.selected);
		if (selected) add(__("Selected: {0}", [selected.title || __("(untitled step)")]), "status-selected");
		else if (this.steps.length && this.editable) {
			add(__("Click a step to open its row and to add steps beside it."), "text-muted");
		}
		this.status.replaceChildren(...parts);
	}

	row(key) {
		return key ? this.steps.find((step) => step.step_key === key) : null;
	}

	clicked(key) {
		this.select(key);
		if (key) this.open_row(key);
	}

	select(key) {
		this.selected = key;
		this.diagram.select(key);
		const grid = this.frm.fields_dict.steps.grid;
		grid.wrapper.find(".grid-row.is-drawn").removeClass("is-drawn");
		const row = this.row(key);
		if (row && grid.grid_rows_by_docname[row.name]) {
			grid.grid_rows_by_docname[row.name].wrapper.addClass("is-drawn");
		}
		this.refresh_tools();
		this.diagram.drawing.then((placed) => placed && this.show_status(placed));
	}

	open_row(key) {
		const row = this.row(key);
		if (!row) return;
		if (this.root.classList.contains("is-full")) this.toggle_full();
		open_grid_row(this.frm, "steps", row.name);
	}

	add(place) {
		const selected = this.row(this.selected);
		const key = next_key(this.steps);
		const planned = plan_insert(this.steps, place, selected, key);
		const titles = {
			end: __("Add Step"),
			next: __("Add a step after “{0}”", [selected?.title]),
			parallel: __("Add a step beside “{0}”", [selected?.title]),
		};
		ask_step({
			frm: this.frm,
			title: titles[selected ? place : "end"],
			after: planned.after,
			on_done: (values) => {
				const row = frappe.model.add_child(this.frm.doc, "Process Step", "steps", planned.at);
				Object.assign(row, values, { step_key: key });
				const chosen = values.after.split(",").map((other) => other.trim());
				const kept = planned.after.every((other) => chosen.includes(other));
				// Other steps are relinked only as long as the place asked for was kept.
				if (kept) for (const [step, after] of planned.relink) step.after = after;
				this.changed(key);
			},
		});
	}

	remove() {
		const row = this.row(this.selected);
		if (!row) return;
		frappe.confirm(
			__("Delete the step “{0}”? The steps after it will follow what it followed.", [
				frappe.utils.escape_html(row.title || ""),
			]),
			() => {
				for (const [step, after] of plan_removal(this.steps, row)) step.after = after;
				frappe.model.clear_doc(row.doctype, row.name);
				this.frm.doc.steps = this.steps.filter((step) => step.name !== row.name);
				for (const [index, step] of this.frm.doc.steps.entries()) step.idx = index + 1;
				this.changed(null);
			},
		);
	}

	/** Replaces all rows of a draft, after an import. */
	replace(rows) {
		this.frm.clear_table("steps");
		for (const values of rows)
			Object.assign(frappe.model.add_child(this.frm.doc, "Process Step", "steps"), values);
		this.diagram.moved = false;
		this.changed(null);
	}

	changed(selected) {
		this.frm.dirty();
		this.frm.refresh_field("steps");
		this.frm.trigger("steps_changed");
		this.select(selected);
		this.draw();
	}

	file_name(extension) {
		const version = this.frm.doc.version_no ? `-v${this.frm.doc.version_no}` : "";
		return `${this.frm.doc.procedure || "process"}${version}.${extension}`;
	}

	async export_bpmn() {
		await this.draw();
		download(this.file_name("bpmn"), this.diagram.xml, "application/xml");
	}

	async export_svg() {
		await this.draw();
		download(this.file_name("svg"), await this.diagram.svg(), "image/svg+xml");
	}

	toggle_full() {
		const full = this.root.classList.toggle("is-full");
		this.diagram.wheel_zooms(full);
		document.body.classList.toggle("process-editor-full", full);
		if (full) this.canvas.style.height = "";
		this.refresh_tools();
		requestAnimationFrame(() => {
			this.diagram.fit();
			if (!full) this.draw();
		});
	}
}

/** Brings a row of a child table into view and opens it. */
export function open_grid_row(frm, table, name) {
	const field = frm.fields_dict[table];
	if (field.tab && !field.tab.is_active()) field.tab.set_active();
	const grid = field.grid;
	const index = (frm.doc[table] || []).findIndex((row) => row.name === name);
	if (index < 0) return;
	const page = Math.floor(index / (grid.grid_pagination ? grid.grid_pagination.page_length : 50)) + 1;
	if (grid.grid_pagination && grid.grid_pagination.page_index !== page && page > 1) {
		grid.grid_pagination.go_to_page(page);
	}
	const row = grid.grid_rows_by_docname[name];
	if (!row) return;
	row.toggle_view(true);
	const form = row.wrapper[0].querySelector(".form-in-grid") || row.wrapper[0];
	form.scrollIntoView({ block: "nearest", behavior: "auto" });
}
