// Printed forms: shown as they will look, then printed by the browser or fetched as PDF.

import { safe } from "./text.js";

const FORMS = [{ name: "Receipt", ready: (doc) => Boolean(doc.code) }];

export function print(frm) {
	const forms = FORMS.filter((form) => form.ready(frm.doc));
	if (!forms.length) {
		frappe.msgprint(__("The receipt is printed when the dossier has been received."));
		return;
	}
	show_form(frm, forms[0].name, __("Receipt"));
}

/** The receipt after reception, with the code in large letters. */
export function show_receipt(frm, code) {
	return show_form(frm, "Receipt", __("Received: {0}", [code]), code);
}

function show_form(frm, form, title, code) {
	const query = new URLSearchParams({
		doctype: "Dossier",
		name: frm.doc.name,
		format: form,
		no_letterhead: "1",
		_lang: "vi",
	});
	const dialog = new frappe.ui.Dialog({
		title,
		size: "large",
		fields: [{ fieldtype: "HTML", fieldname: "page" }],
		primary_action_label: __("Print"),
		primary_action: () => {
			const page = dialog.$wrapper.find("iframe")[0];
			page.contentWindow.focus();
			page.contentWindow.print();
		},
		secondary_action_label: __("Get PDF"),
		secondary_action: () => {
			const pdf = new URLSearchParams({ dossier: frm.doc.name, form });
			window.open(`/api/method/one_stop.api.print_forms.pdf?${pdf}`);
		},
	});
	const head = code ? `<div class="os-received-code">${safe(code)}</div>` : "";
	dialog.fields_dict.page.$wrapper.html(
		`${head}<iframe class="os-form-page" title="${safe(title)}" src="/printview?${query}"></iframe>`
	);
	dialog.$wrapper.addClass("os-form-dialog");
	dialog.show();
	return dialog;
}
