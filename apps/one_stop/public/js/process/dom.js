// Building small pieces of a page from text that is never read as HTML.

/** `element("p.note", {title: "…"}, "text", child, …)`; empty children are left out. */
export function element(what, attributes = {}, ...children) {
	const [tag, ...classes] = what.split(".");
	const made = document.createElement(tag || "div");
	if (classes.length) made.className = classes.join(" ");
	for (const [name, value] of Object.entries(attributes)) {
		if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
		else if (value === true) made.setAttribute(name, "");
		else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
	}
	made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
	return made;
}

/** A table with a heading row; cells are texts or elements. */
export function table(headings, rows, style = "") {
	return element(
		`table.table.table-bordered.table-sm${style}`,
		{},
		element(
			"thead",
			{},
			element(
				"tr",
				{},
				headings.map((text) => element("th", { scope: "col" }, text)),
			),
		),
		element(
			"tbody",
			{},
			rows.map((cells) =>
				element(
					"tr",
					{},
					cells.map((cell) => element("td", {}, cell)),
				),
			),
		),
	);
}

/** "Thứ Tư 25/02/2026 10:00" for an ISO date-time; the time is left out for a date. */
export function moment_text(value) {
	if (!value) return "";
	const [, date, time] = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}))?/.exec(value) || [null, value, null];
	return [weekday_name(date), frappe.datetime.str_to_user(date), time].filter(Boolean).join(" ");
}

export function weekday_name(date) {
	const names = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
	return __(names[new Date(`${date}T00:00:00Z`).getUTCDay()]);
}
