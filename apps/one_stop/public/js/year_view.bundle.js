// A working calendar's year at one look: which days are worked, which are not, and by which document.

import { element, weekday_name } from "./process/dom.js";

const WEEKDAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const SHORT = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"];
const KINDS = ["Holiday", "Swap Off", "Swap Work", "Half Day Morning", "Half Day Afternoon"];

function iso(year, month, day) {
	return `${year}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
}

function days_in(year, month) {
	return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

function style_of(kind) {
	return `day-${kind.toLowerCase().replace(/ /g, "-")}`;
}

class YearView {
	constructor(frm, wrapper) {
		this.frm = frm;
		this.year = Number(frappe.datetime.get_today().slice(0, 4));
		this.root = element("div.year-view");
		wrapper.replaceChildren(this.root);
	}

	get editable() {
		return Boolean(this.frm.perm[0]?.write);
	}

	/** Reads what the calendar inherits, then draws; the form's own unsaved rows are always in it. */
	async refresh() {
		this.asked = (this.asked || 0) + 1;
		const asked = this.asked;
		const inherited = await frappe.xcall("one_stop.api.organization.calendar_year", {
			calendar: this.frm.docname,
			year: this.year,
		});
		if (asked !== this.asked) return;
		this.inherited = inherited;
		this.draw();
	}

	async go(year) {
		if (year < 1990 || year > 2100) return;
		this.year = year;
		await this.refresh();
	}

	own(date) {
		return (this.frm.doc.exceptions || []).find((row) => row.exception_date === date);
	}

	/** The row in force on a day: the calendar's own before the inherited one. */
	exception(date) {
		return this.own(date) || this.inherited.inherited.find((row) => row.exception_date === date);
	}

	/** Rows that begin on the same day are one whole week, in force until the next begins. */
	week_on(rows, date) {
		const begins = (row) => row.valid_from || "";
		const latest = rows
			.map(begins)
			.filter((day) => day <= date)
			.sort()
			.pop();
		return latest === undefined ? null : rows.filter((row) => begins(row) === latest);
	}

	is_worked_weekday(date) {
		const week =
			this.week_on(this.frm.doc.windows || [], date) ||
			this.week_on(this.inherited.inherited_windows || [], date) ||
			[];
		const weekday = WEEKDAYS[new Date(`${date}T00:00:00Z`).getUTCDay()];
		return week.some((row) => row.weekday === weekday && !Number(row.receives_only));
	}

	confirmation() {
		const own = (this.frm.doc.years || []).find((row) => Number(row.year) === this.year);
		if (own && Number(own.confirmed)) return own;
		return (this.inherited.inherited_years || []).find(
			(row) => Number(row.year) === this.year && Number(row.confirmed),
		);
	}

	draw() {
		const confirmed = this.confirmation();
		const counts = { worked: 0 };
		const months = [];
		for (let month = 1; month <= 12; month++) months.push(this.month(month, counts));
		this.root.replaceChildren(
			this.toolbar(confirmed),
			element("div.year-months", {}, months),
			this.legend(),
			element("p.year-count.text-muted", {}, __("{0} days are worked in {1}.", [counts.worked, this.year])),
		);
	}

	toolbar(confirmed) {
		const button = (action, label, run, style = "") =>
			element(
				`button.btn.btn-default.btn-xs${style}`,
				{ type: "button", "data-action": action, onclick: run },
				label,
			);
		const state = confirmed
			? element(
					"span.year-state.is-confirmed",
					{},
					[
						__("Year {0} is confirmed", [this.year]),
						confirmed.source_document,
						confirmed.calendar ? __("in the calendar {0}", [confirmed.calendar]) : "",
					]
						.filter(Boolean)
						.join(" · "),
				)
			: element(
					"span.year-state.is-open",
					{},
					__("Year {0} is not confirmed: its holidays are a forecast.", [this.year]),
				);
		return element(
			"div.year-toolbar",
			{},
			button("previous", "‹", () => this.go(this.year - 1)),
			element("strong.year-number", { "aria-live": "polite" }, String(this.year)),
			button("next", "›", () => this.go(this.year + 1)),
			button("today", __("This Year"), () => this.go(Number(frappe.datetime.get_today().slice(0, 4)))),
			state,
			this.editable
				? element(
						"span.year-actions",
						{},
						button("suggest", __("Suggest Holidays of {0}", [this.year]), () => this.suggest()),
						button("confirm", __("Confirm the Year…"), () => this.confirm_year()),
					)
				: null,
		);
	}

	month(month, counts) {
		const first = new Date(Date.UTC(this.year, month - 1, 1)).getUTCDay();
		const cells = new Array((first + 6) % 7).fill(null);
		for (let day = 1; day <= days_in(this.year, month); day++) cells.push(iso(this.year, month, day));
		while (cells.length < 42) cells.push(null);
		const weeks = [];
		for (let at = 0; at < 42; at += 7) weeks.push(cells.slice(at, at + 7));
		return element(
			"table.year-month",
			{},
			element("caption", {}, __("Month {0}", [month])),
			element(
				"thead",
				{},
				element(
					"tr",
					{},
					SHORT.map((name) => element("th", { scope: "col" }, __(name, null, "Weekday"))),
				),
			),
			element(
				"tbody",
				{},
				weeks.map((week) =>
					element(
						"tr",
						{},
						week.map((date) => element("td", {}, date ? this.day(date, counts) : "")),
					),
				),
			),
		);
	}

	day(date, counts) {
		const exception = this.exception(date);
		const weekday_worked = this.is_worked_weekday(date);
		const kind = exception ? exception.kind : weekday_worked ? "Work" : "Weekend";
		if (!["Holiday", "Swap Off", "Weekend"].includes(kind)) counts.worked++;
		const unconfirmed = exception && !Number(exception.confirmed) && !this.confirmation();
		const words = [
			weekday_name(date),
			frappe.datetime.str_to_user(date),
			exception ? __(exception.kind) : weekday_worked ? __("working day") : __("day off of the week"),
			exception?.reason,
			unconfirmed ? __("not confirmed") : "",
		];
		const styles = [style_of(kind)];
		if (date === frappe.datetime.get_today()) styles.push("is-today");
		if (unconfirmed) styles.push("is-unconfirmed");
		if (exception && !this.own(date)) styles.push("is-inherited");
		const label = words.filter(Boolean).join(", ");
		return element(
			`button.year-day.${styles.join(".")}`,
			{
				type: "button",
				title: label,
				"aria-label": label,
				"data-date": date,
				onclick: () => this.edit(date),
			},
			String(Number(date.slice(8))),
		);
	}

	legend() {
		const sample = (style, text) => element("li", {}, element(`span.year-day.${style}`), text);
		return element(
			"ul.year-legend",
			{},
			sample("day-work", __("working day")),
			sample("day-weekend", __("day off of the week")),
			KINDS.map((kind) => sample(style_of(kind), __(kind))),
			sample("day-work.is-today", __("today")),
			sample("day-holiday.is-unconfirmed", __("not confirmed")),
		);
	}

	edit(date) {
		const own = this.own(date);
		const shown = this.exception(date) || {};
		const inherited = !own && shown.calendar;
		const dialog = new frappe.ui.Dialog({
			title: `${weekday_name(date)} ${frappe.datetime.str_to_user(date)}`,
			fields: [
				{
					fieldname: "origin",
					fieldtype: "HTML",
					hidden: inherited ? 0 : 1,
					options: element(
						"p.text-muted",
						{},
						__(
							"This day comes from the calendar {0}. What you set here replaces it for the units of this calendar.",
							[inherited || ""],
						),
					).outerHTML,
				},
				{
					fieldname: "kind",
					fieldtype: "Select",
					label: __("Kind"),
					options: KINDS.map((kind) => ({ value: kind, label: __(kind) })),
					default: shown.kind || (this.is_worked_weekday(date) ? "Holiday" : "Swap Work"),
					reqd: 1,
				},
				{ fieldname: "reason", fieldtype: "Data", label: __("Reason"), default: shown.reason, reqd: 1 },
				{
					fieldname: "source_document",
					fieldtype: "Data",
					label: __("Source Document"),
					default: shown.source_document,
				},
				{
					fieldname: "confirmed",
					fieldtype: "Check",
					label: __("Confirmed"),
					default: shown.exception_date ? Number(shown.confirmed) : 1,
				},
			],
			primary_action_label: __("Set the Day"),
			primary_action: (values) => {
				dialog.hide();
				delete values.origin;
				if (own) Object.assign(own, values);
				else this.frm.add_child("exceptions", { exception_date: date, ...values });
				this.changed();
			},
		});
		if (!this.editable) {
			for (const field of dialog.fields) dialog.set_df_property(field.fieldname, "read_only", 1);
			dialog.get_primary_btn().addClass("hide");
		} else if (own) {
			dialog.set_secondary_action_label(__("Back to an Ordinary Day"));
			dialog.set_secondary_action(() => {
				dialog.hide();
				this.remove(own);
				this.changed();
			});
		}
		dialog.show();
	}

	remove(row) {
		frappe.model.clear_doc(row.doctype, row.name);
		this.frm.doc.exceptions = this.frm.doc.exceptions.filter((other) => other.name !== row.name);
		for (const [index, other] of this.frm.doc.exceptions.entries()) other.idx = index + 1;
	}

	changed() {
		this.frm.dirty();
		this.frm.refresh_field("exceptions");
		this.frm.refresh_field("years");
		this.draw();
	}

	async suggest() {
		const rows = await frappe.xcall("one_stop.api.organization.suggest_year", { year: this.year });
		const has = (date) => this.exception(date) && !this.exception(date).forecast;
		const missing = rows.filter((row) => !has(row.exception_date));
		for (const row of missing) this.frm.add_child("exceptions", row);
		if (missing.length) this.changed();
		frappe.show_alert({
			message: missing.length
				? __("{0} days were added, to be confirmed. Save to keep them.", [missing.length])
				: __("All known holidays of {0} are there already.", [this.year]),
			indicator: missing.length ? "blue" : "green",
		});
	}

	/** Days the law gives a year that no calendar has yet; confirming the national year takes them over. */
	forecast() {
		if (this.frm.doc.scope !== "National") return [];
		return this.inherited.inherited.filter((row) => row.forecast && !this.own(row.exception_date));
	}

	confirm_year() {
		const row = (this.frm.doc.years || []).find((other) => Number(other.year) === this.year);
		const days = (this.frm.doc.exceptions || []).filter((other) =>
			other.exception_date.startsWith(`${this.year}-`),
		);
		const forecast = this.forecast();
		frappe.prompt(
			[
				{
					fieldname: "note",
					fieldtype: "HTML",
					options: element(
						"p",
						{},
						__("All {0} days set in this calendar for {1} become confirmed. Correct what is wrong before.", [
							days.length + forecast.length,
							this.year,
						]),
					).outerHTML,
				},
				{
					fieldname: "source_document",
					fieldtype: "Data",
					label: __("Source Document"),
					default: row?.source_document,
					reqd: 1,
				},
			],
			({ source_document }) => {
				if (row) Object.assign(row, { confirmed: 1, source_document });
				else this.frm.add_child("years", { year: this.year, confirmed: 1, source_document });
				for (const day of days) day.confirmed = 1;
				for (const { exception_date, kind, reason, source_document } of forecast) {
					this.frm.add_child("exceptions", { exception_date, kind, reason, source_document, confirmed: 1 });
				}
				this.changed();
			},
			__("Confirm the Year {0}", [this.year]),
			__("Confirm"),
		);
	}
}

window.one_stop = window.one_stop || {};
window.one_stop.YearView = YearView;
