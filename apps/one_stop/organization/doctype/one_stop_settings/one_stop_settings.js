// What each dated rule decides, in words, with the values it may have.
const GROUPS = [
	{
		label: "Counting the Time",
		rules: {
			count_receipt_day: {
				label: "Count the day of receipt",
				help: "Whether the day a dossier is received is itself a day of its time limit.",
				choices: { 0: "No, counting begins the next day", 1: "Yes" },
			},
			due_time: {
				label: "Hour of the due date",
				help: "At the hour of receipt, or at the end of the working day.",
				choices: { same_time: "Same Time", end_of_day: "End of Day" },
			},
			cutoff: {
				label: "Cut-off hour of same-day procedures",
				help: "What is received later may be returned on the next working day.",
				type: "Time",
			},
		},
	},
	{
		label: "Receipt and Handing Over",
		rules: {
			online_ack_hours: {
				label: "Working hours to acknowledge an online dossier",
				help: "Within this time an online dossier is accepted, returned for supplement or refused.",
				type: "Float",
			},
			handover: {
				label: "Handing the paper dossier over",
				help: "When the paper goes to the unit that processes it.",
				choices: {
					next_morning: "The same day; after the cut-off hour, first thing next working day",
					same_day: "Always the same day",
				},
			},
		},
	},
	{
		label: "Supplement and Extension",
		rules: {
			supplement_days: {
				label: "Working days to ask for a supplement",
				help: "After appraisal the applicant is asked within this time; a later request is flagged.",
				type: "Int",
			},
			supplement_clock: {
				label: "The clock after a supplement",
				help: "The time limit begins again, or is extended by the time waited.",
				choices: { restart: "Restart", extend: "Extend" },
			},
			max_extensions: {
				label: "Extensions allowed",
				help: "How often a new due date may be promised, each time with an apology.",
				type: "Int",
			},
			apology_before_days: {
				label: "Working days an apology comes before the due date",
				help: "A later apology is sent all the same and flagged as late.",
				type: "Int",
			},
		},
	},
	{
		label: "Statistics",
		rules: {
			stopped_counts_as: {
				label: "A stopped dossier counts as",
				help: "How form 06 counts a dossier whose processing was stopped.",
				choices: { ended: "Ended", in_progress: "In Progress" },
			},
		},
	},
];

frappe.ui.form.on("One-Stop Settings", {
	refresh(frm) {
		draw_rules(frm);
		frm.fields_dict.rules.$wrapper.toggle(false);
		frm.page.add_inner_button(__("Rules as a List"), () => frm.fields_dict.rules.$wrapper.toggle());
	},
});

frappe.ui.form.on("Dated Rule", {
	...Object.fromEntries(
		["rule", "value", "effective_from", "article", "rules_remove"].map((name) => [
			name,
			(frm) => draw_rules(frm),
		]),
	),
});

function key_of(value) {
	return String(value === null || value === undefined ? "" : value)
		.trim()
		.toLowerCase()
		.replace(/ /g, "_");
}

function value_text(rule, value) {
	if (rule.choices) {
		const choice = rule.choices[key_of(value)];
		return choice ? __(choice) : value;
	}
	if (rule.type === "Time") return String(value).slice(0, 5);
	return String(value).replace(".", ",");
}

function draw_rules(frm) {
	const today = frappe.datetime.get_today();
	const safe = frappe.utils.escape_html;
	const day = (date) => safe(frappe.datetime.str_to_user(date || ""));
	const may_write = frm.perm[0]?.write;

	const rule_html = (name, rule) => {
		const rows = (frm.doc.rules || [])
			.filter((row) => row.rule === name)
			.sort((a, b) => (a.effective_from || "").localeCompare(b.effective_from || ""));
		const past = rows.filter((row) => row.effective_from <= today);
		const now = past[past.length - 1];
		const line = (row) =>
			`<li class="${row === now ? "is-now" : ""}">
				<span class="rule-from">${__("from {0}", [day(row.effective_from)])}</span>
				<strong>${safe(value_text(rule, row.value))}</strong>
				<span class="text-muted">${safe(row.article || "")}</span>
			</li>`;
		return `<div class="dated-rule" data-rule="${name}">
			<div>
				<div class="rule-label">${__(rule.label)}</div>
				<div class="text-muted small">${__(rule.help)}</div>
			</div>
			<ul>${rows.map(line).join("") || `<li class="text-muted">${__("No value yet: the default of the law is used.")}</li>`}</ul>
			${may_write ? `<button type="button" class="btn btn-default btn-xs">${__("Change From a Date…")}</button>` : ""}
		</div>`;
	};

	const html = GROUPS.map(
		(group) =>
			`<section><h5>${__(group.label)}</h5>${Object.entries(group.rules)
				.map(([name, rule]) => rule_html(name, rule))
				.join("")}</section>`,
	).join("");
	const wrapper = frm.fields_dict.rules_view.$wrapper;
	wrapper.html(`<div class="dated-rules">
		<style>
			.dated-rules section { margin-bottom: 22px; }
			.dated-rules .dated-rule { display: grid; grid-template-columns: minmax(240px, 2fr) 3fr auto; gap: 18px;
				align-items: start; padding: 10px 0; border-bottom: 1px solid var(--border-color); }
			.dated-rules .rule-label { font-weight: 600; }
			.dated-rules ul { margin: 0; padding: 0; list-style: none; }
			.dated-rules li { display: flex; flex-wrap: wrap; gap: 10px; color: var(--text-muted); }
			.dated-rules li.is-now { color: var(--text-color); }
			.dated-rules .rule-from { min-width: 110px; }
			.dated-rules li:not(.is-now) strong { font-weight: 400; }
		</style>${html}</div>`);
	wrapper.find(".dated-rule button").on("click", (event) => {
		const name = event.currentTarget.closest(".dated-rule").dataset.rule;
		const group = GROUPS.find((one) => name in one.rules);
		change_rule(frm, name, group.rules[name]);
	});
}

function change_rule(frm, name, rule) {
	const value = rule.choices
		? {
				fieldtype: "Select",
				options: Object.entries(rule.choices).map(([key, label]) => ({ value: key, label: __(label) })),
			}
		: { fieldtype: rule.type };
	frappe.prompt(
		[
			{ fieldname: "value", label: __("Value"), reqd: 1, ...value },
			{
				fieldname: "effective_from",
				fieldtype: "Date",
				label: __("Effective From"),
				reqd: 1,
				default: frappe.datetime.get_today(),
			},
			{ fieldname: "article", fieldtype: "Data", label: __("Article"), reqd: 1 },
			{ fieldname: "note", fieldtype: "Small Text", label: __("Note") },
		],
		(values) => {
			const text = rule.type === "Time" ? String(values.value).slice(0, 5) : String(values.value);
			const same = (frm.doc.rules || []).find(
				(row) => row.rule === name && row.effective_from === values.effective_from,
			);
			if (same) Object.assign(same, values, { value: text });
			else frm.add_child("rules", { rule: name, ...values, value: text });
			frm.dirty();
			frm.refresh_field("rules");
			draw_rules(frm);
		},
		__(rule.label),
		__("Set"),
	);
}
