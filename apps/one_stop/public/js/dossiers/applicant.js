// Who applies: what earlier dossiers say about them, and several dossiers of one person in one go.

import { command, read } from "../server.js";
import { show_list } from "./printing.js";
import { safe } from "./text.js";

const OF_THE_PERSON = [
	"applicant_kind",
	"applicant_id_type",
	"applicant_id_number",
	"applicant_name",
	"applicant_birth_date",
	"applicant_phone",
	"applicant_email",
	"applicant_address",
	"consent",
	"authorised_name",
	"authorised_id_number",
	"authorised_phone",
	"result_delivery",
	"postal_address",
];

/** Offer what an earlier dossier says about this person, where they agreed to the reuse, and warn of an open one. */
export async function know(frm) {
	const id_number = (frm.doc.applicant_id_number || "").trim();
	const { name } = frm.doc;
	if (frm.doc.status !== "Draft" || id_number.length < 8) return;
	const answer = await read("reception.known_applicant", {
		id_number,
		procedure: frm.doc.procedure || "",
		dossier: frm.is_new() ? "" : name,
	});
	if (frm.doc.name !== name) return;
	for (const [fieldname, value] of Object.entries(answer.applicant || {})) {
		if (value && !frm.doc[fieldname]) frm.set_value(fieldname, value);
	}
	const open = answer.open || [];
	frm.set_intro("");
	if (open.length) {
		const codes = open
			.map((row) => `<a href="/app/dossier/${encodeURIComponent(row.name)}">${safe(row.code || __("No code yet"))}</a>`)
			.join(", ");
		frm.set_intro(__("This person already has an open dossier of this procedure: {0}", [codes]), "orange");
	}
}

// The dossiers of one person received one after another, until another person comes.
let row_of_dossiers = { person: "", names: [] };

function person_of(doc) {
	return JSON.stringify([doc.applicant_id_number || "", doc.applicant_name || "", doc.receiving_unit]);
}

/** Remember a dossier that was just received. */
export function received(doc) {
	const person = person_of(doc);
	if (row_of_dossiers.person !== person) row_of_dossiers = { person, names: [] };
	row_of_dossiers.names.push(doc.name);
}

/** After a reception: go on with the next dossier of the same person, and one receipt for all of them. */
export function offer_next(frm) {
	const { names } = row_of_dossiers;
	if (!names.includes(frm.doc.name)) return;
	frm.page.add_inner_button(__("Next Dossier of This Person"), () => next(frm.doc));
	if (names.length > 1) {
		frm.page.add_inner_button(__("One Receipt for {0} Dossiers", [names.length]), () => one_receipt(names));
	}
}

function next(doc) {
	const fresh = frappe.model.get_new_doc("Dossier");
	for (const fieldname of OF_THE_PERSON) fresh[fieldname] = doc[fieldname];
	fresh.receiving_unit = doc.receiving_unit;
	fresh.helped_at = doc.helped_at;
	fresh.channel = doc.channel;
	frappe.set_route("Form", "Dossier", fresh.name);
}

async function one_receipt(names) {
	const form = "Receipt List";
	const answer = await command("print_forms.issue_list", { form, dossiers: JSON.stringify(names) });
	show_list({ ...answer, form });
}
