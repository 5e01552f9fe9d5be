frappe.ui.form.on("Administrative Procedure", {
	setup(frm) {
		// "Draft" alone is translated as the first status of a dossier.
		frm.set_df_property(
			"status",
			"options",
			["In Force", "Repealed", "Draft"].map((value) => ({
				value,
				label: __(value, null, "Administrative Procedure"),
			})),
		);
		frm.set_query("receiving_unit", "offers", () => ({ order_by: "lft" }));
		frm.set_query("current_version", () => ({ filters: { procedure: frm.doc.name, docstatus: 1 } }));
	},

	refresh(frm) {
		if (frm.is_new()) {
			frm.set_intro(
				__("Save the procedure, then make its first version: limits, papers, fees, form and process."),
			);
			return;
		}
		frm.set_intro("");
		frm.page.add_inner_button(__("Export JSON"), () => export_procedure(frm.doc.name));
		if (frm.perm[0]?.write) offer_versions(frm);
	},
});

async function offer_versions(frm) {
	const name = frm.docname;
	const versions = await frappe.db.get_list("Procedure Version", {
		fields: ["name", "version_no", "docstatus"],
		filters: { procedure: name, docstatus: ["<", 2] },
		order_by: "version_no desc",
		limit: 50,
	});
	if (frm.docname !== name) return;
	const open = (version) => frappe.set_route("Form", "Procedure Version", version);
	if (!versions.length) {
		frm.page
			.add_inner_button(__("Make the First Version"), () =>
				frappe.new_doc("Procedure Version", { procedure: name }),
			)
			.removeClass("btn-default")
			.addClass("btn-primary");
		return;
	}
	const draft = versions.find((version) => version.docstatus === 0);
	const approved = versions.find((version) => version.docstatus === 1);
	if (draft) {
		frm.page.add_inner_button(__("Open Draft {0}", [draft.version_no]), () => open(draft.name));
	} else {
		frm.page.add_inner_button(__("New Version"), async () => {
			const made = await frappe.xcall("one_stop.api.procedures.new_version", { version: approved.name });
			open(made.name);
		});
	}
	if (frm.doc.current_version) {
		frm.page.add_inner_button(__("Open the Version in Force"), () => open(frm.doc.current_version));
	}
}

async function export_procedure(name) {
	const data = await frappe.xcall("one_stop.api.procedures.export_procedure", { procedure: name });
	const link = document.createElement("a");
	link.href = URL.createObjectURL(new Blob([JSON.stringify(data, null, "\t")], { type: "application/json" }));
	link.download = `${name}.json`;
	document.body.append(link);
	link.click();
	link.remove();
	setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}
