frappe.ui.form.on("Online Payment", {
	refresh(frm) {
		if (frm.doc.status !== "To Reconcile" || !frappe.user.has_role("One-Stop Administrator")) return;
		frm.set_intro(__("This payment waits for somebody to look at it: see the note."), "orange");
		frm.add_custom_button(__("Close as Reconciled"), () => ask(frm)).addClass("btn-primary");
	},
});

function ask(frm) {
	frappe.prompt(
		{
			fieldname: "reason",
			fieldtype: "Small Text",
			label: __("What Became of the Money"),
			description: __("For example: paid back on what day, or what it was booked to"),
			reqd: 1,
		},
		({ reason }) =>
			frappe
				.xcall("one_stop.api.online_payments.reconcile", { payment: frm.doc.name, reason })
				.then(() => frm.reload_doc()),
		__("Close as Reconciled"),
		__("Close")
	);
}
