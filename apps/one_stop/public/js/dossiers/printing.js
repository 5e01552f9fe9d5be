// Printed forms: the menu of a dossier's forms, lists over many dossiers, each shown as it will look and then
// printed by the browser or fetched as PDF.

import { command, read } from "../server.js";
import { moment_text, safe } from "./text.js";

const RECEIPT = "Receipt";
const ISSUERS = ["Reception Clerk", "Processing Officer", "Unit Leader"];
const LISTS = ["Receipt List", "Handover List", "Result List"];
const LIGHTS = { Ready: "green", Queued: "orange", Failed: "red" };

/** The print menu: every form that this dossier can be printed with now. */
export async function print(frm) {
	const forms = (await read("print_forms.forms", { dossier: frm.doc.name })).filter(
		(row) => row.issued || row.may_issue || !row.is_letter
	);
	if (!forms.length) {
		frappe.msgprint(__("There is nothing to print yet: the dossier has not been received."));
		return;
	}
	if (forms.length === 1) {
		show_dossier_form(frm, forms[0]);
		return;
	}
	const dialog = new frappe.ui.Dialog({
		title: __("Print"),
		fields: [{ fieldtype: "HTML", fieldname: "menu", options: menu_html(forms) }],
	});
	dialog.$wrapper.on("click", "[data-form]", (event) => {
		dialog.hide();
		show_dossier_form(
			frm,
			forms.find((row) => row.form === event.currentTarget.dataset.form)
		);
	});
	dialog.$wrapper.on("click", "[data-retry]", async (event) => {
		event.stopPropagation();
		await command("print_forms.retry", {
			doctype: "Dossier Letter",
			name: event.currentTarget.dataset.retry,
		});
		dialog.hide();
		frappe.show_alert({ message: __("The file is being made once more."), indicator: "blue" });
	});
	dialog.$wrapper.addClass("os-print-menu");
	dialog.show();
}

function menu_html(forms) {
	return `<div class="list-group">${forms.map(menu_row).join("")}</div>`;
}

function menu_row(row) {
	const issued = row.issued ? __("No. {0}, {1}", [row.number, moment_text(row.issued_at)]) : "";
	const state =
		row.status && row.status !== "Ready"
			? ` <span class="indicator-pill ${LIGHTS[row.status]}">${safe(__(row.status))}</span>`
			: "";
	const retry =
		row.status === "Failed"
			? `<button type="button" class="btn btn-xs btn-default" data-retry="${safe(row.letter)}">${safe(
					__("Try Again")
				)}</button>`
			: "";
	return `<div class="list-group-item list-group-item-action d-flex justify-content-between align-items-center"
			role="button" tabindex="0" data-form="${safe(row.form)}">
		<span>${safe(row.label)}</span>
		<span class="text-muted">${safe(issued)}${state} ${retry}</span>
	</div>`;
}

/** The receipt after reception, with the code in large letters. Same-day procedures need none unless it is asked for. */
export async function show_receipt(frm, code, title) {
	const forms = await read("print_forms.forms", { dossier: frm.doc.name });
	const row = forms.find((form) => form.form === RECEIPT);
	if (!row) return undefined;
	return show_dossier_form(frm, row, title || __("Received: {0}", [code]), code);
}

async function show_dossier_form(frm, row, title, code) {
	const letter_missing = row.is_letter && !row.issued;
	if (letter_missing && !row.on_request) await issue(frm, row);
	const note =
		row.on_request && !row.issued
			? __("A same-day procedure needs no receipt unless the applicant asks for it: printing issues it.")
			: "";
	return show_page({
		doctype: "Dossier",
		name: frm.doc.name,
		form: row.form,
		title: title || row.label,
		head: (code ? `<div class="os-received-code">${safe(code)}</div>` : "") + note_html(note),
		pdf: `/api/method/one_stop.api.print_forms.pdf?${new URLSearchParams({
			dossier: frm.doc.name,
			form: row.form,
		})}`,
		before: row.on_request ? () => (row.issued ? false : issue(frm, row)) : null,
	});
}

function note_html(note) {
	return note ? `<p class="text-muted">${safe(note)}</p>` : "";
}

/** Have the letter drawn up now, so that what is printed carries its number. True where it was not there before. */
async function issue(frm, row) {
	const answer = await command("print_forms.issue", { dossier: frm.doc.name, form: row.form });
	Object.assign(row, answer, { issued: true });
	return true;
}

/** A page of the server in a frame, as it will be printed. `before` may change the document first. */
function show_page({ doctype, name, form, title, pdf, head = "", before = null }) {
	const query = new URLSearchParams({ doctype, name, format: form, no_letterhead: "1", _lang: "vi" });
	const address = `/printview?${query}`;
	const frame = () => dialog.$wrapper.find("iframe")[0];
	const prepared = async () => {
		if (before && (await before())) await renew(frame(), address);
	};
	const dialog = new frappe.ui.Dialog({
		title,
		size: "large",
		fields: [{ fieldtype: "HTML", fieldname: "page" }],
		primary_action_label: __("Print"),
		primary_action: async () => {
			await prepared();
			frame().contentWindow.focus();
			frame().contentWindow.print();
		},
		secondary_action_label: __("Get PDF"),
		secondary_action: async () => {
			await prepared();
			window.open(pdf);
		},
	});
	dialog.fields_dict.page.$wrapper.html(
		`${head}<iframe class="os-form-page" title="${safe(title)}" src="${address}"></iframe>`
	);
	dialog.$wrapper.addClass("os-form-dialog");
	dialog.show();
	return dialog;
}

/** Put the page as it is now into a frame that shows an earlier state of it. */
async function renew(frame, address) {
	const answer = await fetch(address);
	const page = new DOMParser().parseFromString(await answer.text(), "text/html");
	frame.contentDocument.body.replaceWith(frame.contentDocument.adoptNode(page.body));
}

/** A list that was issued: receipts for many, results, hand-over, register. */
export function show_list(doc) {
	const query = new URLSearchParams({ doctype: "Dossier List", name: doc.name, format: doc.form });
	return show_page({
		doctype: "Dossier List",
		name: doc.name,
		form: doc.form,
		title: [__(doc.form), doc.number].filter(Boolean).join(" "),
		pdf: `/api/method/frappe.utils.print_format.download_pdf?${query}`,
	});
}

/** What a list asks for before it is issued. */
function asked_for(form) {
	const recipient = { fieldtype: "Data", fieldname: "recipient", label: __("Recipient") };
	if (form === "Receipt List") return [{ ...recipient, label: __("Submitter") }];
	const to_unit = {
		fieldtype: "Link",
		fieldname: "to_unit",
		options: "Administrative Unit",
		label: __("Handed To"),
	};
	return [to_unit, recipient, { fieldtype: "Small Text", fieldname: "note", label: __("Note") }];
}

/** Lists over the dossiers chosen in a list view, and the register of a unit, for whoever may issue them. */
export function offer_lists(listview) {
	if (!ISSUERS.some((role) => frappe.user.has_role(role))) return;
	for (const form of LISTS) {
		listview.page.add_actions_menu_item(__(form), () =>
			ask_for_list(form, listview.get_checked_items(true))
		);
	}
	listview.page.add_menu_item(__("Dossier Register"), ask_for_register);
}

function ask_for_list(form, dossiers) {
	const dialog = new frappe.ui.Dialog({
		title: __(form),
		fields: [
			{ fieldtype: "HTML", options: `<p>${safe(__("{0} dossiers chosen", [dossiers.length]))}</p>` },
			...asked_for(form),
		],
		primary_action_label: __("Issue"),
		primary_action: async (values) => {
			const answer = await command("print_forms.issue_list", {
				form,
				dossiers: JSON.stringify(dossiers),
				...values,
			});
			dialog.hide();
			show_list({ ...answer, form });
		},
	});
	dialog.show();
}

function ask_for_register() {
	const today = frappe.datetime.get_today();
	const mine = (frappe.boot.one_stop?.memberships || []).find((row) => row.is_one_stop);
	const dialog = new frappe.ui.Dialog({
		title: __("Dossier Register"),
		fields: [
			{
				fieldtype: "Link",
				fieldname: "unit",
				options: "Administrative Unit",
				label: __("Unit"),
				reqd: 1,
				default: mine?.unit,
			},
			{
				fieldtype: "Date",
				fieldname: "period_from",
				label: __("Period From"),
				reqd: 1,
				default: `${today.slice(0, 8)}01`,
			},
			{ fieldtype: "Date", fieldname: "period_to", label: __("Period To"), reqd: 1, default: today },
		],
		primary_action_label: __("Issue"),
		primary_action: async (values) => {
			const answer = await command("print_forms.issue_register", values);
			dialog.hide();
			show_list({ ...answer, form: "Dossier Register" });
		},
	});
	dialog.show();
}
