// Asking for a step, or for the steps before one, by title: nobody has to know a key.

import { predecessors } from "./layout.js";
import { duration_text, may_precede, USUAL } from "./steps.js";

/** Asks for a step. `on_done(values)` gets the fields of the row, `after` already as keys. */
export function ask_step({ frm, title, after, on_done }) {
	const steps = frm.doc.steps || [];
	const kind = steps.length ? "Processing" : "Reception";
	const usual = USUAL[kind];
	const dialog = new frappe.ui.Dialog({
		title,
		size: "large",
		fields: [
			{ fieldname: "title", fieldtype: "Data", label: __("Step Title"), reqd: 1 },
			{
				fieldname: "kind",
				fieldtype: "Select",
				label: __("Step Kind"),
				options: choices("kind"),
				default: kind,
				reqd: 1,
				onchange: () => {
					const chosen = dialog.get_value("kind");
					dialog.set_values(USUAL[chosen] || {});
					show("linked_procedure", chosen === "Linked", false);
					show("carried_over", chosen === "Linked", false);
				},
			},
			{ fieldtype: "Column Break" },
			{ fieldname: "duration", fieldtype: "Float", label: __("Duration"), default: 1, precision: 2 },
			{
				fieldname: "duration_unit",
				fieldtype: "Select",
				label: __("Duration Unit"),
				options: choices("duration_unit"),
				default: "Working Hour",
			},
			{ fieldtype: "Section Break" },
			{
				fieldname: "duty",
				fieldtype: "Link",
				options: "Duty",
				label: __("Duty"),
				only_select: 1,
				default: usual.duty,
				// The usual one, or one of the list: saving looks at it anyhow.
				ignore_link_validation: 1,
			},
			{
				fieldname: "unit_rule",
				fieldtype: "Select",
				label: __("Unit Rule"),
				options: choices("unit_rule"),
				default: usual.unit_rule,
				reqd: 1,
				onchange: () => show("unit", dialog.get_value("unit_rule") === "Named Unit"),
			},
			{
				fieldname: "unit",
				fieldtype: "Link",
				options: "Administrative Unit",
				label: __("Named Unit"),
				hidden: 1,
				ignore_link_validation: 1,
			},
			{
				fieldname: "linked_procedure",
				fieldtype: "Link",
				options: "Administrative Procedure",
				label: __("Linked Procedure"),
				hidden: 1,
				ignore_link_validation: 1,
			},
			{
				fieldname: "carried_over",
				fieldtype: "Small Text",
				label: __("Goes Along"),
				description: __(frappe.meta.get_docfield("Process Step", "carried_over").description),
				hidden: 1,
			},
			{ fieldtype: "Column Break" },
			{
				fieldname: "clock_effect",
				fieldtype: "Select",
				label: __("Clock Effect"),
				options: choices("clock_effect"),
				default: usual.clock_effect,
			},
			{ fieldname: "public_milestone", fieldtype: "Data", label: __("Public Milestone") },
			{ fieldtype: "Section Break", hidden: steps.length ? 0 : 1 },
			{
				fieldname: "after",
				fieldtype: "MultiCheck",
				label: __("Starts when these steps are done"),
				columns: 2,
				options: steps.map((step) => ({
					label: frappe.utils.escape_html(step.title || __("(untitled step)")),
					value: step.step_key,
					checked: after.includes(step.step_key),
				})),
				hidden: steps.length ? 0 : 1,
			},
			{ fieldtype: "Section Break" },
			{ fieldname: "guidance", fieldtype: "Small Text", label: __("Guidance") },
		],
		primary_action_label: __("Add Step"),
		primary_action(values) {
			dialog.hide();
			on_done({ ...values, after: (steps.length ? dialog.get_value("after") || [] : []).join(", ") });
		},
	});
	// Not by `depends_on`: with it, every change writes the committed values over what is being typed.
	const show = (fieldname, shown, required = shown) => {
		dialog.set_df_property(fieldname, "reqd", required ? 1 : 0);
		dialog.set_df_property(fieldname, "hidden", shown ? 0 : 1);
	};
	dialog.show();
	return dialog;
}

function choices(fieldname) {
	return frappe.meta.get_docfield("Process Step", fieldname).options;
}

/**
 * Boxes to tick for the steps before `row`, put where its `after` keys would be typed.
 * Steps that follow the row are not offered: they would close a circle.
 */
export function draw_predecessor_picker(wrapper, frm, row, on_change) {
	const editable = frm.doc.docstatus === 0 && frm.perm[0] && frm.perm[0].write;
	const chosen = new Set(predecessors(row));
	const others = (frm.doc.steps || []).filter((step) => step.name !== row.name && step.step_key);
	const box = document.createElement("div");
	box.className = "predecessor-picker";
	const heading = document.createElement("div");
	heading.className = "control-label";
	heading.textContent = __("Starts when these steps are done");
	box.append(heading);
	for (const step of others) {
		const possible = chosen.has(step.step_key) || may_precede(frm.doc.steps, step.step_key, row);
		const pill = document.createElement("button");
		pill.type = "button";
		pill.className = "btn btn-xs predecessor-pill";
		pill.textContent = step.title || __("(untitled step)");
		pill.title = duration_text(step.duration, step.duration_unit);
		pill.setAttribute("aria-pressed", chosen.has(step.step_key) ? "true" : "false");
		pill.disabled = !editable || !possible;
		pill.addEventListener("click", () => {
			if (chosen.has(step.step_key)) chosen.delete(step.step_key);
			else chosen.add(step.step_key);
			pill.setAttribute("aria-pressed", chosen.has(step.step_key) ? "true" : "false");
			const order = frm.doc.steps.map((other) => other.step_key).filter((key) => chosen.has(key));
			on_change(order.join(", "));
		});
		box.append(pill);
	}
	const note = document.createElement("p");
	note.className = "help-box small text-muted";
	note.textContent = others.length
		? __("None chosen: the step starts at receipt. Several: it waits for all of them.")
		: __("It is the only step: it starts at receipt.");
	box.append(note);
	wrapper.replaceChildren(box);
}
