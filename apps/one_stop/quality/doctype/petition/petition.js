const FINDINGS = [
	{ value: "", label: "" },
	{ value: "Upheld", label: __("Upheld") },
	{ value: "Partly Upheld", label: __("Partly Upheld") },
	{ value: "False", label: __("False") },
];

const text = (fieldname, label) => ({ fieldname, label: __(label), fieldtype: "Small Text", reqd: 1 });

// Each step of handling: when it fits, and what it asks for.
const STEPS = [
	{ method: "accept", label: "Take into Handling", from: ["Received"], fields: () => [] },
	{
		method: "answer",
		label: "Answer the Petition",
		from: ["Received", "In Handling", "More Asked"],
		fields: (frm) => [
			text("text", "Answer"),
			{
				fieldname: "public_subject",
				label: __("Public Subject"),
				fieldtype: "Data",
				length: 140,
				default: frm.doc.subject,
				description: __("Everybody reads it beside the public answer: take out names, numbers and addresses of people."),
				reqd: 1,
			},
			text("public_answer", "Public Answer"),
			{
				fieldname: "finding",
				label: __("Finding"),
				fieldtype: "Select",
				options: FINDINGS,
				reqd: frm.doc.kind === "Conduct",
			},
			{
				fieldname: "officer",
				label: __("Officer Concerned"),
				fieldtype: "Link",
				options: "User",
				depends_on: "eval:doc.finding && doc.finding !== 'False'",
			},
		],
	},
	{
		method: "ask_more",
		label: "Ask the Sender",
		from: ["Received", "In Handling"],
		fields: () => [text("question", "Question to the Sender")],
	},
	{
		method: "forward",
		label: "Forward",
		from: ["Received", "In Handling"],
		fields: () => [
			{
				fieldname: "unit",
				label: __("Handling Unit"),
				fieldtype: "Link",
				options: "Administrative Unit",
				reqd: 1,
			},
		],
	},
	{
		method: "link_dossier",
		label: "Link the Dossier",
		from: ["Received", "In Handling", "More Asked"],
		fields: (frm) => [
			{
				fieldname: "dossier_code",
				label: __("Dossier Code"),
				fieldtype: "Data",
				default: frm.doc.dossier_code,
				reqd: 1,
			},
		],
	},
	{ method: "refuse", label: "Refuse", from: ["Received"], fields: () => [text("reason", "Refusal Reason")] },
	{ method: "publish", label: "Publish the Answer", from: ["Answered"], fields: () => [] },
];

frappe.ui.form.on("Petition", {
	refresh(frm) {
		if (frm.is_new() || !frm.perm[0]?.write) return;
		for (const step of STEPS.filter((one) => one.from.includes(frm.doc.status))) {
			frm.add_custom_button(__(step.label), () => take_step(frm, step));
		}
	},
});

function take_step(frm, step) {
	const run = (values) =>
		frappe
			.xcall(`one_stop.api.petitions.${step.method}`, { petition: frm.doc.name, ...values })
			.then(() => frm.reload_doc());
	const fields = step.fields(frm);
	if (!fields.length) {
		frappe.confirm(__("{0}?", [__(step.label)]), () => run({}));
		return;
	}
	const dialog = new frappe.ui.Dialog({
		title: __(step.label),
		fields,
		primary_action_label: __(step.label),
		primary_action: (values) => run(values).then(() => dialog.hide()),
	});
	dialog.show();
}
