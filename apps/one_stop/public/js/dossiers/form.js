// The dossier's form: one page for reception, another for everything after it.

import { read } from "../server.js";
import * as actions from "./actions.js";
import * as applicant from "./applicant.js";
import * as overview from "./overview.js";
import { print, show_receipt } from "./printing.js";
import * as reception from "./reception.js";

const RAW_AND_MASKED = [
	["applicant_id_number", "id_number_masked"],
	["applicant_phone", "phone_masked"],
];

export function setup(frm) {
	frm.page.wrapper.addClass("os-dossier");
	// Our buttons come from the ledger's own list of what this person may do now.
	if (frm.states) frm.states.show_actions = () => {};
	frm.print_doc = () => print(frm);
	reception.setup(frm);
}

export function refresh(frm) {
	// Printing has its own button, with all forms.
	frm.toolbar?.print_icon?.hide();
	setTimeout(() => overview.name_breadcrumb(frm));
	show_delete(frm);
	if (frm.states) frm.states.show_actions = () => {};
	const draft = frm.is_new() || frm.doc.status === "Draft";
	for (const [raw, masked] of RAW_AND_MASKED) {
		const readable = Boolean(frm.perm[1]?.read);
		frm.toggle_display(raw, readable);
		frm.toggle_display(masked, !readable);
	}
	if (draft && (frm.is_new() || frm.perm[0]?.write)) {
		reception.show(frm);
		if (!frm.is_new()) actions_of_draft(frm);
		return;
	}
	if (!draft) frm.disable_form();
	else frm.disable_save();
	reception.draw(frm);
	if (draft) return;
	overview.show(frm);
	actions.show(frm).then(() => applicant.offer_next(frm));
	if (frm.os_shown !== frm.doc.name) {
		frm.os_shown = frm.doc.name;
		frm.layout.tabs?.find((tab) => tab.df.fieldname === "tab_overview")?.set_active();
	}
}

/** A draft that was never handed in may be thrown away by who made it; nothing else is ever deleted. */
function show_delete(frm) {
	const { status, event_count, code, owner } = frm.doc;
	const mine = status === "Draft" && !event_count && !code && owner === frappe.session.user;
	const label = encodeURIComponent(__("Delete"));
	frm.page.menu.find(`[data-label="${label}"]`).closest("li").toggleClass("hide", !mine);
}

/** An online draft waits for its reception: refusing it or asking for more is possible as well. */
async function actions_of_draft(frm) {
	const list = await read("dossiers.actions", { dossier: frm.doc.name });
	actions.offer(frm, list.filter((row) => row.command !== "receive"));
}

export { print, show_receipt };
export const prepare = reception.prepare;
export const know_applicant = applicant.know;
export const keep_answers = reception.keep_answers;
