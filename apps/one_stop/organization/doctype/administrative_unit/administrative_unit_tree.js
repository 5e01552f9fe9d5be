frappe.treeview_settings["Administrative Unit"] = {
	breadcrumb: "Organization",
	title: __("Units"),
	root_label: "Administrative Unit",
	show_expand_all: true,
	menu_items: [
		{
			label: __("New Unit"),
			action: () => frappe.new_doc("Administrative Unit", true),
			condition: 'frappe.boot.user.can_create.includes("Administrative Unit")',
		},
		{
			label: __("Members of Units"),
			action: () => frappe.set_route("List", "Unit Member"),
			condition: 'frappe.boot.user.can_read.includes("Unit Member")',
		},
	],
	fields: [
		{ fieldtype: "Data", fieldname: "unit_code", label: __("Unit Code"), reqd: true },
		{ fieldtype: "Data", fieldname: "unit_name", label: __("Unit Name"), reqd: true },
		{
			fieldtype: "Select",
			fieldname: "level",
			label: __("Level"),
			options: ["Province", "Department", "Commune", "Division", "Vertical Agency"].map((level) => ({
				value: level,
				label: __(level),
			})),
			default: "Division",
			reqd: true,
		},
		{ fieldtype: "Check", fieldname: "is_group", label: __("Is Group") },
		{ fieldtype: "Check", fieldname: "is_one_stop", label: __("Is One-Stop Centre") },
	],
	ignore_fields: ["parent_administrative_unit"],
	get_label(node) {
		const code = node.data?.value;
		const title = node.data?.title || node.label;
		// The tree takes labels for HTML.
		return frappe.utils.escape_html(node.is_root || !code || code === title ? title : `${title} · ${code}`);
	},
	/** Frappe knows only the code of the root when it draws it. */
	onrender(node) {
		if (!node.is_root || !node.$tree_link) return;
		frappe.db.get_value("Administrative Unit", node.label, "unit_name").then(({ message }) => {
			if (message?.unit_name) {
				node.$tree_link.find(".tree-label").text(`${message.unit_name} · ${node.label}`);
			}
		});
	},
	extend_toolbar: true,
	toolbar: [
		{
			label: __("Members"),
			condition: (node) => !node.is_root && frappe.model.can_read("Unit Member"),
			click: (node) => frappe.set_route("List", "Unit Member", { unit: node.label }),
			btnClass: "hidden-xs",
		},
		{
			label: __("Add Member"),
			condition: (node) => !node.is_root && frappe.model.can_create("Unit Member"),
			click: (node) => frappe.new_doc("Unit Member", { unit: node.label }),
			btnClass: "hidden-xs",
		},
	],
};
