frappe.ui.form.on("Administrative Unit", {
	setup(frm) {
		frm.set_query("parent_administrative_unit", () => ({
			filters: { is_group: 1, name: ["!=", frm.doc.name || ""] },
		}));
		frm.set_query("one_stop", () => ({ filters: { is_one_stop: 1 } }));
		frm.set_query("successor", () => ({ filters: { name: ["!=", frm.doc.name || ""] } }));
	},

	refresh(frm) {
		if (frm.is_new()) return;
		frm.page.add_inner_button(__("Tree of Units"), () => frappe.set_route("Tree", "Administrative Unit"));
		if (frappe.model.can_create("Unit Member")) {
			frm.page.add_inner_button(__("Add Member"), () =>
				frappe.new_doc("Unit Member", { unit: frm.doc.name }),
			);
		}
		if (frm.doc.valid_to && frm.doc.valid_to < frappe.datetime.get_today()) {
			frm.set_intro(__("This unit ended on {0}.", [frappe.datetime.str_to_user(frm.doc.valid_to)]), "orange");
		}
	},
});
