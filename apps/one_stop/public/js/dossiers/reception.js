// Reception at the counter: everything a clerk fills in, on one page, with the due date beside it.

import { command, read } from "../server.js";
import * as eform from "../eform.js";
import { show_receipt } from "./printing.js";
import { ACCEPT, upload } from "./scans.js";
import { safe, lines_block, moment_text } from "./text.js";

const REFRESH_MS = 60000;

export function setup(frm) {
	frm.set_query("procedure", () => ({ query: "one_stop.api.reception.find_procedures" }));
	frm.set_df_property("procedure", "only_select", 1);
	frm.set_query("receiving_unit", () => ({
		filters: { name: ["in", (frm.os_prepared?.units || []).map((row) => row.receiving_unit)] },
	}));
}

export function show(frm) {
	frm.disable_save(true);
	frm.page.set_primary_action(__("Receive"), () => {
		// Ctrl+S presses the primary button in Frappe: by keyboard it only keeps the draft.
		if (window.event?.type === "keydown") return frm.save();
		return receive(frm);
	});
	frm.page.clear_inner_toolbar();
	frm.page.add_inner_button(__("Save Draft"), () => frm.save());
	if (frm.is_new() && !frm.doc.receiving_unit) set_defaults(frm);
	draw(frm);
	if (frm.doc.procedure && frm.os_prepared?.procedure !== frm.doc.procedure) prepare(frm);
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

function ask(frm) {
	return read("dossiers.prepare",
		{
			procedure: frm.doc.procedure,
			receiving_unit: frm.doc.receiving_unit || "",
			channel: frm.doc.channel || "Counter",
			case_name: frm.doc.case_name || "",
		});
}

async function refresh_due(frm) {
	const asked = frm.doc.procedure;
	const prepared = await ask(frm);
	if (frm.doc.procedure !== asked) return;
	frm.os_prepared = { ...prepared, procedure: asked };
	draw_due(frm);
}

/** Fetch what the version in force asks for, and fill the lists that the clerk has not begun yet. */
export async function prepare(frm) {
	const asked = frm.doc.procedure;
	if (!asked || frm.doc.status !== "Draft") return draw(frm);
	const prepared = await ask(frm);
	if (frm.doc.procedure !== asked) return;
	const changed = frm.os_prepared?.procedure && frm.os_prepared.procedure !== asked;
	frm.os_prepared = { ...prepared, procedure: asked };
	for (const row of prepared.units || []) {
		frappe.utils.add_link_title("Administrative Unit", row.receiving_unit, row.receiving_unit_name);
		frappe.utils.add_link_title("Administrative Unit", row.deciding_unit, row.deciding_unit_name);
	}
	set_quietly(frm, "receiving_unit", prepared.receiving_unit);
	set_quietly(frm, "deciding_unit", prepared.deciding_unit);
	frm.set_df_property("case_name", "options", ["", ...(prepared.cases || [])]);
	frm.toggle_display("case_name", Boolean(prepared.cases?.length));
	frm.set_df_property(
		"channel",
		"options",
		(prepared.channels || []).map((channel) => ({ value: channel, label: __(channel) }))
	);
	frm.toggle_enable("receiving_unit", (prepared.units || []).length > 1);
	merge_rows(frm, "components", prepared.components || [], "component_name", changed);
	merge_rows(frm, "fees", fee_rows(prepared.fees || []), "fee_name", changed);
	draw(frm);
}

function set_quietly(frm, fieldname, value) {
	if (!value || frm.doc[fieldname] === value) return;
	frm.doc[fieldname] = value;
	frm.refresh_field(fieldname);
}

function fee_rows(fees) {
	return fees
		.filter((fee) => !fee.optional)
		.map((fee) => {
			const quantity = fee.quantity || 1;
			const rate = fee.amount_unknown ? 0 : fee.rate ?? fee.amount ?? 0;
			return { fee_name: fee.fee_name, kind: fee.kind, quantity, rate, amount: quantity * rate, note: fee.note };
		});
}

/** Put the wanted rows into a child table; what the clerk filled in for a row of the same name stays. */
function merge_rows(frm, table, wanted, key, afresh) {
	const before = new Map((afresh ? [] : frm.doc[table] || []).map((row) => [row[key], { ...row }]));
	const filled = {
		components: ["submitted", "originals", "copies", "file", "missing_reason", "reused_from"],
		fees: ["quantity", "paid"],
	}[table];
	frm.clear_table(table);
	for (const row of wanted) {
		const kept = before.get(row[key]);
		const child = frm.add_child(table);
		Object.assign(child, pick_known(child.doctype, row));
		if (kept) for (const fieldname of filled) child[fieldname] = kept[fieldname];
		if (table === "fees") child.amount = (child.quantity || 0) * (child.rate || 0);
	}
}

function pick_known(doctype, row) {
	const known = Object.entries(row).filter(([name]) => frappe.meta.has_field(doctype, name));
	return Object.fromEntries(known);
}

export function draw(frm) {
	draw_due(frm);
	draw_components(frm);
	draw_eform(frm);
	draw_fees(frm);
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

// Component checklist

function draw_components(frm) {
	const rows = frm.doc.components || [];
	const may_edit = editable(frm);
	const hints = hints_of(frm);
	const body = rows.map((row) => component_html(row, may_edit, hints.get(row.component_name))).join("");
	const all = may_edit && rows.length > 1
		? `<button type="button" class="btn btn-xs btn-default" data-do="all">${safe(
				__("All papers are here")
			)}</button>`
		: "";
	const head = `<div class="os-papers-head"><span></span><span>${safe(__("Component Name"))} ${all}</span>
		<span>${safe(__("Originals"))}</span><span>${safe(__("Copies"))}</span><span>${safe(__("Scan"))}</span></div>`;
	const empty = frm.doc.procedure
		? __("This procedure asks for no papers.")
		: __("Choose a procedure to see which papers it asks for.");
	const $view = wrapper(frm, "components_view");
	$view.html(
		rows.length
			? `<div class="os-papers ${may_edit ? "" : "read-only"}">${head}${body}</div>`
			: `<p class="text-muted">${safe(empty)}</p>`
	);
	if (may_edit) bind_components(frm, $view);
}

/** What the version says about each paper: presented only, under which condition. */
function hints_of(frm) {
	return new Map(
		(frm.os_prepared?.components || []).map((row) => [
			row.component_name,
			[row.form === "Present" ? __("to be shown only") : "", row.condition, row.note].filter(Boolean).join("; "),
		])
	);
}

function component_html(row, may_edit, hint) {
	const off = may_edit ? "" : "disabled";
	const link = row.file
		? `<a href="${safe(encodeURI(row.file))}" target="_blank" rel="noopener">${safe(
				decodeURIComponent(row.file.split("/").pop())
			)}</a>${
				may_edit
					? ` <button type="button" class="btn btn-xs btn-link" data-do="remove" title="${safe(
							__("Remove the scan")
						)}">×</button>`
					: ""
			}`
		: may_edit
			? `<label class="os-drop" tabindex="0">${safe(__("Drop a scan here or choose a file"))}
				<input type="file" accept="${ACCEPT}" hidden></label>
				<label class="os-camera btn btn-xs btn-default">${safe(__("Camera"))}
				<input type="file" accept="image/*" capture="environment" hidden></label>`
			: "–";
	const reason =
		row.required && !row.submitted
			? may_edit
				? `<input class="form-control input-xs" data-field="missing_reason" maxlength="140" placeholder="${safe(
						__("Why is it missing?")
					)}" value="${safe(row.missing_reason)}">`
				: `<div class="text-muted">${safe(row.missing_reason)}</div>`
			: "";
	return `<div class="os-paper ${row.submitted ? "here" : ""}" data-row="${safe(row.name)}">
		<span><input type="checkbox" data-field="submitted" ${row.submitted ? "checked" : ""} ${off}
			aria-label="${safe(row.component_name)}"></span>
		<span class="os-paper-name">${safe(row.component_name)}${
			row.required ? ' <span class="os-required">*</span>' : ` <span class="text-muted">(${safe(__("if any"))})</span>`
		}${hint ? `<div class="text-muted small">${safe(hint)}</div>` : ""}${reason}</span>
		<span><input type="number" min="0" max="999" class="form-control input-xs" data-field="originals"
			value="${safe(row.originals || 0)}" ${off} aria-label="${safe(__("Originals"))}"></span>
		<span><input type="number" min="0" max="999" class="form-control input-xs" data-field="copies"
			value="${safe(row.copies || 0)}" ${off} aria-label="${safe(__("Copies"))}"></span>
		<span class="os-paper-scan">${link}</span>
	</div>`;
}

function bind_components(frm, $view) {
	const row_of = (element) => {
		const name = $(element).closest("[data-row]").attr("data-row");
		return (frm.doc.components || []).find((row) => row.name === name);
	};
	const change = (row, values) => {
		Object.assign(row, values);
		frm.dirty();
	};
	const redraw_row = (element, row) => {
		const $row = $(component_html(row, true, hints_of(frm).get(row.component_name)));
		$(element).closest("[data-row]").replaceWith($row);
		return $row;
	};
	const take = async (element, file) => {
		const row = row_of(element);
		if (!row || !file) return;
		$(element).closest(".os-paper").addClass("uploading");
		try {
			const url = await upload(frm, file);
			change(row, { file: url, submitted: 1, missing_reason: "" });
		} finally {
			draw_components(frm);
		}
	};
	$view.off(".papers");
	$view.on("change.papers", "input[data-field='submitted']", function () {
		const row = row_of(this);
		change(row, { submitted: this.checked ? 1 : 0 });
		redraw_row(this, row).find("input[data-field='submitted']").trigger("focus");
	});
	$view.on("change.papers", "input[type='number']", function () {
		change(row_of(this), { [this.dataset.field]: Math.max(0, cint(this.value)) });
	});
	$view.on("change.papers", "input[data-field='missing_reason']", function () {
		change(row_of(this), { missing_reason: this.value.trim() });
	});
	$view.on("change.papers", "input[type='file']", function () {
		take(this, this.files[0]);
	});
	$view.on("keydown.papers", ".os-drop", function (event) {
		if (event.key === "Enter" || event.key === " ") {
			event.preventDefault();
			$(this).find("input")[0].click();
		}
	});
	$view.on("click.papers", "[data-do='remove']", function () {
		change(row_of(this), { file: "" });
		draw_components(frm);
	});
	$view.on("click.papers", "[data-do='all']", () => {
		for (const row of frm.doc.components || []) if (row.required) change(row, { submitted: 1 });
		draw_components(frm);
	});
	$view.on("dragover.papers", ".os-paper", function (event) {
		event.preventDefault();
		$(this).addClass("over");
	});
	$view.on("dragleave.papers drop.papers", ".os-paper", function () {
		$(this).removeClass("over");
	});
	$view.on("drop.papers", ".os-paper", function (event) {
		event.preventDefault();
		event.stopPropagation();
		take(this, event.originalEvent.dataTransfer?.files?.[0]);
	});
}

// Electronic form

/** Whether the electronic form is itself a paper of this dossier: it is online, a paper form serves the counter. */
function needs_eform(frm) {
	return (frm.os_prepared?.components || []).some((row) => row.form === "E-Form");
}

function answers_of(frm) {
	return Object.fromEntries((frm.doc.answers || []).map((row) => [row.fieldname, row.value]));
}

function draw_eform(frm) {
	const $view = wrapper(frm, "eform_view");
	const fields = frm.os_prepared?.eform_fields || [];
	if (!editable(frm)) {
		frm.os_eform = null;
		const rows = (frm.doc.answers || []).map(
			(row) => `<div class="os-answer"><span>${safe(row.label)}</span><span>${safe(row.value)}</span></div>`
		);
		$view.html(rows.join(""));
		frm.toggle_display("eform_section", rows.length > 0);
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
	if (!frm.os_eform || frm.doc.status !== "Draft") return;
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

// Fees

function draw_fees(frm) {
	const rows = frm.doc.fees || [];
	const $view = wrapper(frm, "fees_view");
	const may_edit = editable(frm);
	const unknown = new Set(
		(frm.os_prepared?.fees || []).filter((fee) => fee.amount_unknown).map((fee) => fee.fee_name)
	);
	frm.toggle_display("fees_section", rows.length > 0);
	if (!rows.length) {
		$view.empty();
		return;
	}
	const total = rows.reduce((sum, row) => sum + (row.amount || 0), 0);
	const lines = rows.map((row) => {
		const quantity = may_edit
			? `<input type="number" min="0" step="any" class="form-control input-xs" data-fee="${safe(row.name)}"
				value="${safe(row.quantity ?? 1)}" aria-label="${safe(__("Quantity"))}">`
			: safe(row.quantity ?? 1);
		const amount = unknown.has(row.fee_name) ? safe(__("as set elsewhere")) : money(row.amount);
		return `<tr><td>${safe(row.fee_name)}<div class="text-muted small">${safe(__(row.kind))}${
			row.note ? ` · ${safe(row.note)}` : ""
		}</div></td>
			<td class="os-quantity">${quantity}</td><td class="text-right">${money(row.rate)}</td>
			<td class="text-right">${amount}</td></tr>`;
	});
	$view.html(`<table class="os-fees"><thead><tr><th>${safe(__("Fee Name"))}</th><th>${safe(
		__("Quantity")
	)}</th><th class="text-right">${safe(__("Rate"))}</th><th class="text-right">${safe(__("Amount"))}</th></tr></thead>
		<tbody>${lines.join("")}</tbody>
		<tfoot><tr><td colspan="3">${safe(__("Total"))}</td><td class="text-right">${money(total)}</td></tr></tfoot></table>`);
	if (!may_edit) return;
	$view.off(".fees").on("change.fees", "input[data-fee]", function () {
		const row = rows.find((fee) => fee.name === this.dataset.fee);
		row.quantity = Math.max(0, flt(this.value));
		row.amount = row.quantity * (row.rate || 0);
		frm.dirty();
		draw_fees(frm);
	});
}

function money(value) {
	return `${new Intl.NumberFormat("vi-VN").format(value || 0)} đ`;
}

// Applicant

/** Offer what an earlier dossier says about this person, where they agreed to the reuse. */
export async function know_applicant(frm) {
	const id_number = (frm.doc.applicant_id_number || "").trim();
	if (frm.doc.status !== "Draft" || id_number.length < 8) return;
	const answer = await read("reception.known_applicant",
		{ id_number, procedure: frm.doc.procedure || "", dossier: frm.is_new() ? "" : frm.doc.name });
	for (const [fieldname, value] of Object.entries(answer.applicant || {})) {
		if (value && !frm.doc[fieldname]) frm.set_value(fieldname, value);
	}
	const open = answer.open || [];
	frm.set_intro("");
	if (open.length) {
		const codes = open
			.map((row) => `<a href="/app/dossier/${encodeURIComponent(row.name)}">${safe(row.code)}</a>`)
			.join(", ");
		frm.set_intro(
			__("This person already has an open dossier of this procedure: {0}", [codes]),
			"orange"
		);
	}
}

// Receiving

function problems(frm) {
	const found = [];
	for (const row of frm.doc.components || []) {
		if (row.required && !row.submitted && !(row.missing_reason || "").trim()) {
			found.push(__("Missing without a reason: {0}", [row.component_name]));
		}
	}
	return found;
}

async function receive(frm) {
	const found = problems(frm);
	if (found.length) {
		frappe.msgprint({ title: __("Not complete yet"), message: found.map(safe), as_list: true });
		return;
	}
	if (frm.os_eform && !frm.os_eform.control.validate()) {
		frm.scroll_to_field("eform_view");
		return;
	}
	if (frm.is_new() || frm.is_dirty()) await frm.save();
	if (frm.is_new() || frm.is_dirty()) return;
	frm.os_client_key = frm.os_client_key || frappe.utils.get_random(24);
	frappe.dom.freeze();
	let answer;
	try {
		answer = await command("dossiers.receive", {
			dossier: frm.doc.name,
			client_key: frm.os_client_key,
		});
	} finally {
		frappe.dom.unfreeze();
	}
	frm.os_client_key = null;
	await frm.reload_doc();
	show_receipt(frm, answer.code);
}
