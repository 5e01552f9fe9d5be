frappe.ui.form.on("Officer Evaluation", {
	refresh(frm) {
		one_stop.reports.of_evaluation(frm);
		const led = frm.doc.__onload?.led_units || [];
		if (led.length) {
			frm.dashboard.add_section(led.map(shown).join(""), __("The Results of the Unit This Person Leads"));
			frm.dashboard.show();
		}
	},
});

const points = (value) =>
	value === null ? "–" : frappe.format(value, { fieldtype: "Float", precision: 2 }, { inline: true });

/** One evaluation of a unit: its score, and under it what the score is made of. */
function shown(result) {
	const text = (value) => frappe.utils.escape_html(String(value ?? ""));
	const rows = result.lines.map(
		(line) =>
			`<tr><td>${text(line.title)}</td><td class="text-right">${points(line.points)} / ${points(line.most)}</td></tr>`,
	);
	return `<p><a href="/app/unit-evaluation/${encodeURIComponent(result.name)}">${text(result.unit_name)} – ${text(result.scheme)}</a>:
		<b>${points(result.score)}</b> ${text(result.grade)} (${text(result.scored_text)}; ${text(result.status)})</p>
		<details><summary>${__("What it depends on")}</summary><table class="table table-bordered">${rows.join("")}</table></details>`;
}
