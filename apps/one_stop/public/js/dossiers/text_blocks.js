// What the text blocks of letters and reminders may name, shown beside them.

import { read } from "../server.js";
import { safe } from "./text.js";

const EXAMPLE = "{% if reason %}… {{ reason }} …{% endif %}";

export async function show_values(frm, method) {
	const values = await read(`print_forms.${method}`, {});
	const rows = Object.entries(values).map(
		([name, what]) => `<tr><td><code>{{ ${safe(name)} }}</code></td><td>${safe(what)}</td></tr>`
	);
	frm.get_field("values_help").$wrapper.html(
		`<p class="text-muted">${safe(__("Values that a text may name"))}</p>
		<table class="table table-sm">${rows.join("")}</table>
		<p class="text-muted">${safe(__("Only where there is one:"))} <code>${safe(EXAMPLE)}</code></p>`
	);
}
