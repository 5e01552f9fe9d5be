// Reading a BPMN file: the server reads it with care, the administrator sees the rows, then they replace the steps.

import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";
import { layoutProcess } from "bpmn-auto-layout";
import { STEP_EXTENSION } from "./bpmn_file.js";
import { describe_step, lane_label, unit_titles } from "./editor.js";
import { ProcessDiagram } from "./diagram.js";
import { predecessors } from "./layout.js";
import { duration_text, titles_of } from "./steps.js";

const MOST_BYTES = 2 * 1024 * 1024;

export function ask_import(editor) {
	const input = document.createElement("input");
	input.type = "file";
	input.accept = ".bpmn,.xml,application/xml";
	input.className = "process-import-file hidden";
	input.addEventListener("change", async () => {
		const [file] = input.files;
		input.remove();
		if (!file) return;
		if (file.size > MOST_BYTES) {
			frappe.msgprint({
				message: __("The file is larger than 2 MB: that is not a process."),
				indicator: "red",
			});
			return;
		}
		const xml = await file.text();
		const answer = await frappe.xcall("one_stop.api.procedures.read_bpmn", { xml });
		preview(editor, file.name, xml, answer);
	});
	document.body.append(input);
	input.click();
}

function preview(editor, file_name, xml, { steps, messages }) {
	const dialog = new frappe.ui.Dialog({
		title: __("Import BPMN: {0}", [file_name]),
		size: "extra-large",
		fields: [
			{ fieldname: "messages", fieldtype: "HTML" },
			{ fieldname: "drawing", fieldtype: "HTML" },
			{ fieldname: "rows", fieldtype: "HTML" },
			{
				fieldtype: "Section Break",
				label: __("The drawing in the file"),
				collapsible: 1,
				collapsible_depends_on: "eval:0",
			},
			{ fieldname: "original", fieldtype: "HTML" },
		],
		primary_action_label: editor.steps.length ? __("Replace the Steps") : __("Take Over the Steps"),
		primary_action() {
			dialog.hide();
			editor.replace(steps);
			frappe.show_alert({
				message: __("{0} steps were read. Check them, then save.", [steps.length]),
				indicator: "green",
			});
		},
	});
	const field = (name) => dialog.fields_dict[name].$wrapper[0];
	const list = document.createElement("ul");
	list.className = "process-import-messages";
	for (const message of messages || []) {
		const line = document.createElement("li");
		line.textContent = message;
		list.append(line);
	}
	field("messages").replaceChildren(list);
	field("rows").replaceChildren(table_of(steps));

	let diagram;
	let viewer;
	dialog.$wrapper.on("shown.bs.modal", async () => {
		field("drawing").innerHTML = '<div class="process-canvas process-preview"></div>';
		diagram = new ProcessDiagram(field("drawing").firstChild);
		const titles = await unit_titles(steps);
		await diagram.draw(steps, {
			title: file_name,
			process_id: "Import",
			start_label: __("Reception"),
			end_label: __("End"),
			lane_label: (key) => lane_label(key, titles),
			describe: (step) => describe_step(step, titles),
		});
		viewer = await show_original(field("original"), xml);
	});
	dialog.$wrapper.on("hidden.bs.modal", () => {
		if (diagram) diagram.destroy();
		if (viewer) viewer.destroy();
	});
	dialog.show();
}

async function show_original(parent, xml) {
	parent.innerHTML = '<div class="process-canvas process-preview"></div>';
	const viewer = new NavigatedViewer({
		container: parent.firstChild,
		moddleExtensions: { onestop: STEP_EXTENSION },
		zoomScroll: { enabled: false },
	});
	try {
		// A file may hold the process without any drawing of it.
		const drawn = /BPMNDiagram/.test(xml) ? xml : await layoutProcess(xml);
		await viewer.importXML(drawn);
		viewer.get("canvas").zoom("fit-viewport", "auto");
	} catch (error) {
		parent.textContent = __("The file's own drawing cannot be shown.");
		console.warn(error);
	}
	return viewer;
}

function table_of(steps) {
	const table = document.createElement("table");
	table.className = "table table-bordered table-sm process-import-rows";
	const head = table.createTHead().insertRow();
	for (const label of [
		__("Step Title"),
		__("Step Kind"),
		__("Duty"),
		__("Unit Rule"),
		__("Duration"),
		__("After Steps"),
	]) {
		const cell = document.createElement("th");
		cell.textContent = label;
		head.append(cell);
	}
	const body = table.createTBody();
	for (const step of steps) {
		const row = body.insertRow();
		for (const text of [
			step.title,
			__(step.kind || ""),
			__(step.duty || ""),
			__(step.unit_rule || ""),
			duration_text(step.duration, step.duration_unit),
			titles_of(steps, predecessors(step)),
		]) {
			row.insertCell().textContent = text || "";
		}
	}
	return table;
}
