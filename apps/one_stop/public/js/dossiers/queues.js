// The inboxes above the lists of dossiers and steps, the counts on the workspaces, and the remaining time per row.

import { command, read } from "../server.js";
import { LIGHTS, safe } from "./text.js";

const LIVE_MS = 1500;
const PAUSE_MS = 10000;
const CHUNK = 20;
// Names travel in the address of a request, which has a limit.
const ASKED_AT_ONCE = 100;
const EVENT_CLASSES = { late: "danger", soon: "warning", ok: "success", paused: "default", ended: "success" };

/** A list as wide as the window: the sidebar, with its saved filters, waits behind its button. */
export function setup(listview) {
	listview.page.wrapper.addClass("os-list");
	listview.page.wrapper.find(".layout-side-section").hide();
	for (let number = 1; number <= 9; number++) {
		frappe.ui.keys.add_shortcut({
			shortcut: `alt+${number}`,
			action: () => listview.$os_chips?.find("[data-queue]").eq(number - 1).trigger("click"),
			description: number === 1 ? __("Open an inbox by its place") : undefined,
			page: listview.page,
			ignore_inputs: true,
		});
	}
	live(listview);
}

/** Called by Frappe whenever the rows have been drawn. */
export function refresh(listview) {
	if (listview.view_name !== "List") return;
	setTimeout(() => listen(listview));
	mark_columns(listview);
	show_chips(listview);
	fill_remaining(listview);
}

/** An inbox begins with what is open, whatever filters were cleared the last time. */
export function begin_with_open(listview) {
	const asked = Object.keys(frappe.route_options || {}).length || location.search.length > 1;
	if (!asked && !listview.filters.length) {
		listview.filters = listview.settings.filters.map((filter) => [listview.doctype, ...filter]);
		listview.filter_area.set(listview.filters);
	}
}

/** The header's cell of the codes gets their width; the cells below are known by what they hold. */
function mark_columns(listview) {
	const $heads = listview.$result.find(".list-row-head .list-row-col");
	for (const [at, column] of (listview.columns || []).entries()) {
		if (column.df) $heads.eq(at).attr("data-os-column", column.df.fieldname);
	}
}

/**
 * A change of any dossier is told by its name: the counts follow, and the rows as long as none is chosen. In a busy
 * province something always changes, so this happens at most every few seconds.
 */
function live(listview) {
	let planned = null;
	let last = 0;
	const follow = () => {
		planned = null;
		last = Date.now();
		if (cur_list !== listview || document.hidden || frappe.get_route()[0] !== "List") return;
		if (listview.$checks?.length || cur_dialog) show_chips(listview);
		else {
			// Frappe takes the same question within three seconds for a repetition; this one has a new answer.
			listview.last_args = null;
			listview.refresh();
		}
	};
	listview.os_told = (data) => {
		if (data?.doctype !== listview.doctype || planned) return;
		planned = setTimeout(follow, Math.max(LIVE_MS, last + PAUSE_MS - Date.now()));
	};
}

/** Frappe forgets every listener when a list begins to listen, after this: so each listens anew once it is drawn. */
function listen(listview) {
	frappe.realtime.doctype_subscribe(listview.doctype);
	frappe.realtime.off("list_update", listview.os_told);
	frappe.realtime.on("list_update", listview.os_told);
}

/** Chips above a list: one for each inbox of this person, with its count; a click opens it. */
export async function show_chips(listview) {
	let $chips = listview.$os_chips;
	if (!$chips) {
		$chips = listview.$os_chips = $('<div class="os-queues" role="toolbar"></div>');
		listview.page.main.prepend($chips);
		$chips.on("click", "[data-queue]", function () {
			const queue = (listview.os_queues || []).find((row) => row.key === this.dataset.queue);
			if (queue) open_in(listview, queue);
		});
	}
	listview.os_queues = await read("inbox.queues", {});
	$chips.html(
		listview.os_queues
			.map(
				(queue, at) => `<button type="button" class="os-queue ${queue.count ? queue.colour : "empty"}"
					data-queue="${safe(queue.key)}" title="Alt+${at + 1}">${safe(queue.label)}<b>${safe(queue.shown)}</b></button>`
			)
			.join("")
	);
	mark(listview);
}

async function open_in(listview, queue) {
	if (queue.doctype !== listview.doctype) {
		go_to(queue);
		return;
	}
	await listview.filter_area.clear(false);
	await listview.filter_area.add(queue.filters.map((filter) => [listview.doctype, ...filter]));
	mark(listview);
}

/** The inbox whose filters are set is lit, wherever it was opened from. */
function mark(listview) {
	const set = filters_text(listview.filter_area.get().map((filter) => filter.slice(1, 4)));
	listview.$os_chips.find("[data-queue]").each(function () {
		const queue = listview.os_queues.find((row) => row.key === this.dataset.queue);
		const lit = queue.doctype === listview.doctype && filters_text(queue.filters) === set;
		$(this).toggleClass("active", lit).attr("aria-pressed", String(lit));
	});
}

/** Filters as text to compare them by; moments go with the time, so that they are all one. */
function filters_text(filters) {
	const plain = (value) => String(value).replace(/\d{4}-\d{2}-\d{2}( [\d:]+)?/g, "~");
	return JSON.stringify(filters.map((filter) => filter.map(plain).join(" ")).sort());
}

/** Open the list of an inbox from elsewhere (a number card). */
export async function open(key) {
	const queue = (await read("inbox.queues", { keys: JSON.stringify([key]) }))[0];
	if (queue) go_to(queue);
}

function go_to(queue) {
	// Several filters on one field go as texts, each with its operator and value.
	const options = {};
	for (const [fieldname, operator, value] of queue.filters) {
		const name = `${queue.doctype}.${fieldname}`;
		options[name] = [...(options[name] || []), JSON.stringify([operator, value])];
	}
	frappe.route_options = options;
	frappe.set_route("List", queue.doctype, "List");
}

// Cells

export function code_cell(value) {
	return `<span class="os-code-cell">${safe(value)}</span>`;
}

/** The name of whoever has a step comes with the remaining time: rows hold only the account. */
export function officer_cell(value, row) {
	return value ? `<span data-os-officer="${safe(row.name)}">&nbsp;</span>` : "";
}

/** The due date as a cell that the remaining time is put into. */
export function due_cell(value, row) {
	const shown = value ? frappe.datetime.str_to_user(value) : "";
	return `<span title="${safe(shown)}" data-os-due="${safe(row.name)}">${safe(shown)}</span>`;
}

/** Fill the remaining time of the rows shown; one request for a hundred of them. */
async function fill_remaining(listview) {
	const names = (listview.data || []).map((row) => row.name);
	if (!names.length) return;
	const chunks = [];
	for (let at = 0; at < names.length; at += ASKED_AT_ONCE) chunks.push(names.slice(at, at + ASKED_AT_ONCE));
	const { doctype } = listview;
	const told = await Promise.all(
		chunks.map((chunk) => read("inbox.remaining", { doctype, names: JSON.stringify(chunk) }))
	);
	const answers = Object.assign({}, ...told);
	listview.$result.find("[data-os-due]").each(function () {
		const remaining = answers[this.dataset.osDue];
		if (!remaining?.text) return;
		$(this).html(
			`<span class="indicator-pill no-indicator-dot os-light ${LIGHTS[remaining.state] || "gray"}">${safe(
				remaining.text
			)}</span>`
		);
	});
	listview.$result.find("[data-os-officer]").each(function () {
		const { officer } = answers[this.dataset.osOfficer] || {};
		if (officer) $(this).text(officer).attr("title", officer);
	});
}

/** Colour of a calendar's entry by the state of its remaining time. */
export function css_class(state) {
	return EVENT_CLASSES[state] || "default";
}

// Many at once

export function claim_all(listview) {
	return many(listview, "claim", __("Claim"), {});
}

export function complete_all(listview) {
	const count = listview.get_checked_items().length;
	frappe.prompt(
		[{ fieldname: "note", fieldtype: "Small Text", label: __("Note") }],
		({ note }) => many(listview, "complete_step", __("Complete"), { note: note || "" }),
		__("Complete {0} steps", [count]),
		__("Complete")
	);
}

/** Steps of one duty in one unit go to one colleague; the others are refused one by one, with the reason. */
export async function assign_all(listview) {
	const [first] = listview.get_checked_items();
	const people = await read("dossiers.colleagues", { dossier: first.dossier, step: first.step_key });
	if (!people.length) {
		frappe.msgprint(__("Nobody holds the duty of this step."));
		return;
	}
	frappe.prompt(
		[
			{ fieldname: "officer", fieldtype: "Select", label: __("Officer"), options: people, reqd: 1 },
			{ fieldname: "note", fieldtype: "Small Text", label: __("Note") },
		],
		({ officer, note }) => many(listview, "assign", __("Assign"), { officer, note: note || "" }),
		__("Assign {0} steps", [listview.get_checked_items().length]),
		__("Assign")
	);
}

async function many(listview, name, label, facts) {
	const steps = listview.get_checked_items(true);
	const client_key = frappe.utils.get_random(24);
	const refused = [];
	let done = 0;
	listview.disable_list_update = true;
	try {
		for (let at = 0; at < steps.length; at += CHUNK) {
			if (steps.length > CHUNK) frappe.show_progress(label, at, steps.length);
			const chunk = JSON.stringify(steps.slice(at, at + CHUNK));
			const answer = await command("inbox.many", { command: name, steps: chunk, client_key, ...facts });
			done += answer.done.length;
			refused.push(...answer.refused);
		}
	} finally {
		if (steps.length > CHUNK) frappe.hide_progress();
		listview.disable_list_update = false;
	}
	listview.clear_checked_items();
	frappe.show_alert({
		message: __("{0}: {1} of {2}", [label, done, steps.length]),
		indicator: done === steps.length ? "green" : "orange",
	});
	if (refused.length) {
		frappe.msgprint({
			title: __("Not done"),
			indicator: "orange",
			message: refused.map((row) => `<b>${safe(row.code)}</b>: ${safe(row.why)}`),
			as_list: true,
		});
	}
	listview.last_args = null; // the same question, with a new answer
	listview.refresh();
}
