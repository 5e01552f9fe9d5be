frappe.ui.form.on("Award Proposal", {
	refresh(frm) {
		one_stop.reports.in_words(frm, ["kind", "subject"]);
		if (frm.doc.status === "Submitted") {
			frm.add_custom_button(__("Vote"), () => vote(frm));
		}
		if (["Approved", "Rejected"].includes(frm.doc.status)) {
			frm.add_custom_button(__("Appeal"), () =>
				frappe.new_doc("Evaluation Appeal", { reference_doctype: frm.doctype, reference_name: frm.doc.name }),
			);
		}
	},
});

function vote(frm) {
	frappe.prompt(
		[
			{
				fieldname: "choice",
				label: __("Vote"),
				fieldtype: "Select",
				reqd: 1,
				options: ["For", "Against", "Abstain"].map((value) => ({ value, label: __(value) })),
			},
			{ fieldname: "reason", label: __("Reason"), fieldtype: "Small Text" },
		],
		(values) =>
			frappe
				.xcall("one_stop.api.evaluations.vote", { proposal: frm.doc.name, ...values })
				.then(() => frm.reload_doc()),
		__("Vote"),
		__("Vote"),
	);
}
