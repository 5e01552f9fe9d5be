const BUNDLES = ["process_editor.bundle.css", "process_editor.bundle.js"];

frappe.ui.form.on("Procedure Version", {
	setup(frm) {
		name_steps_by_title(frm);
		frm.set_query("result_procedure", "components", (doc) => ({ filters: { name: ["!=", doc.procedure] } }));
		frm.set_query("linked_procedure", "steps", (doc) => ({ filters: { name: ["!=", doc.procedure] } }));
	},

	onload(frm) {
		// The picture of the process needs the width; the side bar stays a click away.
		frm.page.wrapper.find(".layout-side-section").hide();
	},

	async refresh(frm) {
		frm.toggle_display(
			["decision_number", "decision_date", "decided_by", "effective_from"],
			frm.doc.docstatus !== 0,
		);
		// The link shows the name already.
		frm.toggle_display("procedure_name", false);
		// The checks show what was accepted, and take the reasons.
		frm.toggle_display("warnings", false);
		// Frappe's "submit to confirm" says nothing of a decision.
		if (frm.doc.docstatus === 0) frm.dashboard.clear_headline();
		show_state(frm);
		const tools = await load_tools(frm);
		if (tools.frm_name !== frm.docname) {
			tools.frm_name = frm.docname;
			tools.editor.selected = null;
			tools.editor.check = null;
			tools.editor.diagram.moved = false;
		}
		tools.editor.draw();
		if (frm.doc.procedure) tools.panel.run();
		add_actions(frm, tools);
	},

	steps_changed(frm) {
		with_tools(frm, ({ editor, panel }) => {
			editor.schedule();
			panel.schedule();
		});
	},

	limits_changed(frm) {
		with_tools(frm, ({ panel }) => panel.schedule());
	},

	procedure(frm) {
		frm.trigger("limits_changed");
	},
});

const STEP_FIELDS = [
	"title",
	"kind",
	"duty",
	"unit_rule",
	"unit",
	"duration",
	"duration_unit",
	"after",
	"clock_effect",
	"public_milestone",
	"linked_procedure",
	"carried_over",
	"condition",
];

frappe.ui.form.on("Process Step", {
	...Object.fromEntries(STEP_FIELDS.map((fieldname) => [fieldname, (frm) => frm.trigger("steps_changed")])),

	// A kind of step has its usual duty and unit; what was chosen otherwise is the administrator's to keep.
	kind(frm, doctype, name) {
		const step = locals[doctype][name];
		with_tools(frm, ({ api }) => {
			const usual = api.USUAL[step.kind];
			if (usual) frappe.model.set_value(doctype, name, usual);
		});
		frm.trigger("steps_changed");
	},

	steps_add(frm, doctype, name) {
		const step = locals[doctype][name];
		with_tools(frm, ({ api }) => {
			const others = frm.doc.steps.filter((other) => other.name !== name);
			step.step_key = api.next_key(others);
			if (!step.after && step.idx > 1) step.after = frm.doc.steps[step.idx - 2]?.step_key || "";
			frm.refresh_field("steps");
			frm.trigger("steps_changed");
		});
	},

	steps_remove(frm) {
		with_tools(frm, ({ api }) => {
			const keys = new Set(frm.doc.steps.map((step) => step.step_key));
			for (const step of frm.doc.steps) {
				step.after = api
					.predecessors(step)
					.filter((key) => keys.has(key))
					.join(", ");
			}
			frm.refresh_field("steps");
			frm.trigger("steps_changed");
		});
	},

	steps_move(frm) {
		frm.trigger("steps_changed");
	},

	form_render(frm, doctype, name) {
		with_tools(frm, ({ api, editor }) => {
			const step = locals[doctype][name];
			const row = frm.fields_dict.steps.grid.grid_rows_by_docname[name];
			if (!step || !row?.grid_form) return;
			const control = row.grid_form.fields_dict.after;
			control.$wrapper.find(".predecessor-slot").remove();
			control.$wrapper.children().hide();
			const slot = $('<div class="predecessor-slot"></div>').appendTo(control.$wrapper)[0];
			api.draw_predecessor_picker(slot, frm, step, (after) =>
				frappe.model.set_value(doctype, name, "after", after),
			);
			row.grid_form.fields_dict.step_key.$wrapper.hide();
			editor.select(step.step_key);
		});
	},
});

const checked_again = (...fieldnames) =>
	Object.fromEntries(fieldnames.map((fieldname) => [fieldname, (frm) => frm.trigger("limits_changed")]));

frappe.ui.form.on("Procedure Time Limit", {
	...checked_again("case_name", "channel", "kind", "value", "unit", "limits_add", "limits_remove"),
});

frappe.ui.form.on("E-Form Field", {
	...checked_again("fieldname", "field_type", "shown_when", "pattern", "options", "eform_fields_remove"),

	// A name for the computer out of the label: an administrator need not think of one.
	label(frm, doctype, name) {
		const field = locals[doctype][name];
		if (field.fieldname || !field.label) return;
		const taken = new Set(frm.doc.eform_fields.map((other) => other.fieldname));
		const plain = field.label
			.normalize("NFD")
			.replace(/[\u0300-\u036f]/g, "")
			.replace(/[đĐ]/g, "d")
			.toLowerCase()
			.replace(/[^a-z0-9]+/g, "_")
			.replace(/^_+|_+$/g, "")
			.slice(0, 40);
		const base = /^[a-z]/.test(plain) ? plain : `f_${plain}`;
		let chosen = base;
		for (let number = 2; taken.has(chosen); number++) chosen = `${base}_${number}`;
		frappe.model.set_value(doctype, name, "fieldname", chosen);
	},
});

frappe.ui.form.on("Procedure Component", {
	...checked_again("component_name", "is_previous_result", "result_procedure", "condition"),
});

/** The editor and the checks of this form, loaded once; answers `{api, editor, panel}`. */
function load_tools(frm) {
	if (!frm.process_tools) {
		frm.process_tools = frappe.require(BUNDLES).then(() => {
			const api = window.one_stop.process_editor;
			const editor = new api.ProcessEditor(frm, frm.fields_dict.process_diagram.$wrapper[0]);
			const panel = new api.ChecksPanel(frm, frm.fields_dict.check_summary.$wrapper[0], (check) =>
				editor.apply_check(check),
			);
			return { api, editor, panel };
		});
	}
	return frm.process_tools;
}

function with_tools(frm, run) {
	load_tools(frm).then(run);
}

/** In the table, predecessors are read as titles and chosen in the row: keys stay out of sight. */
function name_steps_by_title(frm) {
	const fields = frappe.meta.docfield_map["Process Step"];
	fields.step_key.read_only = 1;
	fields.after.read_only = 1;
	fields.after.formatter = (value) => {
		const keys = (value || "")
			.split(",")
			.map((key) => key.trim())
			.filter(Boolean);
		const titles = keys.map((key) => {
			const step = (frm.doc.steps || []).find((other) => other.step_key === key);
			return frappe.utils.escape_html(step?.title || key);
		});
		return titles.length ? titles.join("; ") : `<span class="text-muted">${__("at receipt")}</span>`;
	};
}

function show_state(frm) {
	if (frm.doc.docstatus === 1) {
		const today = frappe.datetime.get_today();
		const { effective_from, effective_to } = frm.doc;
		if (effective_to && effective_to < today) {
			frm.page.set_indicator(__("Superseded"), "gray");
		} else if (effective_from && effective_from > today) {
			frm.page.set_indicator(
				__("Approved, in force from {0}", [frappe.datetime.str_to_user(effective_from)]),
				"blue",
			);
		} else {
			frm.page.set_indicator(__("In Force"), "green");
		}
	} else if (frm.doc.docstatus === 0 && !frm.is_new() && !frm.is_dirty()) {
		frm.page.set_indicator(__("Draft version"), "orange");
	}
}

function add_actions(frm, { api, panel }) {
	const may_write = frm.perm[0]?.write;
	if (frm.doc.docstatus === 0 && frm.perm[0] && frm.perm[0].submit && !frm.is_new() && !frm.is_dirty()) {
		frm.page.set_primary_action(__("Approve"), () => api.approve(frm, panel));
	}
	if (!frm.is_new()) frm.page.add_inner_button(__("Try It"), () => api.try_version(frm));
	if (frm.is_new()) return;
	frm.page.add_inner_button(__("Compare Versions"), () => api.compare_versions(frm));
	if (frm.doc.docstatus === 1 && may_write) {
		frm.page.add_inner_button(__("New Version"), async () => {
			const { name } = await frappe.xcall("one_stop.api.procedures.new_version", { version: frm.doc.name });
			frappe.set_route("Form", "Procedure Version", name);
		});
	}
}
