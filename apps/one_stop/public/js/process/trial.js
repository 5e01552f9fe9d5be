// Trying a version out: the dates, the people, the receipt and the form it would give. Nothing is written.

import { render } from "../eform.js";
import { element, moment_text, table } from "./dom.js";

const CHANNELS = [
	["channel_counter", "Counter"],
	["channel_online", "Online"],
	["channel_post", "Post"],
];

export async function try_version(frm) {
	const units = await frappe.xcall("one_stop.api.procedures.receiving_units", {
		procedure: frm.doc.procedure,
	});
	if (!units.length) {
		frappe.msgprint({
			title: __("No Receiving Unit"),
			indicator: "orange",
			message: __("Say in the procedure which units receive and decide it, then try it out."),
		});
		return;
	}
	const channels = CHANNELS.filter(([fieldname]) => frm.doc[fieldname]).map(([, channel]) => channel);
	const cases = [...new Set((frm.doc.limits || []).map((limit) => limit.case_name || ""))];
	const dialog = new frappe.ui.Dialog({
		title: __("Try It: {0}", [frm.doc.procedure_name || frm.doc.procedure]),
		size: "extra-large",
		fields: [
			{
				fieldname: "receiving_unit",
				fieldtype: "Select",
				label: __("Receiving Unit"),
				options: units.map((unit) => ({
					value: unit.receiving_unit,
					label: unit.receiving_unit_name || unit.receiving_unit,
				})),
				default: units[0].receiving_unit,
				reqd: 1,
			},
			{
				fieldname: "channel",
				fieldtype: "Select",
				label: __("Channel"),
				options: channels.map((channel) => ({ value: channel, label: __(channel) })),
				default: channels[0],
				reqd: 1,
			},
			{ fieldtype: "Column Break" },
			{
				fieldname: "received",
				fieldtype: "Datetime",
				label: __("Received At"),
				default: frappe.datetime.now_datetime(),
				reqd: 1,
			},
			{
				fieldname: "case_name",
				fieldtype: "Select",
				label: __("Case"),
				options: cases.map((name) => ({ value: name, label: name || __("Ordinary case") })),
				default: cases[0] || "",
				hidden: cases.length > 1 || cases[0] ? 0 : 1,
			},
			{ fieldtype: "Section Break" },
			{ fieldname: "answer", fieldtype: "HTML" },
		],
		primary_action_label: __("Calculate"),
		async primary_action(values) {
			const body = dialog.fields_dict.answer.$wrapper[0];
			const trial = await frappe.xcall("one_stop.api.procedures.try_version", {
				doc: frm.doc,
				receiving_unit: values.receiving_unit,
				channel: values.channel,
				received: values.received,
				case_name: values.case_name || null,
			});
			body.replaceChildren(trial_view(trial));
		},
	});
	dialog.show();
	dialog.get_primary_btn().trigger("click");
}

function trial_view(trial) {
	const form = element("div.trial-form");
	const view = element(
		"div.trial",
		{},
		element(
			"div.trial-due",
			{},
			element("span", {}, __("Result due")),
			element("strong", {}, moment_text(trial.due) || __("no due date")),
		),
		(trial.flags || []).length
			? element(
					"ul.trial-flags",
					{},
					trial.flags.map((flag) => element("li", {}, flag)),
				)
			: null,
		element("h5", {}, __("Steps and Who Would Get Them")),
		table(
			[__("Step Title"), __("Unit"), __("Duty"), __("People"), __("Opens"), __("Due")],
			trial.steps.map((step) => [
				step.title,
				step.unit_name || step.unit || "",
				__(step.duty || ""),
				(step.people || []).length
					? step.people.join(", ")
					: element("span.text-danger", {}, step.duty ? __("nobody holds this duty") : "–"),
				moment_text(step.opens),
				step.pauses ? __("the clock is paused") : moment_text(step.due),
			]),
			".trial-steps",
		),
		element(
			"details.trial-explanation",
			{},
			element("summary", {}, __("How the due date was counted")),
			element(
				"ol",
				{},
				(trial.explanation || []).map((line) => element("li", {}, line)),
			),
		),
		element(
			"div.trial-columns",
			{},
			element("section", {}, element("h5", {}, __("Receipt Preview")), receipt_view(trial)),
			element("section", {}, element("h5", {}, __("Form as the Applicant Sees It")), form),
		),
	);
	const fields = trial.eform_fields || [];
	if (!fields.length) form.append(element("p.text-muted", {}, __("This version has no electronic form.")));
	else {
		const drawn = element("div");
		const answer = element("p.trial-form-answer", { role: "status" });
		const eform = render(drawn, fields, {}, () => (answer.textContent = ""));
		form.append(
			drawn,
			element(
				"button.btn.btn-default.btn-sm",
				{
					type: "button",
					onclick: () => (answer.textContent = eform.validate() ? __("All answers are in order.") : ""),
				},
				__("Check the Answers"),
			),
			answer,
		);
	}
	return view;
}

function receipt_view({ receipt, components, fees }) {
	const counts = (component) =>
		[
			component.originals ? __("{0} originals", [component.originals]) : "",
			component.copies ? __("{0} copies", [component.copies]) : "",
		]
			.filter(Boolean)
			.join(", ");
	const amount = (fee) =>
		fee.amount_unknown ? __("as set by another document") : `${format_number(fee.amount || 0, null, 0)} đ`;
	return element(
		"div.trial-receipt",
		{},
		element("div.trial-receipt-title", {}, receipt?.title || ""),
		receipt?.code_example ? element("div.trial-receipt-code", {}, receipt.code_example) : null,
		element(
			"dl",
			{},
			(receipt?.lines || []).map((line) => [element("dt", {}, line.label), element("dd", {}, line.value)]),
		),
		(components || []).length
			? table(
					[__("Components"), __("Quantity"), ""],
					components.map((component) => [
						component.component_name,
						counts(component) || __(component.form || ""),
						component.required ? __("Required") : __("if applicable"),
					]),
				)
			: null,
		(fees || []).length
			? table(
					[__("Fee Name"), __("Amount")],
					fees.map((fee) => [fee.fee_name, [amount(fee), fee.per_unit].filter(Boolean).join(" / ")]),
				)
			: null,
	);
}
