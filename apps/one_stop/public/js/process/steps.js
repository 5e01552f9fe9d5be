// Changing the rows of a process: what an administrator does to the picture, done to the table.

import { predecessors } from "./layout.js";

const NAMED = ["Reception", "Processing", "Approval", "Issuing", "Return", "Payment", "Linked"];

/** What a step of a kind usually is; the administrator may say otherwise. */
export const USUAL = {
	Reception: { duty: "Reception", unit_rule: "Receiving Unit", clock_effect: "Runs" },
	Processing: { duty: "Appraisal", unit_rule: "Deciding Unit", clock_effect: "Runs" },
	Approval: { duty: "Approval", unit_rule: "Deciding Unit", clock_effect: "Runs" },
	Issuing: { duty: "Issuing", unit_rule: "Deciding Unit", clock_effect: "Runs" },
	Return: { duty: "Return", unit_rule: "Receiving Unit", clock_effect: "Runs" },
	Payment: { duty: "", unit_rule: "Applicant", clock_effect: "Pauses" },
	Linked: { duty: "", unit_rule: "Named Unit", clock_effect: "Runs" },
};
export const KINDS = NAMED;

/** The next unused key: b1, b2, … */
export function next_key(steps) {
	const numbers = steps.map((step) => Number((/^b(\d+)$/.exec(step.step_key || "") || [])[1] || 0));
	return `b${Math.max(0, ...numbers) + 1}`;
}

export function successors(steps, key) {
	return steps.filter((step) => predecessors(step).includes(key));
}

/** The steps nothing follows. */
export function last_steps(steps) {
	return steps.filter((step) => step.step_key && !successors(steps, step.step_key).length);
}

/** True when `key` may come before `step`: it must not itself follow it. */
export function may_precede(steps, key, step) {
	if (!step?.step_key) return true;
	const waiting = [step.step_key];
	const seen = new Set();
	while (waiting.length) {
		const current = waiting.pop();
		if (current === key) return false;
		if (seen.has(current)) continue;
		seen.add(current);
		waiting.push(...successors(steps, current).map((next) => next.step_key));
	}
	return true;
}

/**
 * What has to change for a new step beside the selected one.
 * `next`: between the selected step and those after it; `parallel`: a branch beside it, joined where it is;
 * `end`: after everything. Returns `{after, at, relink: Map(step → its new after)}`; `at` is the row's place.
 */
export function plan_insert(steps, place, selected, key) {
	const relink = new Map();
	if (!selected || place === "end") {
		return { after: last_steps(steps).map((step) => step.step_key), at: steps.length + 1, relink };
	}
	const following = successors(steps, selected.step_key);
	const at = steps.indexOf(selected) + 2;
	if (place === "next") {
		for (const step of following) {
			relink.set(
				step,
				predecessors(step)
					.map((old) => (old === selected.step_key ? key : old))
					.join(", "),
			);
		}
		return { after: [selected.step_key], at, relink };
	}
	for (const step of following) relink.set(step, [...predecessors(step), key].join(", "));
	return { after: predecessors(selected), at, relink };
}

/** The `after` of other steps once `removed` is gone: they follow what it followed. */
export function plan_removal(steps, removed) {
	const relink = new Map();
	for (const step of successors(steps, removed.step_key)) {
		const keys = predecessors(step).flatMap((key) =>
			key === removed.step_key ? predecessors(removed) : [key],
		);
		relink.set(step, [...new Set(keys)].join(", "));
	}
	return relink;
}

const UNITS = {
	"Working Hour": "{0} working hours",
	"Working Day": "{0} working days",
	"Calendar Day": "{0} days",
	Month: "{0} months",
};

/** A duration in words, with a decimal comma: "0,5 ngày làm việc". */
export function duration_text(value, unit) {
	const number = Number(value) || 0;
	if (!number) return "";
	return __(UNITS[unit] || UNITS["Working Hour"], [String(Number(number.toFixed(2))).replace(".", ",")]);
}

/** Titles for keys, as shown in the table and in dialogs. */
export function titles_of(steps, keys) {
	return keys
		.map((key) => {
			const step = steps.find((other) => other.step_key === key);
			return step ? step.title || __("(untitled step)") : key;
		})
		.join("; ");
}
