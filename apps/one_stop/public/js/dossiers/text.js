// Small pieces of text that the dossier pages share. Everything that comes from a document is escaped here.

const MOMENT = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2}))?/;

/** Colours of the traffic light by the state of the remaining time. */
export const LIGHTS = {
	ok: "green",
	soon: "orange",
	late: "red",
	paused: "blue",
	ended: "gray",
	none: "gray",
};

export function safe(value) {
	return frappe.utils.escape_html(value === null || value === undefined ? "" : String(value));
}

/** "2026-02-24T10:00:00" or "2026-02-24 10:00:00" as "10:00 24/02/2026"; other text comes back as it is. */
export function moment_text(value) {
	const found = MOMENT.exec(value || "");
	if (!found) return value || "";
	const [, year, month, day, hour, minute] = found;
	const date = `${day}/${month}/${year}`;
	return hour === undefined ? date : `${hour}:${minute} ${date}`;
}

/** The pill with the remaining time: {text, state}. */
export function light(remaining) {
	if (!remaining?.text) return "";
	const colour = LIGHTS[remaining.state] || "gray";
	return `<span class="indicator-pill os-light ${colour}">${safe(remaining.text)}</span>`;
}

/** Text of at most some lines, the rest behind a click. Lines are escaped. */
export function lines_block(lines, shown = 4) {
	const items = (lines || []).map((line) => `<li>${safe(line)}</li>`);
	if (!items.length) return "";
	const head = `<ul class="os-lines">${items.slice(0, shown).join("")}</ul>`;
	if (items.length <= shown) return head;
	const label = safe(__("Show all {0} lines", [items.length]));
	return `${head}<details class="os-more"><summary>${label}</summary>
		<ul class="os-lines">${items.slice(shown).join("")}</ul></details>`;
}
