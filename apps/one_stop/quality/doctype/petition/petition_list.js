frappe.listview_settings.Petition = {
	add_fields: ["status", "resolve_by", "on_time", "kind"],
	get_indicator(doc) {
		const colors = {
			Received: "blue",
			"More Asked": "yellow",
			"In Handling": "orange",
			Answered: "green",
			Published: "green",
			Refused: "gray",
		};
		return [__(doc.status), doc.on_time ? colors[doc.status] : "red", `status,=,${doc.status}`];
	},
	onload(list) {
		if (!frappe.model.can_create("Petition")) return;
		list.page.set_primary_action(__("New Petition"), () => enter_petition(list));
	},
};

function enter_petition(list) {
	const dialog = new frappe.ui.Dialog({
		title: __("New Petition"),
		fields: [
			{
				fieldname: "kind",
				label: __("Petition Kind"),
				fieldtype: "Select",
				reqd: 1,
				options: ["Regulation", "Conduct"].map((value) => ({ value, label: __(value) })),
			},
			{
				fieldname: "way",
				label: __("Way Submitted"),
				fieldtype: "Select",
				reqd: 1,
				default: "Writing",
				options: ["Writing", "Phone"].map((value) => ({ value, label: __(value) })),
			},
			{ fieldname: "subject", label: __("Subject"), fieldtype: "Data", reqd: 1 },
			{ fieldname: "content", label: __("Content"), fieldtype: "Small Text", reqd: 1 },
			{ fieldname: "unit", label: __("Unit Concerned"), fieldtype: "Link", options: "Administrative Unit" },
			{ fieldname: "dossier_code", label: __("Dossier Code"), fieldtype: "Data" },
			{ fieldtype: "Section Break", label: __("Sender") },
			{ fieldname: "sender_name", label: __("Sender Name"), fieldtype: "Data", reqd: 1 },
			{ fieldname: "sender_phone", label: __("Sender Phone"), fieldtype: "Data" },
			{ fieldtype: "Column Break" },
			{ fieldname: "sender_email", label: __("Sender Email"), fieldtype: "Data" },
			{ fieldname: "sender_address", label: __("Sender Address"), fieldtype: "Small Text", reqd: 1 },
		],
		primary_action_label: __("Take In"),
		primary_action: (values) =>
			frappe.xcall("one_stop.api.petitions.enter", values).then((taken) => {
				dialog.hide();
				list.last_args = null; // the same question, with a new answer
				list.refresh();
				frappe.msgprint(
					__(
						"The petition has the code {0} and the check code {1}. Give both to the sender: the check code is not kept.",
						[taken.code.bold(), taken.check.bold()],
					),
				);
			}),
	});
	dialog.show();
}
