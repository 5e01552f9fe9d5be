// What this person may do with the dossier now, as buttons; what needs an answer opens a dialog.

import { command, read } from "../server.js";
import { check, point_at } from "./dialog_fields.js";
import { ask_for_handover } from "./handover.js";
import { print, show_receipt } from "./printing.js";

const MOST_BUTTONS = 2;

export async function show(frm) {
	const name = frm.doc.name;
	const actions = await read("dossiers.actions", { dossier: name });
	if (frm.doc.name !== name) return;
	frm.page.clear_primary_action();
	frm.page.clear_inner_toolbar();
	if (frm.doc.code) frm.page.add_inner_button(__("Print"), () => print(frm));
	const primary = actions.find((action) => action.style === "primary");
	if (primary) frm.page.set_primary_action(primary.label, () => start(frm, primary));
	offer(frm, actions.filter((action) => action !== primary));
}

/** The likely actions as buttons, the others in one menu, those that end the dossier last. */
export function offer(frm, actions) {
	const danger = (action) => action.style === "danger";
	const likely = actions.filter((action) => !danger(action)).slice(0, MOST_BUTTONS);
	const others = actions.filter((action) => !likely.includes(action));
	// What ends a dossier is never one click away.
	const group = others.length > 1 || others.some(danger) ? __("More Actions") : undefined;
	for (const action of likely) frm.page.add_inner_button(action.label, () => start(frm, action));
	for (const action of [...others.filter((one) => !danger(one)), ...others.filter(danger)]) {
		const button = frm.page.add_inner_button(action.label, () => start(frm, action), group);
		if (danger(action) && button) $(button).addClass("os-danger");
	}
}

export async function start(frm, action) {
	// What was typed into a draft belongs to what is asked, refused or handed in.
	if (frm.doc.status === "Draft" && frm.is_dirty()) await frm.save();
	if (frm.is_new() || (frm.doc.status === "Draft" && frm.is_dirty())) return undefined;
	if (!(action.fields || []).length && !action.intro) return run(frm, action, {}).catch(unless_refused);
	return ask(frm, action);
}

/** What the server refuses it has said already; anything else is an error of ours. */
function unless_refused(refusal) {
	if (refusal instanceof Error) throw refusal;
}

function ask(frm, action) {
	return new Promise((resolve) => {
		const intro = action.intro
			? [{ fieldtype: "HTML", fieldname: "intro", options: `<p>${frappe.utils.escape_html(action.intro)}</p>` }]
			: [];
		// Above columns, not within the first.
		if (intro.length && (action.fields || []).some((field) => field.fieldtype === "Column Break")) {
			intro.push({ fieldtype: "Section Break" });
		}
		const wide = (action.fields || []).some((field) => ["Table", "Column Break"].includes(field.fieldtype));
		const dialog = new frappe.ui.Dialog({
			title: action.label,
			size: wide ? "large" : undefined,
			fields: [...intro, ...(action.fields || [])],
			primary_action_label: action.label,
			primary_action: async (values) => {
				if (!check(dialog)) return;
				dialog.disable_primary_action();
				try {
					if ((await run(frm, action, values)) !== false) dialog.hide();
				} catch (refusal) {
					// The dialog stays, to be put right.
					unless_refused(refusal);
					point_at(dialog, refusal);
				} finally {
					dialog.enable_primary_action();
				}
			},
		});
		dialog.onhide = resolve;
		dialog.show();
	});
}

/**
 * One command with one key: the server answers a repeated key with the first answer, so a retry is safe. False where
 * the clerk turned back.
 */
async function run(frm, action, values) {
	const { intro: _intro, ...given } = values;
	const facts = action.command === "correct" ? corrected(action, given) : given;
	if (!facts) return false;
	// By post, the minutes come first: their signing is the legal receipt.
	const by_post = action.command === "register" && frm.doc.channel === "Post";
	if (by_post && !(await ask_for_handover([frm.doc]))) return false;
	action.client_key = action.client_key || frappe.utils.get_random(24);
	let answer;
	frappe.dom.freeze();
	try {
		answer = await command(`dossiers.${action.command}`, {
			dossier: frm.doc.name,
			client_key: action.client_key,
			...(action.args || {}),
			...facts,
		});
	} finally {
		frappe.dom.unfreeze();
	}
	frappe.show_alert({ message: __("Done: {0}", [action.label]), indicator: "green" });
	await frm.reload_doc();
	if (action.command === "correct") await show_receipt_anew(frm, answer.code);
	return true;
}

/** Of a correction only what was changed; null, with the reason said, where nothing was. */
function corrected(action, { reason, ...given }) {
	const before = Object.fromEntries(action.fields.map((field) => [field.fieldname, field.default]));
	const changed = Object.entries(given).filter(([name, value]) => String(value ?? "") !== String(before[name] ?? ""));
	if (!changed.length) {
		frappe.msgprint({ message: __("Nothing is corrected: change at least one fact."), indicator: "orange" });
		return null;
	}
	return { reason, facts: JSON.stringify(Object.fromEntries(changed)) };
}

/** The receipt with the corrected facts, where the dossier has one. */
async function show_receipt_anew(frm, code) {
	const forms = await read("print_forms.forms", { dossier: frm.doc.name });
	const receipt = forms.find((row) => row.form === "Receipt");
	if (!receipt || (receipt.on_request && !receipt.issued)) return;
	// Its job may not have come to it yet.
	await command("print_forms.issue", { dossier: frm.doc.name, form: receipt.form });
	await show_receipt(frm, code, __("Receipt issued anew: {0}", [code]));
}
