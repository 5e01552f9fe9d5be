// Approving a version: the decision it is approved by, and what is still in the way.

import { element } from "./dom.js";

export async function approve(frm, panel) {
	const check = await panel.run();
	if (panel.errors().length) {
		frappe.msgprint({
			title: __("Not Yet"),
			indicator: "red",
			message: element(
				"div",
				{},
				element("p", {}, __("These errors block the approval:")),
				element(
					"ul",
					{},
					panel.errors().map((finding) => element("li", {}, finding.message)),
				),
			).outerHTML,
		});
		frm.scroll_to_field("check_summary", false);
		return;
	}
	const open = panel.unanswered();
	const today = frappe.datetime.get_today();
	const dialog = new frappe.ui.Dialog({
		title: __("Approve Version {0}", [frm.doc.version_no]),
		fields: [
			{
				fieldname: "decision_number",
				fieldtype: "Data",
				label: __("Decision Number"),
				reqd: 1,
				default: frm.doc.decision_number,
			},
			{
				fieldname: "decided_by",
				fieldtype: "Data",
				label: __("Decided By"),
				default: frm.doc.decided_by,
			},
			{ fieldtype: "Column Break" },
			{
				fieldname: "decision_date",
				fieldtype: "Date",
				label: __("Decision Date"),
				reqd: 1,
				default: frm.doc.decision_date || today,
			},
			{
				fieldname: "effective_from",
				fieldtype: "Date",
				label: __("Effective From"),
				reqd: 1,
				default: frm.doc.effective_from || today,
			},
			{ fieldtype: "Section Break", label: __("Reasons for Accepted Warnings"), hidden: open.length ? 0 : 1 },
			...open.map((finding, index) => ({
				fieldname: `reason_${index}`,
				fieldtype: "Small Text",
				label: finding.message,
				reqd: 1,
			})),
			{ fieldtype: "Section Break" },
			{
				fieldname: "note",
				fieldtype: "HTML",
				options: element(
					"p.text-muted",
					{},
					__(
						"An approved version cannot be changed any more. Dossiers received from its effective date follow it; running dossiers stay on theirs.",
					),
				).outerHTML,
			},
		],
		primary_action_label: __("Approve"),
		async primary_action(values) {
			dialog.disable_primary_action();
			try {
				for (const [index, finding] of open.entries()) {
					panel.write_reason(finding, values[`reason_${index}`]);
				}
				if (frm.is_dirty()) await frm.save();
				await frappe.xcall("one_stop.api.procedures.approve_version", {
					version: frm.doc.name,
					decision_number: values.decision_number,
					decision_date: values.decision_date,
					effective_from: values.effective_from,
					decided_by: values.decided_by || null,
				});
				dialog.hide();
				frappe.show_alert({
					message: __("Version {0} is approved.", [frm.doc.version_no]),
					indicator: "green",
				});
				await frm.reload_doc();
			} finally {
				dialog.enable_primary_action();
			}
		},
	});
	dialog.show();
	return check;
}
