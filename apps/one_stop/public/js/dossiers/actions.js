// What this person may do with the dossier now, as buttons; what needs an answer opens a dialog.

import { command, read } from "../server.js";
import { print } from "./printing.js";

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
	const group = others.length > 1 ? __("More Actions") : undefined;
	for (const action of likely) frm.page.add_inner_button(action.label, () => start(frm, action));
	for (const action of [...others.filter((one) => !danger(one)), ...others.filter(danger)]) {
		const button = frm.page.add_inner_button(action.label, () => start(frm, action), group);
		if (danger(action) && button) $(button).addClass("os-danger");
	}
}

export function start(frm, action) {
	if (!(action.fields || []).length && !action.intro) {
		return run(frm, action, {}).catch((refusal) => {
			if (refusal instanceof Error) throw refusal;
		});
	}
	return new Promise((resolve) => {
		const intro = action.intro
			? [{ fieldtype: "HTML", fieldname: "intro", options: `<p>${frappe.utils.escape_html(action.intro)}</p>` }]
			: [];
		const dialog = new frappe.ui.Dialog({
			title: action.label,
			size: (action.fields || []).some((field) => field.fieldtype === "Table") ? "large" : undefined,
			fields: [...intro, ...(action.fields || [])],
			primary_action_label: action.label,
			primary_action: async (values) => {
				dialog.disable_primary_action();
				try {
					await run(frm, action, values);
					dialog.hide();
				} catch (refusal) {
					// What the server refuses it has said already; the dialog stays, to be put right.
					if (refusal instanceof Error) throw refusal;
				} finally {
					dialog.enable_primary_action();
				}
			},
		});
		dialog.onhide = resolve;
		dialog.show();
	});
}

/** One command with one key: the server answers a repeated key with the first answer, so a retry is safe. */
async function run(frm, action, values) {
	action.client_key = action.client_key || frappe.utils.get_random(24);
	const { intro: _intro, ...facts } = values;
	frappe.dom.freeze();
	try {
		await command(`dossiers.${action.command}`, {
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
}
