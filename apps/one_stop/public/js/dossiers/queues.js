// The inboxes above the lists of dossiers and steps, the counts on the workspaces, and the remaining time per row.

import { command, read } from "../server.js";
import { LIGHTS, safe } from "./text.js";

/** A list as wide as the window: the sidebar, with its saved filters, waits behind its button. */
export function setup(listview) {
	listview.page.wrapper.addClass("os-list");
	listview.page.wrapper.find(".layout-side-section").hide();
}

/** An inbox begins with what is open, whatever filters were cleared the last time. */
export function begin_with_open(listview) {
	const asked = Object.keys(frappe.route_options || {}).length || location.search.length > 1;
	if (!asked && !listview.filters.length) {
		listview.filters = listview.settings.filters.map((filter) => [listview.doctype, ...filter]);
		listview.filter_area.set(listview.filters);
	}
}

/** Chips above a list: one for each inbox of this person, with its count; a click sets the list's filters. */
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
	listview.os_queues = await read("inbox.queues", { doctype: listview.doctype });
	$chips.html(
		listview.os_queues
			.map(
				(queue) => `<button type="button" class="os-queue ${queue.count ? queue.colour : "empty"}"
					data-queue="${safe(queue.key)}">${safe(queue.label)}<b>${safe(queue.shown)}</b></button>`
			)
			.join("")
	);
	mark(listview);
}

async function open_in(listview, queue) {
	listview.os_queue = queue.key;
	await listview.filter_area.clear(false);
	await listview.filter_area.add(queue.filters.map((filter) => [listview.doctype, ...filter]));
	mark(listview);
}

function mark(listview) {
	listview.$os_chips.find("[data-queue]").each(function () {
		$(this).toggleClass("active", this.dataset.queue === listview.os_queue);
	});
}

/** Open the list of an inbox from elsewhere (a number card). */
export async function open(key) {
	const queue = (await read("inbox.queues", { keys: JSON.stringify([key]) }))[0];
	if (!queue) return;
	frappe.route_options = Object.fromEntries(
		queue.filters.map(([fieldname, operator, value]) => [
			`${queue.doctype}.${fieldname}`,
			operator === "=" ? value : [operator, value],
		])
	);
	frappe.set_route("List", queue.doctype, "List");
}

/** Fill the remaining time of the rows shown; one request for the page. */
export async function fill_remaining(listview) {
	const names = (listview.data || []).map((row) => row.name);
	if (!names.length) return;
	const answers = await read("inbox.remaining", { doctype: listview.doctype, names: JSON.stringify(names) });
	listview.$result.find("[data-os-due]").each(function () {
		const remaining = answers[this.dataset.osDue];
		if (!remaining) return;
		$(this).html(
			`<span class="indicator-pill no-indicator-dot os-light ${LIGHTS[remaining.state] || "gray"}">${safe(
				remaining.text
			)}</span>`
		);
	});
}

/** The due date as a cell that the remaining time is put into. */
export function due_cell(value, row) {
	if (!value) return "";
	const shown = frappe.datetime.str_to_user(value);
	return `<span title="${safe(shown)}" data-os-due="${safe(row.name)}">${safe(shown)}</span>`;
}

export function claim_all(listview) {
	return one_by_one(listview, __("Claim"), (step) =>
		command("dossiers.claim", { dossier: step.dossier, step: step.step_key, client_key: key() })
	);
}

export function complete_all(listview) {
	return new Promise((resolve) => {
		frappe.prompt(
			[{ fieldname: "note", fieldtype: "Small Text", label: __("Note") }],
			({ note }) =>
				resolve(
					one_by_one(listview, __("Complete"), (step) =>
						command("dossiers.complete_step", {
							dossier: step.dossier,
							step: step.step_key,
							note: note || "",
							client_key: key(),
						})
					)
				),
			__("Complete {0} steps", [listview.get_checked_items().length]),
			__("Complete")
		);
	});
}

function key() {
	return frappe.utils.get_random(24);
}

/** Each dossier is a command of its own: one that is refused does not hold up the others. */
async function one_by_one(listview, label, run) {
	const steps = listview.get_checked_items();
	let done = 0;
	for (const [index, step] of steps.entries()) {
		frappe.show_progress(label, index, steps.length, step.dossier_code || "");
		try {
			await run(step);
			done += 1;
		} catch (error) {
			console.warn(error);
		}
	}
	frappe.hide_progress();
	listview.clear_checked_items();
	frappe.show_alert({
		message: __("{0}: {1} of {2}", [label, done, steps.length]),
		indicator: done === steps.length ? "green" : "orange",
	});
	listview.refresh();
}
