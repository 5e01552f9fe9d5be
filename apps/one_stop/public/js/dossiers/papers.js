// The papers of a dossier as a checklist: what was handed in, its scan, or the earlier result that stands for it.

import { read } from "../server.js";
import { ACCEPT, ScanRefused, upload } from "./scans.js";
import { safe, moment_text } from "./text.js";

/** Draw the checklist into its place. `said` tells what the version says about a paper, by its name. */
export function draw(frm, may_edit) {
	const rows = frm.doc.components || [];
	const may_open = Boolean(frm.perm[1]?.read);
	const said = new Map((frm.os_prepared?.components || []).map((row) => [row.component_name, row]));
	const body = rows.map((row) => paper_html(row, may_edit, said.get(row.component_name), may_open)).join("");
	const all =
		may_edit && rows.length > 1
			? `<button type="button" class="btn btn-xs btn-default" data-do="all" title="Alt+A">${safe(
					__("All papers are here")
				)}</button>`
			: "";
	const head = `<div class="os-papers-head"><span></span><span>${safe(__("Component Name"))} ${all}</span>
		<span>${safe(__("Originals"))}</span><span>${safe(__("Copies"))}</span><span>${safe(__("Scan"))}</span></div>`;
	const empty = frm.doc.procedure
		? __("This procedure asks for no papers.")
		: __("Choose a procedure to see which papers it asks for.");
	const $view = frm.get_field("components_view").$wrapper;
	$view.html(
		rows.length
			? `<div class="os-papers ${may_edit ? "" : "read-only"}">${head}${body}</div>`
			: `<p class="text-muted">${safe(empty)}</p>`
	);
	$view.off(".papers");
	if (may_edit) bind(frm, $view, said);
}

/** Every paper that must be there is there. */
export function tick_all(frm) {
	for (const row of frm.doc.components || []) if (row.required) change(frm, row, { submitted: 1 });
	draw(frm, true);
}

/** The papers that are missing without a reason. */
export function missing(frm) {
	return (frm.doc.components || [])
		.filter((row) => row.required && !row.submitted && !(row.missing_reason || "").trim())
		.map((row) => row.component_name);
}

function paper_html(row, may_edit, said, may_open = true) {
	const off = may_edit ? "" : "disabled";
	const hint = said
		? [said.form === "Present" ? __("to be shown only") : "", said.condition, said.note].filter(Boolean).join("; ")
		: "";
	return `<div class="os-paper ${row.submitted ? "here" : ""}" data-row="${safe(row.name)}">
		<span><input type="checkbox" data-field="submitted" ${row.submitted ? "checked" : ""} ${off}
			aria-label="${safe(row.component_name)}"></span>
		<span class="os-paper-name">${safe(row.component_name)}${
			row.required ? ' <span class="os-required">*</span>' : ` <span class="text-muted">(${safe(__("if any"))})</span>`
		}${hint ? `<div class="text-muted small">${safe(hint)}</div>` : ""}${reason_html(row, may_edit)}</span>
		<span><input type="number" min="0" max="999" class="form-control input-xs" data-field="originals"
			value="${safe(row.originals || 0)}" ${off} aria-label="${safe(__("Originals"))}"></span>
		<span><input type="number" min="0" max="999" class="form-control input-xs" data-field="copies"
			value="${safe(row.copies || 0)}" ${off} aria-label="${safe(__("Copies"))}"></span>
		<span class="os-paper-scan">${scan_html(row, may_edit, said, may_open)}</span>
	</div>`;
}

function reason_html(row, may_edit) {
	if (!row.required || row.submitted) return "";
	if (!may_edit) return `<div class="text-muted">${safe(row.missing_reason)}</div>`;
	return `<input class="form-control input-xs" data-field="missing_reason" maxlength="140" placeholder="${safe(
		__("Why is it missing?")
	)}" value="${safe(row.missing_reason)}">`;
}

function scan_html(row, may_edit, said, may_open) {
	if (row.file) {
		const name = decodeURIComponent(row.file.split("/").pop());
		const from = row.reused_from ? `<div class="text-muted small">${safe(__("from {0}", [row.reused_from]))}</div>` : "";
		const remove = may_edit
			? ` <button type="button" class="btn btn-xs btn-link" data-do="remove" title="${safe(
					__("Remove the scan")
				)}">×</button>`
			: "";
		// Who only oversees sees that there is a scan, not the scan.
		const link = may_open
			? `<a href="${safe(encodeURI(row.file))}" target="_blank" rel="noopener">${safe(name)}</a>`
			: safe(__("scanned"));
		return `<span class="os-scan-name">${link}${from}</span>${remove}`;
	}
	if (!may_edit) return "–";
	const reuse = said?.is_previous_result
		? `<button type="button" class="btn btn-xs btn-default" data-do="reuse" title="${safe(
				__("Use a result that the person was given before")
			)}">${safe(__("Earlier Result"))}</button>`
		: "";
	return `<label class="os-drop" tabindex="0">${safe(__("Drop a scan here or choose a file"))}
		<input type="file" accept="${ACCEPT}" hidden></label>
		<label class="os-camera btn btn-xs btn-default">${safe(__("Camera"))}
		<input type="file" accept="image/*" capture="environment" hidden></label>${reuse}`;
}

function change(frm, row, values) {
	Object.assign(row, values);
	frm.dirty();
}

function bind(frm, $view, said) {
	const row_of = (element) => {
		const name = $(element).closest("[data-row]").attr("data-row");
		return (frm.doc.components || []).find((row) => row.name === name);
	};
	const redraw_row = (element, row) => {
		const $row = $(paper_html(row, true, said.get(row.component_name)));
		$(element).closest("[data-row]").replaceWith($row);
		return $row;
	};
	const take = async (element, file) => {
		const row = row_of(element);
		if (!row || !file) return;
		$(element).closest(".os-paper").addClass("uploading");
		try {
			const url = await upload(frm, file);
			change(frm, row, { file: url, submitted: 1, missing_reason: "", reused_from: "" });
		} catch (error) {
			if (!(error instanceof ScanRefused)) throw error;
		} finally {
			draw(frm, true);
		}
	};
	$view.on("change.papers", "input[data-field='submitted']", function () {
		const row = row_of(this);
		change(frm, row, { submitted: this.checked ? 1 : 0 });
		redraw_row(this, row).find("input[data-field='submitted']").trigger("focus");
	});
	$view.on("change.papers", "input[type='number']", function () {
		change(frm, row_of(this), { [this.dataset.field]: Math.max(0, cint(this.value)) });
	});
	$view.on("change.papers", "input[data-field='missing_reason']", function () {
		change(frm, row_of(this), { missing_reason: this.value.trim() });
	});
	$view.on("change.papers", "input[type='file']", function () {
		take(this, this.files[0]);
	});
	$view.on("keydown.papers", ".os-drop", function (event) {
		if (event.key === "Enter" || event.key === " ") {
			event.preventDefault();
			$(this).find("input")[0].click();
		}
	});
	$view.on("click.papers", "[data-do='remove']", function () {
		change(frm, row_of(this), { file: "", reused_from: "" });
		draw(frm, true);
	});
	$view.on("click.papers", "[data-do='reuse']", function () {
		choose_result(frm, row_of(this));
	});
	$view.on("click.papers", "[data-do='all']", () => tick_all(frm));
	$view.on("dragover.papers", ".os-paper", function (event) {
		event.preventDefault();
		$(this).addClass("over");
	});
	$view.on("dragleave.papers drop.papers", ".os-paper", function () {
		$(this).removeClass("over");
	});
	$view.on("drop.papers", ".os-paper", function (event) {
		event.preventDefault();
		event.stopPropagation();
		take(this, event.originalEvent.dataTransfer?.files?.[0]);
	});
}

/** Results of this person's earlier dossiers, to be used instead of a new scan (NĐ 61/2018 art. 20.5). */
async function choose_result(frm, row) {
	const id_number = (frm.doc.applicant_id_number || "").trim();
	if (!id_number) {
		frappe.msgprint(__("Fill in the applicant's ID number first: results are found by it."));
		return;
	}
	const results = await read("reception.earlier_results", { id_number });
	if (!results.length) {
		frappe.msgprint(__("No electronic result of this person was found among the dossiers you may see."));
		return;
	}
	const dialog = new frappe.ui.Dialog({
		title: row.component_name,
		fields: [
			{
				fieldtype: "Select",
				fieldname: "result",
				label: __("Result"),
				reqd: 1,
				default: results[0].name,
				options: results.map((result) => ({
					value: result.name,
					label: [result.result_name, result.number, moment_text(result.issued_on), result.code]
						.filter(Boolean)
						.join(" · "),
				})),
			},
		],
		primary_action_label: __("Use This Result"),
		primary_action: (values) => {
			const result = results.find((one) => one.name === values.result);
			change(frm, row, { file: result.file, reused_from: result.code, submitted: 1, missing_reason: "" });
			dialog.hide();
			draw(frm, true);
		},
	});
	dialog.show();
}
