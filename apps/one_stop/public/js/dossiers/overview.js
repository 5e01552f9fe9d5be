// The page of a received dossier: what it is, where it is, who has it, until when and why, what happened.

import { read } from "../server.js";
import { draw_answers } from "./reception.js";
import { safe, light, lines_block, moment_text } from "./text.js";

const DONE = new Set(["Completed", "Skipped", "Cancelled"]);
const CURRENT = new Set(["Open", "In Progress"]);

export async function show(frm) {
	name_breadcrumb(frm);
	const name = frm.doc.name;
	const [process, events] = await Promise.all([
		read("dossiers.process_view", { dossier: name }),
		read("dossiers.timeline", { dossier: name }),
	]);
	// The reader may have moved on to another dossier while the server was answering.
	if (frm.doc.name !== name) return;
	frm.toggle_display("process_section", process.steps.length > 0);
	draw_answers(frm, process.checkboxes);
	fill(frm, "status_view", status_html(frm.doc, process));
	fill(frm, "process_view", process_html(process.steps));
	fill(frm, "timeline_view", timeline_html(events));
	fill(frm, "explanation_view", flags_html(process.flags) + parts_html(process) + explanation_html(process));
	frm.page.set_indicator(__(frm.doc.status), indicator(frm.doc.status, process.remaining));
}

/** The last breadcrumb is the document's random name: people know dossiers by their code. */
export function name_breadcrumb(frm) {
	const shown = frm.is_new() ? __("New Dossier") : frm.doc.code || __("No code yet");
	$("#navbar-breadcrumbs a, .navbar-breadcrumbs a")
		.filter((_, link) => link.textContent.trim() === frm.doc.name)
		.text(shown);
}

function fill(frm, fieldname, html) {
	frm.get_field(fieldname).$wrapper.html(html);
}

function indicator(status, remaining) {
	if (remaining?.state === "late") return "red";
	if (remaining?.state === "soon") return "orange";
	return { Finished: "green", Returned: "green", Stopped: "red" }[status] || "blue";
}

function fact(label, value, note = "") {
	return `<div class="os-fact"><div class="os-fact-label">${safe(label)}</div>
		<div class="os-fact-value">${value || "–"}</div>${note ? `<div class="os-fact-note">${note}</div>` : ""}</div>`;
}

function status_html(doc, process) {
	const open = process.steps.filter((step) => step.is_open || CURRENT.has(step.status));
	const units = [...new Set(open.map((step) => step.unit_name).filter(Boolean))];
	const people = [...new Set(open.map((step) => step.officer_name).filter(Boolean))];
	const titles = open.map((step) => step.title);
	const moved = process.original_due_at && process.original_due_at !== process.due_at;
	const waiting = doc.status === "Awaiting Supplement" || doc.status === "Awaiting Payment";
	const where = waiting ? __("The applicant") : units.join(", ") || (doc.ended_at ? __("Closed") : "");
	const unclaimed = open.some((step) => step.duty && !step.officer_name);
	const who = people.join(", ") || (unclaimed && !waiting ? __("Not claimed yet") : "");
	const awaited = doc.status === "Awaiting Supplement" && doc.applicant_due;
	return `<div class="os-head">
		<div class="os-head-main">
			<div class="os-code">${safe(doc.code || __("No code yet"))}</div>
			<div class="os-procedure">${safe(doc.procedure_name)}<span class="text-muted"> · ${safe(
				doc.procedure
			)}</span></div>
			<div class="os-applicant">${safe(doc.applicant_name)}${
				doc.authorised_name
					? ` <span class="text-muted">(${safe(__("submitted by {0}", [doc.authorised_name]))})</span>`
					: ""
			}</div>
		</div>
		<div class="os-facts">
			${fact(__("Where"), safe(where), safe(titles.join(", ")))}
			${fact(__("Who Has It"), safe(who))}
			${fact(
				__("Due At"),
				safe(moment_text(process.due_at)),
				moved ? safe(__("first appointment {0}", [moment_text(process.original_due_at)])) : ""
			)}
			${awaited ? fact(__("Supplement Awaited Until"), safe(moment_text(doc.applicant_due))) : ""}
			${fact(__("Remaining Time"), light(process.remaining), safe(process.limit_text || ""))}
		</div>
	</div>`;
}

/** Depth of each step: 0 for those without predecessors, else one more than the deepest of these. */
export function depths(steps) {
	const after = new Map(steps.map((step) => [step.step_key, step.after || []]));
	const known = new Map();
	const depth = (key, path) => {
		if (known.has(key)) return known.get(key);
		if (!after.has(key) || path.has(key)) return -1;
		const longer = new Set([...path, key]);
		const value = 1 + Math.max(-1, ...after.get(key).map((before) => depth(before, longer)));
		known.set(key, value);
		return value;
	};
	for (const step of steps) depth(step.step_key, new Set());
	return known;
}

function latest_rounds(steps) {
	const latest = new Map();
	for (const step of steps) {
		const other = latest.get(step.step_key);
		if (!other || (step.round || 1) >= (other.round || 1)) latest.set(step.step_key, step);
	}
	return [...latest.values()];
}

function process_html(all_steps) {
	const steps = latest_rounds(all_steps);
	const depth = depths(steps);
	const columns = [];
	for (const step of steps) {
		const at = Math.max(0, depth.get(step.step_key) ?? 0);
		columns[at] = [...(columns[at] || []), step];
	}
	const html = columns
		.filter(Boolean)
		.map((column) => `<div class="os-level">${column.map(step_html).join("")}</div>`)
		.join('<div class="os-arrow" aria-hidden="true"></div>');
	return `<div class="os-process">${html || safe(__("No process"))}</div>`;
}

function step_html(step) {
	const current = step.is_open || CURRENT.has(step.status);
	const state = current ? "current" : DONE.has(step.status) ? "done" : "waiting";
	const late = step.outcome === "Late" ? " late" : "";
	const times = [];
	if (step.completed_at) times.push(__("done {0}", [moment_text(step.completed_at)]));
	else if (current) {
		if (step.opened_at) times.push(__("since {0}", [moment_text(step.opened_at)]));
		if (step.due_at) times.push(__("until {0}", [moment_text(step.due_at)]));
	} else if (step.due_at) times.push(__("planned until {0}", [moment_text(step.due_at)]));
	return `<div class="os-step ${state}${late}" title="${safe(step.note || "")}">
		<div class="os-step-title">${safe(step.title)}${
			(step.round || 1) > 1 ? ` <span class="text-muted">(${safe(__("round {0}", [step.round]))})</span>` : ""
		}</div>
		<div class="os-step-unit">${safe(step.unit_name || step.unit || "")}</div>
		<div class="os-step-who">${safe(step.officer_name || (step.duty ? __(step.duty) : ""))}</div>
		<div class="os-step-time">${times.map(safe).join("<br>")}</div>
		<div class="os-step-state">${safe(__(step.status))}${
			step.outcome ? ` · ${safe(__(step.outcome))}` : ""
		}</div>
	</div>`;
}

function timeline_html(events) {
	const rows = [...events].reverse().map(
		(event) => `<li class="os-event">
			<div class="os-event-head"><b>${safe(event.label || event.kind)}</b>
				<span class="text-muted">${safe(moment_text(event.at))}</span></div>
			<div class="text-muted">${safe(
				[event.actor_name || event.actor, event.unit_name, event.step_title].filter(Boolean).join(" · ")
			)}</div>
			${event.reason ? `<div class="os-event-reason">${safe(event.reason)}</div>` : ""}
			${lines_block(event.lines, 3)}
		</li>`
	);
	return `<h5 class="os-heading">${safe(__("What Happened"))}</h5>
		<ol class="os-timeline">${rows.join("")}</ol>`;
}

function explanation_html(process) {
	return `<h5 class="os-heading">${safe(__("Why This Due Date"))}</h5>
		${lines_block(process.explanation, 8) || `<p class="text-muted">${safe(__("No due date is running."))}</p>`}`;
}

// What belongs to the dossier: letters, results, money, opinions, linked dossiers

const COLOURS = {
	Ready: "green",
	Queued: "orange",
	Failed: "red",
	Paid: "green",
	"Not Paid Yet": "orange",
	Open: "orange",
	Answered: "green",
};

function flags_html(flags) {
	if (!flags?.length) return "";
	return `<ul class="os-flags">${flags.map((flag) => `<li>${safe(flag)}</li>`).join("")}</ul>`;
}

function parts_html(process) {
	return [
		part_html(__("Results"), process.results, result_line),
		part_html(__("Letters"), process.letters, letter_line),
		part_html(__("Payments"), process.payments, payment_line),
		part_html(__("Opinions of Other Units"), process.opinions, opinion_line),
		part_html(__("Linked Dossiers"), process.linked, linked_line),
	].join("");
}

function part_html(title, rows, line) {
	if (!rows?.length) return "";
	const items = rows.map((row) => {
		const { head, state, notes } = line(row);
		const said = (notes || []).filter(Boolean).map((note) => `<div class="text-muted">${note}</div>`);
		return `<li class="os-part"><div class="os-part-head"><span>${head}</span>${state || ""}</div>${said.join("")}</li>`;
	});
	return `<h5 class="os-heading">${safe(title)}</h5><ul class="os-parts">${items.join("")}</ul>`;
}

function pill(status) {
	if (!status) return "";
	return `<span class="indicator-pill no-indicator-dot ${COLOURS[status] || "gray"}">${safe(__(status))}</span>`;
}

function file_link(url, text) {
	if (!url) return safe(text);
	return `<a href="${safe(encodeURI(url))}" target="_blank" rel="noopener">${safe(text)}</a>`;
}

function result_line(row) {
	const returned = row.returned_at
		? safe(__("returned {0}", [[moment_text(row.returned_at), row.way ? __(row.way) : ""].filter(Boolean).join(", ")]))
		: safe(__("not returned yet"));
	return {
		head: file_link(row.file, row.result_name),
		state: row.refused ? `<span class="indicator-pill no-indicator-dot red">${safe(__("Refused"))}</span>` : "",
		notes: [safe([row.number, moment_text(row.issued_on)].filter(Boolean).join(", ")), returned],
	};
}

function letter_line(row) {
	return {
		head: file_link(row.file, __(row.form)),
		state: row.status === "Ready" ? "" : pill(row.status),
		notes: [safe([row.number, moment_text(row.issued_at)].filter(Boolean).join(", "))],
	};
}

function payment_line(row) {
	const paid = row.paid_at
		? [moment_text(row.paid_at), row.method ? __(row.method) : "", row.reference].filter(Boolean).join(", ")
		: "";
	return {
		head: `${safe(row.title)}: <b>${safe(new Intl.NumberFormat("vi-VN").format(row.amount || 0))} đ</b>`,
		state: pill(row.status === "Due" ? "Not Paid Yet" : row.status),
		notes: [safe(paid)],
	};
}

function opinion_line(row) {
	const until = row.answered_at
		? __("answered {0}", [moment_text(row.answered_at)])
		: __("until {0}", [moment_text(row.due_at)]);
	return {
		head: safe(row.unit_name),
		state: pill(row.status),
		notes: [safe(row.question), safe(until), row.answer ? `<span class="os-answered">${safe(row.answer)}</span>` : ""],
	};
}

function linked_line(row) {
	const head = `<a href="/app/dossier/${encodeURIComponent(row.name)}">${safe(row.code || row.procedure_name)}</a>`;
	return {
		head: `${"— ".repeat(Math.max(0, row.depth - 1))}${safe(row.relation === "parent" ? __("part of") : __("opened"))} ${head}`,
		state: `<span class="indicator-pill no-indicator-dot ${indicator(row.status)}">${safe(__(row.status))}</span>`,
		notes: [
			safe(row.procedure_name),
			safe([row.unit_name, row.due_at ? __("until {0}", [moment_text(row.due_at)]) : ""].filter(Boolean).join(" · ")),
		],
	};
}
