// What the checks of a version found, told to the administrator, with the reasons for accepted warnings.

import { element } from "./dom.js";
import { open_grid_row } from "./editor.js";

const CHECK_DELAY = 600;

export class ChecksPanel {
	/** `on_result(check)` is called with every answer of the server. */
	constructor(frm, wrapper, on_result) {
		this.frm = frm;
		this.on_result = on_result;
		this.body = element("div.check-body");
		wrapper.replaceChildren(
			element(
				"div.check-panel",
				{},
				element(
					"div.check-head",
					{},
					element(
						"button.btn.btn-default.btn-xs",
						{ type: "button", "data-action": "check", onclick: () => this.run() },
						__("Check Again"),
					),
				),
				this.body,
			),
		);
	}

	/** Checks after a pause in typing; the newest question wins. */
	schedule() {
		clearTimeout(this.timer);
		this.timer = setTimeout(() => this.run(), CHECK_DELAY);
	}

	async run() {
		clearTimeout(this.timer);
		const frm = this.frm;
		this.asked = (this.asked || 0) + 1;
		const asked = this.asked;
		const check = await frappe.xcall("one_stop.api.procedures.check_version", { doc: frm.doc });
		if (asked !== this.asked) return this.check;
		this.check = check;
		this.draw();
		this.on_result(check);
		return check;
	}

	reason_of(finding) {
		const row = (this.frm.doc.warnings || []).find((warning) => warning.code === finding.code);
		return row ? row.reason || "" : "";
	}

	/** Warnings nobody gave a reason for. */
	unanswered() {
		return this.check.findings.filter(
			(finding) => finding.severity === "warning" && !this.reason_of(finding).trim(),
		);
	}

	errors() {
		return this.check.findings.filter((finding) => finding.severity === "error");
	}

	draw() {
		const { findings } = this.check;
		const errors = this.errors();
		const open = this.unanswered();
		const approved = this.frm.doc.docstatus === 1;
		const heading = !findings.length
			? element(
					"p.check-summary.is-clean",
					{},
					approved
						? __("Approved; there was nothing to object to.")
						: __("Nothing to object to: the version can be approved."),
				)
			: element(
					`p.check-summary${errors.length ? ".has-errors" : ""}`,
					{},
					errors.length
						? __("{0} errors block the approval.", [errors.length])
						: open.length
							? __("{0} warnings need a written reason before the approval.", [open.length])
							: approved
								? __("Approved in spite of these warnings, for the reasons given.")
								: __("All warnings have a reason: the version can be approved."),
				);
		this.body.replaceChildren(
			heading,
			element(
				"ul.check-findings",
				{},
				findings.map((finding) => this.line(finding)),
			),
		);
	}

	line(finding) {
		const is_error = finding.severity === "error";
		const line = element(
			`li.check-finding.is-${is_error ? "error" : "warning"}`,
			{ "data-code": finding.code },
			element("span.check-severity", {}, is_error ? __("Error") : __("Warning")),
			element(
				"div.check-text",
				{},
				element("span", {}, finding.message),
				finding.row || finding.table || finding.fieldname
					? element(
							"button.btn.btn-link.btn-xs",
							{ type: "button", onclick: () => this.go_to(finding) },
							__("Show"),
						)
					: null,
				is_error ? null : this.reason_input(finding),
			),
		);
		return line;
	}

	reason_input(finding) {
		const editable = this.frm.doc.docstatus === 0 && this.frm.perm[0] && this.frm.perm[0].write;
		const input = element("textarea.form-control.check-reason", {
			rows: 1,
			placeholder: __("Accepted because… (needed for the approval)"),
			"aria-label": __("Reason for accepting: {0}", [finding.message]),
			disabled: !editable,
		});
		input.value = this.reason_of(finding);
		// As many lines as the reason needs, one at least.
		input.rows = Math.max(1, Math.ceil(input.value.length / 110));
		input.addEventListener("change", () => this.write_reason(finding, input.value.trim()));
		return input;
	}

	write_reason(finding, reason) {
		const rows = this.frm.doc.warnings || [];
		let row = rows.find((warning) => warning.code === finding.code);
		if (!row) row = this.frm.add_child("warnings", { code: finding.code });
		row.message = finding.message;
		row.reason = reason;
		this.frm.dirty();
		this.frm.refresh_field("warnings");
		this.draw();
	}

	go_to(finding) {
		if (finding.row && finding.table) open_grid_row(this.frm, finding.table, finding.row);
		else this.frm.scroll_to_field(finding.fieldname || finding.table);
	}
}
