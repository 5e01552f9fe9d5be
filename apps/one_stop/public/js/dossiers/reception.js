// Reception at the counter: everything a clerk fills in, on one page, with the due date beside it.

import { command, read } from "../server.js";
import * as eform from "../eform.js";
import * as applicant from "./applicant.js";
import * as fees from "./fees.js";
import { ask_for_handover } from "./handover.js";
import * as papers from "./papers.js";
import { show_receipt } from "./printing.js";
import { upload } from "./scans.js";
import { safe, lines_block, moment_text } from "./text.js";

const REFRESH_MS = 60000;
// What a field does when it is left takes a moment.
const SETTLE_MS = 100;
// What the clerk fills in; the rest of a row comes from the version.
const FILLED = {
	components: ["submitted", "originals", "copies", "file", "missing_reason", "reused_from"],
	fees: ["quantity", "rate", "paid", "note"],
};

// What stays the counter's to write in a dossier that was handed in.
const OF_THE_COUNTER = ["receiving_unit", "deciding_unit", "number_of_sets"];

export function setup(frm) {
	frm.set_query("procedure", () => ({ query: "one_stop.api.reception.find_procedures" }));
	frm.set_df_property("procedure", "only_select", 1);
	frm.set_query("receiving_unit", () => ({
		filters: { name: ["in", (frm.os_prepared?.units || []).map((row) => row.receiving_unit)] },
	}));
	const at_the_counter = () => cur_frm === frm && editable(frm);
	keep_by_ctrl_s(frm, at_the_counter);
	frappe.ui.keys.add_shortcut({
		shortcut: "ctrl+enter",
		action: () => {
			// What is typed in counts once its field is left.
			document.activeElement?.blur();
			setTimeout(() => frappe.after_ajax(() => receive(frm)), SETTLE_MS);
		},
		description: __("Receive the dossier"),
		page: frm.page,
		ignore_inputs: true,
		condition: () => at_the_counter() && !cur_dialog,
	});
	frappe.ui.keys.add_shortcut({
		shortcut: "alt+a",
		action: () => papers.tick_all(frm),
		description: __("All papers are here"),
		page: frm.page,
		ignore_inputs: true,
		condition: at_the_counter,
	});
}

/** Ctrl+S presses the primary button in Frappe, which receives here: by these keys a draft is only kept. */
function keep_by_ctrl_s(frm, at_the_counter) {
	const listen = (event) => {
		const pressed = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s";
		if (!pressed || !at_the_counter() || cur_dialog || frappe.get_route()[0] !== "Form") return;
		event.preventDefault();
		event.stopImmediatePropagation();
		document.activeElement?.blur();
		setTimeout(() => frm.save(), SETTLE_MS);
	};
	window.addEventListener("keydown", listen, { capture: true });
}

/** What an applicant handed in stays as they wrote it; the counter notes the papers and what they cost. */
function lock_handed_in(frm) {
	const locked = frm.doc.submitted_at ? 1 : 0;
	if (Boolean(locked) === Boolean(frm.os_locked)) return;
	frm.os_locked = locked;
	for (const df of frm.meta.fields) {
		if (df.read_only || !frappe.model.is_value_type(df) || OF_THE_COUNTER.includes(df.fieldname)) continue;
		frm.set_df_property(df.fieldname, "read_only", locked);
	}
}

export function show(frm) {
	// The form is one for all dossiers: what the server said about another one does not count here.
	if (frm.os_dossier !== frm.doc.name) {
		frm.os_dossier = frm.doc.name;
		frm.os_asked = null;
		frm.os_prepared = null;
		frm.os_client_key = null;
	}
	lock_handed_in(frm);
	frm.disable_save(true);
	frm.page.set_primary_action(__("Receive"), () => receive(frm));
	frm.page.clear_inner_toolbar();
	frm.page.add_inner_button(__("Save Draft"), () => frm.save());
	if (frm.is_new() && !frm.doc.receiving_unit) set_defaults(frm);
	draw(frm);
	if (frm.doc.procedure) prepare(frm);
	keep_current(frm);
	if (frm.is_new() && !frm.doc.procedure) {
		setTimeout(() => frm.get_field("procedure").$input?.trigger("focus"), 300);
	}
}

function set_defaults(frm) {
	const mine = (frappe.boot.one_stop?.memberships || []).filter((row) => row.duty === "Reception");
	if (!mine.length) return;
	frm.doc.receiving_unit = mine[0].unit;
	frm.doc.helped_at = mine[0].unit;
	frappe.utils.add_link_title("Administrative Unit", mine[0].unit, mine[0].unit_name);
	frm.refresh_field("receiving_unit");
}

/** The due date is counted from now, so a form left open must not show yesterday's answer. */
function keep_current(frm) {
	if (frm.os_timer) return;
	frm.os_timer = setInterval(() => {
		const visible = !document.hidden && cur_frm === frm && frappe.get_route()[0] === "Form";
		if (visible && frm.doc.status === "Draft" && frm.doc.procedure) refresh_due(frm);
	}, REFRESH_MS);
}

function request_of(frm) {
	return {
		procedure: frm.doc.procedure,
		receiving_unit: frm.doc.receiving_unit || "",
		channel: frm.doc.channel || "Counter",
		case_name: frm.doc.case_name || "",
	};
}

async function refresh_due(frm) {
	const request = request_of(frm);
	const prepared = await read("dossiers.prepare", request);
	if (JSON.stringify(request_of(frm)) !== JSON.stringify(request)) return;
	frm.os_prepared = { ...prepared, procedure: request.procedure };
	draw_due(frm);
}

/** Fetch what the version in force asks for, and fill the lists that the clerk has not begun yet. */
export async function prepare(frm) {
	if (!frm.doc.procedure || frm.doc.status !== "Draft") return draw(frm);
	const { name } = frm.doc;
	const request = request_of(frm);
	const asked = JSON.stringify(request);
	// Frappe announces a link when it is chosen and again when its field is left.
	if (frm.os_asked === asked) return;
	frm.os_asked = asked;
	let prepared;
	try {
		prepared = await read("dossiers.prepare", request);
	} catch (error) {
		if (frm.os_asked === asked) frm.os_asked = null;
		throw error;
	}
	if (frm.os_asked !== asked || frm.doc.name !== name) return;
	const other = frm.os_prepared?.procedure && frm.os_prepared.procedure !== request.procedure;
	frm.os_prepared = { ...prepared, procedure: request.procedure };
	for (const row of prepared.units || []) {
		frappe.utils.add_link_title("Administrative Unit", row.receiving_unit, row.receiving_unit_name);
		frappe.utils.add_link_title("Administrative Unit", row.deciding_unit, row.deciding_unit_name);
	}
	set_quietly(frm, "receiving_unit", prepared.receiving_unit);
	set_quietly(frm, "deciding_unit", prepared.deciding_unit);
	frm.os_asked = JSON.stringify(request_of(frm));
	frm.set_df_property("case_name", "options", ["", ...(prepared.cases || [])]);
	frm.toggle_display("case_name", Boolean(prepared.cases?.length));
	frm.set_df_property(
		"channel",
		"options",
		(prepared.channels || []).map((channel) => ({ value: channel, label: __(channel) }))
	);
	if (prepared.channels?.length && !prepared.channels.includes(frm.doc.channel)) {
		frm.doc.channel = prepared.channels[0];
		frm.os_asked = JSON.stringify(request_of(frm));
	}
	frm.refresh_field("channel");
	frm.toggle_enable("receiving_unit", (prepared.units || []).length > 1);
	merge_rows(frm, "components", prepared.components || [], "component_name", other);
	merge_rows(frm, "fees", fees.lines_of(prepared.fees || []), "fee_name", other);
	draw(frm);
	// The open dossiers of this person are those of this procedure.
	if (frm.doc.applicant_id_number) applicant.know(frm);
}

function set_quietly(frm, fieldname, value) {
	if (!value || frm.doc[fieldname] === value) return;
	frm.doc[fieldname] = value;
	frm.refresh_field(fieldname);
}

/** Put the wanted rows into a child table. A row of the same name stays the row it was, with what the clerk filled in. */
function merge_rows(frm, table, wanted, key, afresh) {
	const before = new Map((afresh ? [] : frm.doc[table] || []).map((row) => [row[key], row]));
	const rows = wanted.map((values) => {
		const kept = before.get(values[key]);
		const row = kept || frappe.model.add_child(frm.doc, frappe.meta.get_docfield(frm.doctype, table).options, table);
		const known = pick_known(row.doctype, values);
		if (kept) for (const fieldname of FILLED[table]) delete known[fieldname];
		Object.assign(row, known);
		if (table === "fees") row.amount = (row.quantity || 0) * (row.rate || 0);
		return row;
	});
	const gone = (frm.doc[table] || []).filter((row) => !rows.includes(row));
	for (const row of gone) frappe.model.remove_from_locals(row.doctype, row.name);
	frm.doc[table] = rows;
	for (const [index, row] of rows.entries()) row.idx = index + 1;
}

function pick_known(doctype, row) {
	const known = Object.entries(row).filter(([name]) => frappe.meta.has_field(doctype, name));
	return Object.fromEntries(known);
}

export function draw(frm) {
	draw_due(frm);
	papers.draw(frm, editable(frm));
	draw_eform(frm);
	fees.draw(frm, editable(frm));
}

function wrapper(frm, fieldname) {
	return frm.get_field(fieldname).$wrapper;
}

function editable(frm) {
	return frm.doc.status === "Draft" && Boolean(frm.perm[0]?.write || frm.is_new());
}

function draw_due(frm) {
	const due = frm.os_prepared?.due;
	if (frm.doc.status !== "Draft" || !frm.doc.procedure || !frm.os_prepared) {
		wrapper(frm, "reception_view").html("");
		return;
	}
	if (!due) {
		const text = safe(__("No due date can be given: the version has no time limit for this case."));
		wrapper(frm, "reception_view").html(`<div class="os-due none">${text}</div>`);
		return;
	}
	const flags = (due.flags || []).map((flag) => `<div class="os-due-flag">${safe(flag)}</div>`).join("");
	wrapper(frm, "reception_view").html(`<div class="os-due">
		<div><div class="os-fact-label">${safe(__("If received now, the result is due at"))}</div>
		<div class="os-due-moment">${safe(moment_text(due.due_at))}</div>
		<div class="text-muted">${safe(due.limit_text || "")}</div>${flags}</div>
		<div class="os-due-why">${lines_block(due.explanation, 3)}</div>
	</div>`);
}

// Electronic form

/** Whether the electronic form is itself a paper of this dossier: it is online, a paper form serves the counter. */
function needs_eform(frm) {
	return (frm.os_prepared?.components || []).some((row) => row.form === "E-Form");
}

function answers_of(frm) {
	return Object.fromEntries((frm.doc.answers || []).map((row) => [row.fieldname, row.value]));
}

/** The answers as they are read, not typed: days as days, boxes as yes or no. */
export function draw_answers(frm, checkboxes) {
	const ticks = new Set(checkboxes);
	const said = (row) => {
		if (ticks.has(row.fieldname)) return row.value_masked === "1" || row.value === "1" ? __("Yes") : __("No");
		return moment_text(row.value ?? row.value_masked);
	};
	const rows = (frm.doc.answers || []).map(
		(row) => `<div class="os-answer"><span>${safe(row.label)}</span><span>${safe(said(row))}</span></div>`
	);
	wrapper(frm, "eform_view").html(rows.join(""));
	frm.toggle_display("eform_section", rows.length > 0);
}

function draw_eform(frm) {
	const $view = wrapper(frm, "eform_view");
	const fields = frm.os_prepared?.eform_fields || [];
	if (!editable(frm) || frm.doc.submitted_at) {
		frm.os_eform = null;
		draw_answers(frm, fields.filter((field) => field.field_type === "Checkbox").map((field) => field.fieldname));
		return;
	}
	frm.toggle_display("eform_section", fields.length > 0);
	const version = `${frm.os_prepared?.version} ${frm.doc.channel}`;
	if (frm.os_eform?.version === version && frm.os_eform?.docname === frm.doc.name) return;
	$view.empty();
	if (!fields.length) {
		frm.os_eform = null;
		return;
	}
	const needed = needs_eform(frm);
	const shown = needed ? fields : fields.map((field) => ({ ...field, required: 0 }));
	if (!needed) {
		$view.append(`<p class="text-muted">${safe(__("The paper form is enough here; what is typed in is reused."))}</p>`);
	}
	const control = eform.render($view[0], shown, answers_of(frm), () => frm.dirty());
	frm.os_eform = { version, docname: frm.doc.name, control, fields };
}

/** Carry the answers of the drawn form into the document; files are stored first. */
export async function keep_answers(frm) {
	if (!frm.os_eform || frm.doc.status !== "Draft" || frm.doc.submitted_at) return;
	const { control, fields } = frm.os_eform;
	const values = control.get_values();
	const files = control.get_files?.() || {};
	for (const [fieldname, file] of Object.entries(files)) {
		if (file) values[fieldname] = await upload(frm, file);
	}
	frm.clear_table("answers");
	for (const field of fields) {
		const value = values[field.fieldname];
		if (value === undefined || value === null || value === "") continue;
		const row = frm.add_child("answers");
		Object.assign(row, { fieldname: field.fieldname, label: field.label, value: String(value) });
	}
}

// Receiving

async function receive(frm) {
	if (frm.os_receiving) return;
	const missing = papers.missing(frm).map((paper) => __("Missing without a reason: {0}", [paper]));
	if (missing.length) {
		frappe.msgprint({ title: __("Not complete yet"), message: missing.map(safe), as_list: true });
		return;
	}
	if (frm.os_eform && !frm.os_eform.control.validate()) {
		frm.scroll_to_field("eform_view");
		return;
	}
	if (frm.is_new() || frm.is_dirty()) await frm.save();
	if (frm.is_new() || frm.is_dirty()) return;
	if (frm.doc.channel === "Post" && !(await ask_for_handover([frm.doc]))) return;
	const { name } = frm.doc;
	frm.os_client_key = frm.os_client_key || frappe.utils.get_random(24);
	frm.os_receiving = true;
	frappe.dom.freeze();
	let answer;
	try {
		answer = await command("dossiers.receive", { dossier: name, client_key: frm.os_client_key });
	} finally {
		frappe.dom.unfreeze();
		frm.os_receiving = false;
	}
	frm.os_client_key = null;
	applicant.received(frm.doc);
	await frm.reload_doc();
	show_receipt(frm, answer.code);
}
