// The hand-over minutes of dossiers that came by post: their signing is the legal receipt (QĐ 45/2016 art. 7.4).

import { command, read } from "../server.js";
import { safe } from "./text.js";

/**
 * Ask for the minutes of those of some drafts that have none yet, and sign them. True when every draft has its
 * minutes, so that it can be received; false when the clerk turned back.
 */
export async function ask_for_handover(drafts) {
	const names = drafts.map((draft) => draft.name);
	const open = await read("reception.without_handover", { dossiers: JSON.stringify(names) });
	if (!open.length) return true;
	return new Promise((resolve) => {
		let signed = false;
		const dialog = new frappe.ui.Dialog({
			title: __("Postal Hand-over Minutes"),
			fields: [
				{
					fieldtype: "HTML",
					fieldname: "intro",
					options: `<p class="text-muted">${safe(
						__("A dossier by post is received at the moment when its hand-over minutes are signed.")
					)}</p>`,
				},
				{
					fieldtype: "Datetime",
					fieldname: "signed_at",
					label: __("Signed At"),
					hide_timezone: 1,
					reqd: 1,
					default: frappe.datetime.now_datetime(),
				},
				{ fieldtype: "Data", fieldname: "carrier", label: __("Carrier"), reqd: 1, default: "Bưu điện Việt Nam" },
				{ fieldtype: "Data", fieldname: "postman", label: __("Postman"), reqd: 1 },
				...open.map((draft) => ({
					fieldtype: "Data",
					fieldname: `slip_${draft.name}`,
					label: __("Slip Number: {0}", [draft.applicant_name]),
					reqd: 1,
				})),
			],
			primary_action_label: __("Sign the Minutes"),
			primary_action: async (values) => {
				dialog.disable_primary_action();
				try {
					await command("reception.sign_handover", {
						dossiers: JSON.stringify(open.map((draft) => draft.name)),
						slips: JSON.stringify(open.map((draft) => values[`slip_${draft.name}`] || "")),
						signed_at: values.signed_at,
						carrier: values.carrier,
						postman: values.postman,
					});
					signed = true;
					dialog.hide();
				} finally {
					dialog.enable_primary_action();
				}
			},
		});
		dialog.onhide = () => resolve(signed);
		dialog.show();
	});
}
