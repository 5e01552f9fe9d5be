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
		if (frm.doc.is_one_stop && frm.perm[0]?.write) {
			frm.page.add_inner_button(__("Rating Device"), () => show_rating_device(frm.doc.name));
		}
		if (frm.doc.valid_to && frm.doc.valid_to < frappe.datetime.get_today()) {
			frm.set_intro(__("This unit ended on {0}.", [frappe.datetime.str_to_user(frm.doc.valid_to)]), "orange");
		}
	},
});

// The address to open once on the tablet at the counter; new ones end those given before.
async function show_rating_device(unit, renew = 0) {
	const { message } = await frappe.call({ method: "one_stop.api.ratings.device", args: { unit, renew }, type: "POST" });
	const dialog = new frappe.ui.Dialog({
		title: __("Rating Device"),
		fields: [
			{ fieldname: "help", fieldtype: "HTML" },
			{ fieldname: "address", fieldtype: "Small Text", label: __("Address"), read_only: 1, default: message.address },
			{ fieldname: "picture", fieldtype: "HTML" },
		],
		primary_action_label: __("Close"),
		primary_action: () => dialog.hide(),
		secondary_action_label: __("New Address"),
		secondary_action: () =>
			frappe.confirm(
				__("All rating devices of this centre stop until each has opened the new address. Go on?"),
				() => {
					dialog.hide();
					show_rating_device(unit, 1);
				},
			),
	});
	dialog.fields_dict.help.$wrapper.text(
		__("Open this address once on the tablet at the counter, or scan the picture with it. It then asks one person after another. Do not publish the address: whoever opens it can rate."),
	);
	const picture = document.createElement("img");
	Object.assign(picture, { src: message.picture, alt: __("Address as a picture to scan"), width: 220 });
	dialog.fields_dict.picture.$wrapper.empty().append(picture);
	dialog.show();
}
