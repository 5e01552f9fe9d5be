// What the fields of an action's dialog must hold: said beside the field, where it is put right.

import { safe } from "./text.js";

const RULES = {
	future: (value) => value > frappe.datetime.now_datetime() || __("This moment has passed."),
	past: (value) => value <= frappe.datetime.get_today() || __("This day lies in the future."),
	positive: (value) => flt(value) > 0 || __("Give a sum above 0."),
	not_negative: (value) => flt(value) >= 0 || __("Give a sum, or 0."),
};

/** Whether every field holds what its rule asks for; where one does not, it says so and gets the focus. */
export function check(dialog) {
	clear(dialog);
	const wrong = dialog.fields_list.filter((field) => {
		const { os_rule } = field.df;
		if (!os_rule) return false;
		const value = field.get_value();
		const empty = value === undefined || value === null || value === "";
		const verdict = empty ? !(field.df.fieldtype === "Currency") || __("Give a sum, or 0.") : RULES[os_rule](value);
		if (verdict !== true) say(field, verdict);
		return verdict !== true;
	});
	wrong[0]?.$input?.trigger("focus");
	return !wrong.length;
}

/** Say beside the field what the server refuses of it: its messages begin with the field's label. */
export function point_at(dialog, refusal) {
	for (const message of messages_of(refusal)) {
		const field = dialog.fields_list.find((one) => one.df.label && message.startsWith(`${one.df.label}:`));
		if (field) say(field, message.slice(field.df.label.length + 1).trim());
	}
}

function messages_of(refusal) {
	try {
		const said = JSON.parse(refusal?.responseJSON?._server_messages || "[]");
		return said.map((one) => frappe.utils.html2text(JSON.parse(one).message || ""));
	} catch {
		return [];
	}
}

function say(field, text) {
	field.$wrapper.addClass("has-error").append(`<p class="os-field-error" role="alert">${safe(text)}</p>`);
	field.$wrapper.one("input change", () => quiet(field));
}

function quiet(field) {
	field.$wrapper.removeClass("has-error").find(".os-field-error").remove();
}

function clear(dialog) {
	for (const field of dialog.fields_list) if (field.$wrapper) quiet(field);
}
