// Fees and charges of a dossier: lines by case and channel, what was paid at once, and the sum.

import { safe } from "./text.js";

/** The lines that a version asks for, as rows of the dossier; optional ones wait with the quantity 0. */
export function lines_of(fees) {
	return fees.map((fee) => {
		const quantity = fee.optional ? 0 : fee.quantity || 1;
		const rate = fee.amount_unknown ? 0 : fee.rate ?? 0;
		return { fee_name: fee.fee_name, kind: fee.kind, quantity, rate, amount: quantity * rate };
	});
}

export function draw(frm, may_edit) {
	const rows = frm.doc.fees || [];
	const $view = frm.get_field("fees_view").$wrapper;
	frm.toggle_display("fees_section", rows.length > 0);
	$view.off(".fees");
	if (!rows.length) {
		$view.empty();
		return;
	}
	const said = new Map((frm.os_prepared?.fees || []).map((fee) => [fee.fee_name, fee]));
	const total = rows.reduce((sum, row) => sum + (row.amount || 0), 0);
	const heads = [__("Fee Name"), __("Quantity"), __("Rate"), __("Amount"), __("Paid")];
	$view.html(`<table class="os-fees"><thead><tr>${heads
		.map((head, at) => `<th class="${at > 1 ? "text-right" : ""}">${safe(head)}</th>`)
		.join("")}</tr></thead>
		<tbody>${rows.map((row) => line_html(row, may_edit, said.get(row.fee_name))).join("")}</tbody>
		<tfoot><tr><td colspan="3">${safe(__("Total"))}</td><td class="text-right">${money(total)}</td><td></td></tr></tfoot>
		</table>`);
	if (may_edit) bind(frm, $view);
}

function line_html(row, may_edit, said) {
	const label = (text) => safe(`${row.fee_name}: ${text}`);
	const number = (fieldname, value, step, text) =>
		`<input type="number" min="0" step="${step}" class="form-control input-xs" data-fee="${safe(
			row.name
		)}" data-field="${fieldname}" value="${safe(value)}" aria-label="${label(text)}">`;
	const quantity = may_edit ? number("quantity", row.quantity ?? 1, "any", __("Quantity")) : safe(row.quantity ?? 1);
	// What other rules set is not known here: the clerk looks it up and types it in.
	const rate =
		may_edit && said?.amount_unknown ? number("rate", row.rate || 0, "1000", __("Rate")) : money(row.rate);
	const notes = [__(row.kind), said?.optional ? __("if asked for") : "", said?.amount_unknown ? __("as set elsewhere") : "", said?.note];
	// Less than the rules ask needs grounds: an exemption, a reduction.
	const less = said && !said.optional && !said.amount_unknown && (row.amount || 0) < (said.rate || 0);
	const grounds =
		may_edit && less
			? `<input class="form-control input-xs" data-fee="${safe(row.name)}" data-field="note" maxlength="140"
				value="${safe(row.note || "")}" placeholder="${safe(__("Grounds for asking less"))}" aria-label="${label(__("Grounds for asking less"))}">`
			: `<div class="text-muted small">${safe(row.note || "")}</div>`;
	return `<tr><td>${safe(row.fee_name)}<div class="text-muted small">${safe(notes.filter(Boolean).join(" · "))}</div>${grounds}</td>
		<td class="os-quantity">${quantity}</td><td class="os-rate text-right">${rate}</td>
		<td class="text-right">${money(row.amount)}</td>
		<td class="text-right"><input type="checkbox" data-fee="${safe(row.name)}" data-field="paid"
			${row.paid ? "checked" : ""} ${may_edit && row.amount ? "" : "disabled"} aria-label="${label(__("Paid"))}"></td></tr>`;
}

function bind(frm, $view) {
	$view.on("change.fees", "input[data-fee]", function () {
		const row = frm.doc.fees.find((fee) => fee.name === this.dataset.fee);
		const { field } = this.dataset;
		if (field === "note") row.note = this.value.trim();
		else row[field] = field === "paid" ? cint(this.checked) : Math.max(0, flt(this.value));
		row.amount = (row.quantity || 0) * (row.rate || 0);
		if (!row.amount) row.paid = 0;
		frm.dirty();
		draw(frm, true);
		$view.find(`input[data-fee="${row.name}"][data-field="${field}"]`).trigger("focus");
	});
}

function money(value) {
	return `${new Intl.NumberFormat("vi-VN").format(value || 0)} đ`;
}
