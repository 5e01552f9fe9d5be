// What the reports of the app share: their filters, the way from a cell to its dossiers, the printed layouts.
frappe.provide("one_stop.reports");

// The figures whose dossiers can be listed: `reporting/behind.py` knows them by the same names.
const FIGURES = [
	["received", "Received in All"],
	["online", "Received Online"],
	["direct", "Direct or by Post"],
	["carried", "Carried Over"],
	["resolved", "Resolved in All"],
	["early", "Early"],
	["on_time", "On Time"],
	["late", "Late"],
	["in_progress", "In Progress in All"],
	["in_time", "In Time"],
	["overdue", "Overdue Now"],
	["new", "Received in the Period"],
	["handed_in", "Handed In by Applicants"],
	["not_late", "Resolved in Time"],
	["late_in_all", "Late in All"],
	["fully_online", "Fully Online"],
	["e_result", "With E-Result"],
	["gives_document", "Gives a Document"],
	["digitised", "Digitised"],
	["reused", "Data Reused"],
	["fee_bearing", "Fee-Bearing"],
	["paid_online", "Paid Online"],
	["postal", "By Post"],
	["overdue_now", "Overdue at This Moment"],
	["running_due", "Due in the Period"],
	["steps_done", "Steps Completed"],
	["steps_over_norm", "Steps over the Norm"],
	["steps_waiting", "Steps Waiting Now"],
	["officer_done", "Steps Done by an Officer"],
	["officer_late", "Steps Done Late by an Officer"],
	["officer_open", "Open Steps of an Officer"],
	["officer_open_late", "Overdue Open Steps of an Officer"],
	["events", "Events with Their Reason"],
];
const NUMBERS = new Set(["Float", "Percent", "Int"]);
const LIST = "Dossiers behind a Figure";

const options = (values) => values.map((value) => ({ value, label: __(value) }));

one_stop.reports.figures = () => FIGURES.map(([value, label]) => ({ value, label: __(label) }));

/**
 * Filters that only a link sets; the report says above its rows what they narrow. They are no links themselves: those
 * are checked by a request of their own, and Frappe would run the report before the answer is there.
 */
one_stop.reports.said = (...names) => names.map((fieldname) => ({ fieldname, fieldtype: "Data", hidden: 1 }));

/** Once all filters of a link have taken their values, which they do in turns. */
one_stop.reports.settled = () => new Promise((resolve) => setTimeout(resolve));

one_stop.reports.unit = () => ({
	fieldname: "unit",
	label: __("Unit"),
	fieldtype: "Link",
	options: "Administrative Unit",
});

one_stop.reports.as_of = () => ({
	fieldname: "to_date",
	label: __("As Of"),
	fieldtype: "Date",
	default: frappe.datetime.get_today(),
});

one_stop.reports.period = () => [
	{
		fieldname: "from_date",
		label: __("From Date"),
		fieldtype: "Date",
		default: frappe.datetime.month_start(),
		reqd: 1,
	},
	{
		fieldname: "to_date",
		label: __("To Date"),
		fieldtype: "Date",
		default: frappe.datetime.get_today(),
		reqd: 1,
	},
];

one_stop.reports.statutory = () => [
	{ fieldname: "year", label: __("Year"), fieldtype: "Int", default: new Date().getFullYear(), reqd: 1 },
	{
		fieldname: "quarter",
		label: __("Quarter"),
		fieldtype: "Select",
		default: String(Math.floor(new Date().getMonth() / 3) + 1),
		options: [
			...["1", "2", "3", "4"].map((value) => ({ value, label: value })),
			{ value: "Year", label: __("Whole Year") },
		],
	},
	{ fieldname: "cutoff_day", label: __("Cut-Off Day"), fieldtype: "Int" },
	{ fieldname: "from_date", label: __("From Date"), fieldtype: "Date" },
	{ fieldname: "to_date", label: __("To Date"), fieldtype: "Date" },
];

one_stop.reports.choices = () => [
	{
		fieldname: "grouping",
		label: __("Rows"),
		fieldtype: "Select",
		default: "Level and Field (06a)",
		options: options(["Level and Field (06a)", "Field and Procedure (06b)", "Unit", "Unit and Field"]),
	},
	{
		fieldname: "measure",
		label: __("Measure"),
		fieldtype: "Select",
		default: "Handled By",
		options: options(["Handled By", "Received by the Public"]),
	},
	{
		fieldname: "compare",
		label: __("Compare Due Times"),
		fieldtype: "Select",
		default: "By Timestamp",
		options: options(["By Timestamp", "By Date"]),
	},
];

/** At which unit dossiers count, for reports that have no other choice of the kind. */
one_stop.reports.measure = () => one_stop.reports.choices()[1];

/** The address of the list behind a figure. `opens` are its filters, among them `column`. */
one_stop.reports.list_behind = ({ report = LIST, ...opens }) =>
	`/app/query-report/${encodeURIComponent(report)}?${new URLSearchParams(opens)}`;

/** A formatter that makes each figure a link to what stands behind it, as row and column say in `opens`. */
one_stop.reports.drilling = (value, row, column, data, default_formatter) => {
	// What is not known is not nought.
	if (data && NUMBERS.has(column.fieldtype) && (value === null || value === undefined)) return "–";
	const plain = default_formatter(value, row, column, data);
	const shown = data?.bold ? `<b>${plain}</b>` : plain;
	if (!data?.opens || !column.opens || !data[column.fieldname]) return shown;
	const href = one_stop.reports.list_behind({ ...data.opens, ...column.opens });
	return `<a class="one-stop-drill" href="${frappe.utils.escape_html(href)}">${shown}</a>`;
};

/** Buttons for the printed layout of a statutory form. */
one_stop.reports.exports = (report, form) => {
	for (const [kind, label] of [
		["excel", __("Excel (Printed Layout)")],
		["pdf", __("PDF (Printed Layout)")],
	]) {
		report.page.add_inner_button(label, () => {
			const filters = encodeURIComponent(JSON.stringify(report.get_filter_values()));
			window.open(`/api/method/one_stop.api.reports.download?form=${form}&kind=${kind}&filters=${filters}`);
		});
	}
};

/** Buttons that set a report of a month to this or the last one. */
one_stop.reports.month = (report) => {
	const set = (back) => {
		const day = frappe.datetime.add_months(frappe.datetime.month_start(), -back);
		report.set_filter_value({
			from_date: day,
			to_date: frappe.datetime.add_days(frappe.datetime.add_months(day, 1), -1),
		});
	};
	report.page.add_inner_button(__("This Month"), () => set(0));
	report.page.add_inner_button(__("Last Month"), () => set(1));
};

/** Shows words that the system keeps in fields of plain text, such as a class, in the reader's language. */
one_stop.reports.in_words = (frm, fieldnames) => {
	for (const fieldname of fieldnames) {
		const field = frm.get_field(fieldname);
		if (!field) continue;
		field.df.formatter = (value) => frappe.utils.escape_html(__(value || ""));
		field.refresh();
	}
};

/** A list of evaluations: one column says which month, quarter or year it was; without a score there is no 0 either. */
one_stop.reports.list_of_evaluations = () => ({
	add_fields: ["year", "number", "has_score"],
	hide_name_column: true,
	hide_name_filter: true,
	formatters: {
		period: (period, _df, { year, number }) => {
			if (period === "Month") return __("Month {0}/{1}", [number, year]);
			return period === "Quarter" ? __("Quarter {0}/{1}", [number, year]) : __("Year {0}", [year]);
		},
		score: (score, df, doc) => (doc.has_score ? frappe.format(score, df, { only_value: true }, doc) : "–"),
		grade: (grade) => frappe.utils.escape_html(__(grade || "")),
	},
});

/** Buttons of an evaluation: the facts its points stand on, and the appeal once it is published. */
one_stop.reports.of_evaluation = (frm) => {
	one_stop.reports.in_words(frm, ["grade", "verified_grade"]);
	// The indicators come from the rule set.
	frm.get_field("lines").grid.cannot_add_rows = true;
	open_lines(frm);
	if (frm.is_new()) return;
	const period = { from_date: frm.doc.first_day, to_date: frm.doc.last_day, unit: frm.doc.unit };
	const group = __("Facts Behind");
	for (const name of ["Late Dossiers", "Supplement and Refusal Reasons", "Bottlenecks", "Workload"]) {
		if (frappe.boot.user.all_reports?.[name] || frm.doctype === "Unit Evaluation") {
			frm.add_custom_button(__(name), () => frappe.set_route("query-report", name, period), group);
		}
	}
	if (frappe.model.can_read("Petition")) {
		frm.add_custom_button(
			__("Petitions"),
			() =>
				frappe.set_route("List", "Petition", {
					unit: frm.doc.unit,
					received_at: ["Between", [frm.doc.first_day, frm.doc.last_day]],
				}),
			group,
		);
	}
	if (frm.doc.status === "Published" && frappe.model.can_create("Evaluation Appeal")) {
		frm.add_custom_button(__("Appeal"), () =>
			frappe.new_doc("Evaluation Appeal", { reference_doctype: frm.doctype, reference_name: frm.doc.name }),
		);
	}
};

/** Makes the number of facts on the lines of an evaluation a link to what was counted. Ratings are seen by nobody. */
function open_lines(frm) {
	const href = (line) =>
		one_stop.reports.list_behind({
			report: "Counted in an Evaluation",
			reference_doctype: frm.doctype,
			reference_name: frm.doc.name,
			indicator: line.indicator_key,
		});
	const counted = frm.doc.__onload?.counted || [];
	frm.fields_dict.lines.grid.update_docfield_property("facts", "formatter", (value, _df, _options, line) =>
		value && counted.includes(line?.indicator_key)
			? `<a class="one-stop-drill" href="${frappe.utils.escape_html(href(line))}">${value}</a>`
			: String(value ?? 0),
	);
	frm.refresh_field("lines");
}
