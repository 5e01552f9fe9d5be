const BUNDLES = ["year_view.bundle.css", "year_view.bundle.js"];

frappe.ui.form.on("Working Calendar", {
	setup(frm) {
		follow_recomputation(frm);
	},

	async refresh(frm) {
		show_rows(frm, false);
		await frappe.require(BUNDLES);
		if (!frm.year_view) {
			frm.year_view = new window.one_stop.YearView(frm, frm.fields_dict.year_view.$wrapper[0]);
		}
		frm.year_view.refresh();
		frm.page.add_inner_button(__("Exceptions as a List"), () =>
			show_rows(frm, !frm.fields_dict.exceptions.$wrapper.is(":visible")),
		);
	},

	windows_changed(frm) {
		if (frm.year_view?.inherited) frm.year_view.draw();
	},

	/** Nobody should learn afterwards that a calendar moved the due dates promised to applicants. */
	async before_save(frm) {
		// A new calendar moves nothing yet, unless it is one for the whole country.
		if (frm.is_new() && frm.doc.scope !== "National") return;
		const impact = await frappe.xcall("one_stop.api.organization.preview_calendar_change", { doc: frm.doc });
		if (!impact.changed) return;
		if (!(await confirm_impact(impact))) frappe.validated = false;
	},
});

const redrawn = (...fieldnames) =>
	Object.fromEntries(fieldnames.map((fieldname) => [fieldname, (frm) => frm.trigger("windows_changed")]));

frappe.ui.form.on("Working Window", {
	...redrawn("weekday", "valid_from", "receives_only", "windows_add", "windows_remove"),
});

frappe.ui.form.on("Calendar Exception", {
	...redrawn("exception_date", "kind", "reason", "confirmed", "exceptions_remove"),
});

frappe.ui.form.on("Calendar Year", { ...redrawn("year", "confirmed", "years_remove") });

function show_rows(frm, shown) {
	frm.fields_dict.exceptions.$wrapper.toggle(shown);
	if (shown) frm.scroll_to_field("exceptions", false);
}

function confirm_impact({ running, changed, later, earlier, examples, too_many }) {
	const safe = frappe.utils.escape_html;
	const day = (value) => safe(frappe.datetime.str_to_user((value || "").replace("T", " ").slice(0, 19)));
	const rows = (examples || [])
		.map(
			(one) =>
				`<tr><td>${safe(one.code || "")}</td><td>${day(one.old_due)}</td><td>${day(one.new_due)}</td></tr>`,
		)
		.join("");
	const message = `
		<p><strong>${__("{0} of {1} running dossiers get another due date.", [changed, running])}</strong>
		${too_many ? __("Only part of them was looked at.") : ""}</p>
		<p>${__("{0} later, {1} earlier. The due date first promised stays on record.", [later, earlier])}</p>
		<table class="table table-bordered table-sm">
			<thead><tr><th>${__("Dossier Code")}</th><th>${__("Due Date Now")}</th><th>${__("New Due Date")}</th></tr></thead>
			<tbody>${rows}</tbody>
		</table>`;
	return new Promise((resolve) => {
		const dialog = frappe.warn(
			__("Change the Calendar?"),
			message,
			() => resolve(true),
			__("Save and Recompute"),
		);
		dialog.onhide = () => resolve(false);
	});
}

/** The progress itself is shown by the desk on whatever page its user is. */
function follow_recomputation(frm) {
	frappe.realtime.on("one_stop_calendar_recomputed", (news) => {
		if (news.calendar !== frm.docname) return;
		frappe.show_alert({
			message: __("{0} dossiers were recomputed, {1} due dates changed.", [news.total, news.changed]),
			indicator: news.failed ? "orange" : "green",
		});
		if (news.failed) {
			frappe.show_alert({
				message: __("{0} dossiers could not be recomputed; the error log says why.", [news.failed]),
				indicator: "red",
			});
		}
	});
}
