// What this person may do with the dossier now, as buttons; what needs an answer opens a dialog.

import { command, read } from "../server.js";
import { print } from "./printing.js";

export async function show(frm) {
	const name = frm.doc.name;
	const actions = await read("dossiers.actions", { dossier: name });
	if (frm.doc.name !== name) return;
	frm.page.clear_primary_action();
	frm.page.clear_inner_toolbar();
	if (frm.doc.code) frm.page.add_inner_button(__("Print"), () => print(frm));
	let primary = false;
	for (const action of actions) {
		if (action.style === "primary" && !primary) {
			primary = true;
			frm.page.set_primary_action(action.label, () => start(frm, action));
			continue;
		}
		const button = frm.page.add_inner_button(action.label, () => start(frm, action));
		if (action.style === "danger" && button) $(button).addClass("os-danger");
	}
}

export function start(frm, action) {
	if (!(action.fields || []).length && !action.intro) return run(frm, action, {});
	return new Promise((resolve) => {
		const intro = action.intro
			? [{ fieldtype: "HTML", fieldname: "intro", options: `<p>${frappe.utils.escape_html(action.intro)}</p>` }]
			: [];
		const dialog = new frappe.ui.Dialog({
			title: action.label,
			fields: [...intro, ...(action.fields || [])],
			primary_action_label: action.label,
			primary_action: async (values) => {
				dialog.disable_primary_action();
				try {
					await run(frm, action, values);
					dialog.hide();
				} finally {
					dialog.enable_primary_action();
					resolve();
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
