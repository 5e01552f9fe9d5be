frappe.ui.form.on("Postal Handover", {
	setup(frm) {
		frm.set_query("unit", () => ({
			filters: { name: ["in", counters().map((row) => row.unit)] },
		}));
		frm.set_query("dossier", "items", () => ({
			filters: { channel: "Post", status: "Draft", receiving_unit: frm.doc.unit || "" },
		}));
	},
	refresh(frm) {
		if (!frm.is_new()) return;
		const [first] = counters();
		if (first && !frm.doc.unit) {
			frappe.utils.add_link_title("Administrative Unit", first.unit, first.unit_name);
			frm.set_value("unit", first.unit);
		}
		if (!frm.doc.signed_at) frm.set_value("signed_at", frappe.datetime.now_datetime());
	},
});

frappe.ui.form.on("Postal Handover Item", {
	items_add(_frm, doctype, name) {
		frappe.model.set_value(doctype, name, "complete", 1);
	},
});

function counters() {
	return (frappe.boot.one_stop?.memberships || []).filter((row) => row.duty === "Reception");
}
