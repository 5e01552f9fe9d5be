// Two versions of a procedure side by side: only what differs.

import { element, table } from "./dom.js";

export async function compare_versions(frm) {
	const versions = await frappe.db.get_list("Procedure Version", {
		fields: ["name", "version_no", "docstatus", "effective_from", "decision_number"],
		filters: { procedure: frm.doc.procedure, name: ["!=", frm.doc.name] },
		order_by: "version_no desc",
		limit: 100,
	});
	if (!versions.length) {
		frappe.msgprint(__("This procedure has only one version."));
		return;
	}
	const label = (version) =>
		[
			__("Version {0}", [version.version_no]),
			version.docstatus ? version.decision_number : __("draft"),
			version.effective_from ? frappe.datetime.str_to_user(version.effective_from) : "",
		]
			.filter(Boolean)
			.join(" · ");
	const dialog = new frappe.ui.Dialog({
		title: __("Compare Versions"),
		size: "extra-large",
		fields: [
			{
				fieldname: "other",
				fieldtype: "Select",
				label: __("Compare With"),
				options: versions.map((version) => ({ value: version.name, label: label(version) })),
				default: frm.doc.supersedes || versions[0].name,
				onchange: () => show(),
			},
			{ fieldname: "difference", fieldtype: "HTML" },
		],
	});
	const body = dialog.fields_dict.difference.$wrapper[0];
	let shown = null;
	const show = async () => {
		const other = dialog.get_value("other");
		if (!other || other === shown) return;
		shown = other;
		const number = versions.find((version) => version.name === other).version_no;
		const [older, newer] = number < frm.doc.version_no ? [other, frm.doc.name] : [frm.doc.name, other];
		const difference = await frappe.xcall("one_stop.api.procedures.compare_versions", { older, newer });
		if (shown === other) body.replaceChildren(difference_view(difference));
	};
	dialog.show();
	show();
}

const SIGNS = { added: "+", removed: "−", changed: "≠" };

function difference_view({ older, newer, sections }) {
	const kinds = { added: __("Added"), removed: __("Removed"), changed: __("Changed") };
	const head = (version) =>
		[__("Version {0}", [version.version_no]), version.decision_number].filter(Boolean).join(" · ");
	if (!sections.length) return element("p.text-muted", {}, __("The two versions say the same."));
	return element(
		"div.version-difference",
		{},
		sections.map((section) =>
			element(
				"section",
				{},
				element("h5", {}, section.label),
				table(
					["", "", head(older), head(newer)],
					section.changes.map((change) => [
						element(`span.change-${change.kind}`, { title: kinds[change.kind] }, SIGNS[change.kind]),
						change.label,
						value_view(change.before, "del", change.kind === "added"),
						value_view(change.after, "ins", change.kind === "removed"),
					]),
					".difference-table",
				),
			),
		),
	);
}

function value_view(value, tag, absent) {
	if (absent) return element("span.text-muted", {}, "–");
	return element(tag, {}, value === null || value === "" ? __("(empty)") : String(value));
}
